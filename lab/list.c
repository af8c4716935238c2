/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab list, tcplab check. */
#include "lab.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int print_json(const json_t *list)
{
	struct tl_buf text = { 0 };
	char *dump = json_dumps(list, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	int status;

	if (!dump)
		return LAB_ERROR;
	tl_buf_fmt(&text, "%s\n", dump);
	status = lab_print(&text);
	tl_buf_release(&text);
	free(dump);
	return status;
}

static json_t *json_of(const struct tl_plan *plan)
{
	json_t *tags = json_array(), *needs = json_array();

	for (size_t i = 0; i < plan->n_tags; i++)
		json_array_append_new(tags, json_string(plan->tags[i]));
	for (size_t i = 0; i < plan->n_needs; i++)
		json_array_append_new(needs, json_string(plan->needs[i].text));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", plan->name, "title", plan->title,
			 "file", plan->file, "tags", tags, "needs", needs);
}

/* The folders that scenarios come in, and what is in them. */
static const struct {
	const char *name, *gist;
} topics[] = {
	{ "field", "complaints from issue trackers, and what is behind each" },
	{ "programs", "real programs, such as nginx and PostgreSQL" },
	{ "redis", "the walkthrough and its variations" },
	{ "rfc9293", "at least one for each arrow of Figure 5" },
};

/* At a terminal: a heading where another topic begins. */
static void head_topic(const char *name, const char *before, struct tl_buf *out)
{
	size_t len = strcspn(name, "/");

	if (before && !strncmp(name, before, len + 1))
		return;
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		if (strlen(topics[i].name) == len && !strncmp(topics[i].name, name, len))
			tl_buf_fmt(out, "%s%s: %s\n", before ? "\n" : "", topics[i].name,
				   topics[i].gist);
}

/* At a terminal: which lesson it is, and that it takes long. */
static void say_level(const struct tl_plan *plan, struct tl_buf *out)
{
	int lesson = lab_lesson_of(plan->name);

	if (lesson)
		tl_buf_fmt(out, ", lesson %d", lesson);
	if (tl_plan_has_tag(plan, LAB_TAG_SLOW))
		tl_buf_str(out, ", about a minute");
}

/* Name, title, needs, tags. @width: of a terminal, where long ones are wrapped; 0: a line each. */
static void line_of(const struct tl_plan *plan, int column, int width, struct tl_buf *out)
{
	struct tl_buf text = { 0 };

	tl_buf_str(&text, plan->title);
	if (width)
		say_level(plan, &text);
	tl_buf_str(&text, plan->n_needs ? " (needs " : "");
	tl_plan_say_needs(plan, &text);
	tl_buf_str(&text, plan->n_needs ? ")" : "");
	for (size_t i = 0; i < plan->n_tags; i++)
		tl_buf_fmt(&text, "%s%s", i ? ", " : " [", plan->tags[i]);
	tl_buf_str(&text, plan->n_tags ? "]" : "");
	tl_buf_fmt(out, "%-*s", column, plan->name);
	if (strlen(plan->name) + 2 > (size_t)column)
		tl_buf_str(out, "  ");
	if (width)
		lab_hang(out, tl_buf_text(&text), width, column);
	else
		tl_buf_fmt(out, "%s\n", tl_buf_text(&text));
	tl_buf_release(&text);
}

static int column_of(char *const *names, size_t n)
{
	size_t widest = 0;

	for (size_t i = 0; i < n; i++)
		widest = strlen(names[i]) > widest ? strlen(names[i]) : widest;
	return widest + 2;
}

int lab_list(const struct lab_options *options)
{
	int width = isatty(STDOUT_FILENO) ? options->style.width : 0;
	json_t *list = json_array();
	struct tl_buf text = { 0 };
	char **names;
	size_t n = lab_scenario_names(&names);
	int column = column_of(names, n), status = LAB_OK;

	if (!n) {
		lab_complain("there are no scenarios beside the program");
		status = LAB_ERROR;
	}
	for (size_t i = 0; i < n; i++) {
		struct tl_plan **plans;
		size_t variants = lab_load_all(names[i], &plans);

		status = variants ? status : LAB_USAGE;
		if (variants && width)
			head_topic(names[i], i ? names[i - 1] : NULL, &text);
		for (size_t v = 0; v < variants; v++) {
			line_of(plans[v], column, width, &text);
			json_array_append_new(list, json_of(plans[v]));
			tl_plan_free(plans[v]);
		}
		free(plans);
	}
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	if (!status)
		status = options->json ? print_json(list) : lab_print(&text);
	tl_buf_release(&text);
	json_decref(list);
	return status;
}

int lab_check(const struct lab_options *options)
{
	int status = LAB_OK;

	if (!options->n_args) {
		lab_complain("check needs the scenarios to look at");
		return LAB_USAGE;
	}
	for (int i = 0; i < options->n_args; i++) {
		struct tl_plan **plans;
		size_t n = lab_load_all(options->args[i], &plans);

		status = n ? status : LAB_USAGE;
		for (size_t v = 0; v < n; v++) {
			if (!options->quiet && lab_answer("%s: %s, %zu phase%s, no mistakes",
							  options->args[i], plans[v]->name,
							  plans[v]->n_phases,
							  plans[v]->n_phases == 1 ? "" : "s"))
				status = LAB_ERROR;
			tl_plan_free(plans[v]);
		}
		free(plans);
	}
	return status;
}
