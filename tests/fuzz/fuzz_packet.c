/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets off the wire, one after the other: parsed, and named in the light of those before.
 * Each begins with two bytes, how much of it was copied and how much was not. For libFuzzer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see(struct tl_flows *flows, const uint8_t *packet, size_t have, size_t total)
{
	char text[TL_FLAGS_TEXT];
	struct tl_segment segment;
	uint32_t kinds;

	if (tl_segment_parse(packet, have, total, &segment))
		return;
	kinds = tl_flows_see(flows, &segment);
	if (segment.len > total || !*tl_flows_name(kinds) ||
	    strlen(tl_segment_flags(segment.flags, text)) >= sizeof(text) ||
	    !tl_segment_is_copy(&segment, &segment))
		abort();
	for (int state = 0; state < TL_STATE_MAX; state++)
		tl_flows_arc(&(struct tl_sock){ .state = state }, kinds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_flows flows = { 0 };

	while (size > 2) {
		size_t have = data[0] < size - 2 ? data[0] : size - 2;
		uint8_t *packet = malloc(have ? have : 1);

		if (!packet)
			break;
		memcpy(packet, data + 2, have);
		see(&flows, packet, have, have + data[1] * 300);
		free(packet);
		data += 2 + have;
		size -= 2 + have;
	}
	tl_flows_release(&flows);
	return 0;
}
