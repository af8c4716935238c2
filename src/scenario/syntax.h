/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: libfyaml's complaints in plain words. */
#ifndef TCPLAB_SCENARIO_SYNTAX_H
#define TCPLAB_SCENARIO_SYNTAX_H

/* The sentence for every complaint about tabs. */
extern const char scn_tabs[];

/* scn_syntax_sentence - a message of libfyaml in plain words (static); NULL: nothing better */
const char *scn_syntax_sentence(const char *message);

#endif
