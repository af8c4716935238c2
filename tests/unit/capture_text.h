/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pcapng file as text, so that a golden of it can be read. */
#ifndef TESTS_CAPTURE_TEXT_H
#define TESTS_CAPTURE_TEXT_H

#include "tcplab/buf.h"

/* capture_text - replace a little-endian capture by a line for each block, and for each option */
void capture_text(struct tl_buf *capture);

#endif
