/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: the arrows of RFC 9293's diagram, and of what Linux adds to it, a row each. */
/*
 * Whoever includes it says first what a row is: state.h makes their numbers of it, arc.c their
 * table. Figure 5 comes first, arrow by arrow; of equally cheap ways the one listed first is taken.
 */

DRAWN(1, "1", CLOSE, LISTEN, PROGRAM, "passive OPEN", "", "3.10.1", USUAL,
      "A program calls bind() and listen().", NULL)
DRAWN(2, "2", CLOSE, SYN_SENT, PROGRAM, "active OPEN", "SYN", "3.10.1", USUAL,
      "A program calls connect().", NULL)
DRAWN(3, "3", LISTEN, CLOSE, PROGRAM, "CLOSE", "", "3.10.4", USUAL,
      "The program closes its listening socket, or ends.",
      "Connections that nobody has accepted are reset with it, and its requests vanish.")
DRAWN(4, "4", LISTEN, SYN_RECV, SEGMENT, "rcv SYN", "SYN+ACK", "3.10.7.2", USUAL,
      "The kernel answers; the program only learns of it when the handshake is over.",
      request_differs)
ARC(5, "5", LISTEN, SYN_SENT, DRAWN, PROGRAM, "SEND", "SYN", "3.10.2", false, RARE,
    "A program sends on a listening socket.",
    "Linux has no such way: send() fails with EPIPE and connect() with EISCONN. "
    "After shutdown(SHUT_RD) the descriptor no longer listens, and can connect.")
DRAWN(6, "6", SYN_SENT, CLOSE, PROGRAM, "CLOSE", "", "3.10.4", USUAL,
      "The program closes before it is connected; no segment tells the other end.", NULL)
DRAWN(7, "7", SYN_SENT, SYN_RECV, SEGMENT, "rcv SYN", "SYN+ACK", "3.10.7.3", RARE,
      "Two programs connect to each other's port at once, or one to its own.",
      "A program owns this socket in SYN_RECV; no program owns a listener's request.")
DRAWN(8, "8", SYN_SENT, ESTABLISHED, SEGMENT, "rcv SYN+ACK", "ACK", "3.10.7.3", USUAL,
      "connect() returns.", NULL)
DRAWN(9, "9", SYN_RECV, ESTABLISHED, SEGMENT, "rcv ACK of SYN", "", "3.10.7.4", USUAL,
      "The connection enters the listener's queue; accept() will return it.",
      "If that queue is full, the ACK is ignored, and the row stays in SYN_RECV "
      "while the other end is ESTABLISHED. With TCP_DEFER_ACCEPT it is the same "
      "until data comes or its time is over.")
DRAWN(10, "10", SYN_RECV, FIN_WAIT1, PROGRAM, "CLOSE", "FIN", "3.10.4", RARE,
      "A program closes in the middle of a simultaneous open.",
      "A server can do it only with TCP Fast Open: otherwise the request does not "
      "belong to the program yet. Kernels since May 2024 put shutdown() off until "
      "the connection is ESTABLISHED (CVE-2024-36905).")
DRAWN(11, "11", SYN_RECV, LISTEN, SEGMENT, "rcv RST", "", "3.10.7.4", USUAL,
      "The client gives up during the handshake; the request is dropped.",
      "The listener is in LISTEN all the time; only the request goes.")
DRAWN(12, "12", ESTABLISHED, FIN_WAIT1, PROGRAM, "CLOSE", "FIN", "3.10.4", USUAL,
      "The program closes first, or calls shutdown(SHUT_WR), or ends.",
      "The FIN may not be sent yet: it waits behind the data in Send-Q.")
DRAWN(13, "13", ESTABLISHED, CLOSE_WAIT, SEGMENT, "rcv FIN", "ACK", "3.10.7.4", USUAL,
      "The other end closed first; the program reads end of file.", NULL)
DRAWN(14, "14", FIN_WAIT1, FIN_WAIT2, SEGMENT, "rcv ACK of FIN", "", "3.10.7.4", USUAL,
      "The other end's kernel acknowledges the FIN; its program has not closed.",
      "If no program holds the socket, the row is kept for net.ipv4.tcp_fin_timeout, "
      "by default 60 seconds.")
DRAWN(15, "15", FIN_WAIT1, CLOSING, SEGMENT, "rcv FIN", "ACK", "3.10.7.4", RARE,
      "Both programs close before either FIN has arrived.", NULL)
DRAWN(16, "16", FIN_WAIT2, TIME_WAIT, SEGMENT, "rcv FIN", "ACK", "3.10.7.4", USUAL,
      "The other end closes as well.",
      "When net.ipv4.tcp_max_tw_buckets is reached, there is no TIME_WAIT; see X9.")
DRAWN(17, "17", CLOSING, TIME_WAIT, SEGMENT, "rcv ACK of FIN", "", "3.10.7.4", USUAL,
      "Each end's FIN is acknowledged.", NULL)
DRAWN(18, "18", CLOSE_WAIT, LAST_ACK, PROGRAM, "CLOSE", "FIN", "3.10.4", USUAL,
      "The program closes its socket, whether it has read end of file or not.",
      "No timer closes for the program, and close() sends the FIN only if no other "
      "process holds the socket. RFC 793 said CLOSING here, an error that RFC 1122 "
      "4.2.2.20 corrected.")
DRAWN(19, "19", LAST_ACK, CLOSE, SEGMENT, "rcv ACK of FIN", "", "3.10.7.4", USUAL,
      "The row is gone at once.", NULL)
DRAWN(20, "20", TIME_WAIT, CLOSE, TIMER, "2 MSL pass", "", "3.10.8", USUAL,
      "The kernel's timer runs out; this needs neither a call nor a segment.",
      "Linux takes a constant 60 seconds, which start again at a repeated FIN and at "
      "any other segment with an ACK. Twice RFC 9293's segment lifetime is four "
      "minutes. net.ipv4.tcp_fin_timeout does not change it.")

NOTE(N2, "N2", FIN_WAIT1, TIME_WAIT, SEGMENT, "rcv FIN+ACK of FIN", "ACK", "3.3.2", true,
     SHORTCUT,
     "The other program closes before its kernel has acknowledged the FIN: one "
     "segment does both. Many connections are closed this way, in three segments.", NULL)
NOTE(N3, "N3", ESTABLISHED, TIME_WAIT, PROGRAM, "ABORT", "RST", "3.3.2", false, DEAR,
     "A program aborts.",
     "Linux has no such way: the end that sends a RST is CLOSED at once, and has "
     "nothing to wait for.")
NOTE(X1, "X1", TIME_WAIT, CLOSE, SEGMENT, "rcv SYN of a new connection", "", "3.6.1", true,
     DEAR, "A SYN with a later timestamp or sequence number takes the row over.",
     "With net.ipv4.tcp_tw_reuse connect() does so from this side, if timestamps are "
     "on and the row is a second old (net.ipv4.tcp_tw_reuse_delay since 6.14). 1 "
     "allows it anywhere; 2, the default, between loopback addresses only.")
NOTE(X8, "X8", LISTEN, ESTABLISHED, SEGMENT, "rcv ACK of a SYN cookie", "", "3.10.7.2", true,
     DEAR,
     "The server has kept nothing of the request: all it needs is in the SYN+ACK's "
     "sequence number.",
     "Linux keeps no request when it sends SYN cookies (net.ipv4.tcp_syncookies).")
NOTE(X9, "X9", FIN_WAIT2, CLOSE, SEGMENT, "rcv FIN, or closed, and no room for a row", "ACK",
     "3.6.1", true, DEAR,
     "net.ipv4.tcp_max_tw_buckets limits the rows that wait without a program, in "
     "FIN_WAIT2 and in TIME_WAIT, and the limit is reached: when the FIN comes, or when "
     "a half-closed socket is closed.",
     "Linux then leaves TIME_WAIT out, which RFC 9293 does not allow.")

NOTE(X9_FIN_WAIT1, "X9-FIN_WAIT1", FIN_WAIT1, CLOSE, SEGMENT, "rcv ACK of FIN, and no room for a row", "",
     "3.6.1", true, DEAR,
     "net.ipv4.tcp_max_tw_buckets limits the rows that wait without a program, in "
     "FIN_WAIT2 and in TIME_WAIT, and the limit is reached.",
     "Linux then leaves both states out, which RFC 9293 does not allow.")
NOTE(X9_CLOSING, "X9-CLOSING", CLOSING, CLOSE, SEGMENT, "rcv ACK of FIN, and no room for TIME_WAIT", "",
     "3.6.1", true, DEAR,
     "net.ipv4.tcp_max_tw_buckets limits the rows in TIME_WAIT, and the limit is "
     "reached.",
     "Linux then leaves TIME_WAIT out, which RFC 9293 does not allow.")
NOTE(X10, "X10", SYN_RECV, CLOSE, PROGRAM, "its listener closes", "", "3.10.4", true, DEAR,
     "The request goes when its timer fires next, or with the next segment, which is "
     "answered with a RST.",
     "Linux keeps a request beside the listener; in RFC 9293 the listener itself is in "
     "SYN-RECEIVED.")
NOTE(X11, "X11", SYN_RECV, CLOSE, SEGMENT, "rcv ACK of SYN, and no room in the accept queue",
     "RST", "3.10.7.4", true, DEAR,
     "With net.ipv4.tcp_abort_on_overflow the client gets a RST; without it the ACK "
     "is ignored.",
     "Linux keeps an accept queue; RFC 9293 has none.")
NOTE(X12, "X12", SYN_SENT, CLOSE, SEGMENT, "ICMP: host or network unreachable", "",
     "3.9.2.2", true, DEAR, "connect() fails with EHOSTUNREACH or ENETUNREACH.",
     "In SYN_SENT and SYN_RECV such a message ends the attempt; on an open connection "
     "Linux only remembers it.")
NOTE(X12_SYN_RECV, "X12-SYN_RECV", SYN_RECV, CLOSE, SEGMENT,
     "ICMP: host or network unreachable", "", "3.9.2.2", true, DEAR,
     "A listener's request is dropped, and a client that goes on trying gets a new one. "
     "In a simultaneous open connect() fails, as in SYN_SENT.",
     "Over IPv6 a listener's request stays.")
NOTE(A_CLOSING, "A-CLOSING", CLOSING, CLOSE, PROGRAM, "ABORT", "", "3.10.5", true, DEAR,
     "The program aborts: the row is deleted, and no RST is sent.", abort_differs)
NOTE(A_LAST_ACK, "A-LAST_ACK", LAST_ACK, CLOSE, PROGRAM, "ABORT", "", "3.10.5", true, DEAR,
     "The program aborts: the row is deleted, and no RST is sent.", abort_differs)
NOTE(A_TIME_WAIT, "A-TIME_WAIT", TIME_WAIT, CLOSE, PROGRAM, "ABORT", "", "3.10.5", false, DEAR,
     "A program aborts a connection that it has closed.",
     "Linux has no such way: TIME_WAIT belongs to the kernel and has no descriptor.")

RESET(SYN_SENT, "rcv RST",
      "Nobody listens on that port: connect() fails with ECONNREFUSED.")
RESET(SYN_RECV, "RST received or sent",
      "One side of a simultaneous open gives up; or a new SYN, in the window, meets a "
      "listener's request: the kernel answers it with a RST.")
RESET(ESTABLISHED, "RST received or sent",
      "One end aborted, or closed with unread data; the other gets ECONNRESET or "
      "EPIPE. The RST must have exactly the next sequence number; any other RST in "
      "the window is answered with a challenge ACK and changes nothing.")
RESET(FIN_WAIT1, "RST received or sent",
      "The other end does not know the connection; or this program aborted, or closed "
      "with unread data; or data came, and no program was left to read it.")
RESET(FIN_WAIT2, "RST received or sent",
      "The other end aborted instead of closing; or data came, and no program was "
      "left to read it, or the program had shut down reading too. Without a program "
      "any RST in the window ends the state, exact or not.")
RESET(CLOSING, "RST received or sent",
      "The other end no longer knows the connection; or the program had shut its "
      "direction down and then closed with unread data.")
RESET(CLOSE_WAIT, "RST received or sent",
      "The other end does not know the connection; or this program aborted, or closed "
      "with unread data.")
RESET(LAST_ACK, "RST received or sent",
      "The other end no longer knows the connection; or the program had shut its "
      "direction down and then closed with unread data.")
RESET(TIME_WAIT, "rcv RST",
      "A RST with exactly the next sequence number ends it early, unless "
      "net.ipv4.tcp_rfc1337 is set.")

TIMEOUT(X2, "X2", FIN_WAIT2, "tcp_fin_timeout passes, no program left", "3.10.8",
	"The other end stays in CLOSE_WAIT and is not told.",
	"Linux sets this limit; RFC 9293 sets none.")
TIMEOUT(X3, "X3", SYN_SENT, "no answer to any SYN", "3.10.8",
	"connect() fails with ETIMEDOUT after net.ipv4.tcp_syn_retries.",
	"By default Linux gives up after a little more than two minutes. RFC 9293 asks for "
	"three at least (3.8.3).")
TIMEOUT(X4_FIN_WAIT1, "X4-FIN_WAIT1", FIN_WAIT1, "no answer to any FIN", "3.10.8",
	"The other host is gone.", orphan_differs)
TIMEOUT(X4_CLOSING, "X4-CLOSING", CLOSING, "no answer to any FIN", "3.10.8",
	"The other host is gone.", orphan_differs)
TIMEOUT(X4_LAST_ACK, "X4-LAST_ACK", LAST_ACK, "no answer to any FIN", "3.10.8",
	"The other host is gone.", orphan_differs)
TIMEOUT(X5, "X5", SYN_RECV, "no answer to any SYN+ACK", "3.10.8",
	"The request is dropped after net.ipv4.tcp_synack_retries.", NULL)
TIMEOUT(X5_OWNED, "X5-OWNED", SYN_RECV, "no answer to a program's SYN+ACKs", "3.10.8",
	"In a simultaneous open net.ipv4.tcp_syn_retries applies, as in SYN_SENT.", NULL)
TIMEOUT(X6_ESTABLISHED, "X6-ESTABLISHED", ESTABLISHED, "no answer to data or keepalive", "3.8.3",
	"The program gets ETIMEDOUT.", silence_differs)
TIMEOUT(X6_CLOSE_WAIT, "X6-CLOSE_WAIT", CLOSE_WAIT, "no answer to data or keepalive", "3.8.3",
	"The program gets ETIMEDOUT.", silence_differs)
ARC(X6_FIN_WAIT1, "X6-FIN_WAIT1", FIN_WAIT1, CLOSE, TIMEOUT, TIMER, "no answer to keepalive", "", "3.8.4",
    false, DEAR, "A program still holds the socket, with keepalive on.",
    "Linux has no such way: it sends no probe while anything is unacknowledged, and "
    "in FIN_WAIT1 the FIN is. It repeats the FIN instead; see X4-FIN_WAIT1.")
TIMEOUT(X6_FIN_WAIT2, "X6-FIN_WAIT2", FIN_WAIT2, "no answer to keepalive", "3.8.4",
	"A program still holds the socket, with keepalive on: it gets ETIMEDOUT.",
	silence_differs)
ARC(X7, "X7", TIME_WAIT, CLOSE, TIMEOUT, PROGRAM, "removed before its time", "", "3.6.1", true,
    DEAR, "An administrator destroys the row (ss -K; SOCK_DESTROY).", NULL)
