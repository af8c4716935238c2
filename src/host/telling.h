/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a diagnosis: what rules see, and the evidence they share. */
#ifndef TCPLAB_HOST_TELLING_H
#define TCPLAB_HOST_TELLING_H

#include "tcplab/diagnosis.h"

struct tl_telling {
	struct tl_host *look;
	struct tl_group *group;
	struct tl_diagnosis *finding;
	/* Which rows of the group it is about, set by a rule; NULL: all */
	bool (*about)(const struct tl_seen *row);
	/* In words: whose the rows are, to whom they are connected, and the end of the group. */
	const char *owner, *far, *end;
	struct tl_buf text; /* what the next line is made of, empty between two */
	bool unsent; /* all that it is about: the cause is on this host, whatever the rule says */
	bool failed; /* no memory */
};

/*
 * tl_tell_head - the sentence of a finding
 * tl_tell - a line of evidence, behind those before
 *
 * Both format as printf(3), and empty @telling->text. Of more than TL_REMARKS_MOST lines the last
 * are left out.
 */
void tl_tell_head(struct tl_telling *telling, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void tl_tell(struct tl_telling *telling, enum tl_remark_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Each appends a line of evidence, or nothing where there is none. */
void tl_tell_since(struct tl_telling *telling);
void tl_tell_unread(struct tl_telling *telling);
void tl_tell_watched(struct tl_telling *telling);
void tl_tell_shares(struct tl_telling *telling);
void tl_tell_shared(struct tl_telling *telling);
void tl_tell_limit(struct tl_telling *telling);
void tl_tell_other(struct tl_telling *telling);
void tl_tell_rows(struct tl_telling *telling);
void tl_tell_setting(struct tl_telling *telling, enum tl_knob knob, const char *means);
void tl_tell_counter(struct tl_telling *telling, enum tl_host_counter counter);

/* tl_tell_stopped - whether those that have this row open, NULL for none, can run */
void tl_tell_stopped(struct tl_telling *telling, const struct tl_seen *row);

/* tl_telling_process - one of the look's, asked for its limit and more where it is of this host */
struct tl_process *tl_telling_process(struct tl_telling *telling, uint32_t index);

/* tl_group_other - whose the other ends of a group are, where they are here; NULL: not here */
const struct tl_seen *tl_group_other(const struct tl_host *look, const struct tl_group *group);

/* The end that a FIN came from: what became of it, so far as a look can say. */
enum tl_other_end {
	TL_OTHER_END_UNKNOWN, /* not on this host: closed, or shut down for sending alone */
	TL_OTHER_END_WAITS,   /* half-closed: a process here waits for what this end says */
	TL_OTHER_END_CLOSED,
};

/* tl_row_other_end - what became of the other end of a row in CLOSE_WAIT */
enum tl_other_end tl_row_other_end(const struct tl_host *look, const struct tl_seen *row);

/* tl_have_closed - have all other ends of a group in CLOSE_WAIT closed? Else all sent a FIN. */
bool tl_have_closed(const struct tl_telling *telling);

#endif
