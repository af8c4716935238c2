/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls of peers: what comes into the plan, and what the scenario leaves to us. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "scenario_files.h"
#include "tcplab/answer.h"

#define eq_str(a, b) cr_expect_str_eq(a, b, "\"%s\" is not \"%s\"", a, b)
#define eq_int(a, b) cr_expect_eq(a, b, "%lld is not %lld", (long long)(a), (long long)(b))

static struct tl_plan *plan;

static void read_calls(void)
{
	plan = parse_good("calls.yaml");
}

static void release(void)
{
	tl_plan_free(plan);
}

TestSuite(scenario_calls, .init = read_calls, .fini = release);

static const struct tl_step *step(int phase, int i)
{
	return &plan->phases[phase].steps[i];
}

static void at_is(const struct tl_endpoint *ep, const char *want)
{
	char text[TL_ENDPOINT_TEXT];

	if (ep->family)
		eq_str(tl_endpoint_text(ep, text), want);
	else
		eq_str("none", want);
}

Test(scenario_calls, actors)
{
	eq_int(plan->actors[0].kind, TL_ACTOR_KIND_PEER);
	eq_int(plan->actors[0].port, 0);
	eq_str(plan->actors[0].bind, "127.0.0.1");
	eq_int(plan->actors[1].port, 7000);
	eq_str(plan->actors[1].bind, "0.0.0.0");
	eq_int(plan->actors[3].kind, TL_ACTOR_KIND_REDIS);
}

Test(scenario_calls, reach)
{
	static const char *const want[] = { "127.0.0.1:*", "127.0.0.1:7000", "::1:*",
					    "127.0.0.1:6379" };

	for (int i = 0; i < 4; i++) {
		struct tl_endpoint ep = tl_plan_reach(plan, i);

		at_is(&ep, want[i]);
	}
}

Test(scenario_calls, listen)
{
	const struct tl_call *plain = &step(0, 4)->call, *small = &step(0, 5)->call;

	eq_str(plain->on, "listener");
	at_is(&plain->at, "0.0.0.0:7000");
	eq_int(plain->backlog, 128);
	eq_int(plain->reuse, true);
	eq_int(plain->expect, 0);
	eq_str(small->on, "small");
	at_is(&small->at, "127.0.0.2:7001");
	eq_int(small->backlog, 0);
	eq_int(small->reuse, false);
	eq_int(small->receive_buffer, 4096);
	eq_int(small->send_buffer, 8192);
	at_is(&step(0, 6)->call.at, ":::7002");
	eq_int(step(0, 7)->call.expect, EADDRINUSE);
	eq_str(step(0, 7)->text, "listen other (port 7000, as taken, expect EADDRINUSE)");
}

Test(scenario_calls, connect)
{
	static const struct {
		const char *on, *at, *from, *text;
		bool opens, wait;
	} want[] = {
		{ "connection", "127.0.0.1:7000", "none", "connect client to server", true, true },
		{ "b", "127.0.0.2:7001", "127.0.0.1:40000",
		  "connect client to server (port 7001, as b, from 40000, wait no)", true, false },
		{ "c", "::1:7002", "::1:40001",
		  "connect client to other (as c, from [::1]:40001, reuse false)", true, true },
		{ "d", "127.0.0.1:6379", "none", "connect client to master (as d)", true, true },
		{ "e", "127.0.0.3:9", "none",
		  "connect client to 127.0.0.3:9 (as e, wait false, receive-buffer 1, "
		  "send-buffer 1)",
		  true, false },
		{ "f", "::1:9", "none", "connect client to [::1]:9 (as f, expect ECONNREFUSED)",
		  true, true },
		{ "b", "127.0.0.1:7000", "none",
		  "connect client to server (on b, expect EISCONN)", false, true },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct tl_call *call = &step(1, i)->call;

		eq_int(step(1, i)->verb, TL_VERB_CONNECT);
		eq_int(step(1, i)->actor, 0);
		eq_str(step(1, i)->text, want[i].text);
		eq_str(call->on, want[i].on);
		at_is(&call->at, want[i].at);
		at_is(&call->from, want[i].from);
		eq_int(call->opens, want[i].opens);
		eq_int(call->wait, want[i].wait);
	}
	eq_int(step(1, 7)->call.expect, ETIMEDOUT);
	eq_str(step(1, 8)->call.on, "b");
}

Test(scenario_calls, accept)
{
	eq_str(step(2, 0)->call.on, "connection");
	eq_str(step(2, 0)->call.listener, "listener");
	eq_str(step(2, 1)->call.on, "b");
	eq_str(step(2, 1)->call.listener, "small");
	eq_str(step(2, 2)->call.listener, "listener");
	eq_int(step(2, 2)->call.wait, false);
}

Test(scenario_calls, send_and_receive)
{
	eq_int(step(2, 3)->call.bytes, 1000);
	cr_expect_eq(step(2, 3)->call.text, NULL, "no text was given");
	eq_str(step(2, 4)->call.text, "good day");
	eq_str(step(2, 4)->text, "send client (on b, text \"good day\", expect EPIPE)");
	eq_int(step(2, 5)->call.receive, TL_RECEIVE_ANY);
	eq_int(step(2, 6)->call.receive, TL_RECEIVE_EXACT);
	eq_int(step(2, 6)->call.bytes, 8);
	eq_int(step(2, 7)->call.receive, TL_RECEIVE_END);
}

Test(scenario_calls, shutdown_and_close)
{
	eq_int(step(2, 8)->call.how, SHUT_WR);
	eq_int(step(2, 9)->call.how, SHUT_RD);
	eq_int(step(2, 10)->call.how, SHUT_RDWR);
	eq_str(step(2, 11)->call.on, "b");
	/* The connection first, as long as there is one. */
	eq_str(step(2, 12)->call.on, "connection");
	eq_str(step(2, 14)->call.on, "listener");
}

Test(scenario_calls, every_call_is_here)
{
	/* the next tests */
	uint64_t seen = UINT64_C(1) << TL_VERB_SET | UINT64_C(1) << TL_VERB_ANSWERED |
			UINT64_C(1) << TL_VERB_DUP | UINT64_C(1) << TL_VERB_FORK |
			UINT64_C(1) << TL_VERB_REAP | UINT64_C(1) << TL_VERB_GIVE;

	for (size_t p = 0; p < plan->n_phases; p++)
		for (size_t s = 0; s < plan->phases[p].n_steps; s++)
			seen |= UINT64_C(1) << step(p, s)->verb;
	for (enum tl_verb verb = 0; verb < TL_N_VERBS; verb++)
		if (tl_verb_is_of_peer(verb))
			cr_expect_neq(seen & UINT64_C(1) << verb, 0, "no %s", tl_verb_name(verb));
	cr_expect_eq(tl_verb_is_of_peer(TL_VERB_PASS), false, "a verb of the wire");
	cr_expect_eq(tl_verb_is_of_wire(TL_VERB_LISTEN), false, "a verb of peers");
}

Test(scenario_calls, begun_and_answered)
{
	struct tl_plan *later = parse_good("later.yaml");
	const struct tl_step *steps = later->phases[0].steps;

	eq_int(steps[3].call.later, true);
	eq_int(steps[3].call.opens, false);
	eq_int(steps[5].call.later, false); /* a connect is begun by not being waited for */
	eq_int(steps[5].call.wait, false);
	eq_int(steps[7].call.of, TL_VERB_CONNECT);
	eq_str(steps[7].call.on, "connection");
	eq_int(steps[8].call.of, TL_VERB_ACCEPT);
	eq_int(steps[8].call.opens, true);
	eq_str(steps[8].call.on, "one");
	eq_str(steps[8].call.listener, "listener");
	steps = later->phases[1].steps;
	eq_int(steps[2].call.of, TL_VERB_RECEIVE);
	eq_int(steps[2].call.bytes, 5);
	tl_plan_free(later);
}

Test(scenario_calls, shared)
{
	struct tl_plan *shared = parse_good("share.yaml");
	const struct tl_step *steps = shared->phases[0].steps;

	eq_str(steps[6].call.listener, "connection");
	eq_str(steps[6].call.on, "copy");
	steps = shared->phases[1].steps;
	eq_str(steps[0].call.on, "copy");
	eq_str(steps[0].call.given_to, "worker");
	eq_str(steps[0].call.given_as, "handed");
	eq_int(steps[0].call.to, 2);
	steps = shared->phases[2].steps;
	eq_str(steps[0].call.on, "child");
	eq_str(shared->phases[3].steps[0].call.on, "child");
	tl_plan_free(shared);
}

static void has_option(const struct tl_step *step, enum tl_option option, uint32_t value)
{
	cr_expect_neq(step->call.options.set & 1u << option, 0, "%s is not set in \"%s\"",
		      tl_option_key(option), step->text);
	eq_int(step->call.options.value[option], value);
}

Test(scenario_options, values)
{
	struct tl_plan *options = parse_good("options.yaml");
	const struct tl_step *steps = options->phases[0].steps;

	has_option(&steps[2], TL_OPTION_DEFER_ACCEPT, 3);
	has_option(&steps[2], TL_OPTION_FAST_OPEN, 10);
	has_option(&steps[2], TL_OPTION_REUSE_PORT, 1);
	has_option(&steps[2], TL_OPTION_KEEPALIVE, 0);
	has_option(&steps[3], TL_OPTION_USER_TIMEOUT, 1500);
	has_option(&steps[3], TL_OPTION_FAST_OPEN, 1);
	eq_int(steps[3].call.from.port, 0);
	eq_int(steps[3].call.from.family, AF_INET);
	has_option(&steps[4], TL_OPTION_KEEPALIVE, 1);
	has_option(&steps[4], TL_OPTION_KEEP_PROBES, 3);
	eq_int(steps[5].verb, TL_VERB_SET);
	has_option(&steps[5], TL_OPTION_LINGER, 2);
	has_option(&steps[5], TL_OPTION_QUICK_ACK, 0);
	eq_int(steps[5].call.options.set & 1u << TL_OPTION_KEEPALIVE, 0);
	eq_str(steps[6].call.text, "GET / HTTP/1.0\r\nHost: 100%\r\n\r\n");
	eq_str(steps[6].text,
	       "send client (text \"GET / HTTP/1.0\\r\\nHost: 100%\\r\\n\\r\\n\")");
	cr_expect(steps[7].call.full, "until: full");
	has_option(&steps[8], TL_OPTION_LINGER, 0);
	tl_plan_free(options);
}

Test(scenario_answers, names)
{
	eq_int(tl_answer_parse("ECONNREFUSED", 12), ECONNREFUSED);
	eq_int(tl_answer_parse("ECONNREFUSED", 5), 0);
	eq_int(tl_answer_parse("ENOENT", 6), 0);
	eq_str(tl_answer_name(ETIMEDOUT), "ETIMEDOUT");
	eq_str(tl_answer_name(ENOENT), "No such file or directory");
}
