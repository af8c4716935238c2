/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts made of text that netstat or ss could have printed, and sockets. */
#include "host_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tcplab/saved.h"

static struct tl_err err;

struct tl_host host_read_saved(const char *text, size_t want)
{
	struct tl_host look = { 0 };
	struct tl_unread unread = { 0 };

	cr_assert_eq(tl_saved_read(text, strlen(text), NULL, &look, &unread, &err), 0, "%s",
		     err.text);
	cr_assert_eq(look.n, want, "%zu rows of: %s", look.n, text);
	cr_assert_eq(unread.n, 0, "%zu lines were not read of: %s", unread.n, text);
	return look;
}

struct tl_sock host_sock(const char *state, const char *local, const char *remote)
{
	struct tl_sock s = { .state = tl_state_parse(state, strlen(state)) };

	cr_assert_eq(tl_endpoint_parse(local, &s.local, &err), 0, "%s", local);
	cr_assert_eq(tl_endpoint_parse(remote, &s.remote, &err), 0, "%s", remote);
	return s;
}
