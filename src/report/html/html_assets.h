/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the style sheet and the script of the HTML report, out of src/report/html/. */
#ifndef TCPLAB_REPORT_HTML_ASSETS_H
#define TCPLAB_REPORT_HTML_ASSETS_H

#include "tcplab/markup.h"

/* All static. A book has the first two beside its pages, and more of each for its own. */
extern const struct tl_html_assets {
	const char *css, *js;           /* the file's bytes */
	const char *css_hash, *js_hash; /* what a Content-Security-Policy calls them: "sha256-..." */
	const char *book_css, *book_js;
} tl_html_assets;

#define TL_HTML_CSS	"style.css"
#define TL_HTML_JS	"run.js"
#define TL_HTML_PARTS	"parts.js" /* what run.js puts onto each page */
#define TL_HTML_BOOK_JS "book.js"
#define TL_HTML_WORDS	"words.js" /* what book.js searches */

/* tl_html_shared - in a page's head: the way to the style sheet, and what else is allowed */
void tl_html_shared(struct tl_markup *to, const char *root);

#endif
