/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events of a trace as segments that are seen, go on or are lost; those held wait here. */
#include "flow_numbers.h"

#include <search.h>
#include <stdlib.h>

/* One that waits to be let go, by the id of its event. */
struct held {
	int id;
	struct tl_segment seg;
	struct held *before; /* of the same id: in a trace that can be trusted there is none */
};

static int by_id(const void *a, const void *b)
{
	int x = ((const struct held *)a)->id, y = ((const struct held *)b)->id;

	return x < y ? -1 : x > y;
}

static void free_held(void *node)
{
	for (struct held *held = node, *before; held; held = before) {
		before = held->before;
		free(held);
	}
}

void tl_flows_release(struct tl_flows *flows)
{
	free(flows->v);
	tdestroy(flows->held, free_held);
	tl_pairs_release(&flows->pairs);
	*flows = (struct tl_flows){ 0 };
}

static bool remember(struct tl_flows *flows, const struct tl_event *ev)
{
	struct held *held = calloc(1, sizeof(*held)), **node = NULL;

	if (held) {
		*held = (struct held){ ev->segment.id, ev->segment.seg, NULL };
		node = tsearch(held, &flows->held, by_id);
	}
	if (!node) {
		free(held);
		return false;
	}
	if (*node != held) {
		held->before = *node;
		*node = held;
	}
	return true;
}

static uint32_t take_segment(struct tl_flows *flows, const struct tl_event *ev)
{
	uint32_t kinds = tl_flows_see(flows, &ev->segment.seg);

	switch (ev->segment.fate) {
	case TL_FATE_PASSED:
		tl_flows_arrive(flows, &ev->segment.seg);
		break;
	case TL_FATE_HELD:
		return remember(flows, ev) ? kinds : 0;
	case TL_FATE_ABSORBED:
		tl_flows_lose(flows, &ev->segment.seg);
		break;
	}
	return kinds;
}

/* Of one id the latest: in a trace that can be trusted there is only one. */
static void take_letgo(struct tl_flows *flows, const struct tl_event *ev)
{
	const struct held key = { .id = ev->letgo.id };
	struct held **node = tfind(&key, &flows->held, by_id), *held = node ? *node : NULL;

	if (!held)
		return;
	if (ev->letgo.dropped)
		tl_flows_lose(flows, &held->seg);
	else
		tl_flows_arrive(flows, &held->seg);
	if (held->before)
		*node = held->before;
	else
		tdelete(held, &flows->held, by_id);
	free(held);
}

uint32_t tl_flows_take(struct tl_flows *flows, const struct tl_event *ev)
{
	if (ev->kind == TL_EVENT_SEGMENT)
		return take_segment(flows, ev);
	if (ev->kind == TL_EVENT_LETGO)
		take_letgo(flows, ev);
	return BIT(ANY);
}
