/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: what JUnit's document of one scenario and that of several are made of. */
#ifndef TCPLAB_REPORT_JUNIT_H
#define TCPLAB_REPORT_JUNIT_H

#include <stdint.h>

#include "tcplab/markup.h"
#include "tcplab/report.h"

/* How deep a <testsuite> is in its document. */
#define TL_JUNIT_SUITE_DEPTH 1

enum tl_junit_sort { TL_JUNIT_PASS, TL_JUNIT_FAILURE, TL_JUNIT_ERROR, TL_JUNIT_SKIPPED };

/* All borrowed. */
struct tl_junit_case {
	const char *scenario;
	const char *name;
	uint64_t took_ns;
	enum tl_junit_sort sort;
	const char *message; /* a sentence, unless it passed */
	const char *details; /* lines after it */
};

/* tl_junit_case - write a <testcase>, and count it */
void tl_junit_case(struct tl_markup *to, struct tl_junit_totals *totals,
		   const struct tl_junit_case *one);

/*
 * tl_junit_attributes - the attributes that <testsuites> and <testsuite> have in common; a
 * schema of Jenkins' has "skipped" for the latter alone
 */
void tl_junit_attributes(struct tl_markup *to, const char *name,
		     const struct tl_junit_totals *totals, uint64_t took_ns);

#endif
