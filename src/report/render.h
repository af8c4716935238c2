/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the renderers, one a file; renderers.c has the table. */
#ifndef TCPLAB_REPORT_RENDER_H
#define TCPLAB_REPORT_RENDER_H

#include "tcplab/report.h"

int tl_report_text(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err);
int tl_report_md(const struct tl_report *report, const struct tl_report_style *style,
		 struct tl_buf *out, struct tl_err *err);
int tl_report_json(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err);
int tl_report_github(const struct tl_report *report, const struct tl_report_style *style,
		     struct tl_buf *out, struct tl_err *err);
int tl_report_tap(const struct tl_report *report, const struct tl_report_style *style,
		  struct tl_buf *out, struct tl_err *err);
int tl_report_junit(const struct tl_report *report, const struct tl_report_style *style,
		    struct tl_buf *out, struct tl_err *err);
int tl_report_pcapng(const struct tl_report *report, const struct tl_report_style *style,
		     struct tl_buf *out, struct tl_err *err);
int tl_report_html(const struct tl_report *report, const struct tl_report_style *style,
		   struct tl_buf *out, struct tl_err *err);

/* tl_report_done - what a renderer returns at its end: 0, or -ENOMEM if @out ran out */
int tl_report_done(const struct tl_buf *out, struct tl_err *err);

#endif
