/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the parts of the terminal's rendering that know each other. */
#ifndef TCPLAB_REPORT_TEXT_H
#define TCPLAB_REPORT_TEXT_H

#include "../story.h"
#include "../page.h"
#include "../words.h"

#define TL_TEXT_INDENT 3

/* One rendering under way. */
struct tl_text {
	struct tl_page page;
	const struct tl_report *report; /* borrowed */
	struct tl_story story;
	int width;   /* of the terminal; page.width is what prose is wrapped at */
	bool beside; /* remarks stand on the same line as their row, else on the next */
	int change;  /* columns of the three remarks */
	int owner;
	int meaning;
};

/* How something came out, with a blank after it. */
struct tl_sign {
	const char *text;
	enum tl_ink ink;
};

/* tl_text_layout - see whether the remarks find room beside the rows, and where */
void tl_text_layout(struct tl_text *text);

/* tl_text_phase - one phase, with all that belongs to it */
void tl_text_phase(struct tl_text *text, size_t phase);

/* tl_text_trouble - where there was any: expected and seen, why, the last steps before */
void tl_text_trouble(struct tl_text *text, size_t phase);

/*
 * tl_text_faults - what the lab could not carry out in @phase, -1: before the first
 *
 * An empty line stands before each; before the first phase, where one is there already,
 * it stands after each.
 */
void tl_text_faults(struct tl_text *text, int phase);

/*
 * tl_text_claim_line - one claim, which was borne out, in one line: sentence, ruling, name;
 * true where it has a star, as its finding lacks evidence
 * tl_text_recap - the tables of the last phases once more, in at most @most lines
 */
bool tl_text_claim_line(struct tl_text *text, size_t i);
void tl_text_recap(struct tl_text *text, size_t most);

/* tl_text_more - tl_report_more() on a line of its own */
void tl_text_more(struct tl_text *text, size_t n, size_t most, const char *what);

#endif
