/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks that were kept, one after the other, as text and as JSON. */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "looks_told.h"
#include "tcplab/host_words.h"
#include "tcplab/text.h"

void tl_move_text(const struct tl_move *move, struct tl_buf *out)
{
	tl_buf_fmt(out, "%zu went from %s to %s", move->n, tl_state_name(move->from),
		   tl_state_name(move->to));
	if (move->arcs < 0) {
		tl_buf_str(out, ": TCP has no such way");
		return;
	}
	tl_buf_str(out, move->arcs == 1 ? ", arrow " : ", as by arrows ");
	for (int i = 0; i < move->arcs; i++)
		tl_buf_fmt(out, "%s%s", i ? " and " : "", move->way[i]->id);
	if (move->arcs == 1)
		tl_buf_fmt(out, " (%s)", move->way[0]->event);
}

void tl_look_change_text(const struct tl_change *change, double seconds, struct tl_buf *out)
{
	const struct tl_group *group = change->group;

	tl_buf_fmt(out, "%s ", tl_state_name(group->state));
	tl_say_owner(out, change->look, group);
	tl_say_owners_way(out, group);
	tl_buf_str(out, "  ");
	tl_change_text(change, seconds, out);
}

static void begin(struct tl_looks_told *to, const struct tl_kept_look *first)
{
	(void)to;
	(void)first;
}

static struct tl_host_told told_of(const struct tl_looks_told *to, const struct tl_kept_look *look)
{
	struct tl_host_told told = look->told;

	told.program = to->told.program;
	told.width = to->told.width;
	told.color = to->told.color;
	return told;
}

static void look_text(struct tl_looks_told *to, const struct tl_kept_look *look,
		      const struct tl_turn *turn)
{
	struct tl_host_told told = told_of(to, look);
	struct tl_buf line = { 0 };
	size_t n = 0, rows = 0;

	if (to->n > 1)
		tl_buf_str(to->out, "\n");
	if (!turn) {
		tl_host_snap_text(&look->look, &look->findings, &told, to->out);
		return;
	}
	if (to->places > 1) {
		tl_buf_str(to->out, "Host ");
		tl_host_place(&told, to->out);
		tl_buf_str(to->out, ", ");
	}
	tl_text_line(to->out, told.time ? told.time : "later");
	if (turn->seconds > 0) {
		tl_buf_str(to->out, ", ");
		tl_say_time(to->out, (int64_t)(turn->seconds * 1e3));
		tl_buf_str(to->out, " later");
	}
	tl_buf_str(to->out, "\n");
	tl_host_sums_text(&look->look, &look->findings, &told, to->out);
	for (size_t i = 0; i < turn->changes.n; i++) {
		const struct tl_change *change = &turn->changes.v[i];

		if (!change->added && !change->gone)
			continue;
		if (n++ >= TL_CHANGES_TOLD) {
			rows += change->now;
			continue;
		}
		line.len = 0;
		tl_look_change_text(change, turn->seconds, &line);
		tl_buf_fmt(to->out, "%6zu  %s\n", change->now, tl_buf_text(&line));
	}
	tl_changes_left_text(n > TL_CHANGES_TOLD ? n - TL_CHANGES_TOLD : 0, rows, to->out);
	for (size_t i = 0; i < turn->n_moves; i++) {
		line.len = 0;
		tl_move_text(&turn->moves[i], &line);
		tl_buf_fmt(to->out, "        %s\n", tl_buf_text(&line));
	}
	tl_host_not_seen(&look->look, &told, to->out);
	tl_buf_release(&line);
}

static void end_text(struct tl_looks_told *to, const struct tl_kept_look *lasts)
{
	for (size_t i = 0; i < to->places; i++) {
		struct tl_host_told told = told_of(to, &lasts[i]);

		tl_buf_str(to->out, "\n");
		if (to->places > 1) {
			tl_buf_str(to->out, "At the last look at host ");
			tl_host_place(&told, to->out);
			tl_buf_str(to->out, "\n");
		} else if (to->n > 1) {
			tl_buf_fmt(to->out, "At the last of %zu looks\n", to->n);
		}
		tl_host_why_text(&lasts[i].look, &lasts[i].findings, NULL, &told, to->out);
	}
	if (to->illegal)
		tl_buf_fmt(to->out, "%zu socket%s went a way that TCP does not have: a table "
			   "that is read while it changes can say so\n", to->illegal,
			   to->illegal == 1 ? "" : "s");
}

static void begin_json(struct tl_looks_told *to, const struct tl_kept_look *first)
{
	(void)first;
	tl_buf_str(to->out, "{\"tcplab-looks\":1,\"looks\":[");
}

static void move_json(const struct tl_move *move, struct tl_buf *out)
{
	tl_buf_fmt(out, "{\"from\":\"%s\",\"to\":\"%s\",\"sockets\":%zu,\"legal\":%s,\"arrows\":[",
		   tl_state_name(move->from), tl_state_name(move->to), move->n,
		   move->arcs < 0 ? "false" : "true");
	for (int i = 0; i < move->arcs; i++)
		tl_buf_fmt(out, "%s\"%s\"", i ? "," : "", move->way[i]->id);
	tl_buf_str(out, "]}");
}

/* The look is what was read; what led to it stands before it. */
static void look_json(struct tl_looks_told *to, const struct tl_kept_look *look,
		      const struct tl_turn *turn)
{
	char *text = json_dumps(look->json, JSON_COMPACT);
	const char *between = "";

	tl_buf_str(to->out, turn ? ",\n{" : "\n{");
	if (turn) {
		tl_buf_fmt(to->out, "\"seconds\":%.3f,\"changes\":[", turn->seconds);
		for (size_t i = 0; i < turn->changes.n; i++) {
			if (!turn->changes.v[i].added && !turn->changes.v[i].gone)
				continue;
			tl_buf_str(to->out, between);
			tl_change_json(&turn->changes.v[i], turn->seconds, to->out);
			between = ",";
		}
		tl_buf_str(to->out, "],\"moves\":[");
		for (size_t i = 0; i < turn->n_moves; i++) {
			tl_buf_str(to->out, i ? "," : "");
			move_json(&turn->moves[i], to->out);
		}
		tl_buf_str(to->out, "],");
	}
	tl_buf_fmt(to->out, "\"look\":%s}", text ? text : "null");
	to->out->failed |= !text;
	free(text);
}

static void end_json(struct tl_looks_told *to, const struct tl_kept_look *lasts)
{
	(void)lasts;
	tl_buf_str(to->out, "\n]}\n");
}

static const struct tl_looks_format formats[] = {
	{ "text", begin, look_text, end_text },
	{ "html", tl_looks_html_begin, tl_looks_html_look, tl_looks_html_end },
	{ "json", begin_json, look_json, end_json },
};

const struct tl_looks_format *tl_looks_formats(size_t *n)
{
	*n = sizeof(formats) / sizeof(*formats);
	return formats;
}
