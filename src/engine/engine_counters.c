/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's counters that the scenario's claims ask for, as each phase ends. */
#include "engine_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for one entry for each piece of evidence. */
static size_t count_evidence(const struct tl_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_claims; i++)
		for (size_t j = 0; j < plan->claims[i].n_check; j++)
			n += plan->claims[i].check[j].kind == TL_EVIDENCE_COUNTER;
	return n;
}

/* One that this kernel does not have is left out. */
static void add(struct tl_event *ev, const struct tl_buf *text, char *name)
{
	struct tl_counter *counter = &ev->counters.v[ev->counters.n];

	for (size_t i = 0; i < ev->counters.n; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.*): without memory this is not called */
		if (!strcmp(ev->counters.v[i].name, name))
			return;
	if (!tl_counter_find(tl_buf_text(text), name, &counter->value))
		return;
	counter->name = name;
	ev->counters.n++;
}

void counters_emit(struct engine *e)
{
	const struct tl_plan *plan = e->plan;
	struct tl_event ev = { .kind = TL_EVENT_COUNTERS };
	size_t n = count_evidence(plan);
	struct tl_buf text = { 0 };
	struct tl_err err;
	int ret;

	if (!n)
		return;
	ev.counters.v = calloc(n, sizeof(*ev.counters.v));
	ret = ev.counters.v ? tl_table_counters(&text, &err) :
			      tl_err_set(&err, ENOMEM, "no memory for the kernel's counters");
	for (size_t i = 0; !ret && i < plan->n_claims; i++)
		for (size_t j = 0; j < plan->claims[i].n_check; j++)
			if (plan->claims[i].check[j].kind == TL_EVIDENCE_COUNTER)
				add(&ev, &text, plan->claims[i].check[j].counter);
	if (ret)
		engine_fault(e, &err, -1);
	else
		engine_emit(e, ev);
	free(ev.counters.v);
	tl_buf_release(&text);
}
