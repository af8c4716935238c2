/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab completion: what completes tcplab's words in a shell, made from the tables that the
 * program itself goes by; and, for the manual, the same tables as scdoc.
 */
#include "lab.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/answer.h"
#include "tcplab/state.h"

/* What an option's value, or a command's argument, can be. */
enum words { WORDS_ANY, WORDS_FILES, WORDS_DIRS, WORDS_FIXED, WORDS_COMMAS, WORDS_SCENARIOS };

struct source {
	const char *name;   /* of the option or the command */
	enum words words;
	void (*list)(struct tl_buf *out); /* FIXED, COMMAS: each with a blank before it */
};

static void list_formats(struct tl_buf *out)
{
	tl_buf_str(out, " ");
	lab_renderer_names(out, false, " ");
}

static void list_reports(struct tl_buf *out)
{
	tl_buf_str(out, " ");
	lab_renderer_names(out, true, " ");
}

static void list_colors(struct tl_buf *out)
{
	tl_buf_str(out, " auto always never");
}

static void list_tags(struct tl_buf *out)
{
	tl_buf_str(out, " " LAB_TAG_SLOW);
}

static void list_servers(struct tl_buf *out)
{
	tl_buf_str(out, " redis-server valkey-server");
}

static void list_explained(struct tl_buf *out)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (int i = 1; i < TL_STATE_MAX; i++)
		tl_buf_fmt(out, " %s", tl_state_name(i));
	for (size_t i = 0; i < n; i++)
		tl_buf_fmt(out, " %s", arcs[i].id);
}

static void list_shells(struct tl_buf *out)
{
	tl_buf_str(out, " bash zsh fish");
}

static const struct source option_words[] = {
	{ "out", WORDS_DIRS, NULL },
	{ "format", WORDS_FIXED, list_formats },
	{ "report", WORDS_COMMAS, list_reports },
	{ "skip", WORDS_FIXED, list_tags },
	{ "only", WORDS_FIXED, list_tags },
	{ "color", WORDS_FIXED, list_colors },
	{ "redis", WORDS_FIXED, list_servers },
};

static const struct source command_words[] = {
	{ "run", WORDS_SCENARIOS, NULL },      { "step", WORDS_SCENARIOS, NULL },
	{ "check", WORDS_FILES, NULL },        { "report", WORDS_FILES, NULL },
	{ "coverage", WORDS_FILES, NULL },     { "explain", WORDS_FIXED, list_explained },
	{ "completion", WORDS_FIXED, list_shells },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct source find(const struct source *of, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(of[i].name, name))
			return of[i];
	return (struct source){ name, WORDS_ANY, NULL };
}

/* The options of a command, one after the other; NULL after the last. */
static const struct lab_option *next_option(const struct lab_command *command, size_t *at)
{
	size_t n;
	const struct lab_option *options = lab_option_table(&n);

	while (*at < n) {
		const struct lab_option *o = &options[(*at)++];

		if (lab_takes(command, o->letter))
			return o;
	}
	return NULL;
}

static void bash_command(struct tl_buf *out, const struct lab_command *command)
{
	struct source args = find(command_words, COUNT(command_words), command->name);
	const struct lab_option *o;

	tl_buf_fmt(out, "\t%s)\n\t\toptions=\"", command->name);
	for (size_t at = 0; (o = next_option(command, &at));)
		tl_buf_fmt(out, "%s--%s%s", at > 1 ? " " : "", o->name, o->value ? "=" : "");
	tl_buf_str(out, "\"\n");
	if (args.words == WORDS_FIXED) {
		tl_buf_str(out, "\t\twords=\"");
		args.list(out);
		tl_buf_str(out, "\"\n");
	} else if (args.words == WORDS_SCENARIOS) {
		tl_buf_str(out, "\t\twords=$(tcplab list 2>/dev/null | sed 's/ .*//')\n"
				"\t\tfiles='!*.yaml'\n");
	} else if (args.words == WORDS_FILES) {
		tl_buf_str(out, "\t\tfiles='!*'\n");
	}
	tl_buf_str(out, "\t\t;;\n");
}

static void bash(struct tl_buf *out)
{
	size_t n;
	const struct lab_command *commands = lab_commands(&n);

	tl_buf_str(out,
		   "# bash completion for tcplab, made by \"tcplab completion bash\"\n"
		   "_tcplab()\n{\n"
		   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} opt='' before='' options='' words='' files=''\n\n"
		   "\tCOMPREPLY=()\n"
		   "\t# readline takes \"=\" for a word of its own\n"
		   "\tcase $cur in\n"
		   "\t=) opt=${COMP_WORDS[COMP_CWORD-1]} cur= ;;\n"
		   "\t*) opt=${COMP_WORDS[COMP_CWORD-1]}\n"
		   "\t   [ \"$opt\" != = ] || opt=${COMP_WORDS[COMP_CWORD-2]} ;;\n"
		   "\tesac\n\tcase $opt in\n");
	for (size_t i = 0; i < COUNT(option_words); i++) {
		tl_buf_fmt(out, "\t--%s)\n", option_words[i].name);
		if (option_words[i].words == WORDS_COMMAS)
			tl_buf_str(out, "\t\tcase $cur in *,*) before=${cur%,*}, ;; esac\n");
		if (option_words[i].list) {
			tl_buf_str(out, "\t\tCOMPREPLY=($(compgen -P \"$before\" -W \"");
			option_words[i].list(out);
			tl_buf_str(out, "\" -- \"${cur#\"$before\"}\"))\n");
		} else {
			tl_buf_str(out, "\t\tcompopt -o filenames\n"
					"\t\tCOMPREPLY=($(compgen -d -- \"$cur\"))\n");
		}
		tl_buf_str(out, "\t\treturn\n\t\t;;\n");
	}
	tl_buf_str(out, "\tesac\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
			"\t\tCOMPREPLY=($(compgen -W \"");
	for (size_t i = 0; i < n; i++)
		tl_buf_fmt(out, "%s%s", i ? " " : "", commands[i].name);
	tl_buf_str(out, " --help --version\" -- \"$cur\"))\n\t\treturn\n\tfi\n"
			"\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < n; i++)
		bash_command(out, &commands[i]);
	tl_buf_str(out, "\tesac\n\tcase $cur in\n"
			"\t-*)\n\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
			"\t\t[[ ${COMPREPLY-} != *= ]] || compopt -o nospace\n\t\t;;\n"
			"\t*)\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
			"\t\t[ -n \"$files\" ] || return\n"
			"\t\t# not for all: it has the \"=\" of an option escaped\n"
			"\t\tcompopt -o filenames\n"
			"\t\tCOMPREPLY+=($(compgen -f -X \"$files\" -- \"$cur\")"
			" $(compgen -d -- \"$cur\"))\n\t\t;;\n"
			"\tesac\n}\ncomplete -F _tcplab tcplab\n");
}

/* In single quotes, for zsh's _arguments and for fish. */
static void quote(struct tl_buf *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			tl_buf_str(out, "'\\''");
		else
			tl_buf_fmt(out, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
	}
}

static void quote_help(struct tl_buf *out, const struct lab_option *o, const char *escaped)
{
	struct tl_buf help = { 0 };

	lab_option_help(o, &help);
	quote(out, tl_buf_text(&help), escaped);
	tl_buf_release(&help);
}

static void zsh_action(struct tl_buf *out, struct source source)
{
	switch (source.words) {
	case WORDS_ANY:
		break;
	case WORDS_FILES:
		tl_buf_str(out, "_files");
		break;
	case WORDS_DIRS:
		tl_buf_str(out, "_files -/");
		break;
	case WORDS_FIXED:
		tl_buf_str(out, "(");
		source.list(out);
		tl_buf_str(out, ")");
		break;
	case WORDS_COMMAS:
		tl_buf_str(out, "_sequence compadd -");
		source.list(out);
		break;
	case WORDS_SCENARIOS:
		tl_buf_str(out, "_tcplab_scenarios");
		break;
	}
}

static void zsh_command(struct tl_buf *out, const struct lab_command *command)
{
	const struct lab_option *o;

	tl_buf_fmt(out, "\t%s)\n\t\t_arguments \\\n", command->name);
	for (size_t at = 0; (o = next_option(command, &at));) {
		if (o->has_letter)
			tl_buf_fmt(out, "\t\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name,
				   o->letter, o->value ? "+" : "", o->name, o->value ? "=" : "");
		else
			tl_buf_fmt(out, "\t\t\t'--%s%s[", o->name, o->value ? "=" : "");
		quote_help(out, o, "[]:");
		tl_buf_str(out, "]");
		if (o->value) {
			tl_buf_fmt(out, ":%s:", o->value);
			zsh_action(out, find(option_words, COUNT(option_words), o->name));
		}
		tl_buf_str(out, "' \\\n");
	}
	tl_buf_str(out, "\t\t\t'*:argument:");
	zsh_action(out, find(command_words, COUNT(command_words), command->name));
	tl_buf_str(out, "'\n\t\t;;\n");
}

static void zsh(struct tl_buf *out)
{
	size_t n;
	const struct lab_command *commands = lab_commands(&n);

	tl_buf_str(out, "#compdef tcplab\n"
			"# made by \"tcplab completion zsh\"\n\n"
			"_tcplab_scenarios() {\n"
			"\tcompadd -- ${${(f)\"$(tcplab list 2>/dev/null)\"}%% *}\n"
			"\t_files -g '*.yaml'\n}\n\n"
			"_tcplab() {\n\tif (( CURRENT == 2 )); then\n\t\tlocal -a commands=(\n");
	for (size_t i = 0; i < n; i++) {
		tl_buf_fmt(out, "\t\t\t'%s:", commands[i].name);
		quote(out, commands[i].help, ":");
		tl_buf_str(out, "'\n");
	}
	tl_buf_str(out, "\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
			"\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n"
			"\tcase $command in\n");
	for (size_t i = 0; i < n; i++)
		zsh_command(out, &commands[i]);
	tl_buf_str(out, "\tesac\n}\n\n_tcplab \"$@\"\n");
}

static void fish_words(struct tl_buf *out, struct source source)
{
	switch (source.words) {
	case WORDS_ANY:
		tl_buf_str(out, " -f");
		break;
	case WORDS_FILES:
		tl_buf_str(out, " -F");
		break;
	case WORDS_DIRS:
		tl_buf_str(out, " -f -a '(__fish_complete_directories)'");
		break;
	case WORDS_FIXED:
		tl_buf_str(out, " -f -a '");
		source.list(out);
		tl_buf_str(out, "'");
		break;
	case WORDS_COMMAS:
		tl_buf_str(out, " -f -a '(__fish_complete_list , \"printf %s\\\\n");
		source.list(out);
		tl_buf_str(out, "\")'");
		break;
	case WORDS_SCENARIOS:
		tl_buf_str(out, " -F -a \"(tcplab list 2>/dev/null | string replace -r ' .*' '')\"");
		break;
	}
}

static void fish(struct tl_buf *out)
{
	size_t n;
	const struct lab_command *commands = lab_commands(&n);

	tl_buf_str(out, "# made by \"tcplab completion fish\"\n");
	for (size_t i = 0; i < n; i++) {
		tl_buf_fmt(out, "complete -c tcplab -n __fish_use_subcommand -f -a %s -d '",
			   commands[i].name);
		quote(out, commands[i].help, "");
		tl_buf_str(out, "'\n");
	}
	for (size_t i = 0; i < n; i++) {
		const char *name = commands[i].name;
		const struct lab_option *o;

		tl_buf_fmt(out, "complete -c tcplab -n '__fish_seen_subcommand_from %s'", name);
		fish_words(out, find(command_words, COUNT(command_words), name));
		tl_buf_str(out, "\n");
		for (size_t at = 0; (o = next_option(&commands[i], &at));) {
			tl_buf_fmt(out,
				   "complete -c tcplab -n '__fish_seen_subcommand_from %s' -l %s",
				   name, o->name);
			if (o->has_letter)
				tl_buf_fmt(out, " -s %c", o->letter);
			if (o->value) {
				tl_buf_str(out, " -r");
				fish_words(out, find(option_words, COUNT(option_words), o->name));
			}
			tl_buf_str(out, " -d '");
			quote_help(out, o, "");
			tl_buf_str(out, "'\n");
		}
	}
}

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
	const struct lab_option *o;

	tl_buf_str(out, "\tOptions:");
	for (size_t at = 0, n = 0; (o = next_option(command, &at)); n++)
		if (o->letter != 'h' && o->letter != 'V')
			tl_buf_fmt(out, "%s *--%s*", n ? "," : "", o->name);
	tl_buf_str(out, ".\n\n");
}

/* Each state with its other spellings, and the arcs between them. */
static void scdoc_theory(struct tl_buf *out)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	tl_buf_str(out, "# STATES\n\nAs *netstat*(8), *ss*(8) and RFC 9293 spell them; all "
			"spellings are read. *tcplab explain* _STATE_ tells more.\n\n");
	for (int i = 1; i < TL_STATE_MAX; i++) {
		const struct tl_state_info *info = tl_state_info(i);
		struct tl_buf others = { 0 };

		tl_buf_fmt(&others, "ss %s, RFC 9293 %s (%s)", info->ss, info->rfc, info->section);
		scdoc_item(out, info->name, tl_buf_text(&others), info->meaning);
		tl_buf_release(&others);
	}
	tl_buf_str(out, "# ARROWS\n\nOf RFC 9293's Figure 5, from the top, its notes, and what Linux "
			"does beside them; *tcplab explain* _ARROW_ tells more.\n\n");
	for (size_t i = 0; i < n; i++) {
		struct tl_buf text = { 0 };

		tl_buf_fmt(&text, "%s to %s: %s%s%s%s", tl_state_name(arcs[i].from),
			   tl_state_name(arcs[i].to), arcs[i].event,
			   arcs[i].sends[0] ? ", sends " : "", arcs[i].sends,
			   arcs[i].linux_has ? "" : " (not on Linux)");
		scdoc_item(out, arcs[i].id, NULL, tl_buf_text(&text));
		tl_buf_release(&text);
	}
}

static void scdoc_program(struct tl_buf *out)
{
	size_t n_commands, n_options;
	const struct lab_command *commands = lab_commands(&n_commands);
	const struct lab_option *options = lab_option_table(&n_options);

	tl_buf_str(out, "# COMMANDS\n\n");
	for (size_t i = 0; i < n_commands; i++) {
		scdoc_item(out, commands[i].name, commands[i].args, commands[i].help);
		if (commands[i].options[0])
			scdoc_taken(out, &commands[i]);
	}
	tl_buf_str(out, "# OPTIONS\n\n");
	for (size_t i = 0; i < n_options; i++) {
		const struct lab_option *o = &options[i];
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
	for (size_t i = 0; i < TL_N_VERBS; i++)
		scdoc_item(out, tl_verbs[i].name, NULL, tl_verbs[i].help);
#define X(id, name, help) scdoc_item(out, name, NULL, help);
	tl_buf_str(out, "# ACTORS\n\n");
	TL_ACTOR_KINDS(X)
	tl_buf_str(out, "# EVIDENCE\n\n");
	TL_EVIDENCE_KINDS(X)
	tl_buf_str(out, "# THE WIRE\n\n");
	TL_WIRE_MODES(X)
#undef X
	tl_buf_str(out, "# SEGMENTS\n\nA segment has one of these names, as in \"ACK of FIN from "
			"replica to master\". \"all\" before it means every one, and \"#2\" "
			"behind it the second that comes.\n\n");
#define X(id, name, of, help) scdoc_item(out, name, NULL, help);
	TL_SEGMENT_KINDS(X)
#undef X
	tl_buf_str(out,
			"# ANSWERS\n\nWhat a call can be expected to answer with:");
#define X(error) tl_buf_str(out, " " #error);
	TL_ANSWERS(X)
#undef X
	tl_buf_str(out, ".\n\n");
}

int lab_completion(const struct lab_options *options)
{
	static const struct {
		const char *name;
		void (*print)(struct tl_buf *out);
	} made[] = {
		{ "bash", bash },
		{ "zsh", zsh },
		{ "fish", fish },
		{ "scdoc-program", scdoc_program },   /* for lab/man/tcplab.1.scd, */
		{ "scdoc-reports", scdoc_reports },   /* and among its files */
		{ "scdoc-scenario", scdoc_scenario }, /* for lab/man/tcplab-scenario.5.scd */
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
		lab_complain("completion is for bash, zsh or fish");
	tl_buf_release(&out);
	return status;
}
