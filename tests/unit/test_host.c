/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said about a host, without one: groups, changes, conditions, processes. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_fixture.h"
#include "tcplab/change.h"
#include "tcplab/diagnosis.h"
#include "tcplab/netstat_row.h"
#include "tcplab/tracepoint.h"

static struct tl_err err;

/* Of one state the larger group first; a FIN sent once more may still be answered. */
Test(host, groups)
{
	struct tl_host look = host_read_saved(
		"FIN-WAIT-1 0 1 10.0.0.1:4000 10.0.0.7:80 timer:(on,200ms,1) ino:0\n"
		"FIN-WAIT-1 0 1 10.0.0.1:4001 10.0.0.9:80 timer:(on,200ms,2) ino:0\n"
		"FIN-WAIT-1 0 1 10.0.0.1:4002 10.0.0.9:80 timer:(on,200ms,1) ino:0\n", 3);

	cr_assert_eq(look.n_groups, 2);
	cr_expect_eq(look.groups[0].n, 2);
	cr_expect(tl_group_rule(&look, &look.groups[0]));
	cr_expect_eq(look.groups[1].n, 1);
	cr_expect_null(tl_group_rule(&look, &look.groups[1]));
	tl_host_release(&look);
}

/* What may be wrong stands before what ends by itself, however many those are. */
Test(host, what_may_be_wrong_first)
{
	struct tl_host look = host_read_saved(
		"TIME-WAIT 0 0 10.0.0.1:4000 10.0.0.9:80 timer:(timewait,50sec,0) ino:0\n"
		"TIME-WAIT 0 0 10.0.0.1:4001 10.0.0.9:80 timer:(timewait,50sec,0) ino:0\n"
		"ESTAB 0 0 10.0.0.1:4002 10.0.0.9:80 ino:7\n"
		"CLOSE-WAIT 0 0 10.0.0.1:4003 10.0.0.9:80 ino:8\n", 4);

	cr_assert_eq(look.n_groups, 3);
	cr_expect_eq(look.groups[0].state, TL_CLOSE_WAIT);
	cr_expect_eq(look.groups[1].state, TL_ESTABLISHED);
	cr_expect_eq(look.groups[2].state, TL_TIME_WAIT);
	tl_host_release(&look);
}

static struct tl_host look_with(const uint64_t *cookies, size_t n, uint32_t inode)
{
	const struct tl_sock_info info = { 0 };
	struct tl_host look = { .says = TL_HOST_INODES };

	tl_knobs_unknown(&look.knobs);
	for (size_t i = 0; i < n; i++) {
		struct tl_sock s = host_sock("CLOSE_WAIT", "10.0.0.1:4000", "10.0.0.9:80");

		s.cookie = cookies[i];
		s.local.port += i;
		s.inode = inode ? inode + i : 0;
		cr_assert_eq(tl_host_add(&look, &s, &info, &err), 0);
	}
	cr_assert_eq(tl_host_arrange(&look, NULL, &err), 0);
	return look;
}

static struct tl_host look_of(const uint64_t *cookies, size_t n)
{
	return look_with(cookies, n, 100);
}

/* Of all groups together so many rows have come and gone; both looks are taken. */
static void check_changes(struct tl_host before, struct tl_host now, size_t came, size_t went)
{
	struct tl_changes changes = { 0 };
	size_t added = 0, gone = 0;

	cr_assert_eq(tl_changes_make(&before, &now, &changes, &err), 0);
	for (size_t i = 0; i < changes.n; i++) {
		added += changes.v[i].added;
		gone += changes.v[i].gone;
	}
	cr_expect_eq(added, came, "%zu of %zu", added, came);
	cr_expect_eq(gone, went, "%zu of %zu", gone, went);
	tl_changes_release(&changes);
	tl_host_release(&before);
	tl_host_release(&now);
}

/* Whose they are is seen at the second look only: they have neither come nor gone. */
Test(host, an_owner_that_is_seen_later_is_no_change)
{
	struct tl_host before = look_with((uint64_t[]){ 1, 2, 3 }, 3, 0);
	struct tl_host now = look_of((uint64_t[]){ 1, 2, 3, 4 }, 4);

	cr_assert_neq(before.groups[0].owner, now.groups[0].owner);
	check_changes(before, now, 1, 0);
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

Test(host, a_state_that_changes_comes_and_goes)
{
	check_changes(host_read_saved("ESTAB 0 0 10.0.0.1:4000 10.0.0.9:80 ino:9\n", 1),
		      host_read_saved("CLOSE-WAIT 0 0 10.0.0.1:4000 10.0.0.9:80 ino:9\n", 1), 1, 1);
}

/* Cookies some of which have a place of the table in common. */
Test(host, what_is_still_there_is_no_change)
{
	uint64_t cookies[30];

	for (int i = 0; i < 30; i++)
		cookies[i] = 97 * (i + 1);
	check_changes(look_of(cookies, 30), look_of(cookies, 30), 0, 0);
}

/* 12 descriptors more in 10 s, and 40 left: 33 s. What was not there before has no pace. */
Test(host, time_to_the_limit)
{
	struct tl_host before = host_read_saved(
		"CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9\n", 1);
	struct tl_host now = host_read_saved(
		"CLOSE-WAIT 1 0 10.0.0.1:4000 10.0.0.9:80 users:((\"a\",pid=1,fd=3)) ino:9\n"
		"CLOSE-WAIT 1 0 10.0.0.1:4001 10.0.0.9:80 users:((\"a\",pid=2,fd=3)) ino:10\n", 2);
	struct tl_changes changes = { 0 };
	struct tl_buf json = { 0 };

	before.rows[0].sock.cookie = 1;
	now.rows[0].sock.cookie = 2;
	now.rows[1].sock.cookie = 3;
	before.processes.v[0].descriptors = 48;
	now.processes.v[0].descriptors = 60;
	now.processes.v[1].descriptors = 90;
	now.processes.v[1].limit = 100;
	cr_assert_eq(tl_changes_make(&before, &now, &changes, &err), 0);
	cr_expect_lt(tl_change_seconds_left(&changes.v[0], 10), 0, "no limit is known");
	tl_changes_release(&changes);
	now.processes.v[0].limit = 100;
	cr_assert_eq(tl_changes_make(&before, &now, &changes, &err), 0);
	cr_assert_eq(changes.v[0].group->processes, 2);
	cr_expect_float_eq(tl_change_seconds_left(&changes.v[0], 10), 40 / 1.2, 1e-9);
	tl_change_json(&changes.v[0], 10, &json);
	cr_expect(strstr(tl_buf_text(&json), "\"descriptors_left_s\":33,\"descriptors_left_pid\":1}"), "%s",
		  tl_buf_text(&json));
	cr_expect_lt(tl_change_seconds_left(&changes.v[0], 0), 0, "the first look");
	tl_changes_release(&changes);
	now.processes.v[0].descriptors = 48;
	cr_assert_eq(tl_changes_make(&before, &now, &changes, &err), 0);
	cr_expect_lt(tl_change_seconds_left(&changes.v[0], 10), 0,
		     "it has no more descriptors: its sockets went from state to state");
	tl_changes_release(&changes);
	tl_buf_release(&json);
	tl_host_release(&before);
	tl_host_release(&now);
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
	cr_assert_eq(tl_condition_parse("\n  CLOSE_WAIT\t >= 4 ", &c, &err), 0, "%s", err.text);
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
		{ "LISTEN", 3, 128, 1, TL_TIMER_NONE, 0, 
		  "3 wait for accept(), with a backlog of 128", "" },
		{ "LISTEN", 0, 128, 1, TL_TIMER_NONE, 0, "", "" },
		{ "CLOSE_WAIT", 1, 0, 1, TL_TIMER_NONE, 0, "", "" },
		{ "CLOSE_WAIT", 2, 0, 0, TL_TIMER_NONE, 0,
		  "no program has accepted it yet; 1 byte unread", "" },
		{ "FIN_WAIT1", 0, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "CLOSING", 1, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "LAST_ACK", 6, 1, 1, TL_TIMER_RETRANSMIT, 0, "5 bytes unread", "" },
		{ "LAST_ACK", 0, 2, 1, TL_TIMER_PROBE, 0, "1 byte before its FIN is not "
		  "acknowledged either; "
		  "probes the other end's window", "" },
		{ "FIN_WAIT2", 1, 0, 1, TL_TIMER_NONE, 0, "1 byte unread", "" },
		{ "SYN_SENT", 0, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "SYN_SENT", 0, 1001, 1, TL_TIMER_RETRANSMIT, 0, "1000 bytes not acknowledged", "" },
		{ "SYN_SENT", 0, 2696945823, 1, TL_TIMER_NONE, 0,
		  "its SYN waits for its first data (TCP_FASTOPEN_CONNECT)", "" },
		{ "SYN_RECV", 0, 1, 1, TL_TIMER_RETRANSMIT, 0, "", "" },
		{ "SYN_RECV", 5, 4, 1, TL_TIMER_RETRANSMIT, 0,
		  "5 bytes unread; 3 bytes not acknowledged", "" },
		{ "FIN_WAIT1", 0, 101, 0, TL_TIMER_PROBE, 2, "no program has it any more; "
		  "100 bytes before its FIN are not acknowledged either; probes the other end's window", "" },
		{ "FIN_WAIT2", 0, 0, 0, TL_TIMER_TIMEWAIT, 0, "no program has it any more", "" },
		{ "TIME_WAIT", 0, 0, 0, TL_TIMER_TIMEWAIT, 0, "", "" },
		{ "ESTABLISHED", 0, 14, 1, TL_TIMER_RETRANSMIT, 3,
		  "14 bytes not acknowledged; its timer has fired 3 times without an answer",
		  "14 bytes not acknowledged" },
		{ "ESTABLISHED", 0, 0, 1, TL_TIMER_KEEPALIVE, 1,
		  "1 keepalive probe without an answer", "-" },
		{ "CLOSE", 0, 0, 1, TL_TIMER_NONE, 0,
		  "bound to its port, and neither listens nor connects", "" },
	};
	char note[TL_SOCK_NOTE];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct tl_sock s = host_sock(all[i].state, "10.0.0.1:80", "10.0.0.9:4000");
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
	struct tl_sock s = host_sock("CLOSE_WAIT", "127.0.0.1:6379", "10.20.30.40:53525");
	struct tl_buf row = { 0 };

	s.recvq = 4294967295u;
	s.sendq = 7;
	tl_netstat_row(&row, &s);
	cr_expect_str_eq(row.data, "tcp   4294967295      7 127.0.0.1:6379          10.20.30.40:53525       "
			      "CLOSE_WAIT");
	s = host_sock("LISTEN", ":::80", ":::*");
	row.len = 0;
	tl_netstat_row(&row, &s);
	cr_expect_str_eq(row.data, "tcp6       0      0 :::80                   :::*                    "
			      "LISTEN");
	tl_buf_release(&row);
}

static char proc[] = "/tmp/tcplab-proc-XXXXXX";

/* A /proc of our own begins; this process is in it. */
static void make_proc(void)
{
	cr_assert_not_null(mkdtemp(proc));
	cr_assert_eq(chdir(proc), 0);
}

static void remove_proc(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", proc);
	cr_expect_eq(system(command), 0);
}

static void make_folders(const char *path)
{
	char folder[64];

	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		cr_assert(!mkdir(folder, 0755) || errno == EEXIST, "%s", folder);
	}
}

static void proc_file(const char *path, const char *text)
{
	FILE *f;

	make_folders(path);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static void proc_link(const char *path, const char *to)
{
	make_folders(path);
	cr_assert_eq(symlink(to, path), 0, "%s", path);
}

/* A /proc of our own: a process with two sockets, a file and an epoll set; one with a set alone. */
Test(host, processes, .init = make_proc, .fini = remove_proc)
{
	struct tl_processes all = { 0 };
	bool input;

	proc_file("self/comm", "me\n");
	proc_link("41/fd/3", "anon_inode:[eventpoll]");
	proc_link("42/fd/3", "socket:[1001]");
	proc_link("42/fd/4", "socket:[1002]");
	proc_link("42/fd/5", "/etc/passwd");
	proc_link("42/fd/6", "anon_inode:[eventpoll]");
	proc_file("42/comm", "a) b\n");
	proc_file("42/stat", "42 (a) b) T 7 1 1\n");
	proc_file("42/limits",
		  "Limit\nMax open files            1024                 4096                 files\n");
	proc_file("42/task/42/fdinfo/6",
		  "pos:\t0\ntfd:        4 events:       19 data: 4  pos:0 ino:3ea sdev:8\n"
		  "tfd:        7 events: 40000000 data: 7  pos:0 ino:3eb sdev:8\n"
		  "tfd:        8 events:       1c data: 8  pos:0 ino:3ea sdev:8\n");
	cr_assert_eq(tl_processes_read(proc, &all, &err), 0, "%s", err.text);
	cr_assert_eq(tl_processes_watch(proc, &all, &err), 0, "%s", err.text);
	cr_assert_eq(all.n, 1);
	tl_process_more(proc, &all.v[0]);
	cr_expect_str_eq(all.v[0].name, "a) b");
	cr_expect_eq(all.v[0].descriptors, 4);
	cr_expect_eq(all.v[0].limit, 1024);
	cr_expect_eq(all.v[0].parent, 7);
	cr_expect(all.v[0].stopped);
	cr_expect(all.v[0].polls);
	cr_expect_eq(all.n_sets, 1, "that of a process without a socket is not looked into");
	cr_expect(tl_processes_watches(&all, 1002, 0, &input) && input, "in one of two places");
	cr_expect(tl_processes_watches(&all, 1003, 0, &input) && !input, "EPOLLONESHOT, told");
	cr_expect(!tl_processes_watches(&all, 1001, 0, &input));
	cr_expect(!tl_processes_watches(&all, 1002, 1, &input), "another process");
	cr_expect_eq(tl_processes_watcher(&all, 1002, 1), &all.v[0]);
	cr_expect_null(tl_processes_watcher(&all, 1002, 0));
	cr_expect_null(tl_processes_watcher(&all, 1004, 1));
	cr_assert_not_null(tl_processes_find(&all, 1001));
	cr_expect_eq(tl_processes_find(&all, 1001)->fd, 3);
	cr_expect_null(tl_processes_find(&all, 1003));
	tl_processes_release(&all);
}

/* Children of kthreadd are not looked into; those of a container's process of its number are. */
Test(host, kernel_threads, .init = make_proc, .fini = remove_proc)
{
	static const struct {
		const char *stat, *children;
		size_t processes;
	} kinds[] = {
		{ "2 (kthreadd) S 0 0 0 0 -1 2129984 0", "70 3 9 ", 0 },
		/* The last one is cut short: who knows which it is? */
		{ "2 (kthreadd) S 0 0 0 0 -1 2129984 0", "70 3 9", 1 },
		{ "2 (kthreadd) S 0 0 0 0 -1 4194560 0", "70 3 9 ", 3 },
	};

	proc_link("3/fd/3", "socket:[1001]");
	proc_link("9/fd/3", "socket:[1001]");
	proc_link("70/fd/3", "socket:[1001]");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct tl_processes all = { 0 };

		proc_file("2/stat", kinds[i].stat);
		proc_file("2/task/2/children", kinds[i].children);
		cr_assert_eq(tl_processes_read(proc, &all, &err), 0, "%s", err.text);
		cr_expect_eq(all.n, kinds[i].processes);
		tl_processes_release(&all);
	}
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
	struct tl_host look = host_read_saved(text, 5);
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
