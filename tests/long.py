#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""long.py KIND N: a trace with N of something on standard output: connections that open and
close one after the other, snapshots of a table that changes each time, RSTs that are challenged
on one connection, or faults."""
import json
import socket
import struct
import sys

SCENARIO = """scenario: 1
name: test/long
title: A long run
watch: 7000
actors:
  server: { peer: { port: 7000 } }
  client: { peer: {} }
phases:
  - phase: Load
    do:
      - start: server
      - start: client
      - listen: server
    expect:
      - server LISTEN
    others: ignore
"""
SERVER, CLIENT = 0, 1
LISTENER = 1            # its cookie
PER_ADDRESS = 28000     # ports of one client address
BITS = {"FIN": 1, "SYN": 2, "RST": 4, "ACK": 16}


def packet(local, remote, flags, seq, ack):
    """As it would have been on its way, except for the checksums."""
    (source, sport), (goal, dport) = (end.rsplit(":", 1) for end in (local, remote))
    bits = sum(BITS[flag] for flag in flags.split("+"))
    return (struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 0, 0x4000, 64, 6, 0,
                        socket.inet_aton(source), socket.inet_aton(goal)) +
            struct.pack(">HHIIBBHHH", int(sport), int(dport), seq, ack, 0x50, bits, 64, 0, 0))


class Trace:
    def __init__(self, tapped):
        self.t_ns = 1000
        self.ids = 0
        self.event("run", phase=-1, version=1, tcplab="0.1.0", kernel="Linux 6.1.0", mock=False,
                   wall_ns=1385121600000000000, file="long.yaml", scenario=SCENARIO)
        self.event("wire", phase=-1, tapped=tapped, text="queue" if tapped else "off")
        self.event("phase")
        for step in (0, 1):
            self.event("step", step=step)
            self.event("actor", actor=step, change="started", pid=2 + step)
            self.event("actor", actor=step, change="ready", pid=2 + step, program="peer")
            self.event("done", step=step)
        self.event("step", step=2)
        self.event("done", step=2, socket={
            "local": "127.0.0.1:7000", "remote": "0.0.0.0:*", "cookie": LISTENER,
            "inode": 10000 + LISTENER})

    def event(self, name, phase=0, **rest):
        self.t_ns += 1000
        event = {"event": name, "t_ns": self.t_ns, "phase": phase, **rest}
        sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\n")

    def segment(self, conn, outward, flags, ends, seq, ack):
        self.ids += 1
        local, remote = (conn.client, "127.0.0.1:7000")[::1 if outward else -1]
        self.event("segment", id=self.ids, **{"from": CLIENT if outward else SERVER},
                   to=SERVER if outward else CLIENT, local=local, remote=remote, flags=flags,
                   seq=seq, ack=ack, len=0, window=64, packet=packet(
                       local, remote, flags, seq, ack).hex(), packet_len=40, ends=ends,
                   fate="passed")

    def snapshot(self, rows, look="waiting"):
        self.event("snapshot", look=look, rows=rows)

    def end(self, how="complete"):
        self.event("end", how=how)


def row(state, local, remote, cookie, owner, peer):
    gone = state in ("TIME_WAIT", "SYN_RECV")
    return {"state": state, "local": local, "remote": remote, "recvq": 0,
            "sendq": 128 if state == "LISTEN" else 0, "cookie": cookie,
            "inode": 0 if gone else 10000 + cookie, "uid": 0,
            "timer": "timewait" if state == "TIME_WAIT" else "none",
            "timer_ms": 60000 if state == "TIME_WAIT" else 0, "retrans": 0, "owner": owner,
            "peer": peer, "pid": 2 + owner, "known_by": "inode" if not gone else "cookie"}


def listener():
    return row("LISTEN", "127.0.0.1:7000", "0.0.0.0:*", LISTENER, SERVER, -1)


class Connection:
    def __init__(self, i):
        self.client = "127.0.%d.2:%d" % (i // PER_ADDRESS, 32768 + i % PER_ADDRESS)
        self.cookie = 10 + 2 * i
        self.seq, self.ack = 7919 * i % (1 << 32), 104729 * i % (1 << 32)

    def near(self, state):
        return row(state, self.client, "127.0.0.1:7000", self.cookie, CLIENT, SERVER)

    def far(self, state):
        return row(state, "127.0.0.1:7000", self.client, self.cookie + 1, SERVER, CLIENT)


def live(trace, conn):
    """One connection, from its SYN to TIME_WAIT."""
    one, other = (conn.seq + 1) % (1 << 32), (conn.ack + 1) % (1 << 32)
    after, beyond = (one + 1) % (1 << 32), (other + 1) % (1 << 32)

    trace.segment(conn, True, "SYN", [conn.near("SYN_SENT"), listener()], conn.seq, 0)
    trace.segment(conn, False, "SYN+ACK", [conn.far("SYN_RECV"), conn.near("SYN_SENT")],
                  conn.ack, one)
    trace.segment(conn, True, "ACK", [conn.near("ESTABLISHED"), conn.far("SYN_RECV")], one, other)
    trace.segment(conn, True, "FIN+ACK", [conn.near("FIN_WAIT1"), conn.far("ESTABLISHED")],
                  one, other)
    trace.segment(conn, False, "ACK", [conn.far("CLOSE_WAIT"), conn.near("FIN_WAIT1")],
                  other, after)
    trace.segment(conn, False, "FIN+ACK", [conn.far("LAST_ACK"), conn.near("FIN_WAIT2")],
                  other, after)
    trace.segment(conn, True, "ACK", [conn.near("TIME_WAIT"), conn.far("LAST_ACK")],
                  after, beyond)


def connections(trace, n):
    made = [Connection(i) for i in range(n)]
    for conn in made:
        live(trace, conn)
    trace.snapshot([listener()] + [conn.near("TIME_WAIT") for conn in made], "settled")
    trace.end()


def challenges(trace, n):
    """One connection; each RST is in the window and not exact, and is answered with an ACK."""
    conn = Connection(0)
    one, other = conn.seq + 1, conn.ack + 1
    near, far = conn.near("ESTABLISHED"), conn.far("ESTABLISHED")
    trace.segment(conn, True, "SYN", [conn.near("SYN_SENT"), listener()], conn.seq, 0)
    trace.segment(conn, False, "SYN+ACK", [conn.far("SYN_RECV"), conn.near("SYN_SENT")],
                  conn.ack, one)
    trace.segment(conn, True, "ACK", [near, conn.far("SYN_RECV")], one, other)
    for i in range(n):
        trace.segment(conn, True, "RST", [None, far], one + 1 + i % 50, 0)
        trace.segment(conn, False, "ACK", [far, None], other, one)
    trace.segment(conn, True, "RST", [None, far], one, 0)
    trace.snapshot([listener()], "settled")
    trace.end()


def snapshots(trace, n):
    """Looks on the way, each with one row more or less than the one before."""
    conn = Connection(0)
    ends = [conn.near("ESTABLISHED"), conn.far("ESTABLISHED")]
    half = [conn.near("FIN_WAIT2"), conn.far("CLOSE_WAIT")]
    for i in range(n):
        rows = ends if i < n // 2 else half
        trace.snapshot([listener()] + rows[:1 + i % 2])
    trace.snapshot([listener()], "settled")
    trace.end()


def faults(trace, n):
    for i in range(n):
        trace.event("fault", step=i % 2,
                    text="start client: it ended with status %d" % i)
    trace.end("fault")


def main():
    trace = Trace(sys.argv[1] != "snapshots")  # whose connection nobody saw open
    {"connections": connections, "snapshots": snapshots, "challenges": challenges,
     "faults": faults}[sys.argv[1]](trace, int(sys.argv[2]))


main()
