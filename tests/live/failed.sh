#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a failure is told: its place first, how near it came, with -q it alone; and what it saw
# is judged, to the table and the counters that its last phase had.
. "$(dirname "$0")/../common.sh"

cat >"$tmp/near.yaml" <<'END'
scenario: 1
name: failed/near
title: A near miss
watch: 7000
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Open
    do:
      - start: server
      - start: client
      - listen: server
      - connect: { by: client, to: server, from: 53525 }
      - accept: server
    expect:
      - server LISTEN
      - server -> client ESTABLISHED
      - client -> server ESTABLISHED
  - phase: Half closed
    do:
      - shutdown: client
    expect:
      - server LISTEN
      - server -> client CLOSE_WAIT
      - client -> server TIME_WAIT
    within: 300ms
claims:
  - claim: seen
    says: What was seen counts.
    for:
      - { never: client -> server TIME_WAIT, in: Half closed }
      - { segments: [FIN from client, ACK of FIN from server], in: Half closed }
      - order: client -> server SYN_SENT, ESTABLISHED, FIN_WAIT1, FIN_WAIT2
      - { counter: TCPTimeWaitOverflow, at-most: 0, in: Half closed }
END
place="$tmp/near.yaml:26:9: phase 2: expected client -> server TIME_WAIT, saw FIN_WAIT2; for"

run run --out "$tmp/runs" "$tmp/near.yaml"
expect_status 1 "a near miss"
grep -q "^$tmp/near.yaml:26:9: " "$tmp/out" || complain "no line begins with the place of it"
tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
expect_text "$tmp/words" "$place" "a near miss"
expect_text "$tmp/words" "ms all but client -> server TIME_WAIT" "how near it came"
expect_text "$tmp/words" "1 of 1 finding confirmed" "what was seen is judged"

run run -q --out "$tmp/runs" "$tmp/near.yaml"
expect_status 1 "a near miss, with -q"
grep -q "Half closed" "$tmp/out" || complain "-q does not show the phase that failed"
! grep -q "1  Open" "$tmp/out" || complain "-q shows a phase that did not fail"
! grep -q "The life of each socket" "$tmp/out" || complain "-q shows what did not fail"

run run --out "$tmp/runs" "$tmp/near.yaml" redis/walkthrough --mock
expect_status 1 "a near miss among others"
tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
expect_text "$tmp/words" "$place" "its line in a suite"

# A step that fails, and the table there was.
sed -e '/^claims:/,$d' -e \
	's/shutdown: client/send: { by: server, on: connection, text: hello, expect: EPIPE }/' \
	"$tmp/near.yaml" >"$tmp/step.yaml"
run run -q --out "$tmp/runs" "$tmp/step.yaml"
expect_status 1 "a step that fails"
grep -q "^$tmp/step.yaml:22:9: " "$tmp/out" || complain "no line begins with the place of the step"
expect_text "$tmp/out" "53525         ESTABLISHED" "the table of a step that fails"

# A finding follows from the evidence.
for name in redis/walkthrough rfc9293/abort; do
	sed 's/verdict: holds/verdict: refuted/' "scenarios/$name.yaml" >"$tmp/turned.yaml"
	run run --out "$tmp/runs" "$tmp/turned.yaml"
	expect_status 2 "$name with its findings turned round"
	expect_text "$tmp/err" 'the claim holds, by the evidence: nothing is "against" it' "$name"
done
finish
