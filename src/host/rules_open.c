/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for open connections, and for the ports that closed ones still take. */
#include <inttypes.h>
#include <string.h>

#include "rules.h"
#include "tcplab/host_words.h"

/* TIME_WAIT. */

static int ports(const struct tl_host *look)
{
	const struct tl_knobs *k = &look->knobs;

	return k->port_low > 0 && k->port_high >= k->port_low ? k->port_high - k->port_low + 1 : 0;
}

/* Local ports of the range that rows to this other end take; each pair of addresses has its own. */
static size_t ports_taken(const struct tl_host *look, const struct tl_group *group)
{
	size_t n = 0;

	for (size_t i = 0; i < look->n_groups; i++) {
		const struct tl_group *g = &look->groups[i];

		if (g->incoming || g->state == TL_LISTEN ||
		    !tl_endpoint_equal(&g->end, &group->end))
			continue;
		for (uint32_t at = g->first; at; at = look->rows[at - 1].next)
			n += look->rows[at - 1].sock.local.port >= look->knobs.port_low &&
			     look->rows[at - 1].sock.local.port <= look->knobs.port_high;
	}
	return n;
}

bool tl_is_worn_out(const struct tl_host *look, const struct tl_group *group)
{
	size_t range = ports(look);

	if (group->incoming || !range || group->n < range / 4 || group->n < 2)
		return false;
	/* With several addresses of ours each has all ports; then nothing can be said. */
	for (uint32_t at = group->first; at; at = look->rows[at - 1].next)
		if (memcmp(look->rows[at - 1].sock.local.addr,
			   look->rows[group->first - 1].sock.local.addr, 16))
			return false;
	return ports_taken(look, group) >= range - range / 20;
}

static void tell_reuse(struct tl_telling *t)
{
	int64_t reuse = t->look->knobs.setting[TL_KNOB_TW_REUSE];

	if (ports(t->look))
		tl_tell(t, TL_REMARK_PORTS, "%zu of %d local ports of ip_local_port_range (%d to %d) "
				    "are in use towards it", ports_taken(t->look, t->group), ports(t->look),
			t->look->knobs.port_low, t->look->knobs.port_high);
	else
		tl_tell(t, TL_REMARK_PORTS, "which there are is not known: a saved table does not say "
				    "ip_local_port_range (Linux's own is 32768 to 60999)");
	if (reuse >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_tw_reuse = %" PRId64 "%s", reuse,
			reuse == 0 ? ": a port stays in use for the whole 60 s" :
			reuse == 1 ? ": connect() takes such a port again after a second" :
				     ": connect() takes such a port again after a second, between "
				     "loopback addresses only");
}

void tl_tell_worn_out(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];

	tl_tell_head(t, "Hardly any local port is left for connections to %s: without one "
			"connect() fails with EADDRNOTAVAIL.", tl_endpoint_text(&t->group->end, end));
	tell_reuse(t);
	tl_tell(t, TL_REMARK_STATE, "%zu of them are in %s", t->group->n, tl_state_name(t->group->state));
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
	char end[TL_ENDPOINT_TEXT];
	int64_t most = t->look->knobs.setting[TL_KNOB_MAX_TW_BUCKETS];

	tl_tell_head(t, "%zu connections %s %s were closed by this side within a minute.",
		     t->group->n, t->group->incoming ? "at" : "to",
		     tl_endpoint_text(&t->group->end, end));
	if (!t->group->incoming)
		tell_reuse(t);
	else
		tl_tell(t, TL_REMARK_PORTS, "none is used up: at a listener's own port TIME_WAIT "
				    "only takes some memory");
	if (most >= 0)
		tl_tell(t, TL_REMARK_SETTING, "net.ipv4.tcp_max_tw_buckets = %" PRId64, most);
	tl_tell_counter(t, "TCPTimeWaitOverflow", TL_HOST_COUNTER_TW_OVERFLOW);
	tl_tell_rows(t);
}

/* ESTABLISHED, and the other end is not there, or does not read. */

static uint32_t count_timer(const struct tl_host *look, const struct tl_group *group,
			    enum tl_timer timer, unsigned fired)
{
	uint32_t n = 0;

	for (uint32_t at = group->first; at; at = look->rows[at - 1].next) {
		const struct tl_sock *sock = &look->rows[at - 1].sock;

		n += sock->timer == timer && sock->retrans >= fired;
	}
	return n;
}

/* One keepalive probe may be on its way right now; a second one says that the first had no answer. */
bool tl_is_half_open(const struct tl_host *look, const struct tl_group *group)
{
	return count_timer(look, group, TL_TIMER_RETRANSMIT, 3) ||
	       count_timer(look, group, TL_TIMER_KEEPALIVE, 2);
}

void tl_tell_half_open(struct tl_telling *t)
{
	uint32_t repeated = count_timer(t->look, t->group, TL_TIMER_RETRANSMIT, 3);
	uint32_t probed = count_timer(t->look, t->group, TL_TIMER_KEEPALIVE, 2);
	char end[TL_ENDPOINT_TEXT];
	struct tl_buf who = { 0 };

	tl_tell_head(t, "%s has %u of %zu %s %s %s open, and the other end does not answer.",
		     tl_telling_owner(t, &who), repeated + probed, t->group->n,
		     tl_plural(t->group->n, "connection", "connections"),
		     t->group->incoming ? "at" : "with", tl_endpoint_text(&t->group->end, end));
	if (repeated)
		tl_tell(t, TL_REMARK_REPEATED, "the data of %u was sent four times or more without "
				       "an answer; net.ipv4.tcp_retries2 = %" PRId64, repeated,
			t->look->knobs.setting[TL_KNOB_RETRIES2]);
	if (probed)
		tl_tell(t, TL_REMARK_PROBED, "keepalive probes of %u have no answer", probed);
	tl_tell_other(t);
	tl_tell_rows(t);
	tl_buf_release(&who);
}

/* The process itself, told with the first of its groups. */

bool tl_is_out_of_descriptors(const struct tl_host *look, const struct tl_group *group)
{
	const struct tl_process *process = &look->processes.v[group->process];

	for (const struct tl_group *g = look->groups; g < group; g++)
		if (g->owner == TL_OWNER_PROCESS && g->process == group->process &&
		    (g->state == TL_ESTABLISHED || g->state == TL_CLOSE_WAIT || g->state == TL_LISTEN))
			return false;
	return process->limit && process->descriptors >= process->limit - process->limit / 50;
}

void tl_tell_descriptors(struct tl_telling *t)
{
	const struct tl_process *process = &t->look->processes.v[t->group->process];
	struct tl_buf who = { 0 };

	tl_say_process(&who, process);
	if (process->descriptors >= process->limit)
		tl_tell_head(t, "%s has used up its descriptors, %u of %u: accept(), socket() and "
				"open() fail with EMFILE.", tl_buf_text(&who), process->descriptors,
			     process->limit);
	else
		tl_tell_head(t, "%s has %u of %u descriptors left: without one accept(), socket() and "
				"open() fail with EMFILE.", tl_buf_text(&who),
			     process->limit - process->descriptors, process->limit);
	tl_tell(t, TL_REMARK_STATE, "%zu of its sockets are in %s", t->group->n,
		tl_state_name(t->group->state));
	tl_tell_other(t);
	tl_tell_rows(t);
	tl_buf_release(&who);
}

bool tl_is_shut(const struct tl_host *look, const struct tl_group *group)
{
	for (uint32_t at = group->first; at; at = look->rows[at - 1].next) {
		const struct tl_seen *row = &look->rows[at - 1];

		if (tl_is_refused(row) && row->sock.sendq &&
		    (row->sock.retrans >= 2 || row->info.backoff >= 2))
			return true;
	}
	return false;
}

void tl_tell_shut(struct tl_telling *t)
{
	char end[TL_ENDPOINT_TEXT];
	struct tl_buf who = { 0 };

	tl_tell_head(t, "%s cannot send to %s: the other end's program does not read.",
		     tl_telling_owner(t, &who), tl_endpoint_text(&t->group->end, end));
	tl_tell(t, TL_REMARK_WINDOW, "%zu of %zu probe a zero window; %" PRIu64 " bytes wait",
		t->group->probing, t->group->n, t->group->sendq);
	tl_tell_other(t);
	tl_tell_rows(t);
	tl_buf_release(&who);
}
