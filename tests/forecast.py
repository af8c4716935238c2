#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what "tcplab step" says that a segment will do against what it then did.

    forecast.py OUT SCENARIO...

Each scenario is stepped through, and every stop's forecast compared with the first time that
its receiver was seen after the segment was let go. A program may have gone on meanwhile: it
may have closed. What the scenario holds on, or drops, is not compared. At the end: how many
stops there were, how many forecasts were right, how many said that they did not know.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

STOP = re.compile(r"^  (?P<flags>\S+), seq (?P<seq>\d+)(?:, ack (?P<ack>\d+))?, (?P<len>\d+) bytes, "
                  r"window (?P<window>\d+)\n(?P<rows>(?:.*\n)*?)Let go: (?P<told>.*)\n", re.M)
GOES = re.compile(r"(?:goes|gets a new socket,) (\S+) -> ([A-Z0-9_]+)")
STAYS = re.compile(r"stays in ([A-Z0-9_]+)")
# What a program does of itself, once it has the chance: it closes, perhaps with unread data.
CLOSES = {"ESTABLISHED": {"FIN_WAIT1", "CLOSED"}, "CLOSE_WAIT": {"LAST_ACK"}}
DEADLINE = 120


def foretold(told):
    """From which state to which; None where it is not known."""
    goes, stays = GOES.search(told), STAYS.search(told)
    if goes:
        return goes.groups()
    if stays:
        return stays.group(1), stays.group(1)
    return ("CLOSED", "CLOSED") if "has no socket" in told else None


def relative(events):
    """Each segment by its place in the trace: its numbers and window as step shows them."""
    syns, numbers = {}, {}
    for at, event in enumerate(events):
        if event["event"] != "segment":
            continue
        way, back = (event["local"], event["remote"]), (event["remote"], event["local"])
        if "SYN" in event["flags"]:
            syns[way] = event
        own, other = syns.get(way, {}), syns.get(back, {})
        scaled = "SYN" not in event["flags"] and "wscale" in own and "wscale" in other
        numbers[at] = {"seq": (event["seq"] - own.get("seq", 0)) % 2 ** 32,
                       "ack": (event["ack"] - other.get("seq", 0)) % 2 ** 32,
                       "len": event["len"],
                       "window": event["window"] << (own["wscale"] if scaled else 0)}
    return numbers


def find_stops(events, text):
    """Each stop's segment, by its place in the trace, and what was foretold."""
    at, numbers = 0, relative(events)
    for stop in STOP.finditer(text):
        want = {key: int(stop[key] or 0) for key in ("seq", "ack", "len", "window")}
        while at < len(events):
            event = events[at]
            at += 1
            if event["event"] == "segment" and event["fate"] == "held" and \
                    all(numbers[at - 1][key] == value for key, value in want.items()
                        if key != "ack" or stop["ack"]):
                yield at - 1, stop["told"]
                break
        else:
            raise SystemExit(f"no segment of the trace is: {stop.group(0)}")


def row_of(event, local, remote):
    """The row of that end, where the event tells of it: {} for none; else None."""
    if event["event"] == "snapshot":
        return next((row for row in event["rows"]
                     if (row["local"], row["remote"]) == (local, remote)), {})
    if event["event"] != "segment" or event["fate"] == "absorbed":  # nobody looks up a copy
        return None
    for mine, theirs, end in ((event["local"], event["remote"], 0),
                              (event["remote"], event["local"], 1)):
        if (mine, theirs) == (local, remote):
            return event["ends"][end] or {}
    return None


def state_of(row):
    """A connection that is not there is CLOSED, with a listener beside it or not."""
    state = row.get("state", "CLOSED")
    return "CLOSED" if state == "LISTEN" else state


def passed_by(events, at, letgo):
    """Did another segment reach the receiver, or its listener, or the other end meanwhile?"""
    ends = {events[at]["local"], events[at]["remote"]}
    of_it = {e["id"] for e in events[:letgo] if e["event"] == "segment" and
             (e["remote"] == events[at]["remote"] or {e["local"], e["remote"]} == ends)}
    return any(e["event"] == "letgo" and e["id"] in of_it for e in events[at + 1:letgo])


def compare(events, at, told):
    """"right", "not known", or why it cannot be compared; a list: what was wrong."""
    segment, states = events[at], foretold(told)
    receiver = segment["remote"], segment["local"]
    letgo = next((i for i in range(at, len(events)) if events[i]["event"] == "letgo" and
                  events[i]["id"] == segment["id"]), None)
    if letgo is None or events[letgo]["dropped"]:
        return "not let go"
    if not states:
        return "not known"
    was, to = ("CLOSED" if state == "LISTEN" else state for state in states)
    before = [row for event in events[at + 1:letgo]
              if (row := row_of(event, *receiver)) is not None]
    if passed_by(events, at, letgo) or (before and state_of(before[-1]) != was):
        return "held on, and changed meanwhile"
    for event in events[letgo + 1:]:
        row = row_of(event, *receiver)
        if event["event"] == "letgo":
            return "not seen"
        if row is None:
            continue
        another = before and row.get("cookie") != before[-1].get("cookie")
        if state_of(row) in {to} | CLOSES.get(to, set()) or (to == "CLOSED" and another):
            return "right"
        return [f"segment {segment['id']}: {told} It was {state_of(row)}"]
    return "not seen"


def walk(out, name):
    command = [os.environ["TCPLAB"], "step", "--out", out, name]
    run = subprocess.run(command, input="s\n" * 5000, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, encoding="utf-8", timeout=DEADLINE, check=False)
    if run.returncode:
        return name, run.returncode, [], run.stdout[-3000:] + run.stderr[-500:]
    with open(os.path.join(out, "step", name, "trace.ndjson"), encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    return name, 0, [compare(events, *stop) for stop in find_stops(events, run.stdout)], ""


def main(out, *names):
    count, wrong = {}, 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, status, found, text in pool.map(lambda name: walk(out, name), names):
            if status not in (0, 77):
                print(f"{name}: exit status {status}\n{text}")
                wrong += 1
            for one in found:
                if isinstance(one, list):
                    print(f"{name}: {one[0]}")
                    wrong += 1
                    one = "wrong"
                count[one] = count.get(one, 0) + 1
    print(", ".join(f"{n} {what}" for what, n in sorted(count.items())))
    if wrong or not count.get("right"):
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
