/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, judge: the film in, verdict out. Pure: no I/O, no clock. */
#ifndef TCPLAB_JUDGE_H
#define TCPLAB_JUDGE_H

#include "tcplab/film.h"
#include "tcplab/verdict.h"

/*
 * tl_judge - hold what was seen against what was expected and against RFC 9293
 * @film: borrowed; the verdict points into its plan and trace, so they must outlive it
 * @verdict: zeroed; filled; to be released with tl_verdict_release()
 *
 * Three questions, answered separately: did each phase's table come out as expected;
 * was each socket's sequence of states a path through RFC 9293's diagram; does the evidence
 * bear each claim's finding out. A failed answer is data in @verdict, not an error.
 *
 * States are read off snapshots and off the ends of segments in flight, in the trace's
 * order; that a socket is gone, off snapshots alone. Where the wire was to be tapped and
 * could not be, or segments passed unseen, what evidence cannot be had is not observed
 * (UNSEEN), and no claim fails for it.
 *
 * How the run ended comes first: only of a run that came to its end (END complete or
 * unmet) is the result PASSED or FAILED, whatever the answers.
 *
 * Return: 0, or -ENOMEM.
 */
int tl_judge(const struct tl_film *film, struct tl_verdict *verdict, struct tl_err *err);

#endif
