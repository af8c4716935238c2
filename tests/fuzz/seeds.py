#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py DIR: a corpus for each fuzzer below DIR, made of the scenarios, the fixtures and
the golden traces; and DIR/NAME.dict, the words that a mutation may put in."""
import glob
import json
import os
import re
import socket
import struct
import sys

STATES = ["", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
          "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"]
SEQ = PORTID = 1        # as netlink.c has them
TYPED = [b"p\n\n4\nn\nclose wait\n\nzebra\n99\np\nq\n", b"s\n\nd\nw\ni\n?\nc\n", b"f master\nt master\nf nobody\nq\n", b"i\nw\ns\n" * 9, b""]
TRACE_MOST = 8192       # as run.sh has it for traces
STEP_MOST = 8           # events of each kind: what is typed is the matter there


def traces():
    for path in sorted(glob.glob("tests/golden/*/trace.ndjson")):
        with open(path, "rb") as file:
            yield os.path.basename(os.path.dirname(path)), file.read()


def events(text):
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            pass


def message(kind, flags, payload):
    """A netlink message, padded."""
    head = struct.pack("=IHHII", 16 + len(payload), kind, flags, SEQ, PORTID)
    return head + payload + bytes(-len(payload) % 4)


def attribute(kind, payload):
    return struct.pack("=HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def endpoint(text):
    host, port = text.rsplit(":", 1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        addr = socket.inet_pton(family, host.strip("[]"))
    except OSError:
        addr = bytes(16 if family == socket.AF_INET6 else 4)
    return family, addr.ljust(16, b"\0"), 0 if port == "*" else int(port)


def diag(row):
    """One row as sock_diag tells it: struct inet_diag_msg, and an attribute nobody reads."""
    family, local, lport = endpoint(row["local"])
    remote, rport = endpoint(row["remote"])[1:]
    body = struct.pack("=BBBB", family, STATES.index(row["state"]), 1, row["retrans"])
    body += struct.pack(">HH", lport, rport) + local + remote
    body += struct.pack("=IQ", 0, row["cookie"])
    body += struct.pack("=IIIII", row["timer_ms"], row["recvq"], row["sendq"], row["uid"],
                        row["inode"])
    return message(20, 2, body + attribute(8, b"\x01"))


def stopped(number, packet, total):
    """A packet as the queue announces it."""
    body = struct.pack("=BBH", 2, 0, 0)
    body += attribute(1, struct.pack(">IHBx", number, 0x0800, 3))
    body += attribute(10, packet) + attribute(13, struct.pack(">I", total))
    return message(3 << 8, 0, body + attribute(14, struct.pack(">I", 1)))


def for_step(text, small):
    """The first events of each kind, held segments before others, below a small scenario."""
    found = {}
    for line in sorted(text.splitlines()[1:], key=lambda line: b'"held"' not in line):
        kind = line[:line.find(b",")]
        found.setdefault(kind, []).append(line)
    lines = [line for kind in found.values() for line in kind[:STEP_MOST]]
    return b"\n".join([small] + [line for line in text.splitlines() if line in lines]) + b"\n"


def small_traces(text):
    """What is small of a trace: its scenario without comments, each stretch of events, its end."""
    lines = text.splitlines()
    run = json.loads(lines[0])
    run["scenario"] = "\n".join(line for line in run["scenario"].split("\n")
                                if not re.match(r"\s*#", line))
    head = json.dumps(run, separators=(",", ":"), ensure_ascii=False).encode()
    room = TRACE_MOST - len(head) - len(lines[-1]) - 2
    part, parts = [], []
    for line in lines[1:]:
        if part and sum(len(one) + 1 for one in part) + len(line) > room:
            parts.append(part)
            part = part[len(part) // 2:]
        part.append(line)
    parts.append(part)
    for part in parts:
        if part[-1] != lines[-1]:
            part.append(lines[-1])
        yield b"\n".join([head] + part) + b"\n"


def seed(out, fuzzer, name, data):
    os.makedirs(os.path.join(out, fuzzer), exist_ok=True)
    with open(os.path.join(out, fuzzer, name), "wb") as file:
        file.write(data)


def of_scenarios(out):
    words = set()
    for path in (glob.glob("scenarios/*/*.yaml") + glob.glob("tests/fixtures/scenario/*/*.yaml")
                 + glob.glob("tests/fixtures/*.yaml")):
        with open(path, "rb") as file:
            text = file.read()
        seed(out, "scenario", path.replace("/", "-"), text)
        words |= set(re.findall(rb"[A-Za-z_][\w-]{1,20}:?", text))
    with open(os.path.join(out, "scenario.dict"), "wb") as file:
        file.writelines(b'"%s"\n' % word for word in sorted(words))


def of_trace(out, name, text, small):
    rows, queue, packets = [], b"", b""
    for event in events(text):
        if event["event"] == "snapshot":
            rows.append(b"".join(diag(row) for row in event["rows"]))
        if event["event"] == "segment" and "packet" in event:
            packet = bytes.fromhex(event["packet"])
            queue += stopped(event["id"], packet, event["packet_len"])
            packets += bytes([min(len(packet), 255), 0]) + packet[:255]
    done = message(3, 2, struct.pack("=i", 0))
    for i, dump in enumerate(sorted(set(rows))):
        seed(out, "netlink", "%s-%d" % (name, i), b"\0" + dump + done)
    refused = struct.pack("=i", -22) + queue[:16]
    seed(out, "netlink", name + "-refused", b"\0" + message(2, 0, refused))
    seed(out, "netlink", name, b"\1" + queue[:8192])
    seed(out, "packet", name, packets[:8192])
    for i, part in enumerate(small_traces(text)):
        if len(part) > TRACE_MOST:
            continue
        seed(out, "trace", "%s-%d" % (name, i), part)
        seed(out, "trace", "%s-%d-newer" % (name, i), part.replace(b'"ESTABLISHED"', b'"14"')
             .replace(b'"timer":"none"', b'"timer":"9"'))
    for i, typed in enumerate(TYPED):
        seed(out, "step", "%s-%d" % (name, i), typed + b"\f" + for_step(text, small))


# What servers say, real ones first, behind what they are asked (redis.c).
SAID = [
    b"\x01+PONG\r\n", b"\x03+PONG\r\n$5\r\nhello\r\n*2\r\n:1\r\n$-1\r\n", b"\x02-ERR no\r\n-LOADING\r\n",
    b"\x0c*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"
    + b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n" * 3,
    b"\x2c*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n" * 4, b"\x01HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x01*2000000000\r\n+x\r\n", b"\x01$1000000000\r\naaaa", b"\x01" + b"*1\r\n" * 20, b"\x01*-1\r\n*0\r\n",
]
# What a peer process answers (peer_main.c).
ANSWERS = [
    b"ok\nok\n", b"ok\nok 5 bytes\n", b"ok\nerrno 111\n", b"ok\nother it took 5 of 9 bytes\n", b"ok\n" + b"x" * 2000,
    b"ok\nsocket 5 127.0.0.1:1 127.0.0.1:2 7\nok\n", b"hello: no\nok\n", b"ok\nok\nok\n", b"\0\n\0\n",
]


# What ss and netstat print (saved.c): a filter, then a table; or looks that were kept.
TABLES = [
    b"""
LISTEN 3 64 127.0.0.1:8080 0.0.0.0:* users:(("web worker",pid=22322,fd=3)) ino:100 sk:1 cgroup:/ <->
CLOSE-WAIT 20 0 127.0.0.1:43608 127.0.0.1:6379 users:(("app",pid=22408,fd=7),("log",pid=22417,fd=8)) ino:101 sk:2 cubic backoff:2 lastsnd:83100 lastrcv:83100 lastack:83016
CLOSE-WAIT 1 0 127.0.0.1:8080 127.0.0.1:50000 ino:0 sk:3 cubic lastsnd:9000 lastrcv:9000 lastack:8000
TIME-WAIT 0 0 [::1]:9191 [::1]:4242 timer:(timewait,59sec,0) ino:0 sk:4
ESTAB 0 14 10.9.9.1:36538 10.9.9.2:7100 timer:(on,1.292ms,3) ino:102 sk:5
ESTAB 0 0 10.9.9.1%eth0:36539 10.9.9.2:7100 timer:(keepalive,1min52sec,1) uid:33 ino:103
FIN-WAIT-1 0 5001 10.0.0.1:80 10.0.0.9:4000 timer:(persist,200ms,2) ino:0
""",
    b"""not :80 10.0.0.0/8
tcp ESTAB 0 0 10.0.0.1:22 10.0.0.9:5022 users:(("sshd",812,3))
\t cubic lastsnd:1 lastrcv:2 lastack:3
LISTEN 0 128 :::80 :::*
""",
    b"""state close-wait
tcp        3      0 127.0.0.1:8080          0.0.0.0:*               LISTEN      22322/nginx: master  off (0.00/0/0)
tcp6       0     14 10.9.9.1:36538          10.9.9.2:7100           ESTABLISHED 33 101 22408/on             on (1.29/3/0)
tcp        1      0 10.9.9.1:36539          10.9.9.2:7100           CLOSE_WAIT  -                    keepalive (7117.80/0/2)
""",
    b"""{"tcplab-host":1,"host":"h","time":"10:54:10","unix_ms":1000,"refused":0,"torn":false,"settings":{"tcp_fin_timeout":60},"ports":[32768,60999],
"processes":[{"pid":1,"name":"a","descriptors":9,"limit":20}],"sums":{},"findings":[{"rule":"close-wait-leak","state":"CLOSE_WAIT","rows":1,"group":0,"says":"it","evidence":[{"label":"since","text":"long"}],"scenario":"x"}],
"rows":[{"state":"CLOSE_WAIT","local":"10.0.0.1:4000","remote":"10.0.0.9:80","recvq":20,"sendq":0,"inode":11,"uid":0,"timer":"none","timer_ms":0,"retrans":0,"cookie":"a1","info":{"data_sent_ms":20000,"data_received_ms":20000,"ack_received_ms":15000,"probes":0,"backoff":0},"processes":[{"pid":1,"name":"a","fd":3}]}]}
{"tcplab-host":1,"host":"h","time":"10:54:20","unix_ms":11000,"refused":0,"torn":false,
"rows":[{"state":"LAST_ACK","local":"10.0.0.1:4000","remote":"10.0.0.9:80","inode":0,"timer":"retransmit","timer_ms":200,"retrans":1,"cookie":"a1"}]}
""",
]


def main():
    out = sys.argv[1]
    of_scenarios(out)
    for fuzzer, texts in (("redis", SAID), ("peer", ANSWERS), ("saved", TABLES)):
        for i, text in enumerate(texts):
            seed(out, fuzzer, str(i), text)
    small = min((text.splitlines()[0] for _, text in traces()), key=len)
    for name, text in traces():
        of_trace(out, name, text, small)


main()
