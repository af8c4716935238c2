/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab new: a scenario to begin with. */
#include "lab.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "tcplab/scenario.h"

/* What a scenario on standard output is called. */
#define NAMELESS "mine/first"

/* The name is written between the two. */
static const char head[] = "#\n# Which states does this scenario visit, and why?\nscenario: "
			   "1\nname: ";

static const char body[] =
	"\n"
	"title: The client closes first\n"
	"watch: 7000                       # the port whose rows make the table\n"
	"sysctl: { net.ipv4.ip_local_port_range: 53525 53525 }   # the same ports in every run\n"
	"\n"
	"actors:\n"
	"  server: { peer: { port: 7000 } }\n"
	"  client: { peer: {} }            # or a program of yours:\n"
	"  # client: { program: { run: [python3, my_client.py], cwd: . } }\n"
	"\n"
	"phases:\n"
	"  - phase: Open\n"
	"    do:\n"
	"      - open: client to server    # start both, listen, connect, accept\n"
	"    expect:                       # the whole watched table, in any order\n"
	"      - server LISTEN\n"
	"      - server -> client ESTABLISHED\n"
	"      - client -> server ESTABLISHED\n"
	"\n"
	"  - phase: The client closes\n"
	"    do:\n"
	"      - close: client\n"
	"    expect:\n"
	"      - server LISTEN\n"
	"      - server -> client CLOSE_WAIT\n"
	"      - client -> server FIN_WAIT2\n"
	"\n"
	"  - phase: The server closes\n"
	"    do:\n"
	"      - close: { by: server, on: connection }\n"
	"    expect:\n"
	"      - server LISTEN\n"
	"      - client -> server TIME_WAIT\n"
	"\n"
	"claims:\n"
	"  - claim: active-closer\n"
	"    says: The end that closes first keeps TIME_WAIT.\n"
	"    for:\n"
	"      - { saw: client -> server TIME_WAIT, in: The server closes }\n"
	"      - never: server -> client TIME_WAIT\n"
	"    verdict: holds\n";

/* "scenarios/mine/leak.yaml" is mine/leak; of a path from elsewhere the last part counts. */
static void name_of(const char *path, struct tl_buf *name)
{
	static const char below[] = "scenarios/";
	size_t n = lab_stem(path);

	if (!strncmp(path, below, strlen(below))) {
		path += strlen(below);
		n -= strlen(below);
	} else if (*path == '/' || *path == '.') {
		const char *slash = memrchr(path, '/', n);

		n -= slash ? slash + 1 - path : 0;
		path = slash ? slash + 1 : path;
	}
	tl_buf_add(name, path, n);
}

static void write_scenario(const char *name, struct tl_buf *out)
{
	char schema[LAB_SCHEMA_PATH];

	if (lab_find_schema(schema))
		tl_buf_fmt(out, "# yaml-language-server: $schema=%s\n", schema);
	tl_buf_fmt(out, "%s%s%s", head, name, body);
}

/* A name that is none makes a scenario with a mistake; it is told as any other. */
static int refuse_mistakes(const char *path, const struct tl_buf *text)
{
	struct tl_buf messages = { 0 };
	struct tl_plan *plan = NULL;
	struct tl_err err;
	int status = LAB_OK;

	if (tl_scenario_parse(path, tl_buf_text(text), text->len, &plan, &messages, &err)) {
		fputs(tl_buf_text(&messages), stderr);
		status = lab_refuse("%s", err.text);
	}
	tl_plan_free(plan);
	tl_buf_release(&messages);
	return status;
}

static int save(const char *path, const struct tl_buf *text)
{
	struct tl_err err;

	if (lab_write_new(path, text, &err)) {
		lab_complain("%s", err.text);
		return err.code == EEXIST ? LAB_USAGE : LAB_ERROR;
	}
	return lab_answer("%s is written. Next: %s check %s && %s run %s", path, lab_typed(), path,
			  lab_typed(), path);
}

int lab_new(const struct lab_options *options)
{
	struct tl_buf name = { 0 }, path = { 0 }, text = { 0 };
	const char *arg = options->n_args ? options->args[0] : "";
	bool print = !strcmp(arg, "-"), whole = arg[lab_stem(arg)];
	int status;

	if (options->n_args != 1 || !*arg)
		return lab_refuse("new needs the name of the scenario, as in mine/leak, or - to "
				  "print it");
	if (strlen(arg) >= PATH_MAX)
		return lab_refuse("\"%s\" is too long for the path of a file", arg);
	tl_buf_fmt(&path, "%s%s", print ? NAMELESS : arg, whole ? "" : LAB_SUFFIX);
	name_of(tl_buf_text(&path), &name);
	write_scenario(tl_buf_text(&name), &text);
	if (name.failed || path.failed || text.failed)
		status = lab_refuse("no memory for a scenario");
	else
		status = refuse_mistakes(tl_buf_text(&path), &text);
	if (!status)
		status = print ? lab_print(&text) : save(tl_buf_text(&path), &text);
	tl_buf_release(&text);
	tl_buf_release(&path);
	tl_buf_release(&name);
	return status;
}
