/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab manual: the program's tables as scdoc, for the pages in lab/man, and the words that a
 * shell completes. The help does not mention it.
 */
#include "lab.h"

#include <ctype.h>
#include <string.h>

#include "tcplab/answer.h"
#include "tcplab/lexicon.h"
#include "tcplab/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Text for scdoc, which marks up with "_" and "*". */
static void scdoc_text(struct tl_buf *out, const char *text)
{
	for (; *text; text++)
		tl_buf_fmt(out, "%s%c", strchr("_*\\`#[]|<~", *text) ? "\\" : "", *text);
}

static void scdoc_item(struct tl_buf *out, const char *name, const char *argument,
		       const char *help)
{
	tl_buf_str(out, "*");
	scdoc_text(out, name);
	tl_buf_str(out, "*");
	if (argument && *argument) {
		tl_buf_str(out, " ");
		scdoc_text(out, argument);
	}
	tl_buf_str(out, "\n\t");
	scdoc_text(out, help);
	tl_buf_str(out, "\n\n");
}

/* What a command takes: "-j, --jobs, ..." */
static void scdoc_taken(struct tl_buf *out, const struct lab_command *command)
{
	const char *between = "";

	tl_buf_str(out, "\tOptions:");
	for (size_t i = 0; i < lab_n_options; i++) {
		if (!strchr(command->options, lab_option_table[i].letter))
			continue;
		tl_buf_fmt(out, "%s *--%s*", between, lab_option_table[i].name);
		between = ",";
	}
	tl_buf_str(out, ".\n\n");
}

/* Each state with its other spellings, and the arrows between them. */
static void scdoc_theory(struct tl_buf *out)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	tl_buf_str(out, "# STATES\n\n"
			"The names are netstat's; *ss*(8) and RFC 9293 spell them "
			"differently, and all spellings are accepted. *tcplab explain* "
			"_STATE_ says more.\n\n");
	for (int i = 1; i < TL_STATE_MAX; i++) {
		const struct tl_state_info *info = tl_state_info(i);
		struct tl_buf others = { 0 };

		tl_buf_fmt(&others, "ss %s, RFC 9293 %s (%s)", info->ss, info->rfc, info->section);
		scdoc_item(out, info->name, tl_buf_text(&others), info->meaning);
		tl_buf_release(&others);
	}
	tl_buf_str(out, "# ARROWS\n\n"
			"The arrows of RFC 9293's Figure 5 are numbered from the top. The "
			"others are its notes and what Linux does in addition. *tcplab "
			"explain* _ARROW_ says more.\n\n");
	for (size_t i = 0; i < n; i++) {
		struct tl_buf text = { 0 };

		tl_buf_fmt(&text, "%s to %s: %s%s%s%s", tl_state_figure(arcs[i].from),
			   tl_state_figure(arcs[i].to), arcs[i].event,
			   arcs[i].sends[0] ? ", sends " : "", arcs[i].sends,
			   arcs[i].linux_has ? "" : " (not on Linux)");
		scdoc_item(out, arcs[i].id, NULL, tl_buf_text(&text));
		tl_buf_release(&text);
	}
}

static void scdoc_program(struct tl_buf *out)
{
	tl_buf_str(out, "# COMMANDS\n\n");
	for (size_t i = 0; i < lab_n_commands; i++) {
		const struct lab_command *command = &lab_commands[i];

		if (!command->help)
			continue;
		scdoc_item(out, command->name, command->args, command->help);
		if (command->options[0])
			scdoc_taken(out, command);
	}
	tl_buf_str(out, "# OPTIONS\n\n");
	for (size_t i = 0; i < lab_n_options; i++) {
		const struct lab_option *o = &lab_option_table[i];
		struct tl_buf name = { 0 }, help = { 0 };

		lab_option_help(o, &help);
		if (o->has_letter)
			tl_buf_fmt(&name, "-%c, ", o->letter);
		tl_buf_fmt(&name, "--%s%s%s", o->name, o->value ? "=" : "",
			   o->value ? o->value : "");
		scdoc_item(out, tl_buf_text(&name), NULL, tl_buf_text(&help));
		tl_buf_release(&help);
		tl_buf_release(&name);
	}
	scdoc_theory(out);
}

static void scdoc_reports(struct tl_buf *out)
{
	size_t n;
	const struct tl_renderer *renderers = tl_renderers(&n);

	for (size_t i = 0; i < n; i++)
		if (renderers[i].file)
			tl_buf_fmt(out, "_out/NAME/%s_\n\t%s\n\n", renderers[i].file,
				   renderers[i].help);
}

static void scdoc_scenario(struct tl_buf *out)
{
	tl_buf_str(out, "# VERBS\n\n");
	for (size_t i = 0; i < TL_N_VERBS; i++) {
		struct tl_buf help = { 0 };

		tl_buf_fmt(&help, "%s. Example: - %s", tl_verbs[i].help, tl_verbs[i].example);
		scdoc_item(out, tl_verbs[i].name, NULL, tl_buf_text(&help));
		tl_buf_release(&help);
	}
#define X(id, name, help) scdoc_item(out, name, NULL, help);
	tl_buf_str(out, "# ACTORS\n\n");
	TL_ACTOR_KINDS(X)
#undef X
#define X(id, name, of_wire, help) scdoc_item(out, name, NULL, help);
	tl_buf_str(out, "# EVIDENCE\n\n");
	TL_EVIDENCE_KINDS(X)
#undef X
#define X(id, name, help) scdoc_item(out, name, NULL, help);
	tl_buf_str(out, "# THE WIRE\n\n");
	TL_WIRE_MODES(X)
#undef X
	tl_buf_str(out, "# SEGMENTS\n\nA segment has one of these names, as in \"ACK of FIN from "
			"replica to master\". \"all\" before it means every one, and \"#2\" "
			"after it the second that comes, or, for *await*, *release* and *drop*, the "
			"second of those that are held.\n\n");
#define X(id, name, of, help) scdoc_item(out, name, NULL, help);
	TL_SEGMENT_KINDS(X)
#undef X
	tl_buf_str(out,
			"# ANSWERS\n\nThe errors that a call can be expected to fail with:");
#define X(error) tl_buf_str(out, " " #error);
	TL_ANSWERS(X)
#undef X
	tl_buf_str(out, ".\n\n");
}

static void scdoc_entry(struct tl_buf *out, const struct tl_entry *entry)
{
	struct tl_buf text = { 0 };

	tl_entry_says(&text, entry);
	scdoc_item(out, entry->name, NULL, tl_buf_text(&text));
	text.len = 0;
	tl_buf_str(out, "\tOn your host: ");
	tl_entry_commands(&text, entry, "; ");
	scdoc_text(out, tl_buf_text(&text));
	tl_buf_str(out, *entry->runs ? "\n\n\tScenarios: " : "");
	text.len = 0;
	tl_buf_list(&text, entry->runs, " ");
	scdoc_text(out, tl_buf_text(&text));
	tl_buf_release(&text);
	tl_buf_str(out, "\n\n");
}

/* The words of "explain", by topics. */
static void scdoc_lexicon(struct tl_buf *out)
{
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);

	for (int topic = 0; topic < TL_N_TOPICS; topic++) {
		tl_buf_str(out, "# ");
		for (const char *c = tl_topic_heading(topic); *c; c++)
			tl_buf_fmt(out, "%c", toupper((unsigned char)*c));
		tl_buf_str(out, "\n\n");
		for (size_t i = 0; i < n; i++)
			if ((int)entries[i].topic == topic)
				scdoc_entry(out, &entries[i]);
	}
}

/* One word for a shell: "accept-queue", and a call without its parentheses. */
static void shell_word(struct tl_buf *out, const char *name)
{
	for (; *name && *name != '('; name++)
		tl_buf_fmt(out, "%c", *name == ' ' ? '-' : *name);
	tl_buf_str(out, "\n");
}

/* What "explain" explains apart from claims and scenarios, for the completions. */
static void words(struct tl_buf *out)
{
	size_t n, n_entries;
	const struct tl_arc *arcs = tl_arcs(&n);
	const struct tl_entry *entries = tl_lexicon(&n_entries);

	for (size_t i = 0; i < n; i++)
		tl_buf_fmt(out, "%s\n", arcs[i].id);
	for (size_t i = 0; i < n_entries; i++)
		shell_word(out, entries[i].name);
}

/* What snap, why and watch can be asked about. */
static void states(struct tl_buf *out)
{
	for (int i = 1; i < TL_STATE_MAX; i++)
		tl_buf_fmt(out, "%s\n", tl_state_name(i));
}

int lab_manual(const struct lab_options *options)
{
	static const struct {
		const char *name;
		void (*print)(struct tl_buf *out);
	} made[] = {
		{ "program", scdoc_program },   /* for lab/man/tcplab.1.scd, */
		{ "reports", scdoc_reports },   /* and among its files */
		{ "scenario", scdoc_scenario }, /* for lab/man/tcplab-scenario.5.scd */
		{ "lexicon", scdoc_lexicon },   /* for lab/man/tcplab-words.7.scd */
		{ "states", states },           /* for lab/completion, */
		{ "words", words },             /* for lab/completion */
	};
	struct tl_buf out = { 0 };
	int status = LAB_USAGE;

	for (size_t i = 0; options->n_args == 1 && i < COUNT(made); i++) {
		if (strcmp(options->args[0], made[i].name))
			continue;
		made[i].print(&out);
		status = lab_print(&out);
	}
	if (status == LAB_USAGE)
		lab_complain("manual is for program, reports, scenario, lexicon or words");
	tl_buf_release(&out);
	return status;
}
