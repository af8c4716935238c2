/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules: on a few rows, on hosts that are well by a little, and where they lead to. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host_fixture.h"
#include "tcplab/buf.h"
#include "tcplab/diagnosis.h"
#include "tcplab/leads.h"
#include "tcplab/lexicon.h"
#include "tcplab/sieve.h"

/* Each rule on a few rows, and the neighbour that it must not take for one. */
Test(host, rules)
{
	static const struct {
		const char *text, *rule; /* NULL: none */
	} cases[] = {
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:20000 lastrcv:20000 lastack:15000\n", "close-wait-leak" },
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:200 lastrcv:200 lastack:150\n", NULL },
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 ino:9 lastsnd:20000 lastrcv:20000 "
		  "lastack:15000\n", "close-wait-unseen" },
		{ "LISTEN 5 4 0.0.0.0:80 0.0.0.0:* ino:9\n", "accept-queue-full" },
		{ "LISTEN 1 128 0.0.0.0:80 0.0.0.0:* ino:9\n", NULL },
		{ "FIN-WAIT-1 0 5001 10.0.0.1:80 10.0.0.9:4000 timer:(persist,1sec,2) ino:0\n",
		  "fin-behind-data" },
		{ "FIN-WAIT-1 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(on,1sec,3) ino:0\n",
		  "fin-unanswered" },
		{ "FIN-WAIT-1 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(on,200ms,0) ino:0\n", NULL },
		{ "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(on,1sec,3) ino:0\n",
		  "last-ack-stuck" },
		{ "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,2) ino:9\n",
		  "syn-unanswered" },
		{ "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,1) ino:9\n", NULL },
		{ "LISTEN 1 1 0.0.0.0:80 0.0.0.0:* ino:9\n", NULL },
		{ "LISTEN 5 4 0.0.0.0:80 0.0.0.0:* ino:9 lastack:9\n", NULL }, /* a burst */
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,3) ino:9\n", "half-open" },
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,2) ino:9\n", "half-open" },
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,1) ino:9\n", NULL },
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,0) ino:9\n", NULL },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,0) ino:9 backoff:2 "
		  "lastsnd:3100 lastack:1 snd_wnd:0\n", "window-shut" },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,0) ino:9 backoff:2 "
		  "lastsnd:3100 lastack:1 snd_wnd:65535\n", NULL }, /* this host cannot send */
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,0) ino:9 backoff:2 "
		  "lastsnd:2000 lastack:1 snd_wnd:0\n", NULL }, /* a reader that is slow */
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,3) ino:9 backoff:4 "
		  "lastsnd:9000 lastack:8000 snd_wnd:0\n", "half-open" }, /* no answer to probes */
		{ "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(persist,2sec,2) ino:0 snd_wnd:65535\n",
		  "last-ack-stuck" }, /* this host cannot send, for some time now */
		{ "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(persist,2sec,1) ino:0 snd_wnd:65535\n", NULL },
		{ "FIN-WAIT-1 0 901 10.0.0.1:80 10.0.0.9:4000 timer:(persist,2sec,4) ino:0 backoff:4 "
		  "lastsnd:9000 lastack:8000 snd_wnd:65535\n", "fin-unanswered" },
		{ "FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:90000 lastrcv:90000 lastack:61000\n", "fin-wait2-held" },
		{ "FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.9:80 ino:9 lastsnd:90000 lastrcv:90000 "
		  "lastack:61000\n", "fin-wait2-held" }, /* by whom is not seen */
		{ "FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:40000 lastrcv:40000 lastack:35000\n", NULL }, /* an answer that takes time */
		{ "FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:90000 lastrcv:10 lastack:10\n", NULL }, /* a download that moves */
		{ "FIN-WAIT-1 0 5001 10.0.0.1:80 10.0.0.9:4000 timer:(persist,200ms,0) ino:0 "
		  "lastsnd:100 lastack:50 snd_wnd:0\n", NULL }, /* a slow reader of an answer */
		{ "FIN-WAIT-1 0 5001 10.0.0.1:80 10.0.0.9:4000 timer:(on,200ms,0) ino:0 "
		  "lastsnd:100 lastack:50 snd_wnd:65535\n", NULL }, /* sends its last data */
		{ "FIN-WAIT-1 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(persist,1sec,2) ino:0\n", NULL },
		{ "FIN-WAIT-1 0 5001 10.0.0.1:80 10.0.0.9:4000 timer:(on,2sec,4) ino:0\n",
		  "fin-unanswered" },
		{ "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(on,400ms,1) ino:0\n", NULL },
		{ "LAST-ACK 0 801 10.0.0.1:80 10.0.0.9:4000 timer:(on,200ms,0) ino:0\n", NULL },
		{ "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:80 timer:(on,900ms,0) ino:9\n", NULL },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(on,400ms,2) ino:9\n", NULL },
		{ "CLOSE-WAIT 1 0 10.0.0.1:80 10.0.0.9:4000 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:10 lastrcv:60000 lastack:12\n", NULL }, /* an answer to a half-closed client */
		{ "CLOSE-WAIT 1 700 10.0.0.1:80 10.0.0.9:4000 users:((\"a\",pid=1,fd=3)) ino:9 timer:(on,9sec,0) "
		  "lastsnd:20000 lastrcv:20000 lastack:15000\n", NULL }, /* one that is on its way */
		{ "CLOSE-WAIT 1 700 10.0.0.1:80 10.0.0.9:4000 users:((\"a\",pid=1,fd=3)) ino:9 timer:(on,9sec,6) "
		  "lastsnd:20000 lastrcv:20000 lastack:15000\n", "half-open" }, /* and does not arrive */
		{ "CLOSE-WAIT 1 700 10.0.0.1:80 10.0.0.9:4000 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "timer:(persist,9sec,0) backoff:7 lastsnd:40000 lastrcv:40000 lastack:15000 snd_wnd:0\n",
		  "window-shut" }, /* and is not read */
		{ "TIME-WAIT 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(timewait,59sec,0) ino:0\n", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_host look = host_read_saved(cases[i].text, 1);
		const struct tl_rule *rule = tl_group_rule(&look, &look.groups[0]);

		cr_expect_str_eq(rule ? tl_lead(rule->lead)->id : "none", cases[i].rule ? cases[i].rule : "none", "%s",
				 cases[i].text);
		tl_host_release(&look);
	}
}

/* What it is stands before what to do, also where the rule says the latter with its evidence. */
Test(host, what_to_do_comes_after_what_it_is)
{
	struct tl_host look = host_read_saved(
		"CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		"lastsnd:20000 lastrcv:20000 lastack:15000\n", 1);
	struct tl_diagnoses found = { 0 };
	const struct tl_diagnosis *one;
	struct tl_err err;
	size_t at[TL_N_REMARKS] = { 0 };

	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_assert_eq(found.n, 1);
	one = &found.v[0];
	for (size_t i = 0; i < one->n_remarks; i++)
		at[one->remarks[i].kind] = i;
	cr_assert(at[TL_REMARK_SO] && at[TL_REMARK_NOW]);
	cr_expect_lt(at[TL_REMARK_SO], at[TL_REMARK_NOW]);
	cr_expect_lt(at[TL_REMARK_NOW], at[TL_REMARK_SEE]);
	tl_diagnoses_release(&found);
	tl_host_release(&look);
}

/* @n rows like one: each "%d" of it becomes a number of its own. */
static void add_rows(struct tl_buf *out, const char *like, int n)
{
	const char *at = strstr(like, "%d");

	for (int i = 0; i < n; i++)
		tl_buf_fmt(out, "%.*s%d%s\n", at ? (int)(at - like) : (int)strlen(like), like,
			   4000 + i, at ? at + 2 : "");
}

/* Hosts that are well and look nearly as if they were not; and how much more it takes. */
Test(host, well_by_a_little)
{
	static const char late[] = "CLOSE-WAIT 1 0 10.0.0.1:80 10.0.0.9:%d "
				   "users:((\"a\",pid=1,fd=3)) ino:9 lastsnd:9 lastrcv:3500 lastack:3400";
	static const char young[] = "CLOSE-WAIT 1 0 10.0.0.1:80 10.0.0.9:%d "
				    "users:((\"a\",pid=1,fd=3)) ino:9 lastsnd:9 lastrcv:999 lastack:900";
	static const char closed[] = "TIME-WAIT 0 0 10.0.0.1:%d 10.0.0.9:80 timer:(timewait,9sec,0) ino:0";
	static const char served[] = "TIME-WAIT 0 0 10.0.0.1:80 10.0.0.9:%d timer:(timewait,9sec,0) ino:0";
	static const char request[] = "SYN-RECV 0 0 10.0.0.1:80 10.0.0.9:%d timer:(on,1sec,0) ino:0";
	static const char again[] = "SYN-RECV 0 0 10.0.0.1:80 10.0.0.8:%d timer:(on,1sec,1) ino:0";
	static const char queued[] = "ESTAB 9 0 10.0.0.1:80 10.0.0.9:%d ino:0 lastrcv:1500 lastack:1400";
	static const char stale[] = "ESTAB 9 0 10.0.0.1:80 10.0.0.9:%d ino:0 lastrcv:2500 lastack:2400";
	static const char held[] = "FIN-WAIT-2 0 0 10.0.0.1:%d 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
				   "lastsnd:20000 lastrcv:20000 lastack:11000";
	static const char full[] = "LISTEN 9 8 0.0.0.0:80 0.0.0.0:* ino:9";
	static const char listens[] = "LISTEN 9 64 0.0.0.0:80 0.0.0.0:* ino:9";
	static const char bare[] = "ESTAB 9 0 10.0.0.1:80 10.0.0.9:%d ino:0";
	static const char busy[] = "LISTEN 30 512 0.0.0.0:80 0.0.0.0:* ino:9";
	static const char orphan[] = "FIN-WAIT-2 0 0 10.0.0.1:%d 10.0.0.9:80 timer:(timewait,58sec,0) ino:0";
	static const struct {
		const char *like;
		int n;
		const char *also;
		int n_also;
		const char *rule;
	} cases[] = {
		{ young, 2000, NULL, 0, NULL },     /* short ones, as a busy server has */
		{ young, 2000, late, 1, NULL },     /* one slow request among them */
		{ young, 30, late, 20, "close-wait-leak" },
		{ closed, 3000, NULL, 0, NULL },    /* ports aplenty */
		{ closed, 7100, NULL, 0, "time-wait-churn" },
		{ served, 7100, listens, 1, NULL }, /* a listener's own port: none is used up */
		{ request, 200, NULL, 0, NULL },    /* as many as come in a round trip */
		{ request, 200, again, 3, NULL },
		{ request, 30, again, 25, "syn-flood" },
		{ orphan, 50, NULL, 0, NULL },      /* two seconds: the other end is slow */
		{ listens, 1, queued, 9, NULL },    /* a second and a half in a queue */
		{ listens, 1, stale, 9, "never-accepted" },
		{ full, 1, queued, 9, "accept-queue-full" },
		{ busy, 1, bare, 30, NULL },        /* no times: thirty of 512 */
		{ again, 30, full, 1, "accept-queue-full" }, /* no flood: this end drops the last ACKs */
		{ held, 19, NULL, 0, NULL },
		{ held, 20, NULL, 0, "fin-wait2-held" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_buf text = { 0 };
		const struct tl_rule *rule = NULL;
		struct tl_host look;

		add_rows(&text, cases[i].like, cases[i].n);
		if (cases[i].also)
			add_rows(&text, cases[i].also, cases[i].n_also);
		look = host_read_saved(tl_buf_text(&text), cases[i].n + cases[i].n_also);
		look.knobs.setting[TL_KNOB_FIN_TIMEOUT] = 60;
		for (size_t g = 0; g < look.n_groups && !rule; g++)
			rule = tl_group_rule(&look, &look.groups[g]);
		cr_expect_str_eq(rule ? tl_lead(rule->lead)->id : "none",
				 cases[i].rule ? cases[i].rule : "none", "%s", cases[i].like);
		tl_host_release(&look);
		tl_buf_release(&text);
	}
}

/* Of one group some rows have it and some are well: those that are named have it. */
Test(host, rows_that_are_named_have_it)
{
	static const struct {
		const char *well, *well_more, *ill, *ill_more;
	} cases[] = {
		{ "ESTAB 0 0", "ino:0",
		  "ESTAB 0 9", "timer:(on,1sec,3) ino:0" },
		{ "ESTAB 0 0", "ino:0",
		  "ESTAB 0 9", "timer:(persist,1sec,0) ino:0 backoff:2 snd_wnd:0" },
		{ "FIN-WAIT-1 0 1", "timer:(on,200ms,0) ino:0",
		  "FIN-WAIT-1 0 1", "timer:(on,1sec,3) ino:0" },
		{ "FIN-WAIT-1 0 1", "timer:(on,200ms,0) ino:0",
		  "FIN-WAIT-1 0 5001", "timer:(persist,1sec,2) ino:0" },
		{ "SYN-SENT 0 1", "timer:(on,1sec,0) ino:0",
		  "SYN-SENT 0 1", "timer:(on,1sec,2) ino:0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_diagnoses found = { 0 };
		struct tl_err err;
		struct tl_buf text = { 0 };
		struct tl_host look;
		size_t named = 0;

		for (int port = 4000; port < 4005; port++)
			tl_buf_fmt(&text, "%s 10.0.0.1:%d 10.0.0.9:80 %s\n",
				   port == 4003 ? cases[i].ill : cases[i].well, port,
				   port == 4003 ? cases[i].ill_more : cases[i].well_more);
		look = host_read_saved(tl_buf_text(&text), 5);
		cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
		cr_assert_eq(found.n, 1, "%zu", i);
		for (size_t j = 0; j < found.v[0].n_remarks; j++)
			if (found.v[0].remarks[j].kind == TL_REMARK_ROWS) {
				cr_expect_str_eq(found.v[0].remarks[j].text, "10.0.0.1:4003 -> 10.0.0.9:80");
				named++;
			}
		cr_expect_eq(named, 1, "%zu", i);
		tl_diagnoses_release(&found);
		tl_host_release(&look);
		tl_buf_release(&text);
	}
}

/* Half-closed on purpose: the other end, on this host too, waits for what this one says. */
Test(host, half_closed_is_no_leak)
{
	static const char text[] =
		"CLOSE-WAIT 1 0 10.0.0.1:80 10.0.0.1:4000 users:((\"a\",pid=1,fd=3)) ino:9 "
		"lastsnd:20000 lastrcv:20000 lastack:15000\n"
		"FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.1:80 users:((\"b\",pid=2,fd=3)) ino:10 "
		"lastsnd:20000 lastrcv:20000 lastack:15000\n";
	struct tl_host look = host_read_saved(text, 2);

	for (size_t i = 0; i < look.n_groups; i++)
		cr_expect_null(tl_group_rule(&look, &look.groups[i]));
	tl_host_release(&look);
}

/* Each diagnosis has one rule, leads to scenarios that are there, and each of them leads back. */
Test(host, rules_lead_to_scenarios_and_back)
{
	size_t n, rows[TL_N_LEADS] = { 0 };
	const struct tl_rule *rules = tl_rules(&n);
	char path[256];

	for (size_t i = 0; i < n; i++)
		rows[rules[i].lead]++;
	for (int i = 0; i < TL_N_LEADS; i++) {
		const struct tl_lead *lead = tl_lead(i);
		const char *ask = lead->command + strlen("why ");

		cr_expect_eq(rows[i], 1, "%s has %zu rules", lead->id, rows[i]);
		cr_expect(tl_lexicon_state(lead->state), "%s: no state", lead->id);
		cr_expect_eq(tl_state_parse(ask, strlen(ask)), lead->state, "%s: %s", lead->id, ask);
		for (const char *const *name = lead->scenarios; *name; name++) {
			snprintf(path, sizeof(path), "scenarios/%s.yaml", *name);
			cr_expect_eq(access(path, R_OK), 0, "%s: %s", lead->id, path);
			cr_expect(tl_lead_from(TL_LIST(*name)), "%s leads nowhere", *name);
		}
		cr_expect_eq(tl_lead_from(lead->scenarios)->state, lead->state, "%s: %s", lead->id,
			     lead->scenarios[0]);
	}
	cr_expect_null(tl_lead_from(TL_LIST("field/half-ope")));
	cr_expect_null(tl_lead_from(TL_NO_LIST));
	cr_expect_eq(tl_lead_from(TL_LIST("rfc9293/abort", "field/half-open")),
		     tl_lead(TL_LEAD_HALF_OPEN));
}

/* Every scenario of field/ and redis/ says what shows it on a host, or that nothing does. */
Test(host, scenarios_lead_to_hosts)
{
	static const char *const folders[] = { "field", "redis" };
	size_t nothing = 0, n = 0;

	for (size_t i = 0; i < 2; i++) {
		char path[64], name[320];
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof(path), "scenarios/%s", folders[i]);
		dir = opendir(path);
		cr_assert_not_null(dir);
		while ((entry = readdir(dir))) {
			const char *end = strstr(entry->d_name, ".yaml"), *command;

			if (!end)
				continue;
			snprintf(name, sizeof(name), "%s/%.*s", folders[i],
				 (int)(end - entry->d_name), entry->d_name);
			command = tl_lead_command(TL_LIST(name));
			cr_expect_not_null(command, "%s leads to no command", name);
			nothing += command && !*command;
			n++;
		}
		closedir(dir);
	}
	cr_expect_gt(n, 50);
	cr_expect_eq(nothing, 3);
	cr_expect_str_eq(tl_lead_command(TL_LIST("field/self-connect")), "snap established");
	cr_expect_str_eq(tl_lead_command(TL_LIST("field/half-open")), "why established");
	cr_expect_null(tl_lead_command(TL_LIST("rfc9293/no-such")));
}

/* A quarter of tcp_max_orphans, where that is known. */
Test(host, orphans)
{
	struct tl_buf text = { 0 };
	struct tl_host look;

	for (int i = 0; i < 30; i++)
		tl_buf_fmt(&text, "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:%d timer:(on,200ms,0) ino:0\n", 4000 + i);
	look = host_read_saved(tl_buf_text(&text), 30);
	cr_expect_null(tl_group_rule(&look, &look.groups[0]));
	look.knobs.setting[TL_KNOB_MAX_ORPHANS] = 121;
	cr_assert(tl_group_rule(&look, &look.groups[0]));
	cr_expect_eq(tl_group_rule(&look, &look.groups[0])->lead, TL_LEAD_ORPHANS);
	look.knobs.setting[TL_KNOB_MAX_ORPHANS] = 124;
	cr_expect_null(tl_group_rule(&look, &look.groups[0]));
	look.knobs.setting[TL_KNOB_MAX_ORPHANS] = 121;
	for (size_t i = 0; i < look.n; i++)
		look.rows[i].sock.retrans = 3;
	cr_expect_eq(tl_group_rule(&look, &look.groups[0])->lead, TL_LEAD_ORPHANS, "whatever each waits for");
	for (size_t i = 0; i < look.n; i++)
		look.rows[i].sock.retrans = 0;
	look.groups[0].n = 19;
	look.knobs.setting[TL_KNOB_MAX_ORPHANS] = 40;
	cr_expect_null(tl_group_rule(&look, &look.groups[0]), "few, however low the limit");
	tl_host_release(&look);
	tl_buf_release(&text);
}

/* Each address of ours has all ports: those of another one, whichever process has them, take none. */
Test(host, ports_of_several_addresses)
{
	struct tl_buf text = { 0 };
	struct tl_diagnoses found = { 0 };
	struct tl_host look;
	struct tl_err err;

	add_rows(&text, "ESTAB 0 0 10.0.0.1:%d 10.0.0.9:80 users:((\"a\",pid=1,fd=3))", 50);
	add_rows(&text, "ESTAB 0 0 10.0.0.2:%d 10.0.0.9:80 users:((\"b\",pid=2,fd=3))", 50);
	add_rows(&text, "ESTAB 0 0 10.0.0.3:%d 10.0.0.9:80 users:((\"b\",pid=2,fd=3))", 20);
	look = host_read_saved(tl_buf_text(&text), 120);
	look.knobs.port_low = 4000;
	look.knobs.port_high = 4099;
	for (size_t i = 0; i < look.n_groups; i++)
		cr_expect_null(tl_group_rule(&look, &look.groups[i]), "half of the ports of each are free");
	look.knobs.port_high = 4049;
	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_assert_eq(found.n, 2);
	for (size_t i = 0; i < found.n; i++) {
		const char *from = strstr(found.v[i].head, "10.0.0.9:80") && look.groups[found.v[i].group].n == 50 ?
				   "50 of 50 local ports of ip_local_port_range (4000 to 4049) are in use from 10.0.0.1 " :
				   "50 of 50 local ports of ip_local_port_range (4000 to 4049) are in use from 10.0.0.2 ";

		cr_expect_eq(found.v[i].remarks[0].kind, TL_REMARK_PORTS);
		cr_expect(strstr(found.v[i].remarks[0].text, from), "%s", found.v[i].remarks[0].text);
	}
	tl_diagnoses_release(&found);
	tl_host_release(&look);
	tl_buf_release(&text);
}

/* Ports are taken by all programs, in all states: one finding, of all; those reserved are none. */
Test(host, ports_that_several_take)
{
	struct tl_sieve sieve;
	struct tl_buf text = { 0 };
	struct tl_diagnoses found = { 0 };
	struct tl_host look;
	struct tl_err err;

	add_rows(&text, "ESTAB 0 0 10.0.0.1:%d 10.0.0.9:80 users:((\"a\",pid=1,fd=3))", 9);
	add_rows(&text, "ESTAB 0 0 10.0.0.1:%d 10.0.0.9:80 users:((\"b\",pid=2,fd=3))", 9);
	add_rows(&text, "ESTAB 0 0 10.0.0.1:%d 10.0.0.9:80 users:((\"c\",pid=3,fd=3))", 9);
	add_rows(&text, "TIME-WAIT 0 0 10.0.0.1:%d 10.0.0.9:80 timer:(timewait,50sec,0) ino:0", 9);
	add_rows(&text, "CLOSE-WAIT 1 0 10.0.0.1:%d 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) lastack:20000", 9);
	look = host_read_saved(tl_buf_text(&text), 45);
	look.knobs.port_low = 4000;
	look.knobs.port_high = 4059;
	look.knobs.setting[TL_KNOB_TW_REUSE] = 1;
	look.knobs.setting[TL_KNOB_TIMESTAMPS] = 0;
	cr_expect(tl_group_rule(&look, &look.groups[0])->lead == TL_LEAD_CLOSE_WAIT_LEAK);
	cr_expect_null(tl_group_rule(&look, &look.groups[1]), "a quarter of them is free");
	look.knobs.ports_reserved = 15;
	for (size_t i = 1; i < look.n_groups; i++)
		cr_expect(tl_group_rule(&look, &look.groups[i])->lead == TL_LEAD_NO_PORT_LEFT, "%zu", i);
	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_assert_eq(found.n, 2);
	for (size_t i = 0; i < found.n; i++) {
		struct tl_buf said = { 0 };

		for (size_t r = 0; r < found.v[i].n_remarks; r++)
			tl_buf_fmt(&said, "%s | ", found.v[i].remarks[r].text);
		cr_expect(strstr(tl_buf_text(&said), "45 of 45 local ports of ip_local_port_range (4000 to 4059 but for the "
					      "15 of ip_local_reserved_ports)"), "%s", tl_buf_text(&said));
		if (i)
			cr_expect(strstr(tl_buf_text(&said), "9 in CLOSE_WAIT of a (1), 9 in ESTABLISHED of a (1), 9 in "
				  "ESTABLISHED of b (2), 9 in ESTABLISHED of c (3) and 9 more") &&
				  strstr(tl_buf_text(&said), "tcp_tw_reuse = 1: of no use"), "%s", tl_buf_text(&said));
		tl_buf_release(&said);
	}
	cr_assert_eq(tl_sieve_parse((char *[]){ "process", "c" }, 2, &sieve, &err), 0);
	tl_diagnoses_pick(&found, &look, &sieve);
	cr_assert_eq(found.n, 1, "one finding is about them, also if it is told with others");
	cr_expect_eq(found.v[0].rule->lead, TL_LEAD_NO_PORT_LEFT);
	tl_diagnoses_release(&found);
	tl_host_release(&look);
	tl_buf_release(&text);
}

/* Two states of one end are two findings. */
Test(host, each_state_is_told)
{
	struct tl_host look = host_read_saved(
		"FIN-WAIT-1 0 801 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,2) ino:0\n"
		"LAST-ACK 0 501 10.0.0.1:4001 10.0.0.9:80 timer:(persist,1sec,2) ino:0\n", 2);
	struct tl_diagnoses found = { 0 };
	struct tl_err err;

	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_expect_eq(found.n, 2);
	tl_diagnoses_release(&found);
	tl_host_release(&look);
}

/* A port in TIME_WAIT that connect() takes again is not used up. */
Test(host, ports_that_are_to_be_had_again)
{
	struct tl_buf text = { 0 };
	struct tl_host look;
	int64_t *setting;

	add_rows(&text, "TIME-WAIT 0 0 127.0.0.1:%d 127.0.0.9:80 timer:(timewait,50sec,0) ino:0", 100);
	look = host_read_saved(tl_buf_text(&text), 100);
	setting = look.knobs.setting;
	look.knobs.port_low = 4000;
	look.knobs.port_high = 4099;
	setting[TL_KNOB_TW_REUSE] = 0;
	cr_assert(tl_group_rule(&look, &look.groups[0]), "all of them are taken");
	cr_expect_eq(tl_group_rule(&look, &look.groups[0])->lead, TL_LEAD_NO_PORT_LEFT);
	look.knobs.port_high = 4104;
	cr_expect(tl_group_rule(&look, &look.groups[0]), "one in twenty is left");
	look.knobs.port_high = 4105;
	cr_expect_null(tl_group_rule(&look, &look.groups[0]), "more are left");
	look.knobs.port_high = 4099;
	setting[TL_KNOB_TW_REUSE] = 1;
	cr_expect_null(tl_group_rule(&look, &look.groups[0]), "connect() takes them again");
	setting[TL_KNOB_TW_REUSE] = 2;
	cr_expect_null(tl_group_rule(&look, &look.groups[0]), "between loopback addresses");
	setting[TL_KNOB_TIMESTAMPS] = 0;
	cr_expect(tl_group_rule(&look, &look.groups[0]), "not without timestamps");
	tl_host_release(&look);
	tl_buf_release(&text);
}

/* What is told about rows: of the first finding its head and all of its evidence, with blanks between. */
static void tell(const char *text, size_t rows, unsigned says, struct tl_buf *out)
{
	struct tl_host look = host_read_saved(text, rows);
	struct tl_diagnoses found = { 0 };
	struct tl_err err;

	look.says |= says;
	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_assert_geq(found.n, 1, "%s", text);
	tl_buf_str(out, found.v[0].head);
	for (size_t i = 0; i < found.v[0].n_remarks; i++)
		tl_buf_fmt(out, " | %s", found.v[0].remarks[i].text);
	tl_diagnoses_release(&found);
	tl_host_release(&look);
}

/* Nothing is said that the rows do not prove; each has a text that is there and one that is not. */
Test(host, says_what_the_rows_prove)
{
	static const char *const all[][3] = {
		/* most of them at once, one later; or each for itself */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=4)) ino:10 lastack:20100\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4002 10.0.0.9:80 users:((\"a\",pid=1,fd=5)) ino:11 lastack:9000\n",
		  "11 s apart, those of 2 of them within a second: it looks as if most ended together",
		  "one after the other" },
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=4)) ino:10 lastack:15000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4002 10.0.0.9:80 users:((\"a\",pid=1,fd=5)) ino:11 lastack:9000\n",
		  "it looks as if they ended one after the other", "together" },
		/* keepalive asks for acknowledgments: those of all can be of this second */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "timer:(keepalive,1sec,0) lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=4)) ino:10 "
		  "timer:(keepalive,1sec,0) lastack:20100\n", "answers to keepalive", "one event" },
		/* of one group one has no answer, and one is answered */
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,3) ino:9\n"
		  "ESTAB 0 9 10.0.0.1:4001 10.0.0.9:80 timer:(persist,1sec,0) ino:10 backoff:2 "
		  "lastsnd:3100 lastack:1 snd_wnd:0\n", "1 more probes a zero window and is answered",
		  "10.0.0.1:4001" },
		/* of one group it is the second whose other end does not answer */
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.1:80 users:((\"a\",pid=1,fd=3)) ino:9\n"
		  "ESTAB 0 9 10.0.0.1:4001 10.0.0.1:80 users:((\"a\",pid=1,fd=4)) ino:10 timer:(on,1sec,3)\n"
		  "ESTAB 0 0 10.0.0.1:80 10.0.0.1:4000 users:((\"b\",pid=2,fd=3)) ino:11\n"
		  "ESTAB 0 0 10.0.0.1:80 10.0.0.1:4001 users:((\"c\",pid=3,fd=3)) ino:12\n",
		  "c (3)", "b (2)" },
		/* the window is open, and nothing leaves this host; of two, one; then both are told */
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,4) ino:9 backoff:4 "
		  "lastsnd:9000 lastack:9000 snd_wnd:65535\n",
		  "what 1 of 1 has to send does not leave this host, though the other end has room for it", "was zero" },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,4) ino:9 backoff:4 "
		  "lastsnd:9000 lastack:9000 snd_wnd:65535\n", "a firewall rule of this host drops it", "host is down" },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,4) ino:9 backoff:4 "
		  "lastsnd:9000 lastack:9000 snd_wnd:65535\n"
		  "ESTAB 0 9 10.0.0.1:4001 10.0.0.9:80 timer:(on,1sec,4) ino:10\n", "the other host is down", "firewall rule" },
		{ "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(persist,2sec,3) ino:0 snd_wnd:65535\n",
		  "a firewall rule of this host drops it", "do nothing" },
		/* another host's end can be half-closed */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastsnd:20000 "
		  "lastrcv:20000 lastack:15000\n", "10.0.0.9:80, has sent a FIN", "10.0.0.9:80, has closed" },
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastsnd:20000 "
		  "lastrcv:20000 lastack:15000\n", "waits for an answer (half-closed)", "RST) | tcplab run" },
		/* an orphan at this host's other end cannot wait for anything */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.1:80 users:((\"a\",pid=1,fd=3)) ino:9 lastsnd:20000 "
		  "lastrcv:20000 lastack:15000\n"
		  "FIN-WAIT-2 0 0 10.0.0.1:80 10.0.0.1:4000 timer:(timewait,9sec,0) ino:0\n",
		  "10.0.0.1:80, has closed", "half-closed" },
		/* one that may be half-closed can wait for an answer */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastsnd:20000 "
		  "lastrcv:20000 lastack:15000\n", "still works on an answer", "or its loop is stuck" },
		/* settings that a saved table does not have are not told */
		{ "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,2) ino:9\n", "has fired 2 times",
		  "= -1" },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,3) ino:9\n", "does not answer", "= -1" },
		{ "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(on,1sec,3) ino:0\n",
		  "no acknowledgment of the FIN comes from 10.0.0.9, the client", "= -1" },
		{ "LISTEN 0 8 0.0.0.0:80 0.0.0.0:* ino:9\n"
		  "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:4000 timer:(on,1sec,3) ino:0\n",
		  "comes from 10.0.0.9, the client of 10.0.0.1:80.", "= -1" },
		/* dead, and not without room */
		{ "FIN-WAIT-1 0 801 10.0.0.1:80 10.0.0.9:4000 timer:(on,1sec,3) ino:0\n",
		  "no acknowledgment of the data before the FIN", "no room" },
		/* two rules in one group: both are told */
		{ "FIN-WAIT-1 0 801 10.0.0.1:80 10.0.0.9:4000 timer:(persist,1sec,2) ino:0\n"
		  "FIN-WAIT-1 0 1 10.0.0.1:80 10.0.0.9:4001 timer:(on,1sec,3) ino:0\n",
		  "1 socket in FIN_WAIT1 was closed, but the FIN waits behind 800 bytes", "2 sockets" },
		{ "FIN-WAIT-1 0 801 10.0.0.1:80 10.0.0.9:4000 timer:(persist,1sec,2) ino:0\n"
		  "FIN-WAIT-1 0 1 10.0.0.1:80 10.0.0.9:4001 timer:(on,1sec,3) ino:0\n",
		  "| the timer of 1 of 2 has fired twice or more", "2 of 2" },
		/* which of two listeners has it is not known */
		{ "LISTEN 2 8 0.0.0.0:80 0.0.0.0:* users:((\"a\",pid=1,fd=3)) ino:9\n"
		  "LISTEN 1 8 0.0.0.0:80 0.0.0.0:* users:((\"b\",pid=2,fd=3)) ino:10\n"
		  "ESTAB 0 0 10.0.0.1:80 10.0.0.9:4000 ino:0 lastsnd:9000 lastrcv:9000 lastack:9000\n",
		  "one of 2 at this address", "does not call" },
		{ "LISTEN 0 8 0.0.0.0:80 0.0.0.0:* users:((\"a\",pid=1,fd=3)) ino:9\n"
		  "LISTEN 1 8 0.0.0.0:80 0.0.0.0:* users:((\"b\",pid=2,fd=3)) ino:10\n"
		  "ESTAB 0 0 10.0.0.1:80 10.0.0.9:4000 ino:0 lastsnd:9000 lastrcv:9000 lastack:9000\n",
		  "1 of 8, of the listener of b (2)", "one of" },
		{ "LISTEN 9 8 0.0.0.0:80 0.0.0.0:* users:((\"a\",pid=1,fd=3)) ino:9\n",
		  "not known: a burst fills", "= -1" },
		/* one that is connected with itself passes nothing on */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.1:81 users:((\"a\",pid=1,fd=4)) ino:10 lastack:20000\n"
		  "FIN-WAIT-2 0 0 10.0.0.1:81 10.0.0.1:4001 users:((\"a\",pid=1,fd=5)) ino:11 lastack:20000\n",
		  "holds 1 socket whose other end, 10.0.0.9:80, has sent a FIN", "a proxy passes" },
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.1:81 users:((\"b\",pid=2,fd=4)) ino:10 lastack:20000\n"
		  "FIN-WAIT-2 0 0 10.0.0.1:81 10.0.0.1:4001 users:((\"a\",pid=1,fd=5)) ino:11 lastack:20000\n",
		  "a proxy passes", "itself" },
		/* what is typed ends those of another program as well */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=4)) ino:10 lastack:20000\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4002 10.0.0.9:80 users:((\"b\",pid=2,fd=3)) ino:11 lastack:200\n"
		  "CLOSE-WAIT 1 0 10.0.0.1:4003 10.0.0.9:81 users:((\"b\",pid=2,fd=4)) ino:12 lastack:200\n",
		  "(ends them with a RST, and 1 of others that are in CLOSE_WAIT)", "2 of others" },
		/* closed without room at the other end, whose host has gone since */
		{ "FIN-WAIT-1 0 801 10.0.0.1:4000 10.0.0.9:80 timer:(persist,9sec,5) ino:0 snd_wnd:0\n",
		  "1 of 1 probes a zero window; of 1 the probes have no answer any more", "= -1" },
		{ "FIN-WAIT-1 0 801 10.0.0.1:4000 10.0.0.9:80 timer:(persist,9sec,0) ino:0 backoff:5 snd_wnd:0 "
		  "lastsnd:9000\n", "1 of 1 probes a zero window |", "no answer" },
		/* shut down by a process that has it open */
		{ "FIN-WAIT-1 0 801 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 timer:(persist,1sec,2)\n",
		  "was shut down for sending, but the FIN waits behind 800 bytes for 10.0.0.9:80. | by a (1)", "closed" },
		{ "LAST-ACK 0 1 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 timer:(on,1sec,2)\n",
		  "| by a (1)", "by the kernel" },
		/* the end of FIN_WAIT2 was this end's */
		{ "FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 lastack:90000\n"
		  "FIN-WAIT-2 0 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=4)) ino:10 lastack:90000\n",
		  "it looks as if they ended together", "one event at the other end" },
		/* at a loopback address no host is down */
		{ "SYN-SENT 0 1 127.0.0.1:4000 127.0.0.1:80 timer:(on,1sec,2) ino:9\n", "dropped on this host",
		  "is down" },
		{ "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,2) ino:9\n", "is down", "on this host" },
		/* whose process is not seen */
		{ "CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 ino:9 lastsnd:20000 lastrcv:20000 lastack:15000\n",
		  "save it as root, with ss -tanpoieO", "run it as root" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct tl_buf told = { 0 };
		size_t rows = 0;

		for (const char *at = all[i][0]; (at = strchr(at, '\n')); at++)
			rows++;
		tell(all[i][0], rows, 0, &told);
		cr_expect(strstr(tl_buf_text(&told), all[i][1]), "no \"%s\" in %s", all[i][1],
			  tl_buf_text(&told));
		cr_expect_not(strstr(tl_buf_text(&told), all[i][2]), "\"%s\" in %s", all[i][2],
			      tl_buf_text(&told));
		tl_buf_release(&told);
	}
}

/* With SO_REUSEPORT each listener has a queue of its own: the one that is full is told, by itself. */
Test(host, listeners_that_share_an_address)
{
	static const char empty[] = "LISTEN 0 8 10.0.0.1:80 0.0.0.0:* users:((\"w\",pid=1,fd=3)) ino:9 lastack:9\n";
	static const char some[] = "LISTEN 1 8 10.0.0.1:80 0.0.0.0:* users:((\"w\",pid=1,fd=3)) ino:9 lastack:9\n";
	static const char full[] = "LISTEN 9 8 10.0.0.1:80 0.0.0.0:* users:((\"w\",pid=2,fd=3)) ino:10 lastack:9\n";
	static const char waits[] = "ESTAB 0 0 10.0.0.1:80 10.0.0.9:%d ino:0 lastrcv:9000 lastack:9000";
	static const char asks[] = "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.1:80 timer:(on,1sec,2) ino:11 lastack:9\n";
	static const struct {
		const char *first, *more;
		int waiting;
		enum tl_lead_id lead;
		const char *wanted; /* NULL: it is not told */
	} cases[] = {
		{ empty, "", 9, TL_LEAD_ACCEPT_QUEUE_FULL, "The accept queue of 10.0.0.1:80, w (2), is full" },
		{ empty, "", 9, TL_LEAD_ACCEPT_QUEUE_FULL, "one of 2 at this address (SO_REUSEPORT): the kernel gives" },
		{ empty, "", 9, TL_LEAD_ACCEPT_QUEUE_FULL, "9 of 8, of the listener of w (2)" },
		{ some, "", 10, TL_LEAD_ACCEPT_QUEUE_FULL, "9 of 8, of the listener of w (2)" },
		{ some, "", 1, TL_LEAD_ACCEPT_QUEUE_FULL, NULL }, /* it can be in the queue of the other */
		{ empty, asks, 0, TL_LEAD_SYN_UNANSWERED,
		  "of w (2), one of 2 at this address, and its accept queue is full, 9 of 8" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_buf text = { 0 }, said = { 0 };
		struct tl_diagnoses found = { 0 };
		struct tl_host look;
		struct tl_err err;

		tl_buf_fmt(&text, "%s%s%s", cases[i].first, full, cases[i].more);
		add_rows(&text, waits, cases[i].waiting);
		look = host_read_saved(tl_buf_text(&text), 2 + !!*cases[i].more + cases[i].waiting);
		cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
		for (size_t n = 0; n < found.n; n++)
			for (size_t r = 0; found.v[n].rule->lead == cases[i].lead && r < found.v[n].n_remarks; r++)
				tl_buf_fmt(&said, "%s%s\n", r ? "" : found.v[n].head, found.v[n].remarks[r].text);
		if (cases[i].wanted)
			cr_expect(strstr(tl_buf_text(&said), cases[i].wanted), "%zu: %s", i, tl_buf_text(&said));
		else
			cr_expect_eq(said.len, 0, "%zu: %s", i, tl_buf_text(&said));
		tl_diagnoses_release(&found);
		tl_host_release(&look);
		tl_buf_release(&text);
		tl_buf_release(&said);
	}
}

/* Of processes of one name each has its own limit, and its own connections. */
Test(host, namesakes)
{
	static const char text[] =
		"ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"java\",pid=1,fd=3)) ino:9\n"
		"ESTAB 0 0 10.0.0.1:4001 10.0.0.9:80 users:((\"java\",pid=2,fd=3)) ino:10\n"
		"CLOSE-WAIT 1 0 10.0.0.1:4002 10.0.0.9:81 users:((\"java\",pid=1,fd=4)) ino:11 lastack:20000\n"
		"FIN-WAIT-2 0 0 10.0.0.1:82 10.0.0.8:4003 users:((\"java\",pid=2,fd=4)) ino:12 lastack:900\n";
	struct tl_host look = host_read_saved(text, 4);
	struct tl_diagnoses found = { 0 };
	struct tl_err err;

	look.processes.v[0].descriptors = 900;
	look.processes.v[0].limit = 20000;
	look.processes.v[1].descriptors = look.processes.v[1].limit = 64;
	look.groups[2].process = 0;
	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_assert_eq(found.n, 2);
	for (size_t i = 0; i < found.v[0].n_remarks; i++)
		cr_expect_neq(found.v[0].remarks[i].kind, TL_REMARK_MEANS, "%s", found.v[0].remarks[i].text);
	cr_expect(strstr(found.v[1].head, "java (2) has used up its descriptors, 64 of 64"), "%s", found.v[1].head);
	cr_expect_str_eq(found.v[1].remarks[0].text, "1 of its sockets are in ESTABLISHED");
	tl_diagnoses_release(&found);
	tl_host_release(&look);
}

/* How old a FIN_WAIT2 without a process is at least, by what is left of its time. */
Test(host, age_of_an_orphan)
{
	static const int at_least[][3] = { /* tcp_fin_timeout, left, both in s; age in s */
		{ 60, 20, 40 }, { 30, 20, 10 }, { 90, 20, 40 }, { 120, 20, 100 }, { 30, 40, 0 },
	};

	for (size_t i = 0; i < sizeof(at_least) / sizeof(*at_least); i++) {
		const struct tl_sock sock = { .state = TL_FIN_WAIT2, .timer = TL_TIMER_TIMEWAIT,
					      .timer_ms = at_least[i][1] * 1000 };
		struct tl_knobs knobs;

		tl_knobs_unknown(&knobs);
		cr_expect_eq(tl_age_of(&sock, &(struct tl_sock_info){ 0 }, &knobs).at_least, -1);
		knobs.setting[TL_KNOB_FIN_TIMEOUT] = at_least[i][0];
		cr_expect_eq(tl_age_of(&sock, &(struct tl_sock_info){ 0 }, &knobs).at_least, at_least[i][2] * 1000);
	}
}

/* What settings and counters add to a finding, each only where it is about it. */
Test(host, evidence_of_settings_and_counters)
{
	static const char unheard[] = "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,2) ino:9\n";
	static const char full[] = "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.1:80 timer:(on,1sec,2) ino:9\n"
				   "LISTEN 5 4 10.0.0.1:80 0.0.0.0:* ino:8\n";
	static const char probed[] = "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,2) ino:9\n";
	static const char repeated[] = "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,3) ino:9\n";
	static const struct {
		const char *text;
		size_t rows;
		int64_t syns; /* TCPSynRetrans */
		const char *wanted, *not;
	} cases[] = {
		{ unheard, 1, 0, "the timer has fired 2 times without an answer, but not all SYNs were sent", "a network fault" },
		{ unheard, 1, 2, "the timer has fired 2 times without an answer\n", "not all SYNs" },
		{ unheard, 1, -1, "the timer has fired 2 times without an answer\n", "TCPSynRetrans" },
		{ unheard, 1, 2, "TCPSynRetrans 2 since", "not a network fault" },
		{ full, 2, 2, "It is not a network fault.", "lost on the way" },
		{ probed, 1, 0, "tcp_keepalive_probes = 9", "tcp_retries2 =" },
		{ probed, 1, 0, "tcp_keepalive_intvl = 75", "TCPSynRetrans" },
		{ repeated, 1, 0, "tcp_retries2 = 15", "tcp_keepalive" },
		{ repeated, 1, 0, "TCPAbortOnTimeout 3", "tcp_keepalive" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_host look = host_read_saved(cases[i].text, cases[i].rows);
		struct tl_diagnoses found = { 0 };
		struct tl_buf said = { 0 };
		struct tl_err err;

		look.knobs.counter[TL_HOST_COUNTER_SYN_REPEATED] = cases[i].syns;
		look.knobs.counter[TL_HOST_COUNTER_ABORT_TIMEOUT] = 3;
		look.knobs.setting[TL_KNOB_KEEPALIVE_PROBES] = 9;
		look.knobs.setting[TL_KNOB_KEEPALIVE_INTVL] = 75;
		look.knobs.setting[TL_KNOB_RETRIES2] = 15;
		cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
		for (size_t n = 0; n < found.n; n++)
			for (size_t r = 0; r < found.v[n].n_remarks; r++)
				if (found.v[n].rule->lead != TL_LEAD_ACCEPT_QUEUE_FULL)
					tl_buf_fmt(&said, "%s\n", found.v[n].remarks[r].text);
		cr_expect(strstr(tl_buf_text(&said), cases[i].wanted), "%zu: no \"%s\" in %s", i,
			  cases[i].wanted, tl_buf_text(&said));
		cr_expect(!strstr(tl_buf_text(&said), cases[i].not), "%zu: \"%s\" in %s", i, cases[i].not,
			  tl_buf_text(&said));
		tl_buf_release(&said);
		tl_diagnoses_release(&found);
		tl_host_release(&look);
	}
}

/* Of netstat without -o: where there are no timers it counts how many have sent a SYN. */
Test(host, who_has_asked_nobody)
{
	static const char asked[] = "tcp 0 1 10.0.0.1:4000 10.0.0.9:80 SYN_SENT\n";
	static const char waits[] = "tcp 0 2696945823 10.0.0.1:4001 10.0.0.9:80 SYN_SENT\n";

	struct tl_buf text = { 0 }, told = { 0 };
	struct tl_diagnoses found = { 0 };
	struct tl_host look;
	struct tl_err err;

	for (int i = 0; i < 39; i++)
		tl_buf_str(&text, i < 19 ? asked : waits);
	look = host_read_saved(tl_buf_text(&text), 39);
	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_expect_eq(found.n, 0);
	tl_buf_str(&text, asked);
	tell(tl_buf_text(&text), 40, 0, &told);
	cr_expect(strstr(tl_buf_text(&told), "no answer from 10.0.0.9:80 to 20 SYNs"), "%s",
		  tl_buf_text(&told));
	cr_expect(strstr(tl_buf_text(&told), "if the same rows are there"), "%s", tl_buf_text(&told));
	tl_diagnoses_release(&found);
	tl_host_release(&look);
	tl_buf_release(&text);
	tl_buf_release(&told);
}

#define TWENTY(row) row row row row row row row row row row row row row row row row row row row row

/* Without inodes and processes nobody knows who has them: they can be in an accept queue. */
Test(host, text_that_tells_no_owner)
{
	static const char rows[] = TWENTY("CLOSE-WAIT 1 0 10.0.0.1:80 10.0.0.9:4000\n");
	static const struct {
		const char *listener;
		bool queued;
	} cases[] = {
		{ "", true },
		{ "LISTEN 20 64 0.0.0.0:80 0.0.0.0:*\n", true },
		{ "LISTEN 0 64 0.0.0.0:80 0.0.0.0:*\n", false },
		{ "LISTEN 20 64 0.0.0.0:81 0.0.0.0:*\n", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_diagnoses found = { 0 };
		struct tl_buf text = { 0 }, said = { 0 };
		struct tl_host look;
		struct tl_err err;

		tl_buf_fmt(&text, "%s%s", cases[i].listener, rows);
		look = host_read_saved(tl_buf_text(&text), 20 + !!*cases[i].listener);
		cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
		for (size_t n = 0; n < found.n; n++)
			for (size_t r = 0; found.v[n].rule->lead == TL_LEAD_CLOSE_WAIT_UNSEEN && r < found.v[n].n_remarks; r++)
				tl_buf_fmt(&said, "%s%s\n", r ? "" : found.v[n].head, found.v[n].remarks[r].text);
		cr_expect(strstr(tl_buf_text(&said), "this table does not tell which process"), "%s", tl_buf_text(&said));
		cr_expect_eq(!!strstr(tl_buf_text(&said), "has never accepted them"), cases[i].queued, "%zu: %s", i,
			     tl_buf_text(&said));
		tl_diagnoses_release(&found);
		tl_host_release(&look);
		tl_buf_release(&text);
		tl_buf_release(&said);
	}
}
