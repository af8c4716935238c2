/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What newcomers call a thing: names of system calls and of the kernel's constants, words of
 * other tools. A word means what stands before it wherever that is known; so "host" is "to" of
 * a connect and "address" of a listen.
 */
#include "reader.h"

#include <string.h>
#include <strings.h>

#include "tcplab/word_list.h"

struct synonym {
	const char *known;
	const char *const *words; /* as scn_fold() has them, without "SO_", "TCP_" and their like */
	const char *say;          /* what is told; NULL: the known word */
};

static const struct synonym verbs[] = {
	{ "receive", TL_LIST("read", "recv", "recvfrom", "recvmsg", "get", "poll", "select",
			"epoll") },
	{ "send", TL_LIST("write", "sendto", "sendmsg", "say") },
	{ "pause", TL_LIST("wait"),
	  "\"pause\" (a time), \"await\" (a segment), \"says\" (a program's output) or "
	  "\"exits\" (its end)" },
	{ "await", TL_LIST("waitfor"),
	  "\"await\" (a segment), \"ready\" (an actor), \"says\" (a program's output) or "
	  "\"exits\" (its end)" },
	{ "await", TL_LIST("waituntil", "until"),
	  "\"await\" (a segment), \"says\" (a program's output) or \"exits\" (its end)" },
	{ "pause", TL_LIST("sleep", "usleep") },
	{ "hold", TL_LIST("delay"), "\"hold\" (a segment) or \"pause\" (a time)" },
	{ "hold", TL_LIST("queue", "capture", "intercept") },
	{ "hold", TL_LIST("block"), "\"hold\" or \"lose\"" },
	{ "lose", TL_LIST("partition", "unplug", "blackhole", "dropall"),
	  "\"lose\", as in \"lose: all from client\"" },
	{ "pass", TL_LIST("unblock", "plug", "heal", "allow") },
	{ "release", TL_LIST("unhold"), "\"release\" or \"pass\"" },
	{ "release", TL_LIST("forward", "letgo", "flush", "deliver") },
	{ "reject", TL_LIST("deny", "icmp", "unreachable") },
	{ "abort", TL_LIST("reset", "rst", "sendrst") },
	{ "shutdown", TL_LIST("fin", "sendfin"), "\"shutdown\" or \"close\"" },
	{ "shutdown", TL_LIST("shut", "halfclose") },
	{ "receive", TL_LIST("eof", "endoffile"), "\"receive\" with \"until: end\"" },
	{ "close", TL_LIST("disconnect") },
	{ "close", TL_LIST("hangup"), "\"close\" or \"signal\"" },
	{ "close", TL_LIST("closelistener", "unlisten"), "\"close\" with \"on: listener\"" },
	{ "close", TL_LIST("closeall"),
	  "\"close\" with \"on\", or \"stop\" (all that an actor has)" },
	{ "connect", TL_LIST("syn", "dial") },
	{ "open", TL_LIST("openconnection") },
	{ "listen", TL_LIST("bind"), "\"listen\", or \"connect\" with \"from\"" },
	{ "connect", TL_LIST("socket"), "\"connect\" or \"listen\"" },
	{ "listen", TL_LIST("serve") },
	{ "set", TL_LIST("setsockopt", "setopt", "setoption", "option", "options",
			"getsockopt") },
	{ "start", TL_LIST("run", "exec", "spawn", "begin", "startactor") },
	{ "stop", TL_LIST("restart"), "\"stop\", then \"start\"" },
	{ "exits", TL_LIST("exit", "waitexit", "waitpid", "join") },
	{ "stop", TL_LIST("quit", "end", "stopactor") },
	{ "kill", TL_LIST("crash", "sigkill") },
	{ "terminate", TL_LIST("sigterm", "term") },
	{ "signal", TL_LIST("sigint", "interrupt", "hup", "sighup", "reload") },
	{ "freeze", TL_LIST("sigstop", "suspend") },
	{ "thaw", TL_LIST("sigcont", "cont", "continue", "resume", "unfreeze") },
	{ "repeat", TL_LIST("loop", "times", "foreach") },
	{ "repeat", TL_LIST("for"),
	  "\"repeat\", or \"for\" of the phase (how long its table stays)" },
	{ "give", TL_LIST("passsocket", "passfd") },
	{ "fork", TL_LIST("clone") },
	{ "reap", TL_LIST("killchild") },
	{ "says", TL_LIST("prints", "output", "stdout", "waitoutput", "waittext") },
	{ "says", TL_LIST("log", "print", "echo"),
	  "\"says\" (a program's output), or \"note\" of the phase" },
	{ "command", TL_LIST("redis", "rediscli") },
	{ "start", TL_LIST("expect", "expectstate", "assert", "check", "netstat", "ss", "look",
			"snapshot"), "\"expect\" of the phase, beside \"do\"" },
	{ "start", TL_LIST("within", "deadline"), "\"within\" of the phase, beside \"do\"" },
	{ "start", TL_LIST("timeout"),
	  "\"within\" of the phase, beside \"do\", or \"set\" with \"user-timeout\"" },
	{ "hold", TL_LIST("reorder"), "\"hold\", and \"release\" in another order" },
	{ "start", TL_LIST("input"), "\"input\" of the program, or \"send\" of a peer" },
	{ "start", TL_LIST("stdin"), "\"input\" of the program" },
	{ "start", TL_LIST("note", "comment"), "\"note\" of the phase, beside \"do\"" },
	{ "set", TL_LIST("keepalive"), "\"set\" with \"keepalive\"" },
	{ "set", TL_LIST("nodelay"), "\"set\" with \"no-delay\"" },
	{ "set", TL_LIST("linger"), "\"set\" with \"linger\", or \"close\" with it" },
	{ "set", TL_LIST("cork"), "\"set\" with \"cork\"" },
	{ "set", TL_LIST("usertimeout"), "\"set\" with \"user-timeout\"" },
};

/* Keys, and the words that stand for a value. */
static const struct synonym words[] = {
	{ "by", TL_LIST("actor", "who", "peer", "from") },
	{ "actor", TL_LIST("by", "who", "program") },
	{ "as", TL_LIST("name", "called", "id") },
	{ "to", TL_LIST("host", "target", "destination", "dest", "remote", "address",
			"server") },
	{ "address", TL_LIST("host", "ip", "bind") },
	{ "from", TL_LIST("source", "src", "sourceport", "localport", "local", "bind") },
	{ "on", TL_LIST("connection", "conn", "fd", "sock", "listener") },
	{ "on", TL_LIST("to"), "\"on\": the socket says where to" },
	{ "expect", TL_LIST("error", "errno", "fails", "result", "answer", "returns") },
	{ "wait", TL_LIST("block", "blocking") },
	{ "wait", TL_LIST("nonblock", "nonblocking"), "\"wait: no\"" },
	{ "wait", TL_LIST("async", "background"), "\"wait: no\" or \"wait: later\"" },
	{ "backlog", TL_LIST("queue") },
	{ "text", TL_LIST("data", "message", "payload", "string", "body", "line", "output",
			"contains") },
	{ "bytes", TL_LIST("size", "count", "length", "len") },
	{ "bytes", TL_LIST("text"), "\"bytes\": how many are read" },
	{ "until", TL_LIST("all", "eof"), "\"until: end\"" },
	{ "receive-buffer", TL_LIST("rcvbuf", "recvbuf") },
	{ "send-buffer", TL_LIST("sndbuf", "sendbuf") },
	{ "fast-open", TL_LIST("tfo", "fastopenconnect") },
	{ "protocol", TL_LIST("mptcp"), "\"protocol: mptcp\"" },
	{ "bind-no-port", TL_LIST("bindaddressnoport") },
	{ "reuse", TL_LIST("reuseaddr", "reuseaddress") },
	{ "v6-only", TL_LIST("v6only", "ipv6only") },
	{ "no-delay", TL_LIST("nagle") },
	{ "no-delay", TL_LIST("option"), "the option itself, as in \"no-delay: yes\"" },
	{ "user-timeout", TL_LIST("timeout"),
	  "\"user-timeout\" (how long the table may take is \"within\" of the phase)" },
	{ "idle", TL_LIST("time", "keepidle") },
	{ "interval", TL_LIST("intvl", "keepintvl") },
	{ "probes", TL_LIST("count", "cnt", "keepcnt", "retries") },
	{ "signal", TL_LIST("name", "sig") },
	{ "status", TL_LIST("code", "exitcode", "rc", "returncode") },
	{ "how", TL_LIST("direction", "side") },
	{ "linger", TL_LIST("abort", "rst", "reset"), "\"linger: 0s\", or the step \"abort\"" },
	/* of the scenario and its phases */
	{ "scenario", TL_LIST("version") },
	{ "about", TL_LIST("description", "desc", "comment") },
	{ "title", TL_LIST("summary") },
	{ "watch", TL_LIST("ports", "port", "filter") },
	{ "actors", TL_LIST("processes", "programs", "nodes") },
	{ "phases", TL_LIST("steps") },
	{ "needs", TL_LIST("requires", "require") },
	{ "vary", TL_LIST("matrix", "parameters", "params") },
	{ "claims", TL_LIST("assertions") },
	{ "tags", TL_LIST("labels") },
	{ "sysctl", TL_LIST("kernel") },
	{ "phase", TL_LIST("name", "title") },
	{ "do", TL_LIST("steps", "actions", "run") },
	{ "expect", TL_LIST("table", "rows", "then", "assert", "states") },
	{ "within", TL_LIST("timeout", "deadline") },
	{ "for", TL_LIST("stays", "stable", "duration") },
	{ "note", TL_LIST("about", "description", "comment") },
	{ "others", TL_LIST("ignore", "extra"), "\"others: ignore\"" },
	/* of actors */
	{ "peer", TL_LIST("client", "server") },
	{ "program", TL_LIST("command", "cmd", "process", "exec", "run") },
	{ "redis", TL_LIST("valkey"), "\"redis\" with \"binary: valkey-server\"" },
	{ "run", TL_LIST("command", "cmd", "argv", "args", "exec") },
	{ "env", TL_LIST("environment") },
	{ "cwd", TL_LIST("dir", "workdir", "directory", "chdir") },
	{ "input", TL_LIST("stdin") },
	{ "ready", TL_LIST("waitfor", "healthcheck") },
	{ "stop", TL_LIST("stopsignal") },
	{ "grace", TL_LIST("killafter", "timeout") },
	{ "bind", TL_LIST("host", "address") },
	{ "listens", TL_LIST("listening", "listen", "port") },
	{ "at once", TL_LIST("immediately", "now", "no") },
	{ "exits", TL_LIST("done", "ended") },
	/* of claims and evidence */
	{ "says", TL_LIST("statement", "text") },
	{ "claim", TL_LIST("name") },
	{ "for", TL_LIST("evidence", "proof") },
	{ "because", TL_LIST("reason", "why") },
	{ "arc", TL_LIST("arrow") },
	{ "verdict", TL_LIST("result") },
	{ "saw", TL_LIST("seen", "see", "row", "state", "expect") },
	{ "never", TL_LIST("not", "absent") },
	{ "order", TL_LIST("states", "sequence") },
	{ "segments", TL_LIST("packets") },
	{ "segment", TL_LIST("packet") },
	{ "silent", TL_LIST("quiet", "nothing") },
	{ "answer", TL_LIST("errno", "error") },
	{ "counter", TL_LIST("counters", "netstat", "snmp") },
	{ "times", TL_LIST("count") },
	{ "in", TL_LIST("phase", "during") },
	{ "at-least", TL_LIST("min") },
	{ "at-most", TL_LIST("max") },
	{ "after", TL_LIST("since") },
};

/* States, timers, measures, kinds of segments, answers, and how a direction is shut. */
static const struct synonym values[] = {
	{ "ESTABLISHED", TL_LIST("open", "connected", "est", "up") },
	{ "ESTABLISHED", TL_LIST("halfopen"),
	  "\"ESTABLISHED\" at one end, and no row of the other (RFC 9293 calls that "
	  "half-open)" },
	{ "FIN_WAIT2", TL_LIST("halfclosed"),
	  "\"FIN_WAIT2\" at the end that shut down, \"CLOSE_WAIT\" at the other" },
	{ "FIN_WAIT1", TL_LIST("finwait"), "\"FIN_WAIT1\" or \"FIN_WAIT2\"" },
	{ "TIME_WAIT", TL_LIST("wait"), "\"TIME_WAIT\" or \"CLOSE_WAIT\"" },
	{ "SYN_SENT", TL_LIST("new"), "\"SYN_SENT\" or \"SYN_RECV\"" },
	{ "SYN_SENT", TL_LIST("connecting") },
	{ "LISTEN", TL_LIST("passive", "bound") },
	{ "CLOSED", TL_LIST("gone", "none", "dead", "reset", "deleted", "destroyed") },
	{ "retransmit", TL_LIST("on", "rto", "rtx") },
	{ "probe", TL_LIST("persist", "zerowindow") },
	{ "none", TL_LIST("off") },
	{ "recv-q", TL_LIST("unread", "queue") },
	{ "send-q", TL_LIST("unacked", "backlog") },
	{ "retrans", TL_LIST("retransmits", "retries") },
	{ "data", TL_LIST("payload", "psh", "psh+ack", "ack+psh", "request", "response") },
	{ "RST", TL_LIST("rst+ack", "reset") },
	{ "SYN+ACK", TL_LIST("ack+syn") },
	{ "any", TL_LIST("everything", "packet", "packets", "segment", "segments") },
	{ "keepalive probe", TL_LIST("keepalive", "probe") },
	{ "duplicate ACK", TL_LIST("dupack", "dup ack") },
	{ "ACK of FIN", TL_LIST("last ack", "final ack") },
	{ "FIN+ACK", TL_LIST("finack"),
	  "\"FIN+ACK\" (a FIN that acknowledges the other end's), or \"ACK of FIN\"" },
	{ "ACK of SYN", TL_LIST("third ack", "handshake ack") },
	{ "window probe", TL_LIST("zero window probe") },
	{ "data", TL_LIST("retransmission"),
	  "\"data from client #2\", which is the second of them" },
	{ "ECONNREFUSED", TL_LIST("refused", "connection refused") },
	{ "ECONNRESET", TL_LIST("reset", "connection reset", "connection reset by peer") },
	{ "ETIMEDOUT", TL_LIST("timed out", "connection timed out") },
	{ "EPIPE", TL_LIST("broken pipe") },
	{ "EADDRINUSE", TL_LIST("in use", "address already in use") },
	{ "EADDRNOTAVAIL", TL_LIST("cannot assign requested address") },
	{ "EHOSTUNREACH", TL_LIST("unreachable", "no route to host") },
	{ "EAGAIN", TL_LIST("ewouldblock", "would block") },
	{ "EAGAIN", TL_LIST("eof", "end"), "\"until: end\", in the place of \"expect\"" },
	{ "end", TL_LIST("eof", "close", "closed", "fin") },
	{ "write", TL_LIST("shutwr", "wr", "send") },
	{ "read", TL_LIST("shutrd", "rd", "receive") },
	{ "both", TL_LIST("shutrdwr", "rdwr") },
};

/* "SO_RCVBUF" is "RCVBUF": so many bytes of it count for nothing. */
static size_t prefix_of(const char *word, size_t len)
{
	static const char *const before[] = { "so_", "tcp_", "ip_", "ipv6_" };

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (len > strlen(before[i]) && !strncasecmp(word, before[i], strlen(before[i])))
			return strlen(before[i]);
	return 0;
}

static bool find(const struct synonym *v, size_t n, const struct scn_folded *word,
		 const char *known, const char **say)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(known, v[i].known) || !tl_list_has(v[i].words, word->text, word->len))
			continue;
		*say = v[i].say;
		return true;
	}
	return false;
}

#define FIND(table) find(table, sizeof(table) / sizeof((table)[0]), &folded, known, say)

bool scn_is_synonym(enum scn_words what, const char *word, size_t len, const char *known,
		    const char **say)
{
	size_t skip = prefix_of(word, len);
	struct scn_folded folded;

	if (!scn_fold(&folded, word + skip, len - skip))
		return false;
	return what == SCN_VERBS ? FIND(verbs) : what == SCN_KEYS ? FIND(words) : FIND(values);
}
