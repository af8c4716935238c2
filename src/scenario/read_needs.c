/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key "needs": what the host must have for a scenario to run there. */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEEDS_MOST 32

/* A need more; NULL, after a mistake, where there are too many. */
static struct tl_need *add(struct scn_reader *r, enum tl_need_kind kind, struct scn_span at)
{
	struct tl_plan *plan = r->plan;
	struct tl_need *need;

	if (!plan->needs)
		plan->needs = scn_calloc(r, NEEDS_MOST, sizeof(*plan->needs));
	if (!plan->needs)
		return NULL;
	if (plan->n_needs == NEEDS_MOST) {
		scn_mistake(r, at, "a scenario needs %d things at most", NEEDS_MOST);
		return NULL;
	}
	need = &plan->needs[plan->n_needs++];
	need->kind = kind;
	need->where = scn_where(&r->src, at.at);
	return need;
}

/* The text of a need: its key, and what is said about it. */
static void name(struct scn_reader *r, struct tl_need *need, const char *what, int len)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s%s%.*s", tl_need_name(need->kind), len ? " " : "", len, what);
	need->text = scn_take(r, &text);
}

/* "kernel >= 6.9 or >= 6.1.91, < 6.2" */
static void name_versions(struct scn_reader *r, struct tl_need *need)
{
	struct tl_buf text = { 0 };

	for (size_t i = 0; i < need->n_versions; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there are so many */
		for (int j = 0; j < need->versions[i].n; j++) {
			const struct tl_version_bound *bound = &need->versions[i].bound[j];

			tl_buf_fmt(&text, "%s%s", j ? ", " : i ? " or " : "",
				   tl_comparison_name(bound->comparison));
			for (int k = 0; k < bound->version.n; k++)
				tl_buf_fmt(&text, "%s%u", k ? "." : " ", bound->version.part[k]);
		}
	name(r, need, tl_buf_text(&text), text.len);
	r->oom |= text.failed;
	tl_buf_release(&text);
}

/* "@bound[, @bound]". Return: false after a mistake. */
static bool read_range(struct scn_reader *r, const struct scn_node *node, enum tl_need_kind kind,
		       struct tl_version_range *range)
{
	for (size_t at = 0, len; at <= node->len; at += len + 1) {
		struct tl_version_bound bound;

		at += strspn(node->text + at, " \t");
		len = strcspn(node->text + at, ",");
		if (!tl_version_bound_parse(node->text + at, len, &bound)) {
			scn_mistake(r, scn_inside(r, node, at, len),
				    "%s must be %sa bound on its version, such as \">= 6.9\", "
				    "or two, such as \">= 5.10, < 6.9\", not %s",
				    tl_need_name(kind), kind == TL_NEED_KERNEL ? "" : "yes, ",
				    SCN_QUOTE_NAME(node->text + at, len));
			return false;
		}
		if (range->n == TL_VERSION_BOUNDS) {
			scn_mistake(r, scn_inside(r, node, at, len),
				    "a version has %d bounds at most, a lower and an upper one",
				    TL_VERSION_BOUNDS);
			return false;
		}
		range->bound[range->n++] = bound;
	}
	return true;
}

/* A version written without its comparison is the slip to expect. */
static bool is_version(struct scn_reader *r, const struct scn_node *node, enum tl_need_kind kind)
{
	const char *key = tl_need_name(kind);

	if (node->kind != SCN_NUMBER)
		return scn_is(r, node, SCN_TEXT, key);
	scn_mistake(r, node->at, "%s must be a bound, not a number: \">= %.*s\", in quotes", key,
		    (int)strnlen(node->text, 12), node->text);
	return false;
}

/* A range, or a list of ranges of which one will do. */
static void read_versions(struct scn_reader *r, const struct scn_node *node,
			  enum tl_need_kind kind)
{
	size_t n;
	const struct scn_node *range = scn_items(node, &n);
	struct tl_need *need = add(r, kind, node->at);

	if (!n)
		scn_mistake(r, node->at, "the list of versions is empty: leave %s out",
			    tl_need_name(kind));
	if (need)
		need->versions = scn_calloc(r, n, sizeof(*need->versions));
	for (size_t i = 0; need && need->versions && i < n; i++)
		if (!is_version(r, &range[i], kind) ||
		    !read_range(r, &range[i], kind, &need->versions[need->n_versions++]))
			return;
	if (need)
		name_versions(r, need);
}

/* Only yes: nothing is needed not to be there. */
static void read_yes(struct scn_reader *r, const struct scn_node *node, enum tl_need_kind kind)
{
	struct tl_need *need = add(r, kind, node->at);
	bool yes = (node->kind == SCN_TEXT && !strcmp(node->text, "yes")) ||
		   (node->kind == SCN_BOOL && !strcmp(node->text, "true"));

	if (!yes && node->kind != SCN_WRONG)
		scn_mistake(r, node->at,
			    "%s must be yes: a scenario that does not need it leaves it out",
			    tl_need_name(kind));
	if (need)
		name(r, need, "", 0);
}

static bool has_redis(const struct tl_plan *plan)
{
	for (size_t i = 0; i < plan->n_actors; i++)
		if (plan->actors[i].kind == TL_ACTOR_KIND_REDIS)
			return true;
	return false;
}

static bool is_yes_or_no(const struct scn_node *node)
{
	return node->kind == SCN_BOOL ||
	       (node->kind == SCN_TEXT &&
		(!strcmp(node->text, "yes") || !strcmp(node->text, "no")));
}

/* Any version ("yes"), or the versions within bounds, of what the redis actors run. */
static void read_server(struct scn_reader *r, const struct scn_node *node,
			enum tl_need_kind kind)
{
	if (r->plan->n_actors && !has_redis(r->plan))
		scn_mistake(r, node->at, "no actor is a redis, so no server can be %s",
			    tl_need_name(kind));
	else if (is_yes_or_no(node))
		read_yes(r, node, kind);
	else
		read_versions(r, node, kind);
}

static void add_program(struct scn_reader *r, const struct scn_node *node)
{
	char *program = scn_text(r, node, "a program", SCN_ONE_LINE);
	struct tl_need *need = program ? add(r, TL_NEED_PROGRAM, node->at) : NULL;

	if (!need) {
		free(program);
		return;
	}
	for (struct tl_need *other = r->plan->needs; other != need; other++)
		if (other->program && !strcmp(other->program, program))
			scn_mistake(r, node->at, "the program %s is named twice", program);
	if (strpbrk(program, " \t"))
		scn_mistake(r, node->at,
			    "%s is not the name of a program: leave its arguments out",
			    SCN_QUOTE_NAME(program, strlen(program)));
	need->program = program;
	name(r, need, program, strlen(program));
}

static void read_programs(struct scn_reader *r, const struct scn_node *node)
{
	size_t n;
	const struct scn_node *program = scn_items(node, &n);

	if (!n)
		scn_mistake(r, node->at, "the list of programs is empty: leave program out");
	for (size_t i = 0; i < n; i++)
		add_program(r, &program[i]);
}

static void read_need(struct scn_reader *r, const struct scn_node *node, enum tl_need_kind kind)
{
	switch (kind) {
	case TL_NEED_KERNEL:
		read_versions(r, node, kind);
		break;
	case TL_NEED_REDIS:
	case TL_NEED_VALKEY:
		read_server(r, node, kind);
		break;
	case TL_NEED_PROGRAM:
		read_programs(r, node);
		break;
	case TL_NEED_WIRE:
	case TL_NEED_IPV6:
	case TL_NEED_MPTCP:
		read_yes(r, node, kind);
		break;
	}
	if (kind == TL_NEED_WIRE && r->plan->wire == TL_WIRE_OFF)
		scn_mistake(r, node->at, "the scenario needs the wire and says \"wire: off\"");
}

#define X(id, name, help)                                                                    \
	static void read_##id(struct scn_reader *r, const struct scn_node *node, void *unused) \
	{                                                                                    \
		(void)unused;                                                                \
		read_need(r, node, TL_NEED_##id);                                            \
	}
TL_NEED_KINDS(X)
#undef X

static const struct scn_key keys[] = {
	{ "kernel", false, read_KERNEL, "versions",
	  ", which is the kernel.org version that the host's kernel is made from; or two bounds "
	  "with a comma between them. A list, of which one is enough, is for a fix that went into "
	  "several branches." },
	{ "redis", false, read_REDIS, "server-version", ", \">= 8\". --mock never meets it." },
	{ "valkey", false, read_VALKEY, "server-version", "." },
	{ "program", false, read_PROGRAM, "programs", ": then all of them are needed." },
	{ "wire", false, read_WIRE, "yes",
	  ". A scenario that holds any needs it in any case." },
	{ "ipv6", false, read_IPV6, "yes",
	  ". A scenario with an actor bound to an IPv6 address needs it in any case." },
	{ "mptcp", false, read_MPTCP, "yes",
	  ". A scenario with a call that has \"protocol: mptcp\" must say so." },
};

const struct scn_key *scn_need_keys(size_t *n)
{
	*n = sizeof(keys) / sizeof(keys[0]);
	return keys;
}

void scn_read_needs(struct scn_reader *r, const struct scn_node *map, void *unused)
{
	(void)unused;
	if (SCN_READ_MAP(r, map, "needs", keys, NULL) && !map->n)
		scn_mistake(r, map->at, "needs is empty: leave it out");
}
