/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab explain: what a state means, who enters it and how, and its four names. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

#include "tcplab/state.h"

static void bold(struct tl_buf *out, const struct lab_options *options, const char *text)
{
	tl_buf_fmt(out, options->style.color ? "\033[1m%s\033[0m" : "%s", text);
}

/* Text of paragraphs divided by blank lines, wrapped and indented. */
static void wrap(struct tl_buf *out, const char *text, int width, int indent)
{
	int column = 0;

	while (*text) {
		int word = strcspn(text, " \n");

		if (column && column + 1 + word > width) {
			tl_buf_str(out, "\n");
			column = 0;
		}
		if (word) {
			tl_buf_pad(out, ' ', column ? 1 : indent);
			column += column ? 1 : indent;
			tl_buf_add(out, text, word);
			column += word;
		}
		text += word;
		if (!strncmp(text, "\n\n", 2)) {
			tl_buf_str(out, "\n\n");
			column = 0;
			text += 2;
		} else if (*text) {
			text++;
		}
	}
	tl_buf_str(out, "\n");
}

/* The arcs into a state, or those out of it. */
static void list_arcs(struct tl_buf *out, enum tl_state state, bool into)
{
	size_t n;
	const struct tl_arc *arcs = tl_arcs(&n);

	for (size_t i = 0; i < n; i++) {
		if ((into ? arcs[i].to : arcs[i].from) != state)
			continue;
		tl_buf_fmt(out, "  %-3s %-4s %-12s %s",
			   arcs[i].kind == TL_ARC_DRAWN ? arcs[i].id : "-", into ? "from" : "to",
			   tl_state_name(into ? arcs[i].from : arcs[i].to), arcs[i].event);
		if (arcs[i].sends[0])
			tl_buf_fmt(out, ", sends %s", arcs[i].sends);
		if (!arcs[i].linux_has)
			tl_buf_str(out, " (not on Linux)");
		tl_buf_str(out, "\n");
	}
}

static void explain(const struct tl_state_info *info, const struct lab_options *options,
		    struct tl_buf *out)
{
	int width = options->style.width < 80 ? options->style.width : 80;

	bold(out, options, info->name);
	tl_buf_fmt(out, ": %s\n\n", info->meaning);
	wrap(out, info->story, width, 2);
	tl_buf_str(out, "\n");
	bold(out, options, "How it is entered");
	tl_buf_str(out, " (numbered as the arrows of RFC 9293, Figure 5, from the top)\n");
	list_arcs(out, info->state, true);
	tl_buf_str(out, "\n");
	bold(out, options, "How it is left");
	tl_buf_str(out, "\n");
	list_arcs(out, info->state, false);
	tl_buf_str(out, "\n");
	bold(out, options, "What it is called");
	tl_buf_fmt(out, "\n  netstat %s · ss %s · RFC 9293 %s (section %s) · also %s\n", info->name,
		   info->ss, info->rfc, info->section, info->post);
}

/* In the order a connection goes through them, the active closer's way first. */
static const enum tl_state way[] = {
	TL_CLOSE,     TL_LISTEN,  TL_SYN_SENT,	TL_SYN_RECV,   TL_ESTABLISHED, TL_FIN_WAIT1,
	TL_FIN_WAIT2, TL_CLOSING, TL_TIME_WAIT, TL_CLOSE_WAIT, TL_LAST_ACK,
};

static void list_states(struct tl_buf *out)
{
	tl_buf_fmt(out, "%-12s %-11s %-13s %s\n", "netstat", "ss", "RFC 9293", "what it means");
	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++) {
		const struct tl_state_info *info = tl_state_info(way[i]);

		tl_buf_fmt(out, "%-12s %-11s %-13s %s\n", info->name, info->ss, info->rfc,
			   info->meaning);
	}
	tl_buf_str(out, "\n\"tcplab explain STATE\" tells the whole story; any spelling will do.\n");
}

int lab_explain(const struct lab_options *options)
{
	struct tl_buf out = { 0 };
	int status;

	if (!options->n_args)
		list_states(&out);
	for (int i = 0; i < options->n_args; i++) {
		enum tl_state state =
			tl_state_parse(options->args[i], strlen(options->args[i]));

		if (!state) {
			lab_complain("\"%s\" is no state of TCP; \"tcplab explain\" lists them",
				     options->args[i]);
			tl_buf_release(&out);
			return LAB_USAGE;
		}
		if (i)
			tl_buf_str(&out, "\n");
		explain(tl_state_info(state), options, &out);
	}
	status = lab_print(&out);
	tl_buf_release(&out);
	return status;
}
