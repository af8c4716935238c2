/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a step of the page says in sentences: what happens, and what comes of it. */
#include "html.h"

#include <ctype.h>
#include <string.h>

#include "../words.h"
#include "tcplab/lexicon.h"
#include "tcplab/text.h"

const char *tl_html_end(const struct tl_html *page, const struct tl_frame *frame, int end)
{
	const struct tl_conn *conn = &page->moments.story.conns[frame->conn];
	const struct tl_segment *s = &frame->ev->segment.seg;
	bool right = tl_endpoint_equal(&conn->ends[1], end ? &s->to : &s->from);
	int now = end ? frame->shot->to : frame->shot->from;
	int actor = now >= 0 ? now : conn->actors[right];

	return actor < 0 ? "elsewhere" : tl_plan_actor_name(page->report->plan, actor);
}

static bool changes_anything(const struct tl_html *page)
{
	for (size_t i = 0; i < page->moments.n_sockets; i++)
		if (page->world.known[i].changed)
			return true;
	return false;
}

static void of_segment(struct tl_buf *out, const struct tl_html *page,
		       const struct tl_moment *moment)
{
	const struct tl_shot *shot = moment->frame->shot;
	const char *goal = tl_html_end(page, moment->frame, 1);

	if (moment->kind == TL_MOMENT_CAME && moment->line->held &&
	    !tl_moment_line(moment).at_once)
		tl_buf_fmt(out, "It is held on its way: %s does not know about it yet.", goal);
	else if (shot->end == TL_SHOT_LOST)
		tl_buf_fmt(out, "It is lost on its way: %s will not know about it.", goal);
	else if (!changes_anything(page) && tl_report_reset(page->report, shot))
		tl_buf_fmt(out, "It arrives at %s, whose kernel answers with a RST.", goal);
	else
		tl_buf_fmt(out, "It arrives at %s%s.", goal,
			   changes_anything(page) ? "" : ", and changes no state");
}

/* A sentence of the help of a verb. */
static void of_step(struct tl_buf *out, const struct tl_html *page,
		    const struct tl_moment *moment)
{
	const struct tl_step *step = tl_film_step(page->report->film, moment->ev);
	const char *help = step ? tl_verbs[step->verb].help : "";

	if (*help)
		tl_buf_fmt(out, "The scenario's next step: %s.", help);
}

static void of_look(struct tl_buf *out, const struct tl_html *page,
		    const struct tl_moment *moment)
{
	tl_buf_fmt(out, "Phase %d ends here. ", moment->phase + 1);
	switch (page->report->verdict->phases[moment->phase].outcome) {
	case TL_OUTCOME_MET:
		tl_buf_str(out, "The table is as the scenario expects it.");
		return;
	case TL_OUTCOME_SHOWN:
		tl_buf_str(out, "The scenario expects nothing about the table.");
		return;
	case TL_OUTCOME_UNMET:
		tl_buf_str(out, "The table is not as the scenario expects it.");
		return;
	case TL_OUTCOME_UNFINISHED:
	case TL_OUTCOME_NOT_REACHED:
		tl_buf_str(out, "The run ended before it was as expected.");
		return;
	}
}

static void sentence(struct tl_buf *out, const struct tl_html *page,
		     const struct tl_moment *moment)
{
	switch (moment->kind) {
	case TL_MOMENT_DO:
		of_step(out, page, moment);
		return;
	case TL_MOMENT_CAME:
	case TL_MOMENT_LETGO:
		of_segment(out, page, moment);
		return;
	case TL_MOMENT_CHATTER:
		if (!changes_anything(page))
			tl_buf_str(out, "None of them changes a state.");
		return;
	case TL_MOMENT_LOOK:
		of_look(out, page, moment);
		return;
	case TL_MOMENT_LOSSY:
		tl_buf_str(out, "From here on an end may pass through a state that no step "
				"shows.");
		return;
	case TL_MOMENT_TROUBLE:
	case TL_MOMENT_MORE:
		return;
	}
}

/* Which run shows what comes of it when a segment like this one is lost. */
static const struct {
	enum tl_segment_kind of;
	const char *run;
} losses[] = {
	{ TL_SEGMENT_SYN, "redis/syn-lost" },
	{ TL_SEGMENT_FIN, "redis/fin-lost" },
	{ TL_SEGMENT_ACK_OF_FIN, "rfc9293/ack-of-fin-lost" },
};

#define N_LOSSES (sizeof(losses) / sizeof(losses[0]))

const char *tl_html_loss(size_t i)
{
	return i < N_LOSSES ? losses[i].run : NULL;
}

static const char *if_lost(const struct tl_moment *moment)
{
	if (moment->kind != TL_MOMENT_CAME || moment->frame->shot->end == TL_SHOT_LOST)
		return NULL;
	for (size_t i = 0; i < N_LOSSES; i++)
		if (tl_frame_is(moment->frame, losses[i].of))
			return losses[i].run;
	return NULL;
}

void tl_html_slug(struct tl_buf *out, const char *name)
{
	size_t start = out->len;

	for (; *name; name++)
		tl_buf_fmt(out, "%c", isalnum((unsigned char)*name) || *name == '.' || *name == '_' ?
				      tolower((unsigned char)*name) : '-');
	while (out->len > start && out->data[out->len - 1] == '-')
		out->data[--out->len] = '\0'; /* of "close()" */
}

/* In a book its page, else the command. */
static void way_to(struct tl_html *page, const char *run)
{
	struct tl_buf slug = { 0 };

	tl_html_slug(&slug, run);
	tl_open(&page->to, page->book ? "a" : "code");
	if (page->book)
		tl_attrf(&page->to, "href", "%s.html", tl_buf_text(&slug));
	tl_wordsf(&page->to, "%s%s", page->book ? "" : "tcplab run ", run);
	tl_close(&page->to);
	page->to.failed |= slug.failed;
	tl_buf_release(&slug);
}

void tl_html_says(struct tl_html *page, size_t i)
{
	const struct tl_moment *moment = &page->moments.v[i];
	const char *other = if_lost(moment);
	struct tl_buf text = { 0 };

	sentence(&text, page, moment);
	if (text.len)
		tl_element(&page->to, "p", "says", tl_buf_text(&text));
	page->to.failed |= text.failed;
	tl_buf_release(&text);
	if (!other || !strcmp(other, page->report->plan->name))
		return;
	tl_open_class(&page->to, "p", "what-if");
	tl_words(&page->to, "What if it were lost? ");
	way_to(page, other);
	tl_words(&page->to, " shows it.");
	tl_close(&page->to);
}

/* What an ACK with this number says has come: the SYN, some bytes, the FIN. */
static void acknowledged(struct tl_markup *to, uint32_t ack, bool fin)
{
	uint32_t bytes = ack - 1 - fin;

	tl_words(to, bytes || fin ? " (the SYN" : " (the SYN)");
	if (bytes)
		tl_wordsf(to, "%s %u byte%s", fin ? "," : " and", bytes, bytes == 1 ? "" : "s");
	if (bytes || fin)
		tl_words(to, fin ? " and the FIN)" : ")");
}

static void term(struct tl_html *page, const char *word, const char *text)
{
	const struct tl_entry *entry = tl_lexicon_find(word);

	if (entry && !page->book) /* which is large enough */
		tl_html_term(page, entry, text);
	else
		tl_words(&page->to, text);
}

/* A sequence number, counted from the SYN where that was seen, as Wireshark does. */
static void number(struct tl_html *page, const char *name, uint32_t value, const uint32_t *syn)
{
	tl_words(&page->to, " · ");
	term(page, "sequence number", name);
	tl_wordsf(&page->to, "%s %u", syn ? "" : " (absolute)", syn ? value - *syn : value);
}

void tl_html_header(struct tl_html *page, const struct tl_frame *frame)
{
	const struct tl_conn *conn = &page->moments.story.conns[frame->conn];
	const struct tl_segment *s = &frame->ev->segment.seg;
	bool right = tl_endpoint_equal(&conn->ends[1], &s->from) &&
		     !tl_endpoint_equal(&s->from, &s->to);
	const uint32_t *mine = conn->has_syn[right] ? &conn->syn[right] : NULL;
	const uint32_t *theirs = conn->has_syn[!right] ? &conn->syn[!right] : NULL;

	tl_open_class(&page->to, "p", "header");
	page->led.flags |= s->flags;
	tl_words(&page->to, "Flags");
#define X(id, bit, name, meaning)                                                            \
	if (s->flags & TL_FLAG_##id) {                                                       \
		tl_words(&page->to, " ");                                                    \
		tl_link(&page->to, "flag", name, "#flag-" name);                             \
	}
	TL_FLAGS(X)
#undef X
	number(page, "seq", s->seq, mine);
	if (s->flags & TL_FLAG_ACK) {
		number(page, "ack", s->ack, theirs);
		if (theirs && s->ack != *theirs)
			acknowledged(&page->to, s->ack - *theirs,
				     frame->shot->kinds & TL_FLOW_ACKS_FIN);
	}
	tl_wordsf(&page->to, " · %u byte%s · ", s->len, s->len == 1 ? "" : "s");
	term(page, "window", "window");
	tl_wordsf(&page->to, " %u", s->window);
	tl_close(&page->to);
}

static uint64_t bit(int actor)
{
	return actor >= 0 && actor < 64 ? UINT64_C(1) << actor : 0;
}

/* To whom an actor connects, 1 << index: by the scenario, and by its SYNs. */
static uint64_t connects_to(const struct tl_report *report, int actor)
{
	const struct tl_plan *plan = report->plan;
	uint64_t to = bit(plan->actors[actor].replicaof);

	for (size_t i = 0; i < plan->n_phases; i++)
		for (size_t k = 0; k < plan->phases[i].n_steps; k++) {
			const struct tl_step *step = &plan->phases[i].steps[k];

			if (step->verb == TL_VERB_CONNECT && step->actor == actor)
				to |= bit(step->call.to);
		}
	for (size_t i = 0; i < report->film->n_shots; i++) {
		const struct tl_shot *shot = &report->film->shots[i];

		/* a forged one has no socket */
		if (tl_shot_is(shot, TL_SEGMENT_SYN) && shot->from == actor &&
		    shot->ends[0] == TL_SYN_SENT)
			to |= bit(shot->to);
	}
	return to;
}

/* "; connects to master and itself" */
static void whom(struct tl_html *page, size_t actor)
{
	uint64_t to = connects_to(page->report, (int)actor);
	size_t said = 0;

	for (size_t i = 0; i < page->report->plan->n_actors && i < 64; i++) {
		if (!(to & bit((int)i)))
			continue;
		to &= ~bit((int)i);
		tl_words(&page->to, !said++ ? "; connects to " : to ? ", " : " and ");
		tl_isolated(&page->to, i == actor ? "itself" : page->report->plan->actors[i].name);
	}
}

/* What an actor is: the program that it ran, or what its kind means; and whom it connects to. */
static void what(struct tl_html *page, size_t actor)
{
	static const char *const kinds[] = {
#define X(id, name, help) help,
		TL_ACTOR_KINDS(X)
#undef X
	};
	const struct tl_actor_spec *it = &page->report->plan->actors[actor];
	const char *program = tl_report_program(page->report->trace, actor);

	if (it->kind != TL_ACTOR_KIND_PEER && program)
		tl_isolated(&page->to, program);
	else
		tl_words(&page->to, kinds[it->kind]);
	if (it->port)
		tl_wordsf(&page->to, "; port %u", it->port);
	whom(page, actor);
}

static void who(struct tl_html *page)
{
	tl_open(&page->to, "dl");
	for (size_t i = 0; i < page->report->plan->n_actors; i++) {
		tl_open(&page->to, "div");
		tl_isolated_in(&page->to, "dt", NULL, page->report->plan->actors[i].name);
		tl_open(&page->to, "dd");
		what(page, i);
		tl_close(&page->to);
		tl_close(&page->to);
	}
	tl_close(&page->to);
}

void tl_html_intro(struct tl_html *page)
{
	tl_open_class(&page->to, "div", "intro");
	tl_element(&page->to, "h4", NULL, "Who takes part");
	who(page);
	tl_element(&page->to, "h4", NULL, "How to read this page");
	tl_element(&page->to, "p", NULL,
		   "Under \"What passed\" time runs downwards: each line is a segment or a "
		   "step, and the coloured bands are the states of the sockets. \"Where each "
		   "end is\" is the state diagram of RFC 9293: it shows which end is in which "
		   "state now. \"What the table shows\" is netstat's table.");
	tl_element(&page->to, "p", "keys",
		   "The right and left arrow keys go one step on or back, with Shift one "
		   "phase. Space plays. A click on a state, or on a word with dots below it, "
		   "explains it; the other words are explained at the end of the page.");
	tl_close(&page->to);
}
