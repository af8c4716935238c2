/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host as ss of several iproute2 and netstat printed it at one moment: the same rows, the
 * same findings.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_fixture.h"
#include "tcplab/buf.h"
#include "tcplab/diagnosis.h"
#include "tcplab/host_report.h"
#include "tcplab/leads.h"
#include "tcplab/saved.h"

enum { ROWS = 17 };

static struct tl_err err;

static struct tl_host read_file(const char *name)
{
	static char text[65536];
	struct tl_host look = { 0 };
	struct tl_unread unread = { 0 };
	size_t n;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "tests/fixtures/saved/%s.txt", name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	cr_assert_lt(n, sizeof(text));
	cr_assert_eq(tl_saved_read(text, n, NULL, &look, &unread, &err), 0, "%s: %s", path, err.text);
	cr_assert_eq(look.n, ROWS, "%s: %zu rows", path, look.n);
	cr_assert_eq(unread.n, 0, "%s: %zu lines were not read", path, unread.n);
	return look;
}

static const struct tl_seen *row_like(const struct tl_host *look, const struct tl_sock *sock)
{
	for (size_t i = 0; i < look->n; i++) {
		const struct tl_sock *it = &look->rows[i].sock;

		if (it->state == sock->state && tl_endpoint_equal(&it->local, &sock->local) &&
		    tl_endpoint_equal(&it->remote, &sock->remote))
			return &look->rows[i];
	}
	return NULL;
}

static size_t holders(const struct tl_host *look, const struct tl_seen *row)
{
	size_t n = 0;

	TL_EACH_HOLD(hold, look, row)
		n++;
	return n;
}

/* "a b c" of the findings, in the order of the rules that made them. */
static void findings_of(struct tl_host *look, char *out, size_t size)
{
	struct tl_diagnoses findings = { 0 };
	size_t len = 0;

	*out = '\0';
	cr_assert_eq(tl_diagnoses_make(look, &findings, &err), 0, "%s", err.text);
	for (size_t i = 0; i < findings.n; i++)
		len += snprintf(out + len, size - len, "%s ", tl_lead(findings.v[i].rule->lead)->id);
	tl_diagnoses_release(&findings);
}

Test(host_saved, versions_of_ss_agree)
{
	static const char *const names[] = { "ss-5.10", "ss-5.10-lines", "ss-6.1", "ss-6.15", "ss-7.3" };
	struct tl_host first = read_file(names[0]);
	char wanted[256], found[256];

	findings_of(&first, wanted, sizeof(wanted));
	cr_expect_str_eq(wanted, "close-wait-leak syn-unanswered window-shut never-accepted ");
	for (size_t n = 1; n < sizeof(names) / sizeof(*names); n++) {
		struct tl_host look = read_file(names[n]);

		cr_expect_eq(look.says, first.says, "%s: %x", names[n], look.says);
		for (size_t i = 0; i < first.n; i++) {
			const struct tl_sock *a = &first.rows[i].sock;
			const struct tl_seen *other = row_like(&look, a);

			cr_assert_not_null(other, "%s: row %zu", names[n], i);
			cr_expect_eq(other->sock.inode, a->inode);
			cr_expect_eq(other->sock.recvq, a->recvq);
			cr_expect_eq(other->sock.sendq, a->sendq);
			cr_expect_eq(other->sock.timer, a->timer);
			cr_expect_eq(other->sock.retrans, a->retrans);
			cr_expect_eq(other->info.known, first.rows[i].info.known);
			cr_expect_eq(other->owner, first.rows[i].owner, "%s: row %zu", names[n], i);
			cr_expect_eq(holders(&look, other), holders(&first, &first.rows[i]));
		}
		findings_of(&look, found, sizeof(found));
		cr_expect_str_eq(found, wanted, "%s", names[n]);
		tl_host_release(&look);
	}
	tl_host_release(&first);
}

/* netstat has neither inodes (no -e), nor ages, nor a backlog; one process stands for all. */
Test(host_saved, netstat_agrees_so_far_as_it_says)
{
	struct tl_host ss = read_file("ss-6.15"), look = read_file("netstat-2.10");
	char found[256];

	for (size_t i = 0; i < ss.n; i++) {
		const struct tl_sock *a = &ss.rows[i].sock;
		const struct tl_seen *other = row_like(&look, a);

		cr_assert_not_null(other, "row %zu", i);
		cr_expect_eq(other->sock.recvq, a->recvq);
		cr_expect(a->state == TL_LISTEN || other->sock.sendq == a->sendq);
		cr_expect_eq(other->sock.timer, a->timer);
		cr_expect_eq(other->sock.retrans, a->retrans);
		cr_expect_eq(!other->hold, !ss.rows[i].hold);
	}
	findings_of(&look, found, sizeof(found));
	cr_expect_str_eq(found, "syn-unanswered ");
	tl_host_release(&look);
	tl_host_release(&ss);
}

/* The file as it is, or with something before each line. */
static void add_file(const char *name, const char *before, struct tl_buf *out)
{
	char path[128], line[1024];
	FILE *f;

	snprintf(path, sizeof(path), "tests/fixtures/saved/%s.txt", name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while (fgets(line, sizeof(line), f))
		tl_buf_fmt(out, "%s%s", before, line);
	fclose(f);
}

static int read_changed(const char *name, const char *before, struct tl_host *look, struct tl_unread *unread)
{
	struct tl_buf text = { 0 };
	int rc;

	*look = (struct tl_host){ 0 };
	add_file(name, before, &text);
	rc = tl_saved_read(tl_buf_text(&text), text.len, NULL, look, unread, &err);
	tl_buf_release(&text);
	return rc;
}

/* Pasted out of a ticket: indented, quoted, numbered, or with the colours that grep gave it. */
Test(host_saved, indented_or_coloured)
{
	static const char *const befores[] = { "    ", "\t", "\033[01;31m\033[K", "\033[m", "> ", ">>", "12:",
					       "    12\t", "> 12-" };
	static const char *const names[] = { "ss-6.15", "netstat-2.10" };
	struct tl_host look;
	struct tl_unread unread;

	for (size_t i = 0; i < sizeof(befores) / sizeof(*befores); i++)
		for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
			cr_assert_eq(read_changed(names[n], befores[i], &look, &unread), 0, "%s", err.text);
			cr_expect_eq(look.n, ROWS, "%s, %zu: %zu rows", names[n], i, look.n);
			cr_expect_eq(unread.n, 0);
			tl_host_release(&look);
		}
}

/* As a mail has it that quotes the table: no line is longer than @columns, where blanks let it. */
static void wrap(const char *name, const char *mark, size_t columns, struct tl_buf *out)
{
	char path[128], line[2048], *word, *left;
	size_t column;
	FILE *f;

	snprintf(path, sizeof(path), "tests/fixtures/saved/%s.txt", name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		column = 0;
		for (word = strtok_r(line, " \t\n", &left); word; word = strtok_r(NULL, " \t\n", &left)) {
			bool fits = column && column + 1 + strlen(word) <= columns;

			tl_buf_fmt(out, "%s%s%s", fits ? " " : column ? "\n" : "", fits ? "" : mark, word);
			column = fits ? column + 1 + strlen(word) : strlen(mark) + strlen(word);
		}
		tl_buf_str(out, "\n");
	}
	fclose(f);
}

/* Everything that a row has is still there. */
static void expect_same(const struct tl_host *whole, const struct tl_host *look, size_t i, const char *name,
			size_t columns)
{
	const struct tl_seen *a = &whole->rows[i], *b = &look->rows[i];
	const struct tl_hold *h = a->hold, *other = b->hold;

	cr_expect(tl_endpoint_equal(&a->sock.local, &b->sock.local) &&
		  tl_endpoint_equal(&a->sock.remote, &b->sock.remote) && a->sock.state == b->sock.state &&
		  a->info.ack_received_ms == b->info.ack_received_ms && a->info.known == b->info.known &&
		  a->info.window == b->info.window && a->sock.timer_ms == b->sock.timer_ms &&
		  a->sock.inode == b->sock.inode && a->sock.timer == b->sock.timer, "%s at %zu: row %zu", name,
		  columns, i);
	for (; h && other; h = tl_hold_next(&whole->processes, h), other = tl_hold_next(&look->processes, other)) {
		const struct tl_process *p = &whole->processes.v[h->process], *q = &look->processes.v[other->process];

		cr_expect(p->pid == q->pid && !strcmp(p->name, q->name), "%s at %zu: row %zu: %s", name, columns, i,
			  q->name);
	}
	cr_expect(!h && !other, "%s at %zu: row %zu has other holders", name, columns, i);
}

Test(host_saved, wrapped_by_a_mail)
{
	static const char *const names[] = { "ss-5.10", "ss-6.15", "netstat-2.10" };
	static const char *const marks[] = { "> ", "", ">> " };
	char wanted[256], found[256];

	for (size_t n = 0; n < 3; n++)
		for (size_t columns = 30; columns < 120; columns++) {
			struct tl_host whole = read_file(names[n]), look = { 0 };
			struct tl_unread unread;
			struct tl_buf text = { 0 };

			wrap(names[n], marks[columns % 3], columns, &text);
			cr_assert_eq(tl_saved_read(tl_buf_text(&text), text.len, NULL, &look, &unread, &err), 0);
			cr_expect_eq(unread.n, 0, "%s at %zu: line %zu", names[n], columns, unread.line);
			cr_assert_eq(look.n, whole.n, "%s at %zu: %zu rows", names[n], columns, look.n);
			for (size_t i = 0; i < look.n; i++)
				expect_same(&whole, &look, i, names[n], columns);
			findings_of(&whole, wanted, sizeof(wanted));
			findings_of(&look, found, sizeof(found));
			cr_expect_str_eq(found, wanted, "%s at %zu", names[n], columns);
			tl_buf_release(&text);
			tl_host_release(&whole);
			tl_host_release(&look);
		}
}

/* As ss prints what does not fit into a signed number, netstat not; and no SYN of theirs has been sent. */
Test(host_saved, queues_below_zero)
{
	static const char text[] = "SYN-SENT 0 -1598021473 10.0.0.1:4000 10.0.0.9:80 ino:7\n"
				   "> SYN-SENT 0 -1 10.0.0.1:4001 10.0.0.9:80 ino:8\n"
				   "> tcp 0 2696945823 10.0.0.1:4002 10.0.0.9:80 SYN_SENT 12/a\n";
	struct tl_host look = host_read_saved(text, 3);

	cr_expect_eq(look.rows[0].sock.sendq, 2696945823);
	cr_expect_eq(look.rows[1].sock.sendq, UINT32_MAX);
	cr_expect_eq(look.rows[2].sock.sendq, 2696945823);
	tl_host_release(&look);
}

/* As a terminal of @columns has it; @bare: and without the blanks at the ends of its lines. */
static void fold(const char *name, size_t columns, bool bare, struct tl_buf *out)
{
	char path[128], line[2048];
	FILE *f;

	snprintf(path, sizeof(path), "tests/fixtures/saved/%s.txt", name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, "\n");

		for (size_t at = 0; at < len || !at; at += columns) {
			size_t part = len - at < columns ? len - at : columns;

			while (bare && part && line[at + part - 1] == ' ')
				part--;
			tl_buf_add(out, line + at, part);
			tl_buf_str(out, "\r\n");
		}
	}
	fclose(f);
}

/* In the middle of a word: half an address, a port or an age would be taken for the whole. */
Test(host_saved, wrapped_by_a_terminal)
{
	static const char *const names[] = { "ss-5.10", "ss-5.10-lines", "ss-7.3", "netstat-2.10" };

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		for (size_t columns = 50; columns < 220; columns += 1) {
			struct tl_host whole = read_file(names[n]), look = { 0 };
			struct tl_unread unread;
			struct tl_buf text = { 0 };

			fold(names[n], columns, columns % 2, &text);
			cr_assert_eq(tl_saved_read(tl_buf_text(&text), text.len, NULL, &look, &unread, &err), 0);
			cr_expect_eq(unread.n, 0, "%s at %zu: line %zu", names[n], columns, unread.line);
			cr_assert_eq(look.n, whole.n, "%s at %zu: %zu rows", names[n], columns, look.n);
			for (size_t i = 0; i < look.n; i++)
				expect_same(&whole, &look, i, names[n], columns);
			tl_buf_release(&text);
			tl_host_release(&whole);
			tl_host_release(&look);
		}
}

/* One row alone, and one with hundreds of holders. */
Test(host_saved, wrapped_by_a_terminal_one_row)
{
	static const char row[] = "ESTAB 0 0 127.0.0.1:40000 127.0.0.1:63\n79 users:((\"redis\",pid=12,fd=3)) ino:7\n";
	static const char counted[] = "ESTAB 0 0 10.0.0.1:22 10.0.0.9:500\n5\n";
	struct tl_buf whole = { 0 }, text = { 0 };
	struct tl_host look = host_read_saved(row, 1);

	cr_expect_eq(look.rows[0].sock.remote.port, 6379);
	tl_host_release(&look);
	look = host_read_saved(counted, 1);
	cr_expect_eq(look.rows[0].sock.remote.port, 500, "\"wc -l\" of another table");
	tl_host_release(&look);
	tl_buf_str(&whole, "LISTEN 0 5 127.0.0.1:80 0.0.0.0:* users:(");
	for (int i = 1; i <= 700; i++)
		tl_buf_fmt(&whole, "%s(\"worker %d\",pid=%d,fd=3)", i > 1 ? "," : "", i, i);
	tl_buf_str(&whole, ") ino:77 sk:1 <->\n");
	for (size_t at = 0; at < whole.len; at += 80)
		tl_buf_fmt(&text, "%.80s\n", tl_buf_text(&whole) + at);
	look = host_read_saved(tl_buf_text(&text), 1);
	cr_expect_eq(holders(&look, &look.rows[0]), 700);
	cr_expect_eq(look.rows[0].sock.inode, 77);
	tl_host_release(&look);
	tl_buf_release(&text);
	tl_buf_release(&whole);
}

/* A socket is one, in however many tables it stands, and what was read of it is kept. */
Test(host_saved, several_tables)
{
	static const char *const names[][2] = { { "ss-6.15", "ss-6.15" }, { "netstat-2.10", "ss-6.1" },
						{ "ss-7.3", "netstat-2.10" }, { "ss-5.10-lines", "ss-5.10" } };
	char wanted[256], found[256];

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		struct tl_host ss = read_file("ss-6.15"), look = { 0 };
		struct tl_unread unread;
		struct tl_buf text = { 0 };

		add_file(names[n][0], "", &text);
		tl_buf_str(&text, "me@db-3:~$ do it again\n");
		add_file(names[n][1], "", &text);
		cr_assert_eq(tl_saved_read(tl_buf_text(&text), text.len, NULL, &look, &unread, &err), 0);
		cr_expect_eq(look.n, ROWS, "%zu: %zu rows", n, look.n);
		cr_expect_eq(unread.twice, ROWS, "%zu: %zu twice", n, unread.twice);
		cr_expect_eq(look.says, ss.says, "%zu: %x", n, look.says);
		for (size_t i = 0; i < look.n; i++)
			cr_expect_eq(holders(&look, &look.rows[i]), holders(&ss, row_like(&ss, &look.rows[i].sock)));
		findings_of(&ss, wanted, sizeof(wanted));
		findings_of(&look, found, sizeof(found));
		cr_expect_str_eq(found, wanted, "%zu", n);
		tl_buf_release(&text);
		tl_host_release(&look);
		tl_host_release(&ss);
	}
}

/* What one table says about its rows is not so for another's: these have no inode that could be 0. */
Test(host_saved, a_table_speaks_for_itself)
{
	static const char text[] = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
				   "LISTEN 0 128 10.0.0.1:80 0.0.0.0:* ino:5 sk:1\n"
				   "LISTEN 0 128 10.0.0.1:80 0.0.0.0:* ino:6 sk:2\n"
				   "ESTAB 0 0 10.0.0.1:80 10.0.0.2:40000 ino:7 sk:3\n"
				   "$ netstat -tan\n"
				   "Active Internet connections (servers and established)\n"
				   "Proto Recv-Q Send-Q Local Address Foreign Address State\n"
				   "tcp 0 0 10.0.0.1:80 0.0.0.0:* LISTEN\n"
				   "tcp 0 0 10.0.0.1:80 0.0.0.0:* LISTEN\n"
				   "tcp 0 0 10.0.0.1:80 10.0.0.2:40001 ESTABLISHED\n";
	struct tl_host look = host_read_saved(text, 4);

	cr_expect(!(look.says & (TL_HOST_INODES | TL_HOST_BACKLOG)), "%x", look.says);
	cr_expect_eq(look.rows[3].owner, TL_OWNER_UNTOLD, "%s", tl_owner_name(look.rows[3].owner));
	tl_host_release(&look);
}

/* ss prints a process's name as it is, and a program can give itself any. */
Test(host_saved, names_of_processes)
{
	static const char *const names[] = { "a b", "q\"u", "a\",pid=9,fd=1", "(x),(y", "p=1,fd=3", "),(\"", "\",9,1", "" };
	char text[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct tl_host look;

		snprintf(text, sizeof(text), "ESTAB 0 0 10.0.0.1:80 10.0.0.2:40000 users:((\"%s\",pid=12,fd=3),"
			 "(\"%s\",pid=13,fd=4)) ino:7\nESTAB 0 0 10.0.0.1:80 10.0.0.2:40001 users:((\"%s\",14,3))\n",
			 names[i], names[i], names[i]);
		look = host_read_saved(text, 2);
		cr_assert_eq(look.processes.n, 3, "%s: %zu processes", names[i], look.processes.n);
		for (size_t p = 0; p < 3; p++) {
			cr_expect_str_eq(look.processes.v[p].name, names[i]);
			cr_expect_eq(look.processes.v[p].pid, (pid_t)(12 + p));
		}
		tl_host_release(&look);
	}
}

/* A row does not take what follows it and is a row of its own, or none. */
Test(host_saved, what_follows_a_row)
{
	static const char text[] = "> ESTAB 0 0 10.0.0.1:80 10.0.0.2:40000 ino:7\n"
				   "> udp UNCONN 0 0 10.0.0.1:53 0.0.0.0:* ino:8\n"
				   "> tcp 0 0 10.0.0.1:80 10.0.0.2:40001 ESTABLISHED 12/a\n"
				   "> udp 0 0 10.0.0.1:53 0.0.0.0:* 13/b\n"
				   "and this is all (1/2)\n"
				   "> ESTAB 0 0 10.0.0.1:80 10.0.0.2:http\n"
				   "\n"
				   "ino:9\n"
				   "ESTAB 0 0 10.0.0.1:80\n"
				   "ESTAB 0 0 10.0.0.1:80 10.0.0.2:40003\n";
	struct tl_host look = { 0 };
	struct tl_unread unread;

	cr_assert_eq(tl_saved_read(text, sizeof(text) - 1, NULL, &look, &unread, &err), 0);
	cr_assert_eq(look.n, 3);
	cr_expect_eq(look.rows[0].sock.inode, 7);
	cr_expect_str_eq(look.processes.v[0].name, "a");
	cr_expect_eq(unread.n, 2);
	cr_expect_eq(unread.line, 6);
	tl_host_release(&look);
}

/* What editors and web pages put in: blanks that do not break, and marks of the order of bytes. */
Test(host_saved, other_bytes)
{
	static const char *const rows[] = {
		"\357\273\277ESTAB 0 0 10.0.0.1:80 10.0.0.2:40000\n",
		"ESTAB\302\2400\302\240 0 10.0.0.1:80\302\24010.0.0.2:40000\302\240\n",
		"> \033[1mESTAB\033[m 0 0 10.0.0.1:80\033[K 10.0.0.2:40000\033[",
	};
	char wide[128] = "\377\376";
	struct tl_host look = { 0 };
	struct tl_unread unread;
	size_t n = 2;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		look = host_read_saved(rows[i], 1);
		cr_expect_eq(look.rows[0].sock.remote.port, 40000);
		tl_host_release(&look);
	}
	for (const char *at = rows[0] + 3; *at; at++, n += 2)
		wide[n] = *at;
	cr_assert_eq(tl_saved_read(wide, n, NULL, &look, &unread, &err), 0, "%s", err.text);
	cr_expect_eq(look.n, 1);
	tl_host_release(&look);
}

static void expect_row(const struct tl_host *look, const char *state, const char *local, const char *remote)
{
	struct tl_sock s = { .state = tl_state_parse(state, strlen(state)) };

	cr_assert(!tl_endpoint_parse(local, &s.local, &err) && !tl_endpoint_parse(remote, &s.remote, &err));
	cr_expect_not_null(row_like(look, &s), "%s %s %s", state, local, remote);
}

/* Addresses and ports with a dot between; the columns after the state are other ones. */
Test(host_saved, netstat_of_bsd)
{
	struct tl_host look;
	struct tl_unread unread;

	cr_assert_eq(read_changed("netstat-freebsd", "", &look, &unread), 0, "%s", err.text);
	cr_expect_eq(look.n, 6);
	cr_expect_eq(unread.n, 0);
	expect_row(&look, "SYN_RECV", "10.0.0.5:443", "10.0.0.9:40002");
	cr_expect(look.says & TL_HOST_BSD);
	expect_row(&look, "LAST_ACK", "10.0.0.5:443", "10.0.0.9:40000");
	expect_row(&look, "LISTEN", "::1:25", ":::*");
	tl_host_release(&look);
	cr_assert_eq(read_changed("netstat-macos", "", &look, &unread), 0, "%s", err.text);
	cr_expect_eq(look.n, 7);
	cr_expect_eq(unread.n, 1, "the address that macOS has cut");
	cr_expect(!(look.says & (TL_HOST_INODES | TL_HOST_PROCESSES | TL_HOST_TIMERS)));
	expect_row(&look, "CLOSE_WAIT", "192.168.1.5:52321", "140.82.112.26:443");
	expect_row(&look, "FIN_WAIT2", "127.0.0.1:6379", "127.0.0.1:52999");
	tl_host_release(&look);
}

static size_t cut_of(const char *text)
{
	struct tl_host look = { 0 };
	struct tl_unread unread;

	cr_assert_eq(tl_saved_read(text, strlen(text), NULL, &look, &unread, &err), 0, "%s", err.text);
	tl_host_release(&look);
	return unread.cut;
}

/* Half an address can look like a whole one: who reads it is told. */
Test(host_saved, addresses_that_netstat_cuts)
{
	static const char listener[] = "tcp6 0 0 :::80 :::* LISTEN\n";
	static const char *const rows[] = {
		"tcp6 0 0 fe80::5054:ff:fe12:9443 fe80::1:51234 CLOSE_WAIT 7/a\n",
		"tcp 0 0 fe80::1:9443 2001:db8:aaaa:bbb:51234 CLOSE_WAIT 7/a\n", /* cannot be read */
		"tcp6 0 0 ::ffff:10.11.12.1:54321 ::ffff:10.0.0.1:80 ESTABLISHED 7/a\n",
		"tcp6 0 0 fe80::1:2:345:67.49168 fe80::1.49302 ESTABLISHED\n",
	};
	static const char *const whole[] = {
		"tcp 0 0 255.255.255.255:65535 255.255.255.254:65534 ESTABLISHED 7/a\n",
		"tcp6 0 0 fe80::5054:ff:fe12:944 fe80::1:51234 CLOSE_WAIT 7/a\n",
		"tcp4 0 0 100.200.100.2001.49168 127.0.0.1.49302 ESTABLISHED\n",
		/* -W: another is longer than it would be */
		"tcp6 0 0 fe80::5054:ff:fe12:9443 fe80::5054:ff:fe12:9444:51234 CLOSE_WAIT 7/a\n",
	};
	char text[256];

	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "%s%s", listener, rows[i]);
		cr_expect_eq(cut_of(text), 1, "%s", rows[i]);
		snprintf(text, sizeof(text), "%s%s", listener, whole[i]);
		cr_expect_eq(cut_of(text), 0, "%s", whole[i]);
	}
}

/* What other programs do to lines on their way. */
Test(host_saved, changed_on_its_way)
{
	static const char cut[] = "ESTAB 0 0 10.0.0.1:80 10.0.0.2:40000 users:((\"a\",pid=7,fd=3),(\"b\",pid=8\n"
				  "ESTAB 0 0 10.0.0.1:80 10.0.0.2:40001 users:((\"redis-se\n";
	static const char column[] = "ESTAB  0  0  10.0.0.1:80  10.0.0.2:40000\n"
				     "cubic  rto:204  cwnd:10  lastsnd:5  lastrcv:6  lastack:7\n";
	static const char named[] = "ESTAB 0 0 10.0.0.1:80 10.0.0.2:40000\nESTAB 0 0 10.0.0.1:http 10.0.0.2:40000\n";
	const struct tl_host_told told = { .width = 80 };
	const struct tl_diagnoses none = { 0 };
	struct tl_host look = { 0 };
	struct tl_unread unread;
	struct tl_buf said = { 0 };

	cr_assert_eq(tl_saved_read(cut, sizeof(cut) - 1, NULL, &look, &unread, &err), 0);
	cr_expect_eq(look.n, 2, "a row whose processes are cut off is a row");
	cr_expect_eq(unread.n, 0);
	cr_expect_eq(holders(&look, &look.rows[0]), 1, "pid=8 can be the beginning of another number");
	cr_expect_null(look.rows[1].hold);
	tl_host_release(&look);
	cr_assert_eq(tl_saved_read(column, sizeof(column) - 1, NULL, &look, &unread, &err), 0);
	cr_expect_eq(look.n, 1);
	cr_expect_eq(look.rows[0].info.ack_received_ms, 7);
	tl_host_release(&look);
	cr_assert_eq(tl_saved_read(named, sizeof(named) - 1, NULL, &look, &unread, &err), 0);
	cr_expect_eq(unread.n, 1);
	cr_expect(look.says & TL_HOST_NAMED);
	tl_host_why_text(&look, &none, NULL, &told, &said);
	cr_expect_str_eq(tl_buf_text(&said), "Nothing looks wrong among those that could be read.\n");
	tl_buf_release(&said);
	tl_host_release(&look);
}

/* net-tools translates some states and timers. */
Test(host_saved, netstat_in_other_languages)
{
	static const char table[] =
		"tcp 0 0 10.0.0.1:80 10.0.0.2:40000 VERBUNDEN 12/a b aus (0.00/0/0)\n"
		"tcp 0 9 10.0.0.1:80 10.0.0.2:40001 VERBUNDEN 12/a b ein (1.50/3/0)\n"
		"tcp 0 0 10.0.0.1:80 10.0.0.2:40002 ESPERANDO_FECHAR 12/a b desligado (0.00/0/0)\n"
		"tcp 0 0 10.0.0.1:80 10.0.0.2:40003 QUELQUECHOSE 12/a b off (0.00/0/0)\n";
	struct tl_host look = { 0 };
	struct tl_unread unread;

	cr_assert_eq(tl_saved_read(table, sizeof(table) - 1, NULL, &look, &unread, &err), 0);
	cr_assert_eq(look.n, 3);
	cr_expect_eq(unread.n, 1);
	cr_expect(look.says & TL_HOST_FOREIGN);
	cr_expect_eq(look.rows[1].sock.state, TL_ESTABLISHED);
	cr_expect_eq(look.rows[1].sock.timer, TL_TIMER_RETRANSMIT);
	cr_expect_eq(look.rows[1].sock.retrans, 3);
	cr_expect_eq(look.rows[2].sock.state, TL_CLOSE_WAIT);
	cr_expect_eq(look.processes.n, 1);
	cr_expect_str_eq(look.processes.v[0].name, "a b");
	tl_host_release(&look);
}

Test(host_saved, what_has_no_row_says_why)
{
	static const char one_state[] = "Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
					"0      0          127.0.0.1:2024    127.0.0.1:40000\n";
	static const char summary[] = "Transport Total IP IPv6\nTCP       20        15        5\n";
	static const char proc[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"
				   "   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000\n";
	struct tl_host look;
	struct tl_unread unread = { 0 };

	cr_assert_eq(read_changed("netstat-windows", "", &look, &unread), -EINVAL);
	cr_expect(strstr(err.text, "Windows"), "%s", err.text);
	tl_host_release(&look);
	look = (struct tl_host){ 0 };
	cr_assert_eq(tl_saved_read(proc, sizeof(proc) - 1, NULL, &look, &unread, &err), -EINVAL);
	cr_expect(strstr(err.text, "looks like /proc/net/tcp"), "%s", err.text);
	tl_host_release(&look);
	look = (struct tl_host){ 0 };
	cr_assert_eq(tl_saved_read(summary, sizeof(summary) - 1, NULL, &look, &unread, &err), -EINVAL);
	cr_expect(!strstr(err.text, "Windows"), "%s", err.text);
	tl_host_release(&look);
	look = (struct tl_host){ 0 };
	cr_assert_eq(tl_saved_read(one_state, sizeof(one_state) - 1, NULL, &look, &unread, &err), -EINVAL);
	cr_expect(strstr(err.text, "leaves the state out"), "%s", err.text);
	tl_host_release(&look);
}
