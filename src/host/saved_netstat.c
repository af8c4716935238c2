/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row as netstat prints it: queues, ends, state, then what -e, -p and -o add. */
#include <errno.h>
#include <string.h>

#include "piece.h"

/* The states that netstat has in other languages, as far as they are translated, or on BSD. */
static enum tl_state state_of(struct tl_piece word)
{
	static const struct {
		const char *name;
		enum tl_state state;
	} names[] = {
		{ "VERBUNDEN", TL_ESTABLISHED }, { "SPOJENO", TL_ESTABLISHED },
		{ "NASLOUCH\303\201", TL_LISTEN }, { "ZAV\305\230EN", TL_CLOSE },
		{ "ZAV\303\215R\303\201", TL_CLOSING }, { "ESTABELECIDA", TL_ESTABLISHED },
		{ "SYN_ENVIADO", TL_SYN_SENT }, { "SYN_RECEBIDO", TL_SYN_RECV },
		{ "ESPERA_FIN1", TL_FIN_WAIT1 }, { "ESPERA_FIN2", TL_FIN_WAIT2 },
		{ "FECHAR", TL_CLOSE }, { "ESPERANDO_FECHAR", TL_CLOSE_WAIT },
		{ "\303\232LTIMO_ACK", TL_LAST_ACK }, { "OU\303\207A", TL_LISTEN },
		{ "FECHANDO", TL_CLOSING }, { "SYN_RCVD", TL_SYN_RECV },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tl_piece_is(word, names[i].name))
			return names[i].state;
	return word.len ? tl_state_parse(word.at, word.len) : 0;
}

/* "(12.34/3/0)": seconds, how often it has fired, probes */
static bool read_times(struct tl_piece text, struct tl_sock *sock)
{
	uint64_t seconds, hundredths, fired, probes;

	if (!tl_piece_take(&text, "(") ||
	    !tl_piece_number(text, UINT32_MAX / 1000 - 1, &seconds, &text) ||
	    !tl_piece_take(&text, ".") || !tl_piece_number(text, 99, &hundredths, &text) ||
	    !tl_piece_take(&text, "/") || !tl_piece_number(text, UINT8_MAX, &fired, &text) ||
	    !tl_piece_take(&text, "/") || !tl_piece_number(text, UINT8_MAX, &probes, &text))
		return false;
	sock->timer_ms = seconds * 1000 + hundredths * 10;
	sock->retrans = fired ? fired : probes;
	return true;
}

/* The timer is at the end, since a process's name can have blanks in it. Return: what is before. */
static struct tl_piece read_timer(struct tl_saved *saved, struct tl_piece rest,
				  struct tl_sock *sock)
{
	static const struct {
		const char *name;
		enum tl_timer timer;
	} names[] = {
		{ "off", TL_TIMER_NONE }, { "on", TL_TIMER_RETRANSMIT },
		{ "keepalive", TL_TIMER_KEEPALIVE }, { "timewait", TL_TIMER_TIMEWAIT },
		{ "probe", TL_TIMER_PROBE }, { "aus", TL_TIMER_NONE }, { "ein", TL_TIMER_RETRANSMIT },
		{ "vyp", TL_TIMER_NONE }, { "zapnut", TL_TIMER_RETRANSMIT },
		{ "desligado", TL_TIMER_NONE }, { "em", TL_TIMER_RETRANSMIT },
	};
	const char *open = rest.len ? memrchr(rest.at, '(', rest.len) : NULL;
	struct tl_piece before = { rest.at, open ? (size_t)(open - rest.at) : 0 }, last;
	const char *blank;

	if (!open || !read_times((struct tl_piece){ open, rest.at + rest.len - open }, sock))
		return rest;
	before = tl_piece_trimmed(before);
	blank = before.len ? memrchr(before.at, ' ', before.len) : NULL;
	last = blank ? (struct tl_piece){ blank + 1, before.at + before.len - blank - 1 } : before;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!tl_piece_is(last, names[i].name))
			continue;
		sock->timer = names[i].timer;
		saved->look->says |= TL_HOST_TIMERS;
		saved->facts++;
		before.len -= last.len;
		return before;
	}
	return rest;
}

/* "4711/redis-server", or "-" where nobody was seen; before it, with -e, user and inode */
static int read_process(struct tl_saved *saved, struct tl_piece rest, struct tl_saved_row *row)
{
	for (int column = 0; column < 3; column++) {
		struct tl_piece at = rest, word = tl_piece_next(&at), name;
		uint64_t number;

		if (!word.len)
			return 0;
		if (tl_piece_number(word, INT32_MAX, &number, &name) && tl_piece_take(&name, "/")) {
			/* to the end: there may be blanks in it */
			name.len = at.at + at.len - name.at;
			return tl_saved_holder(saved, number, tl_piece_trimmed(name), -1);
		}
		if (column == 1 && tl_piece_number(word, UINT32_MAX, &number, NULL)) {
			row->sock.inode = number;
			saved->look->says |= TL_HOST_INODES;
			row->has_inode = true;
			saved->facts++;
		}
		rest = at;
	}
	return 0;
}

/*
 * Without -W netstat cuts an IPv6 address off, so that with its port it has 23 characters; that of
 * BSD after 16, whatever the port. What is left can look like another one.
 */
static void note_cut(struct tl_saved *saved, struct tl_piece ends)
{
	size_t cut = 0;

	for (int i = 0; i < 4; i++) {
		struct tl_piece end = tl_piece_next(&ends);
		const char *colon = end.len ? memrchr(end.at, ':', end.len) : NULL;
		const char *dot = end.len ? memrchr(end.at, '.', end.len) : NULL;
		bool bsd = dot && dot > colon;
		size_t len = bsd ? (size_t)(dot - end.at) : end.len, most = bsd ? 16 : 23;

		if (!colon || (!bsd && memchr(end.at, ':', end.len) == colon))
			continue;
		cut += len == most;
		saved->wide |= len > most;
	}
	saved->cut += cut > 0;
}

int tl_saved_netstat(struct tl_saved *saved, struct tl_piece line, struct tl_saved_row *row)
{
	struct tl_piece word = tl_piece_next(&line);
	struct tl_sock *sock = &row->sock;
	bool bsd = tl_piece_is(word, "tcp4") || tl_piece_is(word, "tcp46");
	int rc;

	if (!bsd && !tl_piece_is(word, "tcp") && !tl_piece_is(word, "tcp6"))
		return 0;
	note_cut(saved, line);
	rc = tl_saved_ends(&line, sock);
	if (rc <= 0)
		return rc;
	word = tl_piece_next(&line);
	sock->state = state_of(word);
	if (!sock->state) {
		saved->look->says |= TL_HOST_FOREIGN;
		return -EINVAL;
	}
	saved->look->says |= bsd ? TL_HOST_BSD : 0;
	if (saved->look->says & TL_HOST_BSD) /* what follows is of other columns */
		return 1;
	line = read_timer(saved, line, sock);
	return read_process(saved, line, row) ? -ENOMEM : 1;
}
