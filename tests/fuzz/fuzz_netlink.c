/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams that the kernel could send, sock_diag's and those of the queue, with the packets
 * in them. The first byte says whose they are; the rest is the datagram. For libFuzzer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/table/diag.h"
#include "../../src/wire/nfq.h"
#include "tcplab/segment.h"

/* As seeds.py has them: the request that the answers are to. */
enum { SEQ = 1, PORTID = 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_table(const void *bytes, size_t size)
{
	struct tl_socks socks = { 0 };
	struct tl_reply reply = { .seq = SEQ, .portid = PORTID, .socks = &socks };
	struct tl_err err;

	tl_reply_feed(&reply, bytes, size, &err);
	tl_socks_sort(&socks);
	for (size_t i = 0; i < socks.n; i++)
		if (!socks.v[i].state || socks.v[i].state >= TL_STATE_NUMBERS)
			abort();
	tl_socks_release(&socks);
}

static void read_queue(const void *bytes, size_t size)
{
	struct tl_netlink_bytes rest = { bytes, size };
	struct tl_nfq_message message;
	struct tl_segment segment;
	struct tl_err err;

	while (tl_nfq_next(&rest, &message, &err) > 0)
		if (message.kind == TL_NFQ_PACKET && message.packet.bytes)
			tl_segment_parse(message.packet.bytes, message.packet.have,
					 message.packet.total, &segment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own, aligned and exactly as long: a byte too far is seen. */
	uint8_t *bytes = size > 1 ? malloc(size - 1) : NULL;

	if (!bytes)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	if (data[0] & 1)
		read_queue(bytes, size - 1);
	else
		read_table(bytes, size - 1);
	free(bytes);
	return 0;
}
