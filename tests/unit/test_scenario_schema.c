/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON Schema beside the scenarios says what the tables of the code say. What lists verbs, the
 * keys of calls, needs, evidence, arrows, errors, findings and modes of the wire is written from
 * them, with TL_GOLDEN_UPDATE=1 in the environment, and the file laid out. That schema and validator
 * agree on files is for tests/live/schema.sh to show.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/scenario/call.h"
#include "scenario_files.h"
#include "tcplab/answer.h"
#include "tcplab/enum_names.h"

#define SCHEMA TL_SOURCE_DIR "/scenarios/schema/scenario.v1.json"
#define WIDTH  120

static json_t *schema;

static void load(void)
{
	json_error_t error;

	schema = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, &error);
	cr_assert_neq(schema, NULL, "line %d: %s", error.line, error.text);
}

static void release(void)
{
	json_decref(schema);
}

TestSuite(scenario_schema, .init = load, .fini = release);

static json_t *definition(const char *name)
{
	json_t *found = json_object_get(json_object_get(schema, "definitions"), name);

	cr_assert_neq(found, NULL, "the schema does not define %s", name);
	return found;
}

static const char *description(json_t *properties, const char *name)
{
	return json_string_value(
		json_object_get(json_object_get(properties, name), "description"));
}

/* The YAML of a table, as JSON. */
static json_t *from_yaml(const char *text)
{
	struct fy_document *doc = fy_document_build_from_string(NULL, text, FY_NT);
	char *json = fy_emit_document_to_string(doc, FYECF_MODE_JSON_ONELINE | FYECF_WIDTH_INF);
	json_t *value = json ? json_loads(json, 0, NULL) : NULL;

	cr_assert_not_null(value, "%s", text);
	free(json);
	fy_document_destroy(doc);
	return value;
}

/* What can stand somewhere, as a table says it: YAML, or definitions with "|" between them. */
static json_t *value_of(const char *says)
{
	json_t *any = json_array(), *one;

	if (*says == '{') {
		json_decref(any);
		return from_yaml(says);
	}
	for (size_t len; *says; says += len, says += *says == '|') {
		char name[64];

		len = strcspn(says, "|");
		snprintf(name, sizeof(name), "%.*s", (int)len, says);
		definition(name);
		json_array_append_new(any, json_pack("{s:s+}", "$ref", "#/definitions/", name));
	}
	if (json_array_size(any) > 1)
		return json_pack("{s:o}", "anyOf", any);
	one = json_incref(json_array_get(any, 0));
	json_decref(any);
	return one;
}

/* "@first@then", or no description at all, and @value (taken) */
static json_t *described(const char *first, const char *then, json_t *value)
{
	json_t *all = *first || then ? json_pack("{s:s+}", "description", first, then ? then : "") :
				       json_object();

	json_object_update(all, value);
	json_decref(value);
	return all;
}

/* What a table adds in YAML, if it does. */
static void add_rules(json_t *to, const char *rules)
{
	json_t *more = rules ? from_yaml(rules) : json_object();

	json_object_update(to, more);
	json_decref(more);
}

/* A call of a peer: what stands alone, and the mapping. */
static json_t *call_of(enum tl_verb verb)
{
	const struct scn_call_shape *shape = scn_call_shape(verb);
	json_t *properties = json_object(), *required = json_array(), *any = json_array();
	json_t *example = from_yaml(tl_verbs[verb].example), *map;

	for (size_t i = 0; i < shape->n; i++) {
		const struct scn_key *key = &shape->keys[i];

		json_object_set_new(properties, key->name,
				    described("", key->about, value_of(key->schema)));
		if (key->required)
			json_array_append_new(required, json_string(key->name));
	}
	map = json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", false,
			"required", required, "properties", properties);
	add_rules(map, shape->rules);
	if (shape->alone)
		json_array_append_new(any, value_of(shape->alone));
	json_array_append_new(any, map);
	map = json_pack("{s:o, s:[O]}", "anyOf", any, "examples",
			json_object_get(example, tl_verb_name(verb)));
	json_decref(example);
	return map;
}

static void write_verbs(void)
{
	json_t *verbs = json_object();

	for (enum tl_verb verb = 0; verb < TL_N_VERBS; verb++) {
		const struct tl_verb_row *row = &tl_verbs[verb];
		const char *shared = tl_argument_schema(row->argument);

		json_object_set_new(verbs, row->name,
				    described(row->help, row->more,
					      shared ? value_of(shared) : call_of(verb)));
	}
	json_object_set_new(definition("step"), "properties", verbs);
}

static void write_needs(void)
{
	static const char *const helps[] = { TL_NEED_KINDS(TL_X_THIRD) };
	json_t *needs = json_object_get(json_object_get(schema, "properties"), "needs");
	json_t *properties = json_object();
	size_t n;
	const struct scn_key *keys = scn_need_keys(&n);

	cr_assert_eq(n, sizeof(helps) / sizeof(helps[0]));
	for (size_t i = 0; i < n; i++) {
		cr_assert_str_eq(keys[i].name, tl_need_name(i));
		json_object_set_new(properties, keys[i].name,
				    described(helps[i], keys[i].about, value_of(keys[i].schema)));
	}
	json_object_set_new(needs, "properties", properties);
}

/* A member of @map, which is @fresh (taken) where there is none yet. */
static json_t *member(json_t *map, const char *name, json_t *fresh)
{
	if (json_object_get(map, name))
		json_decref(fresh);
	else
		json_object_set_new(map, name, fresh);
	return json_object_get(map, name);
}

/* A key of evidence whose name other kinds have as well: it depends on the kind what it can be. */
static void share_check_key(const struct scn_check_key *row, const char *kind, json_t *properties,
			    json_t *beside)
{
	const char *name = row->key.name;
	json_t *of_name = member(properties, name, json_pack("{s:s, s:[]}", "description", "",
							     "anyOf"));
	json_t *of_kind = member(beside, kind, json_object());
	json_t *kinds = member(member(beside, name, json_object()), "anyOf", json_array());
	json_t *value = value_of(row->key.schema);

	json_array_append(json_object_get(of_name, "anyOf"), value);
	json_object_set_new(member(of_kind, "properties", json_object()), name, value);
	json_array_append_new(kinds, json_pack("{s:[s]}", "required", kind));
}

/* @properties: of evidence; @beside: by name, what must stand beside it */
static void add_check_key(const struct scn_check_key *row, bool shared, json_t *properties,
			  json_t *beside)
{
	static const char *const helps[] = {
#define X(id, name, of_wire, help) help,
		TL_EVIDENCE_KINDS(X)
#undef X
	};
	const int bit = __builtin_ctz(row->kinds);
	const char *kind = row->kinds == ~0u ? NULL : tl_evidence_name(bit);
	const char *name = row->key.name;
	bool begins = kind && !strcmp(kind, name);
	const char *before = description(properties, name);
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s%s", before ? before : "", before ? " " : "");
	if (kind)
		tl_buf_fmt(&text, begins ? "%s" : "%s: ", begins ? helps[bit] : kind);
	tl_buf_str(&text, row->key.about ? row->key.about : "");
	if (shared)
		share_check_key(row, kind, properties, beside);
	else
		json_object_set_new(properties, name, described("", "", value_of(row->key.schema)));
	json_object_set_new(json_object_get(properties, name), "description",
			    json_string(tl_buf_text(&text)));
	if (kind && !begins && !shared)
		json_object_set_new(member(beside, name, json_object()), "required",
				    json_pack("[s]", kind));
	if (kind && !begins && row->key.required)
		json_array_append_new(member(member(beside, kind, json_object()), "required",
					     json_array()), json_string(name));
	if (row->rules)
		add_rules(member(beside, name, json_object()), row->rules);
	tl_buf_release(&text);
}

static void write_evidence(void)
{
	json_t *properties = json_object(), *beside = json_object(), *kinds = json_array();
	json_t *check = definition("check");
	size_t n;
	const struct scn_check_key *rows = scn_check_keys(&n);

	for (size_t i = 0; i < n; i++) {
		bool shared = false;

		for (size_t j = 0; j < n; j++)
			shared |= j != i && !strcmp(rows[j].key.name, rows[i].key.name);
		add_check_key(&rows[i], shared, properties, beside);
	}
#define X(id, name, ...) json_array_append_new(kinds, json_pack("{s:[s]}", "required", name));
	TL_EVIDENCE_KINDS(X)
#undef X
	json_object_set_new(check, "properties", properties);
	json_object_set_new(check, "oneOf", kinds);
	json_object_set_new(check, "dependencies", beside);
}

/* The enum of @of, or of its second choice, where the first is a parameter or a number. */
static void write_words(json_t *of, const char *choices, const char *const *words, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(words[i]));
	of = choices ? json_array_get(json_object_get(of, choices), 1) : of;
	cr_assert_not_null(json_object_get(of, "enum"), "no enum for %s", words[0]);
	json_object_set_new(of, "enum", list);
}

#define WRITE_WORDS(of, choices, ...)                                                        \
	write_words(of, choices, (const char *const[]){ __VA_ARGS__ },                       \
		    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void write_lists(void)
{
	json_t *claim = json_object_get(definition("claim"), "properties");
	const char *ids[TL_N_ARCS];

	for (size_t i = 0; i < TL_N_ARCS; i++)
		ids[i] = tl_arc(i)->id;
	write_words(definition("arc"), "oneOf", ids, TL_N_ARCS);
	WRITE_WORDS(json_object_get(claim, "verdict"), "anyOf", TL_FINDINGS(TL_X_NAME));
	WRITE_WORDS(json_object_get(json_object_get(schema, "properties"), "wire"), NULL,
		    TL_WIRE_MODES(TL_X_NAME));
#define X(error) #error,
	WRITE_WORDS(definition("answer"), "anyOf", TL_ANSWERS(X));
#undef X
}

static size_t column(const struct tl_buf *out)
{
	const char *line = strrchr(tl_buf_text(out), '\n');

	return strlen(line ? line + 1 : tl_buf_text(out));
}

static void put(struct tl_buf *out, json_t *value, int depth);

/* The members of a list or map, a line each; words of a list share lines. */
static void put_members(struct tl_buf *out, json_t *value, int depth)
{
	const char *key, *comma = "";
	json_t *item;
	size_t i;

	json_array_foreach(value, i, item) {
		bool fits = i && json_is_string(item) &&
			    column(out) + json_string_length(item) + 6 < WIDTH;

		tl_buf_fmt(out, fits ? ", " : "%s\n%*s", comma, 2 * depth, "");
		put(out, item, depth);
		comma = ",";
	}
	json_object_foreach(value, key, item) {
		tl_buf_fmt(out, "%s\n%*s\"%s\": ", comma, 2 * depth, "", key);
		put(out, item, depth);
		comma = ",";
	}
}

/* What fits into a line stands in one. */
static void put(struct tl_buf *out, json_t *value, int depth)
{
	char *line = json_dumps(value, JSON_ENCODE_ANY);
	bool map = json_is_object(value);

	if ((!map && !json_is_array(value)) || column(out) + strlen(line) + 1 < WIDTH) {
		tl_buf_str(out, line);
	} else {
		tl_buf_str(out, map ? "{" : "[");
		put_members(out, value, depth + 1);
		tl_buf_fmt(out, "\n%*s%s", 2 * depth, "", map ? "}" : "]");
	}
	free(line);
}

Test(scenario_schema, says_what_the_tables_say)
{
	struct tl_buf was = slurp(SCHEMA), now = { 0 };
	size_t line = 1;
	FILE *file;

	write_verbs();
	write_needs();
	write_evidence();
	write_lists();
	put(&now, schema, 0);
	tl_buf_str(&now, "\n");
	for (size_t i = 0; i < was.len && i < now.len && was.data[i] == now.data[i]; i++)
		line += was.data[i] == '\n';
	if (!getenv("TL_GOLDEN_UPDATE")) {
		cr_expect(!strcmp(tl_buf_text(&was), tl_buf_text(&now)),
			  "%s: line %zu: the tables say something else; make goldens writes it",
			  SCHEMA, line);
	} else if (strcmp(tl_buf_text(&was), tl_buf_text(&now))) {
		file = fopen(SCHEMA ".new", "we");
		cr_assert_not_null(file);
		cr_assert_eq(fwrite(now.data, 1, now.len, file), now.len);
		cr_assert_eq(fclose(file), 0);
		cr_assert_eq(rename(SCHEMA ".new", SCHEMA), 0);
	}
	tl_buf_release(&was);
	tl_buf_release(&now);
}

Test(scenario_schema, segment_kinds)
{
	static const char *const kinds[] = {
#define X(id, name, of, help) name,
		TL_SEGMENT_KINDS(X)
#undef X
	};
	const char *says = json_string_value(
		json_object_get(definition("segment-held-next"), "description"));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		cr_expect_neq(strstr(says, kinds[i]), NULL, "%s: %s", kinds[i], says);
}

Test(scenario_schema, actor_kinds)
{
	static const char *const kinds[] = {
#define X(id, name, help) name,
		TL_ACTOR_KINDS(X)
#undef X
	};
	json_t *properties = json_object_get(definition("actor"), "properties");

	cr_expect_eq(json_object_size(properties), sizeof(kinds) / sizeof(kinds[0]),
		     "%zu kinds of actor", json_object_size(properties));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		cr_expect_neq(json_object_get(properties, kinds[i]), NULL, "no %s", kinds[i]);
}

/* The keys the schema allows somewhere, each given a value nobody can misspell. */
static void expect_keys_known(json_t *properties, const char *before, const char *after)
{
	const char *key;
	json_t *value;

	json_object_foreach(properties, key, value) {
		struct tl_buf text = { 0 };
		struct parsed p;

		tl_buf_fmt(&text, "%s%s%s", before, key, after);
		p = parse("test.yaml", text.data, text.len);
		cr_expect_eq(strstr(tl_buf_text(&p.messages), "unknown key"), NULL, "%s",
			     tl_buf_text(&p.messages));
		parsed_release(&p);
		tl_buf_release(&text);
	}
}

/* No key of the schema is unknown to the code: the other way round the fixtures see to. */
Test(scenario_schema, keys)
{
	json_t *actor = json_object_get(definition("actor"), "properties");
	json_t *redis = json_object_get(actor, "redis");

	expect_keys_known(json_object_get(schema, "properties"), "", ": []\n");
	expect_keys_known(actor, "actors: { a: { ", ": [] } }\n");
	expect_keys_known(json_object_get(redis, "properties"), "actors: { a: { redis: { ",
			  ": [] } } }\n");
	expect_keys_known(json_object_get(json_object_get(actor, "peer"), "properties"),
			  "actors: { a: { peer: { ", ": [] } } }\n");
	expect_keys_known(json_object_get(definition("phase"), "properties"), "phases: [ { ",
			  ": [] } ]\n");
	expect_keys_known(json_object_get(definition("claim"), "properties"), "claims: [ { ",
			  ": [] } ]\n");
}
