/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An error's sentence. */
#include "tcplab/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int tl_err_set(struct tl_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -code;
}

int tl_err_prefix(struct tl_err *err, const char *fmt, ...)
{
	char sentence[sizeof(err->text)];
	va_list ap;
	int n;

	memcpy(sentence, err->text, sizeof(sentence));
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		snprintf(err->text + n, sizeof(err->text) - n, ": %.*s",
			 (int)(sizeof(err->text) - n - 3), sentence);
	return -err->code;
}
