/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small run, built by hand: what the report's tests render. */
#ifndef TCPLAB_TESTS_REPORT_FIXTURE_H
#define TCPLAB_TESTS_REPORT_FIXTURE_H

#include "tcplab/report.h"

/* A copy of the run that a test may change; all it points to is static. */
struct fixture {
	struct tl_plan plan;
	struct tl_actor_spec actors[2];
	struct tl_pattern expects[2][3];
	struct tl_step steps[2];
	struct tl_phase phases[2];
	struct tl_evidence check[1];
	struct tl_claim claims[1];

	struct tl_event events[8];
	struct tl_row rows[2][3];
	struct tl_trace trace;

	struct tl_row_verdict found[2][3];
	int seen[2][3];
	struct tl_row gone[1];
	struct tl_phase_verdict phase_verdicts[2];
	struct tl_hop hops[3][5];
	struct tl_life lives[3];
	size_t hop_at[5];
	struct tl_evidence_verdict evidence[1];
	struct tl_claim_verdict claim_verdicts[1];
	struct tl_verdict verdict;

	struct tl_report report;
	bool brief;   /* render what went wrong alone */
	size_t recap; /* the lines of the tables once more; each claim is one, then */
};

/*
 * fixture_init - a replica that was there and has gone again, in two phases
 *
 * Its second phase is a failure when @unmet: TIME_WAIT was expected, ESTABLISHED seen.
 */
void fixture_init(struct fixture *f, bool unmet);

/* fixture_render - with the renderer called @name; to be released with tl_buf_release() */
struct tl_buf fixture_render(const struct fixture *f, const char *name, bool color,
			     int width);

#endif
