/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON Schema beside the scenarios has lists of its own: they must be those of the code.
 * That schema and validator agree on files is for tests/live/schema.sh to show.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "scenario_files.h"
#include "tcplab/answer.h"

static json_t *schema;

static void load(void)
{
	json_error_t error;

	schema = json_load_file(TL_SOURCE_DIR "/scenarios/schema/scenario.v1.json",
				JSON_REJECT_DUPLICATES, &error);
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

/* The schema says what the code says, and may go on from there. */
static void expect_help(json_t *properties, const char *name, const char *help)
{
	const char *says = description(properties, name);

	cr_assert_neq(says, NULL, "no %s in the schema", name);
	cr_expect_eq(strncmp(says, help, strlen(help)), 0, "%s: %s", name, says);
	cr_expect_eq(!says[strlen(help)] || strchr(".,:;", says[strlen(help)]), true, "%s: %s",
		     name, says);
}

/* The words of an enum of the schema are those of the code. */
static void expect_words(json_t *list, const char *const *words, size_t n)
{
	cr_assert_eq(json_array_size(list), n, "%zu words, not %zu", json_array_size(list), n);
	for (size_t i = 0; i < n; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		cr_expect_str_eq(word, words[i], "%s is not %s", word, words[i]);
	}
}

/* The words of a definition; a parameter may stand in their place. */
static json_t *words_of(json_t *of)
{
	json_t *choices = json_object_get(of, "anyOf");

	return json_object_get(choices ? json_array_get(choices, 1) : of, "enum");
}

Test(scenario_schema, verbs)
{
	json_t *properties = json_object_get(definition("step"), "properties");

	cr_expect_eq(json_object_size(properties), TL_N_VERBS, "%zu verbs, not %d",
		     json_object_size(properties), TL_N_VERBS);
	for (size_t i = 0; i < TL_N_VERBS; i++)
		expect_help(properties, tl_verbs[i].name, tl_verbs[i].help);
}

/* Where verbs share a kind of argument the schema says so as well. */
Test(scenario_schema, arguments)
{
	json_t *properties = json_object_get(definition("step"), "properties");

	for (size_t i = 0; i < TL_N_VERBS; i++) {
		const char *shared = tl_argument_schema(tl_verbs[i].argument);
		json_t *verb = json_object_get(properties, tl_verbs[i].name);
		const char *ref = json_string_value(json_object_get(verb, "$ref"));

		cr_expect_eq(!shared, !ref, "%s", tl_verbs[i].name);
		if (shared && ref)
			cr_expect_str_eq(ref + strlen("#/definitions/"), shared, "%s",
					 tl_verbs[i].name);
	}
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

Test(scenario_schema, wire_modes)
{
	static const char *const modes[] = {
#define X(id, name, help) name,
		TL_WIRE_MODES(X)
#undef X
	};
	json_t *wire = json_object_get(json_object_get(schema, "properties"), "wire");

	expect_words(json_object_get(wire, "enum"), modes, sizeof(modes) / sizeof(modes[0]));
}

Test(scenario_schema, evidence)
{
	static const struct {
		const char *name;
		const char *help;
	} kinds[] = {
#define X(id, name, help) { name, help },
		TL_EVIDENCE_KINDS(X)
#undef X
	};
	size_t n = sizeof(kinds) / sizeof(kinds[0]);
	json_t *one_of = json_object_get(definition("check"), "oneOf");
	json_t *properties = json_object_get(definition("check"), "properties");

	cr_assert_eq(json_array_size(one_of), n, "%zu kinds, not %zu", json_array_size(one_of),
		     n);
	for (size_t i = 0; i < n; i++) {
		json_t *required = json_object_get(json_array_get(one_of, i), "required");
		const char *name = json_string_value(json_array_get(required, 0));

		cr_expect_str_eq(name, kinds[i].name, "%s is not %s", name, kinds[i].name);
		expect_help(properties, kinds[i].name, kinds[i].help);
	}
}

/* What of a segment can be counted. */
Test(scenario_schema, counts)
{
	static const char *const helps[] = {
#define X(id, name, became, help) help,
		TL_COUNTS(X)
#undef X
	};
	json_t *properties = json_object_get(definition("check"), "properties");

	for (size_t i = 0; i < TL_N_COUNTS; i++) {
		const char *name = tl_count_name(i);
		json_t *says = json_object_get(json_object_get(properties, name), "description");

		cr_assert_not_null(says, "%s", name);
		cr_expect_not_null(strstr(json_string_value(says), helps[i]), "%s: %s", name,
				   json_string_value(says));
	}
}

Test(scenario_schema, findings)
{
	static const char *const findings[] = {
#define X(id, name) name,
		TL_FINDINGS(X)
#undef X
	};
	json_t *properties = json_object_get(definition("claim"), "properties");
	json_t *verdict = json_object_get(properties, "verdict");

	expect_words(words_of(verdict), findings,
		     sizeof(findings) / sizeof(findings[0]));
}

Test(scenario_schema, answers)
{
	static const char *const answers[] = {
#define X(error) #error,
		TL_ANSWERS(X)
#undef X
	};

	expect_words(words_of(definition("answer")), answers,
		     sizeof(answers) / sizeof(answers[0]));
}

Test(scenario_schema, arrows)
{
	json_t *choices = json_object_get(definition("arc"), "oneOf");
	const char *ids[TL_N_ARCS];

	for (size_t i = 0; i < TL_N_ARCS; i++)
		ids[i] = tl_arc(i)->id;
	expect_words(json_object_get(json_array_get(choices, 1), "enum"), ids, TL_N_ARCS);
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

Test(scenario_schema, needs)
{
	static const struct {
		const char *name;
		const char *help;
	} needs[] = {
#define X(id, name, help) { name, help },
		TL_NEED_KINDS(X)
#undef X
	};
	size_t n = sizeof(needs) / sizeof(needs[0]);
	json_t *key = json_object_get(json_object_get(schema, "properties"), "needs");
	json_t *properties = json_object_get(key, "properties");

	cr_expect_eq(json_object_size(properties), n, "%zu needs, not %zu",
		     json_object_size(properties), n);
	for (size_t i = 0; i < n; i++)
		expect_help(properties, needs[i].name, needs[i].help);
	expect_keys_known(properties, "needs: { ", ": {} }\n");
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

/* The mapping that a verb of a peer takes is the last thing it can be. */
Test(scenario_schema, keys_of_calls)
{
	json_t *steps = json_object_get(definition("step"), "properties");

	for (enum tl_verb verb = 0; verb < TL_N_VERBS; verb++) {
		json_t *any = json_object_get(json_object_get(steps, tl_verb_name(verb)), "anyOf");
		json_t *map = json_array_get(any, json_array_size(any) - 1);
		char before[64];

		if (!tl_verb_is_of_peer(verb))
			continue;
		snprintf(before, sizeof(before), "phases: [ { do: [ { %s: { ",
			 tl_verb_name(verb));
		cr_assert_neq(json_object_get(map, "properties"), NULL, "%s", before);
		expect_keys_known(json_object_get(map, "properties"), before,
				  ": [] } } ] } ]\n");
	}
}
