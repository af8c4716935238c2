/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The style sheet and the script of the page, as the Makefile packs them. */
#include "html_assets.h"

/* The Makefile writes it: of each file its bytes and their hash. */
#include "html_assets.inc"

const char *tl_html_css(void)
{
	return page_css;
}

const char *tl_html_js(void)
{
	return page_js;
}

const char *tl_html_css_hash(void)
{
	return page_css_hash;
}

const char *tl_html_js_hash(void)
{
	return page_js_hash;
}

const char *tl_html_book_css(void)
{
	return book_css;
}

const char *tl_html_book_js(void)
{
	return book_js;
}

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
