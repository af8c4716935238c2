/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of segments between a replica's ports and a master's, and what is rendered of it. */
#ifndef TESTS_SHOOT_H
#define TESTS_SHOOT_H

#include "stage.h"
#include "tcplab/report.h"

#define CLIENT_PORT 53525
#define SERVER_PORT 6379

#define FIN (TL_FLAG_FIN | TL_FLAG_ACK)
#define RST (TL_FLAG_RST | TL_FLAG_ACK)
#define ACK TL_FLAG_ACK

/* One segment between the replica's port and the master's. */
struct shot {
	int by;
	uint8_t flags;
	uint32_t seq, ack, len;
	enum tl_state mine, theirs; /* the sender's state and the receiver's */
	enum tl_fate fate;
	int copy_of;
	uint16_t port;              /* the replica's, CLIENT_PORT when 0 */
};

/* shoot - the segment is stopped. Return: its id */
int shoot(struct stage *st, const struct shot *shot);

#define SHOOT(st, ...) shoot(st, &(struct shot){ __VA_ARGS__ })

/* shoot_letgo - a held segment goes on, or is lost */
void shoot_letgo(struct stage *st, int id, bool dropped);

/* shoot_handshake - between @port, CLIENT_PORT when 0, and the master */
void shoot_handshake(struct stage *st, uint16_t port);

/* shoot_talk - @n times some data and its ACK */
void shoot_talk(struct stage *st, int n);

/* shoot_open - so many phases, the first has begun, the wire is tapped */
void shoot_open(struct stage *st, int phases);

/* shoot_open_untapped - the same, and @why it is not */
void shoot_open_untapped(struct stage *st, int phases, const char *why);

/* shoot_connection - the same with one phase, and a handshake in it */
void shoot_connection(struct stage *st);

/* shoot_render - to be released with tl_buf_release() */
struct tl_buf shoot_render(struct stage *st, const char *name, bool color, int width);

/* curtain - the run ends, is judged and rendered, and the stage cleared */
struct tl_buf curtain(struct stage *st, const char *name);

#endif
