/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prose in lines as wide as the terminal. */
#include "lab.h"

#include <sys/ioctl.h>

#include "tcplab/text.h"

int lab_width(int fd)
{
	struct winsize size;

	return !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

int lab_prose_width(const struct tl_report_style *style)
{
	return style->width < 80 ? style->width : 80;
}

void lab_wrap(struct tl_buf *out, int width, int indent, const char *fmt, ...)
{
	struct tl_buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	tl_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	tl_text_wrap(out, tl_buf_text(&text), width, indent);
	tl_buf_release(&text);
}
