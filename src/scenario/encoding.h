/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: is the text of a scenario text at all? */
#ifndef TCPLAB_SCENARIO_ENCODING_H
#define TCPLAB_SCENARIO_ENCODING_H

#include "reader.h"

/*
 * scn_encoding_check - UTF-8, at most 1 MiB, with no control characters, not empty
 *
 * Return: false after a mistake; YAML should then not be given the text.
 */
bool scn_encoding_check(struct scn_reader *r);

/*
 * scn_no_break_space - is one in that piece of the text? A mistake, at its place, if so
 *
 * In a title it is as good as any character. Asked where the text could not be understood: it
 * looks like a blank, and YAML does not take it for one.
 */
bool scn_no_break_space(struct scn_reader *r, struct scn_span in);

#endif
