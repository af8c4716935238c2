/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: the parts of the HTML report, one a file. */
#ifndef TCPLAB_REPORT_HTML_H
#define TCPLAB_REPORT_HTML_H

#include "tcplab/markup.h"
#include "../moments.h"
#include "html_stage.h"

struct tl_entry;

/* No fewer than the lexicon has entries. */
#define TL_HTML_TERMS 256

/* Where in which table a socket had its row last. */
struct tl_html_placed {
	size_t table, at; /* from 1, and from 0 */
	const struct tl_row *row;
};

/* One page being written. Owns what it points to except for the report. */
struct tl_html {
	struct tl_markup to;
	const struct tl_report *report;
	const char *book;      /* the way to the book that it is in; NULL: it stands alone */
	const struct tl_report *others; /* that it is compared with (report.h) */
	size_t n_others;
	struct tl_moments moments;
	struct tl_stage stage;
	struct tl_world world; /* at the moment that is being written */
	size_t tables;         /* so many were written */
	struct tl_html_placed *placed; /* of a book, for each socket; owned */
	bool terms[TL_HTML_TERMS]; /* of the lexicon: those that the page leads to */
	struct {
		uint32_t states, flags, columns, rows; /* a bit each: those that it leads to */
	} led;
	size_t rows, changes;  /* so many were written, of tables with many rows, and in all */
	uint64_t lanes_begin_ns; /* where the axis of the lanes begins */
};

/* tl_html_title - what happens at a moment, in a line; appended to @out as it is */
void tl_html_title(struct tl_buf *out, const struct tl_html *page, size_t moment);

/* tl_html_sequence - the sequence diagram: a list with a row for each moment */
void tl_html_sequence(struct tl_html *page);

/* tl_html_steps - a section for each moment: what changed, and the table */
void tl_html_steps(struct tl_html *page);

/* tl_html_says - what happens at a moment, and what comes of it, in a sentence or two */
void tl_html_says(struct tl_html *page, size_t moment);

/* tl_html_beside - which other runs it can be compared with, and where or how */
void tl_html_beside(struct tl_html *page);

/* tl_html_life_table - the states of each socket of page->report, a row each */
void tl_html_life_table(struct tl_html *page);

/* tl_html_header - the fields of a segment's header that tell the story */
void tl_html_header(struct tl_html *page, const struct tl_frame *frame);

/* tl_html_intro - who takes part, and how the page is read */
void tl_html_intro(struct tl_html *page);

/* tl_html_end - who is at the sender's end (0) or the receiver's: "master", or "elsewhere" */
const char *tl_html_end(const struct tl_html *page, const struct tl_frame *frame, int end);

/* The columns of netstat. X(identifier, name, meaning) */
#define TL_HTML_COLUMNS(X)                                                                   \
	X(PROTO, "Proto", "tcp for IPv4, tcp6 for a socket of IPv6")                     \
	X(RECVQ, "Recv-Q", "bytes that have come and are unread; of a listener: "       \
	  "connections that wait for accept()")                                              \
	X(SENDQ, "Send-Q", "bytes sent, or to be sent, that are not acknowledged")      \
	X(LOCAL, "Local Address", "the address and port of this end; 0.0.0.0 is any")    \
	X(FOREIGN, "Foreign Address", "the other end; a listener has none")              \
	X(STATE, "State", "where this end is in the diagram of RFC 9293")

enum tl_html_column {
#define X(id, name, meaning) TL_HTML_COLUMN_##id,
	TL_HTML_COLUMNS(X)
#undef X
};

/* What a row of it is. X(identifier, name, meaning) */
#define TL_HTML_ROWS(X)                                                                      \
	X(LISTENER, "a listener",                                                            \
	  "It waits on its port and stays while connections come and go: each of them gets " \
	  "a row of its own beside it.")                                                     \
	X(END, "whose -> with whom",                                                         \
	  "One end of a connection: whose it is, and who is at the other end. Where both "   \
	  "ends are on one host, the other end has a row of its own.")                       \
	X(GONE, "gone",                                                                      \
	  "The socket had a row a step ago. In CLOSED there is none, so netstat never shows it.")

enum tl_html_row {
#define X(id, name, meaning) TL_HTML_ROW_##id,
	TL_HTML_ROWS(X)
#undef X
};

/* What stands at the arrows of the diagram, in the words of RFC 9293. X(id, words, meaning) */
#define TL_HTML_CALLS(X)                                                                     \
	X(PASSIVE, "passive OPEN", "a program calls listen()")                               \
	X(ACTIVE, "active OPEN", "a program calls connect()")                                \
	X(CLOSE, "CLOSE", "a program calls close() or shutdown(), or ends")                  \
	X(SEND, "SEND", "a program sends data; on Linux a listener cannot")                  \
	X(RCV, "rcv ...", "such a segment comes in")                                         \
	X(SENDS, "sends ...", "the kernel sends such a segment on that way")                 \
	X(MSL, "2 MSL pass",                                                                 \
	  "twice the maximum segment lifetime is over; on Linux 60 seconds")

/* Words of every page that no other part of it explains. X(id, word, meaning) */
#define TL_HTML_PLAIN(X)                                                                     \
	X(TCP, "TCP", "the protocol that carries a stream of bytes in each direction "       \
	  "between two programs, in order and without gaps")                                 \
	X(SEGMENT, "segment", "what one end sends the other: a header with flags and "       \
	  "numbers, and perhaps data")                                                       \
	X(CONNECTION, "connection", "two sockets, one at each end, that know each other "    \
	  "by both addresses and ports")                                                     \
	X(PORT, "port", "the number behind an address: it says which socket of that host "   \
	  "is meant")                                                                        \
	X(PHASE, "phase", "a part of the scenario: steps, and the table that is expected "   \
	  "after them")                                                                      \
	X(STEP, "step", "one thing of this page: what the scenario does, a segment, or a "   \
	  "look at the table")                                                               \
	X(EXPECTED, "table as expected",                                                     \
	  "the table was looked at, and was what the scenario says")                         \
	X(HELD, "held, released",                                                            \
	  "the lab has stopped a segment on its way, and let it go on later")                \
	X(LOST, "lost", "the lab has thrown a segment away, as a bad network would")         \
	X(FROZEN, "frozen, thawed",                                                          \
	  "a program was stopped, and goes on; its kernel never stops")                      \
	X(FINDING, "finding: holds, refined, refuted",                                        \
	  "what this run says to a sentence about TCP: it holds, or is refined "             \
	  "(true, but not all of it), refuted, or not observed")                             \
	X(ARROW, "arrow", "a way from state to state; those of RFC 9293's Figure 5 have "    \
	  "numbers from the top")                                                            \
	X(TRACE, "trace",                                                                    \
	  "the file with all that was seen in the run, a line for each event")               \
	X(PROCESS, "actor", "a program that takes part in the run, each with a name")

/* tl_html_line - such a text as part of a paragraph; each word leads there once */
void tl_html_line(struct tl_html *page, const char *text);

/* tl_html_mention - the page names such a segment, "FIN+ACK": the end of the page explains it */
void tl_html_mention(struct tl_html *page, enum tl_segment_kind kind);

/* tl_html_table - the table of a moment as far as it is known; of a look, with the expected */
void tl_html_table(struct tl_html *page, const struct tl_moment *moment);

/* tl_html_stands - of a book: does the last table written say what is known of a socket now? */
bool tl_html_stands(const struct tl_html *page, size_t socket);

/* tl_html_figure - the state diagram: as the run left it; without a report: with every arrow */
void tl_html_figure(struct tl_html *page);

/* What is the same on the page of every run, and a book says once. */
enum tl_html_part {
	TL_PART_PLAYER,
	TL_PART_ASK,
	TL_PART_FIGURE,
	TL_PART_WORDS,
	TL_PART_CARD,
	TL_N_PARTS,
};

/*
 * tl_html_part - write it; on a page of a book the place that the script puts it, and what a
 *                reader without a script has instead
 * tl_html_parts - append the script that has all of them
 */
void tl_html_part(struct tl_html *page, enum tl_html_part part);
void tl_html_parts(struct tl_buf *out);

/* tl_html_to_words, tl_html_to_figure - what stands there for who has no script */
void tl_html_to_words(struct tl_html *page);
void tl_html_to_figure(struct tl_html *page);

/* tl_html_claims - the claims and their evidence; tl_html_lives - each socket's states */
void tl_html_claims(struct tl_html *page);
void tl_html_lives(struct tl_html *page);

/* tl_html_lanes - how long each socket was in which state, on an axis of time */
void tl_html_lanes(struct tl_html *page);

/*
 * tl_html_prose - paragraphs of an author's text; words of the lexicon in it lead to what they mean
 * tl_html_term - such a word, as @text; tl_html_terms - what all that were told about mean
 */
void tl_html_prose(struct tl_html *page, const char *class, const char *text);
void tl_html_term(struct tl_html *page, const struct tl_entry *entry, const char *text);
void tl_html_terms(struct tl_html *page);

/* tl_html_words - what states, flags and columns mean */
void tl_html_words(struct tl_html *page);

/* tl_html_state - a state's name that leads to what it means; 0 is CLOSED */
void tl_html_state(struct tl_html *page, enum tl_state state);

/*
 * tl_html_who_briefly - who is in a state now: "master, replica", "replica ×3" where one has
 * three sockets in it, or "7 sockets" where that does not fit into a box
 *
 * Return: are they named?
 */
bool tl_html_who_briefly(struct tl_buf *out, const struct tl_html *page, enum tl_state state);

/* tl_html_look - the number of the step on which a phase ended, from 1; 0 for none */
size_t tl_html_look(const struct tl_html *page, int phase);

/*
 * tl_html_prepare - lay a run out to be written or asked
 * @page: zeroed except for report, book and others; to be released, also after an error
 *
 * Return: 0 or -errno with @err.
 */
int tl_html_prepare(struct tl_html *page, struct tl_err *err);
void tl_html_release(struct tl_html *page);

/* tl_html_write - the whole page of one that was prepared; appended to @out */
int tl_html_write(struct tl_html *page, struct tl_buf *out, struct tl_err *err);

/* tl_html_shows - the number of the step that shows a piece of evidence; 0: no one step does */
size_t tl_html_shows(const struct tl_html *page, const struct tl_evidence *evidence,
		     const struct tl_evidence_verdict *found);

/* tl_html_on_host - what follows "tcplab" on the reader's own host: "why close-wait"; NULL, "": nothing */
void tl_html_on_host(struct tl_markup *to, const char *element, const char *command);

/* tl_html_mark - a tick, a cross, or a dash for what was not seen */
const char *tl_html_mark(enum tl_fact fact);

/* tl_html_loss - the scenarios that show what comes of a loss, by their places; NULL behind them */
const char *tl_html_loss(size_t i);

/* tl_html_slug - append a name as a file of a book is called by it: "redis-walkthrough" */
void tl_html_slug(struct tl_buf *out, const char *name);

#endif
