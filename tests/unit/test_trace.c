/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of event survives the way to JSON and back; what is malformed is named. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/trace.h"

static struct tl_row a_row(enum tl_state state)
{
	struct tl_row row = { .owner = 1, .peer = -1, .pid = 7, .by = TL_KNOWN_BY_COOKIE };
	struct tl_err err;

	tl_endpoint_parse("127.0.0.1:53525", &row.sock.local, &err);
	tl_endpoint_parse("::1:6379", &row.sock.remote, &err);
	row.sock.state = state;
	row.sock.cookie = 1234567890123;
	row.sock.inode = 4000000000u;
	row.sock.timer = TL_TIMER_TIMEWAIT;
	row.sock.timer_ms = 59999;
	row.sock.retrans = 3;
	return row;
}

static void *copy(const void *data, size_t size)
{
	void *new = malloc(size);

	memcpy(new, data, size);
	return new;
}

/* Encode @ev, decode it, encode again: the two texts must be equal. Releases @ev. */
static void check_round_trip(struct tl_event *ev)
{
	struct tl_buf first = { 0 }, second = { 0 };
	struct tl_event back = { 0 };
	struct tl_err err = { 0 };

	ev->t_ns = 123456789;
	ev->phase = 2;
	cr_assert_eq(tl_trace_encode(ev, &first, &err), 0, "%s", err.text);
	cr_assert_eq(tl_trace_decode_event(first.data, first.len - 1, &back, &err), 0, "%s in %s",
		     err.text, first.data);
	cr_assert_eq(tl_trace_encode(&back, &second, &err), 0, "%s", err.text);
	cr_assert_str_eq(first.data, second.data, "the way back changed it");
	cr_assert_eq(back.kind, ev->kind, "another kind came back");
	tl_event_release(&back);
	tl_event_release(ev);
	tl_buf_release(&first);
	tl_buf_release(&second);
}

Test(trace, run)
{
	struct tl_event ev = { .kind = TL_EVENT_RUN };

	ev.run.version = TL_TRACE_VERSION;
	ev.run.tcplab = strdup("0.1.0");
	ev.run.file = strdup("x.yaml");
	ev.run.text = strdup("scenario: 1\nname: \"quoted\"\n");
	ev.run.kernel = strdup("Linux 6");
	ev.run.redis = strdup("valkey-server");
	ev.run.mock = true;
	ev.run.wall_ns = UINT64_C(1700000000123456789);
	check_round_trip(&ev);
}

Test(trace, steps_and_actors)
{
	struct tl_event phase = { .kind = TL_EVENT_PHASE };
	struct tl_event step = { .kind = TL_EVENT_STEP, .step = { 3, NULL } };
	struct tl_event done = { .kind = TL_EVENT_DONE, .step = { 3, strdup("PONG") } };
	struct tl_event made = { .kind = TL_EVENT_DONE, .step = { .step = 4 } };
	struct tl_event ready = { .kind = TL_EVENT_ACTOR,
				  .actor = { .actor = 1, .change = TL_ACTOR_READY, .pid = 9,
					     .program = strdup("redis-server 7") } };
	struct tl_event exited = { .kind = TL_EVENT_ACTOR,
				   .actor = { .change = TL_ACTOR_EXITED, .pid = 9, .status = -1,
					      .signal = 9 } };

	check_round_trip(&phase);
	check_round_trip(&step);
	check_round_trip(&done);
	made.step.socket = (struct tl_told){ .cookie = 77, .local = a_row(TL_LISTEN).sock.local,
					     .remote = a_row(TL_LISTEN).sock.remote,
					     .inode = 12 };
	check_round_trip(&made);
	check_round_trip(&ready);
	check_round_trip(&exited);
}

Test(trace, snapshot)
{
	struct tl_row rows[] = { a_row(TL_LISTEN), a_row(TL_TIME_WAIT) };
	struct tl_event ev = { .kind = TL_EVENT_SNAPSHOT,
			       .snapshot = { .look = TL_LOOK_HOLDING,
					     .rows = copy(rows, sizeof(rows)),
					     .n = 2 } };
	struct tl_event empty = { .kind = TL_EVENT_SNAPSHOT };

	check_round_trip(&ev);
	check_round_trip(&empty);
}

/* What a newer kernel has is kept as its number. */
Test(trace, numbers_that_have_no_name)
{
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT }, back = { 0 };
	struct tl_buf line = { 0 };
	struct tl_err err = { 0 };

	ev.segment.id = 1;
	ev.segment.ends[0] = a_row((enum tl_state)13);
	ev.segment.ends[0].sock.timer = (enum tl_timer)77;
	ev.segment.ends[1] = a_row(TL_ESTABLISHED);
	ev.segment.ends[1].sock.timer = TL_TIMER_DELACK;
	ev.segment.seg.from = ev.segment.seg.to = ev.segment.ends[0].sock.local;
	cr_assert_eq(tl_trace_encode(&ev, &line, &err), 0, "%s", err.text);
	cr_assert_eq(tl_trace_decode_event(line.data, line.len - 1, &back, &err), 0, "%s",
		     err.text);
	cr_assert_eq((int)back.segment.ends[0].sock.state, 13, "another state");
	cr_assert_eq((int)back.segment.ends[0].sock.timer, 77, "another timer");
	cr_assert_eq(back.segment.ends[1].sock.timer, TL_TIMER_DELACK, "another timer");
	tl_buf_release(&line);
	check_round_trip(&ev);
}

/* More processes hold a socket than are named. */
Test(trace, holders)
{
	struct tl_event ev = { .kind = TL_EVENT_SNAPSHOT }, back = { 0 };
	struct tl_row row = a_row(TL_CLOSE_WAIT);
	struct tl_buf line = { 0 };
	struct tl_err err = { 0 };

	row.n_holders = TL_HOLDERS_MAX + 3;
	for (int i = 0; i < TL_HOLDERS_MAX; i++)
		row.holders[i] = 7 + i;
	ev.snapshot.rows = copy(&row, sizeof(row));
	ev.snapshot.n = 1;
	cr_assert_eq(tl_trace_encode(&ev, &line, &err), 0, "%s", err.text);
	cr_assert_eq(tl_trace_decode_event(line.data, line.len - 1, &back, &err), 0, "%s",
		     err.text);
	cr_assert_eq(back.snapshot.rows[0].n_holders, TL_HOLDERS_MAX + 3, "not all are counted");
	cr_assert_eq(back.snapshot.rows[0].holders[3], 10, "the last one named is another");
	tl_event_release(&back);
	tl_buf_release(&line);
	check_round_trip(&ev);
}

Test(trace, segment)
{
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };
	struct tl_row row = a_row(TL_SYN_SENT);

	ev.segment.id = 12;
	ev.segment.to = -1;
	ev.segment.seg = (struct tl_segment){ .from = row.sock.local, .to = row.sock.remote,
					      .flags = TL_FLAG_SYN | TL_FLAG_PSH | TL_FLAG_CWR,
					      .seq = 4294967295u, .len = 70000, .window = 65535,
					      .mss = 65495, .wscale = 7, .sack_ok = true,
					      .has_ts = true, .ts_val = 1, .n_sack = 2 };
	ev.segment.packet = (struct tl_packet){ copy("E\0\xff\x1a", 4), 4, 70052 };
	ev.segment.ends[0] = row;
	ev.segment.fate = TL_FATE_ABSORBED;
	ev.segment.copy_of = 11;
	check_round_trip(&ev);
}

Test(trace, bare_segment)
{
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };
	struct tl_row row = a_row(TL_SYN_SENT);

	ev.segment.id = 1;
	ev.segment.seg = (struct tl_segment){ .from = row.sock.local, .to = row.sock.remote,
					      .flags = TL_FLAG_ACK, .wscale = -1 };
	check_round_trip(&ev);
}

Test(trace, the_rest)
{
	struct tl_event wire = { .kind = TL_EVENT_WIRE, .wire = { true, strdup("target") } };
	struct tl_event letgo = { .kind = TL_EVENT_LETGO, .letgo = { 4, true, .rejected = true } };
	struct tl_event gone = { .kind = TL_EVENT_LETGO, .letgo = { 5, .looked = true } };
	struct tl_event lossy = { .kind = TL_EVENT_LOSSY, .lossy = { 17 } };
	struct tl_event missed = { .kind = TL_EVENT_MISSED, .missed = { 1, strdup("a SYN") } };
	struct tl_event witness = { .kind = TL_EVENT_WITNESS,
				    .witness = { strdup("ss"), strdup("ESTAB\n") } };
	struct tl_event output = { .kind = TL_EVENT_OUTPUT,
				   .output = { 2, strdup("GET /\n"), 17 } };
	struct tl_event counters = { .kind = TL_EVENT_COUNTERS,
				     .counters = { calloc(2, sizeof(struct tl_counter)), 2 } };
	struct tl_event fault = { .kind = TL_EVENT_FAULT, .fault = { strdup("no"), -1 } };
	struct tl_event end = { .kind = TL_EVENT_END, .end.how = TL_END_INTERRUPTED };

	check_round_trip(&wire);
	check_round_trip(&letgo);
	gone.letgo.ends[1] = a_row(TL_LISTEN);
	check_round_trip(&gone);
	check_round_trip(&lossy);
	check_round_trip(&missed);
	check_round_trip(&witness);
	check_round_trip(&output);
	counters.counters.v[0] = (struct tl_counter){ strdup("ListenDrops"), 3 };
	counters.counters.v[1] = (struct tl_counter){ strdup("TCPSynRetrans"), INT64_MAX };
	check_round_trip(&counters);
	check_round_trip(&fault);
	check_round_trip(&end);
}

Test(trace, bytes_that_are_not_utf8)
{
	struct tl_event ev = { .kind = TL_EVENT_FAULT,
			       .fault = { strdup("caf\xe9 \xf0\x9f\x92\xa9 \xff\x01"), -1 } };
	struct tl_buf line = { 0 };
	struct tl_event back = { 0 };
	struct tl_err err = { 0 };

	cr_assert_eq(tl_trace_encode(&ev, &line, &err), 0, "%s", err.text);
	cr_assert_eq(tl_trace_decode_event(line.data, line.len - 1, &back, &err), 0, "%s",
		     err.text);
	cr_assert_str_eq(back.fault.text, "caf\xef\xbf\xbd \xf0\x9f\x92\xa9 \xef\xbf\xbd\x01",
			 "each bad byte is replaced, each good one kept");
	tl_event_release(&back);
	tl_event_release(&ev);
	tl_buf_release(&line);
}

#define RUN                                                                                  \
	"{\"event\":\"run\",\"t_ns\":0,\"phase\":-1,\"version\":1,\"tcplab\":\"\","          \
	"\"kernel\":\"\",\"file\":\"\",\"scenario\":\"\"}\n"
#define PHASE "{\"event\":\"phase\",\"t_ns\":1,\"phase\":0}\n"

/* Decode @text; on failure the sentence must contain @says. */
static void check_decode(const char *text, size_t n_events, bool cut, const char *says)
{
	struct tl_trace trace = { 0 };
	struct tl_err err = { 0 };
	int ret = tl_trace_decode("t", text, strlen(text), &trace, &err);

	if (says) {
		cr_assert_eq(ret, -EINVAL, "taken: %s", text);
		cr_assert(strstr(err.text, says), "\"%s\" does not say \"%s\"", err.text, says);
	} else {
		cr_assert_eq(ret, 0, "%s", err.text);
		cr_assert_eq(trace.n, n_events, "%zu events", trace.n);
		cr_assert_eq(trace.cut, cut, "cut is %d", trace.cut);
	}
	tl_trace_release(&trace);
}

Test(trace, whole_and_cut_short)
{
	check_decode(RUN PHASE, 2, false, NULL);
	check_decode(RUN PHASE "{\"event\":\"pha", 2, true, NULL);
	check_decode(RUN "{\"event\":\"from the future\",\"t_ns\":1,\"phase\":0}\n" PHASE, 2, false,
		     NULL);
}

/* A segment of so many bytes, with this window. */
#define BARE(len, window)                                                                    \
	"{\"event\":\"segment\",\"t_ns\":1,\"phase\":0,\"id\":1,\"from\":0,\"to\":1,"                  \
	"\"local\":\"127.0.0.1:1\",\"remote\":\"127.0.0.1:2\",\"flags\":\"ACK\",\"seq\":0,\"ack\":0,"   \
	"\"len\":" len ",\"window\":" window ",\"ends\":[null,null],\"fate\":\"passed\"}\n"

#define WIRE(tapped)                                                                         \
	"{\"event\":\"wire\",\"t_ns\":1,\"phase\":-1,\"tapped\":" tapped ",\"text\":\"\"}\n"

/* What no run has written: time that goes back, and segments that nobody can have seen. */
Test(trace, events_that_cannot_come_there)
{
	check_decode(RUN PHASE "{\"event\":\"phase\",\"t_ns\":0,\"phase\":1}\n", 0, false,
		     "t:3: \"t_ns\" must not be less than in the event before, 1");
	check_decode(RUN PHASE "{\"event\":\"phase\",\"t_ns\":1,\"phase\":1}\n", 3, false, NULL);
	check_decode(RUN BARE("0", "0"), 0, false, "t:2: before the first \"segment\"");
	check_decode(RUN WIRE("false") BARE("0", "0"), 0, false, "t:3: before the first \"segment\"");
}

Test(trace, malformed)
{
	check_decode("", 0, false, "not a trace");
	check_decode("{\"event\":\"run\"", 0, false, "not a trace");
	check_decode("scenario: 1\n", 0, false, "t:1: not a JSON object");
	check_decode("[]\n", 0, false, "t:1: not a JSON object");
	check_decode(PHASE, 0, false, "t:1: \"run\" must be the first");
	check_decode(RUN RUN, 0, false, "t:2: \"run\" must be the first");
	check_decode(RUN "{\"event\":\"phase\",\"t_ns\":-1,\"phase\":0}\n", 0, false,
		     "t:2: \"t_ns\" must be");
	check_decode(RUN "{\"event\":\"step\",\"t_ns\":1,\"phase\":0,\"step\":\"1\"}\n", 0, false,
		     "t:2: \"step\" must be");
	check_decode(RUN "{\"event\":\"snapshot\",\"t_ns\":1,\"phase\":0,\"look\":\"settled\","
			 "\"rows\":[{\"state\":\"SLEEPING\"}]}\n",
		     0, false, "t:2: \"state\" must be");
	check_decode(RUN "{\"event\":\"counters\",\"t_ns\":1,\"phase\":0,\"counters\":[]}\n", 0, false,
		     "t:2: \"counters\" must be an object");
	check_decode(RUN "{\"event\":\"counters\",\"t_ns\":1,\"phase\":0,\"counters\":"
			 "{\"A\":-1}}\n", 0, false, "t:2: \"counters\" must be of numbers from 0 on");
	check_decode("{\"event\":\"run\",\"t_ns\":0,\"phase\":-1,\"version\":99}\n", 0, false,
		     "version 99");
	check_decode(RUN "{\"event\":\"wire\",\"t_ns\":1,\"phase\":-1,\"tapped\":\"yes\",\"text\":\"\"}\n", 0,
		     false, "t:2: \"tapped\" must be true or false");
	check_decode(RUN "{\"event\":\"letgo\",\"t_ns\":1,\"phase\":0,\"id\":1,\"dropped\":1}\n", 0, false,
		     "t:2: \"dropped\" must be true or false");
	check_decode(RUN BARE("1048577", "0"), 0, false, "t:2: \"len\" must be");
	check_decode(RUN BARE("0", "65536"), 0, false, "t:2: \"window\" must be");
	check_decode(RUN WIRE("true") BARE("1048576", "65535"), 3, false, NULL);
}

/* Of a packet @hex of @len bytes. @says: NULL where it must be taken */
static void check_packet(const char *hex, const char *len, const char *says)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, RUN WIRE("true") "{\"event\":\"segment\",\"t_ns\":1,\"phase\":0,\"id\":1,"
		   "\"from\":0,\"to\":1,\"local\":\"127.0.0.1:1\",\"remote\":\"127.0.0.1:2\","
		   "\"flags\":\"SYN\",\"seq\":0,\"ack\":0,\"len\":0,\"window\":0,"
		   "\"ends\":[null,null],\"fate\":\"passed\",\"packet\":%s%s}\n", hex, len);
	check_decode(tl_buf_text(&text), 3, false, says);
	tl_buf_release(&text);
}

Test(trace, malformed_packet)
{
	char longest[2 * TL_PACKET_SNAP + 5] = "\"";

	memset(longest + 1, '4', 2 * TL_PACKET_SNAP);
	strcpy(longest + 1 + 2 * TL_PACKET_SNAP, "\"");
	check_packet(longest, ",\"packet_len\":256", NULL);
	strcpy(longest + 1 + 2 * TL_PACKET_SNAP, "44\"");
	check_packet(longest, ",\"packet_len\":257", "t:3: \"packet\" must be 1 to 256 bytes");
	check_packet("\"450a\"", ",\"packet_len\":2", NULL);
	check_packet("\"450a\"", ",\"packet_len\":70000", NULL);
	check_packet("\"450a\"", ",\"packet_len\":1", "t:3: \"packet_len\" must be");
	check_packet("\"450a\"", "", "t:3: \"packet_len\" must be");
	check_packet("\"\"", ",\"packet_len\":1", "t:3: \"packet\" must be 1 to 256 bytes");
	check_packet("\"450\"", ",\"packet_len\":2", "t:3: \"packet\" must be 1 to 256 bytes");
	check_packet("\"45 a\"", ",\"packet_len\":2", "t:3: \"packet\" must be two hexadecimal");
	check_packet("\"450A\"", ",\"packet_len\":2", "t:3: \"packet\" must be two hexadecimal");
	check_packet("17664", ",\"packet_len\":2", "t:3: \"packet\" must be a string");
}

/* Every prefix of every line is read or refused, and nothing else. */
Test(trace, every_prefix)
{
	struct tl_event ev = { .kind = TL_EVENT_SEGMENT };
	struct tl_buf line = { 0 };
	struct tl_err err = { 0 };

	ev.segment.id = 1;
	ev.segment.ends[1] = a_row(TL_LISTEN);
	ev.segment.seg.from = ev.segment.ends[1].sock.local;
	ev.segment.seg.to = ev.segment.ends[1].sock.remote;
	cr_assert_eq(tl_trace_encode(&ev, &line, &err), 0, "%s", err.text);
	for (size_t n = 0; n < line.len - 1; n++) {
		struct tl_event back = { 0 };

		cr_assert_eq(tl_trace_decode_event(line.data, n, &back, &err), -EINVAL,
			     "%zu bytes were enough", n);
		tl_event_release(&back);
	}
	tl_buf_release(&line);
}
