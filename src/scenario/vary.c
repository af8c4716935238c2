/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * "vary" makes one text several scenarios: each of its parameters takes each of its values, and
 * every combination is a plan of its own. Which one is read is decided before anything else is:
 * "$name" (or "${name}") in a scalar is replaced by the value in the tree, and what reads the
 * tree afterwards sees a scenario as any other. A scalar that is nothing but a parameter becomes
 * what its value is, a number or yes. A value that is a mapping itself has several parts that
 * go together, and "$name.part" is one of them.
 *
 * A combination is named by its values, "ipv6-1", and the plan by the scenario and that.
 */
#include "vary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MOST 8
#define VALUES_MOST 64
#define VARIANTS_MOST 256
#define NAME_MOST 40

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

/* A parameter; its nodes are of the tree. */
struct parameter {
	const struct scn_node *key;
	const struct scn_node *values; /* those in a list, or in a mapping, by their names */
	const struct scn_node *value;  /* the one that is taken */
	bool used;
};

struct vary {
	struct parameter v[PARAMETERS_MOST];
	size_t n;
};

static bool is_named(const struct scn_node *values)
{
	return values->kind == SCN_MAP;
}

static const struct scn_node *nth_value(const struct scn_node *values, size_t i)
{
	return &values->items[is_named(values) ? 2 * i + 1 : i];
}

/* "127.0.0.1" is "127-0-0-1", "IPv6" is "ipv6". */
static void name_value(const struct scn_node *values, size_t i, struct tl_buf *out)
{
	const char *text = values->items[is_named(values) ? 2 * i : i].text;
	size_t begun = out->len;

	for (; *text; text++) {
		bool upper = *text >= 'A' && *text <= 'Z';

		if (upper || (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9'))
			tl_buf_fmt(out, "%c", upper ? *text + 'a' - 'A' : *text);
		else if (out->len > begun && out->data[out->len - 1] != '-')
			tl_buf_str(out, "-");
	}
	if (out->len == begun)
		tl_buf_fmt(out, "v%zu", i + 1);
}

/* The name of the combination that has this number. */
static char *name_variant(struct scn_reader *r, const struct vary *vary, size_t number)
{
	struct tl_buf name = { 0 };
	size_t left = number, of = 1;

	for (size_t i = 0; i < vary->n; i++)
		of *= vary->v[i].values->n;
	for (size_t i = 0; i < vary->n; i++) {
		of /= vary->v[i].values->n;
		tl_buf_str(&name, i ? "-" : "");
		name_value(vary->v[i].values, left / of, &name);
		left %= of;
	}
	return scn_take(r, &name);
}

static void choose(struct vary *vary, size_t number)
{
	for (size_t i = vary->n; i-- > 0;) {
		struct parameter *p = &vary->v[i];

		p->value = nth_value(p->values, number % p->values->n);
		number /= p->values->n;
	}
}

static bool is_scalar(const struct scn_node *node)
{
	return node->kind == SCN_TEXT || node->kind == SCN_NUMBER || node->kind == SCN_BOOL;
}

/* Has it the parts of the first, or none as that has none? They are scalars. */
static bool has_parts_of(const struct scn_node *value, const struct scn_node *first)
{
	if (first->kind != SCN_MAP || value->kind != SCN_MAP)
		return value->kind != SCN_MAP && first->kind != SCN_MAP;
	for (size_t i = 0; i < first->n; i++)
		if (!scn_find(value, first->items[2 * i].text, NULL))
			return false;
	return value->n == first->n;
}

static void check_value(struct scn_reader *r, const struct scn_node *values, size_t i)
{
	const struct scn_node *value = nth_value(values, i);
	bool parts = is_named(values) && value->kind == SCN_MAP && value->n;

	if (value->kind == SCN_WRONG)
		r->passed_over++;
	else if (!parts && !is_scalar(value))
		scn_mistake(r, value->at,
			    "a value is text, a number, yes or no, or, if it has a name, a "
			    "mapping of these");
	else if (!has_parts_of(value, nth_value(values, 0)))
		scn_mistake(r, value->at, "all values of a parameter have the same parts");
	for (size_t k = 0; parts && k < value->n; k++)
		if (!is_scalar(&value->items[2 * k + 1]))
			scn_mistake(r, value->items[2 * k + 1].at,
				    "a part of a value is text, a number, or yes or no");
}

static void check_names(struct scn_reader *r, const struct scn_node *values)
{
	for (size_t i = 0; i < values->n; i++) {
		struct tl_buf one = { 0 };

		name_value(values, i, &one);
		for (size_t j = 0; j < i; j++) {
			struct tl_buf other = { 0 };

			name_value(values, j, &other);
			if (!strcmp(tl_buf_text(&one), tl_buf_text(&other)))
				scn_mistake(r, nth_value(values, i)->at,
					    "two values would both be called \"%s\": give them "
					    "names, { one: %s, other: %s }",
					    tl_buf_text(&one), nth_value(values, j)->text,
					    nth_value(values, i)->text);
			tl_buf_release(&other);
		}
		tl_buf_release(&one);
	}
}

static bool read_values(struct scn_reader *r, const struct scn_node *values)
{
	size_t before = scn_trouble(r);

	if (values->kind != SCN_MAP && !scn_is(r, values, SCN_LIST, "a parameter's values"))
		return false;
	if (!values->n || values->n > VALUES_MOST)
		scn_mistake(r, values->at, "a parameter has 1 to %d values", VALUES_MOST);
	for (size_t i = 0; i < values->n; i++)
		check_value(r, values, i);
	if (scn_trouble(r) == before)
		check_names(r, values);
	return scn_trouble(r) == before;
}

static void read_parameter(struct scn_reader *r, const struct scn_node *key, struct vary *vary)
{
	if (vary->n == PARAMETERS_MOST)
		scn_mistake(r, key->at, "%d parameters at most", PARAMETERS_MOST);
	else if (key->len > NAME_MOST || *key->text < 'a' || *key->text > 'z' ||
		 strspn(key->text, letters) != key->len || !strcmp(key->text, "n"))
		scn_mistake(r, key->at,
			    "%s cannot be the name of a parameter: it begins with a-z, and "
			    "a-z, 0-9 and \"_\" follow; repeat counts with \"n\"",
			    SCN_QUOTE_NAME(key->text, key->len));
	else if (read_values(r, key + 1))
		vary->v[vary->n++] = (struct parameter){ .key = key, .values = key + 1 };
}

/* The part of a value that ".part" at @at names, and how long that is; NULL: there is no such. */
static const struct scn_node *find_part(const struct scn_node *value, const char *at, size_t *len)
{
	*len = *at == '.' ? 1 + strspn(at + 1, letters) : 0;
	for (size_t i = 0; *len && i < value->n; i++)
		if (value->items[2 * i].len == *len - 1 &&
		    !memcmp(value->items[2 * i].text, at + 1, *len - 1))
			return &value->items[2 * i + 1];
	return NULL;
}

/*
 * The parameter at @at, "$name", "${name}" or "$name.part": how long that is written, 0 for
 * none. @value: NULL where it has no such part.
 */
static size_t find_parameter(struct vary *vary, const char *at, const struct scn_node **value)
{
	bool braces = at[0] == '$' && at[1] == '{';
	const char *name = at + 1 + braces;
	size_t len = strspn(name, letters), part = 0;

	for (size_t i = 0; *at == '$' && i < vary->n; i++) {
		struct parameter *p = &vary->v[i];

		if (p->key->len != len || memcmp(p->key->text, name, len))
			continue;
		*value = p->value->kind == SCN_MAP ? find_part(p->value, name + len, &part) :
						     p->value;
		if (braces && name[len + part] != '}')
			return 0;
		p->used = true;
		return 1 + len + part + 2 * braces;
	}
	return 0;
}

static void fill_scalar(struct scn_reader *r, struct scn_node *node, struct vary *vary)
{
	struct tl_buf text = { 0 };
	enum scn_kind kind = node->kind;
	bool any = false, wrong = false;

	for (size_t at = 0; at < node->len;) {
		const struct scn_node *value = NULL;
		size_t len = find_parameter(vary, node->text + at, &value);

		any |= len;
		wrong |= len && !value;
		if (len && !value)
			scn_mistake(r, scn_inside(r, node, at, len),
				    "which part of it? Write \"$name.part\", with one of those "
				    "that its values have");
		else if (len == node->len)
			kind = value->kind;
		if (value)
			tl_buf_add(&text, value->text, value->len);
		else
			tl_buf_add(&text, node->text + at, 1);
		at += len ? len : 1;
	}
	if (!any) {
		tl_buf_release(&text);
		return;
	}
	free(node->text);
	node->kind = kind;
	node->len = text.len;
	node->text = scn_take(r, &text);
	if (!node->text || wrong)
		node->kind = SCN_WRONG;
}

static void fill(struct scn_reader *r, struct scn_node *node, struct vary *vary)
{
	size_t items = node->kind == SCN_MAP ? 2 * node->n : node->n;

	if (node->text && node->kind == SCN_TEXT && strchr(node->text, '$'))
		fill_scalar(r, node, vary);
	for (size_t i = 0; node->items && i < items; i++)
		if (node->kind != SCN_MAP || i % 2)
			fill(r, &node->items[i], vary);
}

/* Take the number of the variant that is asked for; the first where none is. */
static bool find_variant(struct scn_reader *r, const struct vary *vary, const char *wanted,
			 size_t total, size_t *number)
{
	struct tl_plan *plan = r->plan;
	bool found = !wanted;

	*number = 0;
	plan->variants = scn_calloc(r, total, sizeof(*plan->variants));
	for (size_t i = 0; plan->variants && i < total; i++) {
		plan->variants[i] = name_variant(r, vary, i);
		if (!plan->variants[i])
			return false;
		plan->n_variants = i + 1;
		if (!wanted || strcmp(plan->variants[i], wanted))
			continue;
		*number = i;
		found = true;
	}
	return found;
}

bool scn_vary(struct scn_reader *r, struct scn_node *root, const char *wanted)
{
	struct scn_span key_at;
	const struct scn_node *map = scn_find(root, "vary", &key_at);
	size_t before = scn_trouble(r), total = 1, number;
	struct vary vary = { 0 };

	if (!map)
		return !wanted;
	if (!scn_is(r, map, SCN_MAP, "vary"))
		return true;
	for (size_t i = 0; i < map->n; i++)
		read_parameter(r, &map->items[2 * i], &vary);
	for (size_t i = 0; i < vary.n; i++)
		total *= vary.v[i].values->n;
	if (!map->n)
		scn_mistake(r, map->at, "the parameters are missing: write { name: [one, "
					"other] }");
	if (total > VARIANTS_MOST)
		scn_mistake(r, map->at, "that makes %zu scenarios: %d at most",
			    total, VARIANTS_MOST);
	if (scn_trouble(r) != before)
		return true;
	if (!find_variant(r, &vary, wanted, total, &number))
		return false;
	choose(&vary, number);
	for (size_t i = 0; i < root->n; i++)
		if (&root->items[2 * i + 1] != map)
			fill(r, &root->items[2 * i + 1], &vary);
	for (size_t i = 0; i < vary.n; i++)
		if (!vary.v[i].used)
			scn_mistake(r, vary.v[i].key->at, "the scenario does not use $%s",
				    vary.v[i].key->text);
	r->plan->variant = scn_strndup(r, r->plan->variants[number],
				       strlen(r->plan->variants[number]));
	return true;
}

void scn_name_variant(struct scn_reader *r)
{
	struct tl_plan *plan = r->plan;
	struct tl_buf name = { 0 }, title = { 0 };

	if (!plan->variant || !plan->name || !plan->title)
		return;
	tl_buf_fmt(&name, "%s/%s", plan->name, plan->variant);
	tl_buf_fmt(&title, "%s (%s)", plan->title, plan->variant);
	free(plan->name);
	free(plan->title);
	plan->name = scn_take(r, &name);
	plan->title = scn_take(r, &title);
}
