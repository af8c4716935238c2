/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts that are read: tables of ss and netstat, and looks that were kept. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host_fixture.h"
#include "tcplab/host_report.h"
#include "tcplab/host_words.h"
#include "tcplab/looks.h"
#include "tcplab/netstat_row.h"
#include "tcplab/saved.h"
#include "tcplab/sieve.h"

static struct tl_err err;

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
	struct tl_host look = host_read_saved(ss_61, 6);
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

/* The timer of an idle row is named: until when it sends no probe. */
Test(host, rows_say_when_keepalive_probes)
{
	struct tl_host look = host_read_saved(
		"ESTAB 0 0 10.9.9.1:36539 10.9.9.2:7100 timer:(keepalive,119min,0) ino:103\n"
		"ESTAB 0 0 10.9.9.1:36540 10.9.9.2:7100 timer:(keepalive,9sec,2) ino:104\n"
		"FIN-WAIT-2 0 0 10.9.9.1:36541 10.9.9.2:7100 timer:(keepalive,90sec,0) ino:0\n", 3);
	const struct tl_host_told told = { .program = "tcplab", .width = 1000 };
	const struct tl_diagnoses none = { 0 };
	struct tl_buf said = { 0 };
	static const char *const ends[] = {
		"data can flow both ways; keepalive timer, next probe in at least 1 h 59 min\n",
		"2 keepalive probes without an answer\n",
		"no program has it any more\n",
	};

	for (size_t i = 0; i < look.n; i++) {
		struct tl_buf out = { 0 };

		tl_netstat_more(&out, &look, &look.rows[i]);
		cr_expect(strstr(tl_buf_text(&out), ends[i]), "%s", tl_buf_text(&out));
		tl_buf_release(&out);
	}
	tl_host_release(&look);
	look = host_read_saved("ESTAB 0 0 10.9.9.1:36539 10.9.9.2:7100 timer:(keepalive,9sec,0) ino:103\n", 1);
	tl_host_why_text(&look, &none, &(struct tl_sieve){ 0 }, &told, &said);
	cr_expect(strstr(tl_buf_text(&said), "; keepalive timer, next probe in at least 9 s."), "%s",
		  tl_buf_text(&said));
	tl_buf_release(&said);
	tl_host_release(&look);
}

/* Other versions and flags: users of 2013, no brackets, a column of the protocol, broken lines. */
Test(host, ss_of_other_versions)
{
	struct tl_host look = host_read_saved(
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
	struct tl_host look = host_read_saved(
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
		"0          101        22408/on             off (0.00/0/0)\n"
		"tcp        0     14 10.9.9.1:36540          10.9.9.2:7100           ESTABLISHED "
		"-                    on (4294967.99/3/0)\n", 6);

	cr_expect_str_eq(look.processes.v[look.rows[0].hold->process].name, "nginx: master");
	cr_expect_str_eq(look.processes.v[look.rows[1].hold->process].name, "on");
	cr_expect_eq(look.rows[1].sock.timer, TL_TIMER_RETRANSMIT);
	cr_expect_eq(look.rows[1].sock.retrans, 3);
	cr_expect_eq(look.rows[2].sock.timer, TL_TIMER_KEEPALIVE);
	cr_expect_eq(look.rows[2].sock.timer_ms, 7117800);
	cr_expect_eq(look.rows[2].sock.retrans, 2);
	cr_expect_eq(look.rows[3].sock.timer_ms, 31100);
	cr_expect_eq(look.rows[4].sock.inode, 101);
	cr_expect_eq(look.rows[5].sock.timer, TL_TIMER_NONE, "more milliseconds than a number holds");
	cr_expect_eq(look.says & TL_HOST_BACKLOG, 0, "netstat has none");
	tl_host_release(&look);
}

Test(host, text_that_is_none)
{
	static const char *const wrong[] = { "", "\n", "hello\nworld\n", "udp 0 0 1.1.1.1:1 2.2.2.2:2\n" };
	static const char named[] = "ESTAB 0 0 localhost:http localhost:4242\n";
	struct tl_host look = { 0 };
	struct tl_unread unread;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		cr_expect_eq(tl_saved_read(wrong[i], strlen(wrong[i]), NULL, &look, &unread, &err),
			     -EINVAL);
		tl_host_release(&look);
	}
	cr_expect_eq(tl_saved_read(named, strlen(named), NULL, &look, &unread, &err), -EINVAL);
	cr_expect_eq(unread.n, 1);
	cr_expect(strstr(err.text, "-n"), "%s", err.text);
	tl_host_release(&look);
}

/* Two looks as JSON, one behind the other. */
static void keep(struct tl_buf *out, const char *text, size_t rows, int64_t unix_ms, int64_t up_ms)
{
	const struct tl_host_told told = { .host = "db-3", .time = "10:54:10", .took_ms = -1,
					   .program = "tcplab", .width = 80, .unix_ms = unix_ms,
					   .up_ms = up_ms, .network = 4711 };
	struct tl_host look = host_read_saved(text, rows);
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
	"ESTAB 0 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=1,fd=5)) ino:12 tcp-ulp-mptcp\n"
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
	char *half;

	keep(&json, kept_first, 4, 1000, 7000);
	len = json.len;
	half = strndup(tl_buf_text(&json), len / 2);
	tl_buf_str(&json, half);
	free(half);
	keep(&json, kept_then, 3, 900, 9500); /* the clock was set back */
	at = tl_buf_text(&json);
	left = json.len;
	cr_expect(tl_looks_are(at, left));
	cr_expect(strstr(at, "\"mptcp\":true"));
	cr_assert_eq(tl_looks_next(&at, &left, &first, &err), 1, "%s", err.text);
	first.told.took_ms = -1;
	tl_host_json(&first.look, &first.findings, &first.told, &again);
	cr_expect(again.len == len && !memcmp(again.data, json.data, len), "%s\n%s",
		  tl_buf_text(&json), tl_buf_text(&again));
	/* What a full disk or a kill has cut short costs that look, and none behind it. */
	cr_expect_eq(tl_looks_next(&at, &left, &then, &err), -EINVAL);
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
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[],\"settings\":{\"tcp_fin_timeout\":2147483648}}",
		"{\"tcplab-host\":1,\"host\":\"h\",\"rows\":[],\"unix_ms\":9007199254740993}",
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

/* Two hundred peers, each with a finding: the first ten, and how many more; a filter has all. */
Test(host, why_is_bounded)
{
	const struct tl_host_told told = { .program = "tcplab", .width = 80 };
	struct tl_buf text = { 0 }, all = { 0 }, few = { 0 };
	struct tl_diagnoses found = { 0 };
	struct tl_sieve sieve;
	struct tl_host look;

	for (int i = 0; i < 200; i++)
		tl_buf_fmt(&text, "CLOSE-WAIT 1 0 10.0.0.1:%d 10.0.0.%d:80 users:((\"a\",pid=1,fd=%d)) "
				  "ino:%d lastsnd:20000 lastrcv:20000 lastack:15000\n",
			   4000 + i, i + 2, i + 3, i + 1);
	tl_buf_str(&text, "SYN-SENT 0 1 10.0.0.1:4 10.0.1.9:80 timer:(on,9sec,3) "
			  "users:((\"a\",pid=1,fd=999)) ino:999\n");
	look = host_read_saved(tl_buf_text(&text), 201);
	cr_assert_eq(tl_diagnoses_make(&look, &found, &err), 0);
	cr_assert_eq(found.n, 201);
	tl_host_why_text(&look, &found, NULL, &told, &few);
	cr_expect_not_null(strstr(tl_buf_text(&few), "\n10 "));
	cr_expect_null(strstr(tl_buf_text(&few), "\n11 a"));
	cr_expect_not_null(strstr(tl_buf_text(&few),
				  "and 190 more in CLOSE_WAIT: the filter \"CLOSE_WAIT\" shows them"));
	cr_expect_not_null(strstr(tl_buf_text(&few), "\n201 "), "another state has its own");
	cr_assert_eq(tl_sieve_parse((char *[]){ "close-wait" }, 1, &sieve, &err), 0);
	tl_diagnoses_pick(&found, &look, &sieve);
	cr_expect_eq(found.n, 200);
	tl_host_why_text(&look, &found, &sieve, &told, &all);
	cr_expect_not_null(strstr(tl_buf_text(&all), "\n200 "));
	cr_expect_null(strstr(tl_buf_text(&all), "more in"));
	tl_diagnoses_release(&found);
	tl_host_release(&look);
	tl_buf_release(&text);
	tl_buf_release(&few);
	tl_buf_release(&all);
}

/* One spelling, wherever a group is told; a listener has its port. */
Test(host, whose_and_which_way)
{
	static const char text[] = "LISTEN 1 128 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=7,fd=3)) ino:9\n"
				   "ESTAB 0 0 10.0.0.1:80 10.0.0.9:4000 users:((\"web\",pid=7,fd=4)) ino:10\n"
				   "ESTAB 0 0 10.0.0.1:80 10.0.0.9:4001 ino:0\n"
				   "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:81 users:((\"web\",pid=7,fd=5)) ino:11\n";
	static const char *const wanted[] = { "web (7), 0.0.0.0:80", "web (7), 10.0.0.1:80 <- 10.0.0.9",
					      "nobody: accept queue of 0.0.0.0:80, web (7)", "web (7) -> 10.0.0.9:81" };
	struct tl_host look = host_read_saved(text, 4);
	struct tl_buf said = { 0 };

	for (size_t i = 0; i < look.n_groups; i++) {
		tl_buf_str(&said, "|");
		tl_say_owner(&said, &look, &look.groups[i]);
		tl_say_owners_way(&said, &look.groups[i]);
	}
	tl_buf_str(&said, "|");
	for (size_t i = 0; i < 4; i++) {
		char whole[96];

		snprintf(whole, sizeof(whole), "|%s|", wanted[i]);
		cr_expect(strstr(tl_buf_text(&said), whole), "%s is not in %s", whole, tl_buf_text(&said));
	}
	tl_buf_release(&said);
	tl_host_release(&look);
}

/* Bytes are those of the program: neither a FIN nor a SYN counts; without an age they stand first. */
Test(host, queues_of_groups)
{
	static const char text[] = "CLOSE-WAIT 20 0 10.0.0.1:80 10.0.0.9:4000 users:((\"a\",pid=1,fd=3)) ino:9\n"
				   "FIN-WAIT-1 0 101 10.0.0.1:81 10.0.0.9:4000 ino:0\n"
				   "SYN-SENT 0 1 10.0.0.1:4000 10.0.0.9:81 users:((\"a\",pid=1,fd=5)) ino:11\n";
	const struct tl_host_told told = { .host = "h", .took_ms = -1, .program = "tcplab", .width = 80 };
	struct tl_host look = host_read_saved(text, 3);
	struct tl_diagnoses none = { 0 };
	struct tl_buf out = { 0 };

	tl_host_snap_text(&look, &none, &told, &out);
	cr_expect(strstr(tl_buf_text(&out), "a (1), 10.0.0.1:80 <- 10.0.0.9       19 bytes unread\n") &&
		  strstr(tl_buf_text(&out), "the kernel, 10.0.0.1:81 <- 10.0.0.9  100 bytes not acknowledged\n") &&
		  strstr(tl_buf_text(&out), "a (1) -> 10.0.0.9:81\n"), "%s", tl_buf_text(&out));
	tl_buf_release(&out);
	tl_host_release(&look);
}
