/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is explained, as a terminal shows it: entries of the lexicon, arrows, claims, scenarios. */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "files.h"
#include "tcplab/leads.h"
#include "tcplab/text.h"

/* Where what is said about an arrow begins, and what follows a label. */
#define ARC_COLUMN   35
#define LABEL_COLUMN 16

static void bold(struct tl_buf *out, const struct lab_options *options, const char *text)
{
	tl_buf_fmt(out, options->style.color ? "\033[1m%s\033[0m" : "%s", text);
}

/* "  netstat     <text>", wrapped behind the label. */
__attribute__((format(printf, 4, 5)))
static void labelled(struct tl_buf *out, const struct lab_options *options, const char *label,
		     const char *fmt, ...)
{
	struct tl_buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	tl_buf_fmt(out, "  %-*s", LABEL_COLUMN - 2, label);
	tl_text_hang(out, tl_buf_text(&text), lab_prose_width(&options->style), LABEL_COLUMN);
	tl_buf_release(&text);
}

static void say_looks(struct tl_buf *out, const struct lab_options *options,
		      const struct tl_entry *entry)
{
	if (entry->row)
		tl_buf_fmt(out, "%s\n%s\n\n", tl_report_netstat_head(), entry->row);
	else
		labelled(out, options, "in netstat", "%s", entry->netstat);
	labelled(out, options, "in ss", "%s", entry->ss);
}

/* The value of a setting on this host, where it can be read: one line, whatever is in it. */
static bool read_setting(const char *name, struct tl_buf *out)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	char path[128];
	int len = snprintf(path, sizeof(path), "/proc/sys/%s", name);
	bool ok;

	for (int i = strlen("/proc/sys/"); i < len && path[i]; i++)
		if (path[i] == '.')
			path[i] = '/';
	ok = !lab_read_file(path, &text, &err);
	if (ok)
		tl_text_line(out, tl_buf_text(&text));
	tl_buf_release(&text);
	return ok;
}

static void say_setting(struct tl_buf *out, const struct lab_options *options,
			const struct tl_entry *entry)
{
	struct tl_buf value = { 0 };

	if (!read_setting(entry->name, &value))
		tl_buf_str(&value, "it does not exist, or cannot be read");
	labelled(out, options, "on this host", "%s", value.len ? tl_buf_text(&value) : "empty");
	tl_buf_release(&value);
	labelled(out, options, "by default", "%s on Linux 6.x", entry->preset);
}

/* "why time-wait" is of use for a word only where TIME_WAIT is what the word is about. */
static bool is_about(const struct tl_entry *entry, enum tl_state state)
{
	for (size_t i = 0; entry->arcs && entry->arcs[i] != TL_N_ARCS; i++)
		if (tl_arc(entry->arcs[i])->from == state)
			return true;
	return entry->state && entry->state == state;
}

static void say_find(struct tl_buf *out, const struct lab_options *options,
		     const struct tl_entry *entry)
{
	const char *sight = entry->why ? NULL : tl_lead_command(entry->runs);

	/* Commands are for copying: each keeps to one line, and its blanks. */
	for (size_t i = 0; entry->find[i]; i++)
		tl_buf_fmt(out, "  %-*s%s\n", LABEL_COLUMN - 2, i ? "" : "on your host",
			   entry->find[i]);
	if (entry->own)
		tl_buf_fmt(out, "  %-*s%s %s\n", LABEL_COLUMN - 2, "on your host", lab_typed(),
			   entry->own);
	if (entry->why)
		labelled(out, options, "", "%s why %s", lab_typed(), entry->why);
	else if (sight && *sight && is_about(entry, tl_lead_state(entry->runs)))
		labelled(out, options, "", "%s %s", lab_typed(), sight);
}

static void say_runs(struct tl_buf *out, const struct lab_options *options,
		     const char *const *runs)
{
	struct tl_buf others = { 0 };

	if (!*runs) {
		labelled(out, options, "to see it", "no scenario shows it");
		return;
	}
	labelled(out, options, "to see it", "%s run %s", lab_typed(), *runs);
	tl_buf_list(&others, runs + 1, " ");
	if (others.len)
		labelled(out, options, "also", "%s", tl_buf_text(&others));
	tl_buf_release(&others);
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
		tl_text_hang(out, tl_buf_text(&event), width, ARC_COLUMN);
	}
	tl_buf_release(&event);
}

static void heading(struct tl_buf *out, const struct lab_options *options, const char *text,
		    const char *more)
{
	tl_buf_str(out, "\n");
	bold(out, options, text);
	tl_buf_fmt(out, "%s\n", more);
}

/* The whole story, with every arrow: --verbose. */
static void tell_story(const struct tl_state_info *info, const struct lab_options *options,
		       struct tl_buf *out)
{
	int width = lab_prose_width(&options->style);
	struct tl_buf names = { 0 };

	heading(out, options, "The whole story", "");
	tl_text_wrap(out, info->story, width, 2);
	heading(out, options, "How it is entered",
		" (numbered: the arrows of RFC 9293, Figure 5, from the top)");
	list_arcs(out, info->state, true, width);
	heading(out, options, "How it is left", "");
	list_arcs(out, info->state, false, width);
	heading(out, options, "What it is called", "");
	tl_buf_fmt(&names, "%s by netstat, %s by ss, %s in RFC 9293 (%s)", info->name, info->ss,
		   info->rfc, info->section);
	if (strcmp(info->post, info->name) && strcmp(info->post, info->rfc))
		tl_buf_fmt(&names, ", %s in the 2013 post and Microsoft KB 137984", info->post);
	tl_text_wrap(out, tl_buf_text(&names), width, 2);
	tl_buf_release(&names);
}

/* What a word stands for, in a few words: an errno's is its message. */
static void say_head(struct tl_buf *out, const struct lab_options *options,
		     const struct tl_entry *entry)
{
	struct tl_buf what = { 0 };

	if (entry->topic == TL_TOPIC_STATE)
		tl_buf_str(&what, tl_state_info(entry->state)->meaning);
	else if (entry->topic == TL_TOPIC_ERROR)
		tl_buf_fmt(&what, "\"%s\"", entry->message);
	else
		tl_buf_str(&what, tl_topic_noun(entry->topic));
	bold(out, options, entry->name);
	tl_buf_str(out, ": ");
	tl_text_hang(out, tl_buf_text(&what), lab_prose_width(&options->style),
		     strlen(entry->name) + 2);
	tl_buf_str(out, "\n");
	tl_buf_release(&what);
}

void explain_entry(const struct tl_entry *entry, const struct lab_options *options,
		   struct tl_buf *out)
{
	const struct tl_arc *arcs[TL_N_ARCS];
	struct tl_buf says = { 0 };
	size_t n = 0;

	for (; entry->arcs && entry->arcs[n] != TL_N_ARCS; n++)
		arcs[n] = tl_arc(entry->arcs[n]);
	say_head(out, options, entry);
	tl_entry_says(&says, entry);
	tl_text_wrap(out, tl_buf_text(&says), lab_prose_width(&options->style), 2);
	tl_buf_release(&says);
	tl_buf_str(out, "\n");
	if (entry->state || n) {
		lab_figure(out, entry->state, arcs, n, &options->style);
		tl_buf_str(out, "\n");
	}
	say_looks(out, options, entry);
	if (entry->topic == TL_TOPIC_SETTING)
		say_setting(out, options, entry);
	say_find(out, options, entry);
	say_runs(out, options, entry->runs);
	labelled(out, options, "source", "%s", entry->source);
	if (entry->topic == TL_TOPIC_STATE && options->verbose)
		tell_story(tl_state_info(entry->state), options, out);
}

static void bold_arrow(struct tl_buf *out, const struct lab_options *options,
		       enum tl_state from, enum tl_state to)
{
	struct tl_buf arrow = { 0 };

	tl_buf_fmt(&arrow, "%s -> %s", tl_state_figure(from), tl_state_figure(to));
	bold(out, options, tl_buf_text(&arrow));
	tl_buf_release(&arrow);
}

static const char *row_in(enum tl_state state)
{
	return state == TL_CLOSE ? "no row" : tl_state_name(state);
}

void explain_arc(const struct tl_arc *arc, const struct lab_options *options, struct tl_buf *out)
{
	/* What is seen is the state that it leads to; of one that has no row, that it comes from. */
	const struct tl_entry *seen =
		tl_lexicon_state(arc->to == TL_CLOSE ? arc->from : arc->to);

	bold_arrow(out, options, arc->from, arc->to);
	tl_buf_fmt(out, ": %s %s\n\n",
		   arc->kind == TL_ARC_DRAWN ? "arrow" : "a way that the figure does not "
							 "draw,", arc->id);
	tl_text_wrap(out, arc->how, lab_prose_width(&options->style), 2);
	tl_buf_str(out, "\n");
	lab_figure(out, arc->to, &arc, 1, &options->style);
	tl_buf_str(out, "\n");
	if (arc->differs)
		labelled(out, options, "on Linux", "%s", arc->differs);
	if (arc->linux_has) {
		labelled(out, options, "before", "%s", row_in(arc->from));
		labelled(out, options, "after", "%s", row_in(arc->to));
		say_find(out, options, seen);
	}
	labelled(out, options, "source", "RFC 9293 %s", arc->section);
}

void explain_no_arc(const struct tl_arrow *arrow, const struct lab_options *options,
		    struct tl_buf *out)
{
	const struct tl_arc *path[TL_STATE_MAX];
	int n = tl_arc_path(arrow->from, arrow->to, false, path);
	struct tl_buf text = { 0 };

	bold_arrow(out, options, arrow->from, arrow->to);
	tl_buf_str(out, ": no arrow of Figure 5\n\n");
	tl_buf_fmt(&text, "No arrow leads from %s to %s, and Linux has no such way either. ",
		   tl_state_figure(arrow->from), tl_state_figure(arrow->to));
	if (arrow->from == arrow->to)
		tl_buf_str(&text, "A socket that stays in a state takes no arrow.");
	else if (n < 0)
		tl_buf_str(&text, "No socket has both states in this order.");
	else
		tl_buf_str(&text, "The most likely way goes through states in between, "
				  "perhaps too fast to be seen:");
	tl_text_wrap(out, tl_buf_text(&text), lab_prose_width(&options->style), 2);
	if (n > 0) {
		tl_buf_str(out, "\n");
		lab_figure(out, arrow->to, path, n, &options->style);
	}
	tl_buf_release(&text);
}

void explain_claim(const struct tl_plan *plan, const struct tl_claim *claim,
		   const struct lab_options *options, struct tl_buf *out)
{
	int width = lab_prose_width(&options->style);

	bold(out, options, claim->id);
	tl_buf_str(out, ": ");
	tl_claim_finding(out, claim);
	tl_buf_fmt(out, " in %s\n\n", plan->name);
	tl_text_wrap(out, claim->says, width, 2);
	if (claim->source)
		tl_buf_fmt(out, "  (%s)\n", claim->source);
	if (claim->because) {
		tl_buf_str(out, "\n");
		tl_text_wrap(out, claim->because, width, 2);
	}
	tl_buf_str(out, "\n");
	say_runs(out, options, TL_LIST(plan->name));
}

void explain_scenario(const struct tl_plan *plan, const struct lab_options *options,
		      struct tl_buf *out)
{
	struct tl_buf variants = { 0 };
	char phase[32];

	bold(out, options, plan->name);
	tl_buf_str(out, ": ");
	tl_text_hang(out, plan->title, lab_prose_width(&options->style), strlen(plan->name) + 2);
	tl_buf_str(out, "\n");
	if (plan->about) {
		tl_text_wrap(out, plan->about, lab_prose_width(&options->style), 2);
		tl_buf_str(out, "\n");
	}
	for (size_t i = 0; i < plan->n_phases; i++) {
		snprintf(phase, sizeof(phase), "phase %zu", i + 1);
		labelled(out, options, phase, "%s", plan->phases[i].title);
	}
	for (size_t i = 0; i < plan->n_variants; i++)
		tl_buf_fmt(&variants, "%s%s", i ? ", " : "", plan->variants[i]);
	if (variants.len)
		labelled(out, options, "variants", "%s", tl_buf_text(&variants));
	tl_buf_release(&variants);
	say_runs(out, options, TL_LIST(plan->name));
	labelled(out, options, "by hand", "%s step %s", lab_typed(), plan->name);
}
