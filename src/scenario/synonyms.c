/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What newcomers call a thing: names of system calls and of the kernel's constants, words of
 * other tools. A word means what stands beside it wherever that is known; so "host" is "to" of a
 * connect and "address" of a listen.
 */
#include "reader.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct synonym {
	const char *word;  /* without '-', '_' and what constants begin with: "SO_", "TCP_" */
	const char *known;
	const char *say;   /* what is told; NULL: the known word */
};

static const struct synonym verbs[] = {
	{ "read", "receive", NULL },
	{ "recv", "receive", NULL },
	{ "recvfrom", "receive", NULL },
	{ "recvmsg", "receive", NULL },
	{ "get", "receive", NULL },
	{ "write", "send", NULL },
	{ "sendto", "send", NULL },
	{ "sendmsg", "send", NULL },
	{ "say", "send", NULL },
	{ "wait", "pause", "\"pause\" (a time), \"await\" (a segment), \"says\" (a program's output) "
			   "or \"exits\" (its end)" },
	{ "waitfor", "await", "\"await\" (a segment), \"ready\" (an actor), \"says\" (a program's "
			      "output) or \"exits\" (its end)" },
	{ "waituntil", "await", "\"await\" (a segment), \"says\" (a program's output) or \"exits\" "
				"(its end)" },
	{ "until", "await", "\"await\" (a segment), \"says\" (a program's output) or \"exits\" (its "
			    "end)" },
	{ "sleep", "pause", NULL },
	{ "usleep", "pause", NULL },
	{ "delay", "hold", "\"hold\" (a segment) or \"pause\" (a time)" },
	{ "queue", "hold", NULL },
	{ "capture", "hold", NULL },
	{ "intercept", "hold", NULL },
	{ "block", "hold", "\"hold\" or \"lose\"" },
	{ "partition", "lose", "\"lose\", as in \"lose: all from client\"" },
	{ "unplug", "lose", "\"lose\", as in \"lose: all from client\"" },
	{ "blackhole", "lose", "\"lose\", as in \"lose: all from client\"" },
	{ "dropall", "lose", "\"lose\", as in \"lose: all from client\"" },
	{ "unblock", "pass", NULL },
	{ "plug", "pass", NULL },
	{ "heal", "pass", NULL },
	{ "allow", "pass", NULL },
	{ "unhold", "release", "\"release\" or \"pass\"" },
	{ "forward", "release", NULL },
	{ "letgo", "release", NULL },
	{ "flush", "release", NULL },
	{ "deliver", "release", NULL },
	{ "deny", "reject", NULL },
	{ "icmp", "reject", NULL },
	{ "unreachable", "reject", NULL },
	{ "reset", "abort", NULL },
	{ "rst", "abort", NULL },
	{ "sendrst", "abort", NULL },
	{ "fin", "shutdown", "\"shutdown\" or \"close\"" },
	{ "sendfin", "shutdown", "\"shutdown\" or \"close\"" },
	{ "shut", "shutdown", NULL },
	{ "halfclose", "shutdown", NULL },
	{ "eof", "receive", "\"receive\" with \"until: end\"" },
	{ "endoffile", "receive", "\"receive\" with \"until: end\"" },
	{ "disconnect", "close", NULL },
	{ "hangup", "close", "\"close\" or \"signal\"" },
	{ "closelistener", "close", "\"close\" with \"on: listener\"" },
	{ "unlisten", "close", "\"close\" with \"on: listener\"" },
	{ "closeall", "close", "\"close\" with \"on\", or \"stop\" (all that an actor has)" },
	{ "syn", "connect", NULL },
	{ "dial", "connect", NULL },
	{ "openconnection", "open", NULL },
	{ "bind", "listen", "\"listen\", or \"connect\" with \"from\"" },
	{ "socket", "connect", "\"connect\" or \"listen\"" },
	{ "serve", "listen", NULL },
	{ "poll", "receive", NULL },
	{ "select", "receive", NULL },
	{ "epoll", "receive", NULL },
	{ "setsockopt", "set", NULL },
	{ "setopt", "set", NULL },
	{ "setoption", "set", NULL },
	{ "option", "set", NULL },
	{ "options", "set", NULL },
	{ "getsockopt", "set", NULL },
	{ "run", "start", NULL },
	{ "exec", "start", NULL },
	{ "spawn", "start", NULL },
	{ "begin", "start", NULL },
	{ "startactor", "start", NULL },
	{ "restart", "stop", "\"stop\", then \"start\"" },
	{ "exit", "exits", NULL },
	{ "waitexit", "exits", NULL },
	{ "waitpid", "exits", NULL },
	{ "join", "exits", NULL },
	{ "quit", "stop", NULL },
	{ "end", "stop", NULL },
	{ "stopactor", "stop", NULL },
	{ "crash", "kill", NULL },
	{ "sigkill", "kill", NULL },
	{ "sigterm", "terminate", NULL },
	{ "term", "terminate", NULL },
	{ "sigint", "signal", NULL },
	{ "interrupt", "signal", NULL },
	{ "hup", "signal", NULL },
	{ "sighup", "signal", NULL },
	{ "reload", "signal", NULL },
	{ "sigstop", "freeze", NULL },
	{ "suspend", "freeze", NULL },
	{ "sigcont", "thaw", NULL },
	{ "cont", "thaw", NULL },
	{ "continue", "thaw", NULL },
	{ "resume", "thaw", NULL },
	{ "unfreeze", "thaw", NULL },
	{ "loop", "repeat", NULL },
	{ "times", "repeat", NULL },
	{ "foreach", "repeat", NULL },
	{ "for", "repeat", "\"repeat\", or \"for\" of the phase (how long its table stays)" },
	{ "passsocket", "give", NULL },
	{ "passfd", "give", NULL },
	{ "clone", "fork", NULL },
	{ "killchild", "reap", NULL },
	{ "prints", "says", NULL },
	{ "output", "says", NULL },
	{ "stdout", "says", NULL },
	{ "waitoutput", "says", NULL },
	{ "waittext", "says", NULL },
	{ "log", "says", "\"says\" (a program's output), or \"note\" of the phase" },
	{ "redis", "command", NULL },
	{ "rediscli", "command", NULL },
	{ "expect", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "expectstate", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "assert", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "check", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "netstat", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "ss", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "within", "start", "\"within\" of the phase, beside \"do\"" },
	{ "timeout", "start", "\"within\" of the phase, beside \"do\", or \"set\" with "
			      "\"user-timeout\"" },
	{ "deadline", "start", "\"within\" of the phase, beside \"do\"" },
	{ "look", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "snapshot", "start", "\"expect\" of the phase, beside \"do\"" },
	{ "reorder", "hold", "\"hold\", and \"release\" in another order" },
	{ "input", "start", "\"input\" of the program, or \"send\" of a peer" },
	{ "stdin", "start", "\"input\" of the program" },
	{ "print", "says", "\"says\" (a program's output), or \"note\" of the phase" },
	{ "echo", "says", "\"says\" (a program's output), or \"note\" of the phase" },
	{ "note", "start", "\"note\" of the phase, beside \"do\"" },
	{ "comment", "start", "\"note\" of the phase, beside \"do\"" },
	{ "keepalive", "set", "\"set\" with \"keepalive\"" },
	{ "nodelay", "set", "\"set\" with \"no-delay\"" },
	{ "linger", "set", "\"set\" with \"linger\", or \"close\" with it" },
	{ "cork", "set", "\"set\" with \"cork\"" },
	{ "usertimeout", "set", "\"set\" with \"user-timeout\"" },
};

/* Keys, and the words that stand for a value. */
static const struct synonym words[] = {
	{ "actor", "by", NULL },	   { "who", "by", NULL },
	{ "peer", "by", NULL },		   { "from", "by", NULL },
	{ "by", "actor", NULL },	   { "who", "actor", NULL },
	{ "program", "actor", NULL },	   { "name", "as", NULL },
	{ "called", "as", NULL },	   { "id", "as", NULL },
	{ "host", "to", NULL },		   { "target", "to", NULL },
	{ "destination", "to", NULL },	   { "dest", "to", NULL },
	{ "remote", "to", NULL },	   { "address", "to", NULL },
	{ "server", "to", NULL },	   { "host", "address", NULL },
	{ "ip", "address", NULL },	   { "bind", "address", NULL },
	{ "source", "from", NULL },	   { "src", "from", NULL },
	{ "sourceport", "from", NULL },	   { "localport", "from", NULL },
	{ "local", "from", NULL },	   { "bind", "from", NULL },
	{ "connection", "on", NULL },	   { "conn", "on", NULL },
	{ "to", "on", "\"on\": the socket says where to" },
	{ "fd", "on", NULL },		   { "sock", "on", NULL },
	{ "listener", "on", NULL },	   { "error", "expect", NULL },
	{ "errno", "expect", NULL },	   { "fails", "expect", NULL },
	{ "result", "expect", NULL },	   { "answer", "expect", NULL },
	{ "returns", "expect", NULL },	   { "block", "wait", NULL },
	{ "blocking", "wait", NULL },
	{ "nonblock", "wait", "\"wait: no\"" },
	{ "nonblocking", "wait", "\"wait: no\"" },
	{ "async", "wait", "\"wait: no\" or \"wait: later\"" },
	{ "background", "wait", "\"wait: no\" or \"wait: later\"" },
	{ "queue", "backlog", NULL },	   { "data", "text", NULL },
	{ "message", "text", NULL },	   { "payload", "text", NULL },
	{ "string", "text", NULL },	   { "body", "text", NULL },
	{ "line", "text", NULL },	   { "output", "text", NULL },
	{ "contains", "text", NULL },	   { "size", "bytes", NULL },
	{ "count", "bytes", NULL },	   { "length", "bytes", NULL },
	{ "len", "bytes", NULL },	   { "text", "bytes", "\"bytes\": how many are read" },
	{ "all", "until", "\"until: end\"" },
	{ "eof", "until", "\"until: end\"" },
	{ "rcvbuf", "receive-buffer", NULL }, { "recvbuf", "receive-buffer", NULL },
	{ "sndbuf", "send-buffer", NULL }, { "sendbuf", "send-buffer", NULL },
	{ "tfo", "fast-open", NULL },	   { "fastopenconnect", "fast-open", NULL },
	{ "mptcp", "protocol", "\"protocol: mptcp\"" },
	{ "bindaddressnoport", "bind-no-port", NULL },
	{ "reuseaddr", "reuse", NULL },	   { "reuseaddress", "reuse", NULL },
	{ "v6only", "v6-only", NULL },	   { "ipv6only", "v6-only", NULL },
	{ "nagle", "no-delay", NULL },
	{ "option", "no-delay", "the option itself, as in \"no-delay: yes\"" },
	{ "timeout", "user-timeout",
	  "\"user-timeout\" (how long the table may take is \"within\" of the phase)" },
	{ "time", "idle", NULL },	   { "keepidle", "idle", NULL },
	{ "intvl", "interval", NULL },	   { "keepintvl", "interval", NULL },
	{ "count", "probes", NULL },	   { "cnt", "probes", NULL },
	{ "keepcnt", "probes", NULL },	   { "retries", "probes", NULL },
	{ "name", "signal", NULL },	   { "sig", "signal", NULL },
	{ "code", "status", NULL },	   { "exitcode", "status", NULL },
	{ "rc", "status", NULL },	   { "returncode", "status", NULL },
	{ "direction", "how", NULL },	   { "side", "how", NULL },
	{ "abort", "linger", "\"linger: 0s\", or the step \"abort\"" },
	{ "rst", "linger", "\"linger: 0s\", or the step \"abort\"" },
	{ "reset", "linger", "\"linger: 0s\", or the step \"abort\"" },
	/* of the scenario and its phases */
	{ "version", "scenario", NULL },   { "description", "about", NULL },
	{ "desc", "about", NULL },	   { "comment", "about", NULL },
	{ "summary", "title", NULL },	   { "ports", "watch", NULL },
	{ "port", "watch", NULL },	   { "filter", "watch", NULL },
	{ "processes", "actors", NULL },   { "programs", "actors", NULL },
	{ "nodes", "actors", NULL },	   { "steps", "phases", NULL },
	{ "requires", "needs", NULL },	   { "require", "needs", NULL },
	{ "matrix", "vary", NULL },	   { "parameters", "vary", NULL },
	{ "params", "vary", NULL },	   { "assertions", "claims", NULL },
	{ "labels", "tags", NULL },	   { "kernel", "sysctl", NULL },
	{ "name", "phase", NULL },	   { "title", "phase", NULL },
	{ "steps", "do", NULL },	   { "actions", "do", NULL },
	{ "run", "do", NULL },		   { "table", "expect", NULL },
	{ "rows", "expect", NULL },	   { "then", "expect", NULL },
	{ "assert", "expect", NULL },	   { "states", "expect", NULL },
	{ "timeout", "within", NULL },	   { "deadline", "within", NULL },
	{ "stays", "for", NULL },	   { "stable", "for", NULL },
	{ "duration", "for", NULL },	   { "about", "note", NULL },
	{ "description", "note", NULL },   { "comment", "note", NULL },
	{ "ignore", "others", "\"others: ignore\"" },
	{ "extra", "others", "\"others: ignore\"" },
	/* of actors */
	{ "client", "peer", NULL },	   { "server", "peer", NULL },
	{ "command", "program", NULL },	   { "cmd", "program", NULL },
	{ "process", "program", NULL },	   { "exec", "program", NULL },
	{ "run", "program", NULL },
	{ "valkey", "redis", "\"redis\" with \"binary: valkey-server\"" },
	{ "command", "run", NULL },	   { "cmd", "run", NULL },
	{ "argv", "run", NULL },	   { "args", "run", NULL },
	{ "exec", "run", NULL },	   { "environment", "env", NULL },
	{ "dir", "cwd", NULL },		   { "workdir", "cwd", NULL },
	{ "directory", "cwd", NULL },	   { "chdir", "cwd", NULL },
	{ "stdin", "input", NULL },	   { "waitfor", "ready", NULL },
	{ "healthcheck", "ready", NULL },  { "stopsignal", "stop", NULL },
	{ "killafter", "grace", NULL },	   { "timeout", "grace", NULL },
	{ "host", "bind", NULL },	   { "address", "bind", NULL },
	{ "listening", "listens", NULL },  { "listen", "listens", NULL },
	{ "port", "listens", NULL },	   { "immediately", "at once", NULL },
	{ "now", "at once", NULL },	   { "no", "at once", NULL },
	{ "done", "exits", NULL },	   { "ended", "exits", NULL },
	/* of claims and evidence */
	{ "statement", "says", NULL },	   { "text", "says", NULL },	   { "name", "claim", NULL },
	{ "evidence", "for", NULL },	   { "proof", "for", NULL },
	{ "reason", "because", NULL },	   { "why", "because", NULL },
	{ "arrow", "arc", NULL },	   { "result", "verdict", NULL },
	{ "seen", "saw", NULL },	   { "see", "saw", NULL },
	{ "row", "saw", NULL },		   { "state", "saw", NULL },
	{ "expect", "saw", NULL },	   { "not", "never", NULL },
	{ "absent", "never", NULL },	   { "states", "order", NULL },
	{ "sequence", "order", NULL },	   { "packets", "segments", NULL },
	{ "packet", "segment", NULL },	   { "quiet", "silent", NULL },
	{ "nothing", "silent", NULL },	   { "errno", "answer", NULL },
	{ "error", "answer", NULL },	   { "counters", "counter", NULL },
	{ "netstat", "counter", NULL },	   { "snmp", "counter", NULL },
	{ "count", "times", NULL },	   { "phase", "in", NULL },
	{ "during", "in", NULL },	   { "min", "at-least", NULL },
	{ "max", "at-most", NULL },	   { "since", "after", NULL },
};

/* States, timers, measures, kinds of segments, answers, and how a direction is shut. */
static const struct synonym values[] = {
	{ "open", "ESTABLISHED", NULL },   { "connected", "ESTABLISHED", NULL },
	{ "est", "ESTABLISHED", NULL },	   { "up", "ESTABLISHED", NULL },
	{ "halfopen", "ESTABLISHED",
	  "\"ESTABLISHED\" at one end, and no row of the other (RFC 9293 calls that half-open)" },
	{ "halfclosed", "FIN_WAIT2", "\"FIN_WAIT2\" at the end that shut down, \"CLOSE_WAIT\" at the other" },
	{ "finwait", "FIN_WAIT1", "\"FIN_WAIT1\" or \"FIN_WAIT2\"" },
	{ "wait", "TIME_WAIT", "\"TIME_WAIT\" or \"CLOSE_WAIT\"" },
	{ "new", "SYN_SENT", "\"SYN_SENT\" or \"SYN_RECV\"" },
	{ "connecting", "SYN_SENT", NULL }, { "passive", "LISTEN", NULL },
	{ "bound", "LISTEN", NULL },
	{ "gone", "CLOSED", NULL },	   { "none", "CLOSED", NULL },
	{ "dead", "CLOSED", NULL },	   { "reset", "CLOSED", NULL },
	{ "deleted", "CLOSED", NULL },	   { "destroyed", "CLOSED", NULL },
	{ "on", "retransmit", NULL },	   { "rto", "retransmit", NULL },
	{ "rtx", "retransmit", NULL },	   { "persist", "probe", NULL },
	{ "zerowindow", "probe", NULL },   { "off", "none", NULL },
	{ "unread", "recv-q", NULL },	   { "queue", "recv-q", NULL },
	{ "unacked", "send-q", NULL },	   { "backlog", "send-q", NULL },
	{ "retransmits", "retrans", NULL }, { "retries", "retrans", NULL },
	{ "payload", "data", NULL },	   { "psh", "data", NULL },
	{ "psh+ack", "data", NULL },	   { "ack+psh", "data", NULL },
	{ "request", "data", NULL },	   { "response", "data", NULL },
	{ "rst+ack", "RST", NULL },	   { "reset", "RST", NULL },
	{ "ack+syn", "SYN+ACK", NULL },	   { "everything", "any", NULL },
	{ "packet", "any", NULL },	   { "packets", "any", NULL },
	{ "segment", "any", NULL },	   { "segments", "any", NULL },
	{ "keepalive", "keepalive probe", NULL }, { "probe", "keepalive probe", NULL },
	{ "dupack", "duplicate ACK", NULL }, { "dup ack", "duplicate ACK", NULL },
	{ "last ack", "ACK of FIN", NULL }, { "final ack", "ACK of FIN", NULL },
	{ "finack", "FIN+ACK", "\"FIN+ACK\" (a FIN that acknowledges the other end's), or \"ACK of "
			       "FIN\"" },
	{ "third ack", "ACK of SYN", NULL }, { "handshake ack", "ACK of SYN", NULL },
	{ "zero window probe", "window probe", NULL },
	{ "retransmission", "data", "\"data from client #2\", which is the second of them" },
	{ "refused", "ECONNREFUSED", NULL }, { "connection refused", "ECONNREFUSED", NULL },
	{ "reset", "ECONNRESET", NULL },   { "connection reset", "ECONNRESET", NULL },
	{ "connection reset by peer", "ECONNRESET", NULL },
	{ "timed out", "ETIMEDOUT", NULL }, { "connection timed out", "ETIMEDOUT", NULL },
	{ "broken pipe", "EPIPE", NULL },  { "in use", "EADDRINUSE", NULL },
	{ "address already in use", "EADDRINUSE", NULL },
	{ "cannot assign requested address", "EADDRNOTAVAIL", NULL },
	{ "unreachable", "EHOSTUNREACH", NULL }, { "no route to host", "EHOSTUNREACH", NULL },
	{ "ewouldblock", "EAGAIN", NULL }, { "would block", "EAGAIN", NULL },
	{ "eof", "EAGAIN", "\"until: end\", in the place of \"expect\"" },
	{ "end", "EAGAIN", "\"until: end\", in the place of \"expect\"" },
	{ "eof", "end", NULL },		   { "close", "end", NULL },
	{ "closed", "end", NULL },	   { "fin", "end", NULL },
	{ "shutwr", "write", NULL },	   { "wr", "write", NULL },
	{ "send", "write", NULL },	   { "shutrd", "read", NULL },
	{ "rd", "read", NULL },		   { "receive", "read", NULL },
	{ "shutrdwr", "both", NULL },	   { "rdwr", "both", NULL },
};

/* A longer word is not a synonym. */
#define LONGEST 40

/* "SO_RCVBUF" is "rcvbuf". Return: false for a word that is too long. */
static bool fold(const char *word, size_t len, char out[LONGEST + 1])
{
	static const char *const before[] = { "so_", "tcp_", "ip_", "ipv6_" };
	size_t n = 0, skip = 0;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (len > strlen(before[i]) && !strncasecmp(word, before[i], strlen(before[i])))
			skip = strlen(before[i]);
	if (len - skip > LONGEST)
		return false;
	for (size_t i = skip; i < len; i++)
		if (word[i] != '-' && word[i] != '_')
			out[n++] = tolower((unsigned char)word[i]);
	out[n] = '\0';
	return true;
}

static bool find(const struct synonym *v, size_t n, const char *word, const char *known,
		 const char **say)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, v[i].word) || strcmp(known, v[i].known))
			continue;
		*say = v[i].say;
		return true;
	}
	return false;
}

#define FIND(table) find(table, sizeof(table) / sizeof((table)[0]), folded, known, say)

bool scn_is_synonym(enum scn_words what, const char *word, size_t len, const char *known,
		    const char **say)
{
	char folded[LONGEST + 1];

	if (!fold(word, len, folded))
		return false;
	return what == SCN_VERBS ? FIND(verbs) : what == SCN_KEYS ? FIND(words) : FIND(values);
}
