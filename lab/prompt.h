/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines from a person: edited at a terminal, with a history; from a pipe as they come. */
#ifndef TCPLAB_LAB_PROMPT_H
#define TCPLAB_LAB_PROMPT_H

#include <stdbool.h>

/*
 * prompt_open - begin to take lines from standard input
 * @line: called for each, without its end, from prompt_read(); NULL: no more will come. It may
 *   hide the prompt, show one and close.
 */
void prompt_open(void (*line)(void *arg, const char *line), void *arg);

/* prompt_is_terminal - does a person type? Then lines may come at any time. */
bool prompt_is_terminal(void);

/* prompt_read - there is something to be read */
void prompt_read(void);

/* prompt_next - a line that has been read already goes to @line. Return: was there one? */
bool prompt_next(void);

/*
 * prompt_hide - what is printed next begins a line of its own; what was typed is kept
 * prompt_show - ask, with what had been typed
 */
void prompt_hide(void);
void prompt_show(const char *prompt);

/* prompt_wake - to be called often: after a stop (Ctrl-Z) the line is there again as it was */
void prompt_wake(void);

/* prompt_close - the terminal is as it was, and what was typed ahead is gone; twice is fine */
void prompt_close(void);

#endif
