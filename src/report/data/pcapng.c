/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A pcapng file is a row of blocks, each with its type and, before and after its body, its
 * length; bodies end with options. Ours has one section, in little-endian order:
 *
 *	Section Header          the program, the kernel, the scenario
 *	Interface Description   one for each hook on which segments are stopped
 *	Enhanced Packet         one for each segment, in the order they were sent
 *	Interface Statistics    one for each hook: how many came, how many nobody saw
 *
 * A packet is dated when it was stopped, on its sender's way out, which is when a capture on
 * that host would have seen it. A segment that was held is in the file once all the same, for
 * a reader of captures would take a second one for a retransmission; when it went on says
 * its comment (comment.c).
 *
 * Source: draft-ietf-opsawg-pcapng, https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/
 */
#include "../render.h"

#include <string.h>
#include <sys/socket.h>

#include "comment.h"
#include "../words.h"
#include "tcplab/text.h"

enum { SECTION_HEADER = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };

enum { BYTE_ORDER_MAGIC = 0x1a2b3c4d, LINKTYPE_RAW = 101 };

/* Options; a number means something else in another block. */
enum {
	END_OF_OPTIONS = 0,
	COMMENT = 1,
	SHB_OS = 3, SHB_USERAPPL = 4,
	IF_NAME = 2, IF_DESCRIPTION = 3, IF_TSRESOL = 9, IF_FILTER = 11, IF_OS = 12,
	EPB_FLAGS = 2, EPB_DROPCOUNT = 4, EPB_PACKETID = 5,
	ISB_STARTTIME = 2, ISB_ENDTIME = 3, ISB_IFRECV = 4, ISB_IFDROP = 5,
};

/* Of EPB_FLAGS: it goes out, to one host. */
enum { OUTBOUND = 2, UNICAST = 1 << 2 };

enum { OPTION_MAX = UINT16_MAX };

/* The hooks of the wire's rule (src/wire/rule.c), in the order of their interfaces. */
static const struct {
	int family;
	const char *name, *description;
} hooks[] = {
	{ AF_INET, "output", "netfilter's OUTPUT hook, IPv4" },
	{ AF_INET6, "output6", "netfilter's OUTPUT hook, IPv6" },
};

#define N_HOOKS (sizeof(hooks) / sizeof(hooks[0]))

struct capture {
	const struct tl_report *report;
	struct tl_buf *out;
	const struct tl_event *step; /* that was under way; NULL for none */
	uint64_t wall_ns;            /* of t_ns 0 */
	uint64_t unseen;             /* segments that passed unseen since the last packet */
	uint64_t came[N_HOOKS];
};

static void put(struct tl_buf *out, uint64_t value, int bytes)
{
	uint8_t v[8];

	for (int i = 0; i < bytes; i++)
		v[i] = value >> 8 * i;
	tl_buf_add(out, v, bytes);
}

/* Everything fills up to 32 bits. */
static void align(struct tl_buf *out, size_t len)
{
	put(out, 0, -len & 3);
}

static void option(struct tl_buf *out, int code, const void *value, size_t len)
{
	put(out, code, 2);
	put(out, len, 2);
	tl_buf_add(out, value, len);
	align(out, len);
}

static void option_number(struct tl_buf *out, int code, uint64_t value, int bytes)
{
	put(out, code, 2);
	put(out, bytes, 2);
	put(out, value, bytes);
	align(out, bytes);
}

/* Text that does not fit loses its end, but no part of a character. */
static void option_text(struct tl_buf *out, int code, const char *text)
{
	size_t len = strlen(text);

	if (len > OPTION_MAX)
		for (len = OPTION_MAX; len && (text[len] & 0xc0) == 0x80;)
			len--;
	option(out, code, text, len);
}

/* The upper half comes first, whatever the byte order. */
static void put_time(struct tl_buf *out, uint64_t ns)
{
	put(out, ns >> 32, 4);
	put(out, ns, 4);
}

static void option_time(struct tl_buf *out, int code, uint64_t ns)
{
	put(out, code, 2);
	put(out, 8, 2);
	put_time(out, ns);
}

/* A block's length stands before and after it: put off until both are known. */
static void block(struct capture *c, uint32_t type, const struct tl_buf *body)
{
	put(c->out, type, 4);
	put(c->out, body->len + 12, 4);
	tl_buf_add(c->out, tl_buf_text(body), body->len);
	put(c->out, body->len + 12, 4);
	c->out->failed |= body->failed;
}

static void end_options(struct tl_buf *body)
{
	put(body, END_OF_OPTIONS, 4);
}

static void about(struct tl_buf *out, const struct tl_report *report)
{
	struct tl_buf untapped = { 0 };

	tl_text_line(out, report->plan->name);
	tl_buf_str(out, "\n");
	tl_text_line(out, report->plan->title);
	tl_buf_fmt(out, "\n%s ", tl_report_result(report->verdict->result));
	tl_report_verdict(out, report);
	tl_report_untapped(&untapped, report);
	if (untapped.len)
		tl_buf_str(out, "\n");
	tl_text_line(out, tl_buf_text(&untapped));
	tl_buf_release(&untapped);
}

static void section_header(struct capture *c)
{
	const struct tl_event *run = tl_trace_run(c->report->trace);
	struct tl_buf body = { 0 }, text = { 0 };

	put(&body, BYTE_ORDER_MAGIC, 4);
	put(&body, 1, 2);
	put(&body, 0, 2);
	put(&body, UINT64_MAX, 8); /* the section's length: to the end of the file */
	about(&text, c->report);
	option_text(&body, COMMENT, tl_buf_text(&text));
	tl_buf_release(&text);
	tl_text_line(&text, tl_report_kernel(c->report));
	option_text(&body, SHB_OS, tl_buf_text(&text));
	tl_buf_release(&text);
	tl_buf_str(&text, "tcplab ");
	tl_text_line(&text, run && run->run.tcplab ? run->run.tcplab : "?");
	option_text(&body, SHB_USERAPPL, tl_buf_text(&text));
	end_options(&body);
	block(c, SECTION_HEADER, &body);
	tl_buf_release(&text);
	tl_buf_release(&body);
}

/* The ports that are watched, as libpcap would be told: a 0, and the filter. */
static void filter(struct tl_buf *out, const struct tl_plan *plan)
{
	tl_buf_add(out, "", 1);
	tl_buf_str(out, "tcp");
	for (size_t i = 0; i < plan->n_watch; i++)
		tl_buf_fmt(out, "%sport %u", i ? " or " : " and (", plan->watch[i]);
	tl_buf_str(out, plan->n_watch ? ")" : "");
}

static void interface(struct capture *c, size_t hook)
{
	struct tl_buf body = { 0 }, text = { 0 };

	put(&body, LINKTYPE_RAW, 2);
	put(&body, 0, 2);
	put(&body, TL_PACKET_SNAP, 4);
	option_text(&body, IF_NAME, hooks[hook].name);
	option_text(&body, IF_DESCRIPTION, hooks[hook].description);
	option_number(&body, IF_TSRESOL, 9, 1); /* nanoseconds */
	filter(&text, c->report->plan);
	option(&body, IF_FILTER, tl_buf_text(&text),
	       text.len < OPTION_MAX ? text.len : OPTION_MAX);
	tl_buf_release(&text);
	tl_text_line(&text, tl_report_kernel(c->report));
	option_text(&body, IF_OS, tl_buf_text(&text));
	end_options(&body);
	block(c, INTERFACE, &body);
	tl_buf_release(&text);
	tl_buf_release(&body);
}

static size_t hook_of(const struct tl_segment *segment)
{
	size_t hook = 0;

	while (hook < N_HOOKS - 1 && hooks[hook].family != segment->from.family)
		hook++;
	return hook;
}

static void packet(struct capture *c, const struct tl_shot *shot)
{
	const struct tl_event *ev = shot->ev;
	const struct tl_packet *p = &ev->segment.packet;
	size_t hook = hook_of(&ev->segment.seg);
	struct tl_buf body = { 0 }, text = { 0 };

	if (!p->bytes) {
		c->unseen++;
		return;
	}
	put(&body, hook, 4);
	put_time(&body, c->wall_ns + ev->t_ns);
	put(&body, p->have, 4);
	put(&body, p->total, 4);
	tl_buf_add(&body, p->bytes, p->have);
	align(&body, p->have);
	tl_comment(&text, c->report, shot, c->step);
	option_text(&body, COMMENT, tl_buf_text(&text));
	option_number(&body, EPB_FLAGS, OUTBOUND | UNICAST, 4);
	option_number(&body, EPB_DROPCOUNT, c->unseen, 8);
	option_number(&body, EPB_PACKETID, ev->segment.id, 8);
	end_options(&body);
	body.failed |= text.failed;
	block(c, PACKET, &body);
	c->came[hook]++;
	c->unseen = 0;
	tl_buf_release(&text);
	tl_buf_release(&body);
}

static void packets(struct capture *c)
{
	const struct tl_shot *shot = c->report->film->shots;

	for (size_t i = 0; i < c->report->trace->n; i++) {
		const struct tl_event *ev = &c->report->trace->events[i];

		if (ev->kind == TL_EVENT_STEP)
			c->step = ev;
		else if (ev->kind == TL_EVENT_DONE)
			c->step = NULL;
		else if (ev->kind == TL_EVENT_LOSSY)
			c->unseen += ev->lossy.n;
		else if (ev->kind == TL_EVENT_SEGMENT)
			packet(c, shot++);
	}
}

/* Which of the hooks those would have passed that nobody saw is not known. */
static void statistics(struct capture *c, size_t hook)
{
	const struct tl_trace *trace = c->report->trace;
	uint64_t end_ns = c->wall_ns + (trace->n ? trace->events[trace->n - 1].t_ns : 0);
	struct tl_buf body = { 0 };

	put(&body, hook, 4);
	put_time(&body, end_ns);
	option_time(&body, ISB_STARTTIME, c->wall_ns);
	option_time(&body, ISB_ENDTIME, end_ns);
	option_number(&body, ISB_IFRECV, c->came[hook], 8);
	if (!hook)
		option_number(&body, ISB_IFDROP, c->report->film->tap.lossy, 8);
	end_options(&body);
	block(c, STATISTICS, &body);
	tl_buf_release(&body);
}

int tl_report_pcapng(const struct tl_report *report, const struct tl_report_style *style,
		     struct tl_buf *out, struct tl_err *err)
{
	const struct tl_event *run = tl_trace_run(report->trace);
	struct capture c = { .report = report, .out = out };

	(void)style;
	c.wall_ns = run ? run->run.wall_ns : 0;
	section_header(&c);
	for (size_t i = 0; i < N_HOOKS; i++)
		interface(&c, i);
	packets(&c);
	for (size_t i = 0; i < N_HOOKS; i++)
		statistics(&c, i);
	return tl_report_done(out, err);
}
