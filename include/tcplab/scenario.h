/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 1, scenario: YAML text in, plan out, or every mistake with its place. */
#ifndef TCPLAB_SCENARIO_H
#define TCPLAB_SCENARIO_H

#include <stddef.h>

#include "tcplab/buf.h"
#include "tcplab/event.h"
#include "tcplab/plan.h"

/*
 * tl_scenario_parse - read a scenario, version 1 (scenarios/schema/scenario.v1.json)
 * @file: its name, for messages
 * @text: its bytes, @len of them; copied
 * @plan: *@plan gets the plan (returned owned), or NULL
 * @messages: gets every mistake of the text, in order of place, each as
 *            "file:line:col: error: sentence", the source line, a caret; nothing on success;
 *            NULL: nobody wants them
 *
 * Nothing is run and nothing but @text is read. Anchors, aliases, tags, multiple
 * documents and unknown keys are mistakes. A text that is not UTF-8, or not YAML, gets
 * those mistakes alone: what it would have said is anybody's guess. Of more than a hundred
 * mistakes the first hundred are shown and the rest counted. @messages is safe for a
 * terminal, whatever @text and @file hold.
 *
 * Return: 0; -EINVAL when @messages has something to say, with the count of mistakes
 * in @err; -ENOMEM.
 */
int tl_scenario_parse(const char *file, const char *text, size_t len, struct tl_plan **plan,
		      struct tl_buf *messages, struct tl_err *err);

/*
 * tl_scenario_parse_variant - the same of a text with "vary", which is several scenarios
 * @variant: the one of plan->variants that is meant; NULL, as above: the first, or the only one
 *
 * Return: as above; -ENOENT where the text has no such variant.
 */
int tl_scenario_parse_variant(const char *file, const char *text, size_t len,
			      const char *variant, struct tl_plan **plan,
			      struct tl_buf *messages, struct tl_err *err);

/*
 * tl_scenario_of_run - the plan that a trace was recorded for: its first event has the text
 *
 * Return: as above; -EINVAL as well where the trace does not begin with a run.
 */
int tl_scenario_of_run(const struct tl_trace *trace, struct tl_plan **plan,
		       struct tl_buf *messages, struct tl_err *err);

#endif
