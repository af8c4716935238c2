/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A text goes through five gates. The first two must be passed to come to the next:
 *
 *   encoding.c  is it text at all: UTF-8, no control characters, not too long
 *   yaml.c      libfyaml's events become a tree of nodes with exact places; syntax.c
 *               puts libfyaml's complaints in plain words
 *   vary.c      of a text that is several scenarios, one: its parameters are filled in
 *   the keys    each mapping of the language has a table, one row a key, with the
 *               function that reads its value into the plan: here the topmost, then
 *               actors.c, settings.c, call.c, pattern.c, selector.c, check.c, read_*.c
 *   order.c     are actors started before they are used; sockets.c: have peers the sockets
 *               they make their calls on, and will they be answered (foresee.c); held.c: are
 *               segments held before they are awaited and let go
 *
 * Whoever finds a mistake notes it with its place and goes on with the next thing, so
 * that a text is read to its end whatever is wrong with it. What was half filled is never
 * seen outside: a plan is handed out only when there is no mistake. mistake.c puts them in
 * order of place, excerpt.c shows the place.
 *
 * Names are read before they are referred to: the tables are gone through in their own
 * order, actors before phases before claims, in whatever order the text has them.
 */
#include "tcplab/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "reader.h"
#include "settings.h"
#include "tcplab/enum_names.h"
#include "vary.h"

#define VERSION   1
#define NAME_MOST 100
#define TAG_MOST  30
#define TAGS_MOST 16

static void read_version(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	long version;

	(void)unused;
	if (scn_number(r, node, "the version", 1, 999, &version) && version != VERSION)
		scn_mistake(r, node->at,
			    "this tcplab does not know version %ld of the language, only "
			    "version %d",
			    version, VERSION);
}

/* Another version has other keys: to find fault with them would only mislead. */
static bool is_other_version(struct scn_reader *r, const struct scn_node *root)
{
	const struct scn_node *version = scn_find(root, "scenario", NULL);
	size_t before = r->mistakes.total;

	if (!version || version->kind != SCN_NUMBER)
		return false;
	read_version(r, version, NULL);
	return r->mistakes.total != before;
}

/* Words of a-z, 0-9 and '-' with '/' between: it is a path below scenarios/, and a URL. */
static bool is_name(const char *name)
{
	for (;;) {
		size_t word = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

		name += word;
		if (!word || *name != '/')
			return word && !*name;
		name++;
	}
}

static void read_name(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	char *name = scn_text(r, node, "name", SCN_ONE_LINE);

	(void)unused;
	r->plan->name = name;
	if (name && (node->len > NAME_MOST || !is_name(name)))
		scn_mistake(r, node->at,
			    "%s cannot be the name of a scenario: words of a-z, 0-9 and "
			    "\"-\", with \"/\" between them, %d letters at most",
			    SCN_QUOTE_NAME(node->text, node->len), NAME_MOST);
}

/* Behind the head of a part and its colon, from @text on; NULL: it is not there. */
static const char *part_at(const char *text, enum tl_complaint_part part, size_t *head_len)
{
	char head[32];

	*head_len = snprintf(head, sizeof(head), "%s:", tl_complaint_head(part));
	return strstr(text, head);
}

/* A text that begins with "What you see:", and then says why, is a complaint. */
static void read_complaint(struct scn_reader *r)
{
	const char *at[TL_N_COMPLAINT_PARTS + 1], *about = r->plan->about;
	size_t head[TL_N_COMPLAINT_PARTS], n = 0;

	while (n < TL_N_COMPLAINT_PARTS &&
	       (at[n] = part_at(n ? at[n - 1] : about, n, &head[n])))
		n++;
	if (n <= TL_COMPLAINT_WHY || at[TL_COMPLAINT_SEES] != about)
		return;
	at[n] = about + strlen(about);
	for (size_t i = 0; i < n; i++) {
		const char *from = at[i] + head[i] + strspn(at[i] + head[i], " \n");

		r->plan->complaint[i] = strndup(from, at[i + 1] - from);
		r->oom |= !r->plan->complaint[i];
	}
}

static void read_about(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	(void)unused;
	r->plan->about = scn_text(r, node, "about", SCN_MANY_LINES);
	if (r->plan->about)
		read_complaint(r);
}

static void add_tag(struct scn_reader *r, const struct scn_node *node)
{
	struct tl_plan *plan = r->plan;
	char *tag = scn_text(r, node, "a tag", SCN_ONE_LINE);

	if (!tag)
		return;
	if (strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-") != node->len ||
	    node->len > TAG_MOST)
		scn_mistake(r, node->at,
			    "%s cannot be a tag: a word of a-z, 0-9 and \"-\", %d letters at "
			    "most",
			    SCN_QUOTE_NAME(node->text, node->len), TAG_MOST);
	else if (tl_plan_has_tag(plan, tag))
		scn_mistake(r, node->at, "the tag %s is named twice", tag);
	plan->tags[plan->n_tags++] = tag;
}

static void read_tags(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	(void)unused;
	if (!scn_is(r, node, SCN_LIST, "tags"))
		return;
	if (!node->n)
		scn_mistake(r, node->at, "the list of tags is empty: leave tags out");
	if (node->n > TAGS_MOST)
		scn_mistake(r, node->at, "%zu tags are too many: %d at most", node->n,
			    TAGS_MOST);
	r->plan->tags = scn_calloc(r, node->n, sizeof(*r->plan->tags));
	for (size_t i = 0; r->plan->tags && i < node->n; i++)
		add_tag(r, &node->items[i]);
}

static void add_watch(struct scn_reader *r, const struct scn_node *node)
{
	struct tl_plan *plan = r->plan;
	long port;

	if (!scn_number(r, node, "a port", 1, 65535, &port))
		return;
	for (size_t i = 0; i < plan->n_watch; i++)
		if (plan->watch[i] == port)
			scn_mistake(r, node->at, "port %ld is named twice", port);
	plan->watch[plan->n_watch++] = port;
}

static void read_watch(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	size_t n;
	const struct scn_node *port = scn_items(node, &n);

	(void)unused;
	if (!n)
		scn_mistake(r, node->at,
			    "the list of ports is empty: leave watch out to see "
			    "every row");
	r->plan->watch = scn_calloc(r, n, sizeof(*r->plan->watch));
	for (size_t i = 0; r->plan->watch && i < n; i++)
		add_watch(r, &port[i]);
}

static void read_sysctl(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	(void)unused;
	scn_read_sysctls(r, node, &r->plan->sysctls, &r->plan->n_sysctls);
}

static void read_wire(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const char *const names[] = { TL_WIRE_MODES(TL_X_NAME) NULL };
	struct tl_plan *plan = into;
	int mode;

	if (node->kind != SCN_BOOL && !scn_is(r, node, SCN_TEXT, "wire"))
		return;
	mode = scn_choice(r, node, "mode of the wire", SCN_NAMES, names);
	if (mode < 0)
		return;
	plan->wire = (enum tl_wire_mode)mode;
	if (plan->wire == TL_WIRE_OFF)
		r->wire_off = node->at;
}

static void read_mock(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	bool mock = true;

	(void)unused;
	scn_yes_no(r, node, "mock", &mock);
	r->plan->no_mock = !mock;
}

/* "vary" has been read before: it makes the tree what it is. */
static void read_nothing(struct scn_reader *r, const struct scn_node *node, void *unused)
{
	(void)r;
	(void)node;
	(void)unused;
}

static const struct scn_key top[] = {
	{ "scenario", true, read_version },
	{ "name", true, read_name },
	{ "title", true, SCN_INTO(struct tl_plan, title, SCN_LINE) },
	{ "about", false, read_about },
	{ "tags", false, read_tags },
	{ "vary", false, read_nothing },
	{ "watch", false, read_watch },
	{ "wire", false, read_wire },
	{ "mock", false, read_mock },
	{ "sysctl", false, read_sysctl },
	{ "quickack", false, SCN_INTO(struct tl_plan, quickack, SCN_YES_NO) },
	{ "actors", true, scn_read_actors },
	{ "needs", false, scn_read_needs },
	{ "phases", true, scn_read_phases },
	{ "claims", false, scn_read_claims },
};

static void read_root(struct scn_reader *r, const struct scn_node *root)
{
	if (root->kind == SCN_NOTHING || (root->kind == SCN_WRONG && !r->mistakes.total))
		scn_mistake(r, (struct scn_span){ 0 },
			    "the scenario is empty: it begins with \"scenario: %d\"", VERSION);
	else if (!is_other_version(r, root) &&
		 SCN_READ_MAP(r, root, "a scenario", top, r->plan)) {
		scn_check_order(r);
		scn_check_calls(r);
		scn_check_holds(r);
		scn_check_answers(r);
		scn_check_stopped(r);
	}
}

/* Return: is there such a variant? */
static bool read_text(struct scn_reader *r, const char *variant)
{
	struct scn_node root = { 0 };
	bool found = true;

	if (scn_encoding_check(r) && scn_yaml_read(r, &root)) {
		found = root.kind == SCN_MAP ? scn_vary(r, &root, variant) : !variant;
		if (found)
			read_root(r, &root);
		scn_name_variant(r);
	}
	scn_node_release(&root);
	return found;
}

/* The plan to fill: what does not come from the text's keys. */
static int begin(struct scn_reader *r, const char *file, const char *text, size_t len)
{
	int rc = scn_source_init(&r->src, file, text, len);

	r->plan = calloc(1, sizeof(*r->plan));
	if (rc || !r->plan)
		return -ENOMEM;
	r->plan->file = strdup(file);
	r->plan->text = malloc(len + 1);
	if (!r->plan->file || !r->plan->text)
		return -ENOMEM;
	if (len)
		memcpy(r->plan->text, text, len);
	r->plan->text[len] = '\0';
	r->plan->text_len = len;
	return 0;
}

int tl_scenario_parse(const char *file, const char *text, size_t len, struct tl_plan **plan,
		      struct tl_buf *messages, struct tl_err *err)
{
	return tl_scenario_parse_variant(file, text, len, NULL, plan, messages, err);
}

int tl_scenario_parse_variant(const char *file, const char *text, size_t len,
			      const char *variant, struct tl_plan **plan,
			      struct tl_buf *messages, struct tl_err *err)
{
	struct scn_reader r = { 0 };
	int rc = begin(&r, file, text, len);
	bool found = true;

	*plan = NULL;
	if (!rc)
		found = read_text(&r, variant);
	if (rc || r.oom || r.mistakes.failed) {
		rc = tl_err_set(err, ENOMEM, "no memory to read %s", file);
		goto out;
	}
	if (r.mistakes.total) {
		if (messages)
			scn_mistakes_show(&r.mistakes, &r.src, messages);
		rc = tl_err_set(err, EINVAL, "%zu mistake%s in %s", r.mistakes.total,
				r.mistakes.total == 1 ? "" : "s", file);
		goto out;
	}
	if (!found) {
		rc = tl_err_set(err, ENOENT, "%s has no variant \"%s\"", file, variant);
		goto out;
	}
	*plan = r.plan;
	r.plan = NULL;
out:
	tl_plan_free(r.plan);
	free(r.places);
	scn_mistakes_release(&r.mistakes);
	scn_source_release(&r.src);
	return rc;
}

int tl_scenario_of_run(const struct tl_trace *trace, struct tl_plan **plan,
		       struct tl_buf *messages, struct tl_err *err)
{
	const struct tl_event *ev = tl_trace_run(trace);

	if (!ev)
		return tl_err_set(err, EINVAL, "this trace does not begin with a run");
	return tl_scenario_parse_variant(ev->run.file, ev->run.text, strlen(ev->run.text),
					 ev->run.variant, plan, messages, err);
}
