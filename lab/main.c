/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab-lab: its commands and options, and the one that was asked for. */
#include "suite.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/actor.h"

const struct lab_command lab_commands[] = {
	{ "run", "[NAME|FILE...]", "run scenarios; redis/walkthrough when none is named",
	  "mSworRgasxyjJcqvFU", lab_run },
	{ "step", "[NAME|FILE]", "run a scenario and stop at every segment to ask what to do "
				 "with it",
	  "PmSocFU", lab_step },
	{ "learn", "", "list ten lessons in order, which are done, and which comes next", "o",
	  lab_learn },
	{ "list", "", "list the scenarios that come with tcplab, with level and time", "oJ", lab_list },
	{ "check", "FILE...", "find mistakes in scenarios without running them", "q", lab_check },
	{ "new", "NAME|FILE|-", "write a first scenario; an existing file is left alone", "",
	  lab_new },
	{ "report", "TRACE", "print the report of a saved run, as the run printed it", "fJc",
	  lab_report },
	{ "explain", "[WORD...]", "explain a state, segment, error, option, setting or arrow, in any "
				  "spelling",
	  "vc", lab_explain },
	{ "coverage", "[TRACE|DIR...]", "run all scenarios, or read saved runs, and list the arrows "
					"they have shown",
	  "oyxjmSrJcFU", lab_coverage },
	{ "book", "DIR", "write a folder of pages from the runs that are kept, with a search", "o",
	  lab_book },
	LAB_HOST_COMMANDS,
	{ "doctor", "", "say what this host allows, and what to do about what it does not", "",
	  lab_doctor },
	{ "manual", "TABLE", NULL, "", lab_manual },
};

/* The options: the letter is what getopt_long() returns and what commands list. */
const struct lab_option lab_option_table[] = {
	{ 'm', false, "mock", NULL, "let mock peers stand in for redis-server" },
	{ 'S', false, "redis", "PROGRAM", "run this server for every redis actor, such as "
	  "valkey-server" },
	{ 'w', false, "witness", "COMMAND", "record what a shell command prints at each table" },
	{ 'o', false, "out", "DIR", "use this directory for traces and reports (out)" },
	{ 'r', false, "require", NULL, "fail, and do not skip, what this host cannot run" },
	{ 'f', false, "format", "NAME", "print the report in this format" },
	{ 'R', false, "report", "NAMES", "save these reports, separated by commas (all)" },
	{ 'F', false, "unsafe-files", NULL, "let programs write to files of the host as their user can" },
	{ 'U', false, "unsafe-root", NULL, "let what root starts run as root on the host, not as "
	  "nobody" },
	{ 'g', false, "github", NULL, "write annotations and a job summary in a GitHub workflow" },
	{ 's', false, "shard", "I/N", "run the I-th of N parts of the scenarios, by name, for CI" },
	{ 'x', false, "skip", "TAG", "leave out scenarios with this tag, such as slow" },
	{ 'y', false, "only", "TAG", "run only scenarios with this tag" },
	{ 'j', true, "jobs", "N", "run N scenarios at a time (one for each processor)" },
	{ 'P', false, "predict", NULL, "ask which state comes next before showing it" },
	LAB_HOST_OPTIONS,
	{ 'v', true, "verbose", NULL, "print more: each event of a run as it happens, each arrow of "
	  "a state" },
	{ 'h', true, "help", NULL, "print this help" },
	{ 'V', false, "version", NULL, "print the version" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const size_t lab_n_commands = COUNT(lab_commands), lab_n_options = COUNT(lab_option_table);

bool lab_takes(const struct lab_command *command, char letter)
{
	return letter == 'h' || letter == 'V' || (command && strchr(command->options, letter));
}

static const struct lab_command *find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(lab_commands); i++)
		if (!strcmp(lab_commands[i].name, name))
			return &lab_commands[i];
	return NULL;
}

static int set_shard(struct lab_options *options, const char *value)
{
	int end = 0;

	if (sscanf(value, "%4u/%4u%n", &options->shard, &options->shards, &end) == 2 &&
	    !value[end] && options->shard && options->shard <= options->shards)
		return 0;
	return lab_refuse("--shard takes a part and the number of parts, as in 1/2, not \"%s\"",
			  value);
}

/* Each must be one that is saved. */
static int set_reports(struct lab_options *options, const char *names)
{
	const struct tl_renderer *known;
	struct tl_buf list = { 0 };
	size_t len = 0;
	char name[32];

	options->reports = names;
	for (; *names; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		known = tl_renderer_find(name);
		if (!known || !known->file)
			break;
	}
	if (!*names && len)
		return 0;
	lab_renderer_names(&list, true, ", ");
	lab_complain("--report does not know \"%.*s\"; it knows %s", (int)len, names,
		     tl_buf_text(&list));
	tl_buf_release(&list);
	return LAB_USAGE;
}

static int set_jobs(struct lab_options *options, const char *value)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!*value || *end || n < 1 || n > LAB_JOBS_MOST)
		return lab_refuse("--jobs takes a number from 1 to %d, not \"%s\"",
				  LAB_JOBS_MOST, value);
	options->jobs = n;
	return 0;
}

static int add_tag(const char **tags, size_t *n, const char *tag)
{
	if (!*tag)
		return lab_refuse("\"\" is not a tag");
	if (*n == LAB_TAGS)
		return lab_refuse("there can be at most %d tags", LAB_TAGS);
	tags[(*n)++] = tag;
	return 0;
}

static int add_witness(struct lab_options *options, const char *command)
{
	if (!*command)
		return lab_refuse("--witness takes a shell command, such as \"ss -tan\", "
				  "not \"\"");
	if (options->n_witness == LAB_WITNESSES)
		return lab_refuse("there can be at most %d witnesses", LAB_WITNESSES);
	options->witness[options->n_witness++] = command;
	return 0;
}

static int set_option(struct lab_options *options, int letter, const char *value)
{
	if (letter == 'o' && !*value)
		return lab_refuse("--out takes a directory, not \"\"");
	if (letter == 'S' && !*value)
		return lab_refuse("--redis takes a program, such as valkey-server");
	switch (letter) {
	case 'm': options->mock = true; break;
	case 'r': options->require = true; break;
	case 'g': options->github = true; break;
	case 'P': options->predict = true; break;
	case 'v': options->verbose = true; break;
	case 'F': options->unsafe |= 1u << TL_UNSAFE_FILES; break;
	case 'U': options->unsafe |= 1u << TL_UNSAFE_ROOT; break;
	case 'f': options->format = value; break;
	case 'o': options->out = value; break;
	case 'S': options->redis = value; break;
	case 'w': return add_witness(options, value);
	case 'R': return set_reports(options, value);
	case 's': return set_shard(options, value);
	case 'x': return add_tag(options->skip, &options->n_skip, value);
	case 'y': return add_tag(options->only, &options->n_only, value);
	case 'j': return set_jobs(options, value);
	}
	return 0;
}

static const char *option_name(int letter)
{
	for (size_t i = 0; i < COUNT(lab_option_table); i++)
		if (lab_option_table[i].letter == letter)
			return lab_option_table[i].name;
	return "";
}

/* In our own words: what is quoted is washed. @word: where getopt_long() stopped */
static void complain_of_option(int letter, const char *word)
{
	const char *name = option_name(optopt);
	char one[] = { '-', (char)optopt, '\0' };

	if (strncmp(word, "--", 2))
		word = one;
	if (letter == ':')
		lab_complain("%s needs a value; see %s --help", word, lab_typed());
	else if (optopt && *name && word != one)
		lab_complain("--%s takes no value; see %s --help", name, lab_typed());
	else
		lab_complain("there is no option \"%s\"; see %s --help", word, lab_typed());
}

/* Read the options after the command. Return: -1 to go on, else an exit status. */
static int read_options(int argc, char **argv, const struct lab_command *command,
			struct lab_options *options)
{
	struct option longs[COUNT(lab_option_table) + 1] = { 0 };
	char shorts[2 * COUNT(lab_option_table) + 2] = ":"; /* tells a value that is not there */
	size_t n_shorts = 1;
	int letter, ret;

	for (size_t i = 0; i < COUNT(lab_option_table); i++) {
		const struct lab_option *o = &lab_option_table[i];

		longs[i] = (struct option){ o->name, o->value != NULL, NULL, o->letter };
		if (!o->has_letter)
			continue;
		shorts[n_shorts++] = o->letter;
		if (o->value)
			shorts[n_shorts++] = ':';
	}
	opterr = 0;
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (letter == '?' || letter == ':') {
			complain_of_option(letter, argv[optind - 1]);
			return LAB_USAGE;
		}
		if (letter == 'h') {
			lab_help(stdout, command);
			return LAB_OK;
		}
		if (letter == 'V') {
			puts("tcplab " TCPLAB_VERSION);
			return LAB_OK;
		}
		if (!command)
			return lab_refuse("--%s must follow a command; see %s --help",
					  option_name(letter), lab_typed());
		if (!lab_takes(command, letter))
			return lab_refuse("--%s is not an option of \"%s\"; see %s %s --help",
					  option_name(letter), command->name, lab_typed(),
					  command->name);
		ret = lab_set_host_option(options, letter, optarg);
		if (ret < 0)
			ret = set_option(options, letter, optarg);
		if (ret)
			return ret;
	}
	if (options->mock && options->redis)
		return lab_refuse("--mock and --redis exclude each other: a mock peer runs no "
				  "server");
	options->args = argv + optind;
	options->n_args = argc - optind;
	return -1;
}

static int carry_out(int argc, char **argv)
{
	struct lab_options options = { .out = "out" };
	const struct lab_command *command;
	int status;

	if (argc < 2 || !strcmp(argv[1], "help")) {
		lab_help(argc < 2 ? stderr : stdout, argc > 2 ? find_command(argv[2]) : NULL);
		return argc < 2 ? LAB_USAGE : LAB_OK;
	}
	lab_set_typed(argv[0]);
	command = find_command(argv[1]);
	if (!command && argv[1][0] != '-')
		return lab_refuse("there is no command \"%s\"; see %s --help", argv[1],
				  lab_typed());
	if (command)
		argv[1] = argv[0];
	status = read_options(argc - (command != NULL), argv + (command != NULL), command,
			      &options);
	if (status >= 0)
		return status;
	if (!command) {
		lab_help(stderr, NULL);
		return LAB_USAGE;
	}
	if (!command->args[0] && options.n_args)
		return lab_refuse("%s takes no argument: leave \"%s\" out", command->name,
				  options.args[0]);
	lab_set_style(&options);
	return command->run(&options);
}

/* Is "--github" among the words, or what getopt_long() takes for it? */
static bool is_for_github(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (!strncmp(argv[i], "--g", 3))
			return true;
	return false;
}

/* Before a word is said: complaints quote what was typed, and that may come from anywhere. */
static int carry_out_for_github(int argc, char **argv)
{
	struct tl_err err;
	int status;

	if (lab_github_stop(&err))
		return lab_fail("%s", err.text);
	status = carry_out(argc, argv);
	lab_github_go_on();
	return status;
}

int main(int argc, char **argv)
{
	int status;

	if (argc == 2 && !strcmp(argv[1], TL_PEER_COMMAND))
		return tl_peer_main(3);
	if (argc > 2 && !strcmp(argv[1], TL_LAUNCHER_COMMAND))
		return tl_launcher_main(3, argv + 2);
	lab_begin();
	status = is_for_github(argc, argv) ? carry_out_for_github(argc, argv) :
					     carry_out(argc, argv);
	return lab_worse(status, lab_flush());
}
