/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a scenario out of unknown hands: read, or refused with sentences that are fit
 * for a terminal. For libFuzzer; "make fuzz" runs it on all scenarios and fixtures there are.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is said about a text is lines without a control character, in UTF-8. */
static bool is_fit(const struct tl_buf *messages)
{
	const unsigned char *text = (const unsigned char *)tl_buf_text(messages);

	for (size_t i = 0; i < messages->len; i++)
		if ((text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f)
			return false;
	return true;
}

/* Every actor that a plan names is one that it has. */
static void check_indices(const struct tl_plan *plan)
{
	for (size_t p = 0; p < plan->n_phases; p++) {
		for (size_t s = 0; s < plan->phases[p].n_steps; s++) {
			const struct tl_step *step = &plan->phases[p].steps[s];

			if (!step->text || step->actor >= (int)plan->n_actors ||
			    step->call.to >= (int)plan->n_actors ||
			    (tl_verb_is_of_peer(step->verb) &&
			     (step->actor < 0 || !step->call.on)))
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_buf messages = { 0 };
	struct tl_plan *plan = NULL;
	struct tl_err err;
	int rc = tl_scenario_parse("fuzz.yaml", (const char *)data, size, &plan, &messages, &err);

	if (!rc)
		check_indices(plan);
	if (!rc != !!plan || !rc != !messages.len || !is_fit(&messages))
		abort();
	tl_plan_free(plan);
	tl_buf_release(&messages);
	return 0;
}
