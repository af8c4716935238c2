/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * One call is under way at a time: an attempt on a non-blocking socket, made again whenever
 * the socket may have become ready, until it answers something else than EAGAIN. So a
 * connect whose SYN is held keeps nobody up: with "wait" off its EINPROGRESS is an answer,
 * and "connected" asks later by calling connect(2) once more, which tells how it stands.
 *
 * A socket that a call opened goes again when that call fails.
 */
#include "peer.h"

#include <errno.h>
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

static struct peer_sock *find(struct peer *peer, const char *name)
{
	struct peer_sock *sock = peer->socks;

	while (sock && strcmp(sock->name, name))
		sock = sock->next;
	return sock;
}

/* Take a socket of our own (taken) under a name. NULL with errno. */
static struct peer_sock *adopt(struct peer *peer, const char *name, int fd)
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

static void drop(struct peer *peer, struct peer_sock *sock)
{
	struct peer_sock **at = &peer->socks;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is one of them */
	while (*at != sock)
		at = &(*at)->next;
	*at = sock->next;
	uv_close((uv_handle_t *)&sock->poll, on_sock_closed);
	close(sock->fd);
}

void call_drop_all(struct peer *peer)
{
	while (peer->socks)
		drop(peer, peer->socks);
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

/* Keep what there is to tell of a socket while it is there. A listener has no remote end. */
static void tell(struct peer *peer, const struct peer_sock *sock)
{
	char near[TL_ENDPOINT_TEXT], far[TL_ENDPOINT_TEXT];
	struct sockaddr_storage local = { 0 }, remote = { 0 };
	socklen_t len = sizeof(local), len_remote = sizeof(remote);
	socklen_t len_cookie = sizeof(uint64_t);
	struct stat file;
	uint64_t cookie;

	if (getsockopt(sock->fd, SOL_SOCKET, SO_COOKIE, &cookie, &len_cookie) ||
	    getsockname(sock->fd, (struct sockaddr *)&local, &len) || fstat(sock->fd, &file))
		return;
	if (getpeername(sock->fd, (struct sockaddr *)&remote, &len_remote))
		remote = sock->to; /* it may still be on its way there */
	if (!remote.ss_family)
		remote.ss_family = local.ss_family;
	snprintf(peer->op.told, sizeof(peer->op.told), "@%" PRIu64 " %ju %s %s", cookie,
		 (uintmax_t)file.st_ino, spell(&local, near), spell(&remote, far));
}

/* Tell how the call ended, and be done with it. */
static void finish(struct peer *peer, int ret)
{
	struct peer_op *op = &peer->op;
	char text[sizeof(op->said) + sizeof(op->told) + 16], answer[sizeof(op->said) + 16];

	if (!op->told[0] && op->sock)
		tell(peer, op->sock);
	if (ret && op->fresh)
		drop(peer, op->fresh);
	if (op->other)
		snprintf(answer, sizeof(answer), "other %s", op->said);
	else if (ret)
		snprintf(answer, sizeof(answer), "errno %d", -ret);
	else
		snprintf(answer, sizeof(answer), "ok%s%s", op->said[0] ? " " : "", op->said);
	snprintf(text, sizeof(text), "%s %s", op->told[0] ? op->told : "-", answer);
	*op = (struct peer_op){ 0 };
	peer_say(peer, text);
}

static void attempt(struct peer *peer);

/* Ready, or broken: the next attempt tells which. */
static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct peer *peer = poll->loop->data;

	(void)status;
	(void)events;
	uv_poll_stop(poll);
	attempt(peer);
}

static void attempt(struct peer *peer)
{
	struct peer_op *op = &peer->op;
	int ret = op->attempt(peer);

	if (ret == -EAGAIN && op->wait)
		uv_poll_start(&op->sock->poll, op->events, on_ready);
	else
		finish(peer, ret);
}

/* Begin a call on a socket there is; one that there is not answers ENOTSOCK. */
static bool begin(struct peer *peer, const char *name, bool wait, int events)
{
	peer->op.sock = find(peer, name);
	peer->op.wait = wait;
	peer->op.events = events;
	if (!peer->op.sock)
		finish(peer, -ENOTSOCK);
	return peer->op.sock;
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int address(const struct tl_endpoint *ep, struct sockaddr_storage *out)
{
	char text[TL_ENDPOINT_TEXT];

	return peer_address(tl_endpoint_addr_text(ep, text), ep->port, out);
}

/* A socket of the family of @local, or else of @remote; bound to @local. 0 or -errno. */
static int open_bound(struct peer *peer, const struct tl_call *call,
		      const struct tl_endpoint *local, const struct tl_endpoint *remote)
{
	struct sockaddr_storage at;
	struct peer_sock *sock;
	bool bound = local->family;
	int ret = 0;

	if (bound && (ret = address(local, &at)))
		return ret;
	sock = adopt(peer, call->on,
		     socket(bound ? local->family : remote->family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
	if (!sock)
		return -errno;
	peer->op.sock = peer->op.fresh = sock;
	if (bound && call->reuse)
		ret = set(sock->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!ret && call->receive_buffer)
		ret = set(sock->fd, SOL_SOCKET, SO_RCVBUF, call->receive_buffer);
	if (!ret && call->send_buffer)
		ret = set(sock->fd, SOL_SOCKET, SO_SNDBUF, call->send_buffer);
	if (!ret)
		ret = tl_options_apply(&call->options, sock->fd, remote != local);
	if (!ret && bound && bind(sock->fd, (struct sockaddr *)&at, sizeof(at)))
		ret = -errno;
	return ret;
}

/* Return: 0 or -errno, in place of a call that answers at once. */
static int answer_of(int ret)
{
	return ret < 0 ? -errno : 0;
}

static void call_listen(struct peer *peer, const struct tl_call *call)
{
	int ret = open_bound(peer, call, &call->at, &call->at);

	if (!ret)
		ret = answer_of(listen(peer->op.sock->fd, call->backlog));
	finish(peer, ret);
}

static int try_connect(struct peer *peer)
{
	const struct peer_sock *sock = peer->op.sock;

	if (!connect(sock->fd, (const struct sockaddr *)&sock->to, sizeof(sock->to)))
		return 0;
	return errno == EINPROGRESS || errno == EALREADY ? -EAGAIN : -errno;
}

/* connect(2) has answered EINPROGRESS once; that it is connected since is no error now. */
static int try_connected(struct peer *peer)
{
	int ret = try_connect(peer);

	return ret == -EISCONN ? 0 : ret;
}

static void call_connect(struct peer *peer, const struct tl_call *call)
{
	struct peer_op *op = &peer->op;
	struct sockaddr_storage to;
	int ret = address(&call->at, &to);

	if (!ret && call->opens)
		ret = open_bound(peer, call, &call->from, &call->at);
	else if (!ret && !(op->sock = find(peer, call->on)))
		ret = -ENOTSOCK;
	if (ret) {
		finish(peer, ret);
		return;
	}
	op->sock->to = to;
	op->attempt = try_connect;
	op->events = UV_WRITABLE;
	op->wait = true;
	if (call->wait) {
		attempt(peer);
		return;
	}
	ret = try_connect(peer);
	finish(peer, ret == -EAGAIN ? 0 : ret);
}

static void call_connected(struct peer *peer, const struct tl_call *call)
{
	if (!begin(peer, call->on, true, UV_WRITABLE))
		return;
	peer->op.fresh = peer->op.sock;
	peer->op.attempt = try_connected;
	attempt(peer);
}

static int try_accept(struct peer *peer)
{
	int fd = accept4(peer->op.sock->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	const struct peer_sock *sock;

	if (fd < 0)
		return -errno;
	sock = adopt(peer, peer->op.name, fd);
	if (!sock)
		return -ENOMEM;
	tell(peer, sock);
	return tl_options_apply(&peer->op.options, fd, false);
}

static void call_accept(struct peer *peer, const struct tl_call *call)
{
	if (!begin(peer, call->listener, call->wait, UV_READABLE))
		return;
	snprintf(peer->op.name, sizeof(peer->op.name), "%s", call->on);
	peer->op.options = call->options;
	peer->op.attempt = try_accept;
	attempt(peer);
}

/* "5 bytes", and what is to be said behind it */
static void say_done(struct peer_op *op, const char *behind)
{
	snprintf(op->said, sizeof(op->said), "%zu byte%s%s", op->done, op->done == 1 ? "" : "s",
		 behind);
}

/* Whatever was not said in words is letters, so that it can be told from nothing. */
static int try_send(struct peer *peer)
{
	static char letters[65536];
	struct peer_op *op = &peer->op;

	memset(letters, 'x', sizeof(letters));
	while (op->done < op->want) {
		size_t left = op->want - op->done;
		const char *from = op->has_text ? op->text + op->done : letters;
		ssize_t n;

		if (!op->has_text && left > sizeof(letters))
			left = sizeof(letters);
		n = send(op->sock->fd, from, left, MSG_NOSIGNAL);

		if (n < 0)
			return op->done && (op->full || !op->wait) && errno == EAGAIN ? 0 : -errno;
		op->done += n;
		say_done(op, "");
	}
	return 0;
}

static void call_send(struct peer *peer, const struct tl_call *call)
{
	struct peer_op *op = &peer->op;

	if (!begin(peer, call->on, call->wait, UV_WRITABLE))
		return;
	op->has_text = call->text || call->line;
	if (op->has_text)
		snprintf(op->text, sizeof(op->text), "%s%s", call->text ? call->text : "",
			 call->line ? "\r\n" : "");
	op->full = call->full;
	op->want = op->has_text ? strlen(op->text) : call->full ? SIZE_MAX : call->bytes;
	op->attempt = try_send;
	attempt(peer);
}

/* End of file. Return: 0, with what there is to say of it. */
static int ended(struct peer_op *op)
{
	op->other = op->receive == TL_RECEIVE_EXACT;
	if (op->other)
		snprintf(op->said, sizeof(op->said),
			 "the end of file came after %zu of %zu bytes", op->done, op->want);
	else if (op->done)
		say_done(op, " and the end of file");
	else
		snprintf(op->said, sizeof(op->said), "the end of file");
	return 0;
}

static int try_receive(struct peer *peer)
{
	static char room[65536]; /* what comes in is counted and forgotten */
	struct peer_op *op = &peer->op;

	while (op->receive != TL_RECEIVE_EXACT || op->done < op->want) {
		size_t left = op->want - op->done;
		ssize_t n = recv(op->sock->fd, room,
				 op->receive == TL_RECEIVE_EXACT && left < sizeof(room) ?
					 left :
					 sizeof(room),
				 0);

		if (n < 0)
			return -errno;
		if (!n)
			return ended(op);
		op->done += n;
		say_done(op, "");
		if (op->receive == TL_RECEIVE_ANY)
			break;
	}
	return 0;
}

static void call_receive(struct peer *peer, const struct tl_call *call)
{
	if (!begin(peer, call->on, call->wait, UV_READABLE))
		return;
	peer->op.receive = call->receive;
	peer->op.want = call->bytes;
	peer->op.attempt = try_receive;
	attempt(peer);
}

static void call_set(struct peer *peer, const struct tl_call *call)
{
	if (begin(peer, call->on, false, 0))
		finish(peer, tl_options_apply(&call->options, peer->op.sock->fd, true));
}

static void call_shutdown(struct peer *peer, const struct tl_call *call)
{
	if (begin(peer, call->on, false, 0))
		finish(peer, answer_of(shutdown(peer->op.sock->fd, call->how)));
}

/* Close the socket of the call, with its last words kept. */
static void close_told(struct peer *peer)
{
	tell(peer, peer->op.sock);
	drop(peer, peer->op.sock);
	peer->op.sock = NULL;
}

/* With SO_LINGER close(2) takes its time, and all of this process's. */
static void call_close(struct peer *peer, const struct tl_call *call)
{
	int ret;

	if (!begin(peer, call->on, false, 0))
		return;
	ret = tl_options_apply(&call->options, peer->op.sock->fd, false);
	close_told(peer);
	finish(peer, ret);
}

static void call_abort(struct peer *peer, const struct tl_call *call)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	int ret;

	if (!begin(peer, call->on, false, 0))
		return;
	ret = answer_of(setsockopt(peer->op.sock->fd, SOL_SOCKET, SO_LINGER, &at_once,
				   sizeof(at_once)));
	close_told(peer);
	finish(peer, ret);
}

static void (*const calls[TL_N_VERBS])(struct peer *peer, const struct tl_call *call) = {
	[TL_VERB_LISTEN] = call_listen,
	[TL_VERB_CONNECT] = call_connect,
	[TL_VERB_CONNECTED] = call_connected,
	[TL_VERB_ACCEPT] = call_accept,
	[TL_VERB_SEND] = call_send,
	[TL_VERB_RECEIVE] = call_receive,
	[TL_VERB_SET] = call_set,
	[TL_VERB_SHUTDOWN] = call_shutdown,
	[TL_VERB_CLOSE] = call_close,
	[TL_VERB_ABORT] = call_abort,
};

/* "3=1,7=0," */
static void read_options(char *text, struct tl_options *options)
{
	while (*text) {
		unsigned long option = strtoul(text, &text, 10);
		unsigned long value = strtoul(text + 1, &text, 10);

		if (option >= TL_N_OPTIONS || *text != ',')
			return;
		options->set |= 1u << option;
		options->value[option] = value;
		text++;
	}
}

/* "%0A" is a line break again, and so on; in place. */
static void read_text(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned c;

		if (*text == '%' && sscanf(text + 1, "%2X", &c) == 1) {
			*to++ = c;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* @rest: what tcplab spelled (line.h), so it is not doubted; cut up, and borrowed by @call. */
static bool read_call(char *rest, struct tl_call *call)
{
	enum {
		ON, LISTENER, AT, FROM,
#define X(number) AT_##number,
		LINE_CALL_NUMBERS(X)
#undef X
		OPTIONS, TEXT, WORDS
	};
	char *words[WORDS] = { NULL };
	struct tl_err unused;

	if (peer_split(rest, words, WORDS) < TEXT)
		return false;
	call->on = words[ON];
	call->listener = words[LISTENER];
	if (strcmp(words[AT], "-"))
		tl_endpoint_parse(words[AT], &call->at, &unused);
	if (strcmp(words[FROM], "-"))
		tl_endpoint_parse(words[FROM], &call->from, &unused);
#define X(number) call->number = strtoul(words[AT_##number], NULL, 10);
	LINE_CALL_NUMBERS(X)
#undef X
	read_options(words[OPTIONS] + 1, &call->options);
	if (words[TEXT])
		read_text(words[TEXT]);
	call->text = words[TEXT];
	return true;
}

bool call_make(struct peer *peer, const char *verb, char *rest)
{
	struct tl_call call = { 0 };

	for (size_t i = 0; i < TL_N_VERBS; i++) {
		if (!calls[i] || strcmp(verb, tl_verb_name(i)))
			continue;
		if (!read_call(rest, &call))
			return false;
		calls[i](peer, &call);
		return true;
	}
	return false;
}
