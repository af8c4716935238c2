/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario, inside: the sockets that peers have, on paper, while the steps are gone through. */
#ifndef TCPLAB_SCENARIO_PAPERS_H
#define TCPLAB_SCENARIO_PAPERS_H

#include "reader.h"

/* A socket on paper. */
struct paper {
	int actor;
	const char *name;
	bool listens;
	bool child; /* it is none: a process that a fork made */
	/* By call, the line it was begun in and not answered as far as the scenario knows; or 0. */
	int begun[TL_N_VERBS];
	const struct tl_call *accept; /* the accept that was begun */
	bool shares; /* of a listener: with SO_REUSEPORT */
	int line;
	struct tl_endpoint at; /* of a listener; of a connection, where it leads */
	struct tl_endpoint from; /* of a connection: port 0 where the scenario leaves it open */
	bool refused; /* a connect that has to be refused, whose answer nobody has asked for */
	bool gone;
};

struct papers {
	struct paper *v;
	size_t n;
	int *waiting;   /* by port: so many connects led there, less those accepted */
	bool *runs;     /* by actor: it has been started, as far as the scenario knows */
	bool strangers; /* somebody runs who connects and listens unasked: anything may come */
};

/* papers.c. @all is where a socket is looked for, and where a new one is put down. */

/* scn_paper - the socket that an actor has under this name; NULL for none */
struct paper *scn_paper(const struct papers *all, int actor, const char *name);

/* scn_paper_place - where a call names its socket; its verb where it names none */
struct scn_span scn_paper_place(const struct scn_reader *r, const struct tl_step *step);

/* scn_paper_unknown - a mistake: there is no socket @name; the nearest are told */
void scn_paper_unknown(struct scn_reader *r, const struct tl_step *step, const char *name,
		       struct scn_span at, const struct papers *all);

/* scn_paper_taken - a mistake, unless @other is NULL: an actor has a @kind called so already */
void scn_paper_taken(struct scn_reader *r, const struct tl_step *step, int actor,
		     const struct paper *other, const char *kind);

/* scn_paper_only - the only connection or listener that there is. NULL after a mistake. */
struct paper *scn_paper_only(struct scn_reader *r, const struct tl_step *step, bool listens,
			     const struct papers *all);

/* scn_paper_called - the socket a call is made on; the plan gets its name. NULL: a mistake. */
struct paper *scn_paper_called(struct scn_reader *r, struct tl_step *step,
			       const struct papers *all);

/* scn_paper_name_new - a socket that the scenario gives no name gets one */
void scn_paper_name_new(struct scn_reader *r, struct tl_step *step);

/* scn_paper_open - what the step says is opened */
void scn_paper_open(struct scn_reader *r, struct tl_step *step, struct papers *all);

/* scn_paper_share - another name for what @paper is, which may have another peer */
void scn_paper_share(struct scn_reader *r, const struct tl_step *step, const struct paper *paper,
		     int actor, const char *name, struct papers *all);

/* scn_paper_goal - the last listener that a connect can mean, and how many; @port 0: of any */
const struct paper *scn_paper_goal(const struct papers *all, int actor, uint16_t port,
				   size_t *n);

/* scn_paper_child - the last child process of an actor, of that name or (NULL) any; how many */
struct paper *scn_paper_child(const struct papers *all, int actor, const char *name, size_t *n);

/*
 * What must hang or fail is a mistake before anything runs (foresee.c). Each is about a call
 * that expects success.
 */
void scn_foresee_connect(struct scn_reader *r, const struct tl_step *step,
			 const struct papers *all);
/* scn_foresee_refusal - was this connect, which does not wait for its answer, refused for certain? */
bool scn_foresee_refusal(const struct scn_reader *r, const struct tl_step *step,
			 const struct papers *all);
/* scn_foresee_from - a port of its own that another connection to the same end has */
void scn_foresee_from(struct scn_reader *r, const struct tl_step *step,
		      const struct papers *all);
void scn_foresee_connected(struct scn_reader *r, const struct tl_step *step,
			   const struct paper *paper);
void scn_foresee_accept(struct scn_reader *r, const struct tl_step *step,
			const struct paper *listener, const struct papers *all);
/* scn_foresee_v6_only - an option that the kernel refuses: of IPv4, or too late */
void scn_foresee_v6_only(struct scn_reader *r, const struct tl_step *step);
void scn_foresee_listen(struct scn_reader *r, const struct tl_step *step,
			const struct papers *all);

#endif
