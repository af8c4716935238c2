/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence diagrams in Mermaid's language. */
#include "md_mermaid.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../arrow.h"
#include "../ladder.h"
#include "../words.h"
#include "tcplab/grow.h"
#include "tcplab/text.h"

#define MOST_CHARS 2000 /* of all sequence diagrams, and of the state diagram behind them */
#define MOST_CONNS 3
#define MOST_LABEL 60 /* columns; a title may be longer */

#define AND_SO_ON "    Note over L,R: and so on, as below\n"

/* Connections that share a diagram: one, or the two of a proxy, with the proxy in the middle. */
struct cast {
	const struct tl_conn *conns[2];
	size_t n;
};

/* What a diagram tells, in its order. */
struct cue {
	const struct tl_conn *conn;
	const struct tl_line *line;
};

struct cues {
	struct cue *v;
	size_t n;
};

/* The participant at one end: L, R, or M in the middle. */
static char id_of(const struct cast *cast, const struct tl_conn *conn, int side)
{
	if (cast->n == 2 && side == (conn == cast->conns[0]))
		return 'M';
	return side ? 'R' : 'L';
}

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
			const struct tl_story *story, const struct cast *cast, size_t i, int side)
{
	const struct tl_conn *conn = cast->conns[i];
	int actor = conn->actors[side];
	uint64_t actors = tl_story_actors(story, conn->lines, conn->n_lines, side);
	struct tl_buf names = { 0 };
	char port[TL_ENDPOINT_TEXT];

	if (actors)
		tl_report_actors(&names, report->plan, actors);
	else
		tl_buf_str(&names, actor < 0 ? "somebody" :
					       tl_plan_actor_name(report->plan, actor));
	tl_buf_fmt(out, "    participant %c as ", id_of(cast, conn, side));
	label(out, tl_buf_text(&names));
	tl_buf_release(&names);
	tl_story_port(story, conn, side, port);
	tl_buf_fmt(out, " %s", port);
	if (i + 1 < cast->n && side) {
		tl_story_port(story, cast->conns[i + 1], 0, port);
		tl_buf_fmt(out, " and %s", port);
	}
	tl_buf_str(out, "\n");
}

static void title(struct tl_buf *out, const struct tl_report *report, int phase)
{
	tl_buf_fmt(out, "    Note over L,R: %d ", phase + 1);
	label(out, report->plan->phases[phase].title);
	tl_buf_str(out, "\n");
}

/* A dashed one waits, one that ends in a cross is lost. */
static void arrow(struct tl_buf *out, const struct tl_story *story, const struct cast *cast,
		  const struct cue *cue)
{
	const struct tl_line *line = cue->line;
	static const char *const heads[] = {
		[TL_ARROW_ARRIVES] = "->>",
		[TL_ARROW_HELD] = "-->>",
		[TL_ARROW_LOST] = "-x",
	};
	struct tl_arrow arrow;
	struct tl_buf text = { 0 };

	tl_arrow_init(&arrow, story, line);
	tl_buf_fmt(out, "    %c%s%c: ", id_of(cast, cue->conn, !line->rightward),
		   heads[arrow.end], id_of(cast, cue->conn, line->rightward));
	tl_arrow_label(&text, &arrow);
	label(out, tl_buf_text(&text));
	tl_buf_str(out, arrow.remark.len ? ", " : "");
	label(out, tl_buf_text(&arrow.remark));
	tl_buf_str(out, "\n");
	tl_buf_release(&text);
	tl_arrow_release(&arrow);
}

static void turns(struct tl_buf *out, const struct cast *cast, const struct cue *cue)
{
	for (int side = 0; side < 2; side++) {
		char id = id_of(cast, cue->conn, side);

		if (!cue->line->turned[side])
			continue;
		tl_buf_fmt(out, "    Note %s %c: ",
			   id == 'M' ? "over" : side ? "right of" : "left of", id);
		if (id == 'M') /* it has two sockets */
			tl_buf_fmt(out, "%u ", cue->conn->ends[side].port);
		tl_buf_fmt(out, "%s\n", tl_line_state(cue->line, side));
	}
}

static void event(struct tl_buf *out, const struct tl_story *story, const struct cast *cast,
		  const struct cue *cue)
{
	if (cue->line->kind == TL_LINE_CHATTER)
		tl_buf_fmt(out, "    Note over %c,%c: " TL_LADDER_CHATTER "\n",
			   id_of(cast, cue->conn, 0), id_of(cast, cue->conn, 1));
	else
		arrow(out, story, cast, cue);
	turns(out, cast, cue);
}

static bool add_lines(struct cues *cues, const struct tl_story *story,
		      const struct tl_conn *conn, const struct tl_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!tl_story_is_drawn(story, conn, &lines[i]))
			continue;
		if (!TL_GROW(cues->v, cues->n))
			return false;
		cues->v[cues->n++] = (struct cue){ conn, &lines[i] };
	}
	return true;
}

/* Of two connections in the order of what happened. */
static bool take_cues(struct cues *cues, const struct tl_report *report,
		      const struct tl_story *story, const struct cast *cast)
{
	const struct tl_conn *conn = cast->conns[0];
	bool ok = true;

	if (cast->n == 1)
		return add_lines(cues, story, conn, conn->lines, conn->n_lines);
	for (size_t phase = 0; ok && phase < report->plan->n_phases; phase++) {
		struct tl_blocks blocks = { 0 };

		ok = tl_blocks_init(&blocks, story, phase);
		for (size_t i = 0; ok && i < blocks.n; i++)
			ok = add_lines(cues, story, blocks.v[i].conn,
				       blocks.v[i].conn->lines + blocks.v[i].first,
				       blocks.v[i].n);
		tl_blocks_release(&blocks);
	}
	return ok;
}

static void participants(struct tl_buf *out, const struct tl_report *report,
			 const struct tl_story *story, const struct cast *cast)
{
	tl_buf_str(out, "sequenceDiagram\n");
	participant(out, report, story, cast, 0, 0);
	participant(out, report, story, cast, 0, 1);
	if (cast->n == 2)
		participant(out, report, story, cast, 1, 1);
}

/*
 * A diagram of at most @most characters; what does not fit in any more is left to the phases.
 * Return: its length; 0, and nothing is drawn, where not even its first line fits.
 */
static size_t sequence(struct tl_buf *out, const struct tl_report *report,
		       const struct tl_story *story, const struct cast *cast, size_t most)
{
	struct tl_buf diagram = { 0 }, next = { 0 };
	struct cues cues = { 0 };
	size_t i, len = 0;
	int phase = -1;

	out->failed |= !take_cues(&cues, report, story, cast);
	participants(&diagram, report, story, cast);
	for (i = 0; i < cues.n; i++) {
		const struct cue *cue = &cues.v[i];

		next.len = 0;
		if (cue->line->phase != phase && cue->line->phase >= 0 &&
		    (size_t)cue->line->phase < report->plan->n_phases)
			title(&next, report, phase = cue->line->phase);
		event(&next, story, cast, cue);
		if (diagram.len + next.len + strlen(AND_SO_ON) > most)
			break;
		tl_buf_add(&diagram, next.data, next.len);
	}
	if (i && i < cues.n)
		tl_buf_str(&diagram, AND_SO_ON);
	if (i || !cues.n) {
		len = diagram.len;
		tl_buf_fmt(out, "```mermaid\n%s```\n\n", tl_buf_text(&diagram));
	}
	out->failed |= diagram.failed || next.failed;
	free(cues.v);
	tl_buf_release(&next);
	tl_buf_release(&diagram);
	return len;
}

/* The @i-th connection of the story, and where it is a proxy's and there are no others both. */
static struct cast cast_of(const struct tl_story *story, size_t i)
{
	const struct tl_conn *conns = story->conns;

	if (story->n_conns == 2 && tl_conn_follows(&conns[0], &conns[1]))
		return (struct cast){ { &conns[0], &conns[1] }, 2 };
	if (story->n_conns == 2 && tl_conn_follows(&conns[1], &conns[0]))
		return (struct cast){ { &conns[1], &conns[0] }, 2 };
	return (struct cast){ { &conns[i] }, 1 };
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
		struct cast cast = cast_of(story, drawn);
		size_t len = sequence(out, report, story, &cast, left);

		if (!len)
			break;
		left -= len;
		drawn += cast.n;
	}
	if (drawn < story->n_conns)
		tl_buf_fmt(out, "%zu more connection%s in the phases below.\n\n",
			   story->n_conns - drawn, story->n_conns - drawn == 1 ? " is" : "s are");
}

static const char *node(enum tl_state state)
{
	return state == TL_CLOSE ? "[*]" : tl_state_name(state);
}

static void states(struct tl_buf *out, const struct tl_report *report)
{
	struct tl_buf diagram = { 0 };
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n && diagram.len + MOST_LABEL < MOST_CHARS; i++) {
		if (!tl_report_walked(report->verdict, &arcs[i]))
			continue;
		tl_buf_fmt(&diagram, "    %s --> %s: %s ", node(arcs[i].from),
			   node(arcs[i].to), arcs[i].id);
		label(&diagram, arcs[i].event);
		tl_buf_str(&diagram, "\n");
	}
	if (diagram.len)
		tl_buf_fmt(out, "The states that the sockets went through. The numbers are those of "
				"the arrows in RFC 9293, Figure 5; the dots are CLOSED.\n\n"
				"```mermaid\nstateDiagram-v2\n%s```\n\n",
			   diagram.data);
	out->failed |= diagram.failed;
	tl_buf_release(&diagram);
}

void tl_md_mermaid(struct tl_buf *out, const struct tl_report *report,
		   const struct tl_story *story)
{
	struct tl_buf figure = { 0 };

	states(&figure, report);
	if (story->n_conns || figure.len)
		tl_buf_str(out, "## Diagrams\n\n");
	sequences(out, report, story);
	tl_buf_add(out, tl_buf_text(&figure), figure.len);
	out->failed |= figure.failed;
	tl_buf_release(&figure);
}
