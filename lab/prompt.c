/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines from a person, by libedit; or from a pipe, where a line waits until it is asked for. */
#include "prompt.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <editline/readline.h>

/* No command is that long. */
#define LONGEST 256

/* There is one standard input, and libedit's callback has no argument. */
static struct {
	void (*line)(void *arg, const char *line);
	void *arg;
	bool terminal;
	bool shown;         /* TERMINAL: libedit has the line */
	bool dumb;          /* TERMINAL: it cannot take a line back */
	bool touched;       /* SHOWN: a key has come; before that libedit has the last line still */
	struct termios usual; /* TERMINAL: as it was before */
	const char *prompt; /* SHOWN: which (static) */
	char typed[LONGEST]; /* TERMINAL: and had, before it was hidden */
	char text[LONGEST]; /* else: read, not asked for yet */
	size_t len;
} p;

static volatile sig_atomic_t woken;

/* Ctrl-Z, Ctrl-\\: the shell gets the terminal as it was. libedit has changed it. */
static void on_leave(int signum)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &p.usual);
	if (signum == SIGQUIT)
		signal(SIGQUIT, SIG_DFL);
	raise(signum == SIGQUIT ? SIGQUIT : SIGSTOP);
}

/* What is typed while libedit does not have the line is shown by it, when it has: not twice. */
static void be_quiet(void)
{
	struct termios quiet = p.usual;

	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
}

static void on_continue(int signum)
{
	(void)signum;
	woken = 1;
}

static void handle(int signum, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };

	sigaction(signum, &action, NULL);
}

void prompt_open(void (*line)(void *arg, const char *line), void *arg)
{
	const char *term = getenv("TERM");

	memset(&p, 0, sizeof(p));
	p.line = line;
	p.arg = arg;
	p.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (!p.terminal)
		return;
	p.dumb = !term || !strcmp(term, "dumb");
	tcgetattr(STDIN_FILENO, &p.usual);
	handle(SIGTSTP, on_leave);
	handle(SIGQUIT, on_leave);
	handle(SIGCONT, on_continue);
	rl_readline_name = "tcplab";
	/* its handlers call fflush(), which one that is interrupted waits for, for ever */
	rl_catch_signals = 0;
	rl_initialize();
	rl_parse_and_bind("setty -echo"); /* of editrc(5): for when it does not have the line */
	be_quiet();
	using_history();
}

bool prompt_is_terminal(void)
{
	return p.terminal;
}

/* libedit has read a line; NULL: the end. */
static void take_line(char *line)
{
	rl_callback_handler_remove();
	p.shown = false;
	if (!line)
		putchar('\n');
	else if (*line)
		add_history(line);
	p.line(p.arg, line);
	free(line);
}

void prompt_hide(void)
{
	if (!p.shown)
		return;
	snprintf(p.typed, sizeof(p.typed), "%s", p.touched && rl_line_buffer ? rl_line_buffer : "");
	rl_callback_handler_remove();
	p.shown = false;
	if (!p.dumb)
		fputs("\r\033[K", stdout);
	else if (*p.prompt || *p.typed)
		putchar('\n');
}

void prompt_show(const char *prompt)
{
	if (!p.terminal) {
		fputs(prompt, stdout);
		fflush(stdout);
		return;
	}
	if (!p.line || (p.shown && p.prompt == prompt))
		return;
	prompt_hide();
	fflush(stdout);
	rl_callback_handler_install(prompt, take_line);
	p.prompt = prompt;
	p.shown = true;
	p.touched = *p.typed;
	if (*p.typed) {
		rl_insert_text(p.typed);
		rl_forced_update_display();
	}
	*p.typed = '\0';
}

void prompt_wake(void)
{
	const char *prompt = p.prompt;

	if (!woken)
		return;
	woken = 0;
	if (!p.shown) {
		if (p.terminal && p.line)
			be_quiet();
		return;
	}
	prompt_hide();
	prompt_show(prompt);
}

bool prompt_next(void)
{
	char line[LONGEST], *newline = memchr(p.text, '\n', p.len);
	size_t n = newline ? newline + 1 - p.text : 0;

	if (!newline || !p.line)
		return false;
	memcpy(line, p.text, n);
	line[n - 1] = '\0';
	p.len -= n;
	memmove(p.text, p.text + n, p.len);
	p.line(p.arg, line);
	return true;
}

void prompt_read(void)
{
	ssize_t n;

	if (p.terminal) {
		if (!p.shown)
			prompt_show("");
		p.touched = true;
		rl_callback_read_char();
		return;
	}
	if (p.len == sizeof(p.text))
		p.len = 0;
	n = read(STDIN_FILENO, p.text + p.len, sizeof(p.text) - p.len);
	if (n <= 0)
		p.line(p.arg, NULL);
	else
		p.len += n;
}

void prompt_close(void)
{
	if (p.shown)
		rl_callback_handler_remove();
	p.shown = false;
	if (p.terminal && p.line) {
		tcflush(STDIN_FILENO, TCIFLUSH);
		tcsetattr(STDIN_FILENO, TCSANOW, &p.usual);
		handle(SIGTSTP, SIG_DFL);
		handle(SIGQUIT, SIG_DFL);
		handle(SIGCONT, SIG_DFL);
	}
	p.line = NULL;
}
