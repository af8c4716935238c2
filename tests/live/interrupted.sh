#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ctrl-C ends a run in good order, with a report of what was seen.
. "$(dirname "$0")/../common.sh"

long_scenario "$tmp/long.yaml"
trace=$tmp/runs/test/long/trace.ndjson

holding() { grep -q '"holding"' "$trace" 2>/dev/null; }
gone() { ! kill -0 "$pid" 2>/dev/null; }

# begin COMMAND... - start it and wait until the run stands still; @inside is its pid 1
begin() {
	rm -rf "$tmp/runs"
	"$@" "$TCPLAB" run --mock --out "$tmp/runs" "$tmp/long.yaml" </dev/null \
		>"$tmp/out" 2>"$tmp/err" &
	pid=$!
	until_true holding || complain "the run does not begin"
	inside=$(pgrep -P "$pid")
}

# ended STATUS WHAT - it has ended by itself, so
ended() {
	until_true gone || {
		complain "$2: it does not end"
		kill -KILL "$pid"
	}
	status=0
	wait "$pid" || status=$?
	expect_status "$1" "$2"
}

set -m # so that the run has SIGINT unignored, and a process group of its own
begin env
kill -INT "-$pid"
ended 3 "an interrupted run"
expect_text "$trace" '"interrupted"' "its trace"
expect_text "$tmp/out" "LISTEN" "its report"

# In the middle of a step: a last look is taken, and what was seen by then is judged.
cat >"$tmp/middle.yaml" <<'END'
scenario: 1
name: test/middle
title: Interrupted in the middle of a step
watch: 7000
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Only
    do:
      - open: client to server
      - shutdown: client
      - pause: 5m
      - close: client
    expect:
      - server LISTEN
claims:
  - claim: half-closed
    says: It is judged by what was seen.
    check:
      - saw: server -> client CLOSE_WAIT
      - { segment: FIN from client, times: ">=1" }
    verdict: holds
END
middle=$tmp/runs/test/middle
pausing() { [ "$(tail -n 1 "$middle/trace.ndjson" 2>/dev/null | grep -c '"event":"step"')" = 1 ] &&
	grep -q '"FIN+ACK"' "$middle/trace.ndjson"; }
for signal in INT TERM; do
	rm -rf "$tmp/runs"
	"$TCPLAB" run --out "$tmp/runs" "$tmp/middle.yaml" </dev/null >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	until_true pausing || complain "the run does not come to its pause"
	kill -$signal "-$pid"
	ended 3 "SIG$signal in the middle of a step"
	tail -n 2 "$middle/trace.ndjson" | head -n 1 >"$tmp/look"
	expect_text "$tmp/look" '"look":"settled"' "a last look at SIG$signal"
	expect_text "$tmp/look" '"CLOSE_WAIT"' "a last look at SIG$signal"
	expect_text "$tmp/out" "✗ server -> client CLOSE_WAIT" "its report"
	expect_text "$tmp/out" "1 of 1 finding confirmed" "its claim"
done

# Whatever state pid 1 of the sandbox is in, one signal is enough.
begin env
kill -STOP "$inside"
kill -TERM "$pid"
ended 3 "SIGTERM while pid 1 is stopped"
expect_text "$trace" '"interrupted"' "SIGTERM while pid 1 is stopped"

# timeout(1) sends its signal twice, to the process and to its group: that is one request.
begin timeout 4
ended 124 "timeout"
expect_text "$trace" '"interrupted"' "timeout"
grep -q '"fault"' "$trace" && complain "timeout: it was not ended in order"

# Pid 1 is killed: that is an error, and told.
begin env
kill -KILL "$inside"
ended 3 "pid 1 killed"
expect_text "$trace" "killed by signal 9 (Killed)" "pid 1 killed"
expect_text "$tmp/out" "killed by signal 9" "pid 1 killed"
expect_text "$tmp/runs/test/long/report.xml" "<error" "pid 1 killed"
run report "$trace"
expect_status 3 "the report of a run whose pid 1 was killed"

# Also when the trace had come to its end already.
${CC:-cc} -shared -fPIC -o "$tmp/no_exit.so" tests/no_exit.c || complain "no_exit.c"
LD_PRELOAD=$tmp/no_exit.so run run --out "$tmp/runs" rfc9293/three-way-handshake
expect_status 3 "pid 1 killed after the end"
trace=$tmp/runs/rfc9293/three-way-handshake/trace.ndjson
expect_text "$trace" '"complete"' "pid 1 killed after the end"
expect_text "$tmp/out" "killed by signal" "pid 1 killed after the end"
LD_PRELOAD=$tmp/no_exit.so run run --out "$tmp/runs" rfc9293/three-way-handshake \
	rfc9293/four-way-close
expect_status 3 "pid 1 killed after the end, of two"
expect_text "$tmp/out" "2 error" "pid 1 killed after the end, of two"

# What has run out is an error: not "this host does not let us", and not skipped.
for n in 4 5 6 7 8 9 10; do
	(ulimit -n "$n" && exec "$TCPLAB" run --out "$tmp/runs" rfc9293/three-way-handshake) \
		</dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
	expect_status 3 "no more than $n descriptors"
done

# However little there is, it ends with 0 or 3: never by a crash, and never as skipped or as a
# mistake of the scenario. Below some MiB the dynamic linker says so itself (127).
for kib in $(seq 4096 256 9216); do
	(ulimit -v "$kib" && exec "$TCPLAB" run --out "$tmp/runs" rfc9293/three-way-handshake) \
		</dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
	case $status in
	0 | 127) ;;
	3) [ -s "$tmp/err" ] || [ -s "$tmp/out" ] || complain "$kib KiB: nothing is said" ;;
	*) complain "$kib KiB of memory: exit status $status, $(cat "$tmp/err")" ;;
	esac
done

# The same by each call that can say so, and each of its errors.
${CC:-cc} -D_GNU_SOURCE -o "$tmp/deny" tests/deny.c || complain "deny.c"
for call in clone mount fork; do
	for error in EAGAIN ENOMEM EMFILE ENFILE; do
		status=0
		"$tmp/deny" $call:$error "$TCPLAB" run --require --out "$tmp/runs" \
			rfc9293/three-way-handshake </dev/null >"$tmp/out" 2>"$tmp/err" || status=$?
		expect_status 3 "$call answers $error"
		"$tmp/deny" $call:$error "$TCPLAB" run --out "$tmp/runs" \
			rfc9293/three-way-handshake </dev/null >"$tmp/out" 2>"$tmp/err"
		[ $? -eq 3 ] || complain "$call answers $error: it is skipped"
		case $call in
		clone | mount) cat "$tmp/err" >>"$tmp/out"
			expect_text "$tmp/out" "has run out of something" "$call answers $error" ;;
		esac
	done
done
finish
