/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats of kept looks share. */
#ifndef TCPLAB_HOST_LOOKS_TOLD_H
#define TCPLAB_HOST_LOOKS_TOLD_H

#include "tcplab/looks.h"

/* tl_move_text - append "12 went from ESTABLISHED to CLOSE_WAIT, arrow 13 (rcv FIN)" */
void tl_move_text(const struct tl_move *move, struct tl_buf *out);

/* tl_look_change_text - append "CLOSE_WAIT api (22408) -> 127.0.0.1:6379  +12 -0  (1.2/s)" */
void tl_look_change_text(const struct tl_change *change, double seconds, struct tl_buf *out);

/* The page: looks_html.c */
void tl_looks_html_begin(struct tl_looks_told *to, const struct tl_kept_look *first);
void tl_looks_html_look(struct tl_looks_told *to, const struct tl_kept_look *look,
			const struct tl_turn *turn);
void tl_looks_html_end(struct tl_looks_told *to, const struct tl_kept_look *lasts);

#endif
