/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A real redis-server, talked to over its unix socket only: a TCP probe would add rows of
 * its own to the very table the lab is about.
 *
 * Ready means: the socket takes us, PING is answered with PONG (not LOADING), and, for a
 * replica, INFO replication says master_link_status:up, and the child that the master forked
 * to send its data has ended: until then it holds every socket of the master. None of these is
 * announced, so they are asked again a millisecond later until they are so; the caller has the
 * deadline.
 *
 * The settings that make this quick and quiet: repl-diskless-sync-delay 0 (else a replica
 * waits five seconds for company), no persistence, no daemon, the log on its standard output,
 * and the RDB over the replica's only connection. What a server does not know it refuses, so
 * each is told what its version knows (server.c asks for it).
 */
#include "actor_kind.h"
#include "redis_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/buf.h"
#include "tcplab/redis_words.h"

#define SOCKET "redis.sock"
#define CONF "redis.conf"
#define RETRY_MS 1

/* So many connections may end without an answer before a server is given up. */
#define LOSSES_MOST 50

/* A trace keeps so much of a reply, and so many of those that are pushed to one actor. */
#define REPLY_KEPT  4096
#define PUSHES_KEPT 1000

/*
 * What keeps a server as simple as the older ones, in words that those refuse. The RDB of a full
 * synchronisation comes over a second connection by default since Redis 8.0, on request since
 * Valkey 8.0. Since Redis 7.2, from which Valkey comes, a server ends when the reader's locale is
 * not installed, unless it is told one.
 */
static const struct {
	const char *server;
	struct tl_version_bound since;
	const char *setting;
} newer[] = {
	{ "Redis", { TL_VERSION_AT_LEAST, { { 8 }, 1 } }, "repl-rdb-channel no" },
	{ "Valkey", { TL_VERSION_AT_LEAST, { { 8 }, 1 } }, "dual-channel-replication-enabled no" },
	{ "Redis", { TL_VERSION_AT_LEAST, { { 7, 2 }, 2 } }, "locale-collate C" },
	{ "Valkey", { TL_VERSION_AT_LEAST, { { 7, 2 }, 2 } }, "locale-collate C" },
};

static const struct tl_server *server_of(const struct tl_actor *actor)
{
	return &actor->host->servers[actor->index];
}

static void write_newer_settings(const struct tl_server *server, struct tl_buf *conf)
{
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		if (!strcmp(server->name, newer[i].server) &&
		    tl_version_within(&server->version, &newer[i].since))
			tl_buf_fmt(conf, "%s\n", newer[i].setting);
}

static void write_settings(const struct tl_actor *actor, struct tl_buf *conf)
{
	const struct tl_actor_spec *spec = actor->spec;
	char path[ACTOR_PATH];

	tl_buf_fmt(conf, "port %u\nbind %s\n", spec->port, spec->bind);
	tl_buf_fmt(conf, "unixsocket %s\nunixsocketperm 700\n", actor_path(actor, SOCKET, path));
	tl_buf_fmt(conf, "dir %s\ndaemonize no\nlogfile \"\"\n", actor->dir);
	tl_buf_str(conf, "save \"\"\nappendonly no\n"
			 "repl-diskless-sync yes\nrepl-diskless-sync-delay 0\n");
	write_newer_settings(server_of(actor), conf);
	if (spec->replicaof >= 0) {
		struct tl_endpoint master = tl_plan_reach(actor->host->plan, spec->replicaof);

		tl_buf_fmt(conf, "replicaof %s %u\n", tl_endpoint_addr_text(&master, path),
			   master.port);
	}
	/* A master that has not been heard of for a minute would be given up. */
	if (actor->host->patient)
		tl_buf_str(conf, "repl-timeout 86400\ntcp-keepalive 0\n");
	/* The scenario's own come last: the last word counts. */
	for (size_t i = 0; i < spec->n_config; i++)
		tl_buf_fmt(conf, "%s %s\n", spec->config[i].name, spec->config[i].value);
}

static int redis_prepare(struct tl_actor *actor, const char **argv, struct tl_err *err)
{
	const char *path = actor_path(actor, CONF, actor->conf);
	char sock[ACTOR_PATH];
	struct tl_buf conf = { 0 };
	int fd, ret = 0;

	unlink(actor_path(actor, SOCKET, sock));
	write_settings(actor, &conf);
	if (conf.failed)
		return tl_err_set(err, ENOMEM, "no memory for the settings of %s",
				  actor->spec->name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, conf.data, conf.len) != (ssize_t)conf.len)
		ret = tl_err_set(err, errno, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	tl_buf_release(&conf);
	argv[0] = server_of(actor)->program;
	argv[1] = path;
	return ret;
}

/* The value of "@field:value\r\n" in an INFO reply. @out: @size bytes. Return: was it there? */
static bool info_field(const char *info, const char *field, char *out, size_t size)
{
	size_t n = strlen(field);

	for (const char *at = info; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, field, n) || at[n] != ':')
			continue;
		at += n + 1;
		snprintf(out, size, "%.*s", (int)strcspn(at, "\r\n"), at);
		return true;
	}
	return false;
}

static void try_connect(struct tl_actor *actor);

static void give_up(struct tl_actor *actor, const char *what, const char *why)
{
	struct tl_err err;

	tl_err_set(&err, EPROTO, "%s: %s: %s", actor->spec->name, what, why);
	tl_actor_explain(actor, &err);
	actor_finish(actor, &err, NULL);
}

/*
 * What was asked of an actor that should become ready failed. A connection that ended is tried
 * again: a process that is ending takes no other, and its exit, which comes next, knows more.
 */
static void fail(struct tl_actor *actor, const char *what, const struct redis_answer *answer)
{
	if (answer->lost && ++actor->losses < LOSSES_MOST)
		actor_retry(actor, try_connect, RETRY_MS);
	else if (answer->lost)
		give_up(actor, what, "it accepts connections and ends each without an answer");
	else
		give_up(actor, what, answer->text);
}

/* Ask for one reply; over a new connection where this one has ended. */
static void ask(struct tl_actor *actor, const char *word, const char *more,
		redis_answered *answered)
{
	char *argv[] = { (char *)word, (char *)more };

	if (redis_client_send(actor->redis, argv, more ? 2 : 1, 1, answered, actor))
		actor_retry(actor, try_connect, RETRY_MS);
}

static void await_child(struct tl_actor *actor)
{
	if (actor->host->alone(actor->host->arg, actor->spec->replicaof))
		actor_finish(actor, NULL, NULL);
	else
		actor_retry(actor, await_child, RETRY_MS);
}

static void ask_link(struct tl_actor *actor);

static void on_link(void *arg, const struct redis_answer *answer)
{
	struct tl_actor *actor = arg;
	char status[16];

	if (!answer->ok)
		fail(actor, "INFO replication", answer);
	else if (!info_field(answer->text, "master_link_status", status, sizeof(status)))
		give_up(actor, "INFO replication", "it does not say that it is a replica");
	else if (!strcmp(status, "up"))
		await_child(actor);
	else
		actor_retry(actor, ask_link, RETRY_MS);
}

static void ask_link(struct tl_actor *actor)
{
	ask(actor, "INFO", "replication", on_link);
}

/* "redis-server 7.0.15"; valkey gives Redis's version for company, and its own. */
static void learn_program(struct tl_actor *actor, const char *info)
{
	const char *path = server_of(actor)->program;
	const char *base = strrchr(path, '/');
	struct tl_buf name = { 0 };
	char version[32];

	tl_buf_str(&name, base ? base + 1 : path);
	if (info_field(info, "valkey_version", version, sizeof(version)) ||
	    info_field(info, "redis_version", version, sizeof(version)))
		tl_buf_fmt(&name, " %s", version);
	free(actor->program);
	actor->program = name.data;
}

static void on_server(void *arg, const struct redis_answer *answer)
{
	struct tl_actor *actor = arg;

	if (!answer->ok) {
		fail(actor, "INFO server", answer);
		return;
	}
	learn_program(actor, answer->text);
	if (actor->spec->replicaof < 0)
		actor_finish(actor, NULL, NULL);
	else
		ask_link(actor);
}

static void ask_ping(struct tl_actor *actor);

static void on_ping(void *arg, const struct redis_answer *answer)
{
	struct tl_actor *actor = arg;

	if (!answer->ok && !strncmp(answer->text, "LOADING", 7))
		actor_retry(actor, ask_ping, RETRY_MS);
	else if (!answer->ok || strcmp(answer->text, "PONG"))
		fail(actor, "PING", answer);
	else
		ask(actor, "INFO", "server", on_server);
}

static void ask_ping(struct tl_actor *actor)
{
	ask(actor, "PING", NULL, on_ping);
}

/* Have a connection: the one there is, or, where there is none or it ended, a new one. */
static int connect_client(struct tl_actor *actor, struct redis_client **client,
			  redis_pushed *pushed, struct tl_err *err)
{
	char path[ACTOR_PATH];

	if (*client && !redis_client_lost(*client))
		return 0;
	if (*client && redis_client_trouble(*client)) {
		tl_err_set(err, EPROTO, "%s: %s", actor->spec->name,
			   redis_client_trouble(*client));
		tl_actor_explain(actor, err);
		return -EPROTO;
	}
	redis_client_close(*client);
	*client = NULL;
	return redis_client_open(client, actor->host->loop, actor_path(actor, SOCKET, path),
				 pushed, actor, err);
}

static void try_connect(struct tl_actor *actor)
{
	struct tl_err err;
	int ret = connect_client(actor, &actor->redis, NULL, &err);

	if (ret == -EAGAIN)
		actor_retry(actor, try_connect, RETRY_MS);
	else if (ret)
		actor_finish(actor, &err, NULL);
	else
		ask_ping(actor);
}

/* Its settings' file has told it everything. */
static void redis_launched(struct tl_actor *actor)
{
	(void)actor;
}

static void redis_await_ready(struct tl_actor *actor)
{
	actor->losses = 0;
	actor_retry(actor, try_connect, RETRY_MS);
}

/* An answer to SHUTDOWN is a refusal; the connection's end is what was asked for. */
static void on_shutdown(void *arg, const struct redis_answer *answer)
{
	if (!answer->ok && !answer->lost)
		give_up(arg, "SHUTDOWN", answer->text);
}

/* Send what somebody waits for. */
static int send_now(struct tl_actor *actor, struct redis_client *client, char *const *argv,
		    size_t argc, int replies, redis_answered *answered, struct tl_err *err)
{
	int ret = redis_client_send(client, argv, argc, replies, answered, actor);

	return ret ? tl_err_set(err, -ret, "%s: %s: %s", actor->spec->name, argv[0],
				strerror(-ret)) : 0;
}

static int redis_ask_to_end(struct tl_actor *actor, struct tl_err *err)
{
	int ret = connect_client(actor, &actor->redis, NULL, err);

	if (ret)
		return ret;
	return send_now(actor, actor->redis, (char *[]){ "SHUTDOWN", "NOSAVE" }, 2, 1,
			on_shutdown, err);
}

/* As much of an answer as a trace keeps, and whole characters. */
static const char *shorten(const char *text, struct tl_buf *out)
{
	size_t keep = REPLY_KEPT;

	if (strlen(text) <= keep)
		return text;
	while (keep && ((unsigned char)text[keep] & 0xc0) == 0x80)
		keep--;
	tl_buf_add(out, text, keep);
	tl_buf_str(out, "... (the rest is left out)");
	return tl_buf_text(out);
}

static void on_command(void *arg, const struct redis_answer *answer)
{
	struct tl_actor *actor = arg;
	struct tl_buf kept = { 0 };
	struct tl_err err;

	if (actor->may_hang_up) { /* the next command must not meet its end */
		redis_client_close(actor->redis);
		actor->redis = NULL;
	}
	if (answer->ok || (answer->lost && actor->may_hang_up)) {
		actor_finish(actor, NULL, shorten(answer->text, &kept));
	} else {
		tl_err_set(&err, EPROTO, "%s %s: %s", actor->spec->name,
			   answer->lost ? "did not answer" : "answered", answer->text);
		if (answer->lost || answer->broken)
			tl_actor_explain(actor, &err);
		actor_finish(actor, &err, NULL);
	}
	tl_buf_release(&kept);
}

static void on_pushed(void *arg, const char *text)
{
	struct tl_actor *actor = arg;
	struct tl_buf kept = { 0 };

	if (!actor->closing && actor->pushes++ < PUSHES_KEPT)
		actor->host->pushed(actor->host->arg, actor, shorten(text, &kept));
	tl_buf_release(&kept);
}

/* A subscriber may ask for little else: it has a connection of its own. */
static int redis_command(struct tl_actor *actor, char *const *argv, size_t argc,
			 struct tl_err *err)
{
	bool subscribes = tl_redis_subscribes(argv[0]);
	struct redis_client **client = subscribes ? &actor->subscriber : &actor->redis;
	int ret = connect_client(actor, client, subscribes ? on_pushed : NULL, err);

	if (ret)
		return ret;
	actor->may_hang_up = tl_redis_hangs_up(argv, argc);
	return send_now(actor, *client, argv, argc, subscribes ? (int)argc - 1 : 1, on_command,
			err);
}

static void redis_hang_up(struct tl_actor *actor)
{
	redis_client_close(actor->redis);
	redis_client_close(actor->subscriber);
	actor->redis = actor->subscriber = NULL;
}

const struct actor_kind actor_redis = {
	.prepare = redis_prepare,
	.launched = redis_launched,
	.await_ready = redis_await_ready,
	.ask_to_end = redis_ask_to_end,
	.command = redis_command,
	.hang_up = redis_hang_up,
};
