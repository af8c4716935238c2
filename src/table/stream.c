/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket table as a stream of rows, with nothing between the kernel and who takes them. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag.h"
#include "tcplab/module.h"

/* The kernel writes a limited amount at a time (its skb's cap); as in table.c. */
enum { BUFFER = 32 * 1024 };

enum { ALL_STATES = 0xfff };

/* TCP_BOUND_INACTIVE since Linux 6.8: in the rows it is CLOSE. Older kernels leave it out. */
enum { BOUND_INACTIVE = 13 };

/*
 * The older request, which asks for IPv4 and IPv6 at once: the newer one names a family, and the
 * kernel would walk all its buckets for each.
 */
struct request {
	struct nlmsghdr head;
	struct inet_diag_req body;
};

/* One dump under way. */
struct dump {
	const struct tl_stream *stream;
	int fd;
	bool complete;
	bool torn;
};

/* Connected to the kernel, which alone can answer then. */
static int open_kernel(struct tl_err *err)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int code;

	if (fd < 0 && errno == EPROTONOSUPPORT)
		return tl_module_missing(err, "tcp_diag", "this kernel has no sock_diag");
	if (fd >= 0 && !connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)))
		return fd;
	code = errno;
	if (fd >= 0)
		close(fd);
	return tl_err_set(err, code, "cannot open a sock_diag socket: %s", strerror(code));
}

static uint32_t states_of(const struct tl_stream *stream)
{
	if (!stream->states)
		return ALL_STATES;
	return stream->states | (stream->states & 1u << TL_CLOSE ? 1u << BOUND_INACTIVE : 0);
}

static int ask(const struct dump *dump, struct tl_err *err)
{
	const struct request request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = TCPDIAG_GETSOCK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .idiag_ext = dump->stream->info ? 1 << (INET_DIAG_INFO - 1) : 0,
			  .idiag_states = states_of(dump->stream) },
	};

	if (send(dump->fd, &request, sizeof(request), 0) != sizeof(request))
		return tl_err_set(err, errno, "cannot ask the kernel for its sockets: %s",
				  strerror(errno));
	return 0;
}

/* NLMSG_DONE and NLMSG_ERROR both begin with an int: 0, or -errno. */
static int last_word(const struct nlmsghdr *nlh, struct tl_err *err)
{
	int code = 0;

	if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(code)))
		memcpy(&code, NLMSG_DATA(nlh), sizeof(code));
	else if (nlh->nlmsg_type == NLMSG_ERROR)
		code = -EPROTO;
	if (!code)
		return 0;
	code = code < 0 && code != INT_MIN ? -code : EPROTO;
	if (code == ENOENT)
		return tl_module_missing(err, "tcp_diag",
					 "this kernel cannot show TCP sockets over sock_diag");
	return tl_err_set(err, code, "the kernel refuses its socket table: %s", strerror(code));
}

static int message(struct dump *dump, const struct nlmsghdr *nlh, struct tl_err *err)
{
	struct tl_sock_info info = { 0 };
	struct tl_sock sock;
	int rc;

	dump->torn |= !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		dump->complete = true;
		return last_word(nlh, err);
	}
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return 0;
	rc = tl_diag_decode(nlh, nlh->nlmsg_len, &sock, err);
	if (rc)
		return rc;
	if (dump->stream->info)
		tl_diag_info(nlh, &info);
	return dump->stream->take(dump->stream->arg, &sock, &info, err);
}

static int datagram(struct dump *dump, const char *at, size_t left, struct tl_err *err)
{
	int rc = 0;

	if (!left)
		return tl_err_set(err, EPROTO, "a netlink message is cut short");
	while (!rc && left && !dump->complete) {
		const struct nlmsghdr *nlh = (const void *)at;
		size_t step;

		if (left < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > left)
			return tl_err_set(err, EPROTO, "a netlink message is cut short");
		step = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
		rc = message(dump, nlh, err);
		at += step;
		left -= step < left ? step : left;
	}
	return rc;
}

static int receive(struct dump *dump, struct tl_err *err)
{
	_Alignas(struct nlmsghdr) char bytes[BUFFER];
	ssize_t n = recv(dump->fd, bytes, sizeof(bytes), 0);

	if (n >= 0)
		return datagram(dump, bytes, n, err);
	if (errno == EINTR)
		return 0;
	return tl_err_set(err, errno, "cannot receive sockets from the kernel: %s",
			  strerror(errno));
}

int tl_table_stream(const struct tl_stream *stream, bool *torn, struct tl_err *err)
{
	struct dump dump = { .stream = stream };
	int rc;

	dump.fd = open_kernel(err);
	if (dump.fd < 0)
		return dump.fd;
	rc = ask(&dump, err);
	while (!rc && !dump.complete)
		rc = receive(&dump, err);
	close(dump.fd);
	*torn = dump.torn;
	return rc;
}
