#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Let tshark read captures, and hold what it finds against the traces they were made of.

    capture.py RUN...       directories with trace.ndjson and report.pcapng

A frame for each segment, in its order and at its time; flags, numbers and lengths alike;
checksums right wherever the packet is whole; nothing malformed; as many connections; and in
each frame's comment the segment, the phase and what its two ends were in. Where tshark's own
analysis has a word for a frame, and only there, the segment has the name that goes with it.

tshark takes longer to start than to read: captures are read as one file, as sections of it, where
no connection of one can be taken for one of another. What is not right there is read alone.
"""
import json
import pathlib
import subprocess
import sys

FIELDS = """frame.time_epoch frame.len frame.cap_len frame.packet_id frame.interface_name
    frame.packet_flags_direction frame.drop_count frame.comment ip.checksum.status tcp.stream
    tcp.srcport tcp.dstport tcp.flags tcp.seq_raw tcp.ack_raw tcp.len tcp.window_size_value
    tcp.checksum.status _ws.malformed""".split()
ANALYSES = """keep_alive keep_alive_ack duplicate_ack window_update zero_window_probe
    zero_window_probe_ack""".split()
FIELDS += [f"tcp.analysis.{word}" for word in ANALYSES]
FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "CWR": 128}
GOOD, UNVERIFIED = "1", "2"
OUTBOUND = 2

# By name: the words tshark may have for it. A probe of a shut window is a keepalive probe in
# form; what acknowledges a SYN or FIN once more is no news either; a SYN's window is not
# scaled, so that the next one looks like another.
PROBE = {"keep_alive"}
SAYS_THE_SAME = {"", "duplicate_ack", "window_update"}
WORDS = {
    "keepalive probe": PROBE,
    "window probe": PROBE | {"zero_window_probe"},
    "keepalive ACK": {"keep_alive_ack", "duplicate_ack", "window_update"},
    "window probe ACK": {"", "keep_alive_ack", "duplicate_ack", "zero_window_probe_ack"},
    "window update": {"window_update"},
    "duplicate ACK": {"duplicate_ack"},
    "challenge ACK": SAYS_THE_SAME,
    "ACK of SYN": SAYS_THE_SAME,
    "ACK of FIN": SAYS_THE_SAME,
}


def read_trace(path):
    """Its segments, the time it began, and how many segments were lost before each."""
    segments, lost, began, held = [], [0], 0, {}
    with open(path, encoding="utf-8") as trace:
        for line in trace:
            event = json.loads(line)
            if event["event"] == "run":
                began = event.get("wall_ns", 0)
            elif event["event"] == "lossy":
                lost[-1] += event["n"]
            elif event["event"] == "segment":
                segments.append(event)
                held[event["id"]] = event
                lost.append(0)
            elif event["event"] == "letgo" and "ends" in event and not event["dropped"]:
                held[event["id"]]["met"] = event["ends"][1]
    return segments, lost, began


def read_captures(paths):
    # The last: tshark 4.4 has a comment of several lines first line by line, then whole.
    command = ["tshark", "-n", "-r", "-", "-T", "fields", "-E", "separator=/t",
               "-E", "occurrence=l",
               "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
               "-o", "tcp.relative_sequence_numbers:FALSE"]
    for field in FIELDS:
        command += ["-e", field]
    told = subprocess.run(command, input=b"".join(path.read_bytes() for path in paths),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if told.returncode:
        return f"tshark does not read it: {told.stderr.decode()}"
    lines = told.stdout.decode().splitlines()
    return [dict(zip(FIELDS, line.split("\t"))) for line in lines]


def port(endpoint):
    return endpoint.rpartition(":")[2]


RESET = "reset"  # equal to no number


def streams(segments, after_reset):
    """How many connections: a SYN with another number between two ends begins one.

    With after_reset a SYN that is repeated after a RST does, too: so tshark 4.4 has it.
    """
    syns, count = {}, 0
    for s in segments:
        way, back = (s["local"], s["remote"]), (s["remote"], s["local"])
        opens = "SYN" in s["flags"].split("+") and "ACK" not in s["flags"].split("+")
        if after_reset and "RST" in s["flags"].split("+") and (way in syns or back in syns):
            syns[way] = syns[back] = RESET
        if (way not in syns and back not in syns) or \
                (opens and syns.get(way) not in (None, s["seq"])):
            syns.pop(back, None)
            syns[way] = None
            count += 1
        if opens:
            syns[way] = s["seq"]
    return count


def nanoseconds(seconds):
    whole, _, rest = seconds.partition(".")
    return int(whole) * 10 ** 9 + int(rest.ljust(9, "0"))


def state(row):
    return row["state"] if row else "CLOSED"


# What a row may show when its segment is looked at, of an end that was in this state.
LATER = {
    "SYN_RECV": {"ESTABLISHED", "FIN_WAIT1", "CLOSED"},
    "ESTABLISHED": {"FIN_WAIT1", "FIN_WAIT2", "CLOSING", "TIME_WAIT", "CLOSE_WAIT", "LAST_ACK",
                    "CLOSED"},
    "FIN_WAIT1": {"FIN_WAIT2", "CLOSING", "TIME_WAIT", "CLOSED"},
    "CLOSING": {"TIME_WAIT", "CLOSED"},
    "CLOSE_WAIT": {"LAST_ACK", "CLOSED"},
    "LAST_ACK": {"CLOSED"},
}


def comment_of(s, comment):
    """What does not fit the segment in its comment."""
    first, *phase, third, fourth, last = comment.split("\\n")
    lines = [first, "\\n".join(phase), third, fourth, last]  # a step may say \\n of its own
    sender, receiver = state(s["ends"][0]), state(s.get("met", s["ends"][1]))
    unseen = s["fate"] == "absorbed" and s["ends"] == [None, None]  # nobody looked them up
    found = lines[3].partition(" gets it: ")[2].split(" ")[0].rstrip(",")
    # a listener answers what reached it, and there is no row of these two ends
    refused = s["flags"] == "RST" and sender == "CLOSED" and lines[2].endswith(
        " sends it: LISTEN, and stays so")
    lost = "does not get it: " in lines[3]
    later = s["fate"] == "held" and "met" not in s
    fits = [
        lines[0].startswith(f"Segment {s['id']}: "),
        lines[1].startswith(f"Phase {s['phase'] + 1}, "),
        " sends it: " in lines[2],
        unseen or f" {sender}," in lines[2] or "SYN" in s["flags"] or refused or
        "is not known" in lines[2] or
        sender in LATER.get(lines[2].partition(",")[0].split()[-1], ()),
        unseen or f"get it: {receiver}, and stays so" in lines[3] if lost else
        f" gets it: {receiver}" in lines[3] or (later and " gets it: " in lines[3]) or
        receiver in LATER.get(found, ()),
        lines[4].startswith({"passed": "Let through", "held": "Held",
                             "absorbed": "Absorbed: "}[s["fate"]]),
    ]
    return "" if all(fits) else f"{fits} in its comment: {comment}"


def name_of(comment):
    """"keepalive probe" of "Segment 9: keepalive probe, client -> server"."""
    name = comment.split("\\n")[0].partition(": ")[2].split(" with ")[0]
    return name.rpartition(", ")[0] or name


def analysis_of(s, frame):
    """What tshark makes of the frame that its name does not go with."""
    word = ",".join(word for word in ANALYSES if frame[f"tcp.analysis.{word}"])
    name = name_of(frame["frame.comment"])
    if s["len"] == 1 and word == "keep_alive":  # a byte that is sent again
        return ""
    return "" if word in WORDS.get(name, {""}) else f"{name}: tshark says \"{word}\""


def differences(s, lost, began, frame):
    whole = len(s["packet"]) // 2 == s["packet_len"]
    flags = sum(FLAGS[name] for name in s["flags"].split("+"))
    six = s["local"].count(":") > 1
    expected = {
        "frame.time_epoch": began + s["t_ns"],
        "frame.len": s["packet_len"],
        "frame.cap_len": len(s["packet"]) // 2,
        "frame.packet_id": s["id"],
        "frame.packet_flags_direction": OUTBOUND,
        "frame.drop_count": lost,
        "tcp.flags": flags,
        "tcp.seq_raw": s["seq"],
        "tcp.ack_raw": s["ack"],
        "tcp.len": s["len"],
        "tcp.window_size_value": s["window"],
        "tcp.srcport": int(port(s["local"])),
        "tcp.dstport": int(port(s["remote"])),
    }
    for field, value in expected.items():
        told = nanoseconds(frame[field]) if field == "frame.time_epoch" else int(frame[field], 0)
        if told != value:
            yield f"{field} is {told}, not {value}"
    if frame["frame.interface_name"] != ("output6" if six else "output"):
        yield f"interface {frame['frame.interface_name']}"
    if frame["tcp.checksum.status"] != (GOOD if whole else UNVERIFIED):
        yield f"checksum status {frame['tcp.checksum.status']}"
    if not six and frame["ip.checksum.status"] != GOOD:
        yield f"IP checksum status {frame['ip.checksum.status']}"
    if frame["_ws.malformed"]:
        yield "malformed"
    for complaint in (comment_of(s, frame["frame.comment"]), analysis_of(s, frame)):
        if complaint:
            yield complaint


def complaints(segments, lost, began, frames):
    """What is wrong with the frames of one capture."""
    if len(frames) != len(segments):
        yield f"{len(frames)} frames of {len(segments)} segments"
        return
    for s, n, frame in zip(segments, lost, frames):
        yield from (f"segment {s['id']}: {text}" for text in differences(s, n, began, frame))
    told = len({frame["tcp.stream"] for frame in frames})
    seen = [streams(segments, after_reset) for after_reset in (False, True)]
    if told not in seen:
        yield f"tshark sees {told} connections, the trace {seen[0]}"


def openings(segments):
    """For each two ends who sends the first segment, and the number if it is a SYN."""
    found = {}
    for s in segments:
        syn = s["flags"] == "SYN"
        found.setdefault(frozenset((s["local"], s["remote"])), (s["local"] if syn else None, s["seq"]))
    return found


def apart(one, other):
    """tshark begins a new connection where the same end sends a SYN with another number."""
    return all(one[ends][0] and one[ends][0] == other[ends][0] and one[ends][1] != other[ends][1]
               for ends in one.keys() & other.keys())


def together(traces):
    """Lists of runs that can be read as one file."""
    lists = []
    for run, (segments, *_) in traces.items():
        opens = openings(segments)
        for members in lists:
            if all(apart(opens, other) for _, other in members):
                members.append((run, opens))
                break
        else:
            lists.append([(run, opens)])
    return [[run for run, _ in members] for members in lists]


def check(runs, traces):
    """What is wrong with these, read together."""
    frames = read_captures([run / "report.pcapng" for run in runs])
    if isinstance(frames, str):
        return [f"{runs[0]}: {frames}"]
    wrong = []
    for n, run in enumerate(runs):
        count = len(traces[run][0]) if n < len(runs) - 1 else len(frames)
        wrong += [f"{run}: {text}" for text in complaints(*traces[run], frames[:count])]
        frames = frames[count:]
    return wrong


def main(*names):
    traces = {run: read_trace(run / "trace.ndjson") for run in map(pathlib.Path, names)}
    wrong = []
    for runs in together(traces):
        if len(runs) == 1 or check(runs, traces):
            for run in runs:
                wrong += check([run], traces)
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
