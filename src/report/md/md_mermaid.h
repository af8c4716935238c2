/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the run as Mermaid diagrams, in Markdown. */
#ifndef TCPLAB_REPORT_MD_MERMAID_H
#define TCPLAB_REPORT_MD_MERMAID_H

#include "../story.h"

/*
 * tl_md_mermaid - append a section with the first connections as sequence diagrams and with
 * the arcs that were walked as a state diagram; nothing where there is neither
 *
 * Only what Mermaid's core syntax has is used. GitLab draws unasked what is up to 2 000
 * characters, as long as the diagrams before it on the page were no more than that together
 * (MAX_CHAR_LIMIT in its render_mermaid.js), so that the sequence diagrams share them; the
 * rest is in the tables. GitHub's limit is Mermaid's own: maxTextSize, 50 000 for each.
 */
void tl_md_mermaid(struct tl_buf *out, const struct tl_report *report,
		   const struct tl_story *story);

#endif
