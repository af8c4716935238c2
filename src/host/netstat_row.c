/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netstat's own columns, written without printf, and what stands beside them. */
#include "tcplab/netstat_row.h"

#include <string.h>
#include <sys/socket.h>

#include "tcplab/host_words.h"
#include "tcplab/text.h"

/* Room for two addresses, two queues, a state, and blanks. */
enum { ROW = 192 };

enum { END_COLUMNS = 23, QUEUE_COLUMNS = 6, STATE_COLUMNS = 11, AGE_COLUMNS = 15 };

/* Decimal, to the right of a column. */
static char *put_queue(char *at, uint32_t value)
{
	int len = 1;

	for (uint32_t rest = value; rest >= 10; rest /= 10)
		len++;
	for (; len < QUEUE_COLUMNS; len++)
		*at++ = ' ';
	return tl_put_number(at, value);
}

static char *put_word(char *at, const char *word)
{
	while (*word)
		*at++ = *word++;
	return at;
}

/* An IPv4 address of an IPv6 socket is shown as what it is, as netstat does. */
static char *put_end(char *at, const struct tl_endpoint *end)
{
	struct tl_endpoint plain = tl_endpoint_plain(end);
	size_t len = strlen(tl_endpoint_text(&plain, at));

	do
		at[len++] = ' ';
	while (len <= END_COLUMNS);
	return at + len;
}

void tl_netstat_row(struct tl_buf *out, const struct tl_sock *sock)
{
	char *at = tl_buf_room(out, ROW);

	if (!at)
		return;
	at = put_word(at, sock->local.family == AF_INET6 ? "tcp6  " : "tcp   ");
	at = put_queue(at, sock->recvq);
	*at++ = ' ';
	at = put_queue(at, sock->sendq);
	*at++ = ' ';
	at = put_end(at, &sock->local);
	at = put_end(at, &sock->remote);
	at = put_word(at, tl_state_name(sock->state));
	*at = '\0';
	out->len = at - out->data;
}

static void say_row_age(struct tl_buf *out, const struct tl_host *look,
			const struct tl_seen *row)
{
	struct tl_age age = tl_age_of(&row->sock, &row->info, &look->knobs);
	const struct tl_sock_info *info = &row->info;

	if (row->sock.timer == TL_TIMER_TIMEWAIT) {
		tl_buf_str(out, "gone in ");
		tl_say_time(out, row->sock.timer_ms);
	} else if (age.at_least >= 0) {
		tl_buf_str(out, "at least ");
		tl_say_time(out, age.at_least);
	} else if (row->sock.state == TL_ESTABLISHED && info->known) {
		tl_buf_str(out, "idle ");
		tl_say_time(out, info->data_received_ms < info->data_sent_ms ?
					 info->data_received_ms : info->data_sent_ms);
	} else {
		tl_buf_str(out, "-");
	}
}

/* Why no process is named. */
static const char *owner_word(enum tl_owner owner)
{
	static const char *const words[] = {
		[TL_OWNER_PROCESS] = "", [TL_OWNER_QUEUE] = "never accepted",
		[TL_OWNER_KERNEL] = "the kernel", [TL_OWNER_UNSEEN] = "not seen",
		[TL_OWNER_UNTOLD] = "not told",
	};

	return words[owner];
}

void tl_netstat_more(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row)
{
	const struct tl_state_info *info = tl_state_info(row->sock.state);
	char note[TL_SOCK_NOTE];
	size_t begun;

	tl_buf_pad(out, ' ', STATE_COLUMNS - (int)strlen(tl_state_name(row->sock.state)) + 1);
	begun = out->len;
	say_row_age(out, look, row);
	tl_buf_pad(out, ' ', AGE_COLUMNS - (int)(out->len - begun) + 1);
	tl_say_descriptors(out, look, row);
	tl_buf_str(out, row->hold ? "" : owner_word(row->owner));
	tl_buf_str(out, ": ");
	tl_buf_str(out, info ? info->meaning : "a state that is not known here");
	tl_sock_note(&row->sock, tl_host_note_says(look), note);
	if (*note)
		tl_buf_fmt(out, "; %s", note);
	tl_say_keepalive(out, &row->sock);
	tl_buf_str(out, "\n");
}
