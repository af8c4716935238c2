#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcplab learn: ten lessons in an order; a run that went through makes its lesson done; the
# next word after a run is the next lesson.
. "$(dirname "$0")/../common.sh"

run learn --out "$tmp/runs"
expect_status 0 "learn"
[ "$(grep -cE '^.  ?[0-9]+   [a-z0-9]+/' "$tmp/out")" -eq 10 ] || complain "there are not ten lessons"
expect_text "$tmp/out" "0 of them done" "nothing is done at first"
expect_text "$tmp/out" "run redis/walkthrough" "what comes first"
for name in $(sed -nE 's/^.  ?[0-9]+   ([a-z0-9]+\/.*)/\1/p' "$tmp/out"); do
	"$TCPLAB" check "scenarios/$name.yaml" >/dev/null || complain "no scenario $name"
done

run run --mock --out "$tmp/runs" redis/walkthrough
expect_status 0 "the first lesson"
expect_text "$tmp/err" "The next lesson, 2 of 10: $TCPLAB run redis/walkthrough-slow" "what comes after a lesson"
expect_text "$tmp/err" "step redis/walkthrough" "the same by hand"
run learn --out "$tmp/runs"
expect_text "$tmp/out" "1 of them done" "a lesson that has been run"
expect_text "$tmp/out" "Next, lesson 2:" "what comes next"
expect_text "$tmp/out" "explain SYN_RECV" "what there is to read"

# At a terminal the list is by topics, with the lessons and what takes long.
LC_ALL=C.UTF-8 script -qec "$TCPLAB list" /dev/null </dev/null >"$tmp/out" 2>&1 || complain "list"
expect_text "$tmp/out" "rfc9293: at least one for each arrow" "a topic"
expect_text "$tmp/out" "lesson 5" "a lesson in the list"
expect_text "$tmp/out" "about a minute" "what takes long in the list"
run list
! grep -q "lesson" "$tmp/out" || complain "a list for programs has lessons"

# A run that did not go through is no lesson done.
head -c -200 "$tmp/runs/redis/walkthrough/trace.ndjson" >"$tmp/cut"
cp "$tmp/cut" "$tmp/runs/redis/walkthrough/trace.ndjson"
run learn --out "$tmp/runs"
expect_text "$tmp/out" "0 of them done" "a trace that is cut short"
[ "$(LC_ALL=C.UTF-8 wc -L <"$tmp/out")" -le 80 ] || complain "learn is wider than 80 columns"
finish
