/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for open connections, and for the ports that closed ones still take. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules.h"
#include "tcplab/host_words.h"

/* TIME_WAIT. */

static int ports(const struct tl_host *look)
{
	const struct tl_knobs *k = &look->knobs;

	return k->port_low > 0 && k->port_high >= k->port_low ?
		       k->port_high - k->port_low + 1 - k->ports_reserved : 0;
}

/*
 * May connect() take the port of this one in TIME_WAIT again? After a second, where timestamps tell
 * the old segments from the new ones.
 */
static bool is_reusable(const struct tl_host *look, const struct tl_sock *sock)
{
	int64_t reuse = look->knobs.setting[TL_KNOB_TW_REUSE];

	return sock->state == TL_TIME_WAIT && sock->timer_ms < 60000 - SOME_TIME &&
	       look->knobs.setting[TL_KNOB_TIMESTAMPS] != 0 &&
	       (reuse == 1 || (reuse == 2 && tl_endpoint_is_loopback(&sock->remote)));
}

/* So many addresses of ours are told apart; a host seldom has as many towards one end. */
enum { ADDRESSES = 16 };

static struct tl_endpoint address_of(const struct tl_sock *sock)
{
	struct tl_endpoint address = tl_endpoint_plain(&sock->local);

	address.port = 0;
	return address;
}

/* The address of ours that most rows of a group have: each address has all ports. */
static struct tl_endpoint busiest_address(const struct tl_host *look, const struct tl_group *group)
{
	struct tl_endpoint seen[ADDRESSES] = { 0 };
	size_t rows[ADDRESSES] = { 0 }, n = 0, best = 0;

	TL_EACH_ROW(row, look, group) {
		struct tl_endpoint address = address_of(&row->sock);
		size_t i = 0;

		while (i < n && !tl_endpoint_equal(&seen[i], &address))
			i++;
		if (i == ADDRESSES)
			continue;
		if (i == n)
			seen[n++] = address;
		rows[i]++;
		best = rows[i] > rows[best] ? i : best;
	}
	return seen[best];
}

/*
 * Local ports of the range that rows from this address to this other end take.
 * @reusable: those of them that can be used again
 */
static size_t ports_taken(const struct tl_host *look, const struct tl_group *group,
			  const struct tl_endpoint *from, size_t *reusable)
{
	size_t n = 0;

	*reusable = 0;
	for (size_t i = 0; i < look->n_groups; i++) {
		const struct tl_group *g = &look->groups[i];

		if (g->incoming || g->state == TL_LISTEN ||
		    !tl_endpoint_equal(&g->end, &group->end))
			continue;
		TL_EACH_ROW(row, look, g) {
			struct tl_endpoint address = address_of(&row->sock);
			int port = row->sock.local.port;

			if (port < look->knobs.port_low || port > look->knobs.port_high ||
			    !tl_endpoint_equal(&address, from))
				continue;
			*reusable += is_reusable(look, &row->sock);
			n++;
		}
	}
	return n;
}

/* All groups with this end take its ports, whatever their states and programs. */
bool tl_is_worn_out(const struct tl_host *look, const struct tl_group *group)
{
	size_t range = ports(look), reusable;
	struct tl_endpoint from;

	if (group->incoming || !range || group->n < range / 32 || group->n < 2)
		return false;
	from = busiest_address(look, group);
	return ports_taken(look, group, &from, &reusable) - reusable >= range - range / 20;
}

bool tl_share_ports(const struct tl_host *look, const struct tl_group *a, const struct tl_group *b)
{
	struct tl_endpoint from, other;

	if (!tl_endpoint_equal(&a->end, &b->end))
		return false;
	from = busiest_address(look, a);
	other = busiest_address(look, b);
	return tl_endpoint_equal(&from, &other);
}

void tl_tell_ports(struct tl_telling *t)
{
	size_t reusable, taken;
	struct tl_endpoint from = busiest_address(t->look, t->group);
	char text[128] = "", reserved[64] = "", address[TL_ENDPOINT_TEXT];

	if (t->look->knobs.ports_reserved)
		snprintf(reserved, sizeof(reserved), " but for the %d of ip_local_reserved_ports",
			 t->look->knobs.ports_reserved);
	taken = ports_taken(t->look, t->group, &from, &reusable);
	if (reusable)
		snprintf(text, sizeof(text), "; %zu of them can be used again", reusable);
	if (ports(t->look))
		tl_tell(t, TL_REMARK_PORTS, "%zu of %d local ports of ip_local_port_range (%d "
			"to %d%s) are in use from %s towards it%s",
			taken, ports(t->look), t->look->knobs.port_low, t->look->knobs.port_high,
			reserved, tl_endpoint_addr_text(&from, address), text);
	else
		tl_tell(t, TL_REMARK_PORTS, "which there are is not known: a saved table does "
				    "not say ip_local_port_range (Linux's own is 32768 to "
				    "60999)");
}

static void tell_reuse(struct tl_telling *t)
{
	int64_t reuse = t->look->knobs.setting[TL_KNOB_TW_REUSE];

	tl_tell_ports(t);
	if (reuse >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_tw_reuse = %" PRId64 "%s", reuse,
			reuse && !t->look->knobs.setting[TL_KNOB_TIMESTAMPS] ?
			": of no use, since net.ipv4.tcp_timestamps = 0" :
			reuse == 0 ? ": a port stays in use for the whole 60 s" :
			reuse == 1 ? ": connect() takes such a port again after a second" :
				     ": connect() takes such a port again after a second, between "
				     "loopback addresses only");
}

/* Whose connections to this end there are, those of the most first in each state. */
static void tell_takers(struct tl_telling *t)
{
	size_t n = 0, left = 0;

	for (size_t i = 0; i < t->look->n_groups; i++) {
		const struct tl_group *g = &t->look->groups[i];

		if (g->incoming || g->state == TL_LISTEN ||
		    !tl_endpoint_equal(&g->end, &t->group->end))
			continue;
		if (n++ >= 4) {
			left += g->n;
			continue;
		}
		tl_buf_fmt(&t->text, "%s%zu in %s of ", n > 1 ? ", " : "", g->n,
			   tl_state_name(g->state));
		tl_say_owner(&t->text, t->look, g);
	}
	if (left)
		tl_buf_fmt(&t->text, " and %zu more", left);
	tl_tell(t, TL_REMARK_STATE, "%s", tl_buf_text(&t->text));
}

void tl_tell_worn_out(struct tl_telling *t)
{
	tl_tell_head(t, "Hardly any local port is left for connections to %s: without one "
			"connect() fails with EADDRNOTAVAIL.", t->end);
	tell_reuse(t);
	tell_takers(t);
	tl_tell_rows(t);
}

/* The range that Linux sets, where a saved table does not say which it is. */
enum { PORTS_BY_DEFAULT = 28232 };

/*
 * A thousand rows do no harm by themselves: what counts is how much of what there is they take,
 * ports towards one end, or rows that the kernel keeps.
 */
bool tl_is_churn(const struct tl_host *look, const struct tl_group *group)
{
	int64_t most = look->knobs.setting[TL_KNOB_MAX_TW_BUCKETS];
	size_t range = ports(look) ? ports(look) : PORTS_BY_DEFAULT;

	if (group->n < MANY)
		return false;
	return (!group->incoming && group->n >= range / 4) ||
	       (most > 0 && (int64_t)group->n >= most / 2);
}

void tl_tell_churn(struct tl_telling *t)
{
	tl_tell_head(t, "%zu connections %s %s were closed by this side within a minute.",
		     t->group->n, t->group->incoming ? "at" : "to", t->end);
	if (!t->group->incoming)
		tell_reuse(t);
	else
		tl_tell(t, TL_REMARK_PORTS, "none is used up: at a listener's own port TIME_WAIT "
				    "only takes some memory");
	tl_tell_setting(t, TL_KNOB_MAX_TW_BUCKETS, "");
	tl_tell_counter(t, TL_HOST_COUNTER_TW_OVERFLOW);
	tl_tell_rows(t);
}

/* ESTABLISHED, and the other end is not there, or does not read. */

static uint32_t count_timer(const struct tl_host *look, const struct tl_group *group,
			    enum tl_timer timer, unsigned fired)
{
	uint32_t n = 0;

	TL_EACH_ROW(row, look, group)
		n += row->sock.timer == timer && row->sock.retrans >= fired;
	return n;
}

/*
 * One probe may be on its way right now; a second one says that the first had no answer. Those of a
 * zero window are counted until one has an answer.
 */
bool tl_is_half_open(const struct tl_seen *row)
{
	const struct tl_sock *sock = &row->sock;

	return (sock->timer == TL_TIMER_RETRANSMIT && sock->retrans >= 3) ||
	       (sock->timer == TL_TIMER_KEEPALIVE && sock->retrans >= 2) ||
	       (sock->timer == TL_TIMER_PROBE && sock->retrans >= 3);
}

/* Probes that have no answer either say that the network does not work. */
bool tl_is_shut(const struct tl_seen *row)
{
	return tl_is_refused(row) && row->sock.retrans < 2;
}

static bool is_unsent_for_long(const struct tl_seen *row)
{
	return tl_is_half_open(row) && tl_is_unsent(row);
}

void tl_tell_half_open(struct tl_telling *t)
{
	uint32_t repeated = count_timer(t->look, t->group, TL_TIMER_RETRANSMIT, 3);
	uint32_t probed = count_timer(t->look, t->group, TL_TIMER_KEEPALIVE, 2);
	uint32_t unsent = tl_count_rows(t->look, t->group, is_unsent_for_long);
	uint32_t shut = count_timer(t->look, t->group, TL_TIMER_PROBE, 3) - unsent;
	size_t refused = tl_count_rows(t->look, t->group, tl_is_shut);

	tl_tell_head(t, "%s %s %zu %s %s %s; of %u the other end does not answer.", t->owner,
		     tl_have(t->group), t->group->n,
		     tl_plural(t->group->n, "connection", "connections"),
		     t->group->incoming ? "at" : "with", t->end,
		     repeated + probed + shut + unsent);
	if (repeated)
		tl_tell(t, TL_REMARK_REPEATED, "the timer of %u for data has fired three times "
			"or more without an answer", repeated);
	if (probed)
		tl_tell(t, TL_REMARK_PROBED, "keepalive probes of %u have no answer", probed);
	if (shut)
		tl_tell(t, TL_REMARK_WINDOW, "the window of %u was zero, and its probes have no "
			"answer",
			shut);
	tl_tell_unsent(t);
	if (refused)
		tl_tell(t, TL_REMARK_WINDOW, "%zu more %s a zero window and %s answered: the "
			"program there does not read",
			refused, tl_plural(refused, "probes", "probe"),
			tl_plural(refused, "is", "are"));
	if (repeated || shut || unsent)
		tl_tell_setting(t, TL_KNOB_RETRIES2, "");
	if (probed) {
		tl_tell_setting(t, TL_KNOB_KEEPALIVE_PROBES, " without an answer, and the "
				"kernel gives up, unless the program has set its own");
		tl_tell_setting(t, TL_KNOB_KEEPALIVE_INTVL, " seconds between two, likewise");
	}
	tl_tell_counter(t, TL_HOST_COUNTER_ABORT_TIMEOUT);
	tl_tell_other(t);
	tl_tell_rows(t);
}

/* The process itself, told with the first of its groups. */

static bool is_told_before(const struct tl_host *look, const struct tl_group *group,
			   uint32_t process)
{
	for (const struct tl_group *g = look->groups; g < group; g++)
		if (g->owner == TL_OWNER_PROCESS &&
		    (g->state == TL_ESTABLISHED || g->state == TL_CLOSE_WAIT ||
		     g->state == TL_LISTEN) && tl_has_process(look, g, process))
			return true;
	return false;
}

/* The first process of a group that has none left: each has a limit of its own. UINT32_MAX: none */
static uint32_t find_used_up(const struct tl_host *look, const struct tl_group *group)
{
	uint32_t last = UINT32_MAX;

	TL_EACH_ROW(row, look, group) {
		const struct tl_process *process = &look->processes.v[row->hold->process];

		if (row->hold->process == last || !process->limit ||
		    process->descriptors < process->limit - process->limit / 50)
			continue;
		last = row->hold->process;
		if (!is_told_before(look, group, last))
			return last;
	}
	return UINT32_MAX;
}

bool tl_is_out_of_descriptors(const struct tl_host *look, const struct tl_group *group)
{
	return find_used_up(look, group) != UINT32_MAX;
}

void tl_tell_descriptors(struct tl_telling *t)
{
	uint32_t used_up = find_used_up(t->look, t->group);
	const struct tl_process *process = &t->look->processes.v[used_up];
	size_t n = 0;

	tl_say_process(&t->text, process);
	if (process->descriptors >= process->limit)
		tl_tell_head(t, "%s has used up its descriptors, %u of %u: accept(), socket() and "
				"open() fail with EMFILE.",
				tl_buf_text(&t->text), process->descriptors,
			     process->limit);
	else
		tl_tell_head(t, "%s has %u of %u descriptors left: without one accept(), "
				"socket() and open() fail with EMFILE.", tl_buf_text(&t->text),
			     process->limit - process->descriptors, process->limit);
	TL_EACH_ROW(row, t->look, t->group)
		n += row->hold->process == used_up;
	tl_tell(t, TL_REMARK_STATE, "%zu of its sockets are in %s", n,
		tl_state_name(t->group->state));
	tl_tell_other(t);
	tl_tell_rows(t);
}

void tl_tell_shut(struct tl_telling *t)
{
	uint32_t least = UINT32_MAX;
	uint64_t bytes = 0;
	size_t n = 0;

	TL_EACH_ROW(row, t->look, t->group) {
		if (!tl_is_shut(row))
			continue;
		bytes += row->sock.sendq;
		n++;
		if (row->info.known && row->info.data_sent_ms < least)
			least = row->info.data_sent_ms;
	}
	tl_tell_head(t, "%s cannot send to %s: there is no room left at that end, so the "
		     "program there does not read.", t->owner, t->far);
	if (least != UINT32_MAX) {
		tl_buf_str(&t->text, "; the last data were sent ");
		tl_say_time(&t->text, least);
		tl_buf_str(&t->text, " ago");
	}
	tl_tell(t, TL_REMARK_WINDOW, "%zu of %zu %s a zero window; %" PRIu64 " bytes wait%s", n,
		t->group->n, tl_plural(n, "probes", "probe"), bytes, tl_buf_text(&t->text));
	tl_tell_other(t);
	tl_tell_rows(t);
}
