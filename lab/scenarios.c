/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where scenarios are found: by file, or by name beside the program, installed or not. */
#include "lab.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tcplab/grow.h"
#include "tcplab/near.h"
#include "tcplab/scenario.h"

/* Seen from the directory of the program: a source tree's build/, an installation's bin/. */
static const char *const places[] = { "../scenarios", "../share/tcplab/scenarios" };

/* The directory the shipped scenarios are in. @out: PATH_MAX bytes. Return: found */
static bool find_shipped(char *out)
{
	char exe[PATH_MAX], path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n < 0)
		return false;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return false;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%s", exe, places[i]);
		if (realpath(path, out))
			return true;
	}
	return false;
}

bool lab_find_schema(char *out)
{
	char shipped[PATH_MAX];

	if (!find_shipped(shipped))
		return false;
	snprintf(out, LAB_SCHEMA_PATH, "%s/schema/scenario.v1.json", shipped);
	return !access(out, R_OK);
}

size_t lab_stem(const char *path)
{
	size_t n = strlen(path), suffix = strlen(LAB_SUFFIX);

	return n >= suffix && !strcmp(path + n - suffix, LAB_SUFFIX) ? n - suffix : n;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISDIR(st.st_mode);
}

/* The file of scenario @name. @out: PATH_MAX + 64 bytes. */
static bool find_file(const char *name, char *out, size_t size)
{
	char shipped[PATH_MAX];

	if (is_file(name) || (lab_stem(name) && name[lab_stem(name)])) {
		snprintf(out, size, "%s", name);
		return true;
	}
	if (name[0] == '/' || strstr(name, "..") || !find_shipped(shipped))
		return false;
	snprintf(out, size, "%s/%s" LAB_SUFFIX, shipped, name);
	return is_file(out);
}

/* The file of a name, and where "NAME/VARIANT" is said, the variant. @path: PATH_MAX + 256 bytes. */
static bool find_variant(const char *name, char *path, size_t size, const char **variant)
{
	const char *slash = strrchr(name, '/');
	char stem[PATH_MAX];

	*variant = NULL;
	if (find_file(name, path, size))
		return true;
	if (!slash || (size_t)(slash - name) >= sizeof(stem))
		return false;
	snprintf(stem, sizeof(stem), "%.*s", (int)(slash - name), name);
	*variant = slash + 1;
	return find_file(stem, path, size);
}

/* Why the latest could not be had: what has run out is not the mistake of whoever asked. */
static int unread = LAB_USAGE;

int lab_unread(void)
{
	return unread;
}

static void note_trouble(const struct tl_err *err)
{
	lab_complain("%s", err->text);
	if (err->code == ENOMEM || err->code == EMFILE || err->code == ENFILE)
		unread = LAB_ERROR;
}

/* One variant of a file that has been read. @named: so that a mistake is told whose it is */
static struct tl_plan *parse(const char *path, const struct tl_buf *text, const char *variant,
			     bool named)
{
	struct tl_buf messages = { 0 };
	struct tl_plan *plan = NULL;
	struct tl_err err;

	if (tl_scenario_parse_variant(path, tl_buf_text(text), text->len, variant, &plan, &messages,
				      &err)) {
		if (named)
			lab_complain("variant %s:", variant);
		if (messages.len)
			fputs(tl_buf_text(&messages), stderr);
		note_trouble(&err);
	}
	tl_buf_release(&messages);
	return plan;
}

/* The variants behind the first. Return: are all of them without a mistake? */
static bool load_others(const char *path, const struct tl_buf *text, struct tl_plan **plans,
			size_t *n)
{
	const struct tl_plan *first = plans[0];

	for (size_t i = 1; i < first->n_variants; i++) {
		plans[*n] = parse(path, text, first->variants[i], true);
		if (!plans[*n])
			return false;
		++*n;
	}
	return true;
}

/* The one of ours that may be meant, with its folder or without. NULL for none (borrowed) */
static const char *find_near(const char *name, char *const *names, size_t n)
{
	const char *best = NULL;
	unsigned least = TL_NEAR_NONE;

	for (size_t i = 0; i < n; i++) {
		const char *slash = strchr(name, '/') ? NULL : strrchr(names[i], '/');
		const char *known = slash ? slash + 1 : names[i];

		if (strlen(name) <= TL_NEAR_LONGEST && strlen(known) <= TL_NEAR_LONGEST &&
		    tl_near(name, strlen(name), known, strlen(known), &least))
			best = names[i];
	}
	return best;
}

static void complain_of(const char *name)
{
	char **names;
	size_t n = lab_scenario_names(&names);
	const char *near = find_near(name, names, n);

	if (near)
		lab_complain("there is no scenario \"%s\": did you mean %s?", name, near);
	else
		lab_complain("there is no scenario \"%s\"; \"%s list\" shows all of them, "
			     "and a path to a .yaml file works as well",
			     name, lab_typed());
	lab_free_names(names, n);
}

void lab_free_plans(struct tl_plan **plans, size_t n)
{
	while (n)
		tl_plan_free(plans[--n]);
	free(plans);
}

size_t lab_load_all(const char *name, struct tl_plan ***plans)
{
	char path[PATH_MAX + 256];
	struct tl_buf text = { 0 };
	const char *variant;
	struct tl_plan *first = NULL;
	struct tl_err err;
	size_t n = 0;

	*plans = NULL;
	if (!find_variant(name, path, sizeof(path), &variant))
		complain_of(name);
	else if (lab_read_file(path, &text, &err))
		note_trouble(&err);
	else
		first = parse(path, &text, variant, false);
	if (first)
		*plans = calloc(first->n_variants + 1, sizeof(**plans));
	if (*plans)
		(*plans)[n++] = first;
	if (n && !variant && !load_others(path, &text, *plans, &n)) {
		lab_free_plans(*plans, n);
		*plans = NULL;
		n = 0;
	}
	tl_buf_release(&text);
	return n;
}

bool lab_mentions(const char *name, const char *word)
{
	char path[PATH_MAX + 64];
	struct tl_buf text = { 0 };
	struct tl_err err;
	bool found = find_file(name, path, sizeof(path)) &&
		     (lab_read_file(path, &text, &err) || strcasestr(tl_buf_text(&text), word));

	tl_buf_release(&text);
	return found;
}

struct tl_plan *lab_load(const char *name)
{
	struct tl_plan **plans, *plan = NULL;
	size_t n = lab_load_all(name, &plans);

	if (n == 1)
		plan = plans[--n];
	else if (n)
		lab_complain("%s is %zu scenarios: say which, such as %s/%s", name, n, name,
			     plans[0]->variant);
	lab_free_plans(plans, n);
	return plan;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void lab_free_names(char **names, size_t n)
{
	while (n)
		free(names[--n]);
	free(names);
}

size_t lab_scenario_names(char ***names)
{
	char shipped[PATH_MAX], *roots[] = { shipped, NULL };
	size_t n = 0, skip;
	FTSENT *entry;
	FTS *walk;

	*names = NULL;
	if (!find_shipped(shipped))
		return 0;
	skip = strlen(shipped) + 1;
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (entry = fts_read(walk))) {
		size_t stem = lab_stem(entry->fts_name);
		char *name;

		if (entry->fts_info != FTS_F || !stem || !entry->fts_name[stem])
			continue;
		name = strndup(entry->fts_path + skip, lab_stem(entry->fts_path) - skip);
		if (!name || !TL_GROW(*names, n)) {
			free(name);
			break;
		}
		(*names)[n++] = name;
	}
	if (walk)
		fts_close(walk);
	if (n)
		qsort(*names, n, sizeof(**names), by_name);
	return n;
}
