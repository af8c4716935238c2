/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a host, without one: filters, saved tables, groups, rules, changes. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcplab/change.h"
#include "tcplab/host_report.h"
#include "tcplab/host_words.h"
#include "tcplab/lexicon.h"
#include "tcplab/looks.h"
#include "tcplab/netstat_row.h"
#include "tcplab/saved.h"
#include "tcplab/sieve.h"
#include "tcplab/tracepoint.h"

static struct tl_err err;

static struct tl_host read_saved(const char *text, size_t want)
{
	struct tl_host look = { 0 };
	size_t skipped = 0;

	cr_assert_eq(tl_saved_read(text, strlen(text), NULL, &look, &skipped, &err), 0, "%s",
		     err.text);
	cr_assert_eq(look.n, want, "%zu rows of: %s", look.n, text);
	cr_assert_eq(skipped, 0, "%zu lines were skipped of: %s", skipped, text);
	return look;
}

static struct tl_sock sock(const char *state, const char *local, const char *remote)
{
	struct tl_sock s = { .state = tl_state_parse(state, strlen(state)) };

	cr_assert_eq(tl_endpoint_parse(local, &s.local, &err), 0, "%s", local);
	cr_assert_eq(tl_endpoint_parse(remote, &s.remote, &err), 0, "%s", remote);
	return s;
}

static bool passes(const char *filter, const struct tl_sock *s)
{
	char words[128], *word[16];
	struct tl_sieve sieve;
	size_t n = 0;

	strcpy(words, filter);
	for (char *at = strtok(words, " "); at; at = strtok(NULL, " "))
		word[n++] = at;
	cr_assert_eq(tl_sieve_parse(word, n, &sieve, &err), 0, "%s: %s", filter, err.text);
	return tl_sieve_passes(&sieve, s);
}

Test(host, filters)
{
	struct tl_sock s = sock("CLOSE_WAIT", "10.1.2.3:40000", "127.0.0.1:6379");
	struct tl_sock six = sock("LISTEN", "::1:80", ":::*");
	static const char *const yes[] = {
		"", ":6379", ":40000", "127.0.0.1", "127.0.0.1:6379", "10.0.0.0/8", "10.1.2.2/31",
		"dst 127.0.0.1", "src 10.1.2.3", "dport = :6379", "dport 6379", "sport = 40000",
		"state close-wait", "close-wait", "established close-wait", "not :80",
		"! dst 10.0.0.0/8", ":6379 and src 10.1.2.3", "state all", "0.0.0.0/0",
		"( :6379 or :80 )", ":80 or :6379", "(:80 or (:81 or not :82)) and :6379",
		"dport=:6379", "dport != :80", "sport >= :40000", "sport > 39999 sport le 40000",
		"exclude listen", "state connected", "state big", "close-wait or last-ack",
		"not not :6379", ":80 :81 or :6379", "! ( :80 || :81 )", "src = 10.1.2.3",
		":6370-6379", "dport = :6379-6400", "sport != :1-39999", "not :https",
	};
	static const char *const no[] = {
		":80", "127.0.0.2", "127.0.0.1:40000", "10.0.0.0/16", "10.1.2.0/31", "src 127.0.0.1",
		"sport = :6379", "state established", "not :6379", "dst 127.0.0.1 :80", "::1",
		"( :6379 or :80 ) :81", "dport != :6379", "sport < :40000", "sport gt 40000",
		"exclude close-wait", "state bucket", ":6379 :80 or :81", "not ( :80 or :6379 )",
		"bound-inactive", "src != 10.1.2.3", ":6380-6400", "sport = :https", ":ssh",
	};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		cr_expect(passes(yes[i], &s), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		cr_expect(!passes(no[i], &s), "%s", no[i]);
	cr_expect(passes("::1", &six));
	cr_expect(passes("[::1]:80", &six));
	cr_expect(!passes("[::1]:81", &six));
	cr_expect(passes("[::1]:80-89", &six));
	cr_expect(passes(":http", &six));
	cr_expect(passes("[::1]:http", &six));
}

/* Interface 1 is the loopback, in every network namespace. */
Test(host, zones)
{
	static char *const words[] = { "fe80::1%1", "[fe80::1%1]:80", "[fe80::1]%1:80", "fe80::%1/10" };
	static char *const nowhere[] = { "fe80::1%nosuch9" };
	struct tl_sock s = sock("LISTEN", "fe80::1:80", ":::*");
	struct tl_sieve sieve;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		cr_assert_eq(tl_sieve_parse(&words[i], 1, &sieve, &err), 0, "%s", err.text);
		s.interface = 2;
		cr_expect(tl_sieve_passes(&sieve, &s), "not known yet: %s", words[i]);
		cr_assert_eq(tl_sieve_zones(&sieve, &err), 0, "%s", err.text);
		cr_expect(!tl_sieve_passes(&sieve, &s), "%s", words[i]);
		s.interface = 1;
		cr_expect(tl_sieve_passes(&sieve, &s), "%s", words[i]);
	}
	cr_assert_eq(tl_sieve_parse(nowhere, 1, &sieve, &err), 0);
	cr_expect_eq(tl_sieve_zones(&sieve, &err), -EINVAL);
	cr_expect(strstr(err.text, "nosuch9"), "%s", err.text);
}

Test(host, a_column_says_where_a_filter_is_wrong)
{
	static char *const words[] = { "state", "close-wait", "sport = :80 or dport", ":ninety9" };
	static char *const not_this[] = { "not", "established" };
	struct tl_sieve sieve;

	cr_assert_eq(tl_sieve_parse(words, 4, &sieve, &err), -EINVAL);
	cr_expect(strstr(err.text, "column 39 of the filter: \":ninety9\""), "%s", err.text);
	cr_assert_eq(tl_sieve_parse(not_this, 2, &sieve, &err), -EINVAL);
	cr_expect(strstr(err.text, "column 5 of"), "%s", err.text);
}

Test(host, malformed_filters)
{
	static char *const wrong[] = { "clsoe-wait", ":0", ":65536", "10.0.0.0/33", "300.1.1.1",
				       "[::1", "state", "pid", "dport", "not", "src",
				       "( :80", ":80 )", "()", "or", ":80 or", "or :80", "exclude",
				       ":80 or state listen", "(state listen)", "not close-wait",
				       "src > 10.0.0.1", "sport = nosuchservice", ":nosuchservice", "sport > :80-90",
				       ":90-80", "10.0.0.1%eth0", "::1%", "[::1]x:80", "::1]", "::1%much-too-long-for-one", "pid 1 or pid 2", "state",
				       "((((((((((((((((((:80))))))))))))))))))", ":80 and" };
	struct tl_sieve sieve;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_eq(tl_sieve_parse(&wrong[i], 1, &sieve, &err), -EINVAL, "%s", wrong[i]);
}

static const char ss_61[] =
	"State      Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\n"
	"LISTEN     3      64         127.0.0.1:8080       0.0.0.0:*    "
	"users:((\"web worker\",pid=22322,fd=3)) ino:100 sk:1 cgroup:/ <-> cubic cwnd:10\n"
	"CLOSE-WAIT 20     0          127.0.0.1:43608    127.0.0.1:6379 "
	"users:((\"app\",pid=22408,fd=7),(\"log\",pid=22417,fd=8)) ino:101 sk:2 cgroup:/ --> cubic "
	"wscale:7,7 rto:204 backoff:2 lastsnd:83100 lastrcv:83100 lastack:83016 rcv_space:1\n"
	"CLOSE-WAIT 1      0          127.0.0.1:8080     127.0.0.1:50000 ino:0 sk:3 cgroup:/ --> "
	"cubic lastsnd:9000 lastrcv:9000 lastack:8000\n"
	"TIME-WAIT  0      0              [::1]:9191         [::1]:4242 timer:(timewait,59sec,0) "
	"ino:0 sk:4\n"
	"ESTAB      0      14          10.9.9.1:36538     10.9.9.2:7100 timer:(on,1.292ms,3) "
	"ino:102 sk:5\n"
	"ESTAB      0      0           10.9.9.1%eth0:36539     10.9.9.2:7100 "
	"timer:(keepalive,119min,0) ino:103 sk:6\n";

Test(host, ss_is_read)
{
	struct tl_host look = read_saved(ss_61, 6);
	struct tl_age age = tl_age_of(&look.rows[1].sock, &look.rows[1].info, &look.knobs);

	cr_expect_eq(look.says, TL_HOST_INODES | TL_HOST_PROCESSES | TL_HOST_BACKLOG |
		     TL_HOST_TIMERS | TL_HOST_INFO, "%x", look.says);
	cr_expect_eq(look.rows[0].sock.sendq, 64);
	cr_expect_str_eq(look.processes.v[look.rows[0].hold->process].name, "web worker");
	cr_expect_eq(look.rows[0].hold->fd, 3);
	cr_expect_eq(look.groups[0].held, 2);
	cr_expect_eq(age.at_least, 83016);
	cr_expect_eq(age.at_most, 83100);
	cr_expect_eq(look.rows[2].owner, TL_OWNER_QUEUE);
	cr_expect_eq(look.rows[2].listener, 1);
	cr_expect_eq(look.rows[3].sock.timer_ms, 59000);
	cr_expect_eq(look.rows[3].owner, TL_OWNER_KERNEL);
	cr_expect_eq(look.rows[4].sock.timer_ms, 1292);
	cr_expect_eq(look.rows[4].sock.retrans, 3);
	cr_expect_eq(look.rows[4].owner, TL_OWNER_UNSEEN);
	cr_expect_eq(look.rows[5].sock.timer_ms, 119 * 60000);
	tl_host_release(&look);
}

/* Other versions and flags: users of 2013, no brackets, a column of the protocol, broken lines. */
Test(host, ss_of_other_versions)
{
	struct tl_host look = read_saved(
		"ESTAB      0      0      10.0.0.1:22      10.0.0.9:5022     users:((\"sshd\",812,3))\n"
		"LISTEN     0      128                    :::80                   :::*\n"
		"tcp ESTAB  0      0      10.0.0.1:22      10.0.0.9:5023\n"
		"ESTAB 0 0 10.0.0.1:22 10.0.0.9:5024\n\t cubic lastsnd:1 lastrcv:2 lastack:3\n"
		"LISTEN     0      128    *:22    *:*\n", 5);

	cr_expect_eq(look.processes.v[look.rows[0].hold->process].pid, 812);
	cr_expect_eq(look.rows[0].hold->fd, 3);
	cr_expect_eq(look.rows[1].sock.local.port, 80);
	cr_expect_eq(look.rows[3].info.ack_received_ms, 3);
	cr_expect(look.rows[2].incoming, "the listener on * takes it");
	cr_expect_eq(look.says & TL_HOST_INODES, 0);
	tl_host_release(&look);
}

Test(host, netstat_is_read)
{
	struct tl_host look = read_saved(
		"Active Internet connections (servers and established)\n"
		"Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
		"PID/Program name     Timer\n"
		"tcp        3      0 127.0.0.1:8080          0.0.0.0:*               LISTEN      "
		"22322/nginx: master  off (0.00/0/0)\n"
		"tcp        0     14 10.9.9.1:36538          10.9.9.2:7100           ESTABLISHED "
		"22408/on             on (1.29/3/0)\n"
		"tcp        0      0 10.9.9.1:36539          10.9.9.2:7100           ESTABLISHED "
		"-                    keepalive (7117.80/0/2)\n"
		"tcp6       0      0 ::1:9191                ::1:4242                TIME_WAIT   "
		"-                    timewait (31.10/0/0)\n"
		"tcp        1      0 127.0.0.1:43608         127.0.0.1:6379          CLOSE_WAIT  "
		"0          101        22408/on             off (0.00/0/0)\n", 5);

	cr_expect_str_eq(look.processes.v[look.rows[0].hold->process].name, "nginx: master");
	cr_expect_str_eq(look.processes.v[look.rows[1].hold->process].name, "on");
	cr_expect_eq(look.rows[1].sock.timer, TL_TIMER_RETRANSMIT);
	cr_expect_eq(look.rows[1].sock.retrans, 3);
	cr_expect_eq(look.rows[2].sock.timer, TL_TIMER_KEEPALIVE);
	cr_expect_eq(look.rows[2].sock.timer_ms, 7117800);
	cr_expect_eq(look.rows[2].sock.retrans, 2);
	cr_expect_eq(look.rows[3].sock.timer_ms, 31100);
	cr_expect_eq(look.rows[4].sock.inode, 101);
	cr_expect_eq(look.says & TL_HOST_BACKLOG, 0, "netstat has none");
	tl_host_release(&look);
}

Test(host, text_that_is_none)
{
	static const char *const wrong[] = { "", "\n", "hello\nworld\n", "udp 0 0 1.1.1.1:1 2.2.2.2:2\n" };
	static const char named[] = "ESTAB 0 0 localhost:http localhost:4242\n";
	struct tl_host look = { 0 };
	size_t skipped;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		cr_expect_eq(tl_saved_read(wrong[i], strlen(wrong[i]), NULL, &look, &skipped, &err),
			     -EINVAL);
		tl_host_release(&look);
	}
	cr_expect_eq(tl_saved_read(named, strlen(named), NULL, &look, &skipped, &err), -EINVAL);
	cr_expect_eq(skipped, 1);
	cr_expect(strstr(err.text, "-n"), "%s", err.text);
	tl_host_release(&look);
}

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
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(on,1sec,3) ino:9\n", "half-open" },
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,2) ino:9\n", "half-open" },
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,1) ino:9\n", NULL },
		{ "ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(keepalive,1sec,0) ino:9\n", NULL },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,0) ino:9 backoff:2 "
		  "lastack:1 snd_wnd:0\n", "window-shut" },
		{ "ESTAB 0 9 10.0.0.1:4000 10.0.0.9:80 timer:(persist,1sec,0) ino:9 backoff:2 "
		  "lastack:1 snd_wnd:65535\n", NULL }, /* this host cannot send */
		{ "FIN-WAIT-2 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9 "
		  "lastsnd:20000 lastrcv:20000 lastack:15000\n", "fin-wait2-held" },
		{ "TIME-WAIT 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(timewait,59sec,0) ino:0\n", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_host look = read_saved(cases[i].text, 1);
		const struct tl_rule *rule = tl_group_rule(&look, &look.groups[0]);

		cr_expect_str_eq(rule ? tl_lead(rule->lead)->id : "none", cases[i].rule ? cases[i].rule : "none", "%s",
				 cases[i].text);
		tl_host_release(&look);
	}
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
	static const char request[] = "SYN-RECV 0 0 10.0.0.1:80 10.0.0.9:%d timer:(on,1sec,0) ino:0";
	static const char again[] = "SYN-RECV 0 0 10.0.0.1:80 10.0.0.8:%d timer:(on,1sec,1) ino:0";
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
		{ request, 200, NULL, 0, NULL },    /* as many as come in a round trip */
		{ request, 200, again, 3, NULL },
		{ request, 30, again, 25, "syn-flood" },
		{ orphan, 50, NULL, 0, NULL },      /* two seconds: the far end is slow */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tl_buf text = { 0 };
		const struct tl_rule *rule = NULL;
		struct tl_host look;

		add_rows(&text, cases[i].like, cases[i].n);
		if (cases[i].also)
			add_rows(&text, cases[i].also, cases[i].n_also);
		look = read_saved(tl_buf_text(&text), cases[i].n + cases[i].n_also);
		look.knobs.setting[TL_KNOB_FIN_TIMEOUT] = 60;
		for (size_t g = 0; g < look.n_groups && !rule; g++)
			rule = tl_group_rule(&look, &look.groups[g]);
		cr_expect_str_eq(rule ? tl_lead(rule->lead)->id : "none",
				 cases[i].rule ? cases[i].rule : "none", "%s", cases[i].like);
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
	struct tl_host look = read_saved(text, 2);

	for (size_t i = 0; i < look.n_groups; i++)
		cr_expect_null(tl_group_rule(&look, &look.groups[i]));
	tl_host_release(&look);
}

/* Each diagnosis has one rule, leads to scenarios that are there, and each of them leads back. */
Test(host, rules_lead_to_scenarios_and_back)
{
	size_t n, rows[TL_N_LEADS] = { 0 };
	const struct tl_rule *rules = tl_rules(&n);
	char path[256], name[TL_LEAD_SCENARIO];

	for (size_t i = 0; i < n; i++)
		rows[rules[i].lead]++;
	for (int i = 0; i < TL_N_LEADS; i++) {
		const struct tl_lead *lead = tl_lead(i);

		cr_expect_eq(rows[i], 1, "%s has %zu rules", lead->id, rows[i]);
		cr_expect(tl_lexicon_state(tl_state_parse(lead->ask, strlen(lead->ask))),
			  "%s: no state %s", lead->id, lead->ask);
		for (const char *at = lead->scenarios; *at; at += strspn(at, " ")) {
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, " "), at);
			snprintf(path, sizeof(path), "scenarios/%s.yaml", name);
			cr_expect_eq(access(path, R_OK), 0, "%s: %s", lead->id, path);
			cr_expect(tl_lead_from(name), "%s leads nowhere", name);
			at += strlen(name);
		}
		tl_lead_scenario(lead, name);
		cr_expect_str_eq(tl_lead_from(name)->ask, lead->ask, "%s: %s", lead->id, name);
	}
	cr_expect_null(tl_lead_from("field/half-ope"));
	cr_expect_null(tl_lead_from(""));
	cr_expect_eq(tl_lead_from("rfc9293/abort field/half-open"), tl_lead(TL_LEAD_HALF_OPEN));
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
			command = tl_lead_command(name);
			cr_expect_not_null(command, "%s leads to no command", name);
			nothing += command && !*command;
			n++;
		}
		closedir(dir);
	}
	cr_expect_gt(n, 50);
	cr_expect_eq(nothing, 3);
	cr_expect_str_eq(tl_lead_command("field/self-connect"), "snap established");
	cr_expect_str_eq(tl_lead_command("field/half-open"), "why established");
	cr_expect_null(tl_lead_command("rfc9293/no-such"));
}

/* Of one state the larger group first; a FIN sent once more may still be answered. */
Test(host, groups)
{
	struct tl_host look = read_saved(
		"FIN-WAIT-1 0 1 10.0.0.1:4000 10.0.0.7:80 timer:(on,200ms,1) ino:0\n"
		"FIN-WAIT-1 0 1 10.0.0.1:4001 10.0.0.9:80 timer:(on,200ms,2) ino:0\n"
		"FIN-WAIT-1 0 1 10.0.0.1:4002 10.0.0.9:80 timer:(on,200ms,1) ino:0\n", 3);

	cr_assert_eq(look.n_groups, 2);
	cr_expect_eq(look.groups[0].n, 2);
	cr_expect_eq(look.groups[0].repeated, 1);
	cr_expect_eq(look.groups[1].n, 1);
	cr_expect_eq(look.groups[1].repeated, 0);
	tl_host_release(&look);
}

static struct tl_host look_of(const uint64_t *cookies, size_t n)
{
	const struct tl_sock_info info = { 0 };
	struct tl_host look = { .says = TL_HOST_INODES };

	tl_knobs_unknown(&look.knobs);
	for (size_t i = 0; i < n; i++) {
		struct tl_sock s = sock("CLOSE_WAIT", "10.0.0.1:4000", "10.0.0.9:80");

		s.cookie = cookies[i];
		s.local.port += i;
		s.inode = 100 + i;
		cr_assert_eq(tl_host_add(&look, &s, &info, &err), 0);
	}
	cr_assert_eq(tl_host_arrange(&look, NULL, &err), 0);
	return look;
}

Test(host, changes)
{
	struct tl_host before = look_of((uint64_t[]){ 1, 2, 3 }, 3);
	struct tl_host now = look_of((uint64_t[]){ 2, 4, 5, 6 }, 4);
	struct tl_host none = look_of(NULL, 0);
	struct tl_changes changes = { 0 };

	cr_assert_eq(tl_changes_make(&before, &now, &changes, &err), 0);
	cr_assert_eq(changes.n, 1);
	cr_expect_eq(changes.v[0].added, 3);
	cr_expect_eq(changes.v[0].gone, 2);
	tl_changes_release(&changes);
	cr_assert_eq(tl_changes_make(&before, &none, &changes, &err), 0);
	cr_assert_eq(changes.n, 1);
	cr_expect_eq(changes.v[0].now, 0);
	cr_expect_eq(changes.v[0].gone, 3);
	tl_changes_release(&changes);
	tl_host_release(&before);
	tl_host_release(&now);
	tl_host_release(&none);
}

/* 12 more in 10 s, and 40 descriptors left: 33 s. */
Test(host, time_to_the_limit)
{
	struct tl_host before = read_saved(
		"CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9\n", 1);
	struct tl_host now = read_saved(
		"CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9\n", 1);
	struct tl_change change = { .look = &now, .group = &now.groups[0], .added = 14, .gone = 2 };
	struct tl_buf json = { 0 };

	cr_expect_lt(tl_change_seconds_left(&change, 10), 0, "no limit is known");
	now.processes.v[0].limit = 100;
	now.processes.v[0].descriptors = 60;
	cr_expect_float_eq(tl_change_seconds_left(&change, 10), 40 / 1.2, 1e-9);
	tl_change_json(&change, 10, &json);
	cr_expect(strstr(tl_buf_text(&json), "\"descriptors_left_s\":33}"), "%s", tl_buf_text(&json));
	cr_expect_lt(tl_change_seconds_left(&change, 0), 0, "the first look");
	change.gone = 14;
	cr_expect_lt(tl_change_seconds_left(&change, 10), 0, "it does not grow");
	tl_buf_release(&json);
	tl_host_release(&before);
	tl_host_release(&now);
}

/* A quarter of tcp_max_orphans, where that is known. */
Test(host, orphans)
{
	struct tl_buf text = { 0 };
	struct tl_host look;

	for (int i = 0; i < 30; i++)
		tl_buf_fmt(&text, "LAST-ACK 0 1 10.0.0.1:80 10.0.0.9:%d timer:(on,200ms,0) ino:0\n", 4000 + i);
	look = read_saved(tl_buf_text(&text), 30);
	cr_expect_null(tl_group_rule(&look, &look.groups[0]));
	look.knobs.setting[TL_KNOB_MAX_ORPHANS] = 121;
	cr_assert(tl_group_rule(&look, &look.groups[0]));
	cr_expect_eq(tl_group_rule(&look, &look.groups[0])->lead, TL_LEAD_ORPHANS);
	look.knobs.setting[TL_KNOB_MAX_ORPHANS] = 124;
	cr_expect_null(tl_group_rule(&look, &look.groups[0]));
	tl_host_release(&look);
	tl_buf_release(&text);
}

Test(host, conditions)
{
	static const struct {
		const char *text;
		int column;
	} wrong[] = { { "", 1 }, { "CLOSE_WAIT", 11 }, { "CLSOE > 1", 1 }, { "CLOSE_WAIT 5", 12 },
		      { "CLOSE_WAIT > x", 14 }, { "CLOSE_WAIT > 1 for", 19 },
		      { "CLOSE_WAIT > 1 for 5 s", 22 }, { "CLOSE_WAIT > 1 in 5s", 16 },
		      { "CLOSE_WAIT > 1 for never", 20 } };
	char column[32];
	struct tl_condition c;
	struct tl_host look = look_of((uint64_t[]){ 1, 2, 3 }, 3);

	cr_assert_eq(tl_condition_parse("close-wait>2 for 1m", &c, &err), 0, "%s", err.text);
	cr_expect_eq(c.for_ms, 60000);
	cr_expect(tl_condition_holds(&c, &look));
	cr_assert_eq(tl_condition_parse("CLOSE_WAIT >= 4", &c, &err), 0, "%s", err.text);
	cr_expect(!tl_condition_holds(&c, &look));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(column, sizeof(column), ", column %d: ", wrong[i].column);
		cr_expect_eq(tl_condition_parse(wrong[i].text, &c, &err), -EINVAL, "%s", wrong[i].text);
		cr_expect(strstr(err.text, column), "%s: %s", column, err.text);
	}
	tl_host_release(&look);
}

/* What a row says beside its state: the lab's report says the same, without counts. */
Test(host, notes)
{
	static const struct {
		const char *state;
		uint32_t recvq, sendq, inode;
		enum tl_timer timer;
		uint8_t retrans;
		const char *host, *lab;
	} all[] = {
		{ "LISTEN", 3, 128, 1, TL_TIMER_NONE, 0, "3 of 128 wait for accept()", "" },
		{ "LISTEN", 0, 128, 1, TL_TIMER_NONE, 0, "", "" },
		{ "CLOSE_WAIT", 1, 0, 1, TL_TIMER_NONE, 0, "", "" },
		{ "CLOSE_WAIT", 2, 0, 0, TL_TIMER_NONE, 0,
		  "no program has accepted it yet; 1 byte unread", "" },
		{ "FIN_WAIT1", 0, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "CLOSING", 1, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "LAST_ACK", 6, 1, 1, TL_TIMER_RETRANSMIT, 0, "5 bytes unread", "" },
		{ "LAST_ACK", 0, 2, 1, TL_TIMER_PROBE, 0, "its FIN waits behind 1 byte; probes the "
		  "other end's zero window", "" },
		{ "FIN_WAIT2", 1, 0, 1, TL_TIMER_NONE, 0, "1 byte unread", "" },
		{ "SYN_SENT", 0, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "SYN_RECV", 0, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "SYN_RECV", 5, 4, 1, TL_TIMER_RETRANSMIT, 0,
		  "5 bytes unread; 3 bytes not acknowledged", "" },
		{ "FIN_WAIT1", 0, 101, 0, TL_TIMER_PROBE, 2, "no program has it any more; its FIN "
		  "waits behind 100 bytes; probes the other end's zero window", "" },
		{ "FIN_WAIT2", 0, 0, 0, TL_TIMER_TIMEWAIT, 0, "no program has it any more", "" },
		{ "TIME_WAIT", 0, 0, 0, TL_TIMER_TIMEWAIT, 0, "", "" },
		{ "ESTABLISHED", 0, 14, 1, TL_TIMER_RETRANSMIT, 3,
		  "14 bytes not acknowledged; repeated 3 times without an answer",
		  "14 bytes not acknowledged" },
		{ "ESTABLISHED", 0, 0, 1, TL_TIMER_KEEPALIVE, 1,
		  "1 keepalive probe without an answer", "-" },
		{ "CLOSE", 0, 0, 1, TL_TIMER_NONE, 0,
		  "bound to its port, and neither listens nor connects", "" },
	};
	char note[TL_SOCK_NOTE];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct tl_sock s = sock(all[i].state, "10.0.0.1:80", "10.0.0.9:4000");
		const char *lab = *all[i].lab == '-' ? "" : *all[i].lab ? all[i].lab : all[i].host;

		s.recvq = all[i].recvq;
		s.sendq = all[i].sendq;
		s.inode = all[i].inode;
		s.timer = all[i].timer;
		s.retrans = all[i].retrans;
		tl_sock_note(&s, TL_NOTE_BACKLOG | TL_NOTE_INODE | TL_NOTE_COUNTS, note);
		cr_expect_str_eq(note, all[i].host);
		tl_sock_note(&s, TL_NOTE_BACKLOG | TL_NOTE_INODE, note);
		cr_expect_str_eq(note, lab);
	}
}

/* A row as the report's netstat writes it, where that does not cut. */
Test(host, rows_are_netstats)
{
	struct tl_sock s = sock("CLOSE_WAIT", "127.0.0.1:6379", "10.20.30.40:53525");
	char row[TL_NETSTAT_ROW];

	s.recvq = 4294967295u;
	s.sendq = 7;
	*tl_netstat_row(row, &s) = '\0';
	cr_expect_str_eq(row, "tcp   4294967295      7 127.0.0.1:6379          10.20.30.40:53525       "
			      "CLOSE_WAIT");
	s = sock("LISTEN", ":::80", ":::*");
	*tl_netstat_row(row, &s) = '\0';
	cr_expect_str_eq(row, "tcp6       0      0 :::80                   :::*                    "
			      "LISTEN");
}

/* A /proc of our own: a process with two sockets, a file and an epoll set; one with a set alone. */
Test(host, processes)
{
	struct tl_processes all = { 0 };
	char dir[] = "/tmp/tcplab-proc-XXXXXX", path[256];
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
	cr_assert(!mkdir("42", 0755) && !mkdir("42/fd", 0755) && !mkdir("42/task", 0755) &&
		  !mkdir("42/task/42", 0755) && !mkdir("42/task/42/fdinfo", 0755) &&
		  !mkdir("41", 0755) && !mkdir("41/fd", 0755) && !mkdir("self", 0755));
	cr_assert_eq(symlink("anon_inode:[eventpoll]", "41/fd/3"), 0);
	cr_assert_eq(symlink("socket:[1001]", "42/fd/3"), 0);
	cr_assert_eq(symlink("socket:[1002]", "42/fd/4"), 0);
	cr_assert_eq(symlink("/etc/passwd", "42/fd/5"), 0);
	cr_assert_eq(symlink("anon_inode:[eventpoll]", "42/fd/6"), 0);
	f = fopen("42/comm", "w");
	fputs("a) b\n", f);
	fclose(f);
	f = fopen("42/stat", "w");
	fputs("42 (a) b) T 7 1 1\n", f);
	fclose(f);
	f = fopen("42/limits", "w");
	fputs("Limit\nMax open files            1024                 4096                 files\n", f);
	fclose(f);
	f = fopen("42/task/42/fdinfo/6", "w");
	fputs("pos:\t0\ntfd:        4 events:       19 data: 4  pos:0 ino:3ea sdev:8\n", f);
	fclose(f);
	cr_assert_eq(tl_processes_read(dir, &all, &err), 0, "%s", err.text);
	cr_assert_eq(tl_processes_watch(dir, &all, &err), 0, "%s", err.text);
	cr_assert_eq(all.n, 1);
	tl_process_more(dir, &all.v[0]);
	cr_expect_str_eq(all.v[0].name, "a) b");
	cr_expect_eq(all.v[0].descriptors, 4);
	cr_expect_eq(all.v[0].limit, 1024);
	cr_expect_eq(all.v[0].parent, 7);
	cr_expect(all.v[0].stopped);
	cr_expect(all.v[0].polls);
	cr_expect_eq(all.n_sets, 1, "that of a process without a socket is not looked into");
	cr_expect(tl_processes_watches(&all, 1002));
	cr_expect(!tl_processes_watches(&all, 1001));
	cr_assert_not_null(tl_processes_find(&all, 1001));
	cr_expect_eq(tl_processes_find(&all, 1001)->fd, 3);
	cr_expect_null(tl_processes_find(&all, 1003));
	tl_processes_release(&all);
	snprintf(path, sizeof(path), "rm -rf %s", dir);
	cr_expect_eq(system(path), 0);
}

/* Ours, out of the real /proc: numbers with gaps, some far away, and one beyond all others. */
Test(host, descriptors_with_gaps)
{
	static const int numbers[] = { 40, 41, 60, 200, 255, 900 };
	const size_t n = sizeof(numbers) / sizeof(*numbers);
	struct tl_processes all = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0), seen = 0, mine = 0;
	const struct tl_hold *hold;
	DIR *dir = opendir("/proc/self/fd");
	struct stat st;

	for (size_t i = 0; i < n; i++)
		cr_assert_eq(dup2(fd, numbers[i]), numbers[i]);
	while (readdir(dir))
		mine++;
	closedir(dir);
	mine -= 3; /* itself, the one above, and the directory that was open */
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(tl_processes_read("/proc", &all, &err), 0, "%s", err.text);
	for (hold = tl_processes_find(&all, st.st_ino); hold; hold = tl_hold_next(&all, hold)) {
		cr_expect_eq(hold->fd, seen ? numbers[seen - 1] : fd);
		cr_expect_eq(all.v[hold->process].pid, getpid());
		/* Its own of /proc and of these, which are open while it looks. */
		cr_expect_geq((int)all.v[hold->process].descriptors, mine);
		cr_expect_leq((int)all.v[hold->process].descriptors, mine + 3);
		seen++;
	}
	cr_expect_eq(seen, (int)n + 1);
	for (size_t i = 1; i < all.n; i++)
		cr_expect_lt(all.v[i - 1].pid, all.v[i].pid);
	tl_processes_release(&all);
}

/* The last change counts; a minisocket was closed; what was told meanwhile is not held against it. */
Test(host, second_witness)
{
	static const char text[] =
		"ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 ino:9\n"
		"ESTAB 0 0 [::ffff:10.0.0.1]:4001 [::ffff:10.0.0.9]:80 ino:10\n"
		"TIME-WAIT 0 0 10.0.0.1:4002 10.0.0.9:80 timer:(timewait,59sec,0) ino:0\n"
		"CLOSE-WAIT 1 0 10.0.0.1:4003 10.0.0.9:80 ino:11\n"
		"ESTAB 0 0 10.0.0.1:4004 10.0.0.9:80 ino:12\n";
	static const struct {
		uint16_t port;
		enum tl_state to;
	} told[] = {
		{ 4000, TL_SYN_SENT }, { 4000, TL_ESTABLISHED }, { 4001, TL_ESTABLISHED },
		{ 4002, TL_CLOSE }, { 4003, TL_ESTABLISHED }, { 4004, TL_CLOSE }, { 5000, TL_CLOSE },
	};
	struct tl_change_told v[7] = { 0 };
	const struct tl_told_changes all = { v, 7, 0 }, last = { &v[5], 1, 0 }, none = { 0 };
	struct tl_host look = read_saved(text, 5);
	struct tl_witnessed it;

	for (size_t i = 0; i < 7; i++) {
		v[i].to = told[i].to;
		cr_assert_eq(tl_endpoint_parse("10.0.0.1:1", &v[i].local, &err), 0);
		cr_assert_eq(tl_endpoint_parse("10.0.0.9:80", &v[i].remote, &err), 0);
		v[i].local.port = told[i].port;
	}
	cr_assert_eq(tl_witness(&look, &all, &last, &it, &err), 0);
	cr_expect_eq(it.agree, 3);
	cr_expect_eq(it.differ, 1);
	cr_expect_eq(it.to.to, TL_ESTABLISHED);
	cr_expect_eq(it.table, TL_CLOSE_WAIT);
	cr_assert_eq(tl_witness(&look, &all, &none, &it, &err), 0);
	cr_expect_eq(it.differ, 2);
	cr_assert_eq(tl_witness(&look, &none, &none, &it, &err), 0);
	cr_expect_eq(it.agree + it.differ, 0);
	tl_host_release(&look);
}

/* Two looks as JSON, one behind the other. */
static void keep(struct tl_buf *out, const char *text, size_t rows, int64_t unix_ms)
{
	const struct tl_host_told told = { .host = "db-3", .time = "10:54:10", .took_ms = -1,
					   .program = "tcplab", .width = 80, .unix_ms = unix_ms };
	struct tl_host look = read_saved(text, rows);
	struct tl_diagnoses found = { 0 };

	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	for (size_t i = 0; i < look.n; i++)
		look.rows[i].sock.cookie = 0xfedcba9876543210u + look.rows[i].sock.local.port;
	tl_host_json(&look, &found, &told, out);
	tl_diagnoses_release(&found);
	tl_host_release(&look);
}

static const char kept_first[] =
	"LISTEN 0 128 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=7,fd=3)) ino:9\n"
	"ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\\\"b\",pid=1,fd=3),(\"c\",pid=2,fd=4)) ino:11\n"
	"ESTAB 0 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=5)) ino:12\n"
	"TIME-WAIT 0 0 10.0.0.1:4002 10.0.0.9:80 timer:(timewait,59sec,0) ino:0\n";
static const char kept_then[] =
	"CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:11 lastsnd:20000 "
	"lastrcv:20000 lastack:15000\n"
	"TIME-WAIT 0 0 10.0.0.1:4001 10.0.0.9:80 timer:(timewait,59sec,0) ino:0\n"
	"ESTAB 0 0 10.0.0.1:4002 10.0.0.9:80 users:((\"a\",pid=1,fd=6)) ino:13\n";

/* A look that was kept says what it said; a way that TCP does not have is told. */
Test(host, looks_that_were_kept)
{
	struct tl_kept_look first = { 0 }, then = { 0 };
	struct tl_buf json = { 0 }, again = { 0 };
	struct tl_turn turn = { 0 };
	const char *at;
	size_t left, len;

	keep(&json, kept_first, 4, 1000);
	len = json.len;
	keep(&json, kept_then, 3, 3500);
	at = tl_buf_text(&json);
	left = json.len;
	cr_expect(tl_looks_are(at, left));
	cr_assert_eq(tl_looks_next(&at, &left, &first, &err), 1, "%s", err.text);
	first.told.took_ms = -1;
	tl_host_json(&first.look, &first.findings, &first.told, &again);
	cr_expect(again.len == len && !memcmp(again.data, json.data, len), "%s\n%s",
		  tl_buf_text(&json), tl_buf_text(&again));
	cr_assert_eq(tl_looks_next(&at, &left, &then, &err), 1, "%s", err.text);
	cr_expect_eq(then.findings.n, 1);
	cr_assert_eq(tl_turn_make(&first, &then, &turn, &err), 0);
	cr_expect_eq(turn.seconds, 2.5);
	cr_assert_eq(turn.n_moves, 3);
	cr_expect_eq(turn.moves[0].from, TL_ESTABLISHED);
	cr_expect_eq(turn.moves[0].to, TL_TIME_WAIT);
	cr_expect_eq(turn.moves[0].arcs, 2);
	cr_expect_eq(turn.moves[1].to, TL_CLOSE_WAIT);
	cr_expect_str_eq(turn.moves[1].way[0]->id, "13");
	cr_expect_eq(turn.moves[2].from, TL_TIME_WAIT);
	cr_expect_eq(turn.moves[2].arcs, -1, "TIME_WAIT to ESTABLISHED");
	tl_turn_release(&turn);
	tl_kept_look_release(&first);
	cr_expect_eq(tl_looks_next(&at, &left, &first, &err), 0);
	tl_kept_look_release(&then);
	tl_buf_release(&json);
	tl_buf_release(&again);
}

/* Each has one thing in it that cannot be. */
Test(host, looks_that_are_none)
{
	static const char row[] = "\"local\":\"1.1.1.1:1\",\"remote\":\"2.2.2.2:2\",\"timer\":\"none\"";
	static const char *const wrong[] = {
		"{", "[]", "{}", "{\"tcplab-host\":2}", "{\"tcplab-host\":1,\"host\":\"h\"}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":{}}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{}]}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{\"state\":\"NONE\",%s}]}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{\"state\":\"LISTEN\",\"recvq\":-1,%s}]}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{\"state\":\"LISTEN\",\"inode\":1,\"processes\":"
		"[{\"pid\":0,\"name\":\"\"}],%s}]}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{\"state\":\"LISTEN\",%s}],\"findings\":[{\"rule\":"
		"\"none\",\"says\":\"\",\"state\":\"LISTEN\"}]}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{\"state\":\"LISTEN\",%s}],\"findings\":[{\"rule\":"
		"\"half-open\",\"says\":\"\",\"state\":\"LISTEN\",\"group\":1}]}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[{\"state\":\"LISTEN\",%s}],\"findings\":[{\"rule\":"
		"\"half-open\",\"says\":\"\",\"state\":\"LISTEN\",\"evidence\":[{\"label\":\"\\u001b\",\"text\":"
		"\"\"}]}]}",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct tl_kept_look look = { 0 };
		struct tl_buf text = { 0 };
		const char *at;
		size_t left;

		for (at = wrong[i]; *at; at++) {
			if (at[0] == '%' && at[1] == 's') {
				tl_buf_str(&text, row);
				at++;
			} else {
				tl_buf_add(&text, at, 1);
			}
		}
		at = tl_buf_text(&text);
		left = text.len;
		cr_expect_eq(tl_looks_next(&at, &left, &look, &err), -EINVAL, "%s", tl_buf_text(&text));
		tl_kept_look_release(&look);
		tl_buf_release(&text);
	}
}
