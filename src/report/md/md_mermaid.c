/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence diagrams in Mermaid's language. */
#include "md_mermaid.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "../arrow.h"
#include "../ladder.h"
#include "../words.h"
#include "tcplab/text.h"

#define MOST_CHARS 2000 /* of all sequence diagrams, and of the state diagram behind them */
#define MOST_CONNS 3
#define MOST_LABEL 60 /* columns; a title may be longer */

#define AND_SO_ON "    Note over L,R: and so on, as below\n"

/* How many bytes at @text are a word, or one character that is none. */
static size_t token(const char *text, bool *word)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]))
		n++;
	*word = n;
	return n ? n : tl_glyph_read(text, strlen(text)).bytes;
}

/*
 * Letters of any script, digits, and the marks that mean nothing to Mermaid. Of foreign text
 * the rest becomes a blank, and the word "end", which would end a block, goes in brackets.
 */
static void label(struct tl_buf *out, const char *text)
{
	struct tl_buf safe = { 0 };
	int columns = 0;
	bool word;

	tl_text_line(&safe, text);
	text = tl_buf_text(&safe);
	for (size_t n; *text && columns < MOST_LABEL; text += n) {
		n = token(text, &word);
		columns += tl_text_columns(text, n);
		if (word && n == 3 && !strncasecmp(text, "end", 3))
			tl_buf_fmt(out, "(%.3s)", text);
		else if (word || n > 1 || strchr(" +-_.,()/'?!", *text))
			tl_buf_add(out, text, n);
		else
			tl_buf_str(out, " ");
	}
	tl_buf_str(out, *text ? "..." : "");
	out->failed |= safe.failed;
	tl_buf_release(&safe);
}

static void participant(struct tl_buf *out, const struct tl_report *report,
			const struct tl_story *story, const struct tl_conn *conn, int side)
{
	int actor = conn->actors[side];
	uint64_t actors = tl_story_actors(story, conn->lines, conn->n_lines, side);
	struct tl_buf names = { 0 };

	if (actors)
		tl_report_actors(&names, report->plan, actors);
	else
		tl_buf_str(&names, actor < 0 ? "somebody" :
					       tl_plan_actor_name(report->plan, actor));
	tl_buf_fmt(out, "    participant %c as ", side ? 'R' : 'L');
	label(out, tl_buf_text(&names));
	tl_buf_release(&names);
	tl_buf_fmt(out, " %u\n", conn->ends[side].port);
}

static void title(struct tl_buf *out, const struct tl_report *report, int phase)
{
	tl_buf_fmt(out, "    Note over L,R: %d ", phase + 1);
	label(out, report->plan->phases[phase].title);
	tl_buf_str(out, "\n");
}

/* A dashed one waits, one that ends in a cross is lost. */
static void arrow(struct tl_buf *out, const struct tl_story *story, const struct tl_line *line)
{
	static const char *const heads[] = {
		[TL_ARROW_ARRIVES] = "->>",
		[TL_ARROW_HELD] = "-->>",
		[TL_ARROW_LOST] = "-x",
	};
	struct tl_arrow arrow;
	struct tl_buf text = { 0 };

	tl_arrow_init(&arrow, story, line);
	tl_buf_fmt(out, "    %c%s%c: ", line->rightward ? 'L' : 'R', heads[arrow.end],
		   line->rightward ? 'R' : 'L');
	tl_arrow_label(&text, &arrow);
	label(out, tl_buf_text(&text));
	tl_buf_str(out, arrow.remark.len ? ", " : "");
	label(out, tl_buf_text(&arrow.remark));
	tl_buf_str(out, "\n");
	tl_buf_release(&text);
	tl_arrow_release(&arrow);
}

static void turns(struct tl_buf *out, const struct tl_line *line)
{
	for (int side = 0; side < 2; side++)
		if (line->turned[side])
			tl_buf_fmt(out, "    Note %s of %c: %s\n", side ? "right" : "left",
				   side ? 'R' : 'L',
				   tl_line_state(line, side));
}

static void event(struct tl_buf *out, const struct tl_story *story, const struct tl_line *line)
{
	if (line->kind == TL_LINE_CHATTER) {
		tl_buf_str(out, "    Note over L,R: " TL_LADDER_CHATTER "\n");
	} else {
		arrow(out, story, line);
	}
	turns(out, line);
}

/*
 * A diagram of at most @most characters; what does not fit in any more is left to the phases.
 * Return: its length; 0, and nothing is drawn, where not even its first line fits.
 */
static size_t sequence(struct tl_buf *out, const struct tl_report *report,
		       const struct tl_story *story, const struct tl_conn *conn, size_t most)
{
	struct tl_buf diagram = { 0 }, next = { 0 };
	size_t i, len = 0;
	int phase = -1;

	tl_buf_str(&diagram, "sequenceDiagram\n");
	participant(&diagram, report, story, conn, 0);
	participant(&diagram, report, story, conn, 1);
	for (i = 0; i < conn->n_lines; i++) {
		const struct tl_line *line = &conn->lines[i];

		if (!tl_story_is_drawn(story, conn, line))
			continue;
		next.len = 0;
		if (line->phase != phase && line->phase >= 0 &&
		    (size_t)line->phase < report->plan->n_phases)
			title(&next, report, phase = line->phase);
		event(&next, story, line);
		if (diagram.len + next.len + strlen(AND_SO_ON) > most)
			break;
		tl_buf_add(&diagram, next.data, next.len);
	}
	if (i && i < conn->n_lines)
		tl_buf_str(&diagram, AND_SO_ON);
	if (i) {
		len = diagram.len;
		tl_buf_fmt(out, "```mermaid\n%s```\n\n", tl_buf_text(&diagram));
	}
	out->failed |= diagram.failed || next.failed;
	tl_buf_release(&next);
	tl_buf_release(&diagram);
	return len;
}

static void sequences(struct tl_buf *out, const struct tl_report *report,
		      const struct tl_story *story)
{
	size_t drawn = 0, left = MOST_CHARS;

	if (story->n_conns)
		tl_buf_str(out, "Each connection's segments. Beside an end stands its state "
				"at that moment, if the state is new. A dashed arrow was "
				"held on its way; an arrow with a cross was lost.\n\n");
	while (drawn < story->n_conns && drawn < MOST_CONNS) {
		size_t len = sequence(out, report, story, &story->conns[drawn], left);

		if (!len)
			break;
		left -= len;
		drawn++;
	}
	if (drawn < story->n_conns)
		tl_buf_fmt(out, "%zu more connection%s in the phases below.\n\n",
			   story->n_conns - drawn, story->n_conns - drawn == 1 ? " is" : "s are");
}

static bool walked(const struct tl_verdict *verdict, const struct tl_arc *arc)
{
	for (size_t i = 0; i < verdict->n_lives; i++)
		for (size_t k = 0; k < verdict->lives[i].n_hops; k++)
			if (verdict->lives[i].hops[k].arc == arc)
				return true;
	return false;
}

static const char *node(enum tl_state state)
{
	return state == TL_CLOSE ? "[*]" : tl_state_name(state);
}

static bool states(struct tl_buf *out, const struct tl_report *report)
{
	struct tl_buf diagram = { 0 };
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);
	bool any;

	for (size_t i = 0; i < n && diagram.len + MOST_LABEL < MOST_CHARS; i++) {
		if (!walked(report->verdict, &arcs[i]))
			continue;
		tl_buf_fmt(&diagram, "    %s --> %s: %s ", node(arcs[i].from),
			   node(arcs[i].to), arcs[i].id);
		label(&diagram, arcs[i].event);
		tl_buf_str(&diagram, "\n");
	}
	any = diagram.len;
	if (any)
		tl_buf_fmt(out, "The states that the sockets went through. The numbers are those of "
				"the arrows in RFC 9293, Figure 5; the dots are CLOSED.\n\n"
				"```mermaid\nstateDiagram-v2\n%s```\n\n",
			   diagram.data);
	out->failed |= diagram.failed;
	tl_buf_release(&diagram);
	return any;
}

void tl_md_mermaid(struct tl_buf *out, const struct tl_report *report,
		   const struct tl_story *story)
{
	struct tl_buf figure = { 0 };
	bool any = states(&figure, report);

	if (story->n_conns || any)
		tl_buf_str(out, "## Diagrams\n\n");
	sequences(out, report, story);
	tl_buf_add(out, tl_buf_text(&figure), figure.len);
	out->failed |= figure.failed;
	tl_buf_release(&figure);
}
