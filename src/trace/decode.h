/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace, inside: a line being read, and the values that events take from it. */
#ifndef TCPLAB_TRACE_DECODE_H
#define TCPLAB_TRACE_DECODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/event.h"

/* One line being read. */
struct line {
	json_t *json;
	struct tl_err *err; /* takes the complaint of any of these, which return 0 or -errno */
};

/* value_bad - the complaint itself: what "key" has to be */
int value_bad(const struct line *line, const char *key, const char *wanted);

/* value_number - a whole number within [low, high] of @object[@key] */
int value_number(const struct line *line, json_t *object, const char *key, json_int_t low,
		 json_int_t high, json_int_t *out);
/* value_int, value_u32 - the same of a type */
int value_int(const struct line *line, json_t *object, const char *key, int low, int *out);
int value_u32(const struct line *line, json_t *object, const char *key, uint32_t *out);

/* value_option - a number of the line that may be left out; @absent stands for it then */
int value_option(const struct line *line, const char *key, json_int_t high, json_int_t absent,
		 json_int_t *out);

/* value_bool - of the line, false where it is left out */
int value_bool(const struct line *line, const char *key, bool *out);

/* value_text - a string, borrowed from the JSON; value_copy - of the line, returned owned */
int value_text(const struct line *line, json_t *object, const char *key, const char **out);
int value_copy(const struct line *line, const char *key, char **out);

/* value_name - one of a table's names; @names ends with NULL, the index is the value */
int value_name(const struct line *line, json_t *object, const char *key,
	       const char *const *names, int *out);

/* A state or a timer that has no name here stands there as its number. */
int value_state(const struct line *line, json_t *object, enum tl_state *state);
int value_timer(const struct line *line, json_t *object, enum tl_timer *out);

int value_endpoint(const struct line *line, json_t *object, const char *key,
		   struct tl_endpoint *out);

/* value_flags - control bits of the line: "SYN+ACK" */
int value_flags(const struct line *line, uint8_t *flags);

/* value_hex - two digits a byte. Return: are they digits, all of them? */
bool value_hex(const char *hex, uint8_t *bytes, size_t n);

#endif
