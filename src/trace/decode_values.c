/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a line of a trace: numbers, texts and names, none of which is believed. */
#include "decode.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

int value_bad(const struct line *line, const char *key, const char *wanted)
{
	return tl_err_set(line->err, EINVAL, "\"%s\" must be %s", key, wanted);
}

int value_number(const struct line *line, json_t *object, const char *key, json_int_t low,
		 json_int_t high, json_int_t *out)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < low ||
	    json_integer_value(value) > high)
		return value_bad(line, key, "a whole number in its range");
	*out = json_integer_value(value);
	return 0;
}

int value_int(const struct line *line, json_t *object, const char *key, int low, int *out)
{
	json_int_t value = 0;
	int ret = value_number(line, object, key, low, INT_MAX, &value);

	if (!ret)
		*out = value;
	return ret;
}

int value_u32(const struct line *line, json_t *object, const char *key, uint32_t *out)
{
	json_int_t value = 0;
	int ret = value_number(line, object, key, 0, UINT32_MAX, &value);

	if (!ret)
		*out = value;
	return ret;
}

int value_bool(const struct line *line, const char *key, bool *out)
{
	json_t *value = json_object_get(line->json, key);

	if (value && !json_is_boolean(value))
		return value_bad(line, key, "true or false");
	*out = json_is_true(value);
	return 0;
}

int value_text(const struct line *line, json_t *object, const char *key, const char **out)
{
	*out = json_string_value(json_object_get(object, key));
	return *out ? 0 : value_bad(line, key, "a string");
}

int value_copy(const struct line *line, const char *key, char **out)
{
	const char *text;
	int ret = value_text(line, line->json, key, &text);

	if (ret)
		return ret;
	*out = strdup(text);
	return *out ? 0 : tl_err_set(line->err, ENOMEM, "no memory for the trace");
}

int value_name(const struct line *line, json_t *object, const char *key,
	       const char *const *names, int *out)
{
	const char *text;
	int ret = value_text(line, object, key, &text);

	for (int i = 0; !ret && names[i]; i++)
		if (!strcmp(names[i], text)) {
			*out = i;
			return 0;
		}
	return value_bad(line, key, "a name this version knows");
}

int value_state(const struct line *line, json_t *object, enum tl_state *state)
{
	const char *text;

	if (value_text(line, object, "state", &text))
		return -line->err->code;
	*state = tl_state_parse(text, strlen(text));
	for (int i = TL_STATE_MAX; !*state && i < TL_STATE_NUMBERS; i++)
		if (!strcmp(text, tl_number_name(i)))
			*state = (enum tl_state)i;
	return *state ? 0 : value_bad(line, "state", "a state of TCP");
}

int value_timer(const struct line *line, json_t *object, enum tl_timer *out)
{
	const char *text;
	int timer;

	if (value_text(line, object, "timer", &text))
		return -line->err->code;
	timer = tl_timer_parse(text);
	if (timer < 0)
		return value_bad(line, "timer", "a timer of a socket");
	*out = (enum tl_timer)timer;
	return 0;
}

int value_endpoint(const struct line *line, json_t *object, const char *key,
		   struct tl_endpoint *out)
{
	struct tl_err why;
	const char *text;
	int ret = value_text(line, object, key, &text);

	if (!ret && tl_endpoint_parse(text, out, &why))
		ret = value_bad(line, key, "an address and a port");
	return ret;
}

int value_flags(const struct line *line, uint8_t *flags)
{
	const char *names;

	if (value_text(line, line->json, "flags", &names))
		return -line->err->code;
	for (*flags = 0; *names; names += *names == '+') {
		size_t n = strcspn(names, "+");
		uint8_t bit = 0;

#define X(id, value, name, meaning)                                                          \
	if (n == strlen(name) && !strncmp(names, name, n))                                   \
		bit = value;
		TL_FLAGS(X)
#undef X
		if (!bit)
			return value_bad(line, "flags", "control bits joined by +");
		*flags |= bit;
		names += n;
	}
	return 0;
}

int value_option(const struct line *line, const char *key, json_int_t high, json_int_t absent,
		 json_int_t *out)
{
	*out = absent;
	if (!json_object_get(line->json, key))
		return 0;
	return value_number(line, line->json, key, 0, high, out);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool value_hex(const char *hex, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = high << 4 | low;
	}
	return true;
}
