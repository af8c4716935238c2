/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab step: what step.c knows and does, and step_say.c tells. */
#ifndef TCPLAB_LAB_STEP_H
#define TCPLAB_LAB_STEP_H

#include "progress.h"
#include "tcplab/flow.h"
#include "tcplab/forecast.h"
#include "tcplab/pairs.h"

/* A segment that somebody is asked about. */
struct question {
	struct tl_event ev; /* SEGMENT: owns nothing; its ends are as they were last seen */
	uint32_t kinds;
	uint32_t seq, ack, window; /* relative to the SYNs, and scaled */
	struct tl_forecast forecast;
};

/* What became of a segment. */
enum ending {
	ENDING_OPEN,     /* it is held, or gone, and nobody has said which */
	ENDING_LEFT,     /* the reader let it go; LETGO says so, unless the scenario holds it */
	ENDING_HELD,     /* and it does */
	ENDING_LET_GO,
	ENDING_LOST,
	ENDING_REPEATED, /* it came while the first was held */
};

/* A line of the film so far: a phase, a step, or a segment. */
struct scene {
	char *text;        /* owned */
	int indent;        /* where it stands; a segment stands after its number */
	int id;            /* of a segment; else 0 */
	enum ending ended; /* of a segment */
};

/* Where one direction of a connection began: what numbers and windows are relative to. */
struct origin {
	uint32_t seq;
	int8_t wscale; /* -1: none */
};

/* What the reader foretells, and what has come of it. */
struct guess {
	bool on;             /* a question is asked before its answer is shown */
	bool open;           /* that has not been answered yet */
	bool counts;         /* it has, and the segment is still held */
	bool was_right;
	size_t right, all;
	int id;              /* of the segment that was let go then; 0: none */
	bool arrived;        /* it has; the next snapshot shows what came of it */
	struct tl_endpoint local, remote; /* of the end that it went to, */
	enum tl_state to;    /* the state foreseen for it, */
	int actor;           /* and whose it is */
};

struct stepper {
	const struct tl_plan *plan;
	const struct lab_options *options;
	struct tl_report_style style; /* of OPTIONS, as wide as the window is now */
	struct tl_flows flows;
	struct question *questions; /* the first is the one being asked */
	size_t n;
	bool looking;       /* the next snapshot is for the question that is asked then */
	bool enough;        /* "continue": no more questions */
	bool skips;         /* "next": none about a segment that changes no state */
	bool quit;
	struct tl_forecast_host host; /* by what the scenario has set */
	bool table_wanted;  /* "table": the next snapshot is for the eye */
	char last;          /* what an empty line repeats */
	char line[256];     /* what was typed, */
	const char *argument; /* and in it what follows the command */
	struct scene *film;
	size_t n_film;
	size_t n_left;      /* of them: let go by the reader, and the run has not said so yet */
	struct tl_pairs directions;
	struct origin *origins; /* of each of them, by its number */
	size_t n_origins;
	struct lab_progress progress;
	struct guess guess;
	bool *frozen;       /* each actor, by hand */
	size_t n_frozen;
	unsigned long long still_ms; /* since when the run stands still; 0: it does not */
	unsigned long long told_ms; /* the beginning of the wait that has been told */
	int phase;          /* under way; -1 */
	int control;        /* where the run is told what to do */
	struct tl_buf out;  /* to be printed */
};

/* Something is held, and the reader has seen it. */
static inline bool is_asked(const struct stepper *s)
{
	return s->n && !s->looking;
}

/* step_say_to - a line to the run, as engine.h has them */
void step_say_to(const struct stepper *s, const char *text);

/* step_answer - let the segment that is asked about go, or lose it; the next is asked about then */
void step_answer(struct stepper *s, bool drops);

/* step_leave_alone - the same, and nothing more is asked */
void step_leave_alone(struct stepper *s, const char *text);

/* step_note_frozen - an actor has been frozen by hand, or is so no longer */
void step_note_frozen(struct stepper *s, int actor, bool frozen);

/* step_take_event - something has happened; step_take_setting - the scenario sets it */
void step_take_event(struct stepper *s, const struct tl_event *ev);
void step_take_setting(struct stepper *s, const struct tl_setting *setting);

/* The rest appends to s->out. */

/* tell_question - a segment that is stopped, both ends as they are, what letting it go will do */
void tell_question(struct stepper *s, const struct question *q);

/* tell_forecast - what letting it go will do, by the theory */
void tell_forecast(struct stepper *s, const struct question *q);

/* tell_passed_over - the same in a line, of one that changes nothing */
void tell_passed_over(struct stepper *s, const struct question *q);

void tell_row(struct stepper *s, int owner, const struct tl_row *row);
void tell_why(struct stepper *s, const struct question *q);
void tell_film(struct stepper *s);

/* tell_awaited - that nothing is held, and what is waited for, until when */
void tell_awaited(struct stepper *s);

/* film_say - a line of the film, which is printed as well; film_end - what became of a segment */
void film_say(struct stepper *s, int indent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void film_end(struct stepper *s, int id, enum ending ended);

/*
 * film_leave - the reader lets it go, or leaves it to the scenario; tell_left - what the
 * scenario holds of that, now that the run goes on with something else
 */
void film_leave(struct stepper *s, int id);
void tell_left(struct stepper *s);

/* film_segment - the scene of a segment that has come */
void film_segment(struct stepper *s, const struct tl_event *ev, uint32_t kinds);

/* predict_asks - is the reader to foretell what this one does? tell_riddle - and asked so */
bool predict_asks(const struct stepper *s, const struct question *q);
void tell_riddle(struct stepper *s, const struct question *q);

/* predict_reveal - what letting it go will do, and why; the question is closed */
void predict_reveal(struct stepper *s, const struct question *q);

/* predict_take - an answer to that; false: it is none. It is told what is right, and why. */
bool predict_take(struct stepper *s, const char *text);

/*
 * predict_let_go - the segment asked about goes on, or is lost; predict_arrived - it has gone;
 * predict_look - the table after it; predict_end - the score
 */
void predict_let_go(struct stepper *s, bool lost);
void predict_arrived(struct stepper *s, int id);
void predict_look(struct stepper *s, const struct tl_event *ev);
void predict_end(struct stepper *s);

/* note_origin - a segment was sent: a SYN begins its direction */
void note_origin(struct stepper *s, const struct tl_segment *seg);

/* number_question - its numbers, as Wireshark shows them, by the SYNs so far */
void number_question(struct stepper *s, struct question *q);

#endif
