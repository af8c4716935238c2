/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: is the text text at all? */
#ifndef TCPLAB_SCENARIO_ENCODING_H
#define TCPLAB_SCENARIO_ENCODING_H

#include "reader.h"

/*
 * scn_encoding_check - UTF-8, at most 1 MiB, with no control characters, not empty
 *
 * Return: false after a mistake; YAML should then not be given the text.
 */
bool scn_encoding_check(struct scn_reader *r);

#endif
