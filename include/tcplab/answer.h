/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the errors that a call on a TCP socket can answer with, by their names. */
#ifndef TCPLAB_ANSWER_H
#define TCPLAB_ANSWER_H

#include <stddef.h>

/* X(errno), in the order of the alphabet. Source: connect(2), tcp(7), ip(7). */
#define TL_ANSWERS(X)                                                                        \
	X(EACCES)                                                                            \
	X(EADDRINUSE)                                                                        \
	X(EADDRNOTAVAIL)                                                                     \
	X(EAGAIN)                                                                            \
	X(ECONNABORTED)                                                                      \
	X(ECONNREFUSED)                                                                      \
	X(ECONNRESET)                                                                        \
	X(EHOSTUNREACH)                                                                      \
	X(EINVAL)                                                                            \
	X(EISCONN)                                                                           \
	X(ENETUNREACH)                                                                       \
	X(ENOBUFS)                                                                           \
	X(ENOTCONN)                                                                          \
	X(EOPNOTSUPP)                                                                        \
	X(EPIPE)                                                                             \
	X(ETIMEDOUT)

/* tl_answer_name - "ECONNREFUSED"; the C library's sentence for one that is not listed */
const char *tl_answer_name(int error);

/* tl_answer_parse - the errno of that name, 0 for none */
int tl_answer_parse(const char *name, size_t len);

#endif
