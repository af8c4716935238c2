/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the style sheet and the script of the HTML report, out of src/report/html/. */
#ifndef TCPLAB_REPORT_HTML_ASSETS_H
#define TCPLAB_REPORT_HTML_ASSETS_H

/* tl_html_css, tl_html_js - the file's bytes (static) */
const char *tl_html_css(void);
const char *tl_html_js(void);

/* What a Content-Security-Policy calls them: "sha256-..." of just these bytes (static) */
const char *tl_html_css_hash(void);
const char *tl_html_js_hash(void);

#endif
