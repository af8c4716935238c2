/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: what can be wrong on a host, what asks for it there, which scenarios show it. */
#ifndef TCPLAB_LEADS_H
#define TCPLAB_LEADS_H

#include <stddef.h>

/*
 * The diagnoses of "tcplab why", and the way from each to the lab and back. The rules that make
 * them are in src/host/rules.c, a row for each row here.
 *
 * X(identifier, id, what "tcplab why" is asked for, scenarios with blanks between). A diagnosis
 * names the first of its scenarios; all of them lead back to it.
 */
#define TL_LEADS(X)                                                                          \
	X(CLOSE_WAIT_LEAK, "close-wait-leak", "close-wait",                                  \
	  "field/close-wait-leak field/close-wait-pool field/close-wait-shared "             \
	  "field/descriptor-handed-on field/fd-not-closed-until-exit field/idle-timeout "    \
	  "field/keepalive-ends-close-wait redis/frozen-master "                             \
	  "programs/child-holds-socket programs/curl-pool-close-wait")                       \
	X(CLOSE_WAIT_UNSEEN, "close-wait-unseen", "close-wait", "field/close-wait-leak")     \
	X(NEVER_ACCEPTED, "never-accepted", "close-wait",                                    \
	  "field/close-wait-not-accepted")                                                   \
	X(ACCEPT_QUEUE_FULL, "accept-queue-full", "listen",                                  \
	  "field/accept-queue-full field/backlog-overflow field/backlog-overflow-abort")     \
	X(FIN_BEHIND_DATA, "fin-behind-data", "fin-wait-1", "field/fin-behind-data")         \
	X(FIN_UNANSWERED, "fin-unanswered", "fin-wait-1",                                    \
	  "rfc9293/fin-wait1-gives-up redis/fin-lost")                                       \
	X(LAST_ACK_STUCK, "last-ack-stuck", "last-ack", "rfc9293/last-ack-gives-up")         \
	X(ORPHANS, "orphans", "fin-wait-1",						     \
	  "field/orphans field/lingering-close")					     \
	X(FIN_WAIT2_HELD, "fin-wait2-held", "fin-wait-2",                                    \
	  "rfc9293/fin-wait2-keepalive field/half-close")                                    \
	X(FIN_WAIT2_ORPHANED, "fin-wait2-orphaned", "fin-wait-2",                            \
	  "rfc9293/fin-wait2-times-out field/port-reuse-fin-wait2 rfc9293/data-after-close") \
	X(SYN_UNANSWERED, "syn-unanswered", "syn-sent",                                      \
	  "field/refused-and-blackholed rfc9293/syn-times-out redis/syn-lost")               \
	X(SYN_FLOOD, "syn-flood", "syn-recv",                                                \
	  "field/syn-flood field/syn-cookies field/defer-accept rfc9293/syn-ack-times-out")  \
	X(NO_PORT_LEFT, "no-port-left", "time-wait",                                         \
	  "field/port-exhaustion field/bind-no-port field/tw-reuse")                         \
	X(TIME_WAIT_CHURN, "time-wait-churn", "time-wait",                                   \
	  "field/time-wait-churn field/server-side-time-wait field/bind-in-time-wait "       \
	  "field/fin-timeout-is-not-time-wait field/linger-abort field/tw-buckets-zero "\
	  "field/tw-reuse-listener "     \
	  "rfc9293/time-wait-runs-out programs/http-server")                                 \
	X(HALF_OPEN, "half-open", "established",                                             \
	  "field/half-open field/half-open-pool field/nat-forgets "                          \
	  "field/keepalive-host-gone field/keepalive-behind-data field/user-timeout "        \
	  "rfc9293/half-open-discovered rfc9293/data-times-out")                             \
	X(WINDOW_SHUT, "window-shut", "established", "field/zero-window")                     \
	X(DESCRIPTORS, "descriptors-used-up", "close-wait", "field/close-wait-leak")

/*
 * What shows on a host what a scenario is about where nothing is wrong there; "" where it leaves
 * no row to look at, as a reset does.
 *
 * X(what follows "tcplab", scenarios with blanks between)
 */
#define TL_SIGHTS(X)                                                                         \
	X("snap --listen", "field/reuse-port-listener-closed rfc9293/listen-and-close "      \
	  "rfc9293/listener-cannot-connect")                                                 \
	X("snap syn-recv", "field/fast-open")                                                \
	X("snap established", "field/ephemeral-port-taken field/self-connect")               \
	X("snap --rows established", "field/nagle-delayed-ack field/shutdown-read")          \
	X("why time-wait", "redis/close-in-three redis/master-stops-first "                  \
	  "redis/replica-killed redis/walkthrough redis/walkthrough-slow "                   \
	  "redis/walkthrough-ipv6 redis/two-replicas redis/rdb-channel")                     \
	X("", "field/quit-race field/unread-data-on-close redis/data-on-close "              \
	  "rfc9293/abort rfc9293/challenge-ack")

/*
 * What each scenario that is shipped is about: a word that "tcplab explain" knows, as it can be
 * typed.
 *
 * X(word, scenarios with blanks between)
 */
#define TL_SUBJECTS(X) \
	X("TIME_WAIT", "redis/walkthrough redis/walkthrough-ipv6 redis/rdb-channel " \
	  "field/server-side-time-wait field/time-wait-churn programs/http-server " \
	  "rfc9293/time-wait-runs-out") \
	X("SYN_RECV", "redis/walkthrough-slow rfc9293/request-without-listener " \
	  "rfc9293/reset-in-syn-recv rfc9293/shutdown-in-syn-recv " \
	  "rfc9293/close-in-syn-recv") \
	X("SYN+ACK", "rfc9293/syn-ack-held rfc9293/syn-ack-times-out") \
	X("CLOSE_WAIT", "field/close-wait-leak field/close-wait-pool " \
	  "field/close-wait-shared field/keepalive-ends-close-wait " \
	  "redis/frozen-master programs/curl-pool-close-wait " \
	  "programs/postgres-backend-terminated programs/redis-sentinel-failover") \
	X("ESTABLISHED", "field/fd-not-closed-until-exit") \
	X("SYN_SENT", "redis/syn-lost rfc9293/close-in-syn-sent " \
	  "rfc9293/syn-times-out") \
	X("FIN_WAIT1", "rfc9293/fin-wait1-gives-up rfc9293/fin-wait1-keepalive " \
	  "field/fin-behind-data") \
	X("FIN_WAIT2", "rfc9293/fin-wait2-keepalive rfc9293/fin-wait2-times-out " \
	  "field/port-reuse-fin-wait2 programs/redis-cluster-links") \
	X("LAST_ACK", "rfc9293/last-ack-gives-up rfc9293/abort-in-last-ack") \
	X("CLOSING", "rfc9293/simultaneous-close rfc9293/closing-gives-up " \
	  "rfc9293/abort-in-closing") \
	X("LISTEN", "rfc9293/listen-and-close") \
	X("RST", "rfc9293/reset-while-closing rfc9293/reset-in-simultaneous-open " \
	  "field/quit-race redis/data-on-close field/unread-data-on-close " \
	  "programs/nginx-413-unread-body programs/graceful-stop-resets-queue") \
	X("abort", "rfc9293/abort") \
	X("challenge-ack", "rfc9293/challenge-ack") \
	X("ACK of FIN", "rfc9293/ack-of-fin-lost") \
	X("2MSL", "rfc9293/fin-again-in-time-wait") \
	X("FIN+ACK", "redis/close-in-three") \
	X("window-probe", "field/zero-window") \
	X("orphan", "redis/fin-lost field/orphans") \
	X("accept-queue", "field/accept-queue-full field/close-wait-not-accepted") \
	X("backlog", "field/backlog-overflow") \
	X("tcp_abort_on_overflow", "field/backlog-overflow-abort") \
	X("SO_REUSEADDR", "field/bind-in-time-wait redis/master-stops-first") \
	X("IP_BIND_ADDRESS_NO_PORT", "field/bind-no-port") \
	X("TCP_DEFER_ACCEPT", "field/defer-accept programs/nginx-deferred") \
	X("fork", "field/descriptor-handed-on programs/child-holds-socket") \
	X("EADDRINUSE", "field/ephemeral-port-taken programs/prefork-worker-left") \
	X("EADDRNOTAVAIL", "field/port-exhaustion") \
	X("TCP_FASTOPEN", "field/fast-open rfc9293/fast-open") \
	X("tcp_fin_timeout", "field/fin-timeout-is-not-time-wait") \
	X("half-closed", "field/half-close programs/haproxy-half-close " \
	  "programs/socat-half-close") \
	X("half-open", "field/half-open field/half-open-pool " \
	  "rfc9293/half-open-discovered") \
	X("passive-close", "field/idle-timeout") \
	X("ECONNRESET", "programs/nginx-keepalive-race") \
	X("keepalive", "field/keepalive-behind-data field/keepalive-host-gone") \
	X("SO_LINGER", "field/linger-abort field/lingering-close") \
	X("Nagle", "field/nagle-delayed-ack") \
	X("NAT", "field/nat-forgets") \
	X("black-hole", "field/refused-and-blackholed") \
	X("SO_REUSEPORT", "field/reuse-port-listener-closed") \
	X("self-connect", "field/self-connect") \
	X("shutdown", "field/shutdown-read") \
	X("SYN-cookies", "field/syn-cookies") \
	X("SYN-flood", "field/syn-flood") \
	X("tcp_max_tw_buckets", "field/tw-buckets-zero " \
	  "rfc9293/no-room-after-closing rfc9293/no-room-after-fin-wait1") \
	X("tcp_tw_reuse", "field/tw-reuse field/tw-reuse-listener") \
	X("TCP_USER_TIMEOUT", "field/user-timeout") \
	X("exit", "redis/replica-killed") \
	X("socket", "redis/two-replicas") \
	X("ECONNREFUSED", "rfc9293/connection-refused") \
	X("EPIPE", "rfc9293/data-after-close") \
	X("tcp_retries2", "rfc9293/data-times-out") \
	X("loopback", "rfc9293/families") \
	X("active-close", "rfc9293/first-to-close") \
	X("four-way-close", "rfc9293/four-way-close") \
	X("ICMP-unreachable", "rfc9293/icmp-unreachable") \
	X("EISCONN", "rfc9293/listener-cannot-connect") \
	X("simultaneous-open", "rfc9293/simultaneous-open " \
	  "rfc9293/open-gives-up-twice") \
	X("reincarnation", "rfc9293/reincarnation") \
	X("three-way-handshake", "rfc9293/three-way-handshake")

enum tl_lead_id {
#define X(id, name, ask, scenarios) TL_LEAD_##id,
	TL_LEADS(X)
#undef X
	TL_N_LEADS
};

/* One row. Static; all strings borrowed. */
struct tl_lead {
	const char *id;
	const char *ask;
	const char *command; /* "why close-wait" */
	const char *scenarios;
};

/* tl_lead - the row of a diagnosis */
const struct tl_lead *tl_lead(enum tl_lead_id id);

/*
 * tl_lead_from - the first diagnosis that one of some scenarios leads back to
 * @scenarios: names as "tcplab list" has them, with blanks between
 *
 * Return: its row, or NULL.
 */
const struct tl_lead *tl_lead_from(const char *scenarios);

/*
 * tl_lead_command - what follows "tcplab" to see on a host what one of some scenarios shows
 *
 * Return: "why close-wait", "snap --listen"; "" where there is nothing to see; NULL where no
 * table has any of the scenarios.
 */
const char *tl_lead_command(const char *scenarios);

/*
 * tl_subject - the word that a scenario is about
 * @scenario: its name, with its variant or without
 *
 * Return: a word of the lexicon, or NULL for a scenario that is not shipped.
 */
const char *tl_subject(const char *scenario);

/* Room for the name of a scenario and a NUL. */
#define TL_LEAD_SCENARIO 64

/* tl_lead_scenario - the scenario that a diagnosis names; @out: TL_LEAD_SCENARIO bytes (returned) */
const char *tl_lead_scenario(const struct tl_lead *lead, char *out);

#endif
