/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of JSON. */
#ifndef TCPLAB_HOST_HOST_JSON_H
#define TCPLAB_HOST_HOST_JSON_H

#include "tcplab/buf.h"
#include "tcplab/endpoint.h"

/* tl_host_json_text - append a string in quotes, whatever is in it */
void tl_host_json_text(struct tl_buf *out, const char *text);

/* tl_host_json_endpoint - append "127.0.0.1:80", in quotes */
void tl_host_json_endpoint(struct tl_buf *out, const struct tl_endpoint *end);

#endif
