/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the mistakes of a text, gathered first and shown in order of place. */
#ifndef TCPLAB_SCENARIO_MISTAKE_H
#define TCPLAB_SCENARIO_MISTAKE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "source.h"

struct scn_mistake {
	struct scn_span at;
	size_t found; /* its number in the list */
	char *text;
};

/* A zeroed struct is an empty list. */
struct scn_mistakes {
	struct scn_mistake *v;
	size_t n;      /* kept */
	size_t total;  /* made; a hostile text can make more than are kept */
	bool failed;   /* memory ran out */
};

/* scn_mistakes_add - note a mistake; the sentence without a full stop */
void scn_mistakes_add(struct scn_mistakes *list, struct scn_span at, const char *fmt,
		      va_list ap)
	__attribute__((format(printf, 3, 0)));

/* scn_mistakes_show - append them to @out in order of place, the first hundred of them */
void scn_mistakes_show(struct scn_mistakes *list, const struct scn_source *src,
		       struct tl_buf *out);

/* scn_mistakes_release - a zeroed one and a second call are fine */
void scn_mistakes_release(struct scn_mistakes *list);

#endif
