/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * libfyaml's events are made into a tree of our own, for three reasons: each node keeps
 * its exact place in the text; anchors, aliases, tags and duplicate keys become mistakes
 * with a place while the reading goes on, where a document of libfyaml's would resolve
 * them or stop at the first; and depth and breadth are bounded before memory is spent.
 *
 * What is wrong with a node is reported where it is met, and the node left out (a key) or
 * marked SCN_WRONG (a value), so that nobody complains of it twice. A syntax error ends
 * the events: the tree is then not whole, and what is missing from it is not a mistake.
 */
#include "reader.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "syntax.h"
#include "tcplab/grow.h"

#define DEPTH   16
#define ENTRIES 1024

struct yaml {
	struct scn_reader *r;
	struct fy_parser *fyp;
	struct fy_diag *diag;
	size_t last;   /* where the event before ended */
	bool broken;   /* the rest cannot be read */
	bool reported; /* and it was said why */
	bool found;    /* the cause, which libfyaml does not know */
};

void scn_node_release(struct scn_node *node)
{
	size_t n = node->kind == SCN_MAP ? 2 * node->n : node->n;

	for (size_t i = 0; i < n; i++)
		scn_node_release(&node->items[i]);
	free(node->items);
	free(node->text);
	*node = (struct scn_node){ 0 };
}

/* With the "*" or "&" that stands before it: libfyaml's place of an alias is behind. */
static struct scn_span with_sign(const struct yaml *y, struct scn_span at)
{
	const char *text = y->r->src.text;

	if (at.at && (text[at.at - 1] == '*' || text[at.at - 1] == '&'))
		return (struct scn_span){ at.at - 1, at.len + 1 };
	return at;
}

static struct scn_span token_span(struct fy_token *token)
{
	const struct fy_mark *start = fy_token_start_mark(token);
	const struct fy_mark *end = fy_token_end_mark(token);

	if (!start || !end || end->input_pos < start->input_pos)
		return (struct scn_span){ 0 };
	return (struct scn_span){ start->input_pos, end->input_pos - start->input_pos };
}

/* Where a value that is left out would stand: before the next thing that is there. */
static struct scn_span gap_span(const struct yaml *y)
{
	size_t at = y->last;

	while (at < y->r->src.len && strchr(" \t\r\n", y->r->src.text[at]))
		at++;
	return (struct scn_span){ .at = at };
}

static struct scn_span event_span(const struct yaml *y, struct fy_event *event)
{
	const struct fy_mark *start = fy_event_start_mark(event);
	const struct fy_mark *end = fy_event_end_mark(event);

	if (!start || !end)
		return gap_span(y);
	return (struct scn_span){ start->input_pos, end->input_pos - start->input_pos };
}

/* The next event, to be given back with done(); NULL once the text is broken. */
static struct fy_event *next(struct yaml *y)
{
	struct fy_event *event = y->broken ? NULL : fy_parser_parse(y->fyp);

	if (!event)
		y->broken = true;
	return event;
}

static void done(struct yaml *y, struct fy_event *event)
{
	const struct fy_mark *end = fy_event_end_mark(event);

	if (end && end->input_pos > y->last)
		y->last = end->input_pos;
	fy_parser_event_free(y->fyp, event);
}

/* A bound of ours is passed: say so and read no further. */
static void give_up(struct yaml *y, struct scn_span at, const char *sentence)
{
	scn_mistake(y->r, at, "%s", sentence);
	y->broken = true;
	y->reported = true;
}

static void refuse_decoration(struct yaml *y, struct fy_token *anchor, struct fy_token *tag)
{
	if (anchor)
		scn_mistake(y->r, with_sign(y, token_span(anchor)),
			    "anchors are not part of the language: write the value where it is "
			    "needed");
	if (tag)
		scn_mistake(y->r, token_span(tag),
			    "YAML tags are not part of the language: leave it out");
}

static bool is_block(enum fy_scalar_style style)
{
	return style == FYSS_LITERAL || style == FYSS_FOLDED;
}

static void skip_indent(const struct yaml *y, struct scn_span *at)
{
	for (; at->len && y->r->src.text[at->at] == ' '; at->len--)
		at->at++;
}

static void build_scalar(struct yaml *y, struct fy_event *event, struct scn_node *node)
{
	struct fy_token *value = event->scalar.value;
	const char *text;

	refuse_decoration(y, event->scalar.anchor, event->scalar.tag);
	text = value ? fy_token_get_text(value, &node->len) : "";
	/* Not strndup(): an escape can bring a NUL byte in. */
	node->text = text ? scn_calloc(y->r, node->len + 1, 1) : NULL;
	if (!node->text) {
		y->r->oom = true;
		node->len = 0;
		return;
	}
	memcpy(node->text, text, node->len);
	node->kind = SCN_TEXT;
	if (!value || fy_token_scalar_style(value) == FYSS_PLAIN)
		node->kind = scn_plain_kind(node->text);
	else if (is_block(fy_token_scalar_style(value)))
		skip_indent(y, &node->at);
}

/* Room for one more item, or pair; NULL when memory ran out. */
static struct scn_node *more(struct yaml *y, struct scn_node *node)
{
	size_t per = node->kind == SCN_MAP ? 2 : 1;
	struct scn_node *items = tl_grown(node->items, node->n, per * sizeof(*items));

	if (!items) {
		y->r->oom = true;
		y->broken = true;
		return NULL;
	}
	node->items = items;
	items += per * node->n;
	memset(items, 0, per * sizeof(*items));
	return items;
}

static void build(struct yaml *y, struct fy_event *event, int depth, struct scn_node *node);

/*
 * An item that is left out stands where its dash is. libfyaml 0.8 gives it the place where
 * the item before ends, which may be lines above.
 */
static void place_at_dash(struct yaml *y, struct scn_node *item)
{
	const struct scn_source *src = &y->r->src;
	size_t at = y->last;

	while (at < src->len && strchr(" \t\r\n#", src->text[at]))
		at += src->text[at] == '#' ? strcspn(src->text + at, "\r\n") : 1;
	if (at == src->len || src->text[at] != '-')
		return;
	item->at = (struct scn_span){ .at = at };
	y->last = at + 1;
}

static void build_list(struct yaml *y, int depth, struct scn_node *list)
{
	struct fy_event *event;

	if (list->at.at > y->last)
		y->last = list->at.at;
	while ((event = next(y)) && event->type != FYET_SEQUENCE_END) {
		struct scn_node *item = more(y, list);

		if (item && list->n == ENTRIES)
			give_up(y, event_span(y, event), "the list has more than 1024 items");
		else if (item) {
			list->n++;
			build(y, event, depth, item);
			if (item->kind == SCN_NOTHING && !item->len)
				place_at_dash(y, item);
		}
		done(y, event);
	}
	if (event)
		done(y, event);
}

/* May this pair stay in the map? Says what is wrong with its key where not. */
static bool key_is_good(struct yaml *y, const struct scn_node *map, const struct scn_node *key)
{
	if (key->kind == SCN_WRONG)
		return false;
	if (!key->text || !key->len) {
		scn_mistake(y->r, key->at, "a key must be a word");
		return false;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct scn_node *other = &map->items[2 * i];

		if (other->len != key->len || memcmp(other->text, key->text, key->len))
			continue;
		scn_mistake(y->r, key->at, "the key %s is already in line %d",
			    SCN_QUOTE_NAME(key->text, key->len),
			    scn_where(&y->r->src, other->at.at).line);
		return false;
	}
	return true;
}

/* The value that belongs to a key. One that is left out is placed at its key. */
static void build_value(struct yaml *y, int depth, const struct scn_node *key,
			struct scn_node *value)
{
	struct fy_event *event = next(y);

	if (!event)
		return;
	build(y, event, depth, value);
	if (value->kind == SCN_NOTHING && !value->len)
		value->at = key->at;
	done(y, event);
}

/* A key, that @event begins, and its value; left out where they cannot stay. */
static void build_pair(struct yaml *y, struct fy_event *event, int depth, struct scn_node *map)
{
	struct scn_node *pair = more(y, map);

	if (pair && map->n == ENTRIES)
		give_up(y, event_span(y, event), "the mapping has more than 1024 keys");
	else if (pair)
		build(y, event, depth, &pair[0]);
	done(y, event);
	if (!pair)
		return;
	if (!y->broken)
		build_value(y, depth, &pair[0], &pair[1]);
	if (!y->broken && key_is_good(y, map, &pair[0])) {
		map->n++;
		return;
	}
	scn_node_release(&pair[0]);
	scn_node_release(&pair[1]);
}

static void build_map(struct yaml *y, int depth, struct scn_node *map)
{
	struct fy_event *event;

	while ((event = next(y)) && event->type != FYET_MAPPING_END)
		build_pair(y, event, depth, map);
	if (event)
		done(y, event);
}

/* The node that @event begins. It recurses, DEPTH times at most. */
static void build(struct yaml *y, struct fy_event *event, int depth, struct scn_node *node)
{
	node->at = event_span(y, event);
	if (depth == DEPTH) {
		give_up(y, node->at, "this is nested deeper than 16 levels");
		return;
	}
	switch (event->type) {
	case FYET_SCALAR:
		build_scalar(y, event, node);
		break;
	case FYET_SEQUENCE_START:
		refuse_decoration(y, event->sequence_start.anchor, event->sequence_start.tag);
		node->kind = SCN_LIST;
		build_list(y, depth + 1, node);
		break;
	case FYET_MAPPING_START:
		refuse_decoration(y, event->mapping_start.anchor, event->mapping_start.tag);
		node->kind = SCN_MAP;
		build_map(y, depth + 1, node);
		break;
	case FYET_ALIAS:
		node->at = with_sign(y, token_span(event->alias.anchor));
		scn_mistake(y->r, node->at,
			    "aliases are not part of the language: write the value itself");
		break;
	default: /* libfyaml's enum, not ours: no other event begins a node */
		y->broken = true;
		break;
	}
}

/* What git leaves in a file that it cannot merge. */
static bool is_unmerged(struct yaml *y)
{
	static const char mark[] = "<<<<<<< ";
	const struct scn_source *src = &y->r->src;

	for (size_t line = 1; line <= src->n_lines; line++) {
		struct scn_span at = scn_line(src, line);

		if (at.len < strlen(mark) || memcmp(src->text + at.at, mark, strlen(mark)))
			continue;
		scn_mistake(y->r, at,
			    "a merge conflict is left in the file: keep one of its two sides");
		return true;
	}
	return false;
}

static bool has_no_break_space(struct yaml *y, size_t at)
{
	const struct scn_source *src = &y->r->src;

	return scn_no_break_space(y->r, scn_line(src, scn_where(src, at).line));
}

/* The tab of a line that is indented with one: libfyaml's place may be behind it. */
static struct scn_span indenting_tab(const struct scn_source *src, struct scn_span at)
{
	size_t tab = scn_line(src, scn_where(src, at.at).line).at;

	while (tab < at.at && src->text[tab] == ' ')
		tab++;
	if (tab < src->len && src->text[tab] == '\t')
		at.at = tab;
	return at;
}

/* Where libfyaml says, and one column wide: how far it reaches differs between its versions. */
static void syntax_mistake(struct yaml *y, struct scn_span at, const char *message)
{
	const char *sentence = scn_syntax_sentence(message);
	int len = strcspn(message, "\n");

	at = with_sign(y, at);
	at.len = 0;
	while (at.at < y->r->src.len && y->r->src.text[at.at] == ' ')
		at.at++;
	if (sentence == scn_tabs)
		at = indenting_tab(&y->r->src, at);
	if (!y->reported)
		y->found = is_unmerged(y) || has_no_break_space(y, at.at);
	if (!y->found)
		scn_mistake(y->r, at, "%s%.*s", sentence ? "" : "this is not YAML: ",
			    sentence ? (int)strlen(sentence) : len, sentence ? sentence : message);
	y->reported = true;
	y->broken = true;
}

/* libfyaml prints what it has no place for; we keep it from the terminal. */
static void printed(struct fy_diag *diag, void *user, const char *message, size_t len)
{
	struct yaml *y = user;
	char *copy = scn_strndup(y->r, message, len);

	(void)diag;
	if (copy)
		syntax_mistake(y, gap_span(y), copy);
	free(copy);
}

/* Columns of libfyaml count characters, ours bytes: the token knows its bytes. */
static void collect_syntax(struct yaml *y)
{
	const struct fy_diag_error *error;
	void *iter = NULL;

	while ((error = fy_diag_errors_iterate(y->diag, &iter)))
		syntax_mistake(y, error->fyt ? token_span(error->fyt) : gap_span(y),
			       error->msg);
}

/* %YAML and %TAG: the line that holds the first of them. */
static void refuse_directives(struct yaml *y, struct fy_document_state *state)
{
	const struct scn_source *src = &y->r->src;

	if (!fy_document_state_version_explicit(state) &&
	    !fy_document_state_tags_explicit(state))
		return;
	for (size_t line = 1; line <= src->n_lines; line++) {
		struct scn_span at = scn_line(src, line);

		if (!at.len || src->text[at.at] != '%')
			continue;
		scn_mistake(y->r, at,
			    "directives are not part of the language: leave the line out");
		return;
	}
}

/* The stream: one document, with one node in it. */
static void read_stream(struct yaml *y, struct scn_node *root)
{
	struct fy_event *event;
	int documents = 0;

	while ((event = next(y))) {
		switch (event->type) {
		case FYET_STREAM_START:
		case FYET_DOCUMENT_END:
			break;
		case FYET_STREAM_END:
			done(y, event);
			return;
		case FYET_DOCUMENT_START:
			refuse_directives(y, event->document_start.document_state);
			if (documents++)
				give_up(y, event_span(y, event),
					"a scenario is one document: a second one begins here");
			break;
		default: /* libfyaml's enum, not ours: all others begin the node */
			build(y, event, 0, root);
			break;
		}
		done(y, event);
	}
}

bool scn_yaml_read(struct scn_reader *r, struct scn_node *root)
{
	struct yaml y = { .r = r };
	const struct fy_diag_cfg diag_cfg = {
		.output_fn = printed,
		.user = &y,
		.level = FYET_WARNING,
		.module_mask = ~0u,
	};
	struct fy_parse_cfg cfg = { .flags = FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE };

	y.diag = fy_diag_create(&diag_cfg);
	if (!y.diag)
		goto out;
	fy_diag_set_collect_errors(y.diag, true);
	cfg.diag = y.diag;
	y.fyp = fy_parser_create(&cfg);
	if (!y.fyp || fy_parser_set_string(y.fyp, r->src.text, r->src.len))
		goto out;
	read_stream(&y, root);
	collect_syntax(&y);
	if (y.broken && !y.reported && !r->oom)
		syntax_mistake(&y, gap_span(&y), "it ends unexpectedly");
out:
	r->oom |= !y.diag || !y.fyp;
	fy_parser_destroy(y.fyp);
	fy_diag_destroy(y.diag);
	return !y.broken && !r->oom;
}
