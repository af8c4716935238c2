/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: which rows are meant: ":6379", "state close-wait", "pid 22408". */
#ifndef TCPLAB_SIEVE_H
#define TCPLAB_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcplab/err.h"
#include "tcplab/host.h"
#include "tcplab/version.h"

#define TL_SIEVE_TERMS 32
#define TL_SIEVE_ZONE 16

enum tl_sieve_kind { TL_SIEVE_END, TL_SIEVE_NOT, TL_SIEVE_AND, TL_SIEVE_OR };

/* Which end a term is about. */
enum tl_sieve_end { TL_SIEVE_EITHER, TL_SIEVE_LOCAL, TL_SIEVE_REMOTE };

/* An address with as many of its bits as count, a port, or both; or what joins those before it. */
struct tl_sieve_term {
	enum tl_sieve_kind kind;
	enum tl_sieve_end end;
	struct tl_endpoint at;       /* family 0: any address */
	int bits;
	char zone[TL_SIEVE_ZONE];    /* the interface in "fe80::1%eth0", or its number; "": any */
	uint32_t interface;          /* the number of @zone, once it is known */
	bool has_port;
	uint16_t last;               /* of a range of ports that begins with at.port; or the same */
	enum tl_comparison compare;  /* of the port: to be so, as compared to at.port */
};

/* A row passes that is in one of the states, of the process, and for which the terms are true. */
struct tl_sieve {
	uint32_t states;        /* bit 1 << state; 0: any */
	pid_t pid;              /* 0: any */
	const char *process;    /* its name; NULL: any (borrowed) */
	struct tl_sieve_term term[TL_SIEVE_TERMS]; /* what joins follows what it joins */
	size_t n;
};

/*
 * tl_sieve_parse - read words as people type them for ss, and shorter
 * @words: @n of them (borrowed, for as long as @sieve); one may have blanks in it: "sport = :80"
 *
 * ":6379"; "10.0.0.1", "10.0.0.0/8", "[::1]:80", "::1"; "src" or "dst" before one of these;
 * "sport = :80", "dport 80", "sport >= :1024"; "not", "and", "or" and parentheses about them.
 * A port is a number, a range as 8000-8099, or a service of /etc/services; an IPv6 address may
 * have a zone, "fe80::1%eth0".
 * "state close-wait" or "close-wait", several: one of them; ss's groups "connected",
 * "synchronized", "bucket", "big"; "exclude" before a state; "pid 22408" or "22408";
 * "process NAME". A row of netstat or ss, or "10.0.0.1:4000 -> 10.0.0.9:80", is its two ends.
 *
 * Return: 0; -EINVAL with what is wrong, from which column on, and what would be right.
 */
int tl_sieve_parse(char *const *words, size_t n, struct tl_sieve *sieve, struct tl_err *err);

/*
 * tl_sieve_zones - find the interfaces of its zones in the network namespace that one is in
 *
 * Until then rows of every interface pass. Return: 0; -EINVAL with the zone that is not there.
 */
int tl_sieve_zones(struct tl_sieve *sieve, struct tl_err *err);

/* tl_sieve_passes - by state, addresses and ports alone */
bool tl_sieve_passes(const struct tl_sieve *sieve, const struct tl_sock *sock);

/* tl_sieve_holds - by who has it open; @hold: the first, NULL for nobody */
bool tl_sieve_holds(const struct tl_sieve *sieve, const struct tl_processes *processes,
		    const struct tl_hold *hold);

#endif
