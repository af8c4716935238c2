/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what can be wrong on a host, what asks for it there, which scenarios show it. */
#ifndef TCPLAB_LEADS_H
#define TCPLAB_LEADS_H

#include <stddef.h>

#include "tcplab/state.h"
#include "tcplab/word_list.h"

/*
 * The diagnoses of "tcplab why", and the way from each to the lab and back. The rules that make
 * them are in src/host/rules.c, a row for each row here.
 *
 * X(identifier, id, a state, how "tcplab why" is asked for it, a list of scenarios). A diagnosis
 * names the first of its scenarios; all of them lead back to it.
 */
#define TL_LEADS(X)                                                                          \
	X(CLOSE_WAIT_LEAK, "close-wait-leak", CLOSE_WAIT, "close-wait", TL_LIST(             \
	  "field/close-wait-leak", "field/close-wait-pool", "field/close-wait-shared",       \
	  "field/descriptor-handed-on", "field/fd-not-closed-until-exit",                    \
	  "field/idle-timeout", "field/keepalive-ends-close-wait", "redis/frozen-master",    \
	  "programs/child-holds-socket", "programs/curl-pool-close-wait"))                   \
	X(CLOSE_WAIT_UNSEEN, "close-wait-unseen", CLOSE_WAIT, "close-wait", TL_LIST(         \
	  "field/close-wait-leak"))                                                          \
	X(NEVER_ACCEPTED, "never-accepted", CLOSE_WAIT, "close-wait", TL_LIST(               \
	  "field/close-wait-not-accepted"))                                                  \
	X(ACCEPT_QUEUE_FULL, "accept-queue-full", LISTEN, "listen", TL_LIST(                 \
	  "field/accept-queue-full", "field/backlog-overflow",                               \
	  "field/backlog-overflow-abort"))                                                   \
	X(FIN_BEHIND_DATA, "fin-behind-data", FIN_WAIT1, "fin-wait-1", TL_LIST(              \
	  "field/fin-behind-data"))                                                          \
	X(FIN_UNANSWERED, "fin-unanswered", FIN_WAIT1, "fin-wait-1", TL_LIST(                \
	  "rfc9293/fin-wait1-gives-up", "redis/fin-lost"))                                   \
	X(LAST_ACK_STUCK, "last-ack-stuck", LAST_ACK, "last-ack", TL_LIST(                   \
	  "rfc9293/last-ack-gives-up"))                                                      \
	X(ORPHANS, "orphans", FIN_WAIT1, "fin-wait-1", TL_LIST("field/orphans",              \
	  "field/lingering-close"))                                                          \
	X(FIN_WAIT2_HELD, "fin-wait2-held", FIN_WAIT2, "fin-wait-2", TL_LIST(                \
	  "rfc9293/fin-wait2-keepalive", "field/half-close"))                                \
	X(FIN_WAIT2_ORPHANED, "fin-wait2-orphaned", FIN_WAIT2, "fin-wait-2", TL_LIST(        \
	  "rfc9293/fin-wait2-times-out", "field/port-reuse-fin-wait2",                       \
	  "rfc9293/data-after-close"))                                                       \
	X(SYN_UNANSWERED, "syn-unanswered", SYN_SENT, "syn-sent", TL_LIST(                   \
	  "field/refused-and-blackholed", "rfc9293/syn-times-out", "redis/syn-lost"))        \
	X(SYN_FLOOD, "syn-flood", SYN_RECV, "syn-recv", TL_LIST("field/syn-flood",           \
	  "field/syn-cookies", "field/defer-accept", "rfc9293/syn-ack-times-out"))           \
	X(NO_PORT_LEFT, "no-port-left", TIME_WAIT, "time-wait", TL_LIST(                     \
	  "field/port-exhaustion", "field/bind-no-port", "field/tw-reuse"))                  \
	X(TIME_WAIT_CHURN, "time-wait-churn", TIME_WAIT, "time-wait", TL_LIST(               \
	  "field/time-wait-churn", "field/server-side-time-wait",                            \
	  "field/bind-in-time-wait", "field/fin-timeout-is-not-time-wait",                   \
	  "field/linger-abort", "field/tw-buckets-zero", "field/tw-reuse-listener",          \
	  "rfc9293/time-wait-runs-out", "programs/http-server"))                             \
	X(HALF_OPEN, "half-open", ESTABLISHED, "established", TL_LIST("field/half-open",     \
	  "field/half-open-pool", "field/nat-forgets", "field/keepalive-host-gone",          \
	  "field/keepalive-behind-data", "field/user-timeout",                               \
	  "rfc9293/half-open-discovered", "rfc9293/data-times-out"))                         \
	X(WINDOW_SHUT, "window-shut", ESTABLISHED, "established", TL_LIST(                   \
	  "field/zero-window"))                                                              \
	X(DESCRIPTORS, "descriptors-used-up", CLOSE_WAIT, "close-wait", TL_LIST(             \
	  "field/close-wait-leak"))

/*
 * What shows on a host what a scenario is about where nothing is wrong there; "" where it leaves
 * no row to look at, as a reset does.
 *
 * X(a state, what follows "tcplab" to see it, a list of scenarios)
 */
#define TL_SIGHTS(X)                                                                         \
	X(LISTEN, "snap --listen", TL_LIST("field/reuse-port-listener-closed",               \
	  "rfc9293/listen-and-close", "rfc9293/listener-cannot-connect"))                    \
	X(SYN_RECV, "snap syn-recv", TL_LIST("field/fast-open"))                             \
	X(ESTABLISHED, "snap established", TL_LIST("field/ephemeral-port-taken",             \
	  "field/self-connect", "field/mptcp-fallback"))                                     \
	X(ESTABLISHED, "snap --rows established", TL_LIST("field/nagle-delayed-ack",         \
	  "field/shutdown-read"))                                                            \
	X(TIME_WAIT, "why time-wait", TL_LIST("redis/close-in-three",                        \
	  "redis/master-stops-first", "redis/replica-killed", "redis/walkthrough",           \
	  "redis/walkthrough-slow", "redis/walkthrough-ipv6", "redis/two-replicas",          \
	  "redis/rdb-channel"))                                                              \
	X(CLOSE, "", TL_LIST("field/quit-race", "field/unread-data-on-close",                \
	  "redis/data-on-close", "rfc9293/abort", "rfc9293/challenge-ack"))

/*
 * What each scenario that is shipped is about: a word that "tcplab explain" knows, as it can be
 * typed.
 *
 * X(word, a list of scenarios)
 */
#define TL_SUBJECTS(X)                                                                       \
	X("TIME_WAIT", TL_LIST("redis/walkthrough", "redis/walkthrough-ipv6",                \
	  "redis/rdb-channel", "field/server-side-time-wait", "field/time-wait-churn",       \
	  "programs/http-server", "rfc9293/time-wait-runs-out"))                             \
	X("SYN_RECV", TL_LIST("redis/walkthrough-slow", "rfc9293/request-without-listener",  \
	  "rfc9293/reset-in-syn-recv", "rfc9293/shutdown-in-syn-recv",                       \
	  "rfc9293/close-in-syn-recv"))                                                      \
	X("SYN+ACK", TL_LIST("rfc9293/syn-ack-held", "rfc9293/syn-ack-times-out"))           \
	X("CLOSE_WAIT", TL_LIST("field/close-wait-leak", "field/close-wait-pool",            \
	  "field/close-wait-shared", "field/keepalive-ends-close-wait",                      \
	  "redis/frozen-master", "programs/curl-pool-close-wait",                            \
	  "programs/postgres-backend-terminated", "programs/redis-sentinel-failover"))       \
	X("ESTABLISHED", TL_LIST("field/fd-not-closed-until-exit", "field/mptcp-fallback"))  \
	X("SYN_SENT", TL_LIST("redis/syn-lost", "rfc9293/close-in-syn-sent",                 \
	  "rfc9293/syn-times-out"))                                                          \
	X("FIN_WAIT1", TL_LIST("rfc9293/fin-wait1-gives-up", "rfc9293/fin-wait1-keepalive",  \
	  "field/fin-behind-data"))                                                          \
	X("FIN_WAIT2", TL_LIST("rfc9293/fin-wait2-keepalive", "rfc9293/fin-wait2-times-out", \
	  "field/port-reuse-fin-wait2", "programs/redis-cluster-links"))                     \
	X("LAST_ACK", TL_LIST("rfc9293/last-ack-gives-up", "rfc9293/abort-in-last-ack"))     \
	X("CLOSING", TL_LIST("rfc9293/simultaneous-close", "rfc9293/closing-gives-up",       \
	  "rfc9293/abort-in-closing"))                                                       \
	X("LISTEN", TL_LIST("rfc9293/listen-and-close"))                                     \
	X("RST", TL_LIST("rfc9293/reset-while-closing",                                      \
	  "rfc9293/reset-in-simultaneous-open", "field/quit-race", "redis/data-on-close",    \
	  "field/unread-data-on-close", "programs/nginx-413-unread-body",                    \
	  "programs/graceful-stop-resets-queue", "programs/tls-tickets-reset"))              \
	X("abort", TL_LIST("rfc9293/abort"))                                                 \
	X("challenge-ack", TL_LIST("rfc9293/challenge-ack"))                                 \
	X("ACK of FIN", TL_LIST("rfc9293/ack-of-fin-lost"))                                  \
	X("2MSL", TL_LIST("rfc9293/fin-again-in-time-wait"))                                 \
	X("FIN+ACK", TL_LIST("redis/close-in-three"))                                        \
	X("window-probe", TL_LIST("field/zero-window"))                                      \
	X("orphan", TL_LIST("redis/fin-lost", "field/orphans"))                              \
	X("accept-queue", TL_LIST("field/accept-queue-full",                                 \
	  "field/close-wait-not-accepted"))                                                  \
	X("backlog", TL_LIST("field/backlog-overflow"))                                      \
	X("tcp_abort_on_overflow", TL_LIST("field/backlog-overflow-abort"))                  \
	X("SO_REUSEADDR", TL_LIST("field/bind-in-time-wait", "redis/master-stops-first"))    \
	X("IP_BIND_ADDRESS_NO_PORT", TL_LIST("field/bind-no-port"))                          \
	X("TCP_DEFER_ACCEPT", TL_LIST("field/defer-accept", "programs/nginx-deferred"))      \
	X("fork", TL_LIST("field/descriptor-handed-on", "programs/child-holds-socket"))      \
	X("EADDRINUSE", TL_LIST("field/ephemeral-port-taken",                                \
	  "programs/prefork-worker-left"))                                                   \
	X("EADDRNOTAVAIL", TL_LIST("field/port-exhaustion"))                                 \
	X("TCP_FASTOPEN", TL_LIST("field/fast-open", "rfc9293/fast-open"))                   \
	X("tcp_fin_timeout", TL_LIST("field/fin-timeout-is-not-time-wait"))                  \
	X("half-closed", TL_LIST("field/half-close", "programs/haproxy-half-close",          \
	  "programs/socat-half-close"))                                                      \
	X("half-open", TL_LIST("field/half-open", "field/half-open-pool",                    \
	  "rfc9293/half-open-discovered"))                                                   \
	X("passive-close", TL_LIST("field/idle-timeout"))                                    \
	X("ECONNRESET", TL_LIST("programs/nginx-keepalive-race", "programs/nginx-upstream-502")) \
	X("keepalive", TL_LIST("field/keepalive-behind-data", "field/keepalive-host-gone"))  \
	X("SO_LINGER", TL_LIST("field/linger-abort", "field/lingering-close"))               \
	X("Nagle", TL_LIST("field/nagle-delayed-ack"))                                       \
	X("NAT", TL_LIST("field/nat-forgets"))                                               \
	X("black-hole", TL_LIST("field/refused-and-blackholed"))                             \
	X("SO_REUSEPORT", TL_LIST("field/reuse-port-listener-closed"))                       \
	X("self-connect", TL_LIST("field/self-connect"))                                     \
	X("shutdown", TL_LIST("field/shutdown-read"))                                        \
	X("SYN-cookies", TL_LIST("field/syn-cookies"))                                       \
	X("SYN-flood", TL_LIST("field/syn-flood"))                                           \
	X("tcp_max_tw_buckets", TL_LIST("field/tw-buckets-zero",                             \
	  "rfc9293/no-room-after-closing", "rfc9293/no-room-after-fin-wait1"))               \
	X("tcp_tw_reuse", TL_LIST("field/tw-reuse", "field/tw-reuse-listener"))              \
	X("TCP_USER_TIMEOUT", TL_LIST("field/user-timeout"))                                 \
	X("exit", TL_LIST("redis/replica-killed"))                                           \
	X("socket", TL_LIST("redis/two-replicas"))                                           \
	X("ECONNREFUSED", TL_LIST("rfc9293/connection-refused"))                             \
	X("EPIPE", TL_LIST("rfc9293/data-after-close"))                                      \
	X("tcp_retries2", TL_LIST("rfc9293/data-times-out"))                                 \
	X("loopback", TL_LIST("rfc9293/families"))                                           \
	X("active-close", TL_LIST("rfc9293/first-to-close"))                                 \
	X("four-way-close", TL_LIST("rfc9293/four-way-close"))                               \
	X("ICMP-unreachable", TL_LIST("rfc9293/icmp-unreachable"))                           \
	X("EISCONN", TL_LIST("rfc9293/listener-cannot-connect"))                             \
	X("simultaneous-open", TL_LIST("rfc9293/simultaneous-open",                          \
	  "rfc9293/open-gives-up-twice"))                                                    \
	X("reincarnation", TL_LIST("rfc9293/reincarnation"))                                 \
	X("three-way-handshake", TL_LIST("rfc9293/three-way-handshake"))

enum tl_lead_id {
#define X(id, name, state, ask, scenarios) TL_LEAD_##id,
	TL_LEADS(X)
#undef X
	TL_N_LEADS
};

/* One row. Static; all strings borrowed. */
struct tl_lead {
	const char *id;
	enum tl_state state;
	const char *command; /* "why close-wait" */
	const char *const *scenarios;
};

/* tl_lead - the row of a diagnosis */
const struct tl_lead *tl_lead(enum tl_lead_id id);

/*
 * tl_lead_from - the first diagnosis that one of some scenarios leads back to
 * @scenarios: a list of names as "tcplab list" has them
 *
 * Return: its row, or NULL.
 */
const struct tl_lead *tl_lead_from(const char *const *scenarios);

/*
 * tl_lead_command - what follows "tcplab" to see on a host what one of some scenarios shows
 *
 * Return: "why close-wait", "snap --listen"; "" where there is nothing to see; NULL where no
 * table has any of the scenarios.
 */
const char *tl_lead_command(const char *const *scenarios);

/* tl_lead_state - the state that this command is about; TL_CLOSE for none */
enum tl_state tl_lead_state(const char *const *scenarios);

/*
 * tl_subject - the word that a scenario is about
 * @scenario: its name, with its variant or without
 *
 * Return: a word of the lexicon, or NULL for a scenario that is not shipped.
 */
const char *tl_subject(const char *scenario);

#endif
