/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One socket in several hands: a second descriptor of it (dup), a child that inherits all
 * (fork), another peer that is given one (give).
 *
 * A child only waits to be ended: it is there for what it holds. A descriptor is given over a
 * unix datagram socket in the sandbox's own abstract namespace, "tcplab-NAME" for each peer; the
 * receiver takes it under a name and answers, and only then the call is done.
 */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct peer_child {
	struct peer_child *next;
	pid_t pid;
	char name[64];
};

/* What goes with a descriptor: the name it gets; and back: "", or what went wrong. */
#define GIVEN_MOST 64

static socklen_t mail_address(const char *peer, struct sockaddr_un *at)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(at->sun_path + 1, sizeof(at->sun_path) - 1, "tcplab-%.80s", peer);
	return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(at->sun_path + 1);
}

/* A call that waits for an answer by mail: the attempt that polls for it. */
static int wait_for_mail(struct peer *peer, struct peer_op *op)
{
	(void)peer;
	(void)op;
	return -EAGAIN;
}

/* An empty message is the answer to what we have given. */
static void take_mail(struct peer *peer, const char *name, int fd, const struct sockaddr_un *from,
		      socklen_t len)
{
	if (fd < 0) {
		if (peer->op.attempt == wait_for_mail)
			op_finish(peer, &peer->op, *name ? -atoi(name) : 0);
		return;
	}
	if (sock_find(peer, name)) {
		close(fd);
		sendto(peer->mail_fd, "17", 2, MSG_DONTWAIT, (const struct sockaddr *)from, len);
	} else {
		sock_adopt(peer, name, fd);
		sendto(peer->mail_fd, "", 0, MSG_DONTWAIT, (const struct sockaddr *)from, len);
	}
}

static void on_mail(uv_poll_t *poll, int status, int events)
{
	union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
	struct peer *peer = poll->loop->data;
	char name[GIVEN_MOST + 1] = "";
	struct sockaddr_un from;
	struct iovec text = { name, GIVEN_MOST };
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &text,
			      .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	const struct cmsghdr *head;
	int fd = -1;

	(void)status;
	(void)events;
	if (recvmsg(peer->mail_fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return;
	head = CMSG_FIRSTHDR(&msg);
	if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	take_mail(peer, name, fd, &from, msg.msg_namelen);
}

int share_open(struct peer *peer, const char *name)
{
	struct sockaddr_un at;
	socklen_t len = mail_address(name, &at);

	peer->mail_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (peer->mail_fd < 0 || bind(peer->mail_fd, (const struct sockaddr *)&at, len) ||
	    uv_poll_init(&peer->loop, &peer->mail, peer->mail_fd))
		return errno ? -errno : -EIO;
	return uv_poll_start(&peer->mail, UV_READABLE, on_mail);
}

void call_give(struct peer *peer, const struct tl_call *call)
{
	union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { { 0 } };
	struct peer_op *op = &peer->op;
	struct iovec text = { call->given_as, strlen(call->given_as) };
	struct sockaddr_un to;
	struct msghdr msg = { .msg_name = &to, .msg_namelen = mail_address(call->given_to, &to),
			      .msg_iov = &text, .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	op->sock = sock_find(peer, call->on);
	if (!op->sock) {
		op_finish(peer, op, -ENOTSOCK);
		return;
	}
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(op->sock->fd));
	memcpy(CMSG_DATA(head), &op->sock->fd, sizeof(op->sock->fd));
	op->attempt = wait_for_mail;
	op->wait = true;
	if (sendmsg(peer->mail_fd, &msg, 0) < 0)
		op_finish(peer, op, -errno);
}

void call_dup(struct peer *peer, const struct tl_call *call)
{
	struct peer_op *op = &peer->op;
	const struct peer_sock *from = sock_find(peer, call->listener);

	if (from)
		op->sock = op->fresh = sock_adopt(peer, call->on,
						  fcntl(from->fd, F_DUPFD_CLOEXEC, 0));
	op_finish(peer, op, op->sock ? 0 : from ? -errno : -ENOTSOCK);
}

/* The child has our descriptors, and not our line: it is told nothing. */
static void be_a_child(const struct peer *peer, pid_t parent)
{
	uv_os_fd_t line;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	if (!uv_fileno((const uv_handle_t *)&peer->line, &line))
		close(line);
	close(peer->mail_fd);
	for (;;)
		pause();
}

void call_fork(struct peer *peer, const struct tl_call *call)
{
	struct peer_child *child = calloc(1, sizeof(*child));
	pid_t parent = getpid();

	if (child)
		child->pid = fork();
	if (child && !child->pid)
		be_a_child(peer, parent);
	if (!child || child->pid < 0) {
		op_finish(peer, &peer->op, child ? -errno : -ENOMEM);
		free(child);
		return;
	}
	snprintf(child->name, sizeof(child->name), "%s", call->on);
	child->next = peer->children;
	peer->children = child;
	op_finish(peer, &peer->op, 0);
}

/* It is gone, with all that it held, when we know that it has ended. */
static void end_child(struct peer *peer, struct peer_child *child)
{
	struct peer_child **at = &peer->children;

	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(child);
}

void call_reap(struct peer *peer, const struct tl_call *call)
{
	struct peer_child *child = peer->children;

	while (child && strcmp(child->name, call->on))
		child = child->next;
	if (child)
		end_child(peer, child);
	op_finish(peer, &peer->op, child ? 0 : -ECHILD);
}

void share_close(struct peer *peer)
{
	while (peer->children)
		end_child(peer, peer->children);
	if (peer->mail_fd >= 0)
		close(peer->mail_fd);
	peer->mail_fd = -1;
}
