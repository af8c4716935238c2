/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings as text, each with its evidence. */
#include <string.h>

#include "telling.h"
#include "tcplab/host_report.h"
#include "tcplab/host_words.h"
#include "tcplab/sieve.h"
#include "tcplab/text.h"

/* Where a label stands, and where what it labels begins. */
enum { LABEL = 3, TEXT = 14 };

static void tell_finding(const struct tl_diagnosis *finding, size_t number,
			 const struct tl_host_told *told, struct tl_buf *out)
{
	struct tl_buf text = { 0 };

	tl_text_line(&text, finding->head);
	tl_buf_fmt(out, "%-2zu ", number);
	tl_buf_str(out, told->color ? "\033[1m" : "");
	tl_text_hang(out, tl_buf_text(&text), told->width, LABEL);
	tl_buf_str(out, told->color ? "\033[0m" : "");
	for (size_t i = 0; i < finding->n_remarks; i++) {
		text.len = 0;
		tl_text_line(&text, finding->remarks[i].text);
		tl_buf_fmt(out, "%*s%-*s", LABEL, "", TEXT - LABEL,
			   tl_remark_label(finding->remarks[i].kind));
		tl_text_hang(out, tl_buf_text(&text), told->width, TEXT);
	}
	tl_buf_release(&text);
}

/* A group that was asked for and has nothing wrong: what it is, and what is known of it. */
static void tell_group(const struct tl_host *look, const struct tl_group *group,
		       const struct tl_host_told *told, struct tl_buf *out)
{
	const struct tl_state_info *info = tl_state_info(group->state);
	const struct tl_seen *row = &look->rows[group->first - 1];
	struct tl_buf text = { 0 }, age = { 0 };
	char note[TL_SOCK_NOTE] = "";

	tl_buf_fmt(&text, "%zu %s: ", group->n, tl_state_name(group->state));
	tl_say_owner(&text, look, group);
	tl_say_owners_way(&text, group);
	tl_say_age(&age, look, group);
	if (age.len)
		tl_buf_fmt(&text, ", %s", tl_buf_text(&age));
	tl_buf_fmt(&text, ": %s", info ? info->meaning : "a state that is not known here");
	if (group->n == 1)
		tl_sock_note(&row->sock, tl_host_note_says(look), note);
	tl_buf_fmt(&text, "%s%s", *note ? "; " : "", note);
	if (group->n == 1)
		tl_say_keepalive(&text, &row->sock);
	tl_buf_str(&text, ". ");
	if (group->state == TL_CLOSE_WAIT &&
	    tl_row_other_end(look, row) == TL_OTHER_END_WAITS)
		tl_buf_fmt(&text, "Half-closed: on this host a process still waits for what %s "
			   "to send. Whether that comes is not known. ",
			   group->n == 1 ? "it has" : "they have");
	tl_buf_fmt(&text, "Nothing looks wrong with %s.", group->n == 1 ? "it" : "them");
	tl_buf_str(out, "-  ");
	tl_text_hang(out, tl_buf_text(&text), told->width, LABEL);
	tl_buf_release(&text);
	tl_buf_release(&age);
}

/* Of one state, unless a filter asks for them: those of the most rows, which come first. */
#define FINDINGS 10

static void tell_left(enum tl_state state, size_t left, struct tl_buf *out)
{
	if (left > FINDINGS)
		tl_buf_fmt(out, "%*sand %zu more in %s: the filter \"%s\" shows them\n", LABEL, "",
			   left - FINDINGS, tl_state_name(state), tl_state_name(state));
}

void tl_host_why_text(const struct tl_host *look, const struct tl_diagnoses *findings,
			const struct tl_sieve *sieve, const struct tl_host_told *told,
			struct tl_buf *out)
{
	size_t n = 0, quiet = 0, alike = 0;
	enum tl_state state = 0;

	for (size_t i = 0; i < findings->n; i++) {
		const struct tl_group *group = &look->groups[findings->v[i].group];

		if (group->state != state && !sieve)
			tell_left(state, alike, out);
		alike = group->state == state ? alike : 0;
		state = group->state;
		n++;
		if (alike++ < FINDINGS || sieve)
			tell_finding(&findings->v[i], n, told, out);
	}
	if (!sieve)
		tell_left(state, alike, out);
	for (size_t i = 0; sieve && i < look->n_groups; i++) {
		const struct tl_group *group = &look->groups[i];

		if (tl_group_rule(look, group) || !tl_group_passes(look, group, sieve))
			continue;
		tell_group(look, group, told, out);
		quiet++;
	}
	if (!n && !quiet)
		tl_buf_fmt(out, "%s%s.\n", sieve ? "No such row" : "Nothing looks wrong",
			   look->partly ? " among those that could be read" : "");
}
