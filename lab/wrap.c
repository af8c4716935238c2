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

void lab_wrap(struct tl_buf *out, const char *text, int width, int indent)
{
	tl_text_wrap(out, text, width, indent);
}

void lab_hang(struct tl_buf *out, const char *text, int width, int indent)
{
	tl_text_hang(out, text, width, indent);
}
