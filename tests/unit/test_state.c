/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of states and arcs. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tcplab/state.h"

/* Figure 5 of RFC 9293, written down a second time. */
static const struct {
	const char *id;
	enum tl_state from, to;
} figure[] = {
	{ "1", TL_CLOSE, TL_LISTEN },
	{ "2", TL_CLOSE, TL_SYN_SENT },
	{ "3", TL_LISTEN, TL_CLOSE },
	{ "4", TL_LISTEN, TL_SYN_RECV },
	{ "5", TL_LISTEN, TL_SYN_SENT },
	{ "6", TL_SYN_SENT, TL_CLOSE },
	{ "7", TL_SYN_SENT, TL_SYN_RECV },
	{ "8", TL_SYN_SENT, TL_ESTABLISHED },
	{ "9", TL_SYN_RECV, TL_ESTABLISHED },
	{ "10", TL_SYN_RECV, TL_FIN_WAIT1 },
	{ "11", TL_SYN_RECV, TL_LISTEN },
	{ "12", TL_ESTABLISHED, TL_FIN_WAIT1 },
	{ "13", TL_ESTABLISHED, TL_CLOSE_WAIT },
	{ "14", TL_FIN_WAIT1, TL_FIN_WAIT2 },
	{ "15", TL_FIN_WAIT1, TL_CLOSING },
	{ "16", TL_FIN_WAIT2, TL_TIME_WAIT },
	{ "17", TL_CLOSING, TL_TIME_WAIT },
	{ "18", TL_CLOSE_WAIT, TL_LAST_ACK },
	{ "19", TL_LAST_ACK, TL_CLOSE },
	{ "20", TL_TIME_WAIT, TL_CLOSE },
};

#define N_FIGURE (sizeof(figure) / sizeof(figure[0]))

Test(state, figure_5_is_whole)
{
	const struct tl_arc *arcs;
	size_t n, drawn = 0;

	arcs = tl_arcs(&n);
	for (size_t i = 0; i < n; i++)
		drawn += arcs[i].kind == TL_ARC_DRAWN;
	cr_assert_eq(drawn, N_FIGURE, "%zu arcs are drawn", drawn);
	for (size_t i = 0; i < N_FIGURE; i++) {
		const struct tl_arc *arc = tl_arc_find(figure[i].id);

		cr_assert_not_null(arc, "arc %s is missing", figure[i].id);
		cr_assert_eq(arc->kind, TL_ARC_DRAWN, "arc %s is not drawn", arc->id);
		cr_assert_eq(arc->from, figure[i].from, "arc %s: from", arc->id);
		cr_assert_eq(arc->to, figure[i].to, "arc %s: to", arc->id);
	}
}

Test(state, arcs_are_complete)
{
	const struct tl_arc *arcs;
	size_t n;

	arcs = tl_arcs(&n);
	for (size_t i = 0; i < n; i++) {
		cr_assert_eq(tl_arc_find(arcs[i].id), &arcs[i], "id %s is there twice",
			     arcs[i].id);
		cr_assert_not_null(tl_state_info(arcs[i].from), "%s", arcs[i].id);
		cr_assert_not_null(tl_state_info(arcs[i].to), "%s", arcs[i].id);
		cr_assert_gt(arcs[i].cost, 0, "%s", arcs[i].id);
		cr_assert(arcs[i].event[0] && arcs[i].section[0], "%s", arcs[i].id);
	}
	cr_assert_null(tl_arc_find("21"), "there are twenty");
	cr_assert_eq(tl_arc_find("r-established"), tl_arc_find("R-ESTABLISHED"), "any case");
}

/* A number is spelled as the id of its row, but for what C does not let be in a name. */
Test(state, arcs_by_number)
{
	static const char *const numbers[] = {
#define ARC(number, ...) #number,
#define DRAWN ARC
#define NOTE ARC
#define TIMEOUT ARC
#define RESET(from, ...) "R_" #from,
#include "tcplab/arcs.h"
	};

	for (enum tl_arc_id i = 0; i < TL_N_ARCS; i++) {
		const char *id = tl_arc(i)->id;

		cr_assert_eq(strlen(id), strlen(numbers[i]), "%s is %s", id, numbers[i]);
		for (size_t at = 0; id[at]; at++)
			cr_assert_eq(id[at] == '-' ? '_' : id[at], numbers[i][at], "%s is %s", id,
				     numbers[i]);
	}
}

Test(state, linux_has_no_arc_5)
{
	cr_assert_not(tl_arc_find("5")->linux_has, "connect() on a listener is refused");
	cr_assert_not(tl_arc_find("N3")->linux_has, "a reset leaves no TIME_WAIT");
	cr_assert(tl_arc_find("4")->linux_has, "all others are there");
}

Test(state, every_state_has_its_story)
{
	for (int s = 1; s < TL_STATE_MAX; s++) {
		const struct tl_state_info *info = tl_state_info(s);

		cr_assert_not_null(info, "state %d", s);
		cr_assert_eq((int)info->state, s, "state %d", s);
		cr_assert_str_eq(info->name, tl_state_name(s), "state %d", s);
		cr_assert(info->section[0] && info->meaning[0], "%s", info->name);
		cr_assert_leq(strlen(info->meaning), 66, "%s stands beside a row", info->name);
		cr_assert_not_null(strstr(info->story, "\n\n"), "%s: paragraphs", info->name);
		cr_assert_null(strstr(info->story, "  "), "%s: two blanks", info->name);
		cr_assert_eq(info->story[strlen(info->story) - 1], '.', "%s", info->name);
	}
}

Test(state, numbers_that_are_none)
{
	cr_assert_null(tl_state_info(0), "0");
	cr_assert_null(tl_state_info(TL_STATE_MAX), "12");
	cr_assert_null(tl_state_info((enum tl_state)-1), "-1");
	cr_assert_str_eq(tl_state_name((enum tl_state)99), "99", "99");
	for (unsigned i = 0; i <= TL_NUMBER_MAX; i++) {
		char text[8];

		snprintf(text, sizeof(text), "%u", i);
		cr_assert_str_eq(tl_number_name(i), text, "%u is %s", i, tl_number_name(i));
	}
	cr_assert_str_eq(tl_number_name(TL_NUMBER_MAX + 1), "?", "256");
}

/* @name with every separator written as @c (0: left out), in capitals or not. */
static enum tl_state parse_as(const char *name, char c, bool small)
{
	char text[32];
	size_t n = 0;

	for (; *name; name++) {
		if (*name != '-' && *name != '_')
			text[n++] = small ? tolower((unsigned char)*name) : *name;
		else if (c)
			text[n++] = c;
	}
	return tl_state_parse(text, n);
}

Test(state, every_spelling_is_read)
{
	for (int s = 1; s < TL_STATE_MAX; s++) {
		const struct tl_state_info *info = tl_state_info(s);
		const char *names[] = { info->name, info->ss, info->rfc, info->post };

		for (int i = 0; i < 4; i++) {
			for (int small = 0; small < 2; small++) {
				cr_assert_eq((int)parse_as(names[i], '-', small), s, "%s",
					     names[i]);
				cr_assert_eq((int)parse_as(names[i], '_', small), s, "%s",
					     names[i]);
				cr_assert_eq((int)parse_as(names[i], 0, small), s, "%s",
					     names[i]);
			}
		}
	}
	cr_assert_eq(tl_state_parse("Fin-Wait_2", 10), TL_FIN_WAIT2, "a mixture");
}

Test(state, what_is_no_spelling)
{
	static const char *const none[] = { "",		 "LISTE",     "LISTENS",    "FIN_WAIT",
					    "FIN__WAIT1", "_LISTEN",   "LISTEN_",    "L-ISTEN",
					    "FIN WAIT1", "FIN_WAIT3", "TIME_WAIT\n", "1" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		cr_assert_eq((int)tl_state_parse(none[i], strlen(none[i])), 0, "\"%s\"",
			     none[i]);
	cr_assert_eq((int)tl_state_parse("LISTENER", 6), TL_LISTEN, "only @len bytes count");
	cr_assert_eq((int)tl_state_parse("LISTEN\0", 7), 0, "a NUL is no letter");
}

/* The ids of a path with blanks between, "none" where there is no way. */
static const char *path(enum tl_state from, enum tl_state to, bool skip_reset)
{
	const struct tl_arc *arcs[TL_STATE_MAX];
	static char text[128];
	int n = tl_arc_path(from, to, skip_reset, arcs);

	if (n < 0)
		return "none";
	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		cr_assert_eq(arcs[i]->from, i ? arcs[i - 1]->to : from, "a broken path");
		if (i)
			strcat(text, " ");
		strcat(text, arcs[i]->id);
	}
	cr_assert_eq(n ? arcs[n - 1]->to : from, to, "it leads elsewhere");
	return text;
}

Test(state, likely_paths)
{
	cr_assert_str_eq(path(TL_CLOSE, TL_CLOSE, true), "", "nothing to do");
	cr_assert_str_eq(path(TL_CLOSE, TL_ESTABLISHED, true), "2 8", "active open");
	cr_assert_str_eq(path(TL_LISTEN, TL_ESTABLISHED, true), "4 9", "passive open");
	cr_assert_str_eq(path(TL_LISTEN, TL_FIN_WAIT1, true), "4 9 12", "never by arc 10");
	cr_assert_str_eq(path(TL_ESTABLISHED, TL_TIME_WAIT, true), "12 N2", "FIN+ACK");
	cr_assert_str_eq(path(TL_ESTABLISHED, TL_FIN_WAIT2, true), "12 14", "half closed");
	cr_assert_str_eq(path(TL_ESTABLISHED, TL_CLOSE, true), "13 18 19", "passive close");
	cr_assert_str_eq(path(TL_FIN_WAIT2, TL_CLOSE, true), "16 20", "no timeout");
	cr_assert_str_eq(path(TL_CLOSE, TL_TIME_WAIT, true), "2 8 12 N2", "a whole life");
	cr_assert_str_eq(path(TL_SYN_SENT, TL_SYN_RECV, true), "7", "simultaneous open");
	cr_assert_str_eq(path(TL_CLOSE, TL_CLOSING, true), "2 8 12 15", "simultaneous close");
}

Test(state, paths_there_are_none)
{
	cr_assert_str_eq(path(TL_TIME_WAIT, TL_ESTABLISHED, false), "none", "dead is dead");
	cr_assert_str_eq(path(TL_FIN_WAIT2, TL_CLOSE_WAIT, false), "none", "closed first");
	cr_assert_str_eq(path(TL_LAST_ACK, TL_TIME_WAIT, false), "none", "closed second");
	cr_assert_str_eq(path(TL_LISTEN, TL_LISTEN, false), "", "the same");
	cr_assert_str_eq(path(TL_ESTABLISHED, TL_LISTEN, false), "none", "not through CLOSED");
	cr_assert_str_eq(path(TL_SYN_RECV, TL_LISTEN, true), "none", "arc 11 is a RST");
	cr_assert_str_eq(path(TL_SYN_RECV, TL_LISTEN, false), "11", "with it");
	cr_assert_str_eq(path(TL_LISTEN, TL_SYN_SENT, false), "none", "arc 5 is not Linux's");
	cr_assert_str_eq(path(0, TL_LISTEN, false), "none", "no state");
	cr_assert_str_eq(path(TL_LISTEN, 77, false), "none", "no state");
}

Test(state, every_state_can_be_reached)
{
	for (int s = 1; s < TL_STATE_MAX; s++) {
		cr_assert_str_neq(path(TL_CLOSE, s, true), "none", "%s", tl_state_name(s));
		cr_assert_str_neq(path(s, TL_CLOSE, true), "none", "%s", tl_state_name(s));
	}
}
