/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of renderers. */
#include "render.h"

#include <errno.h>
#include <string.h>

static const struct tl_renderer renderers[] = {
	{ "text", NULL, "for a terminal", false, tl_report_text },
	{ "html", "report.html", "a page to step through the run, for a browser", false,
	  tl_report_html },
	{ "md", "report.md", "Markdown, as GitHub shows it", false, tl_report_md },
	{ "json", "report.json", "for programs: scenarios/schema/report.v1.json", false,
	  tl_report_json },
	{ "junit", "report.xml", "JUnit XML, for CI systems", false, tl_report_junit },
	{ "github", NULL, "annotations, for a GitHub workflow", false, tl_report_github },
	{ "tap", "report.tap", "TAP 14, for test harnesses", false, tl_report_tap },
	{ "pcapng", "report.pcapng", "a capture with comments, for Wireshark", true,
	  tl_report_pcapng },
};

const struct tl_renderer *tl_renderers(size_t *n)
{
	*n = sizeof(renderers) / sizeof(renderers[0]);
	return renderers;
}

const struct tl_renderer *tl_renderer_find(const char *name)
{
	for (size_t i = 0; i < sizeof(renderers) / sizeof(renderers[0]); i++)
		if (!strcmp(renderers[i].name, name))
			return &renderers[i];
	return NULL;
}

bool tl_renderer_among(const char *name, const char *list)
{
	size_t len = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == len && !strncmp(list, name, len))
			return true;
	return false;
}

int tl_report_done(const struct tl_buf *out, struct tl_err *err)
{
	return out->failed ? tl_err_set(err, ENOMEM, "no memory for the report") : 0;
}
