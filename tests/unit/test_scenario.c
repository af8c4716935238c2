/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios that are as they should be: what comes into the plan. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "scenario_files.h"

#define SECOND 1000000000ULL

#define eq_str(a, b) cr_expect_str_eq(a, b, "\"%s\" is not \"%s\"", a, b)
#define eq_int(a, b) cr_expect_eq(a, b, "%lld is not %lld", (long long)(a), (long long)(b))

static struct tl_plan *plan;

static void every_key(void)
{
	plan = parse_good("every-key.yaml");
}

static void release(void)
{
	tl_plan_free(plan);
}

TestSuite(scenario, .init = every_key, .fini = release);

Test(scenario, top)
{
	struct tl_buf text = slurp(FIXTURES "/good/every-key.yaml");

	eq_str(plan->file, "every-key.yaml");
	eq_int(plan->text_len, text.len);
	cr_expect_eq(memcmp(plan->text, text.data, text.len), 0, "the text is another");
	tl_buf_release(&text);

	eq_str(plan->name, "a/b-2/c");
	eq_str(plan->title, "Every key: there is");
	eq_str(plan->about, "First line.\nSecond line.");
	eq_int(plan->n_tags, 2);
	eq_str(plan->tags[0], "slow");
	cr_expect(tl_plan_has_tag(plan, "of-2013"));
	cr_expect_not(tl_plan_has_tag(plan, "of"));
	eq_int(plan->n_watch, 2);
	eq_int(plan->watch[0], 6379);
	eq_int(plan->watch[1], 6389);
	eq_int(plan->n_actors, 2);
	eq_int(plan->n_phases, 3);
	eq_int(plan->n_claims, 3);
	eq_int(plan->wire, TL_WIRE_TAP);
}

static void has_setting(const struct tl_setting *s, const char *name, const char *value,
			int line, int col)
{
	eq_str(s->name, name);
	eq_str(s->value, value);
	eq_int(s->where.line, line);
	eq_int(s->where.col, col);
}

Test(scenario, sysctls)
{
	cr_assert_eq(plan->n_sysctls, 3, "%zu sysctls", plan->n_sysctls);
	has_setting(&plan->sysctls[0], "net.ipv4.tcp_fin_timeout", "2", 12, 3);
	has_setting(&plan->sysctls[1], "net/ipv4/ip_local_port_range", "53525 53525", 13, 3);
	has_setting(&plan->sysctls[2], "net.ipv4.tcp_moderate_rcvbuf", "0", 14, 3);
}

Test(scenario, quickack)
{
	cr_assert(plan->quickack, "quickack: true");
}

Test(scenario, actors)
{
	const struct tl_actor_spec *replica = &plan->actors[0], *master = &plan->actors[1];

	eq_str(replica->name, "replica");
	eq_int(replica->port, 6389);
	eq_int(replica->replicaof, 1);
	eq_str(replica->bind, "127.0.0.1  ::1");
	eq_str(replica->binary, "/opt/redis 7/bin/redis-server");
	eq_int(replica->where.line, 16);
	eq_int(replica->where.col, 3);

	eq_str(master->name, "master");
	eq_int(master->replicaof, -1);
	eq_str(master->bind, "0.0.0.0");
	cr_expect_eq(master->binary, NULL, "a program was not named");
	eq_int(master->n_config, 0);
}

Test(scenario, config)
{
	const struct tl_setting *config = plan->actors[0].config;

	cr_assert_eq(plan->actors[0].n_config, 5, "%zu settings", plan->actors[0].n_config);
	has_setting(&config[0], "repl-diskless-sync-delay", "0", 23, 9);
	has_setting(&config[1], "loadmodule", "/opt/module.so arg", 24, 9);
	has_setting(&config[2], "save", "\"\"", 25, 9);
	has_setting(&config[3], "client-output-buffer-limit", "normal 0 0 0", 26, 9);
	has_setting(&config[4], "client-output-buffer-limit", "replica 256mb 64mb 60", 26, 9);
}

Test(scenario, steps)
{
	static const struct {
		enum tl_verb verb;
		int actor;
		const char *text;
	} want[] = {
		{ TL_VERB_SYSCTL, -1, "sysctl net.ipv4.tcp_syn_retries=3" },
		{ TL_VERB_START, 1, "start master" },
		{ TL_VERB_START, 0, "start replica" },
		{ TL_VERB_COMMAND, 1, "command master SET key value" },
		{ TL_VERB_COMMAND, 1,
		  "command master SET key \"two words\" \"\" 7 true 1.5 \"say \"hi\"\"" },
		{ TL_VERB_FREEZE, 0, "freeze replica" },
		{ TL_VERB_THAW, 0, "thaw replica" },
		{ TL_VERB_FREEZE, 0, "freeze replica" },
		{ TL_VERB_KILL, 0, "kill replica" },
		{ TL_VERB_START, 0, "start replica" },
		{ TL_VERB_TERMINATE, 0, "terminate replica" },
		{ TL_VERB_STOP, 1, "stop master" },
	};
	const struct tl_phase *phase = &plan->phases[0];

	cr_assert_eq(phase->n_steps, sizeof(want) / sizeof(want[0]), "%zu steps",
		     phase->n_steps);
	for (size_t i = 0; i < phase->n_steps; i++) {
		eq_int(phase->steps[i].verb, want[i].verb);
		eq_int(phase->steps[i].actor, want[i].actor);
		eq_str(phase->steps[i].text, want[i].text);
		eq_int(phase->steps[i].where.line, (int)(33 + i));
		eq_int(phase->steps[i].where.col, 9);
	}
	eq_int(phase->steps[0].n_settings, 1);
	has_setting(&phase->steps[0].settings[0], "net.ipv4.tcp_syn_retries", "3", 33, 19);
}

Test(scenario, command_words)
{
	static const char *const want[] = { "SET", "key",  "two words", "",
					    "7",   "true", "1.5",	"say \"hi\"" };
	const struct tl_step *step = &plan->phases[0].steps[4];

	cr_assert_eq(step->argc, sizeof(want) / sizeof(want[0]), "%zu words", step->argc);
	for (size_t i = 0; i < step->argc; i++)
		eq_str(step->argv[i], want[i]);
}

Test(scenario, phases)
{
	const struct tl_phase *verbs = &plan->phases[0], *empty = &plan->phases[1],
			      *rows = &plan->phases[2];

	eq_str(verbs->title, "All verbs");
	cr_expect_eq(tl_phase_has_expectation(verbs), false, "nothing is expected there");
	cr_expect_eq(verbs->expects_empty, false, "nothing is expected there");
	eq_int(verbs->within_ns, 5 * SECOND);
	eq_int(verbs->for_ns, 0);
	cr_expect_eq(verbs->note, NULL, "a note");
	eq_int(verbs->where.line, 31);
	eq_int(verbs->where.col, 5);

	cr_expect_eq(empty->expects_empty, true, "the table has to be empty there");
	cr_expect_eq(tl_phase_has_expectation(empty), true, "the table has to be empty there");
	eq_int(empty->within_ns, SECOND / 5);
	eq_int(empty->for_ns, 120 * SECOND);
	eq_str(empty->note, "folded text");
	cr_expect_eq(empty->others_ignore, false, "others are not ignored there");

	cr_expect_eq(rows->others_ignore, true, "others are ignored there");
	eq_int(rows->within_ns, 3600 * SECOND);
}

static void has_row(const struct tl_pattern *row, const char *text, int owner, int peer,
		    uint32_t states, int count)
{
	eq_str(row->text, text);
	eq_int(row->owner, owner);
	eq_int(row->peer, peer);
	eq_int(row->states, states);
	eq_int(row->count, count);
}

Test(scenario, rows)
{
	const struct tl_phase *rows = &plan->phases[2];

	cr_assert_eq(rows->n_expects, 4, "%zu rows", rows->n_expects);
	has_row(&rows->expects[0], "master LISTEN", 1, -1, 1 << TL_LISTEN, 1);
	has_row(&rows->expects[1], "master -> replica ESTABLISHED|CLOSE_WAIT x2", 1, 0,
		1 << TL_ESTABLISHED | 1 << TL_CLOSE_WAIT, 2);
	has_row(&rows->expects[2], "replica -> master TIME_WAIT x1000", 0, 1, 1 << TL_TIME_WAIT,
		1000);
	has_row(&rows->expects[3], "replica -> master SYN_SENT", 0, 1, 1 << TL_SYN_SENT, 1);
	eq_int(rows->expects[1].where.line, 57);
	eq_int(rows->expects[1].where.col, 9);
}

Test(scenario, claims)
{
	const struct tl_claim *claim = &plan->claims[0];

	eq_str(claim->id, "A.b_c-1");
	eq_str(claim->says, "It is so.");
	eq_str(claim->source, "RFC 9293, 3.3.2");
	eq_str(claim->because, "It was seen.");
	eq_int(claim->finding, TL_FINDING_HOLDS);
	eq_int(claim->where.line, 64);
	eq_int(plan->claims[1].finding, TL_FINDING_REFINED);
	eq_int(plan->claims[2].finding, TL_FINDING_REFUTED);
	cr_expect_eq(plan->claims[1].source, NULL, "a source was not named");
	cr_expect_eq(plan->claims[1].because, NULL, "a reason was not given");
}

static void has_evidence(const struct tl_evidence *ev, enum tl_evidence_kind kind, int phase,
			 const char *row)
{
	eq_int(ev->kind, kind);
	eq_int(ev->phase, phase);
	eq_str(ev->row.text, row);
}

Test(scenario, evidence)
{
	const struct tl_evidence *check = plan->claims[0].check;

	cr_assert_eq(plan->claims[0].n_check, 7, "%zu checks", plan->claims[0].n_check);
	has_evidence(&check[0], TL_EVIDENCE_SAW, -1, "master LISTEN");
	has_evidence(&check[1], TL_EVIDENCE_NEVER, 1, "replica -> master FIN_WAIT2|CLOSING x3");

	has_evidence(&check[2], TL_EVIDENCE_ORDER, -1,
		     "replica -> master SYN_SENT, ESTABLISHED, FIN_WAIT1");
	eq_int(check[2].row.states, 0);
	eq_int(check[2].n_order, 3);
	eq_int(check[2].order[0], TL_SYN_SENT);
	eq_int(check[2].order[2], TL_FIN_WAIT1);
	has_evidence(&check[3], TL_EVIDENCE_ORDER, 2, "master LISTEN x1");
	eq_int(check[3].count, 1);
	eq_int(check[3].row.peer, -1);

	has_evidence(&check[4], TL_EVIDENCE_TIMER, -1, "replica -> master TIME_WAIT");
	eq_int(check[4].at_least_ns, 50 * SECOND);
	eq_int(check[4].at_most_ns, 60 * SECOND);
	eq_int(check[5].at_least_ns, 0);
	eq_int(check[5].at_most_ns, 60 * SECOND);
	cr_expect_eq(check[0].at_most_ns, UINT64_MAX, "a bound was not named");

	has_evidence(&check[6], TL_EVIDENCE_ROWS, -1, "replica -> master");
	eq_int(check[6].count, 0);
	eq_int(check[6].row.owner, 0);
	eq_int(check[6].row.peer, 1);
	eq_int(check[6].row.states, 0);
}

static void has_selector(const struct tl_selector *s, enum tl_segment_kind kind, bool all,
			 int to, int nth)
{
	eq_int(s->kind, kind);
	eq_int(s->all, all);
	eq_int(s->from, 1);
	eq_int(s->to, to);
	eq_int(s->nth, nth);
}

Test(scenario_files, segments)
{
	static const struct {
		const char *text;
		enum tl_segment_kind kind;
		bool all;
		int to;
		int nth;
	} want[] = {
		{ "hold any from replica #3", TL_SEGMENT_ANY, false, -1, 3 },
		{ "hold all from replica to master", TL_SEGMENT_ANY, true, 0, 1 },
		{ "hold any from replica", TL_SEGMENT_ANY, false, -1, 1 },
		{ "hold SYN from replica", TL_SEGMENT_SYN, false, -1, 1 },
		{ "hold SYN+ACK from replica", TL_SEGMENT_SYN_ACK, false, -1, 1 },
		{ "hold ACK from replica", TL_SEGMENT_ACK, false, -1, 1 },
		{ "hold ACK of SYN from replica", TL_SEGMENT_ACK_OF_SYN, false, -1, 1 },
		{ "hold ACK of FIN from replica", TL_SEGMENT_ACK_OF_FIN, false, -1, 1 },
		{ "hold data from replica to master", TL_SEGMENT_DATA, false, 0, 1 },
		{ "hold all FIN from replica", TL_SEGMENT_FIN, true, -1, 1 },
		{ "hold FIN+ACK from replica", TL_SEGMENT_FIN_ACK, false, -1, 1 },
		{ "hold RST from replica #1000", TL_SEGMENT_RST, false, -1, 1000 },
		{ "hold challenge ACK from replica", TL_SEGMENT_CHALLENGE_ACK, false, -1, 1 },
		{ "hold all keepalive probe from replica", TL_SEGMENT_KEEPALIVE_PROBE, true, -1,
		  1 },
		{ "hold window probe ACK from replica", TL_SEGMENT_WINDOW_PROBE_ACK, false, -1,
		  1 },
		{ "hold data + ACK of FIN from replica", TL_SEGMENT_DATA_ACK_OF_FIN, false, -1,
		  1 },
	};
	struct tl_plan *p = parse_good("wire.yaml");
	const struct tl_phase *phase = &p->phases[1];

	eq_int(p->wire, TL_WIRE_TAP);
	cr_assert_eq(phase->n_steps, sizeof(want) / sizeof(want[0]), "%zu steps",
		     phase->n_steps);
	for (size_t i = 0; i < phase->n_steps; i++) {
		eq_int(phase->steps[i].verb, TL_VERB_HOLD);
		eq_int(phase->steps[i].actor, -1);
		eq_str(phase->steps[i].text, want[i].text);
		has_selector(&phase->steps[i].select, want[i].kind, want[i].all, want[i].to,
			     want[i].nth);
	}
	tl_plan_free(p);
}

Test(scenario_files, verbs_of_the_wire)
{
	static const struct {
		enum tl_verb verb;
		const char *text;
	} want[] = {
		{ TL_VERB_START, "start master" },
		{ TL_VERB_HOLD, "hold all from replica" },
		{ TL_VERB_HOLD, "hold SYN+ACK from master" },
		{ TL_VERB_LAUNCH, "launch replica" },
		{ TL_VERB_AWAIT, "await SYN from replica" },
		{ TL_VERB_RELEASE, "release SYN from replica to master" },
		{ TL_VERB_AWAIT, "await SYN+ACK from master" },
		{ TL_VERB_DROP, "drop all SYN+ACK from master" },
		{ TL_VERB_RELEASE, "release all from replica" },
		{ TL_VERB_PASS, "pass all from replica" },
		{ TL_VERB_READY, "ready replica" },
	};
	struct tl_plan *p = parse_good("wire.yaml");
	const struct tl_phase *phase = &p->phases[0];

	cr_assert_eq(phase->n_steps, sizeof(want) / sizeof(want[0]), "%zu steps",
		     phase->n_steps);
	for (size_t i = 0; i < phase->n_steps; i++) {
		eq_int(phase->steps[i].verb, want[i].verb);
		eq_str(phase->steps[i].text, want[i].text);
	}
	eq_int(phase->steps[0].select.from, -1);
	eq_int(phase->steps[5].select.from, 1);
	eq_int(phase->steps[5].select.to, 0);
	eq_int(phase->steps[7].select.from, 0);
	cr_expect_eq(phase->steps[7].select.all, true, "all were meant");
	cr_expect_eq(tl_plan_holds(p), true, "it does hold segments");
	tl_plan_free(p);
}

Test(scenario_files, segments_that_passed)
{
	struct tl_plan *p = parse_good("wire.yaml");
	const struct tl_evidence *check = p->claims[0].check;

	eq_int(p->claims[0].n_check, 8);
	eq_int(check[0].kind, TL_EVIDENCE_SEGMENTS);
	eq_int(check[0].phase, 0);
	eq_int(check[0].n_segments, 3);
	has_selector(&check[0].segments[0], TL_SEGMENT_SYN, false, -1, 1);
	eq_int(check[0].segments[1].kind, TL_SEGMENT_SYN_ACK);
	eq_int(check[0].segments[1].from, 0);
	eq_int(check[0].segments[1].to, 1);
	has_selector(&check[0].segments[2], TL_SEGMENT_ACK_OF_SYN, false, -1, 1);
	eq_int(check[1].phase, -1);
	eq_int(check[1].n_segments, 4);
	has_selector(&check[1].segments[3], TL_SEGMENT_RST, false, -1, 1);
	eq_int(check[2].n_segments, 0);
	eq_int(check[2].phase, 0);
	cr_expect_eq(check[2].arrived, false, "sent, where nothing else is said");
	eq_int(check[3].phase, 0);
	cr_expect_eq(check[3].arrived, true, "arrived-in");
	tl_plan_free(p);
}

/* What a claim has for it and against it says what is found. */
Test(scenario_files, claims)
{
	static const struct {
		enum tl_finding finding;
		size_t n_for, n_against;
		bool tied;
	} want[] = {
		{ TL_FINDING_HOLDS, 1, 0, true },   { TL_FINDING_REFUTED, 0, 1, true },
		{ TL_FINDING_REFINED, 2, 1, true }, { TL_FINDING_REFINED, 1, 0, true },
		{ TL_FINDING_REFUTED, 1, 0, false }, { TL_FINDING_HOLDS, 2, 0, true },
	};
	struct tl_plan *p = parse_good("claims.yaml");

	eq_int(p->n_claims, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < p->n_claims; i++) {
		const struct tl_claim *claim = &p->claims[i];
		size_t against = 0;

		for (size_t j = 0; j < claim->n_check; j++)
			against += claim->check[j].against;
		cr_expect_eq(claim->finding, want[i].finding, "%s", claim->id);
		cr_expect_eq(claim->tied, want[i].tied, "%s", claim->id);
		cr_expect_eq(against, want[i].n_against, "%s", claim->id);
		cr_expect_eq(claim->n_check - against, want[i].n_for, "%s", claim->id);
	}
	eq_int(p->claims[1].check[0].phase, 0);
	eq_int(p->claims[0].check[0].anew, TL_ANEW_NOT_ASKED);
	eq_int(p->claims[5].check[0].anew, TL_ANEW_YES);
	eq_int(p->claims[5].check[1].anew, TL_ANEW_NO);
	tl_plan_free(p);
}

static void has_bounds(const struct tl_evidence *ev, enum tl_count count, uint64_t least,
		       uint64_t most)
{
	cr_expect(ev->counted & 1u << count, "%s is not counted", tl_count_name(count));
	cr_expect_eq(ev->counts[count].least, least, "%s", tl_count_name(count));
	cr_expect_eq(ev->counts[count].most, most, "%s", tl_count_name(count));
}

Test(scenario_files, segments_that_are_counted)
{
	struct tl_plan *p = parse_good("wire.yaml");
	const struct tl_evidence *check = p->claims[0].check;

	eq_int(check[4].kind, TL_EVIDENCE_SEGMENT);
	eq_int(check[4].n_segments, 1);
	eq_int(check[4].segments[0].kind, TL_SEGMENT_DATA);
	eq_int(check[4].counted, 1 << TL_COUNT_SENT);
	has_bounds(&check[4], TL_COUNT_SENT, 1, UINT64_MAX);
	eq_int(check[5].segments[0].to, 1);
	has_bounds(&check[5], TL_COUNT_SENT, 3, 3);
	has_bounds(&check[5], TL_COUNT_REPEATED, 1, UINT64_MAX);
	has_bounds(&check[5], TL_COUNT_ABSORBED, 0, 2);
	has_bounds(&check[5], TL_COUNT_LOST, 1, 3);
	has_bounds(&check[5], TL_COUNT_ARRIVED, 1, UINT64_MAX);
	eq_int(check[6].kind, TL_EVIDENCE_SILENT);
	eq_int(check[6].row.owner, 0);
	eq_int(check[6].row.peer, -1);
	eq_int(check[6].n_segments, 0);
	has_evidence(&check[7], TL_EVIDENCE_SILENT, 0, "master -> replica");
	has_selector(&check[7].segments[0], TL_SEGMENT_RST, false, -1, 1);
	tl_plan_free(p);
}

Test(scenario_files, wire_off)
{
	struct parsed p = parse_text("scenario: 1\nname: t\ntitle: T\nwire: off\n"
				     "actors: { a: { redis: { port: 1 } } }\n"
				     "phases: [ { phase: A } ]\n");

	cr_assert_neq(p.plan, NULL, "%s", tl_buf_text(&p.messages));
	eq_int(p.plan->wire, TL_WIRE_OFF);
	parsed_release(&p);
}

Test(scenario_files, spellings)
{
	struct tl_plan *p = parse_good("spellings.yaml");

	eq_int(p->n_phases, 5);
	for (size_t i = 1; i < p->n_phases; i++) {
		eq_int(p->phases[i].n_expects, 10);
		for (size_t k = 0; k < p->phases[i].n_expects; k++)
			eq_int(p->phases[i].expects[k].states, p->phases[0].expects[k].states);
	}
	tl_plan_free(p);
}

Test(scenario_files, minimal)
{
	struct tl_plan *p = parse_good("minimal.yaml");

	eq_int(p->n_watch, 0);
	cr_expect_eq(p->watch, NULL, "nothing was said of ports");
	cr_expect_eq(p->about, NULL, "nothing was said");
	eq_int(p->n_sysctls, 0);
	eq_int(p->n_claims, 0);
	eq_str(p->actors[0].bind, "127.0.0.1");
	eq_int(p->phases[0].n_steps, 0);
	tl_plan_free(p);
}

/* Words that are something else in older YAML, and quotes, do not change what is meant. */
Test(scenario_files, text_that_looks_odd)
{
	struct tl_plan *p = parse_good("text-that-looks-odd.yaml");

	eq_str(p->about, "true");
	eq_str(p->actors[0].name, "yes");
	eq_str(p->actors[1].config[0].value, "no");
	eq_str(p->actors[1].config[1].value, "0x10");
	eq_str(p->phases[0].title, "null");
	eq_int(p->n_phases, 3);
	eq_str(p->phases[2].note, "tab\there, \u00e9");
	tl_plan_free(p);
}

Test(scenario_files, needs)
{
	static const struct {
		enum tl_need_kind kind;
		const char *text;
		const char *program;
		int line, col;
	} want[] = {
		{ TL_NEED_KERNEL, "kernel >= 5.10, < 100 or = 3", NULL, 5, 11 },
		{ TL_NEED_REDIS, "redis = 7.0", NULL, 6, 11 },
		{ TL_NEED_VALKEY, "valkey", NULL, 7, 11 },
		{ TL_NEED_PROGRAM, "program sh", "sh", 8, 13 },
		{ TL_NEED_PROGRAM, "program /bin/cat", "/bin/cat", 8, 17 },
		{ TL_NEED_WIRE, "wire", NULL, 9, 9 },
		{ TL_NEED_IPV6, "ipv6", NULL, 10, 9 },
	};
	struct tl_plan *p = parse_good("needs.yaml");
	struct tl_buf text = { 0 };

	cr_assert_eq(p->n_needs, sizeof(want) / sizeof(want[0]), "%zu needs", p->n_needs);
	for (size_t i = 0; i < p->n_needs; i++) {
		const struct tl_need *need = &p->needs[i];

		eq_int(need->kind, want[i].kind);
		eq_str(need->text, want[i].text);
		cr_expect_eq(!need->program, !want[i].program, "%s", need->text);
		if (need->program && want[i].program)
			eq_str(need->program, want[i].program);
		eq_int(need->where.line, want[i].line);
		eq_int(need->where.col, want[i].col);
		cr_expect(tl_plan_needs(p, need->kind));
	}
	eq_int(p->needs[0].n_versions, 2);
	eq_int(p->needs[0].versions[0].n, 2);
	eq_int(p->needs[0].versions[0].bound[1].comparison, TL_VERSION_BELOW);
	eq_int(p->needs[0].versions[0].bound[1].version.part[0], 100);
	eq_int(p->needs[2].n_versions, 0);
	tl_plan_say_needs(p, &text);
	cr_expect_eq(strncmp(tl_buf_text(&text), "kernel >= 5.10, < 100 or = 3, redis", 35), 0,
		     "%s", tl_buf_text(&text));
	tl_buf_release(&text);
	tl_plan_free(p);
}

Test(scenario_files, good)
{
	static const char *const where[] = { FIXTURES "/good/*.yaml",
					     TL_SOURCE_DIR "/scenarios/*/*.yaml" };

	for (size_t w = 0; w < 2; w++) {
		glob_t found = files(where[w]);

		for (size_t i = 0; i < found.gl_pathc; i++) {
			struct tl_buf text = slurp(found.gl_pathv[i]);
			struct parsed p = parse(found.gl_pathv[i], text.data, text.len);

			eq_int(p.rc, 0);
			eq_str(tl_buf_text(&p.messages), "");
			cr_expect_neq(p.plan, NULL, "%s gave no plan", found.gl_pathv[i]);
			parsed_release(&p);
			tl_buf_release(&text);
		}
		globfree(&found);
	}
}

/* Of what ships each finding follows from its evidence: changed by hand, it is refused. */
Test(scenario_files, findings_are_tied_to_their_evidence)
{
	glob_t found = files(TL_SOURCE_DIR "/scenarios/*/*.yaml");

	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct tl_buf text = slurp(found.gl_pathv[i]);
		struct parsed p = parse(found.gl_pathv[i], text.data, text.len);

		for (size_t k = 0; p.plan && k < p.plan->n_claims; k++)
			cr_expect(p.plan->claims[k].tied, "%s: %s", found.gl_pathv[i],
				  p.plan->claims[k].id);
		parsed_release(&p);
		tl_buf_release(&text);
	}
	globfree(&found);
}

/* A shipped scenario is found by the name it has inside. */
Test(scenario_files, named_as_the_file)
{
	const char *prefix = TL_SOURCE_DIR "/scenarios/";
	glob_t found = files(TL_SOURCE_DIR "/scenarios/redis/*.yaml");

	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		struct tl_buf text = slurp(path);
		struct parsed p = parse(path, text.data, text.len);

		cr_assert_neq(p.plan, NULL, "%s", tl_buf_text(&p.messages));
		path += strlen(prefix);
		cr_expect_eq(strncmp(path, p.plan->name, strlen(p.plan->name)), 0,
			     "%s is named %s", path, p.plan->name);
		eq_str(path + strlen(p.plan->name), ".yaml");
		parsed_release(&p);
		tl_buf_release(&text);
	}
	globfree(&found);
}

/* "open" and "repeat" are written out as steps. */
Test(scenario_expanded, steps)
{
	static const char *const texts[] = {
		"start server",
		"listen server",
		"start client",
		"connect client to server",
		"accept server",
		"start other",
		"listen other",
		"connect client to other (as second)",
		"accept other (as second)",
		"connect client to server (as c1, from 52001)",
		"accept server (as s-1)",
		"send client (on c1, bytes 1)",
		"connect other to server (as o1)",
		"accept server (as o1)",
		"connect client to server (as c2, from 52002)",
	};
	struct tl_plan *expanded = parse_good("expanded.yaml");
	const struct tl_phase *phase = &expanded->phases[0];

	eq_int(phase->n_steps, 9 + 3 * 5 + 1 + 2 + 5);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		eq_str(phase->steps[i].text, texts[i]);
	eq_int(phase->steps[9].call.from.port, 52001);
	eq_int(phase->steps[9].where.line, phase->steps[14].where.line);
	eq_str(phase->steps[24].text, "pause 200ms");
	eq_int(phase->steps[24].time_ns, 200000000);
	eq_str(phase->steps[25].text, "close client (on c2)");
	/* What has ended is started again, and listens again. */
	eq_str(phase->steps[28].text, "start server");
	eq_str(phase->steps[29].text, "listen server");
	eq_str(phase->steps[30].text, "connect other to server");
	tl_plan_free(expanded);
}

/* A text that begins with "What you see:", and then says why, is a complaint; no other is. */
Test(scenario_files, complaint)
{
	static const char frame[] = "scenario: 1\nname: c\ntitle: C\nabout: |\n%s\n"
				    "actors: { m: { redis: { port: 6379 } } }\nphases: [ { phase: P } ]\n";
	static const char *const none[] = {
		"  Why: it is so. What to do: wait.", "  First of all. What you see: A. Why: B.",
		"  What you see: A. What to do: C. And B.", "  What you see: A.",
	};
	char text[512];
	struct parsed p;

	snprintf(text, sizeof(text), frame, "  What you see: A.\n  B. Why: C.\n  What to do:\n  D.");
	p = parse_text(text);
	cr_assert_not_null(p.plan, "%s", tl_buf_text(&p.messages));
	eq_str(p.plan->complaint[TL_COMPLAINT_SEES], "A.\nB. ");
	eq_str(p.plan->complaint[TL_COMPLAINT_WHY], "C.\n");
	eq_str(p.plan->complaint[TL_COMPLAINT_TO_DO], "D.");
	parsed_release(&p);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(text, sizeof(text), frame, none[i]);
		p = parse_text(text);
		cr_assert_not_null(p.plan, "%s", tl_buf_text(&p.messages));
		for (size_t part = 0; part < TL_N_COMPLAINT_PARTS; part++)
			cr_expect_null(p.plan->complaint[part], "%s", none[i]);
		parsed_release(&p);
	}
}
