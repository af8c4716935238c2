/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every part of the reader needs: mistakes, memory, the keys of a mapping. */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#define COUNT_MOST 1000000000

void scn_mistake(struct scn_reader *r, struct scn_span at, const char *fmt, ...)
{
	size_t before = r->mistakes.total;
	va_list ap;

	va_start(ap, fmt);
	scn_mistakes_add(&r->mistakes, at, fmt, ap);
	va_end(ap);
	r->passed_over += r->mistakes.total == before; /* told once, for all its repetitions */
}

size_t scn_trouble(const struct scn_reader *r)
{
	return r->mistakes.total + r->passed_over;
}

void *scn_calloc(struct scn_reader *r, size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		r->oom = true;
	return p;
}

char *scn_strndup(struct scn_reader *r, const char *text, size_t len)
{
	char *copy = strndup(text, len);

	if (!copy)
		r->oom = true;
	return copy;
}

char *scn_take(struct scn_reader *r, struct tl_buf *buf)
{
	char *text = buf->failed ? NULL : scn_strndup(r, tl_buf_text(buf), buf->len);

	r->oom |= buf->failed;
	tl_buf_release(buf);
	return text;
}

struct scn_span scn_inside(const struct scn_reader *r, const struct scn_node *node, size_t at,
			   size_t len)
{
	if (node->at.at + node->len > r->src.len ||
	    memcmp(r->src.text + node->at.at, node->text, node->len))
		return node->at;
	return (struct scn_span){ .at = node->at.at + at, .len = len };
}

static bool key_is(const struct scn_node *key, const char *name)
{
	return strlen(name) == key->len && !memcmp(key->text, name, key->len);
}

const struct scn_node *scn_find(const struct scn_node *map, const char *key,
				struct scn_span *key_at)
{
	for (size_t i = 0; map->kind == SCN_MAP && i < map->n; i++) {
		if (!key_is(&map->items[2 * i], key))
			continue;
		if (key_at)
			*key_at = map->items[2 * i].at;
		return &map->items[2 * i + 1];
	}
	return NULL;
}

static bool is_known(const struct scn_node *key, const struct scn_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (key_is(key, keys[i].name))
			return true;
	return false;
}

static void unknown_key(struct scn_reader *r, const struct scn_node *map,
			const struct scn_node *key, const char *what, const struct scn_key *keys,
			size_t n)
{
	struct scn_unknown u = { .word = key->text, .len = key->len, .of = what };

	for (size_t i = 0; i < n; i++) {
		/* what is there already is not said a second time in another word */
		u.words = scn_find(map, keys[i].name, NULL) ? SCN_NAMES : SCN_KEYS;
		scn_unknown_try(&u, keys[i].name);
	}
	scn_unknown_report(r, &u, key->at, "key");
}

/* Is a required key missing? Not where it is misspelt: then that is what is told. */
static bool is_missing(const struct scn_node *map, const char *name, const struct scn_key *keys,
		       size_t n)
{
	if (scn_find(map, name, NULL))
		return false;
	for (size_t i = 0; i < map->n; i++) {
		const struct scn_node *key = &map->items[2 * i];

		if (!is_known(key, keys, n) && scn_is_near(key->text, key->len, name))
			return false;
	}
	return true;
}

static void missing_keys(struct scn_reader *r, const struct scn_node *map, const char *what,
			 const struct scn_key *keys, size_t n)
{
	struct tl_buf names = { 0 };
	int missing = 0;

	for (size_t i = 0; i < n; i++)
		if (keys[i].required && is_missing(map, keys[i].name, keys, n))
			tl_buf_fmt(&names, "%s\"%s\"", missing++ ? ", " : "", keys[i].name);
	if (missing)
		scn_mistake(r, map->at, "%s needs the key%s %s", what, missing > 1 ? "s" : "",
			    tl_buf_text(&names));
	r->oom |= names.failed;
	tl_buf_release(&names);
}

static void read_plain(struct scn_reader *r, const struct scn_key *key,
		       const struct scn_node *value, void *field)
{
	long count;

	switch (key->plain) {
	case SCN_LINE:
		*(char **)field = scn_text(r, value, key->name, SCN_ONE_LINE);
		break;
	case SCN_LINES:
		*(char **)field = scn_text(r, value, key->name, SCN_MANY_LINES);
		break;
	case SCN_TIME:
		scn_duration(r, value, key->name, field);
		break;
	case SCN_COUNT:
		if (scn_number(r, value, key->name, 0, COUNT_MOST, &count))
			*(uint64_t *)field = count;
		break;
	case SCN_YES_NO:
		scn_yes_no(r, value, key->name, field);
		break;
	case SCN_ACTOR:
		if (scn_is(r, value, SCN_TEXT, key->name))
			*(int *)field = scn_actor(r, value->text, value->len, value->at);
		break;
	}
}

bool scn_read_map(struct scn_reader *r, const struct scn_node *map, const char *what,
		  const struct scn_key *keys, size_t n, void *into)
{
	if (!scn_is(r, map, SCN_MAP, what))
		return false;
	missing_keys(r, map, what, keys, n);
	for (size_t i = 0; i < n; i++) {
		const struct scn_node *value = scn_find(map, keys[i].name, NULL);

		if (value && keys[i].read)
			keys[i].read(r, value, into);
		else if (value)
			read_plain(r, &keys[i], value, (char *)into + keys[i].at);
	}
	for (size_t i = 0; i < map->n; i++)
		if (!is_known(&map->items[2 * i], keys, n))
			unknown_key(r, map, &map->items[2 * i], what, keys, n);
	return true;
}

/* What makes it the kind that it must be; begins with ": " or is empty. */
static const char *remedy(const struct scn_reader *r, const struct scn_node *node,
			  enum scn_kind wanted)
{
	bool dash = r->src.text[node->at.at] == '-', brace = r->src.text[node->at.at] == '{';

	if (wanted == SCN_LIST && node->kind != SCN_NOTHING && !brace)
		return ": each of its items begins with \"- \"";
	if (wanted == SCN_MAP && node->kind == SCN_LIST && dash)
		return ": leave the \"- \" out";
	if (wanted == SCN_MAP)
		return ": its lines are \"key: value\"";
	if (wanted == SCN_TEXT && node->kind == SCN_MAP && !brace)
		return ": leave the \":\" out, or put the text in quotes";
	return "";
}

bool scn_is(struct scn_reader *r, const struct scn_node *node, enum scn_kind kind,
	    const char *what)
{
	if (node->kind == kind)
		return true;
	if (node->kind == SCN_NOTHING)
		scn_mistake(r, node->at, "%s has no value: it must be %s", what,
			    scn_kind_name(kind));
	else if (node->kind != SCN_WRONG)
		scn_mistake(r, node->at, "%s must be %s, not %s%s", what, scn_kind_name(kind),
			    scn_kind_name(node->kind), remedy(r, node, kind));
	else
		r->passed_over++;
	return false;
}
