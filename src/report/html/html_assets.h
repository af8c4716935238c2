/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the style sheet and the script of the HTML report, out of src/report/html/. */
#ifndef TCPLAB_REPORT_HTML_ASSETS_H
#define TCPLAB_REPORT_HTML_ASSETS_H

#include "tcplab/markup.h"

/* tl_html_css, tl_html_js - the file's bytes (static) */
const char *tl_html_css(void);
const char *tl_html_js(void);

/* What a Content-Security-Policy calls them: "sha256-..." of just these bytes (static) */
const char *tl_html_css_hash(void);
const char *tl_html_js_hash(void);

/* What a book has beside its pages (static): those above, and more of each for its own pages */
const char *tl_html_book_css(void);
const char *tl_html_book_js(void);

#define TL_HTML_CSS	"style.css"
#define TL_HTML_JS	"run.js"
#define TL_HTML_PARTS	"parts.js" /* what run.js puts onto each page */
#define TL_HTML_BOOK_JS "book.js"
#define TL_HTML_WORDS	"words.js" /* what book.js searches */

/* tl_html_shared - in a page's head: the way to the style sheet, and what else is allowed */
void tl_html_shared(struct tl_markup *to, const char *root);

#endif
