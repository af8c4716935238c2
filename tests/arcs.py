#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""arcs.py TCPLAB DIR: what no longer has its cause is no longer proved.

Of each arc that the saved runs below DIR prove, traces are altered: what the report names as
its cause is taken out (the segment with its copies, the call, the end of a process; for a timer
its time and its repetitions), again and again, as long as the report names another. What is left
must not prove that arc: another way, none, "not proved", or no legal life at all. Only what a
program does that is no peer nobody was told: where no other arc leads there, it has closed."""
import json
import pathlib
import subprocess
import sys

TRIES = 12      # traces for each arc
ROUNDS = 12     # other events that say the same: data that acknowledge once more
TIMERS = {"20"} | {f"X{n}" for n in (2, 3, 5)} | {"X5-OWNED"}


def is_timer(arc):
    return arc in TIMERS or arc.startswith(("X4-", "X6-"))


class Trace:
    def __init__(self, lines):
        self.lines = lines
        self.events = [json.loads(line) for line in lines]

    def without(self, drop):
        return Trace([line for i, line in enumerate(self.lines) if i not in drop])

    def segment_of(self, i):
        """Of a segment that was let go: the segment."""
        event = self.events[i]
        if event["event"] != "letgo":
            return i
        return next(k for k, other in enumerate(self.events)
                    if other["event"] == "segment" and other["id"] == event["id"])

    def take_out_segment(self, i):
        """With its copies, as they say the same."""
        one = self.events[self.segment_of(i)]
        same = ("local", "remote", "flags", "seq", "len", "ack")
        ids = {event["id"] for event in self.events if event["event"] == "segment" and
               all(event[key] == one[key] for key in same if "SYN" not in one["flags"] or
                   key != "len")}
        return self.without({k for k, event in enumerate(self.events)
                             if event["event"] in ("segment", "letgo") and event["id"] in ids})

    def take_out_step(self, i):
        one = self.events[i]
        return self.without({k for k, event in enumerate(self.events)
                             if event["event"] in ("step", "done") and
                             (event["phase"], event["step"]) == (one["phase"], one["step"])})

    def take_out_time(self):
        """No timer has had its time, nothing was repeated, no call was told of a timeout."""
        seen, ids, events = set(), set(), []
        for n, event in enumerate(self.events):
            event = json.loads(json.dumps(event))
            event["t_ns"] = 1000 + n
            if event["event"] == "segment":
                key = (event["local"], event["remote"], event["flags"], event["seq"])
                if event["fate"] == "absorbed" or (key in seen and
                                                   (event["len"] or event["flags"] != "ACK")):
                    ids.add(event["id"])
                seen.add(key)
            for row in event.get("rows", []) + event.get("ends", []):
                if row and "retrans" in row:
                    row["retrans"] = 0
            if event.get("reply") == "ETIMEDOUT":
                continue
            if event["event"] not in ("segment", "letgo") or event["id"] not in ids:
                events.append(event)
        return Trace([json.dumps(event) for event in events])

    def take_out(self, arc, i):
        if is_timer(arc):
            return self.take_out_time()
        kind = self.events[i]["event"]
        if kind in ("segment", "letgo"):
            return self.take_out_segment(i)
        if kind in ("step", "done"):
            return self.take_out_step(i)
        return self.without({i})


class Judge:
    def __init__(self, tcplab, path):
        self.tcplab, self.path = tcplab, path

    def lives(self, trace):
        self.path.write_text("\n".join(trace.lines) + "\n")
        told = subprocess.run([self.tcplab, "report", "--format", "json", self.path],
                              capture_output=True, text=True)
        if not told.stdout:
            raise SystemExit(f"{self.path}: {told.stderr}")
        return json.loads(told.stdout)["sockets"]

    @staticmethod
    def find(lives, cookie, arc):
        """The hops of a socket's legal lives that this arc is proved to lead to."""
        return [hop for life in lives if life["cookie"] == cookie and life["legal"]
                for hop in life["states"] if hop["arc"] == arc and hop["proved"]]

    def still(self, trace, cookie, arc, is_peer):
        """Is it still proved when all its causes are gone? Then by what the report says so."""
        for _ in range(ROUNDS):
            hops = self.find(self.lives(trace), cookie, arc)
            if not hops:
                return None
            hop = hops[0]
            if hop["cause"] is None:
                return "no cause is named, and yet it is proved" if is_peer else None
            before = len(trace.lines)
            cause = trace.events[hop["cause"] - 1]
            trace = trace.take_out(arc, hop["cause"] - 1)
            if is_timer(arc):
                hops = self.find(self.lives(trace), cookie, arc)
                return f"without its time, by {cause['event']}" if hops else None
            if len(trace.lines) == before:
                return f"line {hop['cause']} cannot be taken out"
        return f"after {ROUNDS} rounds, by {json.dumps(cause)[:200]}"


def proved_arcs(folder):
    """For each arc the traces and sockets that prove it by an event of the trace."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("trace.ndjson")):
        report = json.loads(path.with_name("report.json").read_text())
        peers = {one["actor"] for one in report["environment"]["programs"]
                 if one["program"] == "peer"}
        for life in report["sockets"]:
            for hop in life["states"]:
                if life["legal"] and hop["proved"] and hop["cause"]:
                    found.setdefault(hop["arc"], []).append(
                        (path, life["cookie"], life["owner"] in peers))
    return found


def observed_arcs(tcplab, folder):
    told = subprocess.run([tcplab, "coverage", "--json", folder], capture_output=True, text=True)
    return {arc["id"] for arc in json.loads(told.stdout)["arcs"] if arc["shown"] == "observed"}


def main():
    tcplab, folder = sys.argv[1:3]
    judge = Judge(tcplab, pathlib.Path(sys.argv[3]) / "altered.ndjson")
    found = proved_arcs(folder)
    wrong = tried = 0
    for arc in sorted(observed_arcs(tcplab, folder) - set(found)):
        wrong += 1
        print(f"arc {arc} is observed, and no trace has its cause", file=sys.stderr)
    for arc in sorted(found):
        used = set()
        for path, cookie, is_peer in found[arc]:
            if len(used) == TRIES:
                break
            if path in used:
                continue
            used.add(path)
            tried += 1
            why = judge.still(Trace(path.read_text().splitlines()), cookie, arc,
                              is_peer)
            if why:
                wrong += 1
                print(f"arc {arc} of socket {cookie} in {path}: {why}", file=sys.stderr)
    print(f"{len(found)} arcs, {tried} traces, {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
