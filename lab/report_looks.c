/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab report of looks at a host that --record kept: one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"
#include "files.h"
#include "tcplab/grow.h"
#include "tcplab/looks.h"

enum { FILE_MOST = 1 << 30 };

static int keep(void *arg, const char *bytes, size_t n, struct tl_err *err)
{
	struct tl_buf *out = arg;

	if (!out->len && !tl_looks_are(bytes, n))
		return 1; /* a trace, or nothing that is known */
	if (out->len + n > FILE_MOST)
		return tl_err_set(err, EFBIG, "larger than %d MiB", FILE_MOST >> 20);
	tl_buf_add(out, bytes, n);
	return out->failed ? tl_err_set(err, ENOMEM, "no memory for it") : 0;
}

static const struct tl_looks_format *chosen(const struct lab_options *options)
{
	const char *name = options->json ? "json" : options->format ? options->format : "text";
	size_t n;
	const struct tl_looks_format *formats = tl_looks_formats(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	lab_complain("looks at a host are told as text, html or json, not as \"%s\"", name);
	return NULL;
}

/* The last look of each place: the network of one host is not that of another. */
struct lasts {
	struct tl_kept_look *v;
	size_t n;
};

/* Return: an empty one for a place that is new; NULL without memory. */
static struct tl_kept_look *find_last(struct lasts *lasts, const struct tl_kept_look *look)
{
	for (size_t i = 0; i < lasts->n; i++)
		if (lasts->v[i].told.network == look->told.network &&
		    !strcmp(lasts->v[i].told.host, look->told.host))
			return &lasts->v[i];
	if (!TL_GROW(lasts->v, lasts->n))
		return NULL;
	lasts->v[lasts->n] = (struct tl_kept_look){ 0 };
	return &lasts->v[lasts->n++];
}

/* One more look, and what led to it; then it is the last of its place. */
static int tell_look(const struct tl_looks_format *format, struct tl_looks_told *to,
		     struct lasts *lasts, struct tl_kept_look *look, struct tl_err *err)
{
	struct tl_kept_look *last = find_last(lasts, look);
	struct tl_turn turn = { 0 };
	bool first = last && !last->json;
	int rc = !last ? tl_err_set(err, ENOMEM, "no memory for it") :
		 first ? 0 : tl_turn_make(last, look, &turn, err);

	to->places = lasts->n;
	if (!rc && !to->n)
		format->begin(to, look);
	if (!rc) {
		for (size_t i = 0; i < turn.n_moves; i++)
			to->illegal += turn.moves[i].arcs < 0 ? turn.moves[i].n : 0;
		to->n++;
		format->look(to, look, first ? NULL : &turn);
	}
	tl_turn_release(&turn);
	if (!rc) {
		tl_kept_look_release(last);
		*last = *look;
		*look = (struct tl_kept_look){ 0 };
	}
	return rc;
}

/* A look that cannot be read, as one that a full disk or a kill has cut short, is left out. */
static int tell_looks(const char *text, size_t len, const struct tl_looks_format *format,
		      struct tl_looks_told *to, struct lasts *lasts, struct tl_err *err)
{
	struct tl_kept_look look = { 0 };
	size_t n = 0, unread = 0;
	struct tl_err why;
	int rc;

	while ((rc = tl_looks_next(&text, &len, &look, &why))) {
		n++;
		rc = rc == 1 ? tell_look(format, to, lasts, &look, &why) : rc;
		tl_kept_look_release(&look);
		if (rc && !unread++)
			tl_err_set(err, -rc, "look %zu: %s", n, why.text);
		if (rc == -ENOMEM)
			break;
	}
	if (unread > 1)
		tl_err_prefix(err, "%zu looks cannot be read; the first", unread);
	return unread ? -err->code : 0;
}

static int tell(const char *text, size_t len, const struct tl_looks_format *format,
		const struct lab_options *options, struct tl_err *err)
{
	struct lasts lasts = { 0 };
	struct tl_buf out = { 0 };
	struct tl_looks_told to = { .out = &out, .told = { .width = options->style.width,
				    .color = options->style.color, .program = lab_typed() } };
	int rc = tell_looks(text, len, format, &to, &lasts, err);

	if (to.n)
		format->end(&to, lasts.v);
	if (!rc && out.failed)
		rc = tl_err_set(err, ENOMEM, "no memory for the output");
	if (to.n && !out.failed)
		rc = lab_print(&out) ? LAB_ERROR : rc;
	for (size_t i = 0; i < lasts.n; i++)
		tl_kept_look_release(&lasts.v[i]);
	free(lasts.v);
	tl_buf_release(&out);
	return rc ? rc : to.illegal ? LAB_FAILED : LAB_OK;
}

int lab_report_looks(const struct lab_options *options)
{
	const char *path = options->args[0];
	const struct tl_looks_format *format;
	struct tl_buf text = { 0 };
	struct tl_err err;
	int rc = lab_read(path, keep, &text, &err);

	/* What cannot be read at all is complained of by whoever reads traces. */
	if (!text.len || rc > 0) {
		tl_buf_release(&text);
		return -1;
	}
	format = rc ? NULL : chosen(options);
	if (format)
		rc = tell(text.data, text.len, format, options, &err);
	if (rc < 0)
		lab_complain("%s: %s", path, err.text);
	tl_buf_release(&text);
	return rc < 0 || !format ? LAB_USAGE : rc;
}
