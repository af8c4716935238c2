/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row as ss prints it: state, queues, ends, then what -p, -o, -e and -i add. */
#include <errno.h>
#include <string.h>

#include "piece.h"

/* "pid=4711,fd=6)", or "4711,6)" as in 2013. Return: from ")" on; at NULL where it is not so. */
static struct tl_piece read_holder(struct tl_piece text, uint64_t *pid, uint64_t *fd)
{
	static const struct tl_piece none = { 0 };

	tl_piece_take(&text, "pid=");
	if (!tl_piece_number(text, INT32_MAX, pid, &text) || !*pid || !tl_piece_take(&text, ","))
		return none;
	tl_piece_take(&text, "fd=");
	if (!tl_piece_number(text, INT32_MAX, fd, &text) || !tl_piece_begins(text, ")"))
		return none;
	return text;
}

/*
 * users:(("redis-server",pid=4711,fd=6),("nginx",99,3)): a name may have quotes and commas
 * in it, and ends where what follows is right. Where the line is cut off, as by "cut" or a
 * terminal, those before are taken: the row is there all the same.
 */
static int read_users(struct tl_saved *saved, struct tl_piece rest)
{
	struct tl_piece list = tl_piece_after(rest, "users:(");
	int rc = 0;

	while (!rc && list.at && (list = tl_piece_after(list, "(\"")).at) {
		struct tl_piece name = list, end = list, after = { 0 };
		uint64_t pid, fd;

		while (!after.at && (end = tl_piece_after(end, "\",")).at)
			after = read_holder(end, &pid, &fd);
		if (!after.at)
			return 0;
		name.len = end.at - name.at - strlen("\",");
		rc = tl_saved_holder(saved, pid, name, fd);
		list = after;
		/* Another follows after "),", or that was the last one. */
		if (!tl_piece_begins(list, "),("))
			break;
	}
	return rc;
}

/* "652ms", "1.292ms" (one second and 292), "59sec", "1min52sec", "119min" */
static bool read_time(struct tl_piece text, uint32_t *ms)
{
	uint64_t total = 0, number;

	while (text.len && *text.at != ',') {
		if (!tl_piece_number(text, UINT32_MAX, &number, &text))
			return false;
		if (tl_piece_take(&text, "min"))
			number *= 60000;
		else if (tl_piece_take(&text, "sec") || tl_piece_take(&text, "."))
			number *= 1000;
		else if (!tl_piece_take(&text, "ms"))
			return false;
		total += number;
	}
	*ms = total > UINT32_MAX ? UINT32_MAX : total;
	return true;
}

/* What follows in "timer:(on,652ms,2)" */
static bool read_timer(struct tl_piece rest, struct tl_sock *sock)
{
	static const struct {
		const char *name;
		enum tl_timer timer;
	} names[] = {
		{ "on,", TL_TIMER_RETRANSMIT }, { "keepalive,", TL_TIMER_KEEPALIVE },
		{ "timewait,", TL_TIMER_TIMEWAIT }, { "persist,", TL_TIMER_PROBE },
	};
	struct tl_piece retrans;
	uint64_t number;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tl_piece_begins(rest, names[i].name))
			sock->timer = names[i].timer;
	rest = tl_piece_after(rest, ",");
	retrans = tl_piece_after(rest, ",");
	if (!rest.at || !retrans.at || !read_time(rest, &sock->timer_ms) ||
	    !tl_piece_number(retrans, UINT8_MAX, &number, &retrans))
		return false;
	sock->retrans = number;
	return true;
}

/* A number behind a key: "lastrcv:3124". */
static bool keyed(struct tl_piece word, const char *key, uint32_t *value)
{
	uint64_t number;

	if (!tl_piece_take(&word, key) || !tl_piece_number(word, UINT32_MAX, &number, NULL))
		return false;
	*value = number;
	return true;
}

static bool read_word(struct tl_saved *saved, struct tl_piece word, struct tl_saved_row *row)
{
	uint32_t number;

	if (tl_piece_take(&word, "timer:(")) {
		saved->look->says |= TL_HOST_TIMERS;
		saved->facts++;
		return read_timer(word, &row->sock);
	}
	if (keyed(word, "ino:", &row->sock.inode)) {
		saved->look->says |= TL_HOST_INODES;
		row->has_inode = true;
	} else if (keyed(word, "lastack:", &row->info.ack_received_ms)) {
		row->info.known = true;
	} else if (keyed(word, "backoff:", &number)) {
		row->info.backoff = number;
	} else if (keyed(word, "snd_wnd:", &row->info.window)) {
		row->info.has_window = true;
	} else if (tl_piece_is(word, "tcp-ulp-mptcp")) {
		row->info.mptcp = true;
	} else if (!keyed(word, "uid:", &row->sock.uid) &&
		   !keyed(word, "lastsnd:", &row->info.data_sent_ms) &&
		   !keyed(word, "lastrcv:", &row->info.data_received_ms)) {
		return true;
	}
	saved->facts++;
	return true;
}

/*
 * What is not a state is a heading, the state of a list without that column, or another
 * protocol.
 */
static enum tl_state read_state(struct tl_piece *line)
{
	struct tl_piece word = tl_piece_next(line);

	if (tl_piece_is(word, "tcp"))
		word = tl_piece_next(line);
	return word.len ? tl_state_parse(word.at, word.len) : 0;
}

int tl_saved_ss(struct tl_saved *saved, struct tl_piece line, struct tl_saved_row *row)
{
	struct tl_sock *sock = &row->sock;
	struct tl_piece word;
	int rc;

	sock->state = read_state(&line);
	if (!sock->state)
		return 0;
	rc = tl_saved_ends(&line, sock);
	if (rc <= 0)
		return rc;
	rc = read_users(saved, line);
	if (rc)
		return rc;
	while ((word = tl_piece_next(&line)).len)
		if (!read_word(saved, word, row))
			return -EINVAL;
	saved->look->says |= TL_HOST_BACKLOG | (row->info.known ? TL_HOST_INFO : 0);
	return 1;
}
