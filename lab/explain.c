/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab explain: what a state, an arc of the diagram, or a claim is about. */
#include "lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tcplab/state.h"

/* Where what is said of an arrow begins, and of a state. */
#define ARC_COLUMN     35
#define MEANING_COLUMN 39

static void bold(struct tl_buf *out, const struct lab_options *options, const char *text)
{
	tl_buf_fmt(out, options->style.color ? "\033[1m%s\033[0m" : "%s", text);
}

/* Prose is hard to read on longer lines. */
static int prose_width(const struct lab_options *options)
{
	return options->style.width < 80 ? options->style.width : 80;
}

/* The arcs into a state, or those out of it. */
static void list_arcs(struct tl_buf *out, enum tl_state state, bool into, int width)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);
	struct tl_buf event = { 0 };

	for (size_t i = 0; i < n; i++) {
		if ((into ? arcs[i].to : arcs[i].from) != state)
			continue;
		tl_buf_fmt(out, "  %-14s %-4s %-12s ", arcs[i].id, into ? "from" : "to",
			   tl_state_figure(into ? arcs[i].from : arcs[i].to));
		event.len = 0;
		tl_buf_str(&event, arcs[i].event);
		if (arcs[i].sends[0])
			tl_buf_fmt(&event, ", sends %s", arcs[i].sends);
		if (!arcs[i].linux_has)
			tl_buf_str(&event, " (not on Linux)");
		lab_hang(out, tl_buf_text(&event), width, ARC_COLUMN);
	}
	tl_buf_release(&event);
}

static void explain(const struct tl_state_info *info, const struct lab_options *options,
		    struct tl_buf *out)
{
	int width = prose_width(options);
	struct tl_buf names = { 0 };

	bold(out, options, info->name);
	tl_buf_fmt(out, ": %s\n\n", info->meaning);
	lab_wrap(out, info->story, width, 2);
	tl_buf_str(out, "\n");
	bold(out, options, "How it is entered");
	tl_buf_str(out, " (numbered: the arrows of RFC 9293, Figure 5, from the top)\n");
	list_arcs(out, info->state, true, width);
	tl_buf_str(out, "\n");
	bold(out, options, "How it is left");
	tl_buf_str(out, "\n");
	list_arcs(out, info->state, false, width);
	tl_buf_str(out, "\n");
	bold(out, options, "What it is called");
	tl_buf_fmt(&names, "%s by netstat, %s by ss, %s in RFC 9293 (%s)", info->name, info->ss,
		   info->rfc, info->section);
	if (strcmp(info->post, info->name) && strcmp(info->post, info->rfc))
		tl_buf_fmt(&names, ", %s in the 2013 post and Microsoft KB 137984", info->post);
	tl_buf_str(out, "\n");
	lab_wrap(out, tl_buf_text(&names), width, 2);
	tl_buf_release(&names);
}

/* In the order a connection goes through them, the active closer's way first. */
static const enum tl_state way[] = {
	TL_CLOSE,     TL_LISTEN,  TL_SYN_SENT,	TL_SYN_RECV,   TL_ESTABLISHED, TL_FIN_WAIT1,
	TL_FIN_WAIT2, TL_CLOSING, TL_TIME_WAIT, TL_CLOSE_WAIT, TL_LAST_ACK,
};

static void list_states(struct tl_buf *out, int width)
{
	struct tl_buf more = { 0 };

	tl_buf_fmt(out, "%-12s %-11s %-13s %s\n", "netstat", "ss", "RFC 9293", "what it means");
	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++) {
		const struct tl_state_info *info = tl_state_info(way[i]);

		tl_buf_fmt(out, "%-12s %-11s %-13s ", info->name, info->ss, info->rfc);
		lab_hang(out, info->meaning, width, MEANING_COLUMN);
	}
	tl_buf_fmt(&more, "\"%s explain STATE\" tells the whole story; any spelling will do. So do "
			  "an arrow's number, \"explain 15\", and a claim's name, \"explain B7\".",
		   lab_typed());
	tl_buf_str(out, "\n");
	lab_wrap(out, tl_buf_text(&more), width, 0);
	tl_buf_release(&more);
}

static void explain_arc(const struct tl_arc *arc, const struct lab_options *options,
			struct tl_buf *out)
{
	int width = prose_width(options);
	struct tl_buf head = { 0 };

	tl_buf_fmt(&head, "%s: %s -> %s", arc->id, tl_state_figure(arc->from), tl_state_figure(arc->to));
	bold(out, options, tl_buf_text(&head));
	tl_buf_release(&head);
	tl_buf_fmt(out, "\n\n  %s%s%s (RFC 9293, %s)\n\n", arc->event,
		   arc->sends[0] ? ", sends " : "", arc->sends, arc->section);
	lab_wrap(out, arc->how, width, 2);
	if (arc->differs) {
		tl_buf_str(out, "\n");
		bold(out, options, "On Linux");
		tl_buf_str(out, "\n");
		lab_wrap(out, arc->differs, width, 2);
	}
}

static void explain_claim(const struct tl_plan *plan, const struct tl_claim *claim,
			  const struct lab_options *options, struct tl_buf *out)
{
	int width = prose_width(options);

	bold(out, options, claim->id);
	tl_buf_fmt(out, ": %s in %s\n\n", tl_finding_name(claim->finding), plan->name);
	lab_wrap(out, claim->says, width, 2);
	if (claim->source)
		tl_buf_fmt(out, "  (%s)\n", claim->source);
	if (claim->because) {
		tl_buf_str(out, "\n");
		lab_wrap(out, claim->because, width, 2);
	}
	tl_buf_fmt(out, "\n  The evidence: tcplab run %s\n", plan->name);
}

/* What is looked for among the claims of what is shipped. */
struct search {
	const char *id;
	const struct tl_arc *arc;
	const struct lab_options *options;
	struct tl_buf *out;
	bool found;
};

static void each_claim(void (*take)(const struct tl_plan *plan, const struct tl_claim *claim,
				    struct search *search),
		       struct search *search)
{
	char **names = NULL;
	size_t n = lab_scenario_names(&names);

	for (size_t i = 0; i < n; i++) {
		struct tl_plan *plan = lab_load(names[i]);

		for (size_t j = 0; plan && j < plan->n_claims; j++)
			take(plan, &plan->claims[j], search);
		tl_plan_free(plan);
		free(names[i]);
	}
	free(names);
}

static void take_named(const struct tl_plan *plan, const struct tl_claim *claim,
		       struct search *search)
{
	if (strcasecmp(claim->id, search->id))
		return;
	tl_buf_str(search->out, search->found ? "\n" : "");
	explain_claim(plan, claim, search->options, search->out);
	search->found = true;
}

static void take_about(const struct tl_plan *plan, const struct tl_claim *claim,
		       struct search *search)
{
	for (size_t i = 0; i < claim->n_arcs; i++) {
		if (claim->arcs[i] != search->arc)
			continue;
		tl_buf_fmt(search->out, "%s  %s: tcplab run %s\n", search->found ? "" : "\n",
			   search->arc->linux_has ? "To see it" : "The proof", plan->name);
		search->found = true;
	}
}

static bool explain_word(const char *word, const struct lab_options *options,
			 struct tl_buf *out)
{
	enum tl_state state = tl_state_parse(word, strlen(word));
	struct search search = { .id = word, .arc = tl_arc_find(word), .options = options,
				 .out = out };

	if (state) {
		explain(tl_state_info(state), options, out);
	} else if (search.arc) {
		explain_arc(search.arc, options, out);
		each_claim(take_about, &search);
	} else {
		each_claim(take_named, &search);
		return search.found;
	}
	return true;
}

int lab_explain(const struct lab_options *options)
{
	struct tl_buf out = { 0 };
	int status = LAB_OK;

	if (!options->n_args)
		list_states(&out, prose_width(options));
	for (int i = 0; !status && i < options->n_args; i++) {
		tl_buf_str(&out, i ? "\n" : "");
		if (explain_word(options->args[i], options, &out))
			continue;
		lab_complain("\"%s\" is no state of TCP, no arc of its diagram and no claim of a "
			     "scenario; \"%s explain\" lists the states, \"%s coverage\" "
			     "the arcs", options->args[i], lab_typed(), lab_typed());
		status = LAB_USAGE;
	}
	if (!status)
		status = lab_print(&out);
	tl_buf_release(&out);
	return status;
}
