/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help, out of the tables of commands and options. */
#include "lab.h"

#include <stdio.h>

#include "tcplab/text.h"

#define HELP_COLUMN 29
#define HELP_WIDTH 100

#define EXIT_STATUS                                                                          \
	"Exit status: 0 all as expected; 1 an expectation or a claim failed; 2 usage or a "  \
	"mistake in a scenario; 3 the lab itself failed; 77 cannot run on this host."

void lab_renderer_names(struct tl_buf *out, bool saved, const char *between)
{
	size_t n, begun = out->len;
	const struct tl_renderer *known = tl_renderers(&n);

	for (size_t i = 0; i < n; i++)
		if (!saved || known[i].file)
			tl_buf_fmt(out, "%s%s", out->len > begun ? between : "", known[i].name);
}

void lab_option_help(const struct lab_option *option, struct tl_buf *out)
{
	bool saved = option->letter == 'R';

	tl_buf_str(out, option->help);
	if (!saved && option->letter != 'f')
		return;
	tl_buf_str(out, ": ");
	lab_renderer_names(out, saved, ", ");
}

static void tell_options(struct tl_buf *out, const struct lab_command *command, int width)
{
	for (size_t i = 0; i < lab_n_options; i++) {
		const struct lab_option *o = &lab_option_table[i];
		struct tl_buf help = { 0 };
		char text[64];

		if (command && !lab_takes(command, o->letter))
			continue;
		snprintf(text, sizeof(text), "--%s%s%s", o->name, o->value ? "=" : "",
			 o->value ? o->value : "");
		if (o->has_letter)
			tl_buf_fmt(out, "  -%c, %-22s ", o->letter, text);
		else
			tl_buf_fmt(out, "      %-22s ", text);
		lab_option_help(o, &help);
		tl_text_hang(out, tl_buf_text(&help), width, HELP_COLUMN);
		tl_buf_release(&help);
	}
}

static void tell_commands(struct tl_buf *out, int width)
{
	for (size_t i = 0; i < lab_n_commands; i++) {
		const struct lab_command *command = &lab_commands[i];

		if (!command->help)
			continue;
		tl_buf_fmt(out, "  %-10s %-15s ", command->name, command->args);
		tl_text_hang(out, command->help, width, HELP_COLUMN);
	}
}

void lab_help(FILE *file, const struct lab_command *command)
{
	int width = lab_width(fileno(file));
	struct tl_buf out = { 0 };

	if (width > HELP_WIDTH)
		width = HELP_WIDTH;
	if (command) {
		tl_buf_fmt(&out, "usage: tcplab %s [OPTION...]%s%s\n\n", command->name,
			   command->args[0] ? " " : "", command->args);
		tl_text_wrap(&out, command->help ? command->help : "", width, 0);
		tl_buf_str(&out, "\n");
		tell_options(&out, command, width);
	} else {
		tl_buf_str(&out, "tcplab shows the states of TCP connections between real "
				 "programs.\n\nusage: tcplab COMMAND [OPTION...] [ARGUMENT...]\n\n");
		tell_commands(&out, width);
		tl_buf_str(&out, "\n");
		tell_options(&out, NULL, width);
		tl_buf_str(&out, "\n");
		tl_text_wrap(&out, EXIT_STATUS, width, 0);
	}
	fputs(tl_buf_text(&out), file);
	tl_buf_release(&out);
}
