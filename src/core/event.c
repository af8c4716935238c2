/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: their names, what they own, and the trace they make up. */
#include "tcplab/event.h"

#include <errno.h>
#include <stdlib.h>

#include "tcplab/enum_names.h"
#include "tcplab/grow.h"

TL_NAMES(tl_event_name, enum tl_event_kind, TL_EVENTS)
TL_NAMES(tl_actor_change_name, enum tl_actor_change, TL_ACTOR_CHANGES)
TL_NAMES(tl_look_name, enum tl_look, TL_LOOKS)
TL_NAMES(tl_fate_name, enum tl_fate, TL_FATES)
TL_NAMES(tl_end_name, enum tl_end, TL_ENDS)

void tl_event_release(struct tl_event *ev)
{
	switch (ev->kind) {
	case TL_EVENT_RUN:
		free(ev->run.tcplab);
		free(ev->run.file);
		free(ev->run.text);
		free(ev->run.variant);
		free(ev->run.kernel);
		free(ev->run.redis);
		break;
	case TL_EVENT_STEP:
	case TL_EVENT_DONE:
		free(ev->step.reply);
		break;
	case TL_EVENT_ACTOR:
		free(ev->actor.program);
		break;
	case TL_EVENT_PUSHED:
		free(ev->pushed.text);
		break;
	case TL_EVENT_OUTPUT:
		free(ev->output.text);
		break;
	case TL_EVENT_SNAPSHOT:
		free(ev->snapshot.rows);
		break;
	case TL_EVENT_WIRE:
		free(ev->wire.text);
		break;
	case TL_EVENT_SEGMENT:
		free(ev->segment.packet.bytes);
		break;
	case TL_EVENT_MISSED:
		free(ev->missed.text);
		break;
	case TL_EVENT_WITNESS:
		free(ev->witness.command);
		free(ev->witness.output);
		break;
	case TL_EVENT_COUNTERS:
		for (size_t i = 0; i < ev->counters.n; i++)
			free(ev->counters.v[i].name);
		free(ev->counters.v);
		break;
	case TL_EVENT_FAULT:
		free(ev->fault.text);
		break;
	case TL_EVENT_PHASE:
	case TL_EVENT_LETGO:
	case TL_EVENT_LOSSY:
	case TL_EVENT_END:
		break;
	}
	*ev = (struct tl_event){ 0 };
}

int tl_trace_append(struct tl_trace *trace, struct tl_event *ev, struct tl_err *err)
{
	if (!TL_GROW(trace->events, trace->n))
		return tl_err_set(err, ENOMEM, "no memory for the trace");
	trace->events[trace->n++] = *ev;
	*ev = (struct tl_event){ 0 };
	return 0;
}

void tl_trace_release(struct tl_trace *trace)
{
	for (size_t i = 0; i < trace->n; i++)
		tl_event_release(&trace->events[i]);
	free(trace->events);
	*trace = (struct tl_trace){ 0 };
}

const struct tl_event *tl_trace_run(const struct tl_trace *trace)
{
	if (trace->n && trace->events[0].kind == TL_EVENT_RUN)
		return &trace->events[0];
	return NULL;
}
