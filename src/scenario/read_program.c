/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An actor that is any command: what runs, where, on which files, and when it is ready. */
#include "read_program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MOST 64
#define GRACE_DEFAULT_NS UINT64_C(5000000000)

static struct tl_program *program_of(void *into)
{
	return ((struct tl_actor_spec *)into)->program;
}

/* What a program gets to read: any text, line breaks and all, except for a NUL. */
static char *read_raw(struct scn_reader *r, const struct scn_node *node, const char *what)
{
	if (node->kind == SCN_NUMBER || node->kind == SCN_BOOL)
		return scn_scalar(r, node, what);
	if (!scn_is(r, node, SCN_TEXT, what))
		return NULL;
	if (memchr(node->text, '\0', node->len)) {
		scn_mistake(r, node->at, "%s holds a NUL: leave it out", what);
		return NULL;
	}
	return scn_strndup(r, node->text, node->len);
}

/* A program that is looked for in the path has no blank in its name. */
static void refuse_line(struct scn_reader *r, const struct scn_node *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-+./= ";
	bool plain = strspn(name->text, letters) == name->len && name->len < 80;
	size_t first = strcspn(name->text, " ");
	struct tl_buf words = { 0 };

	if (first == name->len || memchr(name->text, '/', first))
		return;
	for (const char *word = name->text; plain && *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		tl_buf_fmt(&words, "%s%.*s", words.len ? ", " : "", (int)n, word);
		word += n;
	}
	scn_mistake(r, name->at, "no shell splits a line into words: write %s[%s]",
		    plain ? "" : "a list of them, such as ",
		    plain ? tl_buf_text(&words) : "python3, -m, http.server");
	r->oom |= words.failed;
	tl_buf_release(&words);
}

static void read_run(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	if (node->kind == SCN_TEXT) {
		scn_mistake(r, node->at,
			    "run must be a list of words, such as [python3, -m, "
			    "http.server]: no shell splits a line into words");
		return;
	}
	if (!scn_is(r, node, SCN_LIST, "run"))
		return;
	if (!node->n)
		scn_mistake(r, node->at, "run is empty: its first word is the program");
	if (node->n > TL_PROGRAM_WORDS_MAX)
		scn_mistake(r, node->items[TL_PROGRAM_WORDS_MAX].at,
			    "a command has %d words at most", TL_PROGRAM_WORDS_MAX);
	program->argv = scn_calloc(r, node->n, sizeof(*program->argv));
	for (size_t i = 0; program->argv && i < node->n && i < TL_PROGRAM_WORDS_MAX; i++)
		program->argv[program->argc++] =
			read_raw(r, &node->items[i], "a word of the command");
	if (node->n && node->items[0].kind == SCN_TEXT && !node->items[0].len)
		scn_mistake(r, node->items[0].at, "the program has no name");
	if (node->n && node->items[0].kind == SCN_TEXT)
		refuse_line(r, &node->items[0]);
}

/* Below the program's own directory, and nowhere else. */
static bool is_path(const char *path, size_t len)
{
	if (!len || path[0] == '/' || path[len - 1] == '/' || memchr(path, '\0', len))
		return false;
	while (*path) {
		size_t word = strcspn(path, "/");

		if (!word || (word <= 2 && strspn(path, ".") >= word))
			return false;
		path += word;
		path += *path == '/';
	}
	return true;
}

static void check_path(struct scn_reader *r, const struct scn_node *name)
{
	if (!is_path(name->text, name->len))
		scn_mistake(r, name->at,
			    "%s is not a file below the program's own directory, such as "
			    "server.py or etc/my.conf",
			    SCN_QUOTE(name->text, name->len));
}

static void check_variable(struct scn_reader *r, const struct scn_node *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789";

	if (!name->len || strspn(name->text, letters) != name->len ||
	    (name->text[0] >= '0' && name->text[0] <= '9'))
		scn_mistake(r, name->at,
			    "%s cannot be the name of a variable: it has letters, digits and "
			    "\"_\"",
			    SCN_QUOTE_NAME(name->text, name->len));
}

static void read_pairs(struct scn_reader *r, const struct scn_node *map, const char *what,
		       void (*check)(struct scn_reader *r, const struct scn_node *name),
		       struct tl_setting **pairs, size_t *n)
{
	if (!scn_is(r, map, SCN_MAP, what))
		return;
	if (map->n > FILES_MOST)
		scn_mistake(r, map->at, "%s has %d entries at most", what, FILES_MOST);
	*pairs = scn_calloc(r, map->n, sizeof(**pairs));
	for (size_t i = 0; *pairs && i < map->n; i++) {
		const struct scn_node *name = &map->items[2 * i];
		struct tl_setting *pair = &(*pairs)[(*n)++];

		check(r, name);
		pair->name = scn_strndup(r, name->text, name->len);
		pair->value = read_raw(r, name + 1, what);
		pair->where = scn_where(&r->src, name->at.at);
	}
}

static void read_files(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	read_pairs(r, node, "files", check_path, &program->files, &program->n_files);
}

static void read_env(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	read_pairs(r, node, "env", check_variable, &program->env, &program->n_env);
}

static void read_cwd(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	program->cwd = scn_text(r, node, "cwd", SCN_ONE_LINE);
}

static void read_input(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	program->input = read_raw(r, node, "input");
}

static void read_says(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	program->ready = TL_READY_SAYS;
	program->says = scn_text(r, node, "says", SCN_ONE_LINE);
}

static void read_ready(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_key keys[] = { { "says", true, read_says } };
	static const enum tl_ready words[] = { TL_READY_AT_ONCE, TL_READY_LISTENS,
					       TL_READY_EXITS };
	struct scn_unknown u = { .word = node->text, .len = node->len, .words = SCN_KEYS };
	struct tl_program *program = program_of(into);

	if (node->kind == SCN_MAP) {
		SCN_READ_MAP(r, node, "ready", keys, into);
		return;
	}
	if (!scn_is(r, node, SCN_TEXT, "ready"))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(node->text, tl_ready_name(words[i])))
			continue;
		program->ready = words[i];
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		scn_unknown_try(&u, tl_ready_name(words[i]));
	scn_unknown_try(&u, "{ says: TEXT }");
	scn_unknown_report(r, &u, node->at, "word for when a program is ready");
}

/* The number of "SIGINT" or "INT"; 0 for none. */
static int find_signal(const char *text)
{
	text += strncmp(text, "SIG", 3) ? 0 : 3;
	for (int signal = 1; signal < NSIG; signal++) {
		const char *name = sigabbrev_np(signal);

		if (name && !strcmp(name, text))
			return signal;
	}
	return 0;
}

int scn_signal(struct scn_reader *r, const struct scn_node *node, const char *what)
{
	struct scn_unknown u = { .word = node->text, .len = node->len };
	const char *number = node->kind == SCN_NUMBER ? sigabbrev_np(atoi(node->text)) : NULL;
	int signal;

	if (number) {
		scn_mistake(r, node->at, "a signal has a name, and %s is %s: write that",
			    node->text, number);
		return 0;
	}
	if (!scn_is(r, node, SCN_TEXT, what))
		return 0;
	signal = find_signal(node->text);
	if (signal)
		return signal;
	for (signal = 1; signal < NSIG; signal++) {
		const char *name = sigabbrev_np(signal);
		char whole[16];

		if (!name)
			continue;
		snprintf(whole, sizeof(whole), "SIG%s", name);
		scn_unknown_try(&u, whole);
	}
	scn_unknown_report(r, &u, node->at, "signal");
	return 0;
}

static void read_stop(struct scn_reader *r, const struct scn_node *node, void *into)
{
	int signal = scn_signal(r, node, "stop");

	if (signal)
		program_of(into)->stop_signal = signal;
}

static void read_grace(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_program *program = program_of(into);

	scn_duration(r, node, "grace", &program->grace_ns);
}

static void check_ready(struct scn_reader *r, const struct scn_node *node,
			const struct tl_actor_spec *actor)
{
	const struct scn_node *ready = scn_find(node, "ready", NULL);

	if (!ready && actor->port)
		actor->program->ready = TL_READY_LISTENS;
	else if (ready && actor->program->ready == TL_READY_LISTENS && !actor->port)
		scn_mistake(r, ready->at, "\"ready: listens\" needs the port on which it "
					  "listens");
}

void scn_read_program(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_key keys[] = {
		{ "run", true, read_run },        { "port", false, scn_read_port },
		{ "bind", false, scn_read_bind }, { "files", false, read_files },
		{ "env", false, read_env },       { "cwd", false, read_cwd },
		{ "input", false, read_input },   { "ready", false, read_ready },
		{ "stop", false, read_stop },     { "grace", false, read_grace },
	};
	struct tl_actor_spec *actor = into;

	actor->kind = TL_ACTOR_KIND_PROGRAM;
	actor->program = scn_calloc(r, 1, sizeof(*actor->program));
	if (!actor->program)
		return;
	actor->program->stop_signal = SIGTERM;
	actor->program->grace_ns = GRACE_DEFAULT_NS;
	if (SCN_READ_MAP(r, node, "a program", keys, actor))
		check_ready(r, node, actor);
}
