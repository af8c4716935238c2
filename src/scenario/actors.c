/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The actors of a scenario. */
#include "read_program.h"
#include "settings.h"

#include <arpa/inet.h>
#include <string.h>

#define ACTORS_MOST    64
#define NAME_MOST      63
#define ADDRESSES_MOST 16 /* CONFIG_BINDADDR_MAX of Redis */
#define BIND_DEFAULT   "127.0.0.1"

void scn_read_port(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_actor_spec *actor = into;
	long port;

	if (!scn_number(r, node, "a port", 1, 65535, &port))
		return;
	for (struct tl_actor_spec *other = r->plan->actors; other != actor; other++)
		if (other->port == port && other->kind == TL_ACTOR_KIND_PEER &&
		    actor->kind == TL_ACTOR_KIND_PEER)
			scn_mistake(r, node->at,
				    "port %ld is %s's already: each actor has its own; a second "
				    "listener says the port itself: \"listen: { by: %s, port: "
				    "%ld, reuse-port: yes }\"",
				    port, other->name, actor->name, port);
		else if (other->port == port)
			scn_mistake(r, node->at,
				    "port %ld already belongs to %s: each actor has its own", port,
				    other->name);
	actor->port = port;
}

/* Is the piece of @len bytes at @at of the bind text an address? */
static void check_address(struct scn_reader *r, const struct scn_node *node, size_t at,
			  size_t len)
{
	char address[INET6_ADDRSTRLEN];
	unsigned char binary[16];
	struct scn_span place = scn_inside(r, node, at, len);

	if (len >= sizeof(address))
		goto bad;
	memcpy(address, node->text + at, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, binary) == 1 ||
	    inet_pton(AF_INET6, address, binary) == 1)
		return;
bad:
	scn_mistake(r, place, "%s is not an IPv4 or IPv6 address, such as 127.0.0.1 or ::1",
		    SCN_QUOTE_NAME(node->text + at, len));
}

static void read_bind(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_actor_spec *actor = into;
	int n = 0;

	actor->bind = scn_text(r, node, "bind", SCN_ONE_LINE);
	if (!actor->bind)
		return;
	for (size_t at = strspn(node->text, " \t"); at < node->len;) {
		size_t len = strcspn(node->text + at, " \t");

		if (n++ == ADDRESSES_MOST) {
			scn_mistake(r, scn_inside(r, node, at, len),
				    "Redis binds to %d addresses at most", ADDRESSES_MOST);
			return;
		}
		check_address(r, node, at, len);
		at += len;
		at += strspn(node->text + at, " \t");
	}
}

static void read_replicaof(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_actor_spec *actor = into;
	int self = actor - r->plan->actors;
	int master;

	if (!scn_is(r, node, SCN_TEXT, "replicaof"))
		return;
	master = scn_actor(r, node->text, node->len, node->at);
	if (master == self) {
		scn_mistake(r, node->at, "%s cannot be a replica of itself", actor->name);
		return;
	}
	actor->replicaof = master;
	r->places[self].replicaof = node->at;
}

static void read_config(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_actor_spec *actor = into;

	scn_read_config(r, node, &actor->config, &actor->n_config);
}

static void read_redis(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_key keys[] = {
		{ "port", true, scn_read_port },
		{ "bind", false, read_bind },
		{ "replicaof", false, read_replicaof },
		{ "binary", false, SCN_INTO(struct tl_actor_spec, binary, SCN_LINE) },
		{ "config", false, read_config },
	};

	SCN_READ_MAP(r, node, "a redis actor", keys, into);
}

void scn_read_bind(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_actor_spec *actor = into;

	actor->bind = scn_text(r, node, "bind", SCN_ONE_LINE);
	if (actor->bind)
		check_address(r, node, 0, node->len);
}

static void read_peer(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_key keys[] = {
		{ "port", false, scn_read_port },
		{ "bind", false, scn_read_bind },
	};
	struct tl_actor_spec *actor = into;

	actor->kind = TL_ACTOR_KIND_PEER;
	SCN_READ_MAP(r, node, "a peer", keys, into);
}

static void check_name(struct scn_reader *r, const struct scn_node *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	if (name->len > NAME_MOST)
		scn_mistake(r, name->at, "the name of an actor has %d letters at most",
			    NAME_MOST);
	else if (name->text[0] < 'a' || name->text[0] > 'z' ||
		 strspn(name->text, letters) != name->len)
		scn_mistake(r, name->at,
			    "%s cannot be the name of an actor: it begins with a-z, and a-z, "
			    "0-9 and \"-\" follow",
			    SCN_QUOTE_NAME(name->text, name->len));
	else if (tl_state_parse(name->text, name->len))
		scn_mistake(r, name->at, "%s is a state: an actor needs another name",
			    SCN_QUOTE_NAME(name->text, name->len));
}

/* What an actor is, is the key that says so. */
static const struct scn_key kinds[] = {
	{ "redis", false, read_redis },
	{ "peer", false, read_peer },
	{ "program", false, scn_read_program },
};

/* The key that says so a second time. */
static bool find_second(const struct scn_node *map, struct scn_span *at)
{
	int found = 0;

	for (size_t i = 0; i < map->n; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			*at = map->items[2 * i].at;
			if (!strcmp(map->items[2 * i].text, kinds[k].name) && ++found == 2)
				return true;
		}
	return false;
}

static void read_actor(struct scn_reader *r, const struct scn_node *node,
		       struct tl_actor_spec *actor)
{
	struct scn_span at;
	bool read = SCN_READ_MAP(r, node, "an actor", kinds, actor);

	if (!actor->bind)
		actor->bind = scn_strndup(r, BIND_DEFAULT, strlen(BIND_DEFAULT));
	if (read && !node->n)
		scn_mistake(r, node->at,
			    "an actor needs the key \"redis\", \"peer\" or \"program\"");
	else if (read && find_second(node, &at))
		scn_mistake(r, at,
			    "an actor is one of redis, peer and program: leave the others out");
}

/* Does the chain of masters that begins with @actor come back to it? */
static bool is_circle(const struct tl_plan *plan, int actor)
{
	int at = plan->actors[actor].replicaof;

	for (size_t steps = 0; at >= 0 && at != actor && steps < plan->n_actors; steps++)
		at = plan->actors[at].replicaof;
	return at == actor;
}

/* One mistake for each circle, at the first actor of it. */
static void check_circles(struct scn_reader *r)
{
	const struct tl_plan *plan = r->plan;
	bool told[ACTORS_MOST] = { false };

	for (size_t i = 0; i < plan->n_actors; i++) {
		struct tl_buf way = { 0 };
		int at = i;

		if (told[i] || !is_circle(plan, i))
			continue;
		do {
			told[at] = true;
			tl_buf_fmt(&way, "%s -> ", plan->actors[at].name);
			at = plan->actors[at].replicaof;
		} while (at != (int)i);
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it was counted as one of them */
		scn_mistake(r, r->places[i].replicaof,
			    "replicaof forms a circle, %s%s: one must be a master",
			    tl_buf_text(&way), plan->actors[i].name);
		tl_buf_release(&way);
	}
}

/* All names first, so that a replica may stand before its master. */
void scn_read_actors(struct scn_reader *r, const struct scn_node *map, void *unused)
{
	struct tl_plan *plan = r->plan;
	size_t n;

	(void)unused;
	if (!scn_is(r, map, SCN_MAP, "actors"))
		return;
	if (!map->n)
		scn_mistake(r, map->at, "a scenario needs at least one actor");
	if (map->n > ACTORS_MOST)
		scn_mistake(r, map->items[2 * ACTORS_MOST].at,
			    "a scenario has %d actors at most", ACTORS_MOST);
	n = map->n < ACTORS_MOST ? map->n : ACTORS_MOST;
	plan->actors = scn_calloc(r, n, sizeof(*plan->actors));
	r->places = scn_calloc(r, n, sizeof(*r->places));
	if (!plan->actors || !r->places)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct scn_node *name = &map->items[2 * i];
		struct tl_actor_spec *actor = &plan->actors[plan->n_actors];

		check_name(r, name);
		actor->name = scn_strndup(r, name->text,
					  name->len < NAME_MOST ? name->len : NAME_MOST);
		if (!actor->name)
			return;
		actor->replicaof = -1;
		actor->where = scn_where(&r->src, name->at.at);
		plan->n_actors++;
	}
	for (size_t i = 0; i < plan->n_actors; i++) {
		size_t before = scn_trouble(r);

		read_actor(r, &map->items[2 * i + 1], &plan->actors[i]);
		r->places[i].unread = scn_trouble(r) != before;
	}
	check_circles(r);
}

bool scn_actor_is_not(const struct scn_reader *r, int actor, enum tl_actor_kind kind)
{
	return actor >= 0 && !r->places[actor].unread && r->plan->actors[actor].kind != kind;
}

int scn_actor(struct scn_reader *r, const char *name, size_t len, struct scn_span at)
{
	const struct tl_plan *plan = r->plan;
	struct scn_unknown u = { .word = name, .len = len };

	for (size_t i = 0; i < plan->n_actors; i++)
		if (strlen(plan->actors[i].name) == len &&
		    !memcmp(plan->actors[i].name, name, len))
			return i;
	if (!plan->n_actors) {
		r->passed_over++;
		return -1;
	}
	for (size_t i = 0; i < plan->n_actors; i++)
		scn_unknown_try(&u, plan->actors[i].name);
	scn_unknown_report(r, &u, at, "actor");
	return -1;
}
