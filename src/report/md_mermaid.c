/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "md_mermaid.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "safe.h"
#include "words.h"

#define MOST_CHARS 1900 /* and room for the last line */
#define MOST_CONNS 3

/*
 * A label: letters, digits and the marks that mean nothing to Mermaid. Of foreign text the
 * rest becomes a blank, and the word "end", which would end a block, goes in brackets.
 */
static void label(struct tl_buf *out, const char *text)
{
	while (*text) {
		size_t word = 0, n;

		while (isalnum((unsigned char)text[word]))
			word++;
		n = word ? word : 1;
		if (word == 3 && !strncasecmp(text, "end", 3))
			tl_buf_fmt(out, "(%.3s)", text);
		else if (word || strchr(" +-_.,()/", *text))
			tl_buf_add(out, text, n);
		else
			tl_buf_str(out, " ");
		text += n;
	}
}

static void participant(struct tl_buf *out, const struct tl_report *report,
			const struct tl_conn *conn, int side)
{
	int actor = conn->actors[side];

	tl_buf_fmt(out, "    participant %c as ", side ? 'R' : 'L');
	label(out, actor < 0 ? "somebody" : tl_plan_actor_name(report->plan, actor));
	tl_buf_fmt(out, " %u\n", conn->ends[side].port);
}

/* Which arrow, and what is said of it behind the segment's name. */
static void arrow(struct tl_buf *out, const struct tl_film *film, const struct tl_line *line)
{
	const struct tl_frame *frame = &film->frames[line->frame];
	bool dropped = frame->letgo && frame->letgo->letgo.dropped;
	bool waits = line->kind == TL_LINE_CAME && line->held && !line->at_once;
	const char *head = waits ? "-->>" : dropped ? "-x" : "->>";

	tl_buf_fmt(out, "    %c%s%c: ", line->rightward ? 'L' : 'R', head,
		   line->rightward ? 'R' : 'L');
	label(out, frame->name);
	if (line->again)
		tl_buf_str(out, " again");
	if (waits)
		tl_buf_str(out, ", held");
	else if (line->kind == TL_LINE_LETGO || line->at_once)
		tl_buf_str(out, dropped ? ", dropped" : ", released");
	tl_buf_str(out, "\n");
}

static void turns(struct tl_buf *out, const struct tl_line *line)
{
	for (int side = 0; side < 2; side++)
		if (line->turned[side])
			tl_buf_fmt(out, "    Note %s of %c: %s\n", side ? "right" : "left",
				   side ? 'R' : 'L',
				   line->states[side] ? tl_state_name(line->states[side]) :
							"CLOSED");
}

static void sequence(struct tl_buf *out, const struct tl_report *report,
		     const struct tl_film *film, const struct tl_conn *conn)
{
	size_t begun = out->len;
	int phase = -1;

	tl_buf_str(out, "```mermaid\nsequenceDiagram\n");
	participant(out, report, conn, 0);
	participant(out, report, conn, 1);
	for (size_t i = 0; i < conn->n_lines; i++) {
		const struct tl_line *line = &conn->lines[i];

		if (out->len - begun > MOST_CHARS) {
			tl_buf_str(out, "    Note over L,R: and so on, as below\n");
			break;
		}
		if (line->phase != phase && line->phase >= 0 &&
		    (size_t)line->phase < report->plan->n_phases) {
			struct tl_buf title = { 0 };

			phase = line->phase;
			tl_report_brief(&title, report->plan->phases[phase].title);
			tl_buf_fmt(out, "    Note over L,R: %d ", phase + 1);
			label(out, tl_buf_text(&title));
			tl_buf_str(out, "\n");
			tl_buf_release(&title);
		}
		if (line->kind == TL_LINE_CHATTER)
			tl_buf_fmt(out, "    Note over L,R: %zu of data, %zu of ACK\n", line->data,
				   line->acks);
		else
			arrow(out, film, line);
		turns(out, line);
	}
	tl_buf_str(out, "```\n\n");
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
	size_t n, begun = out->len, found = 0;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n && out->len - begun < MOST_CHARS; i++) {
		if (!walked(report->verdict, &arcs[i]))
			continue;
		if (!found++)
			tl_buf_str(out, "```mermaid\nstateDiagram-v2\n");
		tl_buf_fmt(out, "    %s --> %s: %s ", node(arcs[i].from), node(arcs[i].to),
			   arcs[i].id);
		label(out, arcs[i].event);
		tl_buf_str(out, "\n");
	}
	if (found)
		tl_buf_str(out, "```\n\n");
	return found;
}

void tl_md_mermaid(struct tl_buf *out, const struct tl_report *report,
		   const struct tl_film *film)
{
	struct tl_buf figure = { 0 };
	bool any = states(&figure, report);

	if (film->n_conns || any)
		tl_buf_str(out, "## Diagrams\n\n");
	for (size_t i = 0; i < film->n_conns && i < MOST_CONNS; i++)
		sequence(out, report, film, &film->conns[i]);
	if (film->n_conns > MOST_CONNS)
		tl_buf_fmt(out, "%zu more connections are in the phases below.\n\n",
			   film->n_conns - MOST_CONNS);
	tl_buf_add(out, tl_buf_text(&figure), figure.len);
	out->failed |= figure.failed;
	tl_buf_release(&figure);
}
