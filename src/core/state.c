/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states: what they are called by whom, and what they mean. */
#include "tcplab/state.h"

#include <ctype.h>

/*
 * The stories. Paragraphs are separated by an empty line and otherwise one line each; who
 * shows them wraps them. A state without its three texts does not compile.
 */

static const char section_ESTABLISHED[] = "3.3.2, 3.8";
static const char meaning_ESTABLISHED[] = "open: data can flow both ways";
static const char story_ESTABLISHED[] =
	"The connection is open and both ends may send. A connection is meant to spend most "
	"of its time in this state. The active opener gets here when the SYN+ACK comes. The "
	"passive opener gets here one segment later, when its SYN is acknowledged; until "
	"then the two ends disagree.\n\n"
	"A connection has two ends and each has a row of its own. Where both programs run on "
	"one host the table shows the connection twice, with the addresses swapped.\n\n"
	"The state ends when one end closes: the first to do so goes to FIN_WAIT1, the other "
	"to CLOSE_WAIT. A reset ends it at once on both sides. Linux sends one when a "
	"program closes a socket that still has unread data in it.\n\n"
	"No timer runs while nothing is sent. If the other host loses power, the row stays "
	"as it is until keepalive or a write finds out. After a write Send-Q no longer "
	"falls, and Linux gives up after the time that net.ipv4.tcp_retries2 repetitions "
	"take: by default on Linux 6.x (15) a quarter of an hour or more. An ESTABLISHED "
	"row at a listener's port without a process, even if root looks, is a connection in "
	"the accept queue: the program has not called accept() yet.";

static const char section_SYN_SENT[] = "3.3.2, 3.5";
static const char meaning_SYN_SENT[] = "asked for a connection; no answer yet";
static const char story_SYN_SENT[] =
	"A program has called connect(): it is the active opener, usually called the client. "
	"Its SYN is sent, and no answer has come.\n\n"
	"A SYN+ACK leads to ESTABLISHED. A RST means that nobody listens on that port: the "
	"program gets \"connection refused\", and the row is gone. If the other end opens "
	"towards this one at the same moment, the two SYNs cross and both ends go to "
	"SYN_RECV.\n\n"
	"Linux repeats the SYN, waits longer and longer, and gives up: by default on Linux "
	"6.x after a little more than two minutes (net.ipv4.tcp_syn_retries, 6). RFC 9293 "
	"asks for at least three minutes (3.8.3). On one host the state is over before "
	"netstat can look.\n\n"
	"A row that stays means that nobody answers: a firewall drops the SYN instead of "
	"refusing it, the host is off, no route leads back, or the listener's accept queue is "
	"full, so that its kernel drops the SYN and shows nothing. A refusal would come back "
	"at once.";

static const char section_SYN_RECV[] = "3.3.2, 3.5";
static const char meaning_SYN_RECV[] = "SYN received and answered; not open yet";
static const char story_SYN_RECV[] =
	"A SYN came in, a SYN+ACK went out, and the handshake needs one more segment. RFC "
	"9293 calls the state SYN-RECEIVED and draws an arrow to it from LISTEN.\n\n"
	"On Linux the listener does not move. Each request gets a small record of its own. "
	"No process owns the record: it has no inode, and no descriptor leads to it. In "
	"a simultaneous open, where both ends have called connect(), and with TCP Fast Open "
	"it is a full socket. Under a flood of SYNs Linux may answer with SYN cookies and "
	"keep no record at all.\n\n"
	"The final ACK leads to ESTABLISHED. A RST removes the request, and so does the end "
	"of its listener. Without an answer the SYN+ACK is repeated, and the request is "
	"dropped after net.ipv4.tcp_synack_retries: by default on Linux 6.x (5) after a "
	"minute. In a simultaneous open net.ipv4.tcp_syn_retries applies.\n\n"
	"Many such rows mean that the final ACKs do not arrive, because of a SYN flood or an "
	"asymmetric route. Or the program does not call accept() and its queue is full: then "
	"the other end is ESTABLISHED while this end stays in SYN_RECV. With "
	"TCP_DEFER_ACCEPT a request stays in SYN_RECV until data comes, and the queue is "
	"empty.";

static const char section_FIN_WAIT1[] = "3.3.2, 3.6";
static const char meaning_FIN_WAIT1[] =
	"its FIN is not acknowledged; the other's has not come";
static const char story_FIN_WAIT1[] =
	"This end has closed, or shut down its sending side, before the other's FIN came: it "
	"is an active closer. It may be the client or the server; the state belongs to the "
	"end that closes first, or to both where they close at once.\n\n"
	"An ACK of the FIN leads to FIN_WAIT2. A FIN with that ACK in one segment leads "
	"straight to TIME_WAIT; this is usual when the other program closes as soon as it "
	"reads end of file. A FIN without the ACK means that both ends closed at once: "
	"CLOSING.\n\n"
	"On Linux the FIN may not be sent yet: it waits behind the data in Send-Q. A "
	"FIN_WAIT1 row with a full Send-Q means that a program closed while the other end "
	"was not reading. Send-Q 1 is the FIN itself, sent and not acknowledged.\n\n"
	"A row that stays has lost its other end, or waits for it to open its window. Once "
	"no process holds the socket, Linux repeats the FIN for about the time that "
	"net.ipv4.tcp_orphan_retries repetitions take, and gives up: by default on Linux 6.x "
	"(0, which means 8) after nearly two minutes. Behind a zero window whose probes are "
	"answered it takes some minutes in any case. While a process holds the socket, "
	"net.ipv4.tcp_retries2 applies. Keepalive sends no probe in this state, because the "
	"FIN is not acknowledged.";

static const char section_FIN_WAIT2[] = "3.3.2, 3.6";
static const char meaning_FIN_WAIT2[] = "its FIN is acknowledged; waiting for the other end's";
static const char story_FIN_WAIT2[] =
	"The active closer has said that it sends no more, and the other end's kernel has "
	"acknowledged it. Now the other end's program has to close as well. Until then the "
	"connection is half-closed, which is legitimate: data may still come.\n\n"
	"The FIN of the other end leads to TIME_WAIT. RFC 9293 sets no limit to this "
	"wait.\n\n"
	"Linux sets a limit when no process holds the socket, because no program could read "
	"what may still come. Then the row is dropped after net.ipv4.tcp_fin_timeout (by "
	"default on Linux 6.x 60 seconds), without any TIME_WAIT. It goes earlier when data "
	"comes, which the kernel answers with a RST, and when a RST or a SYN comes, even one "
	"that is only within the window. After shutdown() alone a program still holds the "
	"socket, and no such limit applies until it closes: only the other end's FIN, a RST "
	"or keepalive ends the state.\n\n"
	"A row that stays points to the other host: there the same connection is in "
	"CLOSE_WAIT, and its program has not closed.";

static const char section_TIME_WAIT[] = "3.3.2, 3.6.1";
static const char meaning_TIME_WAIT[] =
	"closed first, or both at once; waits 60 s in case its ACK was lost";
static const char story_TIME_WAIT[] =
	"Both directions are closed and acknowledged. This end closed first, or both closed "
	"at once, and it has one task left: if its final ACK was lost, it must answer the "
	"repeated FIN. It also prevents a new connection between the same addresses and ports "
	"while old segments may still be on their way.\n\n"
	"It belongs to the active closer, client or server: if a client closes first, the "
	"row is on the client's side; if the server closes first, the row is at the server's "
	"port. No process holds it, and none has to be alive.\n\n"
	"RFC 9293 asks for twice the maximum segment lifetime, four minutes. Linux keeps it "
	"for a constant 60 seconds; net.ipv4.tcp_fin_timeout, which is often named, does not "
	"change it. The 60 seconds start again at a repeated FIN and at any other segment "
	"with an ACK. It may end earlier: a new SYN from the same address and port may take "
	"the row over, a RST with exactly the next sequence number ends it unless "
	"net.ipv4.tcp_rfc1337 is set, and with net.ipv4.tcp_tw_reuse connect() may take its "
	"port.\n\n"
	"The rows are healthy: each is a connection that was closed properly. Thousands of "
	"them mean many short connections. On the side that opens connections they can use "
	"up the local ports (\"cannot assign requested address\"). A server that closes "
	"first needs SO_REUSEADDR, set in this run and in the one before, in order to start "
	"again on its port.";

static const char section_CLOSE[] = "3.3.2";
static const char meaning_CLOSE[] = "no connection";
static const char story_CLOSE[] =
	"RFC 9293 calls CLOSED fictional: it stands for a connection that does not exist, "
	"because it has not begun or is over. So the table has no row for it, and you see it "
	"when a row vanishes.\n\n"
	"Linux has sockets in this state: new ones, perhaps bound to a port, that neither "
	"listen nor connect, and ones that were reset while a program still holds them. "
	"netstat never lists them. ss calls the state UNCONN and lists only the bound ones, "
	"since Linux and iproute2 6.8 and only if you ask for bound-inactive.\n\n"
	"The passive opener leaves CLOSED with listen(), the active opener with connect(). "
	"The passive closer gets there from LAST_ACK, the active closer from TIME_WAIT, and "
	"a reset leads there from nearly every state.";

static const char section_CLOSE_WAIT[] = "3.3.2, 3.6";
static const char meaning_CLOSE_WAIT[] = "the other end has closed; this end has not";
static const char story_CLOSE_WAIT[] =
	"The other end's FIN has come and the kernel has acknowledged it. The program learns "
	"of it when read() returns 0, and now it has to close: this end is the passive "
	"closer, client or server. It may still send.\n\n"
	"CLOSE_WAIT lasts until the application closes its socket; it has no timer of its "
	"own. Then the kernel sends a FIN, and the row is in LAST_ACK. A RST also ends the "
	"state. So does keepalive when the other end is gone: its probe is answered with a "
	"RST, or not at all; and so do bytes of its own that nobody acknowledges. Redis turns "
	"keepalive on, by default after 300 seconds of silence, so at a Redis whose client is "
	"gone such a row ends after about five minutes, or ten where no RST comes.\n\n"
	"Passing through it is normal. A row that stays is a sign of a fault in a program. "
	"Look at the process that holds the socket: it has forgotten a connection, its pool "
	"does not check idle connections, or its loop is stuck. Several processes may hold "
	"the socket: close() in one of them sends no FIN while a child still has the "
	"descriptor. If no process holds it, it was never accepted: it waits in the accept "
	"queue, which the listener's Recv-Q counts. The other end can only wait, in "
	"FIN_WAIT2.\n\n"
	"Recv-Q 1 is the FIN itself: end of file, not yet read.";

static const char section_LAST_ACK[] = "3.3.2, 3.6";
static const char meaning_LAST_ACK[] = "closed second; waiting for the ACK of its FIN";
static const char story_LAST_ACK[] =
	"The other end closed first. This end has now closed too, and its FIN waits for the "
	"last ACK. It is the second state of the passive closer, after CLOSE_WAIT.\n\n"
	"With that ACK the connection is over, and the row is gone at once: only the active "
	"closer waits in TIME_WAIT.\n\n"
	"Linux repeats the FIN for about the time that net.ipv4.tcp_orphan_retries "
	"repetitions take, and gives up: by default on Linux 6.x (0, which means 8) after "
	"nearly two minutes. If the other end no longer knows the connection, because its "
	"FIN_WAIT2 has ended, it answers with a RST, and that ends it as well.\n\n"
	"On a healthy network it lasts for one round trip. A row that stays means that the "
	"other host is gone, or that the FIN still waits in Send-Q behind data that nobody "
	"reads.";

static const char section_LISTEN[] = "3.3.2, 3.5";
static const char meaning_LISTEN[] = "waiting for connection requests";
static const char story_LISTEN[] =
	"A program has called listen() on a port: it is the passive opener, usually called "
	"the server. A listening socket is not a connection. It has no other end, so netstat "
	"prints *.\n\n"
	"The row says that the kernel accepts connections, not that the program does. The "
	"kernel completes handshakes by itself, even for a program that is stopped, until "
	"the accept queue is full. Then it drops further SYNs and keeps no row for "
	"them: those clients stay in SYN_SENT, and only the counters ListenOverflows and "
	"ListenDrops (nstat, netstat -s), and the Recv-Q of the LISTEN row in ss, show it.\n\n"
	"RFC 9293 draws an arrow from here to SYN_RECEIVED, as if one socket served one "
	"connection. On Linux the listener never leaves LISTEN: every request gets a row of "
	"its own beside it. RFC 9293 also lets a listening socket send and so become an "
	"active opener; Linux refuses that.\n\n"
	"It ends when the program closes it, ends, or calls shutdown() for reading. "
	"Connections that were accepted stay open; requests, and connections that nobody has "
	"accepted, go with it.\n\n"
	"Recv-Q counts the connections that wait for accept(). ss shows the backlog as "
	"Send-Q, netstat shows 0; on Linux one more may wait than it says. A Recv-Q that "
	"stays near that number means that the program does not keep up. If a port has no "
	"LISTEN row, connections to it are refused.";

static const char section_CLOSING[] = "3.3.2, 3.6";
static const char meaning_CLOSING[] = "both closed at once; waiting for the ACK of its FIN";
static const char story_CLOSING[] =
	"Both ends closed before either had received the other's FIN: the two FINs crossed, "
	"and both ends are active closers. Each has the other's FIN and still lacks the ACK "
	"of its own.\n\n"
	"That ACK leads to TIME_WAIT, here on both sides: this is the only orderly close "
	"that leaves a TIME_WAIT row at each end.\n\n"
	"It needs two programs that close within the time that a segment takes to the other "
	"end, and it is over one round trip later. On a single host it is almost never "
	"seen. A row that stays has lost its other end; Linux gives up as in LAST_ACK.";

static const struct tl_state_info infos[TL_STATE_MAX] = {
#define X(id, number, netstat, ss, rfc, post)                                                \
	[number] = { TL_##id, netstat, ss, rfc, post, meaning_##id, story_##id, section_##id },
	TL_STATES(X)
#undef X
};

const struct tl_state_info *tl_state_info(enum tl_state state)
{
	if ((int)state <= 0 || (int)state >= TL_STATE_MAX)
		return NULL;
	return &infos[state];
}

const char *tl_state_name(enum tl_state state)
{
	const struct tl_state_info *info = tl_state_info(state);

	return info ? info->name : tl_number_name(state);
}

#define TEN(tens) tens "0", tens "1", tens "2", tens "3", tens "4", tens "5", tens "6", \
		  tens "7", tens "8", tens "9"
#define HUNDRED(h)                                                                           \
	TEN(h "0"), TEN(h "1"), TEN(h "2"), TEN(h "3"), TEN(h "4"), TEN(h "5"), TEN(h "6"),  \
		TEN(h "7"), TEN(h "8"), TEN(h "9")

const char *tl_number_name(unsigned number)
{
	static const char *const names[] = {
		TEN(""),  TEN("1"), TEN("2"), TEN("3"),	    TEN("4"),	  TEN("5"),  TEN("6"),
		TEN("7"), TEN("8"), TEN("9"), HUNDRED("1"), TEN("20"), TEN("21"), TEN("22"),
		TEN("23"), TEN("24"), TEN("25"),
	};

	return number <= TL_NUMBER_MAX ? names[number] : "?";
}

const char *tl_state_figure(enum tl_state state)
{
	return state == TL_CLOSE ? "CLOSED" : tl_state_name(state);
}

static bool is_separator(char c)
{
	return c == '-' || c == '_';
}

/* Where @name has a separator @text may have either one or none; letters in any case. */
static bool spells(const char *name, const char *text, size_t len)
{
	const char *end = text + len;

	for (; *name; name++) {
		if (is_separator(*name)) {
			if (text < end && is_separator(*text))
				text++;
			continue;
		}
		if (text == end || toupper((unsigned char)*text) != *name)
			return false;
		text++;
	}
	return text == end;
}

enum tl_state tl_state_parse(const char *text, size_t len)
{
	for (const struct tl_state_info *in = infos + 1; in < infos + TL_STATE_MAX; in++)
		if (spells(in->name, text, len) || spells(in->ss, text, len) ||
		    spells(in->rfc, text, len) || spells(in->post, text, len))
			return in->state;
	return 0;
}
