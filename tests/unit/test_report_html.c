/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML report: what is one step of it, where lifelines stand, what markup lets through. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/report/html/diagram.h"
#include "../../src/report/html/html_assets.h"
#include "../../src/report/html/html_draw.h"
#include "../../src/report/moments.h"
#include "../../src/report/html/html_stage.h"
#include "stage.h"

#define ACK TL_FLAG_ACK

static struct tl_err err;
static struct stage st;
static struct tl_moments moments;

/* A segment of the replica's @port and the master's 6379, both ends in these states. */
static void shoot(int by, uint16_t port, uint8_t flags, uint32_t seq, uint32_t len,
		  enum tl_state mine, enum tl_state theirs, enum tl_fate fate)
{
	struct tl_row master = stage_row(3 + 2 * port, MASTER, REPLICA, 6379, port,
					 by == MASTER ? mine : theirs);
	struct tl_row replica = stage_row(2 + 2 * port, REPLICA, MASTER, port, 6379,
					  by == MASTER ? theirs : mine);
	const struct tl_row *from = by == MASTER ? &master : &replica;
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };

	ev.segment.id = 1;
	for (size_t i = 0; i < st.trace.n; i++)
		ev.segment.id += st.trace.events[i].kind == TL_EVENT_SEGMENT;
	ev.segment.seg = (struct tl_segment){ .from = from->sock.local, .to = from->sock.remote,
					      .flags = flags, .seq = seq, .len = len,
					      .ack = !(flags & ACK) ? 0 : by == MASTER ? 101 : 501,
					      .wscale = -1 };
	ev.segment.from = by;
	ev.segment.to = by == MASTER ? REPLICA : MASTER;
	ev.segment.ends[0] = *from;
	ev.segment.ends[1] = theirs == TL_LISTEN ? LISTENER : by == MASTER ? replica : master;
	if (!theirs)
		ev.segment.ends[1] = (struct tl_row){ .owner = -1, .peer = -1 };
	ev.segment.fate = fate;
	stage_emit(&st, ev);
}

static void handshake(uint16_t port)
{
	shoot(REPLICA, port, TL_FLAG_SYN, 100, 0, TL_SYN_SENT, TL_LISTEN, TL_FATE_PASSED);
	shoot(MASTER, port, TL_FLAG_SYN | ACK, 500, 0, TL_SYN_RECV, TL_SYN_SENT,
	      TL_FATE_PASSED);
	shoot(REPLICA, port, ACK, 101, 0, TL_ESTABLISHED, TL_SYN_RECV, TL_FATE_PASSED);
}

static void talk(uint16_t port, int n)
{
	for (int i = 0; i < n; i++) {
		shoot(REPLICA, port, ACK, 101 + 10 * i, 10, TL_ESTABLISHED, TL_ESTABLISHED,
		      TL_FATE_PASSED);
		shoot(MASTER, port, ACK, 501, 0, TL_ESTABLISHED, TL_ESTABLISHED,
		      TL_FATE_PASSED);
	}
}

static void open_stage(void)
{
	stage_open(&st);
	stage_phase(&st, NULL, 0);
	stage_wire(&st, NULL);
	stage_enter(&st);
}

static void close_stage(void)
{
	tl_moments_release(&moments);
	stage_close(&st);
}

TestSuite(report_html, .init = open_stage, .fini = close_stage);

/* The run ends here, and its moments are read. */
static void read_moments(void)
{
	struct tl_report report;

	stage_finish(&st, TL_END_COMPLETE);
	report = (struct tl_report){ st.plan, &st.trace, &st.film, &st.verdict };
	cr_assert_eq(tl_moments_init(&moments, &report, &err), 0, "%s", err.text);
}

static size_t count(enum tl_moment_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < moments.n; i++)
		n += moments.v[i].kind == kind;
	return n;
}

Test(report_html, a_run_of_data_is_one_step_until_something_happens)
{
	handshake(1000);
	talk(1000, 5000);
	shoot(REPLICA, 1000, TL_FLAG_FIN | ACK, 90000, 0, TL_FIN_WAIT1, TL_ESTABLISHED,
	      TL_FATE_PASSED);
	read_moments();
	cr_assert_eq(moments.n, 5, "%zu steps", moments.n);
	cr_assert_eq(moments.v[3].kind, TL_MOMENT_CHATTER);
	cr_assert_eq(moments.v[3].data, 5000);
	cr_assert_eq(moments.v[3].acks, 5000);
	cr_assert_eq(moments.v[3].bytes, 50000);
	cr_assert_eq(moments.v[4].kind, TL_MOMENT_CAME);
}

Test(report_html, two_connections_that_talk_at_once_are_two_runs)
{
	handshake(1000);
	handshake(1001);
	for (int i = 0; i < 20; i++) {
		talk(1000, 1);
		talk(1001, 1);
	}
	read_moments();
	cr_assert_eq(count(TL_MOMENT_CHATTER), 2);
	cr_assert_eq(moments.v[moments.n - 1].data, 20);
}

Test(report_html, of_many_faults_the_first_are_told_and_the_rest_counted)
{
	for (int i = 0; i < 1000; i++)
		stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_FAULT,
						   .fault = { strdup("no"), -1 } });
	read_moments();
	cr_assert_eq(count(TL_MOMENT_TROUBLE), 20);
	cr_assert_eq(count(TL_MOMENT_MORE), 1);
	cr_assert_eq(moments.v[moments.n - 1].troubles, 980);
}

Test(report_html, there_are_no_more_moments_than_a_page_has_room_for)
{
	for (uint16_t port = 1000; port < 3000; port++)
		shoot(REPLICA, port, TL_FLAG_SYN, 1, 0, TL_SYN_SENT, TL_LISTEN, TL_FATE_HELD);
	read_moments();
	cr_assert_eq(moments.n, 401, "%zu steps", moments.n);
	cr_assert_eq(count(TL_MOMENT_CAME) + moments.v[400].segments, 2000);
}

Test(report_html, of_a_crowd_the_first_hundred_are_told_and_all_that_was_held)
{
	for (uint16_t port = 1000; port < 1300; port++)
		handshake(port);
	shoot(REPLICA, 1299, ACK, 101, 10, TL_ESTABLISHED, TL_ESTABLISHED, TL_FATE_HELD);
	read_moments();
	cr_assert_eq(count(TL_MOMENT_CAME), 301);
	cr_assert_eq(count(TL_MOMENT_CHATTER), 1);
	cr_assert_eq(moments.v[300].acks, 600);
	cr_assert(moments.v[300].crowd);
}

static void let_go(int id)
{
	stage_emit(&st, (struct tl_event){ .kind = TL_EVENT_LETGO, .letgo = { .id = id } });
}

Test(report_html, held_segments_that_are_alike_fold_after_the_first_ten)
{
	handshake(1000);
	for (int i = 0; i < 50; i++) {
		shoot(REPLICA, 1000, ACK, 101 + 10 * i, 10, TL_ESTABLISHED, TL_ESTABLISHED,
		      TL_FATE_HELD);
		let_go(4 + i);
	}
	shoot(REPLICA, 1000, TL_FLAG_FIN | ACK, 601, 0, TL_FIN_WAIT1, TL_ESTABLISHED,
	      TL_FATE_HELD);
	read_moments();
	cr_assert_eq(count(TL_MOMENT_CAME), 3 + 10 + 1);
	cr_assert_eq(count(TL_MOMENT_LETGO), 0);
	cr_assert_eq(count(TL_MOMENT_CHATTER), 1);
	cr_assert_eq(moments.v[13].held, 40);
	cr_assert_eq(moments.v[13].bytes, 400);
}

Test(report_html, a_held_segment_says_how_long_it_is)
{
	handshake(1000);
	shoot(REPLICA, 1000, ACK, 101, 10, TL_ESTABLISHED, TL_ESTABLISHED, TL_FATE_HELD);
	let_go(4);
	shoot(REPLICA, 1000, ACK, 111, 10, TL_ESTABLISHED, TL_ESTABLISHED, TL_FATE_HELD);
	shoot(MASTER, 1000, TL_FLAG_FIN | ACK, 501, 0, TL_FIN_WAIT1, TL_ESTABLISHED,
	      TL_FATE_HELD);
	let_go(5);
	read_moments();
	cr_assert_eq(moments.n, 7);
	cr_assert_eq(moments.v[2].until, 0, "it was not held");
	cr_assert_eq(moments.v[3].until, 0, "it was let go before the next");
	cr_assert_eq(moments.v[4].until, 6);
	cr_assert_eq(moments.v[6].kind, TL_MOMENT_LETGO);
	cr_assert_eq(moments.v[5].until, TL_MOMENT_NEVER);
}

Test(report_html, the_world_follows_each_end_and_says_what_changed)
{
	struct tl_world world = { 0 };
	int replica, master, listener;

	handshake(1000);
	talk(1000, 1);
	shoot(MASTER, 1000, TL_FLAG_RST, 501, 0, TL_ESTABLISHED, 0, TL_FATE_PASSED);
	read_moments();
	cr_assert_eq(tl_world_init(&world, &moments, &err), 0);
	replica = tl_moments_socket(&moments, st.trace.events, 2002);
	master = tl_moments_socket(&moments, st.trace.events, 2003);
	listener = tl_moments_socket(&moments, st.trace.events, LISTENER.sock.cookie);
	cr_assert(replica >= 0 && master >= 0 && listener >= 0);
	tl_world_step(&world, 0);
	cr_assert(world.known[replica].changed && world.known[listener].changed);
	cr_assert_null(world.known[master].row, "it is not seen yet");
	cr_assert_eq(world.known[master].state, TL_SYN_RECV, "but the SYN has come to it");
	tl_world_step(&world, 1);
	cr_assert_eq(world.known[master].row->sock.state, TL_SYN_RECV);
	cr_assert_eq(world.known[replica].was, TL_SYN_SENT);
	cr_assert_eq(world.known[replica].row->sock.state, TL_SYN_SENT, "as it was seen");
	cr_assert_eq(world.known[replica].state, TL_ESTABLISHED, "as the SYN+ACK left it");
	cr_assert(!world.known[master].changed && world.known[replica].changed);
	tl_world_step(&world, 2);
	cr_assert_eq(world.known[replica].row->sock.state, TL_ESTABLISHED);
	cr_assert(world.known[master].changed && !world.known[replica].changed);
	cr_assert(!world.known[listener].fresh && !world.known[listener].changed);
	tl_world_step(&world, 3);
	tl_world_step(&world, 4);
	cr_assert_null(world.known[replica].row, "a segment found no socket there");
	cr_assert(world.known[replica].changed);
	tl_world_release(&world);
}

Test(report_html, who_opens_stands_left_and_sockets_have_lanes_of_their_own)
{
	struct tl_stage stage = { 0 };
	const struct tl_column *master;
	int listener, socket;

	handshake(1000);
	for (uint16_t port = 1001; port < 1020; port++)
		handshake(port);
	read_moments();
	cr_assert_eq(tl_stage_init(&stage, &moments, &err), 0, "%s", err.text);
	cr_assert_eq(stage.n, 2);
	cr_assert_eq(stage.columns[0].actor, REPLICA);
	cr_assert_eq(stage.columns[1].actor, MASTER);
	master = tl_stage_column(&stage, MASTER);
	cr_assert_eq(master, &stage.columns[1]);
	listener = tl_moments_socket(&moments, st.trace.events, LISTENER.sock.cookie);
	socket = tl_moments_socket(&moments, st.trace.events, 2003);
	cr_assert_eq(stage.lanes[listener], 0);
	cr_assert_eq(stage.lanes[socket], 1);
	cr_assert_gt(tl_stage_x(&stage, master, 0), tl_stage_x(&stage, master, 1),
		     "the listener is the outer one");
	cr_assert_eq(master->lanes, TL_STAGE_LANES);
	for (size_t i = 0; i < moments.n_sockets; i++)
		cr_assert(stage.lanes[i] >= 0 && stage.lanes[i] < TL_STAGE_LANES);
	tl_stage_release(&stage);
}

Test(report_html, text_is_broken_at_blanks_and_a_word_too_long_is_cut)
{
	static const struct {
		const char *text;
		int room;
		size_t n;
		bool cut;
	} cases[] = {
		{ "", 5, 0, false },          { "abc", 3, 3, false },
		{ "abc de", 3, 3, false },    { "abc de f", 6, 6, false },
		{ "abc de f", 7, 6, false },  { "abcdef", 3, 3, true },
		{ "ab cdefgh", 5, 2, false }, { "\u00e4\u00f6\u00fc\u00df", 2, 4, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool cut;

		cr_expect_eq(tl_html_fitting(cases[i].text, cases[i].room, &cut), cases[i].n,
			     "\"%s\" in %d", cases[i].text, cases[i].room);
		cr_expect_eq(cut, cases[i].cut, "\"%s\" in %d", cases[i].text, cases[i].room);
	}
}

Test(report_html, markup_lets_nothing_act)
{
	struct tl_markup to = { 0 };
	struct tl_buf out = { 0 };

	tl_open(&to, "b");
	tl_attr(&to, "title", "\"'><x\x1b");
	tl_words(&to, "</b>&\xe2\x80\xae\xff");
	tl_words(&to, " ");
	tl_isolated(&to, "<i>");
	tl_close(&to);
	tl_paragraphs(&to, NULL, "one\nline\n\n\ntwo\n");
	tl_open(&to, "td");
	tl_close(&to);
	cr_assert_eq(tl_markup_finish(&to, &out, &err), 0);
	cr_assert_str_eq(tl_buf_text(&out),
		"<b title=\"&quot;'&gt;&lt;x\\x1b\">&lt;/b&gt;&amp;\\u202e\\xff "
		"<bdi>&lt;i&gt;</bdi></b>\n<p><bdi>one line</bdi></p>\n<p><bdi>two</bdi></p>"
		"<td></td>");
	tl_buf_release(&out);
	tl_markup_release(&to);
}

Test(report_html, markup_of_xml_is_indented)
{
	struct tl_markup to = { .layout = TL_MARKUP_XML, .indent = 1 };
	struct tl_buf out = { 0 };

	tl_open(&to, "suite");
	tl_open(&to, "case");
	tl_attr(&to, "name", "a");
	tl_close(&to);
	tl_open(&to, "case");
	tl_lines(&to, "two\n<lines>");
	tl_close(&to);
	cr_assert_eq(tl_markup_finish(&to, &out, &err), 0);
	cr_assert_str_eq(tl_buf_text(&out),
			 "  <suite>\n    <case name=\"a\"/>\n    <case>two\n&lt;lines&gt;</case>\n"
			 "  </suite>");
	tl_buf_release(&out);
	tl_markup_release(&to);
}

Test(report_html, markup_too_deep_is_no_document)
{
	struct tl_markup to = { 0 };
	struct tl_buf out = { 0 };

	for (int i = 0; i <= TL_MARKUP_DEPTH; i++)
		tl_open(&to, "b");
	cr_expect_lt(tl_markup_finish(&to, &out, &err), 0);
	tl_buf_release(&out);
	tl_markup_release(&to);
}

static const char *no_class(void *arg, const struct tl_arc *arc, struct tl_buf *title,
			    struct tl_buf *href)
{
	(void)arg, (void)arc, (void)title, (void)href;
	return "";
}

static const char *no_state(void *arg, enum tl_state state, struct tl_buf *who)
{
	(void)arg, (void)state, (void)who;
	return "";
}

Test(report_html, the_figure_has_every_state_and_every_arc)
{
	struct tl_diagram how = { .label = "a figure", .arc = no_class, .state = no_state };
	struct tl_markup to = { 0 };
	struct tl_buf out = { 0 };
	const struct tl_arc *arcs;
	char wanted[64];
	size_t n;

	tl_diagram(&to, &how);
	cr_assert_eq(tl_markup_finish(&to, &out, &err), 0);
	arcs = tl_arcs(&n);
	for (size_t i = 0; i < n; i++) {
		snprintf(wanted, sizeof(wanted), "data-arc=\"%s\"", arcs[i].id);
		cr_expect_not_null(strstr(out.data, wanted), "no arc %s", arcs[i].id);
	}
	for (enum tl_state state = 1; state < TL_STATE_MAX; state++) {
		snprintf(wanted, sizeof(wanted), "data-state=\"%s\"", tl_state_name(state));
		cr_expect_not_null(strstr(out.data, wanted), "no %s", tl_state_name(state));
	}
	/* a stub is for what leads to CLOSED, as it is drawn nowhere */
	for (size_t i = 0; i < n; i++) {
		snprintf(wanted, sizeof(wanted), " stub\" data-arc=\"%s\"", arcs[i].id);
		if (strstr(out.data, wanted))
			cr_expect_eq(arcs[i].to, TL_CLOSE, "arc %s has no place", arcs[i].id);
	}
	tl_buf_release(&out);
	tl_markup_release(&to);
}

Test(report_html, nothing_ends_the_style_or_the_script_before_its_end)
{
	cr_assert_null(strstr(tl_html_assets.css, "</"));
	cr_assert_null(strcasestr(tl_html_assets.js, "</script"));
	cr_assert_null(strstr(tl_html_assets.js, "<!--"));
	cr_assert_eq(strlen(tl_html_assets.css_hash), strlen("sha256-") + 44);
	cr_assert_eq(strlen(tl_html_assets.js_hash), strlen("sha256-") + 44);
}

Test(report_html, the_index_leads_only_to_what_is_there)
{
	struct tl_buf out = { 0 };
	const struct tl_suite_case cases[] = {
		{ .name = "a/ran", .title = "<b>", .result = TL_RESULT_FAILED, .kept = true },
		{ .name = "a/skipped", .title = "t", .result = TL_RESULT_SKIPPED },
	};
	struct tl_suite suite = { .cases = cases, .n = 2, .formats = "html,md" };

	cr_assert_eq(tl_suite_html(&suite, &out, &err), 0, "%s", err.text);
	cr_expect_not_null(strstr(out.data, "href=\"a/ran/report.html\""));
	cr_expect_not_null(strstr(out.data, "href=\"a/ran/report.md\""));
	cr_expect_not_null(strstr(out.data, "href=\"a/ran/trace.ndjson\""));
	cr_expect_null(strstr(out.data, "report.tap"));
	cr_expect_null(strstr(out.data, "report.json"));
	cr_expect_null(strstr(out.data, "href=\"a/skipped"));
	cr_expect_null(strstr(out.data, "<b>"));
	tl_buf_release(&out);
}
