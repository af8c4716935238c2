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

static const struct option longs[] = {
	{ "rows", no_argument, NULL, 't' },	      { "listen", no_argument, NULL, 'L' },
	{ "bare", no_argument, NULL, 'B' },	      { "json", no_argument, NULL, 'J' },
	{ "pid", required_argument, NULL, 'p' },      { "every", required_argument, NULL, 'e' },
	{ "for", required_argument, NULL, 'D' },      { "fail-if", required_argument, NULL, 'i' },
	{ "metrics", required_argument, NULL, 'M' },  { "quiet", no_argument, NULL, 'q' },
	{ "record", required_argument, NULL, 'k' },   { "version", no_argument, NULL, 'V' },
	{ 0 },
};

static bool set_option(struct lab_options *options, int letter)
{
	char *rest;

	switch (letter) {
	case 't': options->rows = true; break;
	case 'L': options->listen = true; break;
	case 'B': options->bare = true; break;
	case 'J': options->json = true; break;
	case 'q': options->quiet = true; break;
	case 'e': options->every = optarg; break;
	case 'D': options->for_time = optarg; break;
	case 'i': options->fail_if = optarg; break;
	case 'M': options->metrics = optarg; break;
	case 'k': options->record = optarg; break;
	case 'p':
		options->pid = strtol(optarg, &rest, 10);
		return options->pid > 0 && !*rest;
	default:
		return false;
	}
	return true;
}

static int usage(void)
{
	fputs("usage: tcplab-snap snap|why|watch [OPTION...] [FILTER...]\n", stderr);
	return LAB_USAGE;
}

int main(int argc, char **argv)
{
	struct lab_options options = { 0 };
	int letter;

	if (argc < 2)
		return usage();
	while ((letter = getopt_long(argc - 1, argv + 1, "q", longs, NULL)) != -1) {
		if (letter == 'V') {
			puts("tcplab-snap " TCPLAB_VERSION);
			return LAB_OK;
		}
		if (!set_option(&options, letter))
			return usage();
	}
	options.args = argv + 1 + optind;
	options.n_args = argc - 1 - optind;
	options.style.width = lab_width(STDOUT_FILENO);
	options.style.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	lab_set_typed(argv[0]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(&options);
	return usage();
}
