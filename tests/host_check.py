#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make hosts (tests/host.py) and hold what tcplab says of them against what was made, and
against what ss, netstat and /proc say.

    host_check.py TCPLAB DIR
"""
import concurrent.futures
import fcntl
import glob
import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import traceback

import oracle
import valid

TCPLAB, TMP = sys.argv[1], sys.argv[2]
SCHEMA = valid.Schema("scenarios/schema/host.v1.json")
WATCH = valid.Schema("scenarios/schema/watch.v1.json")
DEADLINE = 30
AT_A_TIME = 8       # hosts; most of the time they ripen
BETWEEN_LOOKS = 0.8
wrong = False

# What each host is found to have: rules, none more, none less.
SICK = {
    ("healthy",): set(),
    ("leak",): {"close-wait-leak"},
    ("watched",): {"close-wait-leak"},
    ("never_accepted",): {"never-accepted"},
    ("waiting",): {"never-accepted"},
    ("queue_full",): {"accept-queue-full", "never-accepted", "syn-unanswered"},
    ("fin_behind_data",): {"fin-behind-data"},
    ("shut",): {"window-shut"},
    ("fin_wait2_held",): {"fin-wait2-held"},
    ("fin_wait2_orphaned",): {"fin-wait2-orphaned"},
    ("cut_off",): {"half-open", "fin-unanswered"},
    ("unsent",): {"half-open", "fin-unanswered"},
    ("unheard",): {"syn-unanswered"},
    ("flood",): {"syn-flood"},
    ("churn",): {"time-wait-churn"},
    ("no_port",): {"no-port-left"},
    ("reserved",): {"no-port-left"},
    ("healthy", "leak", "never_accepted"): {"close-wait-leak", "never-accepted"},
    ("leak_of_a_child", "prefork"): {"close-wait-leak"},
    ("leak_of_a_thread", "many_descriptors"): {"close-wait-leak"},
    ("out_of_descriptors",): {"descriptors-used-up"},
    ("leak_of_workers",): {"close-wait-leak"},
    ("leak_mapped", "workers"): {"close-wait-leak"},
    ("leak_v6", "keepalives", "mapped"): {"close-wait-leak"},
    ("workers", "mapped", "keepalives"): set(),
    ("half_closed", "prefork", "many_descriptors", "closed_by_the_thousand"): set(),
    ("handed_on", "forked_and_closed"): {"close-wait-leak"},
    ("contained", "answers"): {"close-wait-leak"},
    ("watched_elsewhere",): {"close-wait-leak"},
    ("in_flight",): {"close-wait-unseen"},
    ("often", "healthy"): {"close-wait-leak"},
    ("prefork_stuck",): {"never-accepted"},
    ("proxy", "half_closed"): {"close-wait-leak"},
    ("orphaned",): {"fin-unanswered"},
    ("somebody_else", "pool"): {"close-wait-leak"},
    ("two_faults",): {"fin-behind-data"},
    ("last_ack",): {"last-ack-stuck"},
    ("alike",): {"never-accepted"},
    ("reusable", "forked_and_closed", "on_its_way"): set(),
}
FAR = {"published", "unsent", "one_unheard", "orphaned", "two_faults", "last_ack", "few_requests", "upload", "begun", "fin_wait2_held", "fin_wait2_orphaned", "cut_off", "unheard", "flood"}


def complain(*words):
    global wrong
    wrong = True
    print("host:", *words, file=sys.stderr)


def keeps(schema, document, *what):
    """It keeps to its schema. Return: the document."""
    for where, why in schema.refusals(document):
        complain(f"{what}: {where}: {why}")
    return document


class Host:
    """A network namespace with sockets in it; with a second one beside it where it is asked."""

    def __init__(self, kinds, **env):
        script = "ip link set lo up; "
        if FAR & set(kinds):
            script += ("ip link add veth9 type veth peer name veth8; ip addr add 10.9.9.1/24 dev veth9; "
                       "ip link set veth9 up; ")
        script += "echo net; read -r _; exec /usr/bin/python3 -B tests/host.py \"$@\""
        self.process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", script, "sh", *kinds], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "ELSEWHERE": "7100", **env})
        self.pid = self.process.pid
        self.far = None
        if self.process.stdout.readline() != "net\n":
            raise RuntimeError(f"{kinds}: no namespace")
        if FAR & set(kinds):
            self.add_far()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{kinds}: no sockets")

    def add_far(self):
        script = ("echo net; read -r _; ip addr add 10.9.9.2/24 dev veth8; ip link set veth8 up; "
                  "ip link set lo up; exec /usr/bin/python3 -B tests/host.py far")
        self.far = subprocess.Popen(["unshare", "--net", "sh", "-c", script], text=True,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.far.stdout.readline()
        self.run("ip", "link", "set", "veth8", "netns", str(self.far.pid))
        self.far.stdin.write("\n")
        self.far.stdin.flush()
        self.far.stdout.readline()

    def run(self, *command, status=None, **kwargs):
        done = subprocess.run(["nsenter", "--net", "--target", str(self.pid), *command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              **kwargs)
        if status is not None and done.returncode != status:
            complain(f"{' '.join(command)}: status {done.returncode}: {done.stdout}{done.stderr}")
        if done.returncode not in (0, 1) and status is None:
            complain(f"{' '.join(command)}: status {done.returncode}: {done.stderr}")
        return done.stdout

    def tcplab(self, *words, status=None):
        return self.run(TCPLAB, *words, status=status)

    def look(self, *words):
        return keeps(SCHEMA, json.loads(self.tcplab(*words, "--json")), *words)

    def demand(self):
        """The host goes on to what on_demand() is for."""
        self.process.stdin.write("now\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.process, self.far):
            if process:
                process.stdin.close()
                process.wait()


def rules(look):
    return {finding["rule"] for finding in look["findings"]}


def until(host, wanted):
    """Look until all of it is found: a state has to last before it is called wrong."""
    end = time.monotonic() + DEADLINE
    look = host.look("why")
    while not wanted <= rules(look) and time.monotonic() < end:
        time.sleep(BETWEEN_LOOKS)
        look = host.look("why")
    return look


def diagnosed(kinds, wanted):
    with Host(kinds) as host:
        look = until(host, wanted)
        if rules(look) != wanted:
            complain(f"{kinds}: found {rules(look)}, should be {wanted}")
            print(host.tcplab("snap"), host.tcplab("why"), file=sys.stderr)
        told = host.tcplab("why", status=1 if wanted else 0)
        for finding in look["findings"]:
            if f"tcplab run {finding['scenario']}" not in " ".join(told.split()):
                complain(f"{kinds}: why does not lead to {finding['scenario']}:\n{told}")
        if not wanted and not told.startswith("Nothing looks wrong.\n"):
            complain(f"{kinds}: {told}")


# Hosts that are well, busy, and look at any moment nearly as if something were wrong.
WELL = ("full_once", "pool", "upload", "answers", "begun", "slow_reader", "last_answer", "few_requests")


def looks_alike():
    """What lasts for a moment, or moves, is not a fault: none in looks of a quarter of a minute."""
    with Host(WELL) as host:
        end, seen = time.monotonic() + 14, set()
        while time.monotonic() < end:
            look = host.look("why")
            seen |= {g["state"] for g in look["groups"]}
            if look["findings"]:
                complain(f"{WELL}: {[(f['says'], f['evidence']) for f in look['findings']]}")
                break
        if not seen >= {"SYN_RECV", "FIN_WAIT1", "CLOSE_WAIT", "FIN_WAIT2", "SYN_SENT", "ESTABLISHED", "LISTEN"}:
            complain(f"{WELL}: only {seen} were to be seen")


def overrun():
    """A queue that empties and fills: what shows that it is too small are those that it drops."""
    with Host(("overrun",)) as host:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            look = host.look("why")
            if not rules(look) <= {"accept-queue-full", "syn-unanswered"}:
                complain(f"overrun: {rules(look)}")
            if "accept-queue-full" in rules(look):
                break
        if not re.search(r"ListenOverflows grew by \d+ while", str(look["findings"])):
            complain(f"overrun: {look['findings']}")


def half_closed_for_long():
    """Half-closed on purpose, for longer than makes a leak: quiet, and the listener of backlog 1 too."""
    with Host(("half_closed", "prefork")) as host:
        look, end = host.look("why"), time.monotonic() + DEADLINE
        while time.monotonic() < end and not look["findings"] and not any(
                g["state"] == "CLOSE_WAIT" and g.get("oldest", g).get("at_least_ms", 0) > 11000
                for g in look["groups"]):
            time.sleep(BETWEEN_LOOKS)
            look = host.look("why")
        if look["findings"] or time.monotonic() > end:
            complain(f"half-closed on purpose: {look['findings']} {look['groups']}")


def leaks_elsewhere():
    """A leak of a child with an awkward name, and of a thread that outlived its process's first."""
    with Host(("leak_of_a_child", "leak_of_a_thread")) as host:
        look = until(host, {"close-wait-leak"})
        heads = sorted(f["says"] for f in look["findings"])
        end = time.monotonic() + DEADLINE
        while len(heads) < 2 and time.monotonic() < end:
            time.sleep(BETWEEN_LOOKS)
            heads = sorted(f["says"] for f in host.look("why")["findings"])
        if len(heads) != 2 or not re.match(r"a \(b\) c\) d \(\d+\) holds 25 sockets", heads[0]) or \
                not re.match(r"python3 \(\d+\) holds 25 sockets", heads[1]):
            complain(f"leaks of a child and of a thread: {heads}")


def alone():
    """The program on its own, copied to a server: it looks at a host, and names what it lacks."""
    copy = shutil.copy(TCPLAB, f"{TMP}/copy")
    for words, status, text in ((("snap", "--json"), 0, "tcplab-host"), (("snap",), 0, "read in"),
                                (("run",), 3, "no tcplab-lab beside it"),
                                (("snap", "--help"), 3, "no tcplab-lab beside it"),
                                (("watch", "--rows"), 3, "no tcplab-lab beside it")):
        done = subprocess.run([copy, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
        if done.returncode != status or text not in done.stdout + done.stderr:
            complain(f"alone, {words}: {done}")


# What is told of each of these: of the finding, and of a line of its evidence.
TOLD = {
    ("leak_of_workers",): (r"python3 \(\d+, \d+, \d+ and 9 more\) hold 12 sockets", "held", "the others by 8 more"),
    ("leak_mapped",): (r"holds 25 connections of 127\.0\.0\.1:7343", "Now", "src 127.0.0.1 sport = 7343"),
    ("leak_v6",): (r"holds 25 sockets", "Now", "dst [::1] dport = 7344"),
}


def told_of_kin():
    """Processes of one program are one leak; what to type is right for IPv6 and for mapped addresses."""
    for kinds, (head, label, text) in TOLD.items():
        with Host(kinds) as host:
            look = until(host, {"close-wait-leak"})
            heads = [f["says"] for f in look["findings"]]
            if len(heads) != 1 or not re.search(head, heads[0]):
                complain(f"{kinds}: {heads}")
            elif text not in evidence(look, "close-wait-leak")[label]:
                complain(f"{kinds}: {evidence(look, 'close-wait-leak')[label]}")
    with Host(("workers",)) as host:
        groups = [g for g in host.look("snap")["groups"] if g["state"] == "ESTABLISHED" and g["way"] == "out"]
        if [(g["rows"], g.get("of_processes")) for g in groups] != [(12, 12)]:
            complain(f"workers: {groups}")
        look = json.loads(host.tcplab("watch", "--for", "0s", "--json", status=0))
        keeps(WATCH, look)
        if [c["of_processes"] for c in look["changes"] if c["way"] == "out"] != [12]:
            complain(f"watch of workers: {look['changes']}")
    with Host(("unread",)) as host:
        if "1000 bytes unread" not in host.tcplab("snap"):
            complain("unread: " + host.tcplab("snap"))
    with Host(("queue_full",)) as host:
        seen = evidence(until(host, SICK["queue_full",]), "syn-unanswered")
        if "accept queue is full, 4 of 3" not in seen.get("listener", ""):
            complain(f"a SYN to a full queue of this host: {seen}")


def counted_after():
    """Counters are as new as the timers they are held against: a SYN that was sent again is counted."""
    with Host(("one_unheard",)) as host:
        end, fired = time.monotonic() + DEADLINE, 0
        while fired < 6 and time.monotonic() < end:
            look = host.look("why")
            fired = max((r["retrans"] for r in look["rows"]), default=0)
            seen = evidence(look, "syn-unanswered").get("repeated", "")
            if "not all SYNs" in seen or look["counters"]["TCPSynRetrans"] < fired:
                complain(f"{look['counters']['TCPSynRetrans']} SYNs of {fired} were counted: {seen}")
                break


def told_of_holders():
    """Who watches and who holds: a set of another process is none of the holder's, all holders count."""
    with Host(("watched_elsewhere", "often")) as host:
        look = until(host, {"close-wait-leak"})
        seen = evidence(look, "close-wait-leak")["watched"]
        end = time.monotonic() + DEADLINE
        while "0 of 25" not in seen and time.monotonic() < end:
            time.sleep(BETWEEN_LOOKS)
            look = host.look("why")
            seen = " ".join(e["text"] for f in look["findings"] for e in f["evidence"] if e["label"] == "watched")
        if not re.search(rf"0 of 25 are in an epoll set of this process; 25 in one of python3 \({host.pid}\), which "
                         "has closed its descriptors", seen):
            complain(f"watched by another process: {seen}")
        snap = host.tcplab("snap", ":7375")
        if not re.search(rf"python3 \({host.pid}\) -> 127\.0\.0\.1:7375", snap):
            complain(f"31 descriptors of one process are one holder: {snap}")
    if not subprocess.run(["unshare", "--net", "sh", "-c", "iptables -t nat -L"], capture_output=True, check=False).returncode:
        with Host(("published",)) as host:
            look = until(host, {"close-wait-leak"})
            seen = evidence(look, "close-wait-leak")["other end"]
            if not look["findings"][0]["says"].endswith("has sent a FIN.") or "NAT leads elsewhere" not in seen:
                complain(f"an end that NAT leads to: {look['findings']}")
    else:
        print("host: no end that NAT leads to: no table of iptables for it", file=sys.stderr)
    with Host(("reserved",)) as host:
        look = host.look("why")
        if len(look["findings"]) != 1 or not evidence(look, "no-port-left")["ports"].startswith("40 of 40 "):
            complain(f"ports that four programs take: {look['findings']}")
        kept = f"{TMP}/reserved.ndjson"
        host.tcplab("snap", "--record", kept, status=0)
        told = subprocess.run([TCPLAB, "report", kept], capture_output=True, text=True, check=True).stdout
        if len(re.findall(r"one of \d+ .*!$", told, re.M)) != 4:
            complain(f"ports that four programs take, of a look that was kept: {told}")
    with Host(("told_once",)) as host:
        seen = evidence(until(host, {"close-wait-leak"}), "close-wait-leak")["watched"]
        if seen != ("25 of 25 are in an epoll set of this process; for 25 of them no input is asked for there, "
                    "so their end is not told"):
            complain(f"watched with EPOLLONESHOT: {seen}")
    with Host(("in_flight",)) as host:
        look = until(host, {"close-wait-unseen"})
        seen = evidence(look, "close-wait-unseen")
        if "unix socket" not in seen["held"] or "as root" in seen["Now"]:
            complain(f"held by nobody that root can see: {seen}")
    with Host(("proxy", "half_closed")) as host:
        seen = evidence(until(host, {"close-wait-leak"}), "close-wait-leak").get("means", "")
        if not re.search(rf"5 other connections as well, 127\.0\.0\.1:7378 <- 127\.0\.0\.1, and none has come back from python3 \({host.pid}\)",
                         seen):
            complain(f"a proxy that waits for its clients: {seen}")
    with Host(("prefork_stuck",)) as host:
        seen = evidence(until(host, {"never-accepted"}), "never-accepted")["queue"]
        if len(re.findall(r"python3 \(\d+\)", seen)) != 3 or "and 2 more" not in seen:
            complain(f"five processes have the listener: {seen}")


def remedy():
    """The command that is told ends the rows of its finding, and no others."""
    with Host(("leak_v6", "leak_mapped", "healthy", "leak")) as host:
        end, look = time.monotonic() + DEADLINE, until(host, {"close-wait-leak"})
        while len(look["findings"]) < 3 and time.monotonic() < end:
            time.sleep(BETWEEN_LOOKS)
            look = host.look("why")
        open_before = host.look("snap")["sums"]["ESTABLISHED"]
        commands = re.findall(r"or: (ss -tK [^(']*) \(", str([f["evidence"] for f in look["findings"]]))
        if len(commands) != 3:
            complain(f"what to type: {commands} {look['findings']}")
        for n, command in enumerate(commands):
            left = host.look("snap")["sums"]["CLOSE_WAIT"]
            said = host.run(*command.split())
            sums = host.look("snap")["sums"]
            if "Operation not supported" in said:
                print("host: ss -K is not tried: this kernel cannot destroy sockets", file=sys.stderr)
                return
            if left - sums.get("CLOSE_WAIT", 0) != look["findings"][n]["rows"] or sums["ESTABLISHED"] != open_before:
                complain(f"{command}: {left} in CLOSE_WAIT, then {sums}; {open_before} were open")
        if host.look("why")["findings"]:
            complain(f"after {commands}: {host.tcplab('why')}")


def orphans():
    """
    tcp_max_orphans is the host's own, and its file is not there in a network namespace: another one is
    put in its place, where the program alone sees it. The sockets are the kernel's orphans.
    """
    with Host(("orphaned",)) as host:
        def told(most):
            script = ("cp -r /proc/sys/net/ipv4 $0/ipv4 2>/dev/null; mount --bind $0/ipv4 /proc/sys/net/ipv4; "
                      f"echo {most} >$0/ipv4/tcp_max_orphans; exec {TCPLAB} why --json")
            os.makedirs(f"{TMP}/{most}", exist_ok=True)
            look = json.loads(host.run("unshare", "--mount", "sh", "-c", script, f"{TMP}/{most}"))
            keeps(SCHEMA, look)
            return look
        look = told(40)
        if rules(look) != {"orphans"} or "= 40, and this network has 30" not in str(look["findings"]):
            complain(f"orphans: {look['findings']}")
        end = time.monotonic() + DEADLINE
        while "repeated" not in evidence(look, "orphans") and time.monotonic() < end:
            time.sleep(0.1)
            look = told(40)
        if "30 of 30" not in evidence(look, "orphans").get("repeated", ""):
            complain(f"orphans whose FIN was repeated: {look['findings']}")
        if rules(told(1000)) != {"fin-unanswered"}:
            complain(f"30 orphans of 1000: {told(1000)['findings']}")


def evidence(look, rule):
    return {e["label"]: e["text"] for f in look["findings"] if f["rule"] == rule for e in f["evidence"]}


def evidences():
    """The lines of the leak are true."""
    with Host(("leak", "never_accepted")) as host:
        look = until(host, {"close-wait-leak", "never-accepted"})
        seen = evidence(look, "close-wait-leak")
        # Numbers of processes begin anew: the child's can be the lower one, which is named first.
        if not re.search(rf"python3 \(\d+\) that it has forked|python3 \({host.pid}\) that has forked it",
                         seen["shared"]):
            complain(f"shared with a child: {seen['shared']}")
        for label, text in {"unread": "200 x 19 bytes", "watched": "0 of 400", "other end": "FIN_WAIT2"}.items():
            if text not in seen[label]:
                complain(f"{label}: {seen[label]}")
        # Of two that hold the same sockets the lower number is named; they have opened more each.
        named = next(f for f in look["findings"] if f["rule"] == "close-wait-leak")
        pid = int(re.search(r"\((\d+)\) holds", named["says"]).group(1))
        fds = len(os.listdir(f"/proc/{pid}/fd"))
        if not seen["limit"].startswith(f"{fds} of "):
            complain(f"limit: {seen['limit']}, /proc has {fds}")
        if not evidence(look, "never-accepted")["queue"].startswith("50 of 64"):
            complain(evidence(look, "never-accepted")["queue"])
        for words, texts in {
                ("why", "close-wait"): ["holds 400 sockets", "50 belong to nobody"],
                ("why", ":8080"): ["50 belong to nobody"],
                ("why", str(host.pid)): ["holds 400 sockets"]}.items():
            told = " ".join(host.tcplab(*words, status=1).split())
            for text in texts:
                if text not in told:
                    complain(f"{words}: no \"{text}\" in {told}")
        if "400 sockets" in host.tcplab("why", ":8080"):
            complain("why :8080 tells of others")
        for words, found in {("close-wait",): {"close-wait-leak", "never-accepted"}, (":8080",): {"never-accepted"},
                             (":9",): set()}.items():
            look = json.loads(host.tcplab("why", *words, "--json", status=1 if found else 0))
            if rules(keeps(SCHEMA, look, words)) != found:
                complain(f"why {words} --json: {rules(look)}")
        named = re.match(r"(\S+ -> \S+) ", evidence(host.look("why"), "close-wait-leak")["rows"])[1]
        row = next(line for line in host.tcplab("snap", "--rows").splitlines() if line.split()[3] == named.split()[0])
        for words in ((named,), (row,), row.split(), (host.run("ss", "-Htanp", "src", named.split()[0]).strip(),)):
            if "holds 400 sockets" not in host.tcplab("why", *words, status=1) or len(
                    host.tcplab("snap", "--rows", "--bare", *words).splitlines()) != 2:
                complain(f"a row as a filter: {words}")
        told = " ".join(host.tcplab("why", "listen", status=0).split())
        if ": waiting for connection requests" not in told or "Nothing looks wrong with it" not in told:
            complain("why listen: " + host.tcplab("why", "listen"))
    with Host(("watched",)) as host:
        look = until(host, {"close-wait-leak"})
        if not evidence(look, "close-wait-leak")["watched"].startswith("1 of 1"):
            complain(str(evidence(look, "close-wait-leak")))


def rows_agree():
    """The same rows as ss and netstat in a namespace where nothing moves, and the same owners."""
    with Host(("healthy", "leak", "never_accepted", "waiting", "shut")) as host:
        until(host, {"close-wait-leak", "never-accepted", "window-shut"})
        ours = host.tcplab("snap", "--rows", "--bare")
        netstat = sorted(oracle.netstat_rows(host.run("netstat", "-tanW")), key=str)
        ss = sorted(oracle.ss_rows(host.run("ss", "-Htan").replace("::ffff:", "")), key=str)
        mine = sorted(oracle.netstat_rows(ours), key=str)
        if mine != netstat:
            complain(f"netstat shows {set(netstat) - set(mine)} and we {set(mine) - set(netstat)}")
        with_queues = sorted(((f[5], oracle.end(f[3]), oracle.end(f[4]), int(f[1]), int(f[2]))
                              for f in (line.split() for line in ours.splitlines()[1:])), key=str)
        if with_queues != ss:
            complain(f"ss shows {set(ss) - set(with_queues)} and we {set(with_queues) - set(ss)}")
        look = host.look("snap")
        rows = sorted(((r["state"], oracle.end(r["local"]), oracle.end(r["remote"]), r["recvq"],
                        r["sendq"]) for r in look["rows"]), key=str)
        if rows != with_queues:
            complain("--json and --rows differ")
        streamed, kept = (re.sub(r"(gone in|at least|idle) \d+ \w+ +", "", host.tcplab("snap", "--rows", *more))
                          for more in ((), ("--record", f"{TMP}/rows.ndjson")))
        if streamed != kept or "never accepted: " not in kept:
            complain(f"rows that are kept are told as {set(kept.splitlines()) - set(streamed.splitlines())}")
        holders(host, look)
        filters(host, look)


PROC = {number: state for number, state in enumerate(
    ("ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK",
     "LISTEN", "CLOSING"), 1)}


def proc_rows(text):
    for field in (line.split() for line in text.splitlines()):
        if field[0] != "sl":
            yield PROC[int(field[3], 16)], int(field[9])


def known_of(rows):
    return sorted((r["state"], oracle.end(r["local"]), oracle.end(r["remote"]), r["timer"], r["inode"], r["owner"],
                   len(r["processes"])) for r in rows)


def every_state():
    """All states at once, as ss, netstat and /proc have them while nothing moves; and out of saved text."""
    with Host(("healthy", "never_accepted", "fin_behind_data", "half_closed", "unheard", "flood", "closing")) as host:
        end, ss, before = time.monotonic() + DEADLINE, [], None
        while ss != before or {r[0] for r in ss} != set(PROC.values()) - {"CLOSE"}:
            if time.monotonic() > end:
                complain(f"not all states, or they do not stay: {set(PROC.values()) - {r[0] for r in ss}}")
                return
            before = sorted(oracle.ss_rows(host.run("ss", "-Htan").replace("::ffff:", "")), key=str)
            look = host.look("snap")
            told, netstat = host.tcplab("snap", "--rows"), host.run("netstat", "-tanW")
            proc = sorted(proc_rows(host.run("cat", "/proc/net/tcp", "/proc/net/tcp6")))
            texts = [host.run("ss", "-tanpoieO"), host.run("ss", "-tanpoie"), host.run("netstat", "-taneopW")]
            ss = sorted(oracle.ss_rows(host.run("ss", "-Htan").replace("::ffff:", "")), key=str)
    rows = [r for r in look["rows"] if r["state"] != "CLOSE"]
    told = [f for f in (line.split() for line in told.splitlines()) if f[0].startswith("tcp")]
    for what, mine, theirs in (
            ("--json and ss", [(r["state"], oracle.end(r["local"]), oracle.end(r["remote"]), r["recvq"], r["sendq"])
                               for r in rows], ss),
            ("--rows and ss", [(f[5], oracle.end(f[3]), oracle.end(f[4]), int(f[1]), int(f[2])) for f in told], ss),
            ("--rows and netstat", oracle.netstat_rows("\n".join(map(" ".join, told))), oracle.netstat_rows(netstat)),
            ("--json and /proc", [(r["state"], r["inode"]) for r in rows], proc)):
        mine, theirs = sorted(mine, key=str), sorted(theirs, key=str)
        if mine != theirs:
            complain(f"{what} differ: {set(mine) ^ set(theirs)}")
    known = known_of(rows)
    for text in texts + ["\n".join(texts)]:
        done = subprocess.run([TCPLAB, "snap", "-", "--json"], input=text, capture_output=True, text=True, check=False)
        found = known_of(json.loads(done.stdout)["rows"])
        if found != known:
            complain(f"saved text of {len(found)} rows, not {len(known)}: {set(found) ^ set(known)}")


def holders(host, look):
    """Every holder, as ss -p has them."""
    told = {}
    for line in host.run("ss", "-Htanp").splitlines():
        field = line.split()
        pids = {int(p) for p in re.findall(r"pid=(\d+)", line)}
        told[oracle.end(field[3]), oracle.end(field[4]), oracle.SS[field[0]]] = pids
    for row in look["rows"]:
        mine = {p["pid"] for p in row["processes"]}
        theirs = told[oracle.end(row["local"]), oracle.end(row["remote"]), row["state"]]
        if mine != theirs:
            complain(f"{row['local']} -> {row['remote']}: held by {mine}, says ss by {theirs}")
            return


def filters(host, look):
    """ss's filters, spelt for both."""
    for ours, theirs in {
            (":6379",): ["sport = :6379 or dport = :6379"],
            ("state", "close-wait"): ["state", "close-wait"],
            ("dst", "127.0.0.1"): ["dst", "127.0.0.1"],
            ("src", "127.0.0.0/8", "dport", "=", ":8080"): ["src 127.0.0.0/8 and dport = :8080"],
            ("not", ":6379", "established"): ["state", "established", "not ( sport = :6379 or dport = :6379 )"],
            ("sport = :6379 or dport = :8080",): ["sport = :6379 or dport = :8080"],
            ("state", "close-wait", "(", "dport", "=", ":6379", "or", "sport", "=", ":8080", ")"):
                ["state", "close-wait", "( dport = :6379 or sport = :8080 )"],
            ("exclude", "close-wait", "dport", "!=", ":6379"): ["exclude", "close-wait", "dport != :6379"],
            ("sport >= :8081 and sport <= :9080",): ["sport >= :8081 and sport <= :9080"],
            ("state", "connected", "src", "127.0.0.1"): ["state", "connected", "src 127.0.0.1"],
            ("not ( :6379 or :8080 )",):
                ["not ( sport = :6379 or dport = :6379 or sport = :8080 or dport = :8080 )"],
            ("src", "[::1]:9191"): ["src [::1]:9191"],
            ("sport = :http-alt",): ["sport = :http-alt"],
            ("dport = :8080-8090",): ["dport >= :8080 and dport <= :8090"],
            ("sport = :6379 and dport != :0 or dst *:8080",): ["sport = :6379 and dport != :0 or dst *:8080"],
            ("::1",): ["src [::1] or dst [::1]"]}.items():
        mine = sum(host.look("snap", *ours)["sums"].values())
        flags = "-Htn" if {"state", "exclude"} & set(theirs) else "-Htan"
        count = len(host.run("ss", flags, *theirs).splitlines())
        bare = len(host.tcplab("snap", "--rows", "--bare", *ours).splitlines()) - 1
        if not mine == count == bare or not mine:
            complain(f"{ours}: {mine} and {bare} rows, {count} by ss")
    mine = sum(host.look("snap", "pid", str(host.pid))["sums"].values())
    if mine != sum(any(p["pid"] == host.pid for p in r["processes"]) for r in look["rows"]):
        complain(f"pid {host.pid}: {mine}")


def bound_only():
    """What is bound and neither listens nor connects: named where the kernel tells of it."""
    with Host(("bound",)) as host:
        look = host.look("snap")
        told = {(r["state"], r["local"], r["owner"]) for r in look["rows"]}
        since = tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())
        if since >= (6, 8) and told != {("CLOSE", "127.0.0.1:7200", "process")}:
            complain(f"bound: {told}")
        for words in (("why", "close"), ("snap", "--rows", "state", "bound-inactive")):
            if since >= (6, 8) and "bound to its port, and neither listens nor connects" not in " ".join(
                    host.tcplab(*words).split()):
                complain(f"{words}: {host.tcplab(*words)}")
        if "7200" in host.tcplab("snap", "--rows", "--bare"):
            complain("netstat has no row for what is only bound")


def crowd():
    """A thousand processes, and some that come and go while it looks."""
    with Host(("crowd",), CROWD="1000") as host:
        churn = subprocess.Popen(["sh", "-c", "while :; do /bin/true; done"])
        look = host.look("snap", "established")
        churn.kill()
        churn.wait()
        if look["sums"].get("ESTABLISHED") != 2000:
            complain(f"of 2000: {look['sums']}")
        if {r["owner"] for r in look["rows"]} != {"process"}:
            complain("a row without a process among a thousand")


def unprivileged():
    """Another user: rows, and that their processes are not to be seen."""
    with Host(("leak",)) as host:
        until(host, {"close-wait-leak"})
        told = host.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", TCPLAB, "snap",
                        status=0)
        for text in ("CLOSE_WAIT 400 !", "without a process: not permitted; run it as root"):
            if text not in told:
                complain(f"as nobody: no \"{text}\" in {told}")
        told = host.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", TCPLAB, "why",
                        status=1)
        if "the process that holds them was not seen" not in " ".join(told.split()):
            complain(f"as nobody: {told}")


def elsewhere():
    """--pid: the network namespace of a process."""
    with Host(("leak",)) as host:
        told = subprocess.run([TCPLAB, "snap", "--pid", str(host.pid)], capture_output=True, text=True,
                              check=True).stdout
        if "CLOSE_WAIT 400" not in told or f"network of process {host.pid}" not in told:
            complain(f"--pid: {told}")
    gone = subprocess.run([TCPLAB, "snap", "--pid", "4194305"], capture_output=True, text=True, check=False)
    if gone.returncode != 3 or "there is no such process" not in gone.stderr:
        complain(f"--pid of nobody: {gone}")


def saved():
    """What ss and netstat printed on a host agrees with the host itself, except for settings."""
    with Host(("healthy", "leak", "never_accepted", "churn")) as host:
        until(host, {"close-wait-leak", "never-accepted", "time-wait-churn"})
        sums = host.look("snap")["sums"]
        for command, found in {
                "ss -tanpoieO": {"close-wait-leak", "never-accepted"},
                "ss -tanpoie": {"close-wait-leak", "never-accepted"},
                "ss -Htane": {"close-wait-unseen", "never-accepted"},
                "ss -tanp": {"close-wait-leak", "close-wait-unseen"},
                "netstat -tanop": {"close-wait-leak", "close-wait-unseen"},
                "netstat -taneopW": {"close-wait-leak", "never-accepted"},
                "netstat -an": {"close-wait-unseen"}}.items():
            text = host.run(*command.split())
            done = subprocess.run([TCPLAB, "why", "-", "--json"], input=text, capture_output=True,
                                  text=True, check=False)
            look = json.loads(done.stdout)
            keeps(SCHEMA, look)
            if done.returncode != 1 or rules(look) != found or look["sums"] != sums:
                complain(f"{command}: {done.returncode} {rules(look)} {look['sums']} {done.stderr}")
    zone = subprocess.run([TCPLAB, "why", "-", "fe80::1%eth0"], input=text, capture_output=True, text=True,
                          check=False)
    if zone.returncode != 3 or 'leave "%eth0" out' not in zone.stderr:
        complain(f"a zone of a saved table: {zone}")
    none = subprocess.run([TCPLAB, "why", "-"], input="hello\n", capture_output=True, text=True, check=False)
    if none.returncode != 3 or "no row of a TCP socket" not in none.stderr:
        complain(f"why - of a text that is none: {none}")


def minisockets(host):
    """Rows of sockets that have died: one that is closed at a bad moment stays whole for a minute."""
    return sum(r["timer"] == "timewait" for r in host.look("snap")["rows"])


def watches():
    """What comes and goes between two looks, conditions, metrics."""
    with Host(("leak", "on_demand")) as host:
        watch = subprocess.Popen(
            ["nsenter", "--net", "--target", str(host.pid), TCPLAB, "watch", "--json", "--every", "100ms"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = json.loads(watch.stdout.readline())
        keeps(WATCH, first)
        if first["sums"].get("CLOSE_WAIT") != 400:
            complain(f"watch: {first['sums']}")
        before = minisockets(host)
        host.demand()
        added = died = agreed = looks = 0
        for line in watch.stdout:
            look = json.loads(line)
            keeps(WATCH, look)
            died += look["died"]
            witness = look.get("tracepoint", {"agree": 24, "lost": 0, "differ": 0})
            # It tells of all namespaces: another one's sockets can have the same addresses.
            agreed += 24 if witness["lost"] else witness["agree"] + witness["differ"]
            # A row that is missed while others change is back at the next look.
            added += sum(c["added"] - c["gone"] for c in look["changes"] if c["state"] == "CLOSE_WAIT")
            # What is told while the table is read belongs to the next look.
            looks += 1
            if look["sums"]["CLOSE_WAIT"] == 412 and (
                    died >= minisockets(host) - before and agreed >= 24 or looks > 100):
                break
        watch.terminate()
        told = watch.communicate()
        if added != 12 or died < minisockets(host) - before or agreed < 24 or watch.returncode or "of a processor" not in told[1]:
            complain(f"watch: {added} came, {died} died, {agreed} agreed, {watch.returncode} {told[1]}")
        for condition, status in {"CLOSE_WAIT > 400": 1, "CLOSE_WAIT > 412": 0, "CLOSE_WAIT > 5 for 200ms": 1,
                                  "SYN_SENT > 0 for 1h": 0, "nonsense": 2,
                                  "CLOSE_WAIT >= 412": 1, "CLOSE_WAIT >= 413": 0, "CLOSE_WAIT < 413": 1,
                                  "CLOSE_WAIT < 412": 0, "CLOSE_WAIT <= 412": 1, "CLOSE_WAIT <= 411": 0,
                                  "CLOSE_WAIT = 412": 1, "CLOSE_WAIT = 411": 0}.items():
            host.run(TCPLAB, "watch", "--fail-if", condition, "--every", "100ms", status=status)
        # This process has descriptors and sockets, and no row there.
        spare = [socket.socketpair() for _ in range(40)]
        said = host.run(TCPLAB, "watch", "-q", "--for", "0s", "--metrics", f"{TMP}/m.prom", status=0)
        for pair in spare:
            pair[0].close()
            pair[1].close()
        if said:
            complain(f"watch -q --metrics prints what nobody asked for: {said}")
        metrics = open(f"{TMP}/m.prom", encoding="utf-8").read()
        if 'tcplab_sockets{state="CLOSE_WAIT"} 412\n' not in metrics or not metrics.endswith("# EOF\n"):
            complain(metrics)
        named = set(re.findall(r'_descriptors(?:_limit)?{process="[^"]*",pid="(\d+)"', metrics))
        if not named or not named <= {str(p["pid"]) for r in host.look("snap")["rows"] for p in r["processes"]}:
            complain(f"descriptors of processes that have no row: {named}")
        openmetrics_is_strict()
        openmetrics(metrics)
        parsed(metrics)
        if [name for name in os.listdir(TMP) if name != "m.prom" and "m.prom" in name]:
            complain("a half-written metrics file was left")


def parsed(text):
    """What Prometheus' own parser makes of it, where it is installed (python3-prometheus-client)."""
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        print("host: not held against Prometheus' parser: python3-prometheus-client is not installed",
              file=sys.stderr)
        return
    try:
        families = {family.name: family for family in text_string_to_metric_families(text)}
    except ValueError as refusal:
        complain(f"Prometheus' parser refuses the metrics: {refusal}\n{text}")
        return
    states = {s.labels["state"]: s.value for s in families["tcplab_sockets"].samples}
    if states.get("CLOSE_WAIT") != 412 or states.get("SYN_SENT") != 0:
        complain(f"Prometheus reads {states}")
    if {f.type for f in families.values()} != {"gauge"} or not all(f.documentation for f in families.values()):
        complain(f"Prometheus reads {[(f.name, f.type, f.documentation) for f in families.values()]}")


def openmetrics(text):
    """The rules of the OpenMetrics text format, 1.0: what its parsers refuse."""
    for refusal in openmetrics_refusals(text):
        complain(f"OpenMetrics: {refusal}")


def openmetrics_refusals(text):
    """Of a text in which all samples are whole numbers without a timestamp, as node_exporter's collector asks."""
    label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(rf"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({label}(?:,{label})*)?\}})? (\d+)$")
    suffixes = {"gauge": {""}, "counter": {"_total", "_created"}, "unknown": {""}, "info": {"_info"}}
    seen, told, types, family, begun = set(), set(), {}, None, False
    lines = text.split("\n")
    if lines[-2:] != ["# EOF", ""] or "# EOF" in lines[:-2]:
        yield "it ends with # EOF and a newline, and has no other"
    for line in lines[:-2]:
        meta = re.match(r"# (TYPE|HELP|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\[n\\\"])+)$", line)
        if meta:
            kind, name, value = meta.groups()
            if name != family and name in types or begun and name == family or (kind, name) in told:
                yield f"a family is in one piece, each line about it once and before its samples: {line}"
            if kind == "TYPE" and value not in suffixes or kind == "UNIT" and not name.endswith("_" + value):
                yield f"{line}"
            if name != family:
                begun = False
            family, types[name] = name, value if kind == "TYPE" else types.get(name, "unknown")
            told.add((kind, name))
            continue
        at = sample.match(line)
        if not at or family is None or at.group(1) not in {family + s for s in suffixes.get(types[family], ())}:
            yield f"no sample of {family}: {line}"
            continue
        begun = True
        names = re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', at.group(2) or "")
        if len(names) != len(set(names)) or (at.group(1), at.group(2)) in seen:
            yield f"twice: {line}"
        seen.add((at.group(1), at.group(2)))


def openmetrics_is_strict():
    """The reader above refuses what is wrong by a little."""
    good = '# TYPE a gauge\n# HELP a Text.\na{b="c\\\\\\"\\n"} 1\na 2\n# TYPE n counter\nn_total 3\n# EOF\n'
    if list(openmetrics_refusals(good)):
        complain(f"refused: {list(openmetrics_refusals(good))}")
    for before, after in (("# EOF\n", ""), ("# EOF\n", "# EOF"), ("# EOF\n", "# EOF\n\n"), ("a 2", "a 2 1700000000"),
                          ("a 2", "b 2"), ("a 2", 'a{b="c\\\\\\"\\n"} 2'), ("n_total", "n"), ("a 2", "# HELP a More."),
                          ("a 2", "# TYPE a gauge"), ("a 2", 'a{b="1",b="2"} 2'), ("a 2", 'a{b="\\x"} 2'),
                          ("a 2", 'a{b="1"}2'), ("a 2", "a  2"), ("a 2", ""), ("gauge", "gauges"),
                          ("n_total 3", "n_total 3\na 4"), ("# HELP a Text.", "# UNIT a seconds"),
                          ("n_total 3", "n_total 3\n# HELP a Again.")):
        if not list(openmetrics_refusals(good.replace(before, after, 1))):
            complain(f"OpenMetrics that is none is taken: {before!r} -> {after!r}")


def mptcp():
    """What TCP's rows of an MPTCP connection do not say is said, of the kernel's table and of a saved one."""
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        return
    with Host(("mptcp_closed",)) as host:
        saved = host.run("ss", "-tanpoieO")
        host.tcplab("snap", "--record", f"{TMP}/mptcp.ndjson", status=0)
        for said in (host.run(TCPLAB, "watch", "--for", "0s"), host.run(TCPLAB, "report", f"{TMP}/mptcp.ndjson"),
                     host.run(TCPLAB, "snap"), host.run(TCPLAB, "why"), host.run(TCPLAB, "snap", "--rows"),
                     subprocess.run([TCPLAB, "snap", "-"], input=saved, capture_output=True, text=True, check=False).stdout):
            if "24 rows of MPTCP: " not in said:
                complain(f"MPTCP is not told: {said}")


def cut_short(host, words, text):
    """A check that is ended while its condition is true, for less than its time, does not know: 3."""
    told = f"{TMP}/cut.prom"
    watch = subprocess.Popen(["nsenter", "--net", "--target", str(host.pid), TCPLAB, "watch", "--fail-if",
                              "CLOSE_WAIT > 100 for 1h", "--every", "100ms", "--metrics", told, *words],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + DEADLINE
    while not os.path.exists(told) and time.monotonic() < end:
        time.sleep(0.05)
    watch.terminate()
    said = "".join(watch.communicate(timeout=DEADLINE))
    os.unlink(told)
    if watch.returncode != 3 or text not in said:
        complain(f"a check that is cut short: {watch.returncode} {said}")


def checks():
    """watch as a check: a line for Nagios and a status; what it does not take; how it can be ended."""
    with Host(("leak",)) as host:
        for words, status, text in (
                (("CLOSE_WAIT > 100",), 1, "WARNING: 400 in CLOSE_WAIT (CLOSE_WAIT > 100) | CLOSE_WAIT=400\n"),
                (("close-wait > 400 for 60s",), 0, "OK: 400 in CLOSE_WAIT (close-wait > 400 for 60s) | CLOSE_WAIT=400\n"),
                (("CLOSE_WAIT>=400", "--for", "0s"), 1,
                 "WARNING: 400 in CLOSE_WAIT (CLOSE_WAIT>=400) | CLOSE_WAIT=400\n"),
                (("TIME_WAIT > 9", "--for", "300ms", "--every", "100ms"), 0,
                 "OK: 0 in TIME_WAIT (TIME_WAIT > 9) | TIME_WAIT=0\n"),
                (("CLOSE_WAIT = 400 for 300ms", "--every", "100ms"), 1,
                 "WARNING: 400 in CLOSE_WAIT (CLOSE_WAIT = 400 for 300ms) | CLOSE_WAIT=400\n")):
            told = host.run(TCPLAB, "watch", "-q", "--fail-if", *words, status=status)
            if told != text:
                complain(f"watch -q --fail-if {words}: {told}")
        cut_short(host, ("-q",), "UNKNOWN: 400 in CLOSE_WAIT (CLOSE_WAIT > 100 for 1h was true when a signal ended it, "
                  "and not yet for that time) | CLOSE_WAIT=400\n")
        cut_short(host, (), "CLOSE_WAIT > 100 for 1h was true when a signal ended it, and not yet for that time\n")
        done = subprocess.run([TCPLAB, "watch", "-q", "--fail-if", "CLOSE_WAIT >= 0"], stderr=subprocess.PIPE,
                              stdout=open("/dev/full", "w", encoding="ascii"), check=False)
        if done.returncode != 3:
            complain(f"a check whose line cannot be written ends with {done.returncode}, not 3: unknown")
    for words, text in {("--every", "0"): "at least 100ms", ("--every", "99ms"): "at least 100ms",
                        ("--every", "x"): "at least 100ms", ("-q",): "leaves nothing", ("--for", "-1"): "--for takes a time",
                        ("--for", "1y"): "--for takes a time", ("--for", "99999999h"): "--for takes a time",
                        ("--fail-if", ""): "must begin with a state", ("--fail-if", "CLOSE_WAIT"): "after the state",
                        ("--fail-if", "CLOSE_WAIT !"): "after the state", ("--fail-if", "CLOSE_WAIT > x"): "number of rows",
                        ("--fail-if", "CLOSE_WAIT > 1 until 5s"): "\"for\" and a time",
                        ("--fail-if", "CLOSE_WAIT > 1 for 5m", "--for", "1m"): "can never come true",
                        ("--fail-if", "CLOSE_WAIT > 1 for"): "comes a time",
                        ("--fail-if", "CLOSE_WAIT > 1 for 5 s"): "nothing may follow"}.items():
        done = subprocess.run([TCPLAB, "watch", *words], capture_output=True, text=True, check=False)
        if done.returncode != 2 or text not in done.stderr or done.stdout:
            complain(f"watch {words}: {done}")
    # "| head -1": the reader has gone, so the next line ends it, as any other program.
    watch = subprocess.Popen([TCPLAB, "watch", "--every", "100ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL)
    watch.stdout.readline()
    watch.stdout.close()
    if watch.wait(DEADLINE) != -signal.SIGPIPE or watch.stderr.read():
        complain(f"watch | head: {watch.returncode}")
    watch.stderr.close()
    not_read()
    on_terminal()


def not_read():
    """A reader that has stopped reading does not keep a signal from ending it."""
    for sent in (signal.SIGTERM, signal.SIGINT):
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        while True:
            try:
                os.write(theirs, bytes(512))
            except BlockingIOError:
                break
        os.set_blocking(theirs, True)
        watch = subprocess.Popen([TCPLAB, "watch", "--every", "100ms"], stdin=subprocess.DEVNULL, stdout=theirs,
                                 stderr=subprocess.PIPE)
        os.close(theirs)
        end = time.monotonic() + DEADLINE
        while not re.search("poll|pipe", open(f"/proc/{watch.pid}/wchan", encoding="ascii").read()) and \
                time.monotonic() < end:
            time.sleep(0.05)
        watch.send_signal(sent)
        try:
            watch.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            watch.kill()
            watch.communicate()
        if watch.returncode:
            complain(f"watch whose reader has stopped reading, ended by {sent}: {watch.returncode}")
        os.close(ours)


def on_terminal():
    """A terminal that gets another size changes nothing; SIGTERM and ^C end it with what it cost."""
    for sent in (signal.SIGTERM, signal.SIGINT):
        ours, theirs = pty.openpty()
        watch = subprocess.Popen([TCPLAB, "watch", "--every", "100ms"], stdin=theirs, stdout=theirs,
                                 stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        os.read(ours, 1)
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 40, 0, 0))
        watch.send_signal(signal.SIGWINCH)
        seen = b""
        while len(re.findall(rb"destroyed since", seen)) < 2:
            seen += os.read(ours, 4096)
        watch.send_signal(sent)
        told = watch.communicate(timeout=DEADLINE)[1]
        os.close(ours)
        if watch.returncode or not re.search(r"\d+ looks in [\d.]+ s took \d+ ms of a processor", told):
            complain(f"watch ended by {sent}: {watch.returncode} {told}")


def looks_of(host, *words):
    """Each line of watch --json, until the caller has seen enough or the deadline comes."""
    watch = subprocess.Popen(["nsenter", "--net", "--target", str(host.pid), TCPLAB, "watch", "--json", "--every",
                              "100ms", "--for", f"{DEADLINE}s", *words],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for line in watch.stdout:
            look = json.loads(line)
            keeps(WATCH, look)
            yield look
    finally:
        watch.terminate()
        watch.communicate()


def time_to_limit():
    """Of several processes the one that is out of descriptors first; each has its series."""
    with Host(("runs_out",)) as host:
        for look in looks_of(host):
            near = [c for c in look["changes"] if "descriptors_left_s" in c and c.get("of_processes") == 2]
            if near:
                break
        if not near:
            complain("no time to the limit of two processes")
            return
        limits = open(f"/proc/{near[0]['descriptors_left_pid']}/limits", encoding="ascii").read()
        if not re.search(r"Max open files +300 ", limits):
            complain(f"out of descriptors first: {near}, {limits}")
        host.run(TCPLAB, "watch", "--for", "0s", "--metrics", f"{TMP}/r.prom", status=0)
        metrics = open(f"{TMP}/r.prom", encoding="utf-8").read()
        openmetrics(metrics)
        series = re.findall(r'^tcplab_group_sockets\{state="CLOSE_WAIT".*process="python3",pid="(\d+)",end="127.0.0.1:7380"',
                            metrics, re.M)
        if len(series) != 2 or str(near[0]["descriptors_left_pid"]) not in series:
            complain(f"series of two processes: {series} {metrics}")


def many_ends():
    """So many groups are told, the rest is counted: by watch, and by report of what was kept."""
    with Host(("many_ends",)) as host:
        kept = f"{TMP}/ends.ndjson"
        said = host.tcplab("watch", "--for", "0s", "--record", kept, status=0)
        if said.count("ESTABLISHED 1  ") != 40 or "and 60 more groups of 60 rows: --json has all\n" not in said:
            complain(f"a hundred groups: {said}")
        host.demand()
        end = time.monotonic() + DEADLINE
        while host.look("snap")["sums"].get("ESTABLISHED") and time.monotonic() < end:
            time.sleep(0.05)
        host.tcplab("snap", "--record", kept, status=0)
        said = subprocess.run([TCPLAB, "report", kept], capture_output=True, text=True, check=False).stdout
        if "rows: --json has all\n" not in said or said.count("/s)") != 40:
            complain(f"a hundred groups that went: {said}")


def told_in_order():
    """Changes that follow each other within one tick of the kernel's clock are taken in their order."""
    with Host(("closes_many",)) as host:
        for n, look in enumerate(looks_of(host)):
            if "tracepoint" not in look:
                return
            if not n:
                host.demand()
            if look["tracepoint"]["differ"]:
                complain(f"the last change is not the last: {look['tracepoint']}")
                break
            if look["sums"].get("CLOSE_WAIT") == 300:
                break


def outshouted():
    """What a full ring of the kernel's has lost is told with the look that it is missing in."""
    with Host(("outshouted",)) as host:
        for n, look in enumerate(looks_of(host, "--every", "2s")):
            if "tracepoint" not in look:
                return
            if not n:
                host.demand()
            told = look["tracepoint"]
            if told["differ"]:
                complain(f"the last change was lost, and is held against the table: {told}")
            if told["changes"] > 4000 and not told["lost"]:
                complain(f"of 16000 changes at once so many were told, and none lost: {told}")
            if look["sums"].get("CLOSE_WAIT") == 24:
                break


def second_witness():
    """Another namespace's socket of the same ends is in another state: the witnesses disagree, and say so."""
    with Host(("fixed",)) as host:
        if "tracepoint" not in next(looks_of(host)):
            print("host: no tracepoint here: the second witness is not looked at", file=sys.stderr)
            return
        watch = subprocess.Popen(["nsenter", "--net", "--target", str(host.pid), TCPLAB, "watch", "--every", "100ms",
                                  "--for", f"{DEADLINE}s"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        line = watch.stdout.readline()
        while line and "it differs for" not in line:
            with Host(("closes_fixed",)): # again where the kernel has not told of all, as is said then
                for line in watch.stdout:
                    if "it differs for" in line or "more were not told" in line:
                        break
        watch.terminate()
        watch.communicate()
        if not re.search(r"differs for \d+: 127\.0\.0\.1:739[01] -> 127\.0\.0\.1:739[01] is in ESTABLISHED, it says "
                         r"\w+ \(another namespace can have the same addresses\)", line):
            complain(f"the second witness: {line}")
        host.run(TCPLAB, "watch", "--for", "0s", "--metrics", f"{TMP}/q.prom", status=0)
        metrics = open(f"{TMP}/q.prom", encoding="utf-8").read()
        openmetrics(metrics)
        if r'process="a\"b\\c{}=,' not in metrics or "\x1b" in metrics:
            complain(f"a name that has to be quoted: {metrics}")


def run_in(script, *words):
    """A shell in namespaces of its own, with a listener, and what it says."""
    return subprocess.run(["unshare", *words, "sh", "-c", f"ip link set lo up; {script}"], capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL)


LISTENS = ("/usr/bin/python3 -c 'import socket, sys; s = socket.socket(); s.bind((\"127.0.0.1\", 7777)); s.listen(4); "
           "print(\"ready\", flush=True); sys.stdin.read()' <$tmp/hold >$tmp/ready & exec 3<>$tmp/hold; read -r _ <$tmp/ready; ")


def places():
    """Where not all of a host is to be seen: it says so, and shows what there is."""
    root = f"{TMP}/root"
    os.makedirs(f"{root}/proc", exist_ok=True)
    shutil.copy(TCPLAB, f"{root}/tcplab")
    os.chmod(TMP, 0o755)
    for name in ("hold", "ready"):
        os.mkfifo(f"{TMP}/{name}")
    begin = f"tmp={TMP}; " + LISTENS
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    bare = "mount -t proc proc /proc; setpriv --bounding-set=-all --inh-caps=-all"
    blind = "/proc is not mounted here: no process, setting or counter was seen"
    net, own = ("--mount", "--net"), ("--mount", "--net", "--pid", "--fork", "--kill-child")
    for where, script, options, status, texts in (
            # the one file in an empty directory: no library, no other file
            ("alone with /proc", f"mount -t proc proc {root}/proc; chroot {root} /tcplab snap --listen", own, 0,
             ["127.0.0.1:7777", "python3 ("]),
            ("alone with /proc", f"mount -t proc proc {root}/proc; chroot {root} /tcplab watch --for 0s", own, 0, ["LISTEN 1"]),
            ("alone with /proc", f"mount -t proc proc {root}/proc; chroot {root} /tcplab why", own, 0, ["Nothing looks wrong."]),
            ("without /proc", f"chroot {root} /tcplab snap --rows", net, 0, ["127.0.0.1:7777", blind]),
            ("without /proc", f"chroot {root} /tcplab why", net, 0, [blind]),
            ("without /proc", f"chroot {root} /tcplab watch --for 0s", net, 0, ["LISTEN 1", blind]),
            ("without /proc", f"chroot {root} /tcplab snap --all", net, 3, ["/proc shows no process: is it mounted?"]),
            ("without /proc, kept", f"chroot {root} /tcplab snap --record /kept >$tmp/ready.out; {TCPLAB} report {root}/kept",
             net, 0, [blind]),
            ("nothing there", f"kill $!; wait; {TCPLAB} watch --for 0s", net, 0, ["no TCP socket"]),
            ("processes alone", f"mount -t proc -o subset=pid proc /proc; {TCPLAB} snap --listen", own, 0,
             ["127.0.0.1:7777 python3 ("]),
            ("processes alone", f"mount -t proc -o subset=pid proc /proc; {TCPLAB} why", own, 0,
             ["Nothing looks wrong.", "/proc shows no setting and no counter here"]),
            ("processes alone, kept", f"mount -t proc -o subset=pid proc /proc; {TCPLAB} snap --record {root}/bare "
             f">$tmp/ready.out; {TCPLAB} report {root}/bare", own, 0, ["/proc shows no setting and no counter here"]),
            ("a container", f"mount -t proc proc /proc; {TCPLAB} snap --listen", own, 0, ["7777", "python3 ("]),
            ("hidepid", f"mount -t proc -o hidepid=2 proc /proc; {nobody} {root}/tcplab snap --rows", own, 0,
             ["127.0.0.1:7777", "1 row without a process: not permitted; run it as root"]),
            ("hidepid", f"mount -t proc -o hidepid=2 proc /proc; {nobody} {root}/tcplab snap --all", own, 0,
             ["processes that this user may not see are left out"]),
            ("hidepid", f"mount -t proc -o hidepid=2 proc /proc; {nobody} {root}/tcplab snap --pid 1", own, 3,
             ["no such process that this user may see"]),
            # one that may be seen, and not entered
            ("nobody", f"{nobody} unshare --user --net sh -c 'echo $$; exec sleep 60' >$tmp/pid & until [ -s $tmp/pid ]; "
             f"do sleep 0.1; done; {nobody} {root}/tcplab why --all; s=$?; kill $(cat $tmp/pid); exit $s", net, 0,
             ["Network of process", "cannot be seen: run it as root"]),
            ("bare root", f"{bare} {TCPLAB} snap", own, 0,
             ["1 row without a process: no process that can be seen from here has such a row (it can be of ",
              " whose descriptors even root may not read here, the kernel's own,"]),
            ("bare root", f"{bare} {TCPLAB} watch -q process python3 --fail-if 'LISTEN > 0'", own, 3, ["UNKNOWN: 0 in LISTEN"]),
            ("nobody", f"{nobody} {root}/tcplab snap process python3", net, 0,
             ["no TCP socket", "1 row without a process: not permitted; run it as root"]),
            ("nobody", f"{nobody} {root}/tcplab snap --rows process python3", net, 0, ["1 row without a process: not permitted"]),
            ("nobody", f"{nobody} {root}/tcplab watch -q process python3 --fail-if 'LISTEN > 0'", net, 3,
             ["UNKNOWN: 0 in LISTEN (LISTEN > 0 depends on rows whose process is not to be seen)"]),
            ("nobody", f"{nobody} {root}/tcplab watch process python3 --fail-if 'LISTEN > 0'", net, 3,
             ["LISTEN > 0 depends on rows whose process"]),
            ("nobody", f"{nobody} {root}/tcplab watch -q process python3 --fail-if 'LISTEN > 1'", net, 0, ["OK: 0 in LISTEN"]),
            ("nobody", f"{nobody} {root}/tcplab watch -q :7777 --fail-if 'LISTEN > 0'", net, 1, ["WARNING: 1 in LISTEN"]),
            ("nobody", f"{nobody} {root}/tcplab watch --for 0s", net, 0, ["not permitted; run it as root"]),
            ("nobody", f"{nobody} {root}/tcplab snap --pid $$", net, 3, ["Permission denied"]),
            ("nobody", f"{nobody} {root}/tcplab why --all", net, 0, ["cannot be seen: run it as root"])):
        done = run_in(begin + script, *options)
        said = " ".join((done.stdout + done.stderr).split())
        if done.returncode != status or not all(text in said for text in texts):
            complain(f"{where}: {script}: {done.returncode}, not {status}: {texts} in {said}")
    namespaces_that_vanish()
    many_namespaces()


def many_namespaces():
    """More of them than a process may have descriptors, at first."""
    sleepers = [subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 60"], stdout=subprocess.PIPE)
                for _ in range(30)]
    for sleeper in sleepers:
        sleeper.stdout.readline()
    done = subprocess.run(["prlimit", "--nofile=20:4096", TCPLAB, "snap", "--all"], capture_output=True, text=True,
                          check=False)
    if done.returncode or done.stdout.count("network of process") < 30:
        complain(f"--all with few descriptors: {done.returncode} {done.stderr}")
    for sleeper in sleepers:
        sleeper.kill()
        sleeper.communicate()


def namespaces_that_vanish():
    """--all while namespaces come and go: those that went are left out, without a word."""
    churn = subprocess.Popen(["sh", "-c", "while :; do unshare --net true; done"])
    for _ in range(5):
        done = subprocess.run([TCPLAB, "snap", "--all", "--json"], capture_output=True, text=True, check=False)
        if done.returncode or re.sub(r".* cannot be seen from here, even as root\n", "", done.stderr):
            complain(f"--all while namespaces vanish: {done.returncode} {done.stderr}")
    churn.kill()
    churn.wait()


def quiet_when_well():
    """Thirty looks at a host that is well, and at one that is busy and well, find nothing."""
    with Host(("healthy", "busy")) as host:
        kept = f"{TMP}/busy.ndjson"
        for _ in range(30):
            look = host.look("why")
            if look["findings"]:
                complain(f"a host that is well: {look['findings']}")
                break
            host.tcplab("snap", "--record", kept, status=0)
        told = subprocess.run([TCPLAB, "report", "--json", kept], capture_output=True, text=True, check=False)
        looks = json.loads(told.stdout)["looks"]
        moves = [m for look in looks[1:] for m in look["moves"]]
        if told.returncode or not all(m["legal"] for m in moves) or len(looks) != 30:
            complain(f"looks at a busy host: {told.returncode} {moves}")
        if not any(c["added"] for look in looks[1:] for c in look["changes"]):
            complain("the busy host was not busy")


def is_kernel_thread(pid):
    """PF_KTHREAD among the flags in /proc/PID/stat; what has ended is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            stat = file.read()
    except OSError:
        return False
    return bool(int(stat.rsplit(")", 1)[1].split()[6]) & 0x200000)


def everywhere():
    """--all: every network namespace, its own among them."""
    with Host(("leak",)) as host:
        until(host, {"close-wait-leak"})
        told = subprocess.run([TCPLAB, "snap", "--all"], capture_output=True, text=True, check=False)
        # Of the processes of a namespace the first is named; the host's shell has become its program.
        if told.returncode or "CLOSE_WAIT 400 !" not in told.stdout or \
                told.stdout.count("Host ") < 2 or not re.search(r"network of process \d+", told.stdout):
            complain(f"--all: {told}")
        for pid in re.findall(r"network of process (\d+)", told.stdout):
            if is_kernel_thread(pid):
                complain(f"--all names a network after {pid}, a thread of the kernel")
        done = subprocess.run([TCPLAB, "why", "--all"], capture_output=True, text=True, check=False)
        if done.returncode != 1 or "holds 400 sockets" not in done.stdout:
            complain(f"why --all: {done}")
        ours, theirs = os.pipe()
        os.close(ours)
        done = subprocess.run([TCPLAB, "snap", "--all"], stdout=theirs, stderr=subprocess.PIPE, check=False)
        os.close(theirs)
        if done.returncode != -signal.SIGPIPE or done.stderr:
            complain(f"--all that nobody reads: {done}")
        named = f"Network of process {host.pid}\n"
        for words, after in {("why",): "1  python3", ("snap", "--rows"): "Proto ", ("snap", "--listen"): "Waiting "}.items():
            done = subprocess.run([TCPLAB, *words, "--all"], capture_output=True, text=True, check=False)
            if not done.stdout.split(named, 1)[-1].startswith(after):
                complain(f"{words} --all does not say whose network it is: {done}")
        done = subprocess.run([TCPLAB, "snap", "--json", "--all"], capture_output=True, text=True, check=False)
        if f'"network_of_pid":{host.pid},' not in done.stdout:
            complain(f"snap --json --all: {done.stdout[:300]}")
    for words in (("snap", "--all", "--pid", "1"), ("why", "--all", "-")):
        done = subprocess.run([TCPLAB, *words], capture_output=True, text=True, check=False, input="")
        if done.returncode != 2 or "--all looks at every" not in done.stderr:
            complain(f"{words}: {done}")
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "prlimit", "--nproc=1", TCPLAB,
                           "snap", "--all"], capture_output=True, text=True, check=False)
    if done.returncode != 3 or "is not looked at: Resource temporarily unavailable" not in done.stderr:
        complain(f"--all without room for a process: {done}")


def recorded():
    """Looks that are kept: a pool that grows meanwhile, told from the file alone."""
    kept = f"{TMP}/kept.ndjson"
    with Host(("leak", "healthy", "on_demand")) as host:
        until(host, {"close-wait-leak"})
        # Of two that hold the same sockets the lower number is the holder; the child's can be, and has not all.
        child = int(host.run("pgrep", "-P", str(host.pid)))
        holds = "holds 412 sockets" if host.pid < child else f"python3 ({child}, {host.pid}) hold 412 sockets"
        before = host.tcplab("snap", "--record", kept, status=0)
        host.demand()
        while host.look("snap")["sums"]["CLOSE_WAIT"] != 412:
            time.sleep(0.05)
        host.tcplab("watch", "--for", "0s", "--record", kept, status=0)
        host.tcplab("snap", "--record", TMP, status=0)
        if host.run(TCPLAB, "snap", "--record", "tests/host_check.py", status=3) or "412" in open(
                "tests/host_check.py", encoding="utf-8").readline():
            complain("a file that is no record was written to")
    for name in [kept, *glob.glob(f"{TMP}/*-*-*.ndjson")]:
        for line in open(name, encoding="utf-8"):
            keeps(SCHEMA, json.loads(line))
    if len(open(kept, encoding="utf-8").readlines()) != 2 or not glob.glob(f"{TMP}/*-*-*.ndjson"):
        complain("two looks make two lines, and a directory gets a file")
    told = subprocess.run([TCPLAB, "report", kept], capture_output=True, text=True, check=False)
    head = re.sub(", read in .*", "", before.split("\n", 1)[0])
    for text in (head, before.split("\n", 1)[1].split("looks wrong")[0], "CLOSE_WAIT 412 !",
                 "+12 -0", "At the last of 2 looks", holds, "0 of 412 are in an epoll set", "400 of them"):
        if " ".join(text.split()) not in " ".join(told.stdout.split()):
            complain(f"report of looks: no \"{text}\" in {told.stdout}")
    if told.returncode:
        complain(f"report of looks: {told.returncode} {told.stderr}")
    json_of = json.loads(subprocess.run([TCPLAB, "report", "--json", kept], capture_output=True, text=True,
                                        check=True).stdout)
    if [c["added"] for c in json_of["looks"][1]["changes"] if c["state"] == "CLOSE_WAIT"] != [12]:
        complain(f"report --json: {json_of['looks'][1]['changes']}")
    page = subprocess.run([TCPLAB, "report", "--format=html", kept], capture_output=True, text=True,
                          check=True).stdout
    if page.count('class="look"') != 2 or holds not in page or "<script>" not in page:
        complain("the page of looks")
    empty = f"{TMP}/empty.ndjson"
    subprocess.run(["unshare", "--net", TCPLAB, "snap", "--record", empty], stdout=subprocess.DEVNULL, check=True)
    page = subprocess.run([TCPLAB, "report", "--format=html", empty], capture_output=True, text=True, check=True)
    if "no TCP socket" not in page.stdout:
        complain("the page of a look at a host without a connection has an empty table")
    moved = open(kept, encoding="utf-8").readline()
    with open(kept, "w", encoding="utf-8") as f:
        f.write(moved + moved.replace('"state":"TIME_WAIT"', '"state":"SYN_SENT"') + moved[:500])
    told = subprocess.run([TCPLAB, "report", kept], capture_output=True, text=True, check=False)
    if told.returncode != 2 or "look 3: a look is cut short" not in told.stderr or \
            "1 went from TIME_WAIT to SYN_SENT: TCP has no such way" not in told.stdout:
        complain(f"a way that is none, and half a look: {told}")
    half_looks(moved, kept)


def half_looks(look, kept):
    """Half a look costs that look alone; looks at another network are not held against those at this one."""
    other = look.replace('"root":', '"network_of_pid":48,"root":', 1)
    with open(kept, "w", encoding="utf-8") as f:
        f.write(look + look[:600] + other + look[:600] + "\n" + look + other)
    told = subprocess.run([TCPLAB, "report", kept], capture_output=True, text=True, check=False)
    if told.returncode != 2 or "2 looks cannot be read; the first: look 2: a look is cut short" not in told.stderr:
        complain(f"half a look and more behind it: {told.returncode} {told.stderr}")
    if told.stdout.count("Host ") != 4 or told.stdout.count("network of process 48") != 3 or "  +" in told.stdout:
        complain(f"looks at two networks: {told.stdout}")
    for words, here in {("--format=html",): "Look 4, ", ("--json",): '"network_of_pid":48'}.items():
        done = subprocess.run([TCPLAB, "report", *words, kept], capture_output=True, text=True, check=False)
        if done.returncode != 2 or here not in done.stdout:
            complain(f"looks at two networks, {words}: {done}")


def usage():
    for words, text in {("snap", "state", "clsoe"): "column 7 of the filter: \"clsoe\" is not a TCP state",
                        ("snap", "wrgl"): "is not a state, :PORT",
                        ("snap", "dport"): "must be followed by a port", ("why", "pid", "x"): "number of a process",
                        ("snap", "--bare"): "goes only with --rows", ("snap", "not"): "must be followed by",
                        ("snap", ":80", "or"): "must stand between", ("snap", "(", ":80"): "has no", ("snap", ":80 )"): "closes nothing",
                        ("snap", "not", "established"): "\"exclude\" takes a state out", ("snap", "src", ">", "::1"): "takes = or !=",
                        ("snap", ":80 or state listen"): "states stand before",
                        ("snap", ":80", "--record", "x"): "keeps the whole table",
                        ("watch", ":80", "--record", "x"): "keeps the whole table"}.items():
        done = subprocess.run([TCPLAB, *words], capture_output=True, text=True, check=False)
        if done.returncode != 2 or text not in done.stderr:
            complain(f"{words}: {done.returncode} {done.stderr}")


# What each command may open a socket for.
SOCKETS = {"snap": {"NETLINK_SOCK_DIAG"}, "why": {"NETLINK_SOCK_DIAG"}, "watch": {"NETLINK_SOCK_DIAG"}}


def quiet():
    """It opens no socket but netlink's, sends to nobody else, and changes nothing on the host."""
    calls = ("trace=socket,socketpair,connect,bind,listen,accept4,sendto,sendmsg,open,openat,creat,unlink,"
             "unlinkat,rename,renameat,renameat2,mkdir,mkdirat,truncate,ftruncate,kill,tgkill,pidfd_send_signal,"
             "pidfd_getfd,ptrace,process_vm_writev,setsockopt,prlimit64,sethostname,settimeofday,mount")
    if not shutil.which("strace"):
        print("host: what it opens and changes is not looked at: strace is not installed", file=sys.stderr)
        return
    with Host(("healthy", "leak")) as host:
        until(host, {"close-wait-leak"})
        for words in (("snap",), ("snap", "--rows"), ("snap", "--rows", "--bare"), ("snap", "--json"), ("why",),
                      ("watch", "--for", "300ms", "--every", "100ms")):
            log = f"{TMP}/strace"
            done = host.run("strace", "-f", "-e", calls, "-o", log, TCPLAB, *words)
            if not done:
                complain(f"{words} under strace prints nothing")
            heard = quiet_calls(words, open(log, encoding="utf-8").read())
            if heard != SOCKETS[words[0]]:
                complain(f"{words} opens {heard}")


def quiet_calls(words, log):
    """Complain of each call that is more than looking. Return: the protocols of its sockets."""
    protocols = set()
    for line in log.splitlines():
        call = re.match(r"\d+ +(\w+)\((.*)", line)
        if not call or " = -1 E" in line:
            continue
        name, rest = call.groups()
        if name == "socket":
            family, _, protocol = re.match(r"(\w+), ([\w|]+), (\w+)\)", rest).groups()
            protocols.add(protocol)
            if family != "AF_NETLINK":
                complain(f"{words}: {line}")
        elif name in ("connect", "bind") and "AF_NETLINK" not in rest and "nl_family" not in rest:
            complain(f"{words}: {line}")
        elif name in ("sendto", "sendmsg") and "TCPDIAG_GETSOCK" not in rest:
            complain(f"{words}: {line}")
        elif name in ("open", "openat"):
            opened = re.search(r'"([^"]*)", (O_\w+)', rest).groups()
            # The second witness of watch is an instance of its own in tracefs, which goes with it.
            if opened[1] != "O_RDONLY" and not (words[0] == "watch" and "/tracing/instances/" in opened[0]):
                complain(f"{words}: {line}")
        elif name in ("mkdir", "mkdirat", "unlinkat", "rmdir", "mount"):
            if words[0] != "watch" or "trac" not in rest:
                complain(f"{words}: {line}")
        elif name in ("setsockopt",):
            if words[0] != "watch" or "SOL_NETLINK" not in rest and "SO_RCVBUF" not in rest:
                complain(f"{words}: {line}")
        elif name == "prlimit64":
            if ", NULL, " not in rest:
                complain(f"{words}: {line}")
        elif name not in ("connect", "bind", "sendto", "sendmsg"):
            complain(f"{words}: {line}")
    return protocols


# The longest first.
TESTS = (told_of_kin, told_of_holders, counted_after, looks_alike, evidences, recorded, half_closed_for_long,
         quiet_when_well, quiet, remedy, everywhere, unprivileged, leaks_elsewhere, watches, checks, places, orphans,
         mptcp, time_to_limit, overrun, elsewhere, bound_only, alone, many_ends, usage)
# One after the other, behind those: they count rows that the kernel keeps for a minute; the tracepoint tells
# of all namespaces, and loses what comes too fast; each look at a host walks through all processes.
BY_ITSELF = (rows_agree, every_state, saved, second_witness, told_in_order, outshouted, crowd)


def main():
    only = os.environ.get("ONLY", "").split()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        running = [pool.submit(test) for test in TESTS if not only or test.__name__ in only]
        if not only or "diagnosed" in only:
            running += [pool.submit(diagnosed, *sick) for sick in SICK.items()]
    for refusal in [task.exception() for task in running if task.exception()]:
        complain("".join(traceback.format_exception(refusal)))
    for test in BY_ITSELF:
        if not only or test.__name__ in only:
            test()
    sys.exit(wrong)


main()
