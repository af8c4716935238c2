/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One item of a claim's "check": its kind of evidence is the key that names it, and each
 * kind has a table of the keys that go with it.
 */
#include "measure.h"
#include "pattern.h"
#include "reader.h"
#include "selector.h"

#include <stdio.h>
#include <string.h>

#include "tcplab/enum_names.h"

#define ROWS_MOST 1000

static void read_row(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	scn_read_row(r, node, &ev->row);
}

static void read_order(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	scn_read_life(r, node, &ev->row, &ev->order, &ev->n_order, &ev->count);
}

static void read_rows(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	scn_read_ends(r, node, &ev->row);
}

static void read_count(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;
	long count;

	if (scn_number(r, node, "count", 0, ROWS_MOST, &count))
		ev->count = count;
}

static void read_anew(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;
	bool yes = false;

	scn_yes_no(r, node, "anew", &yes);
	ev->anew = yes ? TL_ANEW_YES : TL_ANEW_NO;
}

/* Of what says too little nobody knows how many there will be. */
static bool is_told(enum tl_segment_kind kind)
{
	return kind != TL_SEGMENT_ANY && kind != TL_SEGMENT_ACK && kind != TL_SEGMENT_DATA;
}

static void wants_wire(struct scn_reader *r, const struct scn_node *node)
{
	if (r->wire_off.len)
		scn_mistake(r, node->at, "no segment is seen with \"wire: off\", in line %d",
			    scn_where(&r->src, r->wire_off.at).line);
}

static bool read_selector(struct scn_reader *r, const struct scn_node *node,
			  const struct scn_selector_rules *rules, struct tl_selector *select)
{
	struct tl_buf unused = { 0 };
	bool ok = scn_read_selector(r, node, rules, select, &unused);

	r->oom |= unused.failed;
	tl_buf_release(&unused);
	return ok;
}

static void read_one(struct scn_reader *r, const struct scn_node *node,
		     struct tl_selector *select)
{
	static const struct scn_selector_rules rules = {
		.no_all = "each of these stands for one segment: leave \"all\" out",
		.no_nth = "these are in the order in which they were sent: leave the number "
			  "out",
	};

	if (read_selector(r, node, &rules, select) && !is_told(select->kind))
		scn_mistake(r, node->at,
			    "\"%s\" cannot be evidence: how many come depends on chance. "
			    "Name what opens, closes or resets a connection, or an ACK by "
			    "what it answers, such as \"ACK of FIN\" or \"challenge ACK\"",
			    tl_segment_kind_name(select->kind));
}

static void read_segments(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	if (!scn_is(r, node, SCN_LIST, "segments"))
		return;
	wants_wire(r, node);
	ev->segments = scn_calloc(r, node->n, sizeof(*ev->segments));
	for (size_t i = 0; ev->segments && i < node->n; i++)
		read_one(r, &node->items[i], &ev->segments[ev->n_segments++]);
}

/* The one segment that a check is about. */
static void read_single(struct scn_reader *r, const struct scn_node *node,
			struct tl_evidence *ev, const struct scn_selector_rules *rules)
{
	wants_wire(r, node);
	ev->segments = scn_calloc(r, 1, sizeof(*ev->segments));
	if (ev->segments && read_selector(r, node, rules, ev->segments))
		ev->n_segments = 1;
}

static void read_segment(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_selector_rules rules = {
		.no_all = "all of them are counted: leave \"all\" out",
		.no_nth = "all of them are counted: say how many with \"times\"",
	};

	read_single(r, node, into, &rules);
}

#define X(id, name, became, help)                                                            \
	static void read_##id(struct scn_reader *r, const struct scn_node *node, void *into) \
	{                                                                                    \
		struct tl_evidence *ev = into;                                               \
											     \
		scn_read_bounds(r, node, name, &ev->counts[TL_COUNT_##id]);                  \
		ev->counted |= 1u << TL_COUNT_##id;                                          \
	}
TL_COUNTS(X)
#undef X

static void read_silent(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	wants_wire(r, node);
	scn_read_sender(r, node, &ev->row);
}

static void read_after(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_selector_rules rules = {
		.no_all = "it is the first such segment that counts: leave \"all\" out",
		.no_nth = "it is the first such segment that counts: leave the number out",
	};

	read_single(r, node, into, &rules);
}

static void read_answer(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	ev->answer = scn_answer(r, node);
}

static void read_answer_by(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	if (!scn_is(r, node, SCN_TEXT, "by"))
		return;
	ev->row.owner = scn_actor(r, node->text, node->len, node->at);
	if (scn_actor_is_not(r, ev->row.owner, TL_ACTOR_KIND_PEER))
		scn_mistake(r, node->at, "%s is not a peer: only the calls of peers are "
					 "recorded",
			    r->plan->actors[ev->row.owner].name);
}

static void read_counter(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	struct tl_evidence *ev = into;

	ev->counter = scn_text(r, node, "counter", SCN_ONE_LINE);
	if (ev->counter && ev->counter[strspn(ev->counter, letters)])
		scn_mistake(r, node->at,
			    "a counter is one word from the kernel's /proc/net/netstat, such "
			    "as ListenDrops");
}

static void read_phase(struct scn_reader *r, const struct scn_node *node, const char *what,
		       struct tl_evidence *ev)
{
	const struct tl_plan *plan = r->plan;
	struct scn_unknown u = { .title = true };

	if (!scn_is(r, node, SCN_TEXT, what))
		return;
	for (size_t i = 0; i < plan->n_phases; i++) {
		const char *title = plan->phases[i].title;

		if (!title)
			return; /* perhaps it is meant; that it has none is told already */
		if (!strcmp(title, node->text)) {
			ev->phase = i;
			return;
		}
	}
	if (!plan->n_phases)
		return;
	u.word = node->text;
	u.len = node->len;
	for (size_t i = 0; i < plan->n_phases; i++)
		scn_unknown_try(&u, plan->phases[i].title);
	scn_unknown_report(r, &u, node->at, "phase");
}

static void read_in(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_phase(r, node, "in", into);
}

static void read_arrived_in(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_evidence *ev = into;

	if (ev->phase >= 0)
		scn_mistake(r, node->at, "\"in\" is about sending, \"arrived-in\" about "
					 "arrival: leave one of the two out");
	ev->arrived = true;
	read_phase(r, node, "arrived-in", ev);
}

/* Each key, and the kinds of evidence that have it. */
static const struct scn_check_key all_keys[] = {
#define OF(kind) 1u << TL_EVIDENCE_##kind
#define INTO(field, plain) SCN_INTO(struct tl_evidence, field, plain)
	{ OF(SAW), { "saw", true, read_row, "row" } },
	{ OF(NEVER), { "never", true, read_row, "row" } },
	{ OF(ORDER),
	  { "order", true, read_order, "life",
	    ": of each of its sockets, or, with x1, of one of them." } },
	{ OF(TIMER), { "timer", true, read_row, "row" },
	  "{ anyOf: [{ required: [at-least] }, { required: [at-most] }, { required: [anew] }] }" },
	{ OF(TIMER),
	  { "at-least", false, NULL, "duration", "the least time until it fires.",
	    INTO(at_least_ns, SCN_TIME) } },
	{ OF(TIMER),
	  { "at-most", false, NULL, "duration", "the most time until it fires.",
	    INTO(at_most_ns, SCN_TIME) } },
	{ OF(TIMER),
	  { "anew", false, read_anew, "yes-no",
	    "yes: it was seen to start again; no: it was not. It needs the wire: tap." } },
	{ OF(ROWS), { "rows", true, read_rows, "two-ends" } },
	{ OF(ROWS),
	  { "count", true, read_count, "{ type: integer, minimum: 0, maximum: 1000 }",
	    "how many." } },
	{ OF(SEGMENTS),
	  { "segments", true, read_segments, "segments",
	    ": exactly these, data and repetitions left out. An empty list: no segment at all, "
	    "data included. It needs the wire: tap." } },
	{ OF(SEGMENT),
	  { "segment", true, read_segment, "segment",
	    "; with nothing beside it, that it was sent. It needs the wire: tap." } },
#define X(id, name, became, help)                                                            \
	{ OF(SEGMENT), { name, false, read_##id, "how-many", help "." } },
	TL_COUNTS(X)
#undef X
	{ OF(SILENT),
	  { "silent", true, read_silent, "sender",
	    ": no segment of any kind, to anybody, or to the actor after the arrow. It needs the "
	    "wire: tap." } },
	{ OF(SILENT),
	  { "after", false, read_after, "segment",
	    "the segment with which the silence begins: when it was sent, if the actor itself "
	    "sent it, else when it arrived." } },
	{ OF(ANSWER), { "answer", true, read_answer, "answer" } },
	{ OF(ANSWER), { "by", true, read_answer_by, "actor-name", "the peer." } },
	{ OF(COUNTER),
	  { "counter", true, read_counter, "counter",
	    ": a name of /proc/net/netstat or /proc/net/snmp. It is counted from the end of the "
	    "phase before to the end of its phase, or, without \"in\", from before the first "
	    "phase to the end of the last." },
	  "{ anyOf: [{ required: [at-least] }, { required: [at-most] }] }" },
	{ OF(COUNTER),
	  { "at-least", false, NULL, "rise", "the least rise.", INTO(at_least, SCN_COUNT) } },
	{ OF(COUNTER),
	  { "at-most", false, NULL, "rise", "the most rise.", INTO(at_most, SCN_COUNT) } },
	{ ~0u,
	  { "in", false, read_in, "{ type: string }",
	    "The title of the phase in which the judge looks for it; all phases by default. A "
	    "segment is in the phase in which it was sent; \"arrived\" counts those that arrived "
	    "in it." } },
	{ OF(SEGMENTS),
	  { "arrived-in", false, read_arrived_in, "{ type: string }",
	    "the title of the phase in which they arrived, in that order." },
	  "{ not: { required: [in] } }" },
#undef INTO
#undef OF
};

#define N_KEYS (sizeof(all_keys) / sizeof(all_keys[0]))

const struct scn_check_key *scn_check_keys(size_t *n)
{
	*n = N_KEYS;
	return all_keys;
}

static void read_kind(struct scn_reader *r, const struct scn_node *node, struct tl_evidence *ev)
{
	const char *name = tl_evidence_name(ev->kind);
	struct scn_key keys[N_KEYS];
	char what[32];
	size_t n = 0;

	for (size_t i = 0; i < N_KEYS; i++)
		if (all_keys[i].kinds & 1u << ev->kind)
			keys[n++] = all_keys[i].key;
	snprintf(what, sizeof(what), "%s %s check", strchr("aeiou", name[0]) ? "an" : "a", name);
	scn_read_map(r, node, what, keys, n, ev);
}

static const char *const kinds[] = { TL_EVIDENCE_KINDS(TL_X_NAME) NULL };

/* The kind of evidence that a key names. */
static bool is_kind(const struct scn_node *key, enum tl_evidence_kind *kind)
{
	for (int k = 0; kinds[k]; k++) {
		if (strcmp(key->text, kinds[k]))
			continue;
		*kind = (enum tl_evidence_kind)k;
		return true;
	}
	return false;
}

/* The one kind of evidence among the keys; false after a mistake. */
static bool find_kind(struct scn_reader *r, const struct scn_node *node,
		      enum tl_evidence_kind *kind)
{
	const struct scn_node *key = node->items;
	int found = 0;

	for (size_t i = 0; i < node->n; i++) {
		found += is_kind(&key[2 * i], kind);
		if (found < 2)
			continue;
		scn_mistake(r, key[2 * i].at,
			    "a check has one kind of evidence: begin the next "
			    "check with \"- \"");
		return false;
	}
	if (!found && node->n)
		scn_choice(r, key, "kind of evidence", SCN_KEYS, kinds);
	else if (!found)
		scn_mistake(r, node->at,
			    "a check needs its evidence, as in "
			    "\"saw: master LISTEN\"");
	return found;
}

static void check_bounds(struct scn_reader *r, const struct scn_node *node,
			 const struct tl_evidence *ev)
{
	const char *name = tl_evidence_name(ev->kind);
	struct scn_span at;

	if (ev->kind != TL_EVIDENCE_TIMER && ev->kind != TL_EVIDENCE_COUNTER)
		return;
	if (!scn_find(node, "at-least", NULL) && !scn_find(node, "at-most", NULL) && !ev->anew)
		scn_mistake(r, node->at, "a %s check needs at-least or at-most, or both%s", name,
			    ev->kind == TL_EVIDENCE_TIMER ? ", or anew" : "");
	else if ((ev->at_least_ns > ev->at_most_ns || ev->at_least > ev->at_most) &&
		 scn_find(node, "at-most", &at))
		scn_mistake(r, at, "at-most is less than at-least: no %s can be both", name);
}

void scn_read_check(struct scn_reader *r, const struct scn_node *node, struct tl_evidence *ev)
{
	ev->row = (struct tl_pattern){ .owner = -1, .peer = -1 };
	ev->phase = -1;
	ev->at_most_ns = UINT64_MAX;
	ev->at_most = UINT64_MAX;
	ev->where = scn_where(&r->src, node->at.at);
	if (!scn_is(r, node, SCN_MAP, "a check"))
		return;
	if (!find_kind(r, node, &ev->kind))
		return;
	read_kind(r, node, ev);
	if (ev->kind == TL_EVIDENCE_SEGMENT && !ev->counted) {
		ev->counted = 1u << TL_COUNT_SENT;
		ev->counts[TL_COUNT_SENT] = (struct tl_bounds){ 1, UINT64_MAX };
	}
	check_bounds(r, node, ev);
}
