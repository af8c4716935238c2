/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where scenarios are found: by file, or by name beside the program, installed or not. */
#include "lab.h"

#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcplab/grow.h"
#include "tcplab/scenario.h"

#define SUFFIX ".yaml"

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

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISDIR(st.st_mode);
}

/* The file of scenario @name. @out: PATH_MAX + 64 bytes. */
static bool find_file(const char *name, char *out, size_t size)
{
	char shipped[PATH_MAX];
	size_t n = strlen(name);

	if (is_file(name) || (n > strlen(SUFFIX) && !strcmp(name + n - strlen(SUFFIX), SUFFIX))) {
		snprintf(out, size, "%s", name);
		return true;
	}
	if (name[0] == '/' || strstr(name, "..") || !find_shipped(shipped))
		return false;
	snprintf(out, size, "%s/%s" SUFFIX, shipped, name);
	return is_file(out);
}

struct tl_plan *lab_load(const char *name)
{
	char path[PATH_MAX + 256];
	struct tl_buf text = { 0 }, messages = { 0 };
	struct tl_plan *plan = NULL;
	struct tl_err err;

	if (!find_file(name, path, sizeof(path))) {
		lab_complain("there is no scenario \"%s\"; \"%s list\" shows those there are, "
			     "and a path to a .yaml file works as well",
			     name, lab_typed());
		return NULL;
	}
	if (lab_read_file(path, &text, &err) ||
	    tl_scenario_parse(path, tl_buf_text(&text), text.len, &plan, &messages, &err)) {
		if (messages.len)
			fputs(tl_buf_text(&messages), stderr);
		lab_complain("%s", err.text);
	}
	tl_buf_release(&messages);
	tl_buf_release(&text);
	return plan;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Is this entry of the walk a scenario? */
static bool is_scenario(const FTSENT *entry)
{
	size_t n = strlen(entry->fts_name);

	return entry->fts_info == FTS_F && n > strlen(SUFFIX) &&
	       !strcmp(entry->fts_name + n - strlen(SUFFIX), SUFFIX);
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
		char *name;

		if (!is_scenario(entry))
			continue;
		name = strndup(entry->fts_path + skip,
			       strlen(entry->fts_path) - skip - strlen(SUFFIX));
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
