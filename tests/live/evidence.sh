#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each kind of evidence, and each measure of a row, both ways: what is so, and what is not so, with
# a sentence that tells how near it was.
. "$(dirname "$0")/../common.sh"

# so or not, the evidence, what is told about it
cat >"$tmp/evidence" <<'END'
so|saw: server LISTEN recv-q 1 send-q 5|seen in phase 1
not-so|saw: server LISTEN recv-q 2|last seen with recv-q 1
not-so|saw: server LISTEN send-q <5|last seen with send-q 5
so|saw: server -> client CLOSE_WAIT recv-q 1|seen in phase 4
not-so|saw: server -> client CLOSE_WAIT recv-q 3..5|last seen with recv-q 1
so|{ saw: client -> server ESTABLISHED send-q 3, in: Lost }|seen in phase 2
not-so|{ saw: client -> server ESTABLISHED send-q >3, in: Lost }|last seen with send-q
so|saw: client -> server ESTABLISHED retrans >=2|seen in phase 2
not-so|saw: client -> server ESTABLISHED retrans >=200|last seen with retrans
so|saw: client -> server ESTABLISHED timer keepalive 1s..7s|seen in phase 1
not-so|saw: client -> server ESTABLISHED timer keepalive >8s|last seen with timer
so|saw: client -> server ESTABLISHED timer retransmit|seen in phase
not-so|saw: client -> server ESTABLISHED timer probe|last seen with timer
not-so|saw: server -> client TIME_WAIT|never seen: server -> client TIME_WAIT; last seen in CLOSE_WAIT
not-so|saw: server -> client ESTABLISHED x3|at most 2 at a time
so|never: server -> client TIME_WAIT|never seen
not-so|never: server -> client CLOSE_WAIT|seen in phase 4
so|{ never: client -> server FIN_WAIT2, in: Open }|not seen in phase 1
not-so|{ never: client -> server FIN_WAIT2, in: Ended }|seen in phase 4
so|order: client -> server SYN_SENT, ESTABLISHED, FIN_WAIT1, FIN_WAIT2 x1|FIN_WAIT2
not-so|order: client -> server SYN_SENT, ESTABLISHED, FIN_WAIT1, FIN_WAIT2|1 of 2 sockets
so|{ timer: client -> server FIN_WAIT2, at-least: 1s, in: Ended }|FIN_WAIT2
not-so|{ timer: client -> server FIN_WAIT2, at-most: 1s, in: Ended }|expected at most 1.0 s
so|{ rows: client -> server, count: 2, in: Open }|2 rows in phase 1
not-so|{ rows: client -> server, count: 3, in: Open }|2 rows in phase 1 for the connection client -> server, expected 3
so|{ segments: [RST from client, RST from client, FIN from client, ACK of FIN from server], in: Ended }|sent in phase 4
not-so|{ segments: [FIN from client], in: Ended }|sent in phase 4: RST from client, RST from client, FIN from client
so|{ segments: [], in: Nothing }|no segment at all was sent in phase 3
not-so|{ segments: [], in: Ended }|sent in phase 4: RST from client
so|{ segment: data from client, times: ">=3" }|data from client: sent
not-so|{ segment: data from client, times: 1 }|(expected 1)
so|{ segment: data from client, repeated: ">=2", in: Lost }|sent again
not-so|{ segment: data from client, repeated: 0, in: Lost }|(expected 0)
so|{ segment: data from client, lost: ">=3", in: Lost }|lost
not-so|{ segment: data from client, lost: 0, in: Lost }|(expected 0)
so|{ segment: data from client, arrived: 1 }|arrived once
not-so|{ segment: data from client, arrived: 2 }|arrived once (expected 2)
so|{ segment: SYN from client, absorbed: 0 }|SYN from client
so|{ segment: RST from server, times: 0 }|never sent
not-so|{ segment: RST from client, times: 0 }|sent twice (expected 0)
so|{ silent: server -> client, in: Nothing }|server sent nothing to client in phase 3
not-so|{ silent: server, after: RST from client }|server sent challenge ACK after RST from client
not-so|silent: client|client sent SYN in phase 1
so|{ counter: TCPTimeouts, at-least: 2, in: Lost }|in phase 2
not-so|{ counter: TCPTimeouts, at-least: 200, in: Lost }|expected at least 200
so|{ counter: TCPTimeouts, at-most: 0, in: Open }|TCPTimeouts rose by 0 in phase 1
not-so|{ counter: ListenOverflows, at-least: 1 }|ListenOverflows rose by 0 in the whole run, expected at least 1
unseen|{ counter: NoSuchCounter, at-least: 1 }|the trace has no counter NoSuchCounter
so|{ answer: ECONNREFUSED, by: client }|ECONNREFUSED
not-so|{ answer: ETIMEDOUT, by: client }|no call of client failed with ETIMEDOUT
END

cat >"$tmp/evidence.yaml" <<END
scenario: 1
name: test/evidence
title: Evidence
watch: 7000
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Open
    do:
      - start: client
      - start: server
      - listen: { by: server, backlog: 5 }
      - connect: { by: client, to: server, from: 53525, as: first, keepalive: { idle: 7s } }
      - accept: { by: server, as: first }
      - connect: { by: client, to: server, from: 53526, as: second }
      - connect: { by: client, to: server, port: 9, as: third, expect: ECONNREFUSED }
      - send: { by: client, on: first, bytes: 10 }
    expect:
      - server LISTEN recv-q 1 send-q 5
      - server -> client ESTABLISHED recv-q 10
      - server -> client ESTABLISHED recv-q 0
      - client -> server ESTABLISHED timer keepalive 1s..7s
      - client -> server ESTABLISHED timer none send-q 0
  - phase: Lost
    do:
      - lose: all data from client
      - send: { by: client, on: first, bytes: 3 }
    expect:
      - client -> server ESTABLISHED send-q 3 retrans >=2
      - client -> server ESTABLISHED timer none
      - server -> client ESTABLISHED x2
      - server LISTEN
  - phase: Nothing
    do:
      - pause: 1ms
    expect: [server LISTEN]
    others: ignore
  - phase: Ended
    do:
      - abort: { by: client, on: first }
      - close: { by: client, on: second }
    expect: [server LISTEN, server -> client CLOSE_WAIT recv-q 1, client -> server FIN_WAIT2]
claims:
  - claim: all
    says: All of it is so.
    check:
$(cut -d'|' -f2 "$tmp/evidence" | sed 's/^/      - /')
    verdict: holds
    because: It is a test.
END
run run --out "$tmp/runs" "$tmp/evidence.yaml"
expect_status 1 "evidence"
python3 - "$tmp/evidence" "$tmp/runs/test/evidence/report.json" >"$tmp/wrong" <<'END' || complain "evidence"
import json, sys
facts = json.load(open(sys.argv[2]))["claims"][0]["check"]
told = [line.rstrip("\n").split("|") for line in open(sys.argv[1])]
for fact, (so, evidence, text) in zip(facts, told, strict=True):
    if fact["fact"].replace(" ", "-").replace("not-observed", "unseen") != so or text not in fact["text"]:
        print(f"{evidence}: {fact['fact']}, {fact['text']}")
END
[ ! -s "$tmp/wrong" ] || complain "told otherwise: $(cat "$tmp/wrong")"

# The table itself: what has not come true tells how near it was.
sed -i '/^claims:/,$d; s/recv-q 1 send-q 5/recv-q 2 send-q 5/; s/within:.*//; 0,/^  - phase: Lost/s/^  - phase: Lost/    within: 300ms\n&/' "$tmp/evidence.yaml"
run run --out "$tmp/runs" "$tmp/evidence.yaml"
expect_status 1 "another queue"
tr -s '\n ' ' ' <"$tmp/out" >"$tmp/flat"
expect_text "$tmp/flat" "expected server LISTEN recv-q 2 send-q 5, saw LISTEN recv-q 1 send-q 5" "another queue"
finish
