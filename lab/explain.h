/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explain.c finds and explain_text.c shows; each appends to @out. */
#ifndef TCPLAB_LAB_EXPLAIN_H
#define TCPLAB_LAB_EXPLAIN_H

#include "lab.h"
#include "tcplab/lexicon.h"

void explain_entry(const struct tl_entry *entry, const struct lab_options *options,
		   struct tl_buf *out);
void explain_arc(const struct tl_arc *arc, const struct lab_options *options, struct tl_buf *out);

/* explain_no_arc - two states that no arrow joins */
void explain_no_arc(const struct tl_arrow *arrow, const struct lab_options *options,
		    struct tl_buf *out);

void explain_claim(const struct tl_plan *plan, const struct tl_claim *claim,
		   const struct lab_options *options, struct tl_buf *out);
void explain_scenario(const struct tl_plan *plan, const struct lab_options *options,
		      struct tl_buf *out);

#endif
