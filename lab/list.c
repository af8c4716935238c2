/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab list, tcplab check. */
#include "kept.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/report.h"
#include "tcplab/text.h"

int lab_print_json(const json_t *document)
{
	struct tl_buf text = { 0 };
	char *dump = json_dumps(document, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	int status;

	if (!dump)
		return LAB_ERROR;
	tl_buf_fmt(&text, "%s\n", dump);
	status = lab_print(&text);
	tl_buf_release(&text);
	free(dump);
	return status;
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
static void head_topic(const char *name, const char *before, int width, struct tl_buf *out)
{
	size_t len = strcspn(name, "/");

	if (before && !strncmp(name, before, len + 1))
		return;
	tl_buf_str(out, before ? "\n" : "");
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		if (strlen(topics[i].name) == len && !strncmp(topics[i].name, name, len))
			lab_wrap(out, width, 0, "%s: %s", topics[i].name, topics[i].gist);
}

/* How much of TCP, and of this lab, somebody should know who reads it. */
static int level_of(const struct tl_plan *plan)
{
	bool deep = plan->n_sysctls || plan->n_needs;
	const struct tl_step *step;

	for (size_t i = 0; i < plan->n_actors; i++)
		deep |= plan->actors[i].kind == TL_ACTOR_KIND_PROGRAM;
	for (struct tl_step_at at = { 0 }; (step = tl_plan_next_step(plan, &at));)
		deep |= step->n_settings > 0;
	return lab_lesson_of(plan->name) ? 1 : deep ? 3 : 2;
}

/* What its plan waits by itself, whatever the machine: pauses, and what has to stay as it is. */
static uint64_t least_ns(const struct tl_plan *plan)
{
	const struct tl_step *step;
	uint64_t ns = 0;

	for (size_t i = 0; i < plan->n_phases; i++)
		ns += plan->phases[i].for_ns;
	for (struct tl_step_at at = { 0 }; (step = tl_plan_next_step(plan, &at));)
		if (step->verb == TL_VERB_PAUSE)
			ns += step->time_ns;
	return ns;
}

/* "135 ms" of the last run; of none "> 2 s" by the plan, or a dash: nobody has measured it. */
static void say_time(const struct tl_plan *plan, const char *out, struct tl_buf *text)
{
	uint64_t ns;

	if (lab_was_run(out, plan->name, &ns)) {
		tl_report_duration(text, ns);
		return;
	}
	ns = least_ns(plan);
	tl_buf_str(text, ns ? "> " : "-");
	if (ns)
		tl_report_duration(text, ns);
}

static json_t *json_of(const struct tl_plan *plan, const char *out)
{
	json_t *tags = json_array(), *needs = json_array();
	int lesson = lab_lesson_of(plan->name);
	uint64_t took_ns;
	bool ran = lab_was_run(out, plan->name, &took_ns);

	for (size_t i = 0; i < plan->n_tags; i++)
		json_array_append_new(tags, json_string(plan->tags[i]));
	for (size_t i = 0; i < plan->n_needs; i++)
		json_array_append_new(needs, json_string(plan->needs[i].text));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:i, s:o, s:o, s:f}", "name", plan->name,
			 "title", plan->title, "file", plan->file, "tags", tags, "needs", needs,
			 "level", level_of(plan),
			 "lesson", lesson ? json_integer(lesson) : json_null(),
			 "last_run_s", ran ? json_real(took_ns / 1e9) : json_null(),
			 "at_least_s", least_ns(plan) / 1e9);
}

/* Title, needs, tags. */
static void say_title(const struct tl_plan *plan, bool terminal, struct tl_buf *text)
{
	int lesson = lab_lesson_of(plan->name);

	tl_buf_str(text, plan->title);
	if (terminal && lesson)
		tl_buf_fmt(text, ", lesson %d", lesson);
	tl_buf_str(text, plan->n_needs ? " (needs " : "");
	tl_plan_say_needs(plan, text);
	tl_buf_str(text, plan->n_needs ? ")" : "");
	for (size_t i = 0; i < plan->n_tags; i++)
		tl_buf_fmt(text, "%s%s", i ? ", " : " [", plan->tags[i]);
	tl_buf_str(text, plan->n_tags ? "]" : "");
}

/* Out of a terminal: a line each, to be cut by other programs. */
static void line_of(const struct tl_plan *plan, int column, struct tl_buf *out)
{
	tl_buf_fmt(out, "%-*s", column, plan->name);
	if (strlen(plan->name) + 2 > (size_t)column)
		tl_buf_str(out, "  ");
	say_title(plan, false, out);
	tl_buf_str(out, "\n");
}

#define TIME_COLUMNS 9
#define WIDE	     100 /* from here on the title stands in the line of the name */

/* At a terminal: level, time and name; the title behind them, or in a narrow one below. */
static void entry_of(const struct tl_plan *plan, int column, const struct lab_options *options,
		     struct tl_buf *out)
{
	struct tl_buf time = { 0 }, title = { 0 };
	int width = options->style.width, indent = 3 + TIME_COLUMNS + 2;

	say_time(plan, options->out, &time);
	say_title(plan, true, &title);
	tl_buf_fmt(out, "%d  %*s  ", level_of(plan), TIME_COLUMNS, tl_buf_text(&time));
	if (width < WIDE) {
		tl_buf_fmt(out, "%s\n%*s", plan->name, indent, "");
		tl_text_hang(out, tl_buf_text(&title), width, indent);
	} else {
		tl_buf_fmt(out, "%-*s", column, plan->name);
		tl_text_hang(out, tl_buf_text(&title), width, indent + column);
	}
	out->failed |= time.failed || title.failed;
	tl_buf_release(&title);
	tl_buf_release(&time);
}

static void say_key(const struct lab_options *options, struct tl_buf *out)
{
	struct tl_buf where = { 0 };

	tl_text_line(&where, options->out);
	tl_buf_str(out, "\n");
	lab_wrap(out, lab_prose_width(&options->style), 0,
		 "The first column is a level: 1 is a lesson of \"%s learn\", 2 needs no more "
		 "than TCP itself, 3 changes settings of the kernel or runs programs other than "
		 "Redis. The second is how long the last run below %s took; \"> 2 s\" is how "
		 "long a scenario waits in any case, and a dash means that there was no run.",
		 lab_typed(), tl_buf_text(&where));
	tl_buf_release(&where);
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
	bool terminal = isatty(STDOUT_FILENO);
	json_t *list = json_array();
	struct tl_buf text = { 0 };
	char **names;
	size_t n = lab_scenario_names(&names);
	int column = column_of(names, n), status = LAB_OK;

	if (!n)
		status = lab_fail("there are no scenarios beside the program");
	for (size_t i = 0; i < n; i++) {
		struct tl_plan **plans;
		size_t variants = lab_load_all(names[i], &plans);

		status = variants ? status : lab_unread();
		if (variants && terminal)
			head_topic(names[i], i ? names[i - 1] : NULL,
				   options->style.width, &text);
		for (size_t v = 0; v < variants; v++) {
			if (terminal)
				entry_of(plans[v], column, options, &text);
			else
				line_of(plans[v], column, &text);
			json_array_append_new(list, json_of(plans[v], options->out));
		}
		lab_free_plans(plans, variants);
	}
	lab_free_names(names, n);
	if (n && terminal)
		say_key(options, &text);
	if (!status)
		status = options->json ? lab_print_json(list) : lab_print(&text);
	tl_buf_release(&text);
	json_decref(list);
	return status;
}

int lab_check(const struct lab_options *options)
{
	int status = LAB_OK;

	if (!options->n_args)
		return lab_refuse("check needs the scenarios to look at");
	for (int i = 0; i < options->n_args; i++) {
		struct tl_plan **plans;
		size_t n = lab_load_all(options->args[i], &plans);

		status = n ? status : lab_unread();
		for (size_t v = 0; v < n; v++)
			if (!options->quiet && lab_answer("%s: %s, %zu phase%s, no mistakes",
							  options->args[i], plans[v]->name,
							  plans[v]->n_phases,
							  plans[v]->n_phases == 1 ? "" : "s"))
				status = LAB_ERROR;
		lab_free_plans(plans, n);
	}
	return status;
}
