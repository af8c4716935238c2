#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcplab step, driven through a pseudo-terminal: every answer does what it says, and however
# long somebody thinks (PAUSE seconds), the outcome is the same.
. "$(dirname "$0")/../common.sh"

# session ANSWER... - the walkthrough, or $scenario; what was seen in $tmp/out, the status in $status
session() {
	status=0
	STEP_OPTIONS=${options-} /usr/bin/python3 tests/step.py session "$tmp/runs" \
		"${scenario:-redis/walkthrough}" "$@" >"$tmp/out" 2>&1 ||
		status=$?
}

session i w "" "f master" "t master" "f nobody" "?" d
expect_status 0 "a session in which a SYN is dropped"
expect_text "$tmp/out" "SYN_SENT -> ESTABLISHED and sends ACK" "what will happen"
expect_text "$tmp/out" "LISTEN -> SYN_RECV and sends SYN+ACK" "what will happen to the listener"
expect_text "$tmp/out" "Arrow 4 of Figure 5" "why"
expect_text "$tmp/out" "Name one of: master replica" "an actor that does not exist"
expect_text "$tmp/out" "end the run" "the help"
expect_text "$tmp/out" "constant of Linux" "the warning about TIME_WAIT"
[ "$(grep -c '^SYN from replica' "$tmp/out")" -eq 2 ] || complain "the SYN was not repeated"
[ "$(grep -c 'Arrow 4 of Figure 5' "$tmp/out")" -eq 2 ] || complain "an empty line did not repeat"

# frozen SCENARIO - with its master frozen at the FIN until its kernel has acknowledged it
frozen() {
	status=0
	/usr/bin/python3 tests/step.py frozen "$tmp/runs" "$1" master >"$tmp/out" 2>&1 || status=$?
	expect_status 0 "$1 with its master frozen at the FIN"
	tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
}

# Where that depends on the 40 ms of a delayed ACK, whoever did it is told so, and no claim is
# refuted by it. The walkthrough does not depend on them.
frozen redis/close-in-three
expect_text "$tmp/words" "not observed: master was frozen (the ACK went" "close-in-three"
! grep -q refuted "$tmp/out" || complain "close-in-three: a freeze refuted a claim"
frozen redis/walkthrough
! grep -q "not observed" "$tmp/words" || complain "walkthrough: $(grep -o 'not obs.*' "$tmp/words")"
expect_text "$tmp/words" "9 of 9 findings confirmed" "walkthrough"

status=0
/usr/bin/python3 tests/step.py ended "$tmp/runs" redis/walkthrough >"$tmp/out" 2>&1 || status=$?
expect_status 3 "an answer to a run that has been killed"
expect_text "$tmp/out" "Trace and reports:" "what was seen of a run that has been killed"

session c
expect_status 0 "a session that goes on without stopping"
[ "$(grep -c '^step>' "$tmp/out")" -eq 1 ] || complain "it stopped after \"c\""

# A reader who ends the run is told so, has a trace of it, and no run's reports are gone.
"$TCPLAB" run -q --out "$tmp/runs" redis/walkthrough >/dev/null 2>&1 || complain "the run before"
cksum "$tmp"/runs/redis/walkthrough/* >"$tmp/before"
session s s q
expect_status 0 "a session that is ended"
expect_text "$tmp/out" "You ended the run in phase 2 of 3." "a session that is ended"
! grep -q interrupted "$tmp/out" || complain "a session that is ended tells a report"
[ -s "$tmp/runs/step/redis/walkthrough/trace.ndjson" ] || complain "no trace of a session"
cksum "$tmp"/runs/redis/walkthrough/* | cmp -s - "$tmp/before" || complain "a run's reports are gone"

# A whole word or its letter; an empty line loses nothing; the film so far; numbers from the SYN.
session d "" back sdf "s master" why quit
expect_status 0 "a session with slips"
[ "$(grep -c ': lost$' "$tmp/out")" -eq 1 ] || complain "an empty line has lost a segment"
expect_text "$tmp/out" "SYN from replica (SYN_SENT) to master (LISTEN): let go" "the film so far"
expect_text "$tmp/out" "That is not a command." "a word that is none"
expect_text "$tmp/out" '"step" takes no argument.' "an argument that is not taken"
expect_text "$tmp/out" "SYN+ACK, seq 0, ack 1, 0 bytes" "relative numbers"
expect_text "$tmp/out" "SYN+ACK leads to ESTABLISHED, a RST" "why, in explain's words"

# From one change of a state to the next; a title that tells a phase's end comes at its end.
session n n n n n n n
expect_status 0 "a session from change to change"
expect_text "$tmp/out" "stays in ESTABLISHED" "what is passed over"
! grep -q '^Let go: .* stays in ' "$tmp/out" || complain "next stopped where nothing changes"
[ "$(grep -nm1 'start replica' "$tmp/out" | cut -d: -f1)" -lt \
	"$(grep -nm1 'The replica is running' "$tmp/out" | cut -d: -f1)" ] ||
	complain "a phase's title is told before the phase"

# Foretelling: asked before it is shown, in any spelling or by number; nothing tells it before.
options=--predict session syn-rcvd "" why 8 zebra "" 9 n "close wait" "" 10 p q
expect_status 0 "a session that foretells"
tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
expect_text "$tmp/words" "Which state will master's new socket be in if it arrives now? 1=CLOSED" "a question"
expect_text "$tmp/words" "syn-rcvd Right: SYN_RECV. Let go: master gets a new socket" "a right answer"
expect_text "$tmp/words" "Arrow 4 (RFC 9293 3.10.7.2): The kernel answers" "why"
expect_text "$tmp/words" "1 of 1 right." "the score so far"
expect_text "$tmp/words" "As foreseen: master is in SYN_RECV." "what happened"
expect_text "$tmp/words" "First your answer" "why, before the answer"
expect_text "$tmp/words" "8 Not FIN_WAIT2. Let go: replica goes SYN_SENT -> ESTABLISHED" "a wrong answer"
expect_text "$tmp/words" "That is not a command." "a state when none is asked for"
expect_text "$tmp/words" "Your predictions: 2 of 5 right." "the score"
grep -n 'Which state\|^Right\|^Not \|^Let go' "$tmp/out" | awk -F: '
	/Which/ { asked = 1 } /Right|Not / { asked = 0 } /Let go/ && asked { exit 1 }' ||
	complain "what is asked for is told before: $(cat "$tmp/out")"
# A Redis that gets the processor closes while the FIN is acknowledged.
options=--predict scenario=redis/close-in-three session syn-rcvd n "" n "close wait" "" q
tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
grep -q "^ACK of FIN from master" "$tmp/out" || expect_text "$tmp/words" \
	"As foreseen; since then master has gone on to LAST_ACK." "a program that goes on"
# What the scenario holds has not arrived, whatever was foretold; who let it go is told so.
options=--predict scenario=rfc9293/simultaneous-close session 4 s 5 s 5 s "close wait" s closing b s
tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
expect_status 0 "a session in which the scenario holds"
expect_text "$tmp/words" "The scenario holds it: FIN from client (FIN_WAIT1) to server (ESTABLISHED) close server" \
	"a segment that the scenario holds"
expect_text "$tmp/words" "FIN from client (FIN_WAIT1) to server (ESTABLISHED): held by the scenario" \
	"the film so far of it"
[ "$(grep -c 'The scenario holds it' "$tmp/out")" -eq 4 ] || complain "not each that it holds, once"
session p "" zebra SYN-SENT "" q
expect_text "$tmp/out" "From the next segment on you are asked" "to be asked from now on"
expect_text "$tmp/out" "That is not a state, and not a command." "neither of them"
expect_text "$tmp/out" "Not SYN_SENT." "a spelling with a hyphen"
expect_text "$tmp/out" "Your predictions: 0 of 1 right." "the score of a session that is ended"

# In a narrow terminal nothing is wider than it.
COLUMNS=60 options=--predict session 4 "" ? i w n p "" n b q
expect_status 0 "a session in a narrow terminal"
sed '/Trace and reports/,$d; s/^step> //' "$tmp/out" | grep '.\{61\}' && complain "wider than 60 columns"

for width in 40 80 132; do
	COLUMNS=$width session i b w n i b q
	expect_status 0 "a session in $width columns"
	sed '/Trace and reports/,$d; s/^step> //' "$tmp/out" >"$tmp/told"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$tmp/told")" -le $width ] || complain "wider than $width columns"
done

# Relative numbers and scaled windows, as tshark shows them.
for scenario in redis/walkthrough rfc9293/simultaneous-open field/zero-window; do
	/usr/bin/python3 tests/step.py numbers "$tmp/runs" $scenario >"$tmp/out" 2>&1 ||
		complain "$(cat "$tmp/out")"
done

# What is shown at a stop is of now: both ends have gone on since the segment was held.
/usr/bin/python3 tests/step.py now "$tmp/runs" >"$tmp/out" 2>&1 || complain "$(cat "$tmp/out")"

# Ctrl-Z, another width of the window, arrows, Ctrl-C; a paste before the first stop.
/usr/bin/python3 tests/step.py keys "$tmp/runs" >"$tmp/out" 2>&1 || complain "$(cat "$tmp/out")"

# A repetition was not looked at, so nothing is said of its ends.
session b s b q
! grep ' (CLOSED) to .*a repetition' "$tmp/out" || complain "a state that nobody has seen"

# A run that cannot be, and one that does not come true.
cat >"$tmp/skips.yaml" <<'END'
scenario: 1
name: test/skips
title: A kernel of the future
watch: 7000
needs:
  kernel: ">= 99"
actors:
  server: { peer: { port: 7000 } }
phases:
  - phase: Listening
    do:
      - start: server
      - listen: server
    expect:
      - server ESTABLISHED
    within: 1s
END
grep -v 'needs:\|kernel:' "$tmp/skips.yaml" >"$tmp/fails.yaml"
for case in skips:77:'the scenario needs kernel' fails:1:'expected server ESTABLISHED'; do
	status=0
	/usr/bin/python3 tests/step.py session "$tmp/runs" "$tmp/${case%%:*}.yaml" >"$tmp/out" 2>&1 ||
		status=$?
	tr -s ' \r\n' '   ' <"$tmp/out" >"$tmp/words"
	expect_status "$(echo "$case" | cut -d: -f2)" "a session that ${case%%:*}"
	expect_text "$tmp/words" "${case##*:}" "a session that ${case%%:*}"
done

# Heard also while nothing is held; a reader's freeze stops the clock; what is typed ahead is
# not the shell's.
/usr/bin/python3 tests/step.py unheld "$tmp/runs" >"$tmp/out" 2>&1 || complain "$(cat "$tmp/out")"

run step </dev/null
expect_status 3 "a session without input"

/usr/bin/python3 tests/step.py patience "$tmp/runs" redis/walkthrough "${PAUSE:-5}" ||
	complain "thinking changed the outcome"
finish
