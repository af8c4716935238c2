/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the words that people meet with TCP, each explained in three sentences. */
#ifndef TCPLAB_LEXICON_H
#define TCPLAB_LEXICON_H

#include <stdbool.h>
#include <stddef.h>

#include "tcplab/word_list.h"
#include "tcplab/state.h"

/* What a word stands for. X(identifier, a noun for it, their heading) */
#define TL_TOPICS(X)                                                                         \
	X(STATE, "a state", "States")                                                        \
	X(SEGMENT, "a segment", "Segments")                                                  \
	X(ERROR, "what a call answers", "What calls answer")                                 \
	X(TERM, "a term", "Terms")                                                           \
	X(OPTION, "a socket option", "Socket options")                                       \
	X(CALL, "a call", "Calls")                                                           \
	X(SETTING, "a setting of Linux", "Settings of Linux")                                \
	X(COUNTER, "a counter of Linux", "Counters of Linux")

enum tl_topic {
#define X(id, noun, heading) TL_TOPIC_##id,
	TL_TOPICS(X)
#undef X
	TL_N_TOPICS,
};

/* tl_topic_noun - "a socket option"; tl_topic_heading - "Socket options" */
const char *tl_topic_noun(enum tl_topic topic);
const char *tl_topic_heading(enum tl_topic topic);

/* TL_ARCS(TL_ARC_ID_1, TL_ARC_ID_X2) - a list of arrows; TL_N_ARCS ends it */
#define TL_ARCS(...) (const enum tl_arc_id[]){ __VA_ARGS__, TL_N_ARCS }

/*
 * One word: a row of src/core/lexicon/. Static; all strings borrowed. Lists are word_list.h's. NULL
 * where there is nothing to say, but @name, @also, @gist, @more, @ss, @find, @runs, @source and
 * one of @row and @netstat always stand.
 */
struct tl_entry {
	const char *name;    /* as it is shown: "Recv-Q", "ECONNREFUSED" */
	enum tl_topic topic;
	const char *message; /* ERROR: what strerror() makes of it */
	const char *const *also; /* what else people type */
	const char *gist;    /* what it is, in a sentence */
	const char *more;    /* two more */
	const char *row;     /* what it looks like in netstat: a row of its table, */
	const char *netstat; /* or in words */
	const char *ss;      /* and there */
	const char *const *find; /* the commands that find it on one's own host, or */
	const char *own;     /* what follows "tcplab" there */
	const char *why;     /* "tcplab why" takes this word to find its cause there */
	const char *preset;  /* SETTING: its value by default on Linux 6.x, in words */
	enum tl_state state; /* to be marked in Figure 5; 0: none */
	const enum tl_arc_id *arcs; /* the arrows that are shown: TL_ARCS */
	const char *const *runs; /* scenarios that show it */
	const char *source;  /* where the facts come from */
};

/* tl_entry_says - append all of its sentences */
void tl_entry_says(struct tl_buf *out, const struct tl_entry *entry);

/* tl_entry_commands - append the commands that find it, or that of tcplab */
void tl_entry_commands(struct tl_buf *out, const struct tl_entry *entry, const char *between);

/* tl_lexicon - the whole table, by topics; *@n gets its length */
const struct tl_entry *tl_lexicon(size_t *n);

/*
 * tl_lexicon_find - the entry of a word, in any spelling
 *
 * Only letters and digits count, in either case: "SYN_RECV", "syn-recv" and "Syn Recv" are
 * one word, and a plural is its singular. What ends in "()" is a call, where there is one of that
 * name.
 * A text without any is compared as it is ("*", "::"); a port behind an address is left out
 * ("0.0.0.0:22"), and netstat's "on (0.20/1/0)" is of its timer column.
 *
 * Return: the entry, or NULL.
 */
const struct tl_entry *tl_lexicon_find(const char *word);

/*
 * tl_lexicon_find_in - the entry of the longest known word in a text, such as a message:
 * "read: Connection reset by peer (104)"
 *
 * Return: the entry, or NULL.
 */
const struct tl_entry *tl_lexicon_find_in(const char *text);

/*
 * tl_lexicon_next - the first word in a text of prose that there is an entry for
 * @at, @len: get where it stands, where there is one
 *
 * Names count, those of states in capitals alone, and spellings of several words. What is a word
 * of any sentence as well, such as "data", does not.
 *
 * Return: the entry, or NULL.
 */
const struct tl_entry *tl_lexicon_next(const char *text, size_t *at, size_t *len);

/* tl_lexicon_state - the entry of a state */
const struct tl_entry *tl_lexicon_state(enum tl_state state);

/* The most that tl_lexicon_near() finds. */
#define TL_NEAR_MAX 3

/*
 * tl_lexicon_near - what an unknown word may be a slip of: known words that it begins, or
 * from which it differs by a letter in three
 * @near: gets the entries, the nearest first
 *
 * Return: how many.
 */
size_t tl_lexicon_near(const char *word, const struct tl_entry *near[TL_NEAR_MAX]);

/* What somebody typed as an arrow: "LISTEN->SYN_RECV", "listen to syn-recv". */
struct tl_arrow {
	enum tl_state from, to;
};

/* tl_arrow_parse - read an arrow between two states. Return: is it one? */
bool tl_arrow_parse(const char *text, struct tl_arrow *arrow);

#endif
