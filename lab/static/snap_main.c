/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcplab-snap: snap, why and watch as one static program, to copy to a server that has none of
 * tcplab's libraries. It is also the quickest to start. "tcplab --help" tells what each takes.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lab.h"

static const struct {
	const char *name;
	int (*run)(const struct lab_options *options);
} commands[] = { { "snap", lab_snap }, { "why", lab_why }, { "watch", lab_watch } };

static const struct lab_option table[] = {
	LAB_HOST_OPTIONS,
	{ 'a', false, "all" },
	{ 'J', false, "json" },
	{ 'q', true, "quiet" },
	{ 'V', false, "version" },
};

#define N_OPTIONS (sizeof(table) / sizeof(*table))

static int usage(void)
{
	fputs("usage: tcplab-snap snap|why|watch [OPTION...] [FILTER...]\n", stderr);
	return LAB_USAGE;
}

int main(int argc, char **argv)
{
	struct option longs[N_OPTIONS + 1] = { 0 };
	struct lab_options options = { 0 };
	int letter, ret;

	if (argc < 2)
		return usage();
	lab_set_typed(argv[0]);
	for (size_t i = 0; i < N_OPTIONS; i++)
		longs[i] = (struct option){ table[i].name, table[i].value != NULL, NULL,
					    table[i].letter };
	while ((letter = getopt_long(argc - 1, argv + 1, "q", longs, NULL)) != -1) {
		if (letter == 'V') {
			puts("tcplab-snap " TCPLAB_VERSION);
			return LAB_OK;
		}
		if (letter == 'a') {
			options.all = true;
			continue;
		}
		ret = lab_set_host_option(&options, letter, optarg);
		if (ret)
			return ret > 0 ? usage() : LAB_USAGE;
	}
	options.args = argv + 1 + optind;
	options.n_args = argc - 1 - optind;
	options.style.width = lab_width(STDOUT_FILENO);
	options.style.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(&options);
	return usage();
}
