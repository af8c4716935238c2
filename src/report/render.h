/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the renderers, one a file; renderers.c has the table. */
#ifndef TCPLAB_REPORT_RENDER_H
#define TCPLAB_REPORT_RENDER_H

#include "tcplab/report.h"

tl_render tl_report_text;
tl_render tl_report_md;
tl_render tl_report_json;
tl_render tl_report_github;
tl_render tl_report_tap;
tl_render tl_report_junit;
tl_render tl_report_pcapng;
tl_render tl_report_html;

/* tl_report_done - what a renderer returns at its end: 0, or -ENOMEM if @out ran out */
int tl_report_done(const struct tl_buf *out, struct tl_err *err);

#endif
