/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside report: what a book remembers of its runs, and the kinds of its pages, one a file. */
#ifndef TCPLAB_REPORT_BOOK_PARTS_H
#define TCPLAB_REPORT_BOOK_PARTS_H

#include "tcplab/markup.h"
#include "tcplab/book.h"
#include "tcplab/lexicon.h"

/* Where a run shows something: all texts are owned. */
struct tl_book_place {
	bool there;
	int phase;
	size_t step;          /* of the run's page, from 1; 0: of none */
	struct tl_buf before; /* the row of netstat before it, or "no row" */
	struct tl_buf row;    /* and the row that shows it */
	struct tl_buf whose;  /* "replica -> master" */
	struct tl_buf cause;  /* what made it so, as the trace spells it */
};

struct tl_book_phase {
	struct tl_buf title, ladder, table, note;
	enum tl_outcome outcome;
	size_t step;
};

struct tl_book_evidence {
	struct tl_buf text;
	enum tl_fact fact;
	size_t step; /* that shows it, from 1; 0: no one step does */
};

struct tl_book_claim {
	struct tl_buf id, says, source, ruling, because, slug;
	enum tl_fact stands;
	enum tl_finding finding;
	struct tl_book_evidence *check;
	size_t n;
};

/* A call that was answered with an error. */
struct tl_book_answer {
	int error;
	struct tl_buf call;
	int phase;
	size_t step;
};

struct tl_book_run {
	struct tl_buf name, title, slug, reason, environment, kernel;
	struct tl_buf complaint[TL_N_COMPLAINT_PARTS]; /* each empty where the run is of none */
	enum tl_result result;
	uint64_t took_ns;
	bool slow;
	struct tl_book_phase *phases;
	size_t n_phases;
	struct tl_book_claim *claims;
	size_t n_claims;
	struct tl_book_answer *answers;
	size_t n_answers;
	struct tl_book_place states[TL_STATE_MAX];
	struct tl_book_place arcs[TL_N_ARCS];
	enum tl_shown shown[TL_N_ARCS];
};

/* What the search finds: a line of words.js. */
struct tl_book {
	tl_book_save *save;
	void *arg;
	struct tl_book_run *runs;
	size_t n_runs;
	const struct tl_suite_arc *best;
	struct tl_book_size size;
	struct tl_markup words; /* what the search finds, as JSON */
	struct tl_err *err;
	int failed;             /* -errno of the first file that could not be saved */
};

/* tl_book_gather - remember a run. Return: 0 or -ENOMEM. */
int tl_book_gather(struct tl_book *book, const struct tl_html *page,
		   const struct tl_suite_arc *arcs, struct tl_err *err);
void tl_book_run_release(struct tl_book_run *run);

/* One page being written. */
struct tl_book_page {
	struct tl_book *book;
	struct tl_markup to;
	struct tl_buf path; /* below the book's folder */
	const char *root;   /* the way back there: "../", "" */
};

/*
 * tl_book_begin - head, title and search of a page
 * @page: zeroed except for its book
 * @kind: what stands above the title; NULL: nothing
 * @path: of the page, formatted as by printf
 *
 * tl_book_end - save it, and release all it owns
 */
void tl_book_begin(struct tl_book_page *page, const char *kind, const char *title,
		   const char *path, ...) __attribute__((format(printf, 4, 5)));
void tl_book_end(struct tl_book_page *page);

/* tl_book_found - the page is found by its title, and by @also, with '|' between; @gist is shown */
void tl_book_found(struct tl_book *book, const char *path, const char *kind, const char *title,
		   const char *also, const char *gist);

/* tl_book_quote - append a text as a string of JavaScript, on one line */
void tl_book_quote(struct tl_buf *out, const char *text);

/* tl_book_store - save a file of the book, and count it */
void tl_book_store(struct tl_book *book, const char *path, const struct tl_buf *bytes);

/* tl_book_link - <a href="ROOT PATH">@text</a>; @path formatted as by printf */
void tl_book_link(struct tl_book_page *page, const char *text, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* tl_book_is_run - is @name that of a run, or of a variant of it? */
bool tl_book_is_run(const char *name, const char *run);

/* tl_book_find_run - by its name, or the first of its variants; NULL: the book has none */
const struct tl_book_run *tl_book_find_run(const struct tl_book *book, const char *name);

/* tl_book_best - the run that shows this one of tl_arcs() best; NULL: none does */
const struct tl_book_run *tl_book_best(const struct tl_book *book, size_t arc);

/* tl_book_place - "redis/walkthrough, phase 3: title", a way to that step */
void tl_book_place(struct tl_book_page *page, const struct tl_book_run *run, int phase,
		   size_t step);

/* tl_book_pre - a terminal's lines; nothing for none */
void tl_book_pre(struct tl_markup *to, const char *class, const struct tl_buf *text);

/* tl_book_lines - they as what a term of a <dl> is; nothing for none */
void tl_book_lines(struct tl_markup *to, const char *term, const struct tl_buf *text);

/* tl_book_phase - a phase of a run: its title, which leads there, its ladder and its table */
void tl_book_phase(struct tl_book_page *page, const struct tl_book_run *run, size_t i);

/* tl_book_entry - what the lexicon says about a word, and where to look for it */
void tl_book_entry(struct tl_book_page *page, const struct tl_entry *entry);

/* tl_book_entry_runs - the runs that the lexicon names for it */
void tl_book_entry_runs(struct tl_book_page *page, const struct tl_entry *entry);

/* tl_book_entry_path - append the page of an entry: "word/econnreset.html" */
void tl_book_entry_path(struct tl_buf *out, const struct tl_entry *entry);

/* The kinds of pages; each writes all of its kind, and their list. */
void tl_book_index(struct tl_book *book);
void tl_book_states(struct tl_book *book);
void tl_book_arrows(struct tl_book *book);
void tl_book_complaints(struct tl_book *book);
void tl_book_claims(struct tl_book *book);
void tl_book_words(struct tl_book *book);
void tl_book_runs(struct tl_book *book);
void tl_book_pairs(struct tl_book *book);

/* The lists, which stand above every page. X(file, name, what is in it) */
#define TL_BOOK_LISTS(X)                                                                     \
	X("states.html", "States and arrows", "RFC 9293's figure, box by box and arrow by arrow") \
	X("complaints.html", "Complaints", "what goes wrong in the field, why, and what to do")   \
	X("errors.html", "Errors", "what a call answers")                                         \
	X("claims.html", "Claims", "what people say about TCP, checked")                          \
	X("words.html", "Words", "terms, options, calls, settings and counters")                  \
	X("runs.html", "Runs", "each run of the lab, step by step, and two side by side")

#endif
