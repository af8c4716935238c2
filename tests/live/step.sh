#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcplab step, driven through a pseudo-terminal: every answer does what it says, and however
# long somebody thinks (PAUSE seconds), the outcome is the same.
. "$(dirname "$0")/../common.sh"

# session ANSWER... - the walkthrough; what was seen in $tmp/out, the status in $status
session() {
	status=0
	/usr/bin/python3 tests/step.py session "$tmp/runs" redis/walkthrough "$@" >"$tmp/out" 2>&1 ||
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

# Whoever freezes the master until its kernel's delayed ACK has gone is told so. No claim is
# refuted by it.
for scenario in redis/close-in-three redis/walkthrough; do
	status=0
	/usr/bin/python3 tests/step.py frozen "$tmp/runs" $scenario master >"$tmp/out" 2>&1 ||
		status=$?
	expect_status 0 "$scenario with its master frozen at the FIN"
	tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
	expect_text "$tmp/words" "not observed: master was frozen (the ACK went" "$scenario"
	! grep -q refuted "$tmp/out" || complain "$scenario: a freeze refuted a claim"
done

status=0
/usr/bin/python3 tests/step.py ended "$tmp/runs" redis/walkthrough >"$tmp/out" 2>&1 || status=$?
expect_status 3 "an answer to a run that has been killed"
expect_text "$tmp/out" "Trace and reports:" "what was seen of a run that has been killed"

session c
expect_status 0 "a session that goes on without stopping"
[ "$(grep -c '^step>' "$tmp/out")" -eq 1 ] || complain "it stopped after \"c\""

session s s q
expect_status 3 "a session that is ended"
expect_text "$tmp/out" "interrupted" "a session that is ended"

run step </dev/null
expect_status 3 "a session without input"

/usr/bin/python3 tests/step.py patience "$tmp/runs" redis/walkthrough "${PAUSE:-5}" ||
	complain "thinking changed the outcome"
finish
