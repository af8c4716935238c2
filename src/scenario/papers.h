/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the sockets that peers have, on paper, while the steps are gone through. */
#ifndef TCPLAB_SCENARIO_PAPERS_H
#define TCPLAB_SCENARIO_PAPERS_H

#include "reader.h"

/* What can be begun on a socket, to be answered later. */
enum paper_begun {
	PAPER_CONNECT,
	PAPER_ACCEPT,
	PAPER_SEND,
	PAPER_RECEIVE,
	PAPER_N_BEGUN,
};

/* A socket on paper. */
struct paper {
	int actor;
	const char *name;
	bool listens;
	bool child; /* it is none: a process that a fork made */
	/* By call, the line it was begun in and not answered as far as the scenario knows; or 0. */
	int begun[PAPER_N_BEGUN];
	const struct tl_call *accept; /* the accept that was begun */
	bool shares; /* of a listener: with SO_REUSEPORT */
	int line;
	struct tl_endpoint at; /* of a listener */
	bool gone;
};

struct papers {
	struct paper *v;
	size_t n;
	int *waiting;   /* by port: so many connects led there, less those accepted */
	bool *runs;     /* by actor: it has been started, as far as the scenario knows */
	bool strangers; /* somebody runs who connects and listens unasked: anything may come */
};

/*
 * What must hang or fail is a mistake before anything runs (foresee.c). Each is about a call
 * that expects success.
 */
void scn_foresee_connect(struct scn_reader *r, const struct tl_step *step,
			 const struct papers *all);
void scn_foresee_accept(struct scn_reader *r, const struct tl_step *step,
			const struct paper *listener, const struct papers *all);
void scn_foresee_listen(struct scn_reader *r, const struct tl_step *step,
			const struct papers *all);

#endif
