/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of saved text: words, numbers, ends of connections. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "piece.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct tl_piece tl_piece_next(struct tl_piece *line)
{
	struct tl_piece word = *line;
	size_t len = 0;

	for (; word.len && is_blank(*word.at); word.len--)
		word.at++;
	while (len < word.len && !is_blank(word.at[len]))
		len++;
	*line = (struct tl_piece){ word.at + len, word.len - len };
	word.len = len;
	return word;
}

struct tl_piece tl_piece_trimmed(struct tl_piece piece)
{
	while (piece.len && is_blank(piece.at[piece.len - 1]))
		piece.len--;
	return piece;
}

bool tl_piece_is(struct tl_piece piece, const char *word)
{
	return piece.len == strlen(word) && !memcmp(piece.at, word, piece.len);
}

bool tl_piece_begins(struct tl_piece piece, const char *word)
{
	size_t len = strlen(word);

	return piece.len >= len && !memcmp(piece.at, word, len);
}

bool tl_piece_take(struct tl_piece *piece, const char *word)
{
	size_t len = strlen(word);

	if (!tl_piece_begins(*piece, word))
		return false;
	*piece = (struct tl_piece){ piece->at + len, piece->len - len };
	return true;
}

struct tl_piece tl_piece_after(struct tl_piece piece, const char *word)
{
	const char *found = piece.len ? memmem(piece.at, piece.len, word, strlen(word)) : NULL;

	if (!found)
		return (struct tl_piece){ NULL, 0 };
	found += strlen(word);
	return (struct tl_piece){ found, piece.at + piece.len - found };
}

bool tl_piece_number(struct tl_piece piece, uint64_t most, uint64_t *value,
		     struct tl_piece *rest)
{
	size_t i = 0;

	*value = 0;
	for (; i < piece.len && piece.at[i] >= '0' && piece.at[i] <= '9'; i++) {
		*value = *value * 10 + (piece.at[i] - '0');
		if (*value > most)
			return false;
	}
	if (!i || (!rest && i < piece.len))
		return false;
	if (rest)
		*rest = (struct tl_piece){ piece.at + i, piece.len - i };
	return true;
}

bool tl_piece_queue(struct tl_piece piece, uint32_t *bytes)
{
	bool negative = tl_piece_take(&piece, "-");
	uint64_t number;

	if (!tl_piece_number(piece, UINT32_MAX, &number, NULL))
		return false;
	*bytes = negative ? -number : number;
	return true;
}

static bool read_port(struct tl_piece piece, struct tl_endpoint *end)
{
	uint64_t port;

	if (tl_piece_is(piece, "*"))
		return true;
	if (!tl_piece_number(piece, UINT16_MAX, &port, NULL))
		return false;
	end->port = port;
	return true;
}

/* "*" is the wildcard of either family; "::" that of IPv6 where ss had no brackets. */
static bool read_address(struct tl_piece piece, struct tl_endpoint *end)
{
	char text[INET6_ADDRSTRLEN + 1];
	const char *scope;

	if (piece.len >= 2 && piece.at[0] == '[') {
		const char *close = memchr(piece.at, ']', piece.len);

		if (!close)
			return false;
		piece = (struct tl_piece){ piece.at + 1, close - piece.at - 1 };
	}
	scope = memchr(piece.at, '%', piece.len);
	if (scope)
		piece.len = scope - piece.at;
	if (tl_piece_is(piece, "*")) {
		end->family = AF_INET6;
		return true;
	}
	if (piece.len >= sizeof(text))
		return false;
	memcpy(text, piece.at, piece.len);
	text[piece.len] = '\0';
	end->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(end->family, text, end->addr) == 1;
}

/* @sign: what stands between the address and the port */
static bool read_end(struct tl_piece piece, char sign, struct tl_endpoint *end)
{
	const char *at = piece.len ? memrchr(piece.at, sign, piece.len) : NULL;

	*end = (struct tl_endpoint){ 0 };
	if (!at || at == piece.at)
		return false;
	return read_port((struct tl_piece){ at + 1, piece.at + piece.len - at - 1 }, end) &&
	       read_address((struct tl_piece){ piece.at, at - piece.at }, end);
}

/*
 * "127.0.0.1:80", "[::1]:80", "*:80", ":::80", "10.0.0.1%eth0:22", or as BSD writes it:
 * "127.0.0.1.80", "*.80", "::1.80"
 */
static bool endpoint_of(struct tl_piece piece, struct tl_endpoint *end)
{
	return read_end(piece, ':', end) || read_end(piece, '.', end);
}

int tl_saved_ends(struct tl_piece *line, struct tl_sock *sock)
{
	if (!tl_piece_queue(tl_piece_next(line), &sock->recvq) ||
	    !tl_piece_queue(tl_piece_next(line), &sock->sendq))
		return 0;
	return endpoint_of(tl_piece_next(line), &sock->local) &&
	       endpoint_of(tl_piece_next(line), &sock->remote) ? 1 : -EINVAL;
}
