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
#include "suite.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tcplab/state.h"
#include "tcplab/text.h"

/* The claim about an arc, if its evidence is so; -1 for none. */
static int claim_about(const struct lab_kept *kept, const struct tl_arc *arc)
{
	for (size_t i = 0; i < kept->plan->n_claims; i++) {
		const struct tl_claim *claim = &kept->plan->claims[i];

		for (size_t j = 0; j < claim->n_arcs; j++)
			if (claim->arcs[j] == arc &&
			    kept->verdict.claims[i].stands == TL_FACT_SO)
				return i;
	}
	return -1;
}

/* Does one showing say more of an arc than another? */
static bool is_better(const struct lab_showing *a, const struct lab_showing *b)
{
	return a->how != b->how ? a->how > b->how : a->claim >= 0 && b->claim < 0;
}

static void show(struct lab_showing *showing, const struct lab_kept *kept,
		 const struct tl_arc *arc, int phase, enum tl_shown how)
{
	const struct lab_showing now = { .how = how, .claim = claim_about(kept, arc),
					 .phase = phase < 0 ? 0 : phase };

	if (is_better(&now, showing))
		*showing = now;
}

/* Where the evidence of a claim was found: the last place that is one. */
static int found_in(const struct lab_kept *kept, size_t claim)
{
	const struct tl_claim_verdict *verdict = &kept->verdict.claims[claim];
	int phase = 0;

	for (size_t i = 0; i < kept->plan->claims[claim].n_check; i++)
		if (verdict->check[i].phase > phase)
			phase = verdict->check[i].phase;
	return phase;
}

/* How a life shows the arc that leads to its hop @at. */
static enum tl_shown shown_by(const struct tl_life *life, size_t at)
{
	if (life->hops[at].kind == TL_HOP_FORCED)
		return TL_SHOWN_FORCED;
	return tl_life_proves(life, at) && tl_report_shows_hop(life, at - 1) &&
			       tl_report_shows_hop(life, at) ?
		       TL_SHOWN_OBSERVED :
		       TL_SHOWN_INFERRED;
}

void lab_show_arcs(const struct lab_kept *kept, struct tl_buf *out)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++) {
		struct lab_showing showing = { .claim = -1 };
		int claim = claim_about(kept, &arcs[i]);

		for (size_t j = 0; j < kept->verdict.n_lives; j++) {
			const struct tl_life *life = &kept->verdict.lives[j];

			for (size_t k = 1; life->legal && k < life->n_hops; k++)
				if (life->hops[k].arc == &arcs[i])
					show(&showing, kept, &arcs[i], life->hops[k].phase,
					     shown_by(life, k));
		}
		if (claim >= 0 && !arcs[i].linux_has)
			show(&showing, kept, &arcs[i], found_in(kept, claim), TL_SHOWN_ABSENT);
		tl_buf_add(out, &showing, sizeof(showing));
	}
}

static void forget(struct lab_best *best)
{
	free(best->scenario);
	free(best->title);
	free(best->because);
	*best = (struct lab_best){ .showing.claim = -1 };
}

void lab_coverage_add(struct lab_coverage *coverage, const struct tl_plan *plan,
		      const struct tl_buf *shown)
{
	const struct lab_showing *showings = (const struct lab_showing *)shown->data;

	coverage->traces++;
	for (size_t i = 0; i < coverage->n && i < shown->len / sizeof(*showings); i++) {
		struct lab_best *best = &coverage->best[i];
		const struct lab_showing *now = &showings[i];
		const char *because;

		if (!is_better(now, &best->showing))
			continue;
		because = now->claim < 0 ? NULL : plan->claims[now->claim].because;
		forget(best);
		*best = (struct lab_best){
			.showing = *now,
			.scenario = strdup(plan->name),
			.title = strdup((size_t)now->phase < plan->n_phases ?
						plan->phases[now->phase].title : ""),
			.because = now->how == TL_SHOWN_ABSENT && because ? strdup(because) : NULL,
		};
	}
}

static void add_trace(void *arg, const char *path)
{
	struct lab_coverage *coverage = arg;
	struct tl_buf shown = { 0 };
	struct lab_kept kept = { 0 };
	struct tl_err err;

	if (lab_kept_read(&kept, path, &err)) {
		coverage->status = lab_refuse("%s", err.text);
	} else {
		lab_show_arcs(&kept, &shown);
		lab_coverage_add(coverage, kept.plan, &shown);
	}
	tl_buf_release(&shown);
	lab_kept_release(&kept);
}

static void add_below(struct lab_coverage *coverage, const char *out)
{
	lab_each_trace(out, add_trace, coverage);
	if (!coverage->traces && !coverage->status)
		coverage->status = lab_refuse("no traces below %s/; \"%s run --all\" makes some",
					      out, lab_typed());
}

static const char *ink(enum tl_shown how)
{
	switch (how) {
	case TL_SHOWN_OBSERVED:
	case TL_SHOWN_ABSENT:
		return "32";
	case TL_SHOWN_INFERRED:
	case TL_SHOWN_FORCED:
		return "33";
	case TL_SHOWN_NOT:
		break;
	}
	return "31";
}

static void print_arc(const struct lab_coverage *coverage, size_t i, int width,
		      const struct lab_options *options, struct tl_buf *out)
{
	const struct tl_arc *arc = &coverage->arcs[i];
	const struct lab_best *best = &coverage->best[i];
	enum tl_shown how = best->showing.how;

	tl_buf_fmt(out, "%*s  %-11s -> %-11s  ", width, arc->id, tl_state_figure(arc->from),
		   tl_state_figure(arc->to));
	if (options->style.color)
		tl_buf_fmt(out, "\033[%sm", ink(how));
	if (how)
		tl_buf_fmt(out, "%-8s  %s, phase %d", tl_shown_name(how), best->scenario,
			   best->showing.phase + 1);
	else
		tl_buf_str(out, arc->linux_has ? "not shown" : "not shown: Linux has no such way");
	tl_buf_str(out, options->style.color ? "\033[0m\n" : "\n");
	if (best->because)
		tl_text_wrap(out, best->because, options->style.width, width + 30);
}

/* How many arrows are drawn, and how many of them were observed, and so on. */
struct tally {
	size_t drawn, observed, inferred, absent;
};

static struct tally count(const struct lab_coverage *coverage)
{
	struct tally n = { 0 };

	for (size_t i = 0; i < coverage->n; i++) {
		if (coverage->arcs[i].kind != TL_ARC_DRAWN)
			continue;
		n.drawn++;
		n.observed += coverage->best[i].showing.how == TL_SHOWN_OBSERVED;
		n.inferred += coverage->best[i].showing.how == TL_SHOWN_INFERRED;
		n.absent += coverage->best[i].showing.how == TL_SHOWN_ABSENT;
	}
	return n;
}

static int print_text(const struct lab_coverage *coverage, const struct lab_options *options)
{
	const struct tally n = count(coverage);
	struct tl_buf text = { 0 }, *out = &text;
	int status;

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
		   "Observed: a report shows both states (CLOSED as a row that is gone), and the\n"
		   "trace shows what led from the first to the second.\n"
		   "Forced: the same, but the scenario itself removed the socket.\n"
		   "Inferred: a socket must have come this way, but a state or the cause was not\n"
		   "seen. Where two ways are possible, none is named.\n"
		   "\"%s explain N\" explains an arrow.\n",
		   n.drawn, n.observed, n.inferred, n.absent,
		   n.drawn - n.observed - n.inferred - n.absent,
		   coverage->traces, coverage->traces == 1 ? "" : "s", lab_typed());
	status = lab_print(out);
	tl_buf_release(out);
	return status;
}

static json_t *json_of(const struct tl_arc *arc, const struct lab_best *best)
{
	json_t *by = json_null();

	if (best->showing.how)
		by = json_pack("{s:s, s:i, s:s, s:s?}", "scenario", best->scenario, "phase",
			       best->showing.phase + 1, "title", best->title, "because",
			       best->because);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s?, s:o}", "id", arc->id,
			 "kind", tl_arc_kind_name(arc->kind), "from", tl_state_figure(arc->from), "to",
			 tl_state_figure(arc->to), "event", arc->event, "sends", arc->sends, "section",
			 arc->section, "linux_has", arc->linux_has, "shown",
			 tl_shown_name(best->showing.how), "by", by);
}

static int print_json(const struct lab_coverage *coverage)
{
	const struct tally n = count(coverage);
	json_t *arcs = json_array();
	json_t *root = json_pack("{s:i, s:I, s:{s:I, s:I, s:I, s:I}, s:o}", "tcplab-coverage", 1,
				 "traces", (json_int_t)coverage->traces, "arrows", "drawn",
				 (json_int_t)n.drawn, "observed", (json_int_t)n.observed,
				 "inferred", (json_int_t)n.inferred, "absent",
				 (json_int_t)n.absent, "arcs", arcs);
	int status;

	for (size_t i = 0; i < coverage->n; i++)
		json_array_append_new(arcs, json_of(&coverage->arcs[i], &coverage->best[i]));
	status = lab_print_json(root);
	json_decref(root);
	return status;
}

/* Run what is shipped, as "run --all" does; what there is to say about it goes to stderr. */
static int run_suite(const struct lab_options *options, struct lab_coverage *coverage)
{
	struct lab_options of_suite = *options;

	of_suite.all = of_suite.aside = true;
	of_suite.json = false;
	return lab_run_suite(&of_suite, coverage);
}

/* Each is a trace, or a directory with traces below it. */
static void gather(struct lab_coverage *coverage, const struct lab_options *options)
{
	struct stat st;

	for (int i = 0; i < options->n_args; i++)
		if (!stat(options->args[i], &st) && S_ISDIR(st.st_mode))
			add_below(coverage, options->args[i]);
		else
			add_trace(coverage, options->args[i]);
	if (!options->n_args)
		coverage->status = run_suite(options, coverage);
}

/* For CI: --require makes an arrow that was not shown a failure. */
static int missing(const struct lab_coverage *coverage, const struct lab_options *options)
{
	const struct tally n = count(coverage);

	return options->require && n.observed + n.absent < n.drawn ? LAB_FAILED : LAB_OK;
}

int lab_coverage_init(struct lab_coverage *coverage)
{
	*coverage = (struct lab_coverage){ 0 };
	coverage->arcs = tl_arcs(&coverage->n);
	coverage->best = calloc(coverage->n, sizeof(*coverage->best));
	for (size_t i = 0; coverage->best && i < coverage->n; i++)
		coverage->best[i].showing.claim = -1;
	return coverage->best ? 0 : -ENOMEM;
}

void lab_coverage_release(struct lab_coverage *coverage)
{
	for (size_t i = 0; coverage->best && i < coverage->n; i++)
		forget(&coverage->best[i]);
	free(coverage->best);
}

struct tl_suite_arc *lab_coverage_arcs(const struct lab_coverage *coverage)
{
	struct tl_suite_arc *arcs = calloc(coverage->n, sizeof(*arcs));

	for (size_t i = 0; arcs && i < coverage->n; i++) {
		const struct lab_best *best = &coverage->best[i];

		arcs[i] = (struct tl_suite_arc){ best->showing.how, best->scenario,
						 best->title, best->showing.phase };
	}
	return arcs;
}

int lab_coverage(const struct lab_options *options)
{
	struct lab_coverage coverage;
	int status = LAB_OK;

	if (lab_coverage_init(&coverage))
		return lab_fail("no memory for the arrows");
	gather(&coverage, options);
	if (coverage.traces) {
		status = options->json ? print_json(&coverage) : print_text(&coverage, options);
		status = lab_worse(status, missing(&coverage, options));
	}
	lab_coverage_release(&coverage);
	return lab_worse(coverage.status, status);
}
