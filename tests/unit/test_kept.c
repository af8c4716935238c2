/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs that are kept below one directory, and which of them a page shows beside it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lab/kept.h"

#define RUN   "redis/walkthrough"
#define OTHER "redis/master-stops-first" /* it can be compared with that */

static char root[64];
static struct lab_kept kept;

static void begin(void)
{
	snprintf(root, sizeof(root), "/tmp/test_kept.XXXXXX");
	cr_assert_not_null(mkdtemp(root));
}

static void end(void)
{
	char command[128];

	lab_kept_release(&kept);
	snprintf(command, sizeof(command), "rm -r %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(kept, .init = begin, .fini = end);

/* Keep a saved trace below @name. @fails: expecting what was not so */
static void keep(const char *golden, const char *name, bool fails)
{
	struct tl_buf text = { 0 };
	struct tl_err err;
	char path[256];

	snprintf(path, sizeof(path), "tests/golden/%s/trace.ndjson", golden);
	cr_assert_eq(lab_read_file(path, &text, &err), 0, "%s", err.text);
	if (fails)
		memcpy(strstr(text.data, "ESTABLISHED\\n"), "CLOSE_WAIT ", strlen("ESTABLISHED"));
	snprintf(path, sizeof(path), "%s/%s/trace.ndjson", root, name);
	cr_assert_eq(lab_write_new(path, &text, &err), 0, "%s", err.text);
	tl_buf_release(&text);
}

static void read_back(const char *name)
{
	struct tl_err err;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/trace.ndjson", root, name);
	cr_assert_eq(lab_kept_read(&kept, path, &err), 0, "%s", err.text);
}

/* Does the page of what was read show another run beside it? */
static bool shows_other(void)
{
	const struct tl_report_style style = { .width = 80 };
	struct tl_buf page = { 0 };
	struct tl_err err;
	bool shows;

	cr_assert_eq(lab_kept_render(&kept, tl_renderer_find("html"), &style, &page, &err), 0);
	shows = strstr(tl_buf_text(&page), "class=\"beside-it\"");
	tl_buf_release(&page);
	return shows;
}

Test(kept, a_run_is_among_those_below_the_same_directory)
{
	keep("walkthrough", RUN, false);
	read_back(RUN);
	cr_assert_str_eq(kept.among, root);
}

Test(kept, a_trace_that_lies_elsewhere_is_among_none)
{
	keep("walkthrough", "other" RUN, false);
	keep("master-first", "other" OTHER, false);
	read_back("other" RUN);
	cr_assert_str_eq(kept.among, "");
	cr_assert_not(shows_other());
}

Test(kept, a_page_shows_the_run_that_it_can_be_compared_with)
{
	keep("walkthrough", RUN, false);
	read_back(RUN);
	cr_assert_not(shows_other(), "there is none");
	keep("master-first", OTHER, false);
	cr_assert(shows_other());
}

Test(kept, a_run_that_was_cut_short_is_not_shown)
{
	keep("master-first", OTHER, false);
	keep("cut", RUN, false);
	read_back(OTHER);
	cr_assert_not(shows_other());
}

Test(kept, a_run_that_did_not_pass_is_not_shown)
{
	keep("master-first", OTHER, false);
	keep("walkthrough", RUN, true);
	read_back(OTHER);
	cr_assert_not(shows_other());
}

Test(kept, a_run_that_did_not_pass_shows_none)
{
	keep("cut", RUN, false);
	keep("master-first", OTHER, false);
	read_back(RUN);
	cr_assert_str_eq(kept.among, root);
	cr_assert_not(shows_other());
}
