# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page has to show, read off trace.ndjson and RFC 9293 alone.

Nothing here comes from tcplab's own tables: the arcs are copied out of Figure 5.
"""
import copy
import json
import re

FIGURE = {
    "1": ("CLOSED", "LISTEN"), "2": ("CLOSED", "SYN_SENT"), "3": ("LISTEN", "CLOSED"),
    "4": ("LISTEN", "SYN_RECV"), "5": ("LISTEN", "SYN_SENT"), "6": ("SYN_SENT", "CLOSED"),
    "7": ("SYN_SENT", "SYN_RECV"), "8": ("SYN_SENT", "ESTABLISHED"),
    "9": ("SYN_RECV", "ESTABLISHED"), "10": ("SYN_RECV", "FIN_WAIT1"),
    "11": ("SYN_RECV", "LISTEN"), "12": ("ESTABLISHED", "FIN_WAIT1"),
    "13": ("ESTABLISHED", "CLOSE_WAIT"), "14": ("FIN_WAIT1", "FIN_WAIT2"),
    "15": ("FIN_WAIT1", "CLOSING"), "16": ("FIN_WAIT2", "TIME_WAIT"),
    "17": ("CLOSING", "TIME_WAIT"), "18": ("CLOSE_WAIT", "LAST_ACK"),
    "19": ("LAST_ACK", "CLOSED"), "20": ("TIME_WAIT", "CLOSED"),
    "N2": ("FIN_WAIT1", "TIME_WAIT"),
    # not drawn: what ends a wait, and what Linux does otherwise
    "X1": ("TIME_WAIT", "CLOSED"), "X2": ("FIN_WAIT2", "CLOSED"),
    "X3": ("SYN_SENT", "CLOSED"), "X5": ("SYN_RECV", "CLOSED"),
    "X7": ("TIME_WAIT", "CLOSED"), "X8": ("LISTEN", "ESTABLISHED"),
    "X9": ("FIN_WAIT2", "CLOSED"),
}


def arc_ends(arc):
    """Where an arc leads from and to; others lead to CLOSED, and name their state."""
    if arc in FIGURE:
        return FIGURE[arc]
    if "-" in arc:
        return arc.split("-")[1], "CLOSED"
    raise AssertionError("no arc of Figure 5: " + arc)


def ways(start, end, arcs):
    """The arcs of the shortest way from start to end, or None."""
    queue = [(start, [])]
    while queue:
        at, path = queue.pop(0)
        if at == end:
            return path
        for arc in arcs:
            if arc not in path and arc_ends(arc)[0] == at:
                queue.append((arc_ends(arc)[1], path + [arc]))
    return None


def read(path):
    with open(path, encoding="utf-8", errors="replace") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]


def has_all_segments(events):
    """Has the wire been seen, and is no segment missing? They are numbered from 1."""
    ids = [event["id"] for event in events if event["event"] == "segment"]
    return bool(ids) and ids == list(range(1, len(ids) + 1))


def names(events):
    """The actors' names, in their order, out of the scenario's own text."""
    text, inside, found = events[0]["scenario"], False, []
    for line in text.splitlines():
        if re.match(r"\S", line):
            inside = line.startswith("actors:")
        elif inside and (match := re.match(r"  ([a-z0-9-]+):", line)):
            found.append(match.group(1))
    return found


# What a segment that arrives makes of its receiver: of (state, what it is), RFC 9293 3.10.7.
ARRIVES = {
    ("SYN_SENT", "SYN"): "SYN_RECV", ("SYN_SENT", "SYN ACK"): "ESTABLISHED",
    ("SYN_RECV", "ACK"): "ESTABLISHED", ("SYN_RECV", "SYN ACK"): "ESTABLISHED",
    ("SYN_RECV", "FIN"): "CLOSE_WAIT",
    ("ESTABLISHED", "FIN"): "CLOSE_WAIT", ("FIN_WAIT1", "ACK of FIN"): "FIN_WAIT2",
    ("FIN_WAIT1", "FIN"): "CLOSING", ("FIN_WAIT1", "FIN, ACK of FIN"): "TIME_WAIT",
    ("FIN_WAIT2", "FIN"): "TIME_WAIT", ("CLOSING", "ACK of FIN"): "TIME_WAIT",
    ("FIN_WAIT2", "FIN, ACK of FIN"): "TIME_WAIT", ("LAST_ACK", "ACK of FIN"): "CLOSED",
}


# The states of who has sent its FIN.
AFTER_FIN = ("FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK", "TIME_WAIT")


class World:
    """The state of each socket, as the shown events tell of it.

    Segments show both ends while they are in flight; what their receiver becomes is told by
    the table above, where all of them were seen.
    """

    def __init__(self, events):
        self.events = events
        self.names = names(events)
        self.rows = {}
        self.owner = {}
        self.holds = {}  # line of a held segment: line of when it was let go
        self.fins = {}   # of each direction: the number that acknowledges its FIN
        self.fin_at = {}  # of each direction: the lines of its FINs
        self.blind = min([e["phase"] for e in events if e["event"] == "lossy"], default=1 << 30)
        self.segments = {}
        ids = {}
        for line, event in enumerate(events, 1):
            if event["event"] == "segment":
                self.segments[event["id"]] = event
                if "FIN" in event["flags"]:
                    ends = (event["local"], event["remote"])
                    self.fin_at.setdefault(ends, []).append(line)
            if event["event"] == "segment" and event.get("fate") == "held":
                ids[event["id"]] = line
                self.holds[line] = len(events) + 1
            elif event["event"] == "letgo" and event["id"] in ids:
                self.holds[ids[event["id"]]] = line
            for row in event.get("rows", []) + event.get("ends", []):
                if row and row.get("cookie") and row.get("owner", -1) >= 0:
                    self.owner[row["cookie"]] = row["owner"]

    def pair(self, local, remote):
        """The cookie of the socket between two addresses, None for none."""
        return next((cookie for cookie, row in self.rows.items()
                     if (row["local"], row["remote"]) == (local, remote)), None)

    def appears(self, line, local, remote):
        """The row by which a socket that has just been made is seen first, perhaps."""
        for event in self.events[line:]:
            for row in event.get("rows", []) + event.get("ends", []):
                if row and (row.get("local"), row.get("remote")) == (local, remote):
                    return row
            if event["event"] == "snapshot":
                return None
        return None

    def kind(self, segment):
        flags = segment["flags"].split("+")
        of_fin = self.fins.get((segment["remote"], segment["local"])) == segment.get("ack")
        if "RST" in flags:
            return "RST"
        if "SYN" in flags:
            return "SYN ACK" if "ACK" in flags else "SYN"
        if "FIN" in flags:
            return "FIN, ACK of FIN" if of_fin else "FIN"
        return "ACK of FIN" if of_fin else "ACK"

    def arrive(self, line, segment):
        """It has come to its receiver."""
        local, remote, kind = segment["remote"], segment["local"], self.kind(segment)
        cookie = self.pair(local, remote)
        if segment["phase"] >= self.blind:
            return
        if cookie is None:
            row = kind == "SYN" and self.appears(line, local, remote)
            if row:
                self.rows[row["cookie"]] = dict(row, state="SYN_RECV", unseen=True)
            return
        now = self.rows[cookie]["state"]
        then = "CLOSED" if kind == "RST" else ARRIVES.get((now, kind), now)
        if then == "CLOSED":
            del self.rows[cookie]
        elif then != now:
            self.rows[cookie] = dict(self.rows[cookie], state=then)

    def sent(self, line, done, row):
        """The first segment of a socket's from a line on until a call was done."""
        return next((e for e in self.events[line:self.events.index(done)]
                     if e["event"] == "segment" and
                     (e["local"], e["remote"]) == (row["local"], row["remote"])), None)

    def call(self, line, step):
        """A peer's call, by the cookie that it answered with: it listens, connects or closes."""
        key = lambda e: (e.get("phase"), e.get("step"))
        done = next((e for e in self.events[line:]
                     if e["event"] == "done" and key(e) == key(step)), {})
        cookie = done.get("socket", {}).get("cookie")
        later = [row for e in self.events[line:] for row in e.get("rows", []) + e.get("ends", [])
                 if row and row.get("cookie") == cookie]
        if cookie and cookie not in self.rows and later:
            row, sent = later[0], self.sent(line, done, later[0])
            if row["state"] == "LISTEN":
                self.rows[cookie] = dict(row, unseen=True)
            elif sent and sent["flags"] == "SYN":
                self.rows[cookie] = dict(row, state="SYN_SENT", unseen=True)
        elif self.rows.get(cookie, {}).get("state") == "LISTEN" and not later:
            del self.rows[cookie]
        elif cookie in self.rows:
            row = self.rows[cookie]
            sent = self.sent(line, done, row)
            closes = {"ESTABLISHED": "FIN_WAIT1", "CLOSE_WAIT": "LAST_ACK"}
            if sent and "FIN" in sent["flags"] and row["state"] in closes:
                self.rows[cookie] = dict(row, state=closes[row["state"]])

    def read_late(self, line, row):
        """Its own FIN led a socket to its state, and none is there before a later line: it was
        read too late. A connection of before may have had the ports; its FIN was long ago."""
        fins = self.fin_at.get((row["local"], row["remote"]), [])
        known = self.rows.get(row["cookie"])
        return (known and known["state"] not in AFTER_FIN and row["state"] in AFTER_FIN
                and line not in fins and any(at > line for at in fins))

    def see(self, line):
        """What an event shows, and what it does."""
        event = self.events[line - 1]
        if event["event"] == "step":
            self.call(line, event)
        elif event["event"] == "snapshot":
            self.rows = {row["cookie"]: row for row in event["rows"]}
        elif event["event"] == "segment":
            ends = ((event["local"], event["remote"]), (event["remote"], event["local"]))
            for row, (local, remote) in zip(event["ends"], ends):
                if row and row.get("state"):
                    if not self.read_late(line, row):
                        self.rows[row["cookie"]] = row
                else:
                    self.rows = {cookie: old for cookie, old in self.rows.items()
                                 if (old["local"], old["remote"]) != (local, remote)}
            if "FIN" in event["flags"]:
                self.fins[ends[0]] = event["seq"] + event["len"] + 1
            if event.get("fate", "passed") == "passed":
                self.arrive(line, event)
        elif event["event"] == "letgo" and not event.get("dropped"):
            if event["id"] in self.segments:
                self.arrive(line, self.segments[event["id"]])

    def step(self, line):
        """Go on to an event; returns {cookie: (state before, state now)} of what changed."""
        before = copy.copy(self.rows)
        self.see(line)
        state = lambda rows, cookie: rows[cookie]["state"] if cookie in rows else "CLOSED"
        return {cookie: (state(before, cookie), state(self.rows, cookie))
                for cookie in before.keys() | self.rows.keys()
                if state(before, cookie) != state(self.rows, cookie)}

    def held(self, line):
        """The lines of what was held there and then; may be of what was just held as well."""
        must, may = set(), set()
        for at, letgo in self.holds.items():
            if at <= line < letgo:
                (must if at < line else may).add(at)
        return must, must | may

    def lit(self):
        """{state: "master, replica ×2"}"""
        count = {}
        for cookie, row in self.rows.items():
            who = count.setdefault(row["state"], {})
            owner = self.owner.get(cookie, len(self.names))
            who[owner] = who.get(owner, 0) + 1
        name = lambda owner: self.names[owner] if owner < len(self.names) else "?"
        return {state: ", ".join(name(owner) + (f" ×{n}" if n > 1 else "")
                                 for owner, n in sorted(who.items()))
                for state, who in count.items()}

    def briefly(self):
        """The same as it is written into a box: names that do not fit are counted."""
        number = lambda state: sum(row["state"] == state for row in self.rows.values())
        return {state: who if len(who) <= 16 else f"{number(state)} sockets"
                for state, who in self.lit().items()}


def must_show(events):
    """The lines that no page may leave out: looks that ended a phase, all that was held,
    each first SYN, FIN and RST that was let through."""
    shown, seen = set(), set()
    settled = {}
    for line, event in enumerate(events, 1):
        if event["event"] == "snapshot" and event["look"] == "settled":
            settled[event["phase"]] = line
        if event["event"] != "segment" or event.get("fate") == "absorbed":
            continue
        if event.get("fate") == "held":
            shown.add(line)
        key = (event["local"], event["remote"], event["flags"], event["seq"])
        if re.search("SYN|FIN|RST", event["flags"]) and key not in seen:
            seen.add(key)
            shown.add(line)
    return shown | set(settled.values())
