/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets that a peer has, by the names its steps give them. */
#include "peer.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void on_sock_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct peer_sock *sock_find(struct peer *peer, const char *name)
{
	struct peer_sock *sock = peer->socks;

	while (sock && strcmp(sock->name, name))
		sock = sock->next;
	return sock;
}

struct peer_sock *sock_adopt(struct peer *peer, const char *name, int fd)
{
	struct peer_sock *sock = fd < 0 ? NULL : calloc(1, sizeof(*sock));

	if (!sock || uv_poll_init(&peer->loop, &sock->poll, fd)) {
		free(sock);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	sock->poll.data = sock;
	sock->fd = fd;
	snprintf(sock->name, sizeof(sock->name), "%s", name);
	sock->next = peer->socks;
	peer->socks = sock;
	return sock;
}

void op_free(struct peer_op *op)
{
	struct peer_op **at = &op->sock->begun;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	free(op);
}

bool sock_has(const struct peer *peer, const struct peer_sock *sock)
{
	const struct peer_sock *one = peer->socks;

	while (one && one != sock)
		one = one->next;
	return one;
}

void sock_drop(struct peer *peer, struct peer_sock *sock)
{
	struct peer_sock **at = &peer->socks;
	struct peer_op *op;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is one of them */
	while (*at != sock)
		at = &(*at)->next;
	*at = sock->next;
	while ((op = sock->begun)) {
		sock->begun = op->next;
		free(op);
	}
	uv_close((uv_handle_t *)&sock->poll, on_sock_closed);
	close(sock->fd);
}

void sock_drop_all(struct peer *peer)
{
	while (peer->socks)
		sock_drop(peer, peer->socks);
}

static const char *spell(const struct sockaddr_storage *ss, char *out)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;
	struct tl_endpoint ep = { .family = ss->ss_family };

	if (ss->ss_family == AF_INET6) {
		ep.port = ntohs(in6->sin6_port);
		memcpy(ep.addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
	} else {
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): both addresses are zeroed first */
		ep.port = ntohs(in->sin_port);
		memcpy(ep.addr, &in->sin_addr, sizeof(in->sin_addr));
	}
	return tl_endpoint_text(&ep, out);
}

/* A listener has no remote end. */
void sock_tell(struct peer_op *op, const struct peer_sock *sock)
{
	char near[TL_ENDPOINT_TEXT], far[TL_ENDPOINT_TEXT];
	struct sockaddr_storage local = { 0 }, remote = { 0 };
	socklen_t len = sizeof(local), len_remote = sizeof(remote);
	socklen_t len_cookie = sizeof(uint64_t);
	socklen_t len_protocol = sizeof(int);
	struct stat file;
	uint64_t cookie;
	int protocol;

	/* The connections of MPTCP are other sockets than the one that the program has. */
	if (getsockopt(sock->fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len_protocol) ||
	    protocol != IPPROTO_TCP)
		return;
	if (getsockopt(sock->fd, SOL_SOCKET, SO_COOKIE, &cookie, &len_cookie) ||
	    getsockname(sock->fd, (struct sockaddr *)&local, &len) || fstat(sock->fd, &file))
		return;
	if (getpeername(sock->fd, (struct sockaddr *)&remote, &len_remote))
		remote = sock->to; /* it may still be on its way there */
	if (!remote.ss_family)
		remote.ss_family = local.ss_family;
	snprintf(op->told, sizeof(op->told), "@%" PRIu64 " %ju %s %s", cookie,
		 (uintmax_t)file.st_ino, spell(&local, near), spell(&remote, far));
}
