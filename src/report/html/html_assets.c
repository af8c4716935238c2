/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The style sheet and the script of the page, as the Makefile packs them. */
#include "html_assets.h"

/* The Makefile writes it: page_css, page_css_hash, page_js, page_js_hash. */
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
