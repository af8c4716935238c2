/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab coverage: which arcs of RFC 9293's diagram the shipped scenarios show.
 *
 * Only traces count, those of a suite run now or saved ones. An arc is observed where the
 * report of a run can point at both of its states, forced where the scenario itself ended the
 * socket so, and inferred where the socket must have taken it unseen. Which of several arcs
 * between the same two states it was, the judge tells by segments, timers and the other end.
 * Of several showings the one counts whose scenario has a claim about the arc; and where Linux
 * has no such way, such a claim is the proof.
 */
#include "lab.h"

#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tcplab/state.h"

#define TRACE_FILE "trace.ndjson"

static const char *const shown_names[] = {
#define X(id, name) [LAB_SHOWN_##id] = name,
	LAB_SHOWN(X)
#undef X
};

static void forget(struct lab_showing *showing)
{
	free(showing->scenario);
	free(showing->title);
	free(showing->because);
	*showing = (struct lab_showing){ 0 };
}

/* The claim about an arc, if its evidence is so. */
static const struct tl_claim *claim_about(const struct lab_film *film, const struct tl_arc *arc)
{
	for (size_t i = 0; i < film->plan->n_claims; i++) {
		const struct tl_claim *claim = &film->plan->claims[i];

		for (size_t j = 0; j < claim->n_arcs; j++)
			if (claim->arcs[j] == arc &&
			    film->verdict.claims[i].stands == TL_FACT_SO)
				return claim;
	}
	return NULL;
}

static void show(struct lab_coverage *coverage, const struct lab_film *film,
		 const struct tl_arc *arc, int in_phase, enum lab_shown how)
{
	struct lab_showing *showing = &coverage->shown[arc - coverage->arcs];
	const struct tl_claim *claim = claim_about(film, arc);
	size_t phase = in_phase < 0 ? 0 : in_phase;

	if (showing->how > how || (showing->how == how && (showing->about || !claim)))
		return;
	forget(showing);
	*showing = (struct lab_showing){ .how = how, .about = claim, .phase = phase,
				     .scenario = strdup(film->plan->name),
				     .title = strdup(phase < film->plan->n_phases ?
							     film->plan->phases[phase].title : "") };
	if (how == LAB_SHOWN_ABSENT && claim->because)
		showing->because = strdup(claim->because);
}

/* Where the evidence of a claim was found: the last place that is one. */
static int found_in(const struct lab_film *film, const struct tl_claim *claim)
{
	const struct tl_claim_verdict *verdict =
		&film->verdict.claims[claim - film->plan->claims];
	int phase = 0;

	for (size_t i = 0; i < claim->n_check; i++)
		if (verdict->check[i].phase > phase)
			phase = verdict->check[i].phase;
	return phase;
}

/* How a life shows the arc that leads to its hop @at. */
static enum lab_shown shown_by(const struct lab_film *film, const struct tl_life *life, size_t at)
{
	const struct tl_report report = { film->plan, &film->trace, &film->film,
					 &film->verdict };

	if (life->hops[at].kind == TL_HOP_FORCED)
		return LAB_SHOWN_FORCED;
	return tl_report_shows_hop(&report, life, at - 1) &&
			       tl_report_shows_hop(&report, life, at) ?
		       LAB_SHOWN_OBSERVED :
		       LAB_SHOWN_INFERRED;
}

static void look_at(struct lab_coverage *coverage, const struct lab_film *film)
{

	for (size_t i = 0; i < film->verdict.n_lives; i++) {
		const struct tl_life *life = &film->verdict.lives[i];

		for (size_t j = 1; life->legal && j < life->n_hops; j++)
			if (life->hops[j].arc)
				show(coverage, film, life->hops[j].arc, life->hops[j].phase,
				     shown_by(film, life, j));
	}
	for (size_t i = 0; i < coverage->n; i++) {
		const struct tl_claim *claim = claim_about(film, &coverage->arcs[i]);

		if (claim && !coverage->arcs[i].linux_has)
			show(coverage, film, &coverage->arcs[i], found_in(film, claim),
			     LAB_SHOWN_ABSENT);
	}
}

void lab_coverage_add(struct lab_coverage *coverage, const char *path)
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

/* The traces below a directory that are no older than @since. */
static void add_below(struct lab_coverage *coverage, const char *out, time_t since)
{
	char *roots[] = { (char *)out, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	while (walk && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && !strcmp(entry->fts_name, TRACE_FILE) &&
		    entry->fts_statp->st_mtime >= since)
			lab_coverage_add(coverage, entry->fts_path);
	if (walk)
		fts_close(walk);
	if (!coverage->traces && !coverage->status) {
		lab_complain("no traces below %s/; \"%s run --all\" makes some", out,
			     lab_typed());
		coverage->status = LAB_USAGE;
	}
}

static const char *ink(enum lab_shown how)
{
	switch (how) {
	case LAB_SHOWN_OBSERVED:
	case LAB_SHOWN_ABSENT:
		return "32";
	case LAB_SHOWN_INFERRED:
	case LAB_SHOWN_FORCED:
		return "33";
	case LAB_SHOWN_NOT:
		break;
	}
	return "31";
}

static void print_arc(const struct lab_coverage *coverage, size_t i, int width,
		      const struct lab_options *options, struct tl_buf *out)
{
	const struct tl_arc *arc = &coverage->arcs[i];
	const struct lab_showing *showing = &coverage->shown[i];

	tl_buf_fmt(out, "%*s  %-11s -> %-11s  ", width, arc->id, tl_state_figure(arc->from),
		   tl_state_figure(arc->to));
	if (options->style.color)
		tl_buf_fmt(out, "\033[%sm", ink(showing->how));
	if (showing->how)
		tl_buf_fmt(out, "%-8s  %s, phase %d", shown_names[showing->how],
			   showing->scenario, showing->phase + 1);
	else
		tl_buf_str(out, arc->linux_has ? "not shown" : "not shown: Linux has no such way");
	tl_buf_str(out, options->style.color ? "\033[0m\n" : "\n");
	if (showing->because)
		lab_wrap(out, showing->because, options->style.width, width + 30);
}

/* How many of the drawn arrows were shown so, and how many there are. */
static size_t count(const struct lab_coverage *coverage, enum lab_shown how, size_t *drawn)
{
	size_t n = 0;

	*drawn = 0;
	for (size_t i = 0; i < coverage->n; i++) {
		if (coverage->arcs[i].kind != TL_ARC_DRAWN)
			continue;
		++*drawn;
		n += coverage->shown[i].how == how;
	}
	return n;
}

static void print_text(const struct lab_coverage *coverage, const struct lab_options *options,
		       struct tl_buf *out)
{
	size_t drawn, seen = count(coverage, LAB_SHOWN_OBSERVED, &drawn);
	size_t inferred = count(coverage, LAB_SHOWN_INFERRED, &drawn);
	size_t absent = count(coverage, LAB_SHOWN_ABSENT, &drawn);

	tl_buf_str(out, "The arrows of RFC 9293, Figure 5, numbered from the top\n\n");
	for (size_t i = 0; i < coverage->n; i++)
		if (coverage->arcs[i].kind == TL_ARC_DRAWN)
			print_arc(coverage, i, 3, options, out);
	tl_buf_str(out, "\nOther ways: the figure's notes, resets, and the kernel giving up\n\n");
	for (size_t i = 0; i < coverage->n; i++)
		if (coverage->arcs[i].kind != TL_ARC_DRAWN)
			print_arc(coverage, i, 14, options, out);
	tl_buf_fmt(out,
		   "\nOf %zu arrows %zu observed, %zu inferred, %zu proved absent, %zu not shown, by "
		   "%zu trace%s.\n\n"
		   "Observed: a report points at both states; at CLOSED by there being no row.\n"
		   "Forced: the same, and the scenario itself has ended the socket.\n"
		   "Inferred: a socket must have come this way, unseen. Of several ways from one\n"
		   "state to another, segments, timers and the other end tell which it was.\n"
		   "\"%s explain N\" tells of an arrow what makes it.\n",
		   drawn, seen, inferred, absent, drawn - seen - inferred - absent,
		   coverage->traces, coverage->traces == 1 ? "" : "s", lab_typed());
}

static json_t *json_of(const struct tl_arc *arc, const struct lab_showing *showing)
{
	json_t *by = json_null();

	if (showing->how)
		by = json_pack("{s:s, s:i, s:s, s:s?}", "scenario", showing->scenario, "phase",
			       showing->phase + 1, "title", showing->title, "because",
			       showing->because);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s?, s:o}", "id", arc->id,
			 "kind", tl_arc_kind_name(arc->kind), "from", tl_state_figure(arc->from), "to",
			 tl_state_figure(arc->to), "event", arc->event, "sends", arc->sends, "section",
			 arc->section, "linux_has", arc->linux_has, "shown",
			 shown_names[showing->how], "by", by);
}

static int print_json(const struct lab_coverage *coverage, struct tl_buf *out)
{
	size_t drawn, seen = count(coverage, LAB_SHOWN_OBSERVED, &drawn);
	json_t *arcs = json_array();
	json_t *root = json_pack("{s:i, s:I, s:{s:I, s:I, s:I, s:I}, s:o}", "tcplab-coverage", 1,
				 "traces", (json_int_t)coverage->traces, "arrows", "drawn",
				 (json_int_t)drawn, "observed", (json_int_t)seen, "inferred",
				 (json_int_t)count(coverage, LAB_SHOWN_INFERRED, &drawn), "absent",
				 (json_int_t)count(coverage, LAB_SHOWN_ABSENT, &drawn), "arcs", arcs);
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

/* Run what is shipped, as "run --all" does; what there is to say of it goes to stderr. */
static int run_suite(const struct lab_options *options)
{
	struct lab_options of_suite = *options;

	of_suite.all = of_suite.aside = true;
	of_suite.json = false;
	return lab_run_suite(&of_suite);
}

/* A trace, or a directory with traces below it. */
static void add(struct lab_coverage *coverage, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		add_below(coverage, path, 0);
	else
		lab_coverage_add(coverage, path);
}

static void gather(struct lab_coverage *coverage, const struct lab_options *options)
{
	time_t begun = time(NULL);

	for (int i = 0; i < options->n_args; i++)
		add(coverage, options->args[i]);
	if (options->n_args)
		return;
	coverage->status = run_suite(options);
	if (coverage->status != LAB_USAGE && coverage->status != LAB_ERROR)
		add_below(coverage, options->out, begun);
}

/* For CI: --require makes an arrow that was not shown a failure. */
static int missing(const struct lab_coverage *coverage, const struct lab_options *options)
{
	size_t drawn, good = count(coverage, LAB_SHOWN_OBSERVED, &drawn);

	good += count(coverage, LAB_SHOWN_ABSENT, &drawn);
	return options->require && good < drawn ? LAB_FAILED : LAB_OK;
}

int lab_coverage_init(struct lab_coverage *coverage)
{
	*coverage = (struct lab_coverage){ 0 };
	coverage->arcs = tl_arcs(&coverage->n);
	coverage->shown = calloc(coverage->n, sizeof(*coverage->shown));
	return coverage->shown ? 0 : -ENOMEM;
}

void lab_coverage_release(struct lab_coverage *coverage)
{
	for (size_t i = 0; coverage->shown && i < coverage->n; i++)
		forget(&coverage->shown[i]);
	free(coverage->shown);
}

struct tl_suite_arc *lab_coverage_arcs(const struct lab_coverage *coverage)
{
	struct tl_suite_arc *arcs = calloc(coverage->n, sizeof(*arcs));

	for (size_t i = 0; arcs && i < coverage->n; i++)
		arcs[i] = (struct tl_suite_arc){ shown_names[coverage->shown[i].how],
						 coverage->shown[i].scenario,
						 coverage->shown[i].title,
						 coverage->shown[i].phase };
	return arcs;
}

int lab_coverage(const struct lab_options *options)
{
	struct lab_coverage coverage;
	struct tl_buf out = { 0 };

	if (lab_coverage_init(&coverage)) {
		lab_complain("no memory for the arcs");
		return LAB_ERROR;
	}
	gather(&coverage, options);
	if (coverage.traces && options->json)
		coverage.status = lab_worse(coverage.status, print_json(&coverage, &out));
	else if (coverage.traces)
		print_text(&coverage, options, &out);
	if (coverage.traces)
		coverage.status = lab_worse(coverage.status, missing(&coverage, options));
	coverage.status = lab_worse(coverage.status, lab_print(&out));
	lab_coverage_release(&coverage);
	tl_buf_release(&out);
	return coverage.status;
}
