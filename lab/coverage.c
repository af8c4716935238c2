/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab coverage: which arcs of RFC 9293's diagram saved runs have shown.
 *
 * Only traces count. An arc is observed where the report of a run can point at both of its
 * states, and inferred where the socket must have taken it unseen. Which of several arcs
 * between the same two states it was, the judge tells by segments, timers and the other end.
 */
#include "lab.h"

#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/state.h"

#define TRACE_FILE "trace.ndjson"

/* The best showing of an arc so far. */
struct showing {
	const char *how; /* "observed", "inferred"; NULL: not shown */
	char *scenario;  /* owned */
	char *title;     /* of the phase; owned */
	int phase;
};

struct coverage {
	const struct tl_arc *arcs;
	size_t n;
	struct showing *shown; /* one for each arc */
	size_t traces;
	int status;
};

static void show(struct coverage *coverage, const struct lab_film *film,
		 const struct tl_hop *hop, enum tl_hop_kind kind)
{
	struct showing *showing = &coverage->shown[hop->arc - coverage->arcs];
	const char *how = tl_hop_name(kind);
	size_t phase = hop->phase < 0 ? 0 : hop->phase;

	if (showing->how && (kind == TL_HOP_INFERRED || !strcmp(showing->how, how)))
		return;
	free(showing->scenario);
	free(showing->title);
	*showing = (struct showing){ .how = how, .phase = phase,
				     .scenario = strdup(film->plan->name),
				     .title = strdup(phase < film->plan->n_phases ?
							     film->plan->phases[phase].title : "") };
}

static void look_at(struct coverage *coverage, const struct lab_film *film)
{
	const struct tl_report report = { film->plan, &film->trace, &film->verdict };

	for (size_t i = 0; i < film->verdict.n_lives; i++) {
		const struct tl_life *life = &film->verdict.lives[i];

		for (size_t j = 1; life->legal && j < life->n_hops; j++) {
			bool seen = tl_report_shows_hop(&report, life, j - 1) &&
				    tl_report_shows_hop(&report, life, j);

			if (life->hops[j].arc)
				show(coverage, film, &life->hops[j],
				     seen ? TL_HOP_OBSERVED : TL_HOP_INFERRED);
		}
	}
}

static void add_trace(struct coverage *coverage, const char *path)
{
	struct lab_film film = { 0 };
	struct tl_err err;

	if (lab_read_back(&film, path, &err)) {
		lab_complain("%s", err.text);
		coverage->status = LAB_USAGE;
	} else {
		coverage->traces++;
		look_at(coverage, &film);
	}
	lab_film_release(&film);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void add_below(struct coverage *coverage, const char *out)
{
	char *roots[] = { (char *)out, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	while (walk && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && !strcmp(entry->fts_name, TRACE_FILE))
			add_trace(coverage, entry->fts_path);
	if (walk)
		fts_close(walk);
	if (!coverage->traces && !coverage->status) {
		lab_complain("no traces below %s/; \"tcplab run --all\" makes some", out);
		coverage->status = LAB_USAGE;
	}
}

/* As RFC 9293 has it: where netstat says CLOSE there is no row to say it. */
static const char *state(enum tl_state state)
{
	return state == TL_CLOSE ? "CLOSED" : tl_state_name(state);
}

static void print_arc(const struct coverage *coverage, size_t i, int width,
		      const struct lab_options *options, struct tl_buf *out)
{
	const struct tl_arc *arc = &coverage->arcs[i];
	const struct showing *showing = &coverage->shown[i];
	bool observed = showing->how && !strcmp(showing->how, tl_hop_name(TL_HOP_OBSERVED));
	const char *ink = observed ? "32" : showing->how ? "33" : "2";
	bool color = options->style.color;

	tl_buf_fmt(out, "%*s  %-11s -> %-11s  ", width, arc->id, state(arc->from),
		   state(arc->to));
	if (color)
		tl_buf_fmt(out, "\033[%sm", ink);
	if (showing->how)
		tl_buf_fmt(out, "%s  %s, phase %d", showing->how, showing->scenario,
			   showing->phase + 1);
	else
		tl_buf_str(out, arc->linux_has ? "not shown" : "not shown: Linux has no such way");
	tl_buf_str(out, color ? "\033[0m\n" : "\n");
}

static void print_text(const struct coverage *coverage, const struct lab_options *options,
		       struct tl_buf *out)
{
	size_t drawn = 0, shown = 0;

	tl_buf_str(out, "The arrows of RFC 9293, Figure 5, numbered from the top\n\n");
	for (size_t i = 0; i < coverage->n; i++) {
		if (coverage->arcs[i].kind != TL_ARC_DRAWN)
			continue;
		drawn++;
		shown += coverage->shown[i].how != NULL;
		print_arc(coverage, i, 3, options, out);
	}
	tl_buf_str(out, "\nOther ways: the figure's notes, resets, and the kernel giving up\n\n");
	for (size_t i = 0; i < coverage->n; i++)
		if (coverage->arcs[i].kind != TL_ARC_DRAWN)
			print_arc(coverage, i, 14, options, out);
	tl_buf_fmt(out,
		   "\n%zu of %zu arrows shown by %zu trace%s.\n\n"
		   "Observed: a report points at both states; at CLOSED by there being no row.\n"
		   "Inferred: a socket must have come this way, unseen. Of several ways from one\n"
		   "state to another, segments, timers and the other end tell which it was.\n",
		   shown, drawn, coverage->traces, coverage->traces == 1 ? "" : "s");
}

static json_t *json_of(const struct tl_arc *arc, const struct showing *showing)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s?}", "id",
				   arc->id, "kind", tl_arc_kind_name(arc->kind), "from",
				   state(arc->from), "to", state(arc->to), "event", arc->event,
				   "sends", arc->sends, "section", arc->section, "linux_has",
				   arc->linux_has, "shown", showing->how);

	if (showing->how)
		json_object_set_new(object, "by",
				    json_pack("{s:s, s:i, s:s}", "scenario", showing->scenario,
					      "phase", showing->phase + 1, "title",
					      showing->title));
	return object;
}

static int print_json(const struct coverage *coverage, struct tl_buf *out)
{
	json_t *arcs = json_array();
	json_t *root = json_pack("{s:i, s:I, s:o}", "tcplab-coverage", 1, "traces",
				 (json_int_t)coverage->traces, "arcs", arcs);
	char *text;

	for (size_t i = 0; i < coverage->n; i++)
		json_array_append_new(arcs, json_of(&coverage->arcs[i], &coverage->shown[i]));
	text = json_dumps(root, JSON_INDENT(2));
	if (text)
		tl_buf_fmt(out, "%s\n", text);
	free(text);
	json_decref(root);
	return text ? LAB_OK : LAB_ERROR;
}

int lab_coverage(const struct lab_options *options)
{
	struct coverage coverage = { 0 };
	struct tl_buf out = { 0 };

	coverage.arcs = tl_arcs(&coverage.n);
	coverage.shown = calloc(coverage.n, sizeof(*coverage.shown));
	if (!coverage.shown) {
		lab_complain("no memory for the arcs");
		return LAB_ERROR;
	}
	for (int i = 0; i < options->n_args; i++)
		add_trace(&coverage, options->args[i]);
	if (!options->n_args)
		add_below(&coverage, options->out);
	if (coverage.traces && options->json)
		coverage.status = lab_worse(coverage.status, print_json(&coverage, &out));
	else if (coverage.traces)
		print_text(&coverage, options, &out);
	coverage.status = lab_worse(coverage.status, lab_print(&out));
	for (size_t i = 0; i < coverage.n; i++) {
		free(coverage.shown[i].scenario);
		free(coverage.shown[i].title);
	}
	free(coverage.shown);
	tl_buf_release(&out);
	return coverage.status;
}
