/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The claims of a scenario, and their evidence. */
#include "reader.h"

#include <string.h>

#include "tcplab/enum_names.h"
#include "tcplab/grow.h"

#define ID_MOST 32

static void check_id(struct scn_reader *r, const struct scn_node *node,
		     const struct tl_claim *claim)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	if (node->len > ID_MOST || strspn(claim->id, letters) != node->len)
		scn_mistake(r, node->at,
			    "%s cannot be the name of a claim: up to %d letters, digits, "
			    "\".\", \"-\" and \"_\"",
			    SCN_QUOTE_NAME(node->text, node->len), ID_MOST);
	for (struct tl_claim *other = r->plan->claims; other != claim; other++)
		if (other->id && !strcmp(other->id, claim->id))
			scn_mistake(r, node->at, "the claim in line %d already has this name",
				    other->where.line);
}

static void read_id(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_claim *claim = into;

	claim->id = scn_text(r, node, "the name of a claim", SCN_ONE_LINE);
	if (claim->id)
		check_id(r, node, claim);
}

static void read_arc(struct scn_reader *r, const struct scn_node *node, struct tl_claim *claim)
{
	struct scn_unknown u = { 0 };
	char *id = scn_scalar(r, node, "arc");
	const struct tl_arc *arcs, *arc;
	size_t n;

	if (!id)
		return;
	arc = tl_arc_find(id);
	for (size_t i = 0; arc && i < claim->n_arcs; i++)
		if (claim->arcs[i] == arc)
			scn_mistake(r, node->at, "arrow %s is named twice", arc->id);
	if (arc && !strcmp(arc->id, id)) {
		claim->arcs[claim->n_arcs++] = arc;
	} else {
		u.word = id;
		u.len = strlen(id);
		arcs = tl_arcs(&n);
		for (size_t i = 0; i < n; i++)
			scn_unknown_try(&u, arcs[i].id);
		scn_unknown_report(r, &u, node->at, "arc");
	}
	free(id);
}

static void read_arcs(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_claim *claim = into;
	size_t n;
	const struct scn_node *one = scn_items(node, &n);

	if (!n)
		scn_mistake(r, node->at, "the list of arrows is empty");
	claim->arcs = scn_calloc(r, n, sizeof(*claim->arcs));
	for (size_t i = 0; claim->arcs && i < n; i++)
		read_arc(r, &one[i], claim);
}

/* One of the lists of evidence, behind those that were read before it. */
static void read_evidence(struct scn_reader *r, const struct scn_node *node, const char *what,
			  bool against, struct tl_claim *claim)
{
	if (!scn_is(r, node, SCN_LIST, what))
		return;
	if (!node->n)
		scn_mistake(r, node->at, "a claim needs evidence: at least one check");
	for (size_t i = 0; i < node->n; i++) {
		struct tl_evidence *ev;

		if (!TL_GROW(claim->check, claim->n_check)) {
			r->oom = true;
			return;
		}
		ev = &claim->check[claim->n_check++];
		*ev = (struct tl_evidence){ .against = against };
		scn_read_check(r, &node->items[i], ev);
	}
}

static void read_check(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_evidence(r, node, "check", false, into);
}

static void read_for(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_evidence(r, node, "for", false, into);
}

static void read_against(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_evidence(r, node, "against", true, into);
}

static void read_verdict(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const char *const names[] = { TL_FINDINGS(TL_X_NAME) NULL };
	struct tl_claim *claim = into;
	int finding;

	if (!scn_is(r, node, SCN_TEXT, "verdict"))
		return;
	finding = scn_choice(r, node, "verdict", SCN_NAMES, names);
	if (finding >= 0)
		claim->finding = (enum tl_finding)finding;
}

/* @claim has evidence that is said to speak for or against it: what follows from that? */
static void tie_finding(struct scn_reader *r, const struct scn_node *node, struct tl_claim *claim)
{
	bool pro = scn_find(node, "for", NULL), con = scn_find(node, "against", NULL);
	const struct scn_node *verdict = scn_find(node, "verdict", NULL);
	enum tl_finding said = claim->finding;

	claim->tied = true;
	claim->finding = !con ? TL_FINDING_HOLDS : pro ? TL_FINDING_REFINED : TL_FINDING_REFUTED;
	if (!verdict || verdict->kind != SCN_TEXT ||
	    strcmp(verdict->text, tl_finding_name(said)) || said == claim->finding)
		return;
	if (said == TL_FINDING_REFINED && claim->because)
		claim->finding = said;
	else if (said == TL_FINDING_REFINED)
		scn_mistake(r, verdict->at,
			    "all of its evidence is %s it: say in \"because\" what the claim "
			    "lacks, or put evidence %s it under \"%s\"",
			    con ? "against" : "for", con ? "for" : "against",
			    con ? "for" : "against");
	else
		scn_mistake(r, verdict->at, "%s, by the evidence: %s \"against\" it",
			    claim->finding == TL_FINDING_HOLDS ? "the claim holds" :
			    claim->finding == TL_FINDING_REFINED ? "the claim is refined" :
								   "the claim is refuted",
			    con ? "something is" : "nothing is");
}

/* "check" alone, with the author's verdict, or the evidence "for" and "against" it. */
static void check_evidence(struct scn_reader *r, const struct scn_node *node,
			   struct tl_claim *claim)
{
	struct scn_span at = node->at;
	bool sided = scn_find(node, "for", NULL) || scn_find(node, "against", NULL);
	bool check = scn_find(node, "check", &at);

	if (sided && check)
		scn_mistake(r, at, "\"check\" does not say whether its evidence is for or "
				   "against the claim: put it under \"for\" or \"against\"");
	else if (sided)
		tie_finding(r, node, claim);
	else if (!check)
		scn_mistake(r, node->at, "a claim needs evidence, \"for\" it or \"against\" it");
	else if (!scn_find(node, "verdict", NULL))
		scn_mistake(r, at, "a claim with \"check\" needs a verdict: or put its evidence "
				   "under \"for\" or \"against\"");
}

void scn_read_claims(struct scn_reader *r, const struct scn_node *list, void *unused)
{
	static const struct scn_key keys[] = {
		{ "claim", true, read_id },
		{ "says", true, SCN_INTO(struct tl_claim, says, SCN_LINES) },
		{ "source", false, SCN_INTO(struct tl_claim, source, SCN_LINE) },
		{ "arc", false, read_arcs },
		{ "for", false, read_for },
		{ "against", false, read_against },
		{ "check", false, read_check },
		{ "verdict", false, read_verdict },
		{ "because", false, SCN_INTO(struct tl_claim, because, SCN_LINES) },
	};
	struct tl_plan *plan = r->plan;

	(void)unused;
	if (!scn_is(r, list, SCN_LIST, "claims"))
		return;
	plan->claims = scn_calloc(r, list->n, sizeof(*plan->claims));
	for (size_t i = 0; plan->claims && i < list->n; i++) {
		struct tl_claim *claim = &plan->claims[plan->n_claims++];

		claim->where = scn_where(&r->src, list->items[i].at.at);
		if (SCN_READ_MAP(r, &list->items[i], "a claim", keys, claim))
			check_evidence(r, &list->items[i], claim);
	}
}
