/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan, a trace and a verdict in which everything happens once. */
#include "report_fixture.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

enum { MASTER, REPLICA };

static struct tl_endpoint v4(const char *addr, uint16_t port)
{
	struct tl_endpoint ep = { .family = AF_INET, .port = port };

	inet_pton(AF_INET, addr, ep.addr);
	return ep;
}

static void init_plan(struct fixture *f)
{
	f->actors[MASTER] = (struct tl_actor_spec){ .name = "master", .port = 6379,
						    .replicaof = -1 };
	f->actors[REPLICA] = (struct tl_actor_spec){ .name = "replica", .port = 6389,
						     .replicaof = MASTER };
	f->expects[0][0] = (struct tl_pattern){ MASTER, -1, 1u << TL_LISTEN, 1,
						"master LISTEN" };
	f->expects[0][1] = (struct tl_pattern){ MASTER, REPLICA, 1u << TL_ESTABLISHED, 1,
						"master -> replica ESTABLISHED" };
	f->expects[0][2] = (struct tl_pattern){ REPLICA, MASTER, 1u << TL_ESTABLISHED, 1,
						"replica -> master ESTABLISHED" };
	f->expects[1][0] = f->expects[0][0];
	f->expects[1][1] = (struct tl_pattern){ REPLICA, MASTER, 1u << TL_TIME_WAIT, 1,
						"replica -> master TIME_WAIT" };
	f->steps[0] = (struct tl_step){ .verb = TL_VERB_START, .actor = REPLICA,
					.text = "start replica" };
	f->steps[1] = (struct tl_step){ .verb = TL_VERB_STOP, .actor = REPLICA,
					.text = "stop replica" };
	f->phases[0] = (struct tl_phase){ .title = "The replica is running",
					  .steps = &f->steps[0], .n_steps = 1,
					  .expects = f->expects[0], .n_expects = 3,
					  .note = "One connection, two rows." };
	f->phases[1] = (struct tl_phase){ .title = "The replica has been shut down",
					  .steps = &f->steps[1], .n_steps = 1,
					  .expects = f->expects[1], .n_expects = 2 };
	f->check[0] = (struct tl_evidence){ .kind = TL_EVIDENCE_SAW,
					    .row = f->expects[1][1], .phase = -1 };
	f->claims[0] = (struct tl_claim){
		.id = "B7",
		.says = "TIME_WAIT lasts up to four minutes.",
		.source = "RFC 9293 3.4.2",
		.check = f->check,
		.n_check = 1,
		.finding = TL_FINDING_REFINED,
		.because = "Linux keeps it for a constant 60 seconds.",
	};
	f->plan = (struct tl_plan){
		.name = "redis/walkthrough",
		.title = "A Redis replica comes and goes",
		.about = "Two looks at the table.",
		.actors = f->actors,
		.n_actors = 2,
		.phases = f->phases,
		.n_phases = 2,
		.claims = f->claims,
		.n_claims = 1,
	};
}

static void init_rows(struct fixture *f)
{
	struct tl_endpoint server = v4("127.0.0.1", 6379), client = v4("127.0.0.1", 53525);
	struct tl_row listener = { { .cookie = 1, .state = TL_LISTEN,
				     .local = v4("0.0.0.0", 6379), .remote = v4("0.0.0.0", 0),
				     .inode = 11, .sendq = 511 },
				   MASTER, -1, 2, TL_KNOWN_BY_INODE };
	struct tl_row accepted = { { .cookie = 3, .state = TL_ESTABLISHED, .local = server,
				     .remote = client, .inode = 13 },
				   MASTER, REPLICA, 2, TL_KNOWN_BY_INODE };
	struct tl_row connected = { { .cookie = 2, .state = TL_ESTABLISHED, .local = client,
				      .remote = server, .inode = 12 },
				    REPLICA, MASTER, 3, TL_KNOWN_BY_INODE };

	f->rows[0][0] = f->rows[1][0] = listener;
	f->rows[0][1] = accepted;
	f->rows[0][2] = f->rows[1][1] = connected;
	f->rows[1][1].sock.state = TL_TIME_WAIT;
	f->rows[1][1].sock.inode = 0;
	f->rows[1][1].by = TL_KNOWN_BY_COOKIE;
	f->gone[0] = accepted;
}

#define MS 1000000ull

static void init_trace(struct fixture *f)
{
	f->events[0] = (struct tl_event){
		.kind = TL_EVENT_RUN, .phase = -1,
		.run = { TL_TRACE_VERSION, "0.1.0", "walkthrough.yaml", "", "Linux 6.1.0" },
	};
	f->events[1] = (struct tl_event){ .kind = TL_EVENT_STEP, .t_ns = 1 * MS };
	f->events[2] = (struct tl_event){
		.kind = TL_EVENT_ACTOR, .t_ns = 11 * MS,
		.actor = { .actor = REPLICA, .change = TL_ACTOR_READY, .pid = 3,
			   .program = "redis-server 7.0.15" },
	};
	f->events[3] = (struct tl_event){ .kind = TL_EVENT_SNAPSHOT, .t_ns = 12 * MS,
					  .snapshot = { TL_LOOK_SETTLED, f->rows[0], 3 } };
	f->events[4] = (struct tl_event){ .kind = TL_EVENT_STEP, .t_ns = 13 * MS,
					  .phase = 1 };
	f->events[5] = (struct tl_event){
		.kind = TL_EVENT_ACTOR, .t_ns = 15 * MS, .phase = 1,
		.actor = { .actor = REPLICA, .change = TL_ACTOR_EXITED, .pid = 3 },
	};
	f->events[6] = (struct tl_event){ .kind = TL_EVENT_SNAPSHOT, .t_ns = 16 * MS,
					  .phase = 1,
					  .snapshot = { TL_LOOK_SETTLED, f->rows[1], 2 } };
	f->events[7] = (struct tl_event){ .kind = TL_EVENT_END, .t_ns = 16 * MS, .phase = 1,
					  .end = { TL_END_COMPLETE } };
	f->trace = (struct tl_trace){ f->events, 8, false };
}

static void init_lives(struct fixture *f)
{
	static const struct tl_hop accepted[] = {
		{ TL_LISTEN, TL_HOP_INFERRED },      { TL_SYN_RECV, TL_HOP_INFERRED },
		{ TL_ESTABLISHED, TL_HOP_OBSERVED }, { TL_CLOSE_WAIT, TL_HOP_INFERRED, 1 },
		{ TL_CLOSE, TL_HOP_INFERRED, 1 },
	};
	static const struct tl_hop connected[] = {
		{ TL_CLOSE, TL_HOP_INFERRED },       { TL_SYN_SENT, TL_HOP_INFERRED },
		{ TL_ESTABLISHED, TL_HOP_OBSERVED }, { TL_FIN_WAIT1, TL_HOP_INFERRED, 1 },
		{ TL_TIME_WAIT, TL_HOP_OBSERVED, 1 },
	};

	/* by cookie, and by time */
	static const size_t hop_at[] = { 0, 0, 2, 4, 2 };

	memcpy(f->hop_at, hop_at, sizeof(hop_at));
	memcpy(f->hops[1], accepted, sizeof(accepted));
	memcpy(f->hops[2], connected, sizeof(connected));
	f->hops[0][0] = (struct tl_hop){ TL_LISTEN, TL_HOP_OBSERVED };
	f->lives[0] = (struct tl_life){ 1, MASTER, -1, .hops = f->hops[0], .n_hops = 1,
					.legal = true };
	f->lives[1] = (struct tl_life){ 3, MASTER, REPLICA, .hops = f->hops[1], .n_hops = 5,
					.legal = true };
	f->lives[2] = (struct tl_life){ 2, REPLICA, MASTER, .hops = f->hops[2], .n_hops = 5,
					.legal = true };
	for (int i = 0; i < 3; i++) {
		const struct tl_sock *sock = &f->rows[0][i].sock;

		f->lives[i].local = sock->local;
		f->lives[i].remote = sock->remote;
		for (size_t k = 0; k < f->lives[i].n_hops; k++)
			if (f->lives[i].hops[k].kind == TL_HOP_OBSERVED)
				f->lives[i].hops[k].first = f->lives[i].hops[k].last =
					&f->events[0];
	}
}

static void init_verdict(struct fixture *f)
{
	for (int i = 0; i < 3; i++) {
		f->found[0][i] = (struct tl_row_verdict){ i, TL_CHANGE_NEW };
		f->seen[0][i] = f->seen[1][i] = 1;
	}
	f->found[1][0] = (struct tl_row_verdict){ 0, TL_CHANGE_SAME };
	f->found[1][1] = (struct tl_row_verdict){ 1, TL_CHANGE_STATE, TL_ESTABLISHED };
	f->phase_verdicts[0] = (struct tl_phase_verdict){
		TL_OUTCOME_MET, &f->events[3], f->found[0], f->seen[0],
	};
	f->phase_verdicts[1] = (struct tl_phase_verdict){
		TL_OUTCOME_MET, &f->events[6], f->found[1], f->seen[1], f->gone, 1,
	};
	f->evidence[0] = (struct tl_evidence_verdict){
		TL_FACT_SO, 1, "seen in phase 2: replica -> master TIME_WAIT",
	};
	f->claim_verdicts[0] = (struct tl_claim_verdict){ TL_FACT_SO, f->evidence };
	f->verdict = (struct tl_verdict){
		.phases = f->phase_verdicts,
		.n_phases = 2,
		.lives = f->lives,
		.n_lives = 3,
		.hop_at = f->hop_at,
		.claims = f->claim_verdicts,
		.n_claims = 1,
		.phases_met = 2,
		.phases_expected = 2,
		.took_ns = 16 * MS,
	};
}

static void spoil(struct fixture *f)
{
	f->rows[1][1].sock.state = TL_ESTABLISHED;
	f->found[1][1] = (struct tl_row_verdict){ -1, TL_CHANGE_SAME };
	f->seen[1][1] = 0;
	f->events[7].end.how = TL_END_UNMET;
	f->phase_verdicts[1].outcome = TL_OUTCOME_UNMET;
	f->phase_verdicts[1].reason =
		"expected replica -> master TIME_WAIT, saw ESTABLISHED";
	f->lives[1].n_hops = 3;
	f->hop_at[3] = 2;
	f->evidence[0] = (struct tl_evidence_verdict){
		TL_FACT_NOT_SO, -1, "never seen: replica -> master TIME_WAIT",
	};
	f->claim_verdicts[0].stands = TL_FACT_NOT_SO;
	f->verdict.result = TL_RESULT_FAILED;
	f->verdict.reason =
		"phase 2: expected replica -> master TIME_WAIT, saw ESTABLISHED";
	f->verdict.phases_met = 1;
}

/* The film of the fixture that was made last: fixtures are not given back. */
static struct tl_film film;

void fixture_init(struct fixture *f, bool unmet)
{
	struct tl_err err = { 0 };

	memset(f, 0, sizeof(*f));
	init_plan(f);
	init_rows(f);
	init_trace(f);
	init_lives(f);
	init_verdict(f);
	if (unmet)
		spoil(f);
	tl_film_release(&film);
	cr_assert_eq(tl_film_init(&film, &f->plan, &f->trace, &err), 0, "%s", err.text);
	f->report = (struct tl_report){ &f->plan, &f->trace, &film, &f->verdict };
}

struct tl_buf fixture_render(const struct fixture *f, const char *name, bool color,
			     int width)
{
	struct tl_report_style style = { color, width, .brief = f->brief,
					 .recap = f->recap };
	struct tl_buf out = { 0 };
	struct tl_err err = { 0 };

	cr_assert_eq(tl_renderer_find(name)->render(&f->report, &style, &out, &err), 0, "%s",
		     err.text);
	return out;
}
