/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One claim with one piece of evidence, and what is found of it. */
#ifndef TESTS_ONE_CLAIM_H
#define TESTS_ONE_CLAIM_H

#include <criterion/criterion.h>

#include "stage.h"

static struct stage st;

static inline void close_stage(void)
{
	stage_close(&st);
}

static inline const struct tl_evidence_verdict *check(void)
{
	return &st.verdict.claims[0].check[0];
}

/* Judged now, the evidence is this, and says so. */
#define ASSERT_SAYS(want_fact, want)                                                         \
	do {                                                                                 \
		stage_judge(&st);                                                            \
		cr_assert_eq(check()->fact, TL_FACT_##want_fact, "%s: %s",                   \
			     tl_fact_name(check()->fact), check()->text);                    \
		cr_assert_str_eq(check()->text, want, "%s", check()->text);                  \
		cr_assert_eq(st.verdict.claims[0].stands, check()->fact, "as its evidence"); \
	} while (0)

/* And of this phase. */
#define ASSERT_FACT(want_fact, want_phase, want)                                             \
	do {                                                                                 \
		ASSERT_SAYS(want_fact, want);                                                \
		cr_assert_eq(check()->phase, want_phase, "phase %d", check()->phase);        \
	} while (0)

/* The body of a test: the evidence is claimed, the run is gone through, and this is the fact. */
#define FINDING(evidence, run, want_fact, want_phase, want)                                  \
	{                                                                                    \
		evidence;                                                                    \
		run();                                                                       \
		ASSERT_FACT(want_fact, want_phase, want);                                    \
	}

#define FROM(id, who)	       { .kind = TL_SEGMENT_##id, .from = (who), .to = -1 }
#define FROM_TO(id, who, whom) { .kind = TL_SEGMENT_##id, .from = (who), .to = (whom) }
#define LIST(...)                                                                            \
	.segments = (struct tl_selector[]){ __VA_ARGS__ },                                   \
	.n_segments = COUNT((struct tl_selector[]){ __VA_ARGS__ })

#define ORDER_OF(...)                                                                        \
	.order = (enum tl_state[]){ __VA_ARGS__ },                                           \
	.n_order = COUNT((enum tl_state[]){ __VA_ARGS__ })
#define CLIENT_END ((struct tl_pattern){ .owner = REPLICA, .peer = MASTER, .count = 1 })
#define SERVER_END ((struct tl_pattern){ .owner = MASTER, .peer = REPLICA, .count = 1 })

#endif
