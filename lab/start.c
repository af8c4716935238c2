/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tcplab and tcplab-lab do alike: the streams, the style, the options that both read. */
#include "lab.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Whatever is opened next must not become a standard stream because one was closed. What is
 * printed to one that was closed fails, as it would have, and is an error.
 */
static void open_standard_streams(void)
{
	static const int modes[] = {
		[STDIN_FILENO] = O_RDONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_WRONLY,
	};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			_exit(LAB_ERROR);
}

void lab_begin(void)
{
	open_standard_streams();
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error, not the end */
}

volatile sig_atomic_t lab_interrupts;

static void on_interrupt(int signum)
{
	(void)signum;
	lab_interrupts++;
}

void lab_count_interrupts(sigset_t *before)
{
	const struct sigaction action = { .sa_handler = on_interrupt };
	sigset_t block;

	lab_interrupts = 0;
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Does the locale have UTF-8? The first of the variables that is set decides, as in locale(7). */
static bool has_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return false;
}

/* How wide and how colourful: a terminal decides for itself, a pipe gets 80 plain columns. */
void lab_set_style(struct lab_options *options)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = isatty(STDOUT_FILENO);

	options->style.width = lab_width(STDOUT_FILENO);
	options->style.ascii = !has_utf8();
	options->style.program = lab_typed();
	options->style.color = options->color_always ||
			       (!options->color_never && terminal &&
				!(no_color && *no_color) && !(term && !strcmp(term, "dumb")));
}

static int set_color(struct lab_options *options, const char *when)
{
	options->color_always = !strcmp(when, "always");
	options->color_never = !strcmp(when, "never");
	if (options->color_always || options->color_never || !strcmp(when, "auto"))
		return 0;
	return lab_refuse("--color takes auto, always or never, not \"%s\"", when);
}

static int set_pid(struct lab_options *options, const char *value)
{
	char *end;
	long pid = strtol(value, &end, 10);

	if (!*value || *end || pid < 1 || pid > INT_MAX)
		return lab_refuse("--pid takes the number of a process, not \"%s\"", value);
	options->pid = pid;
	return 0;
}

int lab_set_host_option(struct lab_options *options, int letter, const char *value)
{
	switch (letter) {
	case 't': options->rows = true; break;
	case 'L': options->listen = true; break;
	case 'B': options->bare = true; break;
	case 'a': options->all = true; break;
	case 'J': options->json = true; break;
	case 'q': options->quiet = true; break;
	case 'e': options->every = value; break;
	case 'D': options->for_time = value; break;
	case 'i': options->fail_if = value; break;
	case 'M': options->metrics = value; break;
	case 'k': options->record = value; break;
	case 'p': return set_pid(options, value);
	case 'c': return set_color(options, value);
	default: return -1;
	}
	return 0;
}

/* An error before a failure before a skip. */
int lab_worse(int a, int b)
{
	static const int order[] = { LAB_ERROR, LAB_USAGE, LAB_FAILED, LAB_UNSUPPORTED };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return LAB_OK;
}
