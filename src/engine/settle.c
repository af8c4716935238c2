/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A step is done when its own answer is there and nothing that it brought about is still on
 * its way. Two descriptors tell about the two, and whoever goes on when the answer is there
 * races with the segments. So the next step begins when
 *
 *   the queue is empty     What a call sent is in it when the call has returned. It is read and
 *                          decided until there is no more.
 *   the backlog is empty   What was let go is received inside the verdict, except for a loaded
 *                          kernel, which may leave it to ksoftirqd (before 6.5): then it waits
 *                          in the backlog of a processor (backlog.c).
 *   what arrived is        Its receiver's kernel may put the ACK off, for 40 ms as a rule and
 *   acknowledged           200 ms at most. Whether that ACK comes before or after what the
 *                          next step does is not left to chance. A call on a socket waits for
 *                          those of its own connection, any other step, and the phase's look,
 *                          for all. The same with a DATA_FIN of Multipath TCP: a worker of the
 *                          kernel acknowledges it, and a close before that would cross it.
 *
 * Where the wire is not seen the rows of the two ends tell the last: nothing sent is without
 * its acknowledgment, or the other end's window is zero. No row of TCP tells about a DATA_FIN;
 * the rows of Multipath TCP itself do: nobody's is without its acknowledgment.
 *
 * What has not come in OWED_NS is not waited for any more: the socket has no reader left, or
 * its kernel ignores what came. Of programs that talk without end something is always on its
 * way: the next step begins TALK_NS after the answer, whatever they have still to say.
 */
#include "engine_run.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* A little more than the longest delayed ACK: TCP_DELACK_MAX of the kernel's tcp.h. */
#define OWED_NS (250 * 1000000ULL)

/* Forty times the longest wait in a scenario of our own: a host may be that busy. */
#define TALK_NS (2000 * 1000000ULL)

static void free_named(void *node);

/* Without the wire: are there connections of Multipath TCP to look for? */
static bool looks_above(const struct engine *e)
{
	return !e->wire.wire && tl_plan_needs(e->plan, TL_NEED_MPTCP);
}

int settle_open(struct engine *e, struct tl_err *err)
{
	if (looks_above(e) && tl_table_dump_mptcp(e->table, NULL, 0, &e->socks, err))
		return tl_err_prefix(err, "without the wire a close of Multipath TCP is not seen");
	return backlog_open(&e->settling.backlog, "/proc/net/softnet_stat", err);
}

void settle_close(struct engine *e)
{
	backlog_close(&e->settling.backlog);
	tdestroy(e->settling.names, free_named);
	e->settling.names = NULL;
}

/* Since the answer; not while somebody is asked. */
static bool has_waited(const struct engine *e, uint64_t ns)
{
	return engine_now(e) - e->settling.since >= ns;
}

/* Read the queue and the backlogs empty. Return: 1 when they are, 0 not yet, -errno. */
static int drain(struct engine *e, struct tl_err *err)
{
	int last = -1, ret = 1;
	bool late = false;

	/* What has been let go may be answered when the backlogs are done. */
	while (ret > 0 && !late && last != e->wire.last_id && e->doing != ENGINE_ENDED) {
		last = e->wire.last_id;
		late = has_waited(e, OWED_NS);
		ret = wire_read_out(e, err);
		if (ret < 0 || backlog_note(&e->settling.backlog, err))
			return -err->code;
		if (!backlog_is_done(&e->settling.backlog))
			ret = 0;
	}
	return ret || late;
}

/* A socket by the name that its peer's steps give it. */
struct named {
	int actor;
	char *name;
	struct tl_told told;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return x->actor == y->actor ? strcmp(x->name, y->name) : x->actor - y->actor;
}

static void free_named(void *node)
{
	struct named *named = node;

	free(named->name);
	free(named);
}

static const struct tl_told *find_named(const struct engine *e, int actor, char *name)
{
	const struct named key = { .actor = actor, .name = name };
	struct named **node = tfind(&key, &e->settling.names, by_name);

	return node ? &(*node)->told : NULL;
}

static int keep_name(struct engine *e, int actor, const char *name, const struct tl_told *told,
		     struct tl_err *err)
{
	struct named *named = calloc(1, sizeof(*named)), **node = NULL;

	if (named) {
		*named = (struct named){ actor, strdup(name), *told };
		node = named->name ? tsearch(named, &e->settling.names, by_name) : NULL;
	}
	if (node && *node != named)
		(*node)->told = *told;
	if (named && (!node || *node != named))
		free_named(named);
	return node ? 0 : tl_err_set(err, ENOMEM, "no memory for a socket's name");
}

/* The socket waits for an acknowledgment, as far as its row says. */
static bool row_is_owed(struct engine *e, const struct tl_endpoint *local,
			const struct tl_endpoint *remote)
{
	struct tl_sock sock;
	struct tl_err unused;

	if (tl_table_find(e->table, local, remote, &sock, &unused))
		return false;
	return sock.state != TL_SYN_SENT && sock.state != TL_SYN_RECV && sock.sendq &&
	       sock.timer != TL_TIMER_PROBE;
}

/* Rows that cannot be read now may have one: they are read again. */
static bool data_fin_is_owed(struct engine *e)
{
	const unsigned sent = 1u << TL_FIN_WAIT1 | 1u << TL_CLOSING | 1u << TL_LAST_ACK;
	struct tl_err unused;
	bool owed = false;

	if (tl_table_dump_mptcp(e->table, e->plan->watch, e->plan->n_watch, &e->socks, &unused))
		return true;
	for (size_t i = 0; i < e->socks.n; i++)
		owed |= sent >> e->socks.v[i].state & 1;
	return owed;
}

/* @of: the socket that the step is about; NULL where it is about everything */
static bool is_owed(struct engine *e, const struct tl_told *of)
{
	if (e->wire.wire)
		return holds_owed(&e->wire.holds, of, uv_hrtime() - OWED_NS);
	if (looks_above(e) && data_fin_is_owed(e))
		return true; /* for TALK_NS: a worker of the kernel may get no processor */
	if (!of)
		of = &e->settling.last;
	return !has_waited(e, OWED_NS) && of->cookie && of->remote.port &&
	       (row_is_owed(e, &of->local, &of->remote) ||
		row_is_owed(e, &of->remote, &of->local));
}

int settle_begin(struct engine *e, const struct tl_step *step, const struct tl_told *told,
		 struct tl_err *err)
{
	e->settling.told = told ? *told : (struct tl_told){ 0 };
	e->settling.since = engine_now(e);
	if (!told || !told->cookie)
		return 0;
	e->settling.last = *told;
	return keep_name(e, step->actor, step->call.on, told, err);
}

int settle_now(struct engine *e, struct tl_err *err)
{
	int ret = drain(e, err);

	return ret > 0 && ask_is_waiting(e) ? 0 : ret;
}

int settle_for(struct engine *e, const struct tl_step *step, struct tl_err *err)
{
	bool calls = step && tl_verb_is_of_peer(step->verb);
	const struct tl_told *of = calls ? find_named(e, step->actor, step->call.on) : NULL;
	int ret = settle_now(e, err);

	return ret <= 0 || has_waited(e, TALK_NS) ? ret : !is_owed(e, of);
}
