/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The style sheet and the script of the page, as the Makefile packs them. */
#include "html_assets.h"

/* The Makefile writes it: of each file its bytes and their hash. */
#include "html_assets.inc"

const struct tl_html_assets tl_html_assets = {
	.css = page_css,
	.js = page_js,
	.css_hash = page_css_hash,
	.js_hash = page_js_hash,
	.book_css = book_css,
	.book_js = book_js,
};

/* No hash lets a script be loaded from a file; "self" is nothing there, and "file:" no web. */
void tl_html_shared(struct tl_markup *to, const char *root)
{
	tl_open(to, "meta");
	tl_attr(to, "http-equiv", "Content-Security-Policy");
	tl_attr(to, "content", "default-src 'none'; style-src 'self' file:; script-src 'self' "
			       "file:; base-uri 'none'; form-action 'none'");
	tl_close_void(to);
	tl_open(to, "link");
	tl_attr(to, "rel", "stylesheet");
	tl_attrf(to, "href", "%s" TL_HTML_CSS, root);
	tl_close_void(to);
}
