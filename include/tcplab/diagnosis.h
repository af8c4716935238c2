/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: what looks wrong in a look, with the evidence for it and what to do. */
#ifndef TCPLAB_DIAGNOSIS_H
#define TCPLAB_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/host.h"
#include "tcplab/leads.h"

struct tl_telling;
struct tl_sieve;

/*
 * One kind of thing that can be wrong: a row of the table in rules.c. It is asked of each
 * group of one of its states and owners, in a look that says all that it needs.
 */
struct tl_rule {
	enum tl_lead_id lead; /* its name, and the scenario that shows it */
	uint32_t states;   /* bit 1 << state */
	uint32_t owners;   /* bit 1 << owner; 0: any */
	unsigned needs;    /* TL_HOST_... without which nothing can be said */
	/* NULL: where it is about one of the rows or more */
	bool (*applies)(const struct tl_host *look, const struct tl_group *group);
	void (*tell)(struct tl_telling *telling); /* the head and the evidence */
	const char *so;    /* what it is, and what it is not; NULL where tell() says so */
	const char *now;   /* what to do; NULL likewise */
	/* Which rows of a group it is about; NULL: all, or tell() says which */
	bool (*about)(const struct tl_seen *row);
};

/* tl_rules - the whole table; *@n gets its length */
const struct tl_rule *tl_rules(size_t *n);

/* What a line of a finding is about. X(identifier, label) */
#define TL_REMARKS(X)                                                                        \
	X(SINCE, "since")                                                                    \
	X(UNTIL, "until")                                                                    \
	X(STATE, "state")                                                                    \
	X(ROWS, "rows")                                                                      \
	X(QUEUE, "queue")                                                                    \
	X(LISTENER, "listener")                                                              \
	X(UNREAD, "unread")                                                                  \
	X(WINDOW, "window")                                                                  \
	X(REPEATED, "repeated")                                                              \
	X(PROBED, "probed")                                                                  \
	X(WATCHED, "watched")                                                                \
	X(COUNTED, "counted")                                                                \
	X(SHARED, "shared")                                                                  \
	X(HELD, "held")                                                                      \
	X(STOPPED, "stopped")                                                                \
	X(OTHER_END, "other end")                                                            \
	X(PORTS, "ports")                                                                    \
	X(LIMIT, "limit")                                                                    \
	X(SETTING, "setting")                                                                \
	X(MEANS, "means")                                                                    \
	X(SO, "So")                                                                          \
	X(NOW, "Now")                                                                        \
	X(SEE, "See")

enum tl_remark_kind {
#define X(id, label) TL_REMARK_##id,
	TL_REMARKS(X)
#undef X
	TL_N_REMARKS
};

/* tl_remark_label - "since", "So" (static) */
const char *tl_remark_label(enum tl_remark_kind kind);

/* A line of a finding. */
struct tl_remark {
	enum tl_remark_kind kind;
	char *text; /* owned */
};

#define TL_REMARKS_MOST 16

struct tl_diagnosis {
	const struct tl_rule *rule;
	uint32_t group; /* index into look->groups: the first of those it is about */
	size_t n;       /* how many rows */
	char *head;     /* one sentence; owned */
	struct tl_remark remarks[TL_REMARKS_MOST];
	size_t n_remarks;
};

struct tl_diagnoses {
	struct tl_diagnosis *v;
	size_t n;
};

/*
 * tl_diagnoses_make - ask every rule of every group
 * @look: arranged; with TL_HOST_HERE, /proc is asked more of the processes concerned
 * @findings: zeroed; to be released, also after an error
 *
 * Return: 0 or -ENOMEM.
 */
int tl_diagnoses_make(struct tl_host *look, struct tl_diagnoses *findings, struct tl_err *err);

/* tl_group_rule - the first rule that applies to a group; NULL: nothing looks wrong */
const struct tl_rule *tl_group_rule(const struct tl_host *look, const struct tl_group *group);

/* tl_group_passes - does any of its rows? */
bool tl_group_passes(const struct tl_host *look, const struct tl_group *group,
		     const struct tl_sieve *sieve);

/* tl_diagnoses_pick - of findings those alone about a group that passes */
void tl_diagnoses_pick(struct tl_diagnoses *findings, const struct tl_host *look,
		       const struct tl_sieve *sieve);

void tl_diagnoses_release(struct tl_diagnoses *findings);

#endif
