/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the run as Mermaid diagrams, in Markdown. */
#ifndef TCPLAB_REPORT_MD_MERMAID_H
#define TCPLAB_REPORT_MD_MERMAID_H

#include "film.h"

/*
 * tl_md_mermaid - append a section with the first connections as sequence diagrams and with
 * the arcs that were walked as a state diagram; nothing where there is neither
 *
 * Only what Mermaid's core syntax has is used, and each diagram stays below what GitLab
 * draws without being asked, 2 000 characters (MAX_CHAR_LIMIT of its render_mermaid.js;
 * GitHub's and Mermaid's own limit, maxTextSize, is 50 000): the rest is in the tables.
 */
void tl_md_mermaid(struct tl_buf *out, const struct tl_report *report,
		   const struct tl_film *film);

#endif
