/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab explain: which of all that can be explained is meant; explain_text.c says it. */
#include "explain.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tcplab/text.h"

/* Where the meaning of a state begins. */
#define MEANING_COLUMN 39

/* In the order a connection goes through them, the active closer's way first. */
static const enum tl_state way[] = {
	TL_CLOSE,     TL_LISTEN,  TL_SYN_SENT,	TL_SYN_RECV,   TL_ESTABLISHED, TL_FIN_WAIT1,
	TL_FIN_WAIT2, TL_CLOSING, TL_TIME_WAIT, TL_CLOSE_WAIT, TL_LAST_ACK,
};

/* The words of a topic, in a paragraph. */
static void list_topic(struct tl_buf *out, enum tl_topic topic, int width)
{
	struct tl_buf words = { 0 };
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);

	for (size_t i = 0; i < n; i++)
		if (entries[i].topic == topic)
			tl_buf_fmt(&words, "%s%s", words.len ? ", " : "", entries[i].name);
	tl_buf_fmt(out, "\n%s\n", tl_topic_heading(topic));
	tl_text_wrap(out, tl_buf_text(&words), width, 2);
	tl_buf_release(&words);
}

static void list_all(struct tl_buf *out, int width)
{
	tl_buf_fmt(out, "%-12s %-11s %-13s %s\n", "netstat", "ss", "RFC 9293", "what it means");
	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++) {
		const struct tl_state_info *info = tl_state_info(way[i]);

		tl_buf_fmt(out, "%-12s %-11s %-13s ", info->name, info->ss, info->rfc);
		tl_text_hang(out, info->meaning, width, MEANING_COLUMN);
	}
	for (int topic = TL_TOPIC_STATE + 1; topic < TL_N_TOPICS; topic++)
		list_topic(out, topic, width);
	tl_buf_str(out, "\n");
	lab_wrap(out, width, 0,
		 "\"%s explain WORD\" explains any of these, in any spelling; -v says more "
		 "about a state. It also explains an arrow, as in \"explain "
		 "'LISTEN->SYN_RECV'\" or \"explain 15\", a message, as in \"explain "
		 "connection reset by peer\", a scenario, and a claim, as in \"explain B7\".",
		 lab_typed());
}

/* What is looked for among what is shipped. */
struct search {
	const char *word;
	const struct tl_arc *arc;
	const struct lab_options *options;
	struct tl_buf *out;
	bool found;
};

/* To parse them all takes a while: most files do not even hold what is looked for. */
static bool can_have(const char *name, const struct search *search)
{
	return lab_mentions(name, search->arc ? "arc:" : search->word) ||
	       (search->word && !strncasecmp(search->word, name, strlen(name)));
}

static void each_plan(void (*take)(const struct tl_plan *plan, struct search *search),
		      struct search *search)
{
	char **names;
	size_t n = lab_scenario_names(&names);

	for (size_t i = 0; i < n; i++) {
		struct tl_plan **plans;
		size_t variants = can_have(names[i], search) ? lab_load_all(names[i], &plans) : 0;

		if (!variants)
			continue;
		/* they all say the same, but who names one means it */
		for (size_t v = 0; v < variants; v++)
			if (!v || (search->word && !strcasecmp(plans[v]->name, search->word)))
				take(plans[v], search);
		lab_free_plans(plans, variants);
	}
	lab_free_names(names, n);
}

static void begin(struct search *search)
{
	tl_buf_str(search->out, search->found ? "\n" : "");
	search->found = true;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !strncasecmp(text, word, len);
}

/* Is it the scenario's name, with its variant or without, or what follows the topic in it? */
static bool is_called(const struct tl_plan *plan, const char *word)
{
	size_t variant = plan->variant ? strlen(plan->variant) + 1 : 0;
	size_t len = strlen(plan->name) - variant;
	const char *slash = memrchr(plan->name, '/', len);
	size_t topic = slash ? slash + 1 - plan->name : 0;

	return !strcasecmp(plan->name, word) || is_word(plan->name, len, word) ||
	       is_word(plan->name + topic, len - topic, word);
}

/* A claim by its id, a scenario by its name. */
static void take_named(const struct tl_plan *plan, struct search *search)
{
	if (is_called(plan, search->word)) {
		begin(search);
		explain_scenario(plan, search->options, search->out);
	}
	for (size_t i = 0; i < plan->n_claims; i++) {
		if (strcasecmp(plan->claims[i].id, search->word))
			continue;
		begin(search);
		explain_claim(plan, &plan->claims[i], search->options, search->out);
	}
}

static void take_about(const struct tl_plan *plan, struct search *search)
{
	for (size_t i = 0; i < plan->n_claims; i++)
		for (size_t j = 0; j < plan->claims[i].n_arcs; j++) {
			if (plan->claims[i].arcs[j] != search->arc)
				continue;
			tl_buf_fmt(search->out, "  %-14s%s run %s\n",
				   search->found ? "" : search->arc->linux_has ? "to see it" :
										 "the proof",
				   lab_typed(), plan->name);
			search->found = true;
		}
}

static void tell_arc(const struct tl_arc *arc, struct search *search)
{
	struct search about = { .arc = arc, .options = search->options, .out = search->out };

	begin(search);
	explain_arc(arc, search->options, search->out);
	each_plan(take_about, &about);
}

static void tell_arrow(const struct tl_arrow *arrow, struct search *search)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++)
		if (arcs[i].from == arrow->from && arcs[i].to == arrow->to)
			tell_arc(&arcs[i], search);
	if (search->found)
		return;
	begin(search);
	explain_no_arc(arrow, search->options, search->out);
}

/* "close" is a state of netstat's, and a call. */
static bool tell_entries(const char *word, struct search *search)
{
	const struct tl_entry *entry = tl_lexicon_find(word), *call;
	char with[80];

	if (!entry)
		return false;
	begin(search);
	explain_entry(entry, search->options, search->out);
	snprintf(with, sizeof(with), "%s()", word);
	call = tl_lexicon_find(with);
	if (entry->topic == TL_TOPIC_STATE && call) {
		begin(search);
		explain_entry(call, search->options, search->out);
	}
	return true;
}

static bool tell(const char *word, const struct lab_options *options, struct tl_buf *out)
{
	struct search search = { .word = word, .options = options, .out = out };
	const char *id = strncasecmp(word, "arrow ", 6) ? word : word + 6;
	struct tl_arrow arrow;

	if (tl_arc_find(id))
		tell_arc(tl_arc_find(id), &search);
	else if (tl_arrow_parse(word, &arrow))
		tell_arrow(&arrow, &search);
	else if (!tell_entries(word, &search))
		each_plan(take_named, &search);
	return search.found;
}

/* What it may have been meant for: "Did you mean FIN_WAIT1 or FIN_WAIT2?" */
static void complain(const char *word)
{
	const struct tl_entry *near[TL_NEAR_MAX];
	size_t n = tl_lexicon_near(word, near);
	struct tl_buf text = { 0 };

	for (size_t i = 0; i < n; i++)
		tl_buf_fmt(&text, "%s%s", !i ? "" : i + 1 < n ? ", " : " or ", near[i]->name);
	if (n)
		lab_complain("Unknown word \"%s\". Did you mean %s?", word, tl_buf_text(&text));
	else
		lab_complain("Unknown word \"%s\". \"%s explain\" lists those that are explained, "
			     "\"%s coverage\" the arrows.", word, lab_typed(), lab_typed());
	tl_buf_release(&text);
}

/* Of two words neither is let out: one of them is a slip. "timer:(on,200ms,0)" is several. */
static bool is_sentence(const struct lab_options *options)
{
	return options->n_args > 2 || strpbrk(options->args[0], " .:(=,");
}

/*
 * All that was typed is one word, "time wait"; or each is one; or it is a sentence that holds
 * one, such as a message.
 */
static bool tell_typed(const struct lab_options *options, const char *typed, struct tl_buf *out,
		       int *unknown)
{
	const struct tl_entry *inside;

	*unknown = 0;
	if (tell(typed, options, out))
		return true;
	for (int i = 0; options->n_args > 1 && i < options->n_args; i++) {
		tl_buf_str(out, i ? "\n" : "");
		if (!tell(options->args[i], options, out)) {
			*unknown = i;
			break;
		}
		if (i + 1 == options->n_args)
			return true;
	}
	out->len = 0;
	inside = is_sentence(options) ? tl_lexicon_find_in(typed) : NULL;
	if (inside)
		explain_entry(inside, options, out);
	return inside;
}

int lab_explain(const struct lab_options *options)
{
	struct tl_buf out = { 0 }, typed = { 0 };
	int status = LAB_OK, unknown;

	tl_buf_list(&typed, (const char *const *)options->args, " ");
	if (!options->n_args) {
		list_all(&out, lab_prose_width(&options->style));
	} else if (!tell_typed(options, tl_buf_text(&typed), &out, &unknown)) {
		complain(options->args[unknown]);
		status = LAB_USAGE;
	}
	if (!status)
		status = lab_print(&out);
	tl_buf_release(&typed);
	tl_buf_release(&out);
	return status;
}
