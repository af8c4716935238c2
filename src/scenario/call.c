/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call of a peer: "close: client" where there is nothing to add, "connect: client to
 * server" for the commonest, and a mapping of "by" and whatever else the call can be told.
 */
#include "read_option.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "scan.h"
#include "tcplab/answer.h"

#define NAME_MOST    63
#define BUFFER_MOST  (64 * 1024 * 1024)
#define BYTES_MOST   (1024L * 1024 * 1024)
#define BACKLOG_MOST 65535
#define TEXT_MOST    1024
#define BACKLOG_DEFAULT 128

static void read_by(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	if (!scn_is(r, node, SCN_TEXT, "by"))
		return;
	step->actor = scn_actor(r, node->text, node->len, node->at);
}

/* What a socket is called: as an actor is. */
static char *read_name(struct scn_reader *r, const struct scn_node *node, const char *what)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	if (!scn_is(r, node, SCN_TEXT, what))
		return NULL;
	if (node->len && node->len <= NAME_MOST && node->text[0] >= 'a' &&
	    node->text[0] <= 'z' && strspn(node->text, letters) == node->len)
		return scn_strndup(r, node->text, node->len);
	scn_mistake(r, node->at,
		    "%s is no name for a socket: it begins with a-z, and a-z, 0-9 and \"-\" "
		    "follow, %d letters at most",
		    SCN_QUOTE(node->text, node->len), NAME_MOST);
	return NULL;
}

static void read_as(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	if (step->verb == TL_VERB_GIVE) {
		step->call.given_as = read_name(r, node, "as");
		return;
	}
	step->call.on = read_name(r, node, "as");
	step->call.on_at = scn_where(&r->src, node->at.at);
}

/* Of an accept "on" is the listener, and of a dup the socket that there is. */
static void read_called(struct scn_reader *r, const struct scn_node *node, const char *key,
			struct tl_step *step)
{
	bool accepts = step->verb == TL_VERB_ACCEPT || step->verb == TL_VERB_DUP;
	bool named = accepts ? step->call.listener : step->call.on;
	char *name = read_name(r, node, key);

	if (named) {
		scn_mistake(r, node->at,
			    accepts || !step->call.opens ?
				    "\"on\" and \"socket\" are the same: leave one of the two out" :
				    "\"as\" names a new socket and \"%s\" one there is: leave one of "
				    "the two out",
			    key);
		free(name);
		return;
	}
	if (accepts) {
		step->call.listener = name;
		return;
	}
	step->call.on = name;
	step->call.on_at = scn_where(&r->src, node->at.at);
	step->call.opens = false;
}

static void read_on(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_called(r, node, "on", into);
}

/* The same in another word: to YAML 1.1, which many tools read, "on" is a boolean. */
static void read_socket(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_called(r, node, "socket", into);
}

static bool is_address(const char *text, size_t len, struct tl_endpoint *ep)
{
	char address[TL_ENDPOINT_TEXT];

	*ep = (struct tl_endpoint){ 0 };
	if (len >= sizeof(address) || strlen(text) < len)
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	ep->family = memchr(text, ':', len) ? AF_INET6 : AF_INET;
	if (inet_pton(ep->family, address, ep->addr) == 1)
		return true;
	ep->family = 0;
	return false;
}

/* "127.0.0.1:7000", "[::1]:7000" */
static bool is_endpoint(const char *text, struct tl_endpoint *ep)
{
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	size_t len = colon ? colon - text : 0;
	unsigned port;
	char more;

	if (!colon || colon[1] == '0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    sscanf(colon + 1, "%5u%c", &port, &more) != 1 || port < 1 || port > 65535)
		return false;
	if (bracket && (len < 2 || text[len - 1] != ']'))
		return false;
	if (!is_address(text + bracket, len - 2 * bracket, ep) ||
	    (ep->family == AF_INET6) != bracket)
		return false;
	ep->port = port;
	return true;
}

static const char endpoint_shape[] =
	"an address and a port, as in 127.0.0.1:7000 or [::1]:7000";

/* An actor, or an address and a port. */
static bool find_goal(struct scn_reader *r, const char *text, size_t len, struct scn_span at,
		      struct tl_call *call)
{
	char goal[TL_ENDPOINT_TEXT + 8];

	call->to = -1;
	snprintf(goal, sizeof(goal), "%.*s", (int)len, text);
	if (len < sizeof(goal) && is_endpoint(goal, &call->at))
		return true;
	if (memchr(text, ':', len) || (len && *text >= '0' && *text <= '9')) {
		scn_mistake(r, at, "%s is not %s", SCN_QUOTE(text, len), endpoint_shape);
		return false;
	}
	call->to = scn_actor(r, text, len, at);
	return call->to >= 0;
}

/* What stands behind "to": of a give a peer. */
static void take_goal(struct scn_reader *r, const char *text, size_t len, struct scn_span at,
		      struct tl_step *step)
{
	struct tl_call *call = &step->call;

	if (step->verb != TL_VERB_GIVE) {
		find_goal(r, text, len, at, call);
		return;
	}
	call->to = scn_actor(r, text, len, at);
	if (call->to < 0)
		return;
	call->given_to = scn_strndup(r, text, len);
	if (r->plan->actors[call->to].kind != TL_ACTOR_KIND_PEER || call->to == step->actor)
		scn_mistake(r, at, "%s: a descriptor is given to another peer",
			    SCN_QUOTE(text, len));
}

static void read_to(struct scn_reader *r, const struct scn_node *node, void *into)
{
	if (scn_is(r, node, SCN_TEXT, "to"))
		take_goal(r, node->text, node->len, node->at, into);
}

static void read_port(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long port;

	if (!scn_number(r, node, "a port", 1, 65535, &port))
		return;
	step->call.port = port;
	if (step->verb == TL_VERB_CONNECT && step->call.to < 0 && step->call.at.family)
		scn_mistake(r, node->at, "\"to\" has a port already: leave this one out");
}

static void read_address(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	if (scn_is(r, node, SCN_TEXT, "address") &&
	    !is_address(node->text, node->len, &step->call.at))
		scn_mistake(r, node->at,
			    "%s is no IPv4 or IPv6 address, such as 127.0.0.1 or ::1",
			    SCN_QUOTE(node->text, node->len));
}

/* A port of the peer's own address, another address, or both. */
static void read_from(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long port;

	if (node->kind == SCN_NUMBER) {
		const char *bind = step->actor < 0 ? NULL : r->plan->actors[step->actor].bind;

		if (!scn_number(r, node, "a port", 1, 65535, &port) || !bind)
			return;
		is_address(bind, strlen(bind), &step->call.from);
		step->call.from.port = port;
	} else if (scn_is(r, node, SCN_TEXT, "from") &&
		   !is_endpoint(node->text, &step->call.from) &&
		   !is_address(node->text, node->len, &step->call.from)) {
		scn_mistake(r, node->at, "%s is neither a port nor an address, nor %s",
			    SCN_QUOTE(node->text, node->len), endpoint_shape);
	}
}

static void read_backlog(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long backlog;

	if (scn_number(r, node, "backlog", 0, BACKLOG_MOST, &backlog))
		step->call.backlog = backlog;
}

static void read_reuse(struct scn_reader *r, const struct scn_node *node, void *into)
{
	scn_yes_no(r, node, "reuse", &((struct tl_step *)into)->call.reuse);
}

/* A word of a few: its place among them, or -1 after a mistake. */
static int read_word(struct scn_reader *r, const struct scn_node *node, const char *what,
		     const char *const *words, size_t n)
{
	struct scn_unknown u = { .word = node->text, .len = node->len };

	if (!scn_is(r, node, SCN_TEXT, what))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(node->text, words[i]))
			return i;
	for (size_t i = 0; i < n; i++)
		scn_unknown_try(&u, words[i]);
	scn_unknown_report(r, &u, node->at, what);
	return -1;
}

/* yes, no, or "later": of a connect the last two are the same. */
static void read_wait(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	bool text = node->kind == SCN_TEXT;

	step->call.later = text && !strcmp(node->text, "later");
	if (text && !step->call.later && strcmp(node->text, "yes") && strcmp(node->text, "no"))
		scn_mistake(r, node->at, "wait is yes, no or later");
	else if (!step->call.later)
		scn_yes_no(r, node, "wait", &step->call.wait);
	else if (step->verb == TL_VERB_CONNECT)
		step->call.wait = step->call.later = false;
}

/* The calls that can go on while others are made. */
static const enum tl_verb begun[] = {
	TL_VERB_CONNECT, TL_VERB_ACCEPT, TL_VERB_SEND, TL_VERB_RECEIVE,
};

#define N_BEGUN (sizeof(begun) / sizeof(begun[0]))

static void read_of(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	const char *names[N_BEGUN];
	int i;

	for (size_t b = 0; b < N_BEGUN; b++)
		names[b] = tl_verb_name(begun[b]);
	i = read_word(r, node, "call", names, N_BEGUN);
	if (i >= 0)
		step->call.of = begun[i];
}

static void read_receive_buffer(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long bytes;

	if (scn_number(r, node, "receive-buffer", 1, BUFFER_MOST, &bytes))
		step->call.receive_buffer = bytes;
}

static void read_send_buffer(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long bytes;

	if (scn_number(r, node, "send-buffer", 1, BUFFER_MOST, &bytes))
		step->call.send_buffer = bytes;
}

static void read_bytes(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long bytes;

	if (!scn_number(r, node, "bytes", 1, BYTES_MOST, &bytes))
		return;
	step->call.bytes = bytes;
	step->call.receive = TL_RECEIVE_EXACT;
}

/* One line, or several: returns and line breaks are bytes like others. */
static char *read_words_to_say(struct scn_reader *r, const struct scn_node *node, const char *key)
{
	struct scn_node flat = *node;
	char *text;

	if (node->kind != SCN_TEXT || !strpbrk(node->text, "\r\n"))
		return scn_text(r, node, key, SCN_ONE_LINE);
	flat.text = scn_strndup(r, node->text, node->len);
	for (char *c = flat.text; c && *c; c++)
		if (*c == '\r' || *c == '\n')
			*c = '.';
	text = flat.text ? scn_text(r, &flat, key, SCN_ONE_LINE) : NULL;
	free(flat.text);
	if (text)
		memcpy(text, node->text, node->len);
	return text;
}

static void read_said(struct scn_reader *r, const struct scn_node *node, const char *key,
		      struct tl_step *step)
{
	if (step->call.bytes || step->call.text) {
		scn_mistake(r, node->at,
			    "\"%s\" and \"%s\" both say what is sent: leave one of the two out",
			    key, step->call.bytes ? "bytes" : "text");
		return;
	}
	step->call.text = read_words_to_say(r, node, key);
	if (step->call.text && node->len > TEXT_MOST)
		scn_mistake(r, node->at, "%s has %d bytes at most: say how many \"bytes\"", key,
			    TEXT_MOST);
}

static void read_text(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_said(r, node, "text", into);
}

static void read_line(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	read_said(r, node, "line", into);
	step->call.line = true;
}

static void read_until(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const char *const words[] = { "end" };
	struct tl_step *step = into;

	if (step->call.receive == TL_RECEIVE_EXACT)
		scn_mistake(r, node->at,
			    "\"bytes\" and \"until\" both say how much is read: leave one of "
			    "the two out");
	else if (read_word(r, node, "until", words, 1) == 0)
		step->call.receive = TL_RECEIVE_END;
}

static void read_until_full(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const char *const words[] = { "full" };
	struct tl_step *step = into;

	if (step->call.bytes || step->call.text)
		scn_mistake(r, node->at,
			    "\"%s\" and \"until\" both say how much is sent: leave one of the "
			    "two out",
			    step->call.bytes ? "bytes" : "text");
	else
		step->call.full = read_word(r, node, "until", words, 1) == 0;
}

static void read_how(struct scn_reader *r, const struct scn_node *node, void *into)
{
	/* SHUT_RD, SHUT_WR, SHUT_RDWR are 0, 1, 2. */
	static const char *const words[] = { "read", "write", "both" };
	struct tl_step *step = into;
	int how = read_word(r, node, "how", words, 3);

	if (how >= 0)
		step->call.how = how;
}

int scn_answer(struct scn_reader *r, const struct scn_node *node)
{
	static const char *const names[] = {
#define X(error) #error,
		TL_ANSWERS(X)
#undef X
	};
	int i = read_word(r, node, "answer", names, sizeof(names) / sizeof(names[0]));

	return i < 0 ? 0 : tl_answer_parse(names[i], strlen(names[i]));
}

static void read_expect(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	step->call.expect = scn_answer(r, node);
}

static void read_protocol(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const char *const words[] = { "tcp", "mptcp" };
	struct tl_step *step = into;

	step->call.mptcp = read_word(r, node, "protocol", words, 2) == 1;
}

static void read_child(struct scn_reader *r, const struct scn_node *node, void *into)
{
	read_called(r, node, "child", into);
}

static const struct scn_key listen_keys[] = {
	{ "by", true, read_by },
	{ "as", false, read_as },
	{ "address", false, read_address },
	{ "port", false, read_port },
	{ "backlog", false, read_backlog },
	{ "reuse", false, read_reuse },
	{ "protocol", false, read_protocol },
	{ "receive-buffer", false, read_receive_buffer },
	{ "send-buffer", false, read_send_buffer },
	{ "expect", false, read_expect },
	SCN_OPTION_KEYS,
};

static const struct scn_key connect_keys[] = {
	{ "by", true, read_by },
	{ "to", true, read_to },
	{ "port", false, read_port },
	{ "from", false, read_from },
	{ "as", false, read_as },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "reuse", false, read_reuse },
	{ "receive-buffer", false, read_receive_buffer },
	{ "send-buffer", false, read_send_buffer },
	{ "text", false, read_text },
	{ "protocol", false, read_protocol },
	{ "wait", false, read_wait },
	{ "expect", false, read_expect },
	SCN_OPTION_KEYS,
};

static const struct scn_key connected_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "expect", false, read_expect },
};

static const struct scn_key answered_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "call", false, read_of },
	{ "bytes", false, read_bytes },
	{ "expect", false, read_expect },
};

static const struct scn_key accept_keys[] = {
	{ "by", true, read_by },
	{ "as", false, read_as },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "wait", false, read_wait },
	{ "expect", false, read_expect },
	SCN_OPTION_KEYS,
};

static const struct scn_key send_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "bytes", false, read_bytes },
	{ "text", false, read_text },
	{ "line", false, read_line },
	{ "until", false, read_until_full },
	{ "wait", false, read_wait },
	{ "expect", false, read_expect },
};

static const struct scn_key receive_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "bytes", false, read_bytes },
	{ "until", false, read_until },
	{ "wait", false, read_wait },
	{ "expect", false, read_expect },
};

static const struct scn_key set_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "expect", false, read_expect },
	SCN_OPTION_KEYS,
};

static const struct scn_key dup_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "as", true, read_as },
};

static const struct scn_key fork_keys[] = {
	{ "by", true, read_by },
	{ "as", false, read_as },
};

static const struct scn_key reap_keys[] = {
	{ "by", true, read_by },
	{ "child", false, read_child },
};

static const struct scn_key give_keys[] = {
	{ "by", true, read_by },
	{ "to", true, read_to },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "as", false, read_as },
};

static const struct scn_key shutdown_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "how", false, read_how },
	{ "expect", false, read_expect },
};

static const struct scn_key close_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
	{ "linger", false, scn_option_linger },
};

static const struct scn_key abort_keys[] = {
	{ "by", true, read_by },
	{ "on", false, read_on },
	{ "socket", false, read_socket },
};

#define KEYS(keys) { keys, sizeof(keys) / sizeof((keys)[0]) }

/* What each call can be told. */
static const struct {
	const struct scn_key *v;
	size_t n;
} keys_of[TL_N_VERBS] = {
	[TL_VERB_LISTEN] = KEYS(listen_keys),
	[TL_VERB_CONNECT] = KEYS(connect_keys),
	[TL_VERB_CONNECTED] = KEYS(connected_keys),
	[TL_VERB_ANSWERED] = KEYS(answered_keys),
	[TL_VERB_ACCEPT] = KEYS(accept_keys),
	[TL_VERB_SEND] = KEYS(send_keys),
	[TL_VERB_RECEIVE] = KEYS(receive_keys),
	[TL_VERB_SET] = KEYS(set_keys),
	[TL_VERB_DUP] = KEYS(dup_keys),
	[TL_VERB_FORK] = KEYS(fork_keys),
	[TL_VERB_REAP] = KEYS(reap_keys),
	[TL_VERB_GIVE] = KEYS(give_keys),
	[TL_VERB_SHUTDOWN] = KEYS(shutdown_keys),
	[TL_VERB_CLOSE] = KEYS(close_keys),
	[TL_VERB_ABORT] = KEYS(abort_keys),
};

static void read_map(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	const char *name = tl_verb_name(step->verb);
	char what[32];

	snprintf(what, sizeof(what), "%s %s", strchr("aeiou", name[0]) ? "an" : "a", name);
	scn_read_map(r, node, what, keys_of[step->verb].v, keys_of[step->verb].n, step);
}

/* "client", or of a connect "client to server" */
static void read_words(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	struct scn_word by, to;
	struct scn_scan s;

	scn_scan_begin(&s, r, node, "a call");
	by = scn_scan_word(&s, "");
	if (by.len)
		step->actor = scn_actor(r, by.text, by.len, by.at);
	else
		scn_mistake(r, node->at, "a peer is missing here");
	if (step->verb == TL_VERB_DUP) {
		scn_mistake(r, node->at,
			    "the copy needs a name: write \"dup: { by: %s, as: copy }\"",
			    tl_plan_actor_name(r->plan, step->actor));
	} else if (step->verb == TL_VERB_CONNECT || step->verb == TL_VERB_GIVE) {
		if (!scn_scan_keyword(&s, "to", NULL)) {
			scn_mistake(r, node->at,
				    "it is not said where to: write \"%s: client to server\"",
				    tl_verb_name(step->verb));
			return;
		}
		to = scn_scan_word(&s, "");
		take_goal(r, to.text, to.len, to.at, step);
		scn_scan_expect_end(&s, "further keys need { by: client, to: server, ... }");
	} else {
		scn_scan_expect_end(&s, "it is one peer, or { by: peer, ... }");
	}
}

/* "GET / HTTP/1.0\\r\\n", in quotes */
static void spell_said(const char *said, struct tl_buf *text)
{
	tl_buf_str(text, "\"");
	for (; *said; said++)
		if (*said == '\r' || *said == '\n')
			tl_buf_str(text, *said == '\r' ? "\\r" : "\\n");
		else
			tl_buf_add(text, said, 1);
	tl_buf_str(text, "\"");
}

static void spell_pairs(const struct scn_node *map, const char *before, struct tl_buf *text);

static void spell_value(const struct scn_node *key, struct tl_buf *text)
{
	const struct scn_node *value = key + 1;

	tl_buf_str(text, " ");
	if (!strcmp(key->text, "text") || !strcmp(key->text, "line"))
		spell_said(value->text, text);
	else if (value->kind == SCN_MAP)
		spell_pairs(value, "", text);
	else
		tl_buf_str(text, value->text);
}

static void spell_pairs(const struct scn_node *map, const char *before, struct tl_buf *text)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct scn_node *key = &map->items[2 * i];

		if (!strcmp(key->text, "by") || !strcmp(key->text, "to"))
			continue;
		tl_buf_fmt(text, "%s%s", before, key->text);
		spell_value(key, text);
		before = ", ";
	}
}

/* What the mapping says beside who and where to: "(from 7000, wait no)" */
static void spell_rest(const struct scn_node *node, struct tl_buf *text)
{
	size_t len = text->len;

	spell_pairs(node, " (", text);
	if (text->len > len)
		tl_buf_str(text, ")");
}

static void spell(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	struct tl_buf text = { 0 };

	tl_buf_fmt(&text, "%s ", tl_verb_name(step->verb));
	if (node->kind == SCN_TEXT) {
		tl_buf_str(&text, node->text);
	} else {
		const struct scn_node *to = scn_find(node, "to", NULL);

		tl_buf_str(&text, tl_plan_actor_name(r->plan, step->actor));
		if (to)
			tl_buf_fmt(&text, " to %s", to->text);
		spell_rest(node, &text);
	}
	step->text = scn_take(r, &text);
}

/* What one key says against another, or against the actor. */
static void check(struct scn_reader *r, const struct scn_node *node, const struct tl_step *step)
{
	const struct tl_call *call = &step->call;
	const char *by = tl_plan_actor_name(r->plan, step->actor);

	if (step->actor >= 0 && r->plan->actors[step->actor].kind != TL_ACTOR_KIND_PEER)
		scn_mistake(r, node->at,
			    "%s is a redis actor, which opens and closes by itself: only a "
			    "peer does what a step tells it",
			    by);
	if (step->verb == TL_VERB_SET && !call->options.set)
		scn_mistake(r, node->at,
			    "it is not said what: write \"set: { by: %s, no-delay: yes }\"", by);
	if (call->expect && call->later)
		scn_mistake(r, node->at,
			    "a call that is only begun has no answer yet: what to expect is said at "
			    "\"answered\"");
	if (call->bytes && call->expect && step->verb == TL_VERB_ANSWERED)
		scn_mistake(r, node->at,
			    "an error moves no bytes: leave out \"bytes\" or \"expect\"");
	if (step->verb == TL_VERB_CONNECT && call->text &&
	    !(call->options.set & 1u << TL_OPTION_FAST_OPEN))
		scn_mistake(r, node->at,
			    "a connect sends a text with its SYN: that needs \"fast-open: yes\"");
	if (call->mptcp && !tl_plan_needs(r->plan, TL_NEED_MPTCP))
		scn_mistake(r, node->at,
			    "not every kernel has MPTCP: write \"needs: { mptcp: yes }\" above, and "
			    "the others skip the scenario");
	if (call->mptcp && call->text)
		scn_mistake(r, node->at, "fast-open is of TCP: leave out \"text\" or \"protocol\"");
	if (step->verb == TL_VERB_SEND && !call->text && !call->bytes && !call->full)
		scn_mistake(r, node->at,
			    "it is not said what: write \"send: { by: %s, bytes: 5 }\", or "
			    "\"text:\"",
			    by);
	if (call->from.family && call->at.family && call->from.family != call->at.family)
		scn_mistake(r, node->at,
			    "IPv4 and IPv6 do not meet: \"from\" and \"to\" must be of one "
			    "kind");
}

void scn_read_call(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	size_t before = scn_trouble(r);

	step->call = (struct tl_call){
		.to = -1,
		.opens = step->verb == TL_VERB_LISTEN || step->verb == TL_VERB_CONNECT ||
			 step->verb == TL_VERB_ACCEPT,
		.backlog = BACKLOG_DEFAULT,
		.reuse = true,
		.wait = true,
		.how = SHUT_WR,
		.of = TL_N_VERBS,
	};
	if (node->kind == SCN_MAP)
		read_map(r, node, step);
	else if (node->kind == SCN_TEXT)
		read_words(r, node, step);
	else if (node->kind != SCN_WRONG)
		scn_mistake(r, node->at,
			    "a call is a peer, or a mapping that begins with it: "
			    "{ by: client, ... }");
	if (scn_trouble(r) == before && node->kind != SCN_WRONG)
		check(r, node, step);
	if (scn_trouble(r) == before && node->kind != SCN_WRONG)
		spell(r, node, step);
}
