/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that is typed. It carries out snap, why and watch itself, without a library to load:
 * they start at once, and this one file can be copied to a server. Whatever else is typed is for
 * tcplab-lab, whose libraries take longer to load than the kernel to tell its sockets.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lab.h"

static const struct lab_command commands[] = { LAB_HOST_COMMANDS };

static const struct lab_option table[] = { LAB_HOST_OPTIONS };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Seen from the directory of this program: a source tree's build/, an installation's bin/. */
static const char *const places[] = { "tcplab-lab", "../libexec/tcplab-lab" };

static const struct lab_command *find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Return: -1 to go on, else an exit status; *@strange where it is not for this program to read. */
static int read_options(int argc, char **argv, const struct lab_command *command,
			struct lab_options *options, bool *strange)
{
	struct option longs[COUNT(table) + 1] = { 0 };
	int letter;

	for (size_t i = 0; i < COUNT(table); i++)
		longs[i] = (struct option){ table[i].name, table[i].value != NULL, NULL,
					    table[i].letter };
	opterr = 0;
	*strange = false;
	while ((letter = getopt_long(argc, argv, "q", longs, NULL)) != -1) {
		*strange = !strchr(command->options, letter);
		if (*strange)
			return -1;
		if (lab_set_host_option(options, letter, optarg))
			return LAB_USAGE;
	}
	options->args = argv + optind;
	options->n_args = argc - optind;
	return -1;
}

/* Help, complaints and all other commands. */
static int run_lab(char **argv)
{
	char exe[PATH_MAX], path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	exe[n < 0 ? 0 : n] = '\0';
	slash = strrchr(exe, '/');
	for (size_t i = 0; slash && i < COUNT(places); i++) {
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - exe), exe, places[i]);
		execv(path, argv);
	}
	return lab_fail("snap, why and watch are all that this copy has: there is no tcplab-lab "
			"beside it, which has the other commands, --help and --version");
}

int main(int argc, char **argv)
{
	const struct lab_command *command = argc > 1 ? find_command(argv[1]) : NULL;
	struct lab_options options = { 0 };
	char **words = NULL; /* getopt_long() moves them about */
	bool strange = true;
	int status = LAB_ERROR;

	lab_set_typed(argv[0]);
	if (command)
		words = calloc(argc + 1, sizeof(*words));
	if (words) {
		memcpy(words, argv, argc * sizeof(*words));
		status = read_options(argc - 1, words + 1, command, &options, &strange);
	}
	if (strange) {
		status = run_lab(argv);
	} else if (status < 0) {
		lab_begin();
		lab_set_style(&options);
		status = lab_worse(command->run(&options), lab_flush());
	}
	free(words);
	return status;
}
