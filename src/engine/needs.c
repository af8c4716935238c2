/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scenario needs of this host, looked for before anything is started. It is looked
 * for in here, where it will be used: PATH, IPv6 and the wire are those of the sandbox.
 */
#include "engine_run.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *program_of(const struct engine *e, size_t actor)
{
	if (e->options->redis)
		return e->options->redis;
	return e->plan->actors[actor].binary ? e->plan->actors[actor].binary : "redis-server";
}

static bool runs_server(const struct engine *e, size_t actor)
{
	return e->plan->actors[actor].kind == TL_ACTOR_KIND_REDIS && !e->options->mock;
}

static const struct tl_server *asked_before(const struct engine *e, size_t actor)
{
	for (size_t i = 0; i < actor; i++)
		if (runs_server(e, i) && !strcmp(e->servers[i].program, program_of(e, actor)))
			return &e->servers[i];
	return NULL;
}

static int ask_server(struct engine *e, size_t actor, struct tl_err *err)
{
	const struct tl_server *same = asked_before(e, actor);
	size_t len;
	int ret;

	if (same) {
		e->servers[actor] = *same;
		return 0;
	}
	ret = tl_server_ask(program_of(e, actor), &e->servers[actor], err);
	if (!ret)
		return 0;
	tl_err_prefix(err, "%s", e->plan->actors[actor].name);
	len = strlen(err->text);
	if (!e->plan->no_mock)
		snprintf(err->text + len, sizeof(err->text) - len, "; or use --mock");
	return ret;
}

/* Ask each program that will be a server for its version, once. */
static int ask_servers(struct engine *e, struct tl_err *err)
{
	int ret = 0;

	if (e->servers)
		return 0;
	e->servers = calloc(e->plan->n_actors, sizeof(*e->servers));
	if (!e->servers)
		return tl_err_set(err, ENOMEM, "no memory for the servers");
	for (size_t i = 0; !ret && i < e->plan->n_actors; i++)
		if (runs_server(e, i))
			ret = ask_server(e, i, err);
	if (ret) {
		free(e->servers);
		e->servers = NULL;
	}
	return ret;
}

static void read_kernel(const struct utsname *host, struct tl_version *version)
{
	char signature[128] = "";
	FILE *file = fopen("/proc/version_signature", "re");

	if (file && !fgets(signature, sizeof(signature), file))
		signature[0] = '\0';
	if (file)
		fclose(file);
	tl_version_of_kernel(host->release, host->version, signature, version);
}

static int find_kernel(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	struct tl_version version = { 0 };
	struct utsname host;

	(void)e;
	if (uname(&host))
		return tl_err_set(err, errno, "uname: %s", strerror(errno));
	read_kernel(&host, &version);
	return tl_version_among(&version, need->versions, need->n_versions) ?
		       0 :
		       tl_err_set(err, EOPNOTSUPP, "this is %s %s, version %u.%u.%u", host.sysname,
				  host.release, version.part[0], version.part[1],
				  version.part[2]);
}

static void say_server(const struct tl_server *server, struct tl_err *err)
{
	struct tl_buf text = { 0 };

	for (int i = 0; i < server->version.n; i++)
		tl_buf_fmt(&text, "%s%u", i ? "." : " ", server->version.part[i]);
	tl_err_set(err, EOPNOTSUPP, "%s is %s%s", server->program,
		   server->name[0] ? server->name : "not a server that reports its version",
		   tl_buf_text(&text));
	tl_buf_release(&text);
}

/* One of the redis actors has to run it. */
static int find_server(struct engine *e, const struct tl_need *need, const char *name,
		       struct tl_err *err)
{
	int ret;

	if (e->options->mock)
		return tl_err_set(err, EOPNOTSUPP, "with --mock there is no server");
	ret = ask_servers(e, err);
	for (size_t i = 0; !ret && i < e->plan->n_actors; i++) {
		const struct tl_server *server = &e->servers[i];

		if (!runs_server(e, i))
			continue;
		if (!strcmp(server->name, name) &&
		    tl_version_among(&server->version, need->versions, need->n_versions))
			return 0;
		say_server(server, err);
	}
	return ret ? ret : -err->code;
}

static int find_redis(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	return find_server(e, need, "Redis", err);
}

static int find_valkey(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	return find_server(e, need, "Valkey", err);
}

static int find_program(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	(void)e;
	return tl_program_find(need->program, err);
}

/* It has been tried: wire_open() ends the run itself where it cannot be had. */
static int find_wire(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	(void)need;
	return e->wire.wire ? 0 : tl_err_set(err, EOPNOTSUPP, "the wire is not watched");
}

/* A datagram socket, as it never is in the table of TCP's. */
static int try_ipv6(struct tl_err *err)
{
	const struct sockaddr_in6 loopback = { .sin6_family = AF_INET6,
					       .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = fd < 0 || bind(fd, (const struct sockaddr *)&loopback, sizeof(loopback)) ?
			  tl_err_set(err, EOPNOTSUPP, "this kernel has IPv6 switched off (%s)",
				     strerror(errno)) :
			  0;

	if (fd >= 0)
		close(fd);
	return ret;
}

static int find_ipv6(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	(void)e;
	(void)need;
	return try_ipv6(err);
}

/* A socket that is neither bound nor connected is in no table. */
static int find_mptcp(struct engine *e, const struct tl_need *need, struct tl_err *err)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	(void)e;
	(void)need;
	if (fd < 0)
		return tl_err_set(err, EOPNOTSUPP,
				  "this kernel has no MPTCP, or has it switched off (%s)",
				  strerror(errno));
	close(fd);
	return 0;
}

/* Return: 0 where it is there; -EOPNOTSUPP where not, with what is there instead. */
typedef int finder(struct engine *e, const struct tl_need *need, struct tl_err *err);

static finder *const finders[] = {
	[TL_NEED_KERNEL] = find_kernel,	  [TL_NEED_REDIS] = find_redis,
	[TL_NEED_VALKEY] = find_valkey,	  [TL_NEED_PROGRAM] = find_program,
	[TL_NEED_WIRE] = find_wire,	  [TL_NEED_IPV6] = find_ipv6,
	[TL_NEED_MPTCP] = find_mptcp,
};

#define X(id, name, help) +1
static_assert(sizeof(finders) / sizeof(finders[0]) == 0 TL_NEED_KINDS(X), "a row for each kind");
#undef X

/* IPv6 is needed as well where an actor is bound to an address with a colon in it. */
static int check_binds(const struct tl_plan *plan, struct tl_err *err)
{
	for (size_t i = 0; i < plan->n_actors; i++)
		if (strchr(plan->actors[i].bind, ':') && try_ipv6(err))
			return tl_err_prefix(err, "%s uses IPv6", plan->actors[i].name);
	return 0;
}

int needs_check(struct engine *e, struct tl_err *err)
{
	struct tl_buf missing = { 0 };
	int ret = 0;

	for (size_t i = 0; i < e->plan->n_needs; i++) {
		const struct tl_need *need = &e->plan->needs[i];

		if (!finders[need->kind](e, need, err))
			continue;
		ret = ret ? ret : -err->code;
		tl_buf_fmt(&missing, "%s needs %s: %s", missing.len ? "; it" : "the scenario",
			   need->text, err->text);
	}
	if (ret)
		ret = tl_err_set(err, -ret, "%s", tl_buf_text(&missing));
	tl_buf_release(&missing);
	if (!ret)
		ret = check_binds(e->plan, err);
	return ret ? ret : ask_servers(e, err);
}
