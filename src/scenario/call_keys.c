/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each call of a peer can be told, key by key, where it is written as a mapping. */
#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "read_option.h"
#include "tcplab/answer.h"

#define NAME_MOST    63
#define BUFFER_MOST  (64 * 1024 * 1024)
#define BYTES_MOST   (1024L * 1024 * 1024)
#define BACKLOG_MOST 65535

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
		    "%s cannot be the name of a socket: it begins with a-z, and a-z, 0-9 and "
		    "\"-\" follow, %d letters at most",
		    SCN_QUOTE_NAME(node->text, node->len), NAME_MOST);
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
	bool accepts = tl_verbs[step->verb].does == TL_DOES_ACCEPTS || step->verb == TL_VERB_DUP;
	bool named = accepts ? step->call.listener : step->call.on;
	char *name = read_name(r, node, key);

	if (named) {
		scn_mistake(r, node->at,
			    accepts || !step->call.opens ?
				    "\"on\" and \"socket\" are the same: leave one of the two out" :
				    "\"as\" names a new socket and \"%s\" an existing one: "
				    "leave one of the two out",
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
	struct scn_unknown u = { .word = node->text, .len = node->len,
				 .words = SCN_VALUES };

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
	if ((text && !step->call.later && strcmp(node->text, "yes") && strcmp(node->text, "no")) ||
	    (!text && node->kind != SCN_BOOL && node->kind != SCN_WRONG))
		scn_mistake(r, node->at, "wait is yes, no or later");
	else if (!step->call.later)
		scn_yes_no(r, node, "wait", &step->call.wait);
	else if (step->verb == TL_VERB_CONNECT)
		step->call.wait = step->call.later = false;
}

/* A call that can be told not to wait can go on while others are made. */
static bool goes_on(const struct scn_call_shape *shape)
{
	for (size_t i = 0; i < shape->n; i++)
		if (shape->keys[i].read == read_wait)
			return true;
	return false;
}

static void read_of(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	enum tl_verb verbs[TL_N_VERBS];
	const char *names[TL_N_VERBS];
	size_t n = 0;
	int i;

	for (enum tl_verb verb = 0; verb < TL_N_VERBS; verb++) {
		if (!goes_on(scn_call_shape(verb)))
			continue;
		names[n] = tl_verb_name(verb);
		verbs[n++] = verb;
	}
	i = read_word(r, node, "call", names, n);
	if (i >= 0)
		step->call.of = verbs[i];
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
	const char *name = node->kind == SCN_NUMBER ? strerrorname_np(atoi(node->text)) : NULL;
	int i;

	if (name) {
		scn_mistake(r, node->at, "an answer has a name, and %s is %s: write that",
			    node->text, name);
		return 0;
	}
	i = read_word(r, node, "answer", names, sizeof(names) / sizeof(names[0]));

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

/* Its socket, in two words that mean the same; and for most calls nothing stands between. */
#define ON_KEYS                                                                              \
	{ "on", false, read_on, "socket-on" }, { "socket", false, read_socket, "socket-on" }
#define BY_KEYS { "by", true, read_by, "by" }, ON_KEYS

static const struct scn_key listen_keys[] = {
	{ "by", true, read_by, "by" },
	{ "as", false, read_as, "socket-as" },
	{ "address", false, scn_call_address, "address" },
	{ "port", false, scn_call_port, "port" },
	{ "backlog", false, read_backlog, "backlog" },
	{ "reuse", false, read_reuse, "reuse" },
	{ "protocol", false, read_protocol, "protocol" },
	{ "receive-buffer", false, read_receive_buffer, "buffer" },
	{ "send-buffer", false, read_send_buffer, "buffer" },
	{ "expect", false, read_expect, "answer" },
	SCN_OPTION_KEYS("fast-open-queue"),
};

static const struct scn_key connect_keys[] = {
	{ "by", true, read_by, "by" },
	{ "to", true, scn_call_to, "actor-name|endpoint" },
	{ "port", false, scn_call_port, "port" },
	{ "from", false, scn_call_from, "port|endpoint|address" },
	{ "as", false, read_as, "socket-as" },
	ON_KEYS,
	{ "reuse", false, read_reuse, "reuse" },
	{ "receive-buffer", false, read_receive_buffer, "buffer" },
	{ "send-buffer", false, read_send_buffer, "buffer" },
	{ "text", false, scn_said_text, "said", "With \"fast-open: yes\": sent with the SYN." },
	{ "protocol", false, read_protocol, "protocol" },
	{ "wait", false, read_wait, "wait" },
	{ "expect", false, read_expect, "answer" },
	SCN_OPTION_KEYS("yes-no"),
};

static const struct scn_key connected_keys[] = {
	BY_KEYS,
	{ "expect", false, read_expect, "answer" },
};

static const struct scn_key answered_keys[] = {
	{ "by", true, read_by, "by" },
	{ "on", false, read_on, "socket",
	  "The socket on which the call was begun; for an accept, the listener." },
	{ "socket", false, read_socket, "socket-on" },
	{ "call", false, read_of, "{ enum: [connect, accept, send, receive] }",
	  "Which call, if several go on." },
	{ "bytes", false, read_bytes, "bytes",
	  "How many bytes it must have sent or received." },
	{ "expect", false, read_expect, "answer" },
};

static const struct scn_key accept_keys[] = {
	{ "by", true, read_by, "by" },
	{ "as", false, read_as, "socket-as" },
	ON_KEYS,
	{ "wait", false, read_wait, "wait" },
	{ "expect", false, read_expect, "answer" },
	SCN_OPTION_KEYS("yes-no"),
};

static const struct scn_key send_keys[] = {
	BY_KEYS,
	{ "bytes", false, read_bytes, "bytes" },
	{ "text", false, scn_said_text, "said",
	  "in double quotes \\r and \\n are a return and a line break, \\x00 a zero" },
	{ "line", false, scn_said_line, "said",
	  "a text, after which CR and LF are sent, as in Redis's inline commands" },
	{ "hex", false, scn_said_hex, "hex", "bytes of any kind, two digits each" },
	{ "until", false, read_until_full, "{ enum: [full] }",
	  "until the kernel takes no more" },
	{ "wait", false, read_wait, "wait" },
	{ "expect", false, read_expect, "answer" },
};

static const struct scn_key receive_keys[] = {
	BY_KEYS,
	{ "bytes", false, read_bytes, "bytes" },
	{ "until", false, read_until, "{ enum: [end] }" },
	{ "wait", false, read_wait, "wait" },
	{ "expect", false, read_expect, "answer" },
};

static const struct scn_key set_keys[] = {
	BY_KEYS,
	{ "expect", false, read_expect, "answer" },
	SCN_OPTION_KEYS("yes-no"),
};

static const struct scn_key dup_keys[] = {
	BY_KEYS,
	{ "as", true, read_as, "socket", "The name of the second descriptor." },
};

static const struct scn_key fork_keys[] = {
	{ "by", true, read_by, "by" },
	{ "as", false, read_as, "socket", "The name of the child; child by default." },
};

static const struct scn_key reap_keys[] = {
	{ "by", true, read_by, "by" },
	{ "child", false, read_child, "socket", "Which child, if it has several." },
};

static const struct scn_key give_keys[] = {
	{ "by", true, read_by, "by" },
	{ "to", true, scn_call_to, "actor-name", "The peer that gets it." },
	ON_KEYS,
	{ "as", false, read_as, "socket",
	  "Its name at the other peer; the same name by default." },
};

static const struct scn_key shutdown_keys[] = {
	BY_KEYS,
	{ "how", false, read_how, "{ enum: [read, write, both], default: write }" },
	{ "expect", false, read_expect, "answer" },
};

static const struct scn_key close_keys[] = {
	BY_KEYS,
	{ "linger", false, scn_option_linger, "duration",
	  "SO_LINGER: how long close() waits until everything sent is acknowledged." },
};

static const struct scn_key abort_keys[] = {
	BY_KEYS,
};

#define KEYS(keys) keys, sizeof(keys) / sizeof((keys)[0])

static const struct scn_call_shape shapes[TL_N_VERBS] = {
	[TL_VERB_LISTEN] = { "actor-name", KEYS(listen_keys) },
	[TL_VERB_CONNECT] = { "actor-to-goal", KEYS(connect_keys),
			      "{ allOf: [{ not: { required: [as, on] } }, "
			      "{ not: { required: [as, socket] } }, "
			      "{ not: { required: [on, socket] } }] }" },
	[TL_VERB_CONNECTED] = { "actor-name", KEYS(connected_keys) },
	[TL_VERB_ANSWERED] = { "actor-name", KEYS(answered_keys) },
	[TL_VERB_ACCEPT] = { "actor-name", KEYS(accept_keys) },
	[TL_VERB_SEND] = { NULL, KEYS(send_keys),
			   "{ oneOf: [{ required: [bytes] }, { required: [text] }, "
			   "{ required: [line] }, { required: [hex] }, { required: [until] }] }" },
	[TL_VERB_RECEIVE] = { "actor-name", KEYS(receive_keys),
			      "{ not: { required: [bytes, until] } }" },
	[TL_VERB_SET] = { NULL, KEYS(set_keys), "{ minProperties: 2 }" },
	[TL_VERB_DUP] = { NULL, KEYS(dup_keys) },
	[TL_VERB_FORK] = { "actor-name", KEYS(fork_keys) },
	[TL_VERB_REAP] = { "actor-name", KEYS(reap_keys) },
	[TL_VERB_GIVE] = { "actor-to-actor", KEYS(give_keys) },
	[TL_VERB_SHUTDOWN] = { "actor-name", KEYS(shutdown_keys) },
	[TL_VERB_CLOSE] = { "actor-name", KEYS(close_keys) },
	[TL_VERB_ABORT] = { "actor-name", KEYS(abort_keys) },
};

const struct scn_call_shape *scn_call_shape(enum tl_verb verb)
{
	return &shapes[verb];
}

void scn_call_map(struct scn_reader *r, const struct scn_node *node, struct tl_step *step)
{
	const struct scn_call_shape *shape = scn_call_shape(step->verb);
	const char *name = tl_verb_name(step->verb);
	char what[32];

	snprintf(what, sizeof(what), "%s %s", strchr("aeiou", name[0]) ? "an" : "a", name);
	scn_read_map(r, node, what, shape->keys, shape->n, step);
}
