/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: what every part of the reader shares. */
#ifndef TCPLAB_SCENARIO_READER_H
#define TCPLAB_SCENARIO_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mistake.h"
#include "source.h"
#include "tcplab/near.h"
#include "tcplab/plan.h"
#include "tcplab/text.h"

/* A piece of the scenario in quotes, in a buffer that lives as long as the enclosing block. */
#define SCN_QUOTE(text, len)      tl_text_quote((char[TL_QUOTE_TEXT]){ 0 }, text, len)
#define SCN_QUOTE_NAME(text, len) tl_text_quote_name((char[TL_QUOTE_TEXT]){ 0 }, text, len)

/* Where an actor says what only beside others turns out wrong. */
struct scn_actor_places {
	struct scn_span replicaof;
	bool unread; /* what the actor is, or its port, is not known */
};

/*
 * One reading of one text. Mistakes and lack of memory are noted and the reading goes on,
 * with the piece of the plan half filled; whoever began it looks at both at its end, and
 * then drops the plan.
 */
struct scn_reader {
	struct scn_source src;
	struct scn_mistakes mistakes;
	struct tl_plan *plan;
	struct scn_actor_places *places; /* plan->n_actors of them */
	struct scn_span wire_off;        /* the place of "off"; empty where it is not said */
	size_t passed_over; /* times that something was not read whose mistake is told elsewhere */
	bool oom;
};

/*
 * scn_trouble - how much is wrong so far, in what is told and in what it makes unreadable
 *
 * What was read between two equal values is whole.
 */
size_t scn_trouble(const struct scn_reader *r);

/* scn_mistake - note that @at is wrong; the sentence without a full stop */
void scn_mistake(struct scn_reader *r, struct scn_span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* scn_calloc - @n zeroed elements (returned owned); NULL, noted in @r, without memory */
void *scn_calloc(struct scn_reader *r, size_t n, size_t size);

/* scn_strndup - a copy (returned owned); NULL, noted in @r, without memory */
char *scn_strndup(struct scn_reader *r, const char *text, size_t len);

/* scn_take - the text of a buffer (taken) as a string (returned owned), as scn_strndup() */
char *scn_take(struct scn_reader *r, struct tl_buf *buf);

/* What a scalar is by YAML 1.2's core schema (10.3.2), and what else a node can be. */
enum scn_kind {
	SCN_WRONG,   /* already reported: say nothing more of it */
	SCN_NOTHING, /* null, or left out */
	SCN_BOOL,
	SCN_NUMBER,
	SCN_TEXT,
	SCN_LIST,
	SCN_MAP,
};

/* scn_kind_name - "a list", "a number", "nothing" ... */
const char *scn_kind_name(enum scn_kind kind);

/* scn_plain_kind - what a scalar without quotes is, by its text */
enum scn_kind scn_plain_kind(const char *text);

/* A piece of the YAML text. Owns its text and items. */
struct scn_node {
	enum scn_kind kind;
	struct scn_span at;
	char *text;             /* a scalar's value; may hold NUL bytes */
	size_t len;
	struct scn_node *items; /* SCN_LIST: its items; SCN_MAP: key, value, key, value ... */
	size_t n;               /* items; of a map, pairs */
};

/* scn_items - those of a list, or the one value that stands for a list of it; @n: how many */
static inline const struct scn_node *scn_items(const struct scn_node *node, size_t *n)
{
	*n = node->kind == SCN_LIST ? node->n : 1;
	return node->kind == SCN_LIST ? node->items : node;
}

/* scn_yaml_read - the one document of r->src into @root (zeroed); false: it is not whole */
bool scn_yaml_read(struct scn_reader *r, struct scn_node *root);

/* scn_node_release - a zeroed one and a second call are fine */
void scn_node_release(struct scn_node *node);

/*
 * scn_inside - the place of @len bytes at @at inside a scalar's value
 *
 * The whole scalar, where value and source differ (escapes, folded lines).
 */
struct scn_span scn_inside(const struct scn_reader *r, const struct scn_node *node, size_t at,
			   size_t len);

/* scn_find - the value of a key; NULL for none; @key_at (may be NULL) gets the key's place */
const struct scn_node *scn_find(const struct scn_node *map, const char *key,
				struct scn_span *key_at);

/* A value that goes into a field as it stands. */
enum scn_plain {
	SCN_LINE,   /* scn_text() of one line */
	SCN_LINES,  /* and of many */
	SCN_TIME,   /* scn_duration() */
	SCN_COUNT,  /* uint64_t: a number up to 10^9 */
	SCN_YES_NO, /* scn_yes_no() */
	SCN_ACTOR,  /* int: scn_actor() */
};

/*
 * One key that a mapping may have. What the schema says about the keys of calls, evidence and
 * needs is written from @schema and @about.
 */
struct scn_key {
	const char *name;
	bool required;
	void (*read)(struct scn_reader *r, const struct scn_node *value, void *into);
	const char *schema; /* a definition, several with "|" between them, or YAML of its own */
	const char *about;  /* the description; NULL for none */
	enum scn_plain plain; /* where @read is NULL; it goes to */
	size_t at;            /* this offset in what is read into */
};

/* SCN_INTO - for a key without a reader: its plain value goes into a field of a type */
#define SCN_INTO(type, field, what) .plain = (what), .at = offsetof(type, field)

/* A key of evidence, and whose it is. */
struct scn_check_key {
	unsigned kinds;    /* bits 1 << enum tl_evidence_kind */
	struct scn_key key;
	const char *rules; /* what the schema asks for where the key stands; NULL: nothing more */
};

/* scn_check_keys, scn_need_keys - the keys of all evidence, and of "needs"; @n: how many */
const struct scn_check_key *scn_check_keys(size_t *n);
const struct scn_key *scn_need_keys(size_t *n);

/*
 * scn_read_map - read the value of each key, in the order of @keys
 * @what: "a phase", for messages
 * @into: handed to the readers; has the fields of plain values
 *
 * Unknown and missing keys are mistakes.
 *
 * Return: false when @map is not a mapping and nothing was read.
 */
bool scn_read_map(struct scn_reader *r, const struct scn_node *map, const char *what,
		  const struct scn_key *keys, size_t n, void *into);

#define SCN_READ_MAP(r, map, what, keys, into)                                               \
	scn_read_map(r, map, what, keys, sizeof(keys) / sizeof((keys)[0]), into)

/* scn_is - is @node of that kind? A mistake where not: "@what must be a list, not text" */
bool scn_is(struct scn_reader *r, const struct scn_node *node, enum scn_kind kind,
	    const char *what);

/* How much a text may hold. */
enum scn_lines {
	SCN_ONE_LINE,
	SCN_MANY_LINES, /* blanks and line breaks at its end are left off */
};

/* scn_text - a text, not empty (returned owned); NULL after a mistake */
char *scn_text(struct scn_reader *r, const struct scn_node *node, const char *what,
	       enum scn_lines lines);

/* scn_scalar - text, number, true or false, as written (returned owned); NULL as scn_text() */
char *scn_scalar(struct scn_reader *r, const struct scn_node *node, const char *what);

/* scn_number - a whole number; false after a mistake, with *@out untouched */
bool scn_number(struct scn_reader *r, const struct scn_node *node, const char *what, long min,
		long max, long *out);

/* scn_duration - "200ms", "5s", "2m" in ns; false after a mistake, with *@out untouched */
bool scn_duration(struct scn_reader *r, const struct scn_node *node, const char *what,
		  uint64_t *out);

/* A word as it is compared: case, '-' and '_' make no difference. */
struct scn_folded {
	char text[TL_NEAR_LONGEST + 1];
	size_t len;
};

/* scn_fold - false: it is too long to be a known one */
bool scn_fold(struct scn_folded *out, const char *word, size_t len);

/* Among which words a synonym is looked for (synonyms.c). */
enum scn_words {
	SCN_NAMES, /* the scenario's own, which have none */
	SCN_VERBS,
	SCN_KEYS,
	SCN_VALUES,
};

/*
 * scn_is_synonym - is @word what others call @known?
 * @say: gets what is told, in words with quotes; NULL: the known word itself
 */
bool scn_is_synonym(enum scn_words what, const char *word, size_t len, const char *known,
		    const char **say);

/*
 * A word that is none of those known: try each known one, then report the mistake.
 * Zeroed except for @word, @len and perhaps @words, @of and @title.
 */
struct scn_unknown {
	const char *word;
	size_t len;
	enum scn_words words;
	const char *of;      /* "a phase", NULL for nothing */
	bool title;          /* such words may have any letters */
	char best[64];       /* the nearest so far, "" for none near enough */
	unsigned distance;
	struct tl_buf known; /* "a, b, c" */
	size_t n;
	bool same;           /* the best is what others call it */
	const char *meant;   /* what is told then, in words with quotes; NULL: the best itself */
};

/* scn_is_near - could @word be a slip of the key @known, or what others call it? */
bool scn_is_near(const char *word, size_t len, const char *known);

/* scn_unknown_try - one of the words that would have been right */
void scn_unknown_try(struct scn_unknown *u, const char *known);

/* scn_unknown_report - "unknown @what @word of @of: did you mean ...?"; releases @u */
void scn_unknown_report(struct scn_reader *r, struct scn_unknown *u, struct scn_span at,
			const char *what);

/*
 * scn_choice - which of @names, that NULL ends, a scalar is; -1, after a mistake, for none
 * @what: "verdict", for messages
 */
int scn_choice(struct scn_reader *r, const struct scn_node *node, const char *what,
	       enum scn_words words, const char *const *names);

/*
 * scn_actor - the actor of that name; -1, after a mistake, for none
 *
 * Nothing is reported where the scenario has no actors at all: that is said elsewhere.
 */
int scn_actor(struct scn_reader *r, const char *name, size_t len, struct scn_span at);

/* scn_actor_is_not - is it (-1: nobody) of another kind? Not where its kind could not be read */
bool scn_actor_is_not(const struct scn_reader *r, int actor, enum tl_actor_kind kind);

/* The parts of a scenario: each reads the value of one of its keys, or an item of it. */
void scn_read_actors(struct scn_reader *r, const struct scn_node *map, void *unused);
void scn_read_needs(struct scn_reader *r, const struct scn_node *map, void *unused);
void scn_read_phases(struct scn_reader *r, const struct scn_node *list, void *unused);
void scn_read_claims(struct scn_reader *r, const struct scn_node *list, void *unused);

/* scn_read_step - one item of "do" into @step (zeroed); its text stays NULL after a mistake */
void scn_read_step(struct scn_reader *r, const struct scn_node *node, struct tl_step *step);

/* scn_read_check - one item of "check" into @ev (zeroed) */
void scn_read_check(struct scn_reader *r, const struct scn_node *node, struct tl_evidence *ev);

/* scn_read_call - the argument of a verb of peers into @step, whose verb is set */
void scn_read_call(struct scn_reader *r, const struct scn_node *node, struct tl_step *step);

/* scn_step_place - the verb of a step */
struct scn_span scn_step_place(const struct scn_reader *r, const struct tl_step *step);

/* scn_yes_no - *@value, where it is yes or no; else a mistake */
void scn_yes_no(struct scn_reader *r, const struct scn_node *node, const char *what, bool *value);

/* scn_answer - the errno that is named there; 0 after a mistake */
int scn_answer(struct scn_reader *r, const struct scn_node *node);

/* scn_check_order - are actors started before they are used, frozen before they are thawed? */
void scn_check_order(struct scn_reader *r);

/*
 * scn_check_calls - does each call of a peer have its socket? Fills in what the scenario
 * leaves to us: which socket it is made on, and where it leads
 */
void scn_check_calls(struct scn_reader *r);

/* scn_check_holds - can what is awaited and let go have been held? */
void scn_check_holds(struct scn_reader *r);

/* scn_check_answers - will what a peer waits for be sent, and will it end where it is to? */
void scn_check_answers(struct scn_reader *r);

/* scn_check_stopped - does what waits need a segment that is held or lost by then? */
void scn_check_stopped(struct scn_reader *r);

#endif
