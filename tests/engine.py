#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the engine records beside what a report shows of it.

	tests/engine.py TRACE...    the traces of tests/fixtures/engine, by their scenario's name
"""
import json, sys

wrong = False


def complain(*words):
    global wrong
    wrong = True
    print("engine.py:", *words, file=sys.stderr)


def settled(events):
    return [e for e in events if e["event"] == "snapshot" and e["look"] == "settled"]


def calls_tell_their_sockets(events):
    told = [e["socket"] for e in events if e["event"] == "done" and "socket" in e]
    rows = {r["cookie"]: r for e in events if e["event"] == "snapshot" for r in e["rows"]}
    if len(told) < 3:
        complain("only", len(told), "calls tell of a socket")
    for socket in told:
        row = rows.get(socket["cookie"])
        if row and row["inode"] and row["inode"] != socket["inode"]:
            complain("a call tells inode", socket["inode"], "where the table has", row["inode"])


def both_ends_when_let_go(events):
    gone = [e for e in events if e["event"] == "letgo" and not e["dropped"]]
    if not gone:
        complain("nothing was let go")
    for e in gone:
        states = [end and end["state"] for end in e.get("ends", [None, None])]
        if states != ["ESTABLISHED", "ESTABLISHED"]:
            complain("segment", e["id"], "was let go between", states)


def all_holders(events):
    main = next(e["pid"] for e in events if e["event"] == "actor" and e["change"] == "ready")
    seen = []
    for look in settled(events):
        row = next((r for r in look["rows"] if r["owner"] == 0 and r["peer"] == 1), {})
        seen.append((row.get("state"), row.get("holders", {}).get("n", 1), row.get("pid") == main))
    if seen != [("ESTABLISHED", 2, True), ("ESTABLISHED", 1, False), ("CLOSE_WAIT", 1, False)]:
        complain("state, holders, whether the parent is one:", seen)


def a_last_look(events):
    if events[-1]["how"] != "unmet" or not settled(events):
        complain("a step failed, and no look was taken:", events[-1])


CHECKS = {
    "engine/close-close-untapped": [calls_tell_their_sockets],
    "engine/dead-listener": [calls_tell_their_sockets],
    "engine/lost-ack": [calls_tell_their_sockets, both_ends_when_let_go],
    "engine/forked": [all_holders],
    "engine/no-answer": [a_last_look],
}

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as trace:
        events = [json.loads(line) for line in trace]
    name = events[0]["scenario"].split("name:")[1].split()[0]
    for check in CHECKS[name]:
        check(events)
sys.exit(wrong)
