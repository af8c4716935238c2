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
case $TCPLAB in *' '*) quoted="'$TCPLAB'" ;; *) quoted=$TCPLAB ;; esac
expect_text "$tmp/err" "The next lesson, 2 of 10: $quoted run redis/walkthrough-slow" "what comes after a lesson"
expect_text "$tmp/err" "step redis/walkthrough" "the same by hand"
run learn --out "$tmp/runs"
expect_text "$tmp/out" "1 of them done" "a lesson that has been run"
expect_text "$tmp/out" "Next, lesson 2:" "what comes next"
expect_text "$tmp/out" "explain SYN_RECV" "what there is to read"

# At a terminal the list is by topics, with level and time: of the last run, or by the plan, or none.
for width in 60 80 132; do
	LC_ALL=C.UTF-8 script -qec "stty cols $width; '$TCPLAB' list --out $tmp/runs" /dev/null \
		</dev/null >"$tmp/out" 2>&1 || complain "list"
	tr -d '\r' <"$tmp/out" >"$tmp/list"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$tmp/list")" -le "$width" ] || complain "wider than $width columns"
	[ "$(grep -E '^[1-3]  .{9}  [a-z0-9]+/' "$tmp/list" | wc -l)" -eq "$("$TCPLAB" list | wc -l)" ] ||
		complain "a scenario has no level, time and name at $width columns"
done
expect_text "$tmp/list" "rfc9293: " "a topic"
expect_text "$tmp/list" "lesson 5" "a lesson in the list"
grep -qE '^1 +[0-9.]+ m?s  redis/walkthrough ' "$tmp/list" || complain "no time of the last run"
grep -qE '^[23] +> [0-9.]+ m?s  ' "$tmp/list" || complain "no time by the plan"
grep -qE '^1 +-  redis/walkthrough-slow ' "$tmp/list" || complain "a time that nobody measured"
"$TCPLAB" list --json --out "$tmp/runs" | /usr/bin/python3 -c '
import json, sys
of = {one["name"]: one for one in json.load(sys.stdin)}
assert of["redis/walkthrough"]["last_run_s"] > 0 and of["redis/walkthrough"]["lesson"] == 1
assert of["redis/walkthrough-slow"]["last_run_s"] is None
assert {one["level"] for one in of.values()} == {1, 2, 3}
' || complain "list --json"
run list
! grep -q "lesson" "$tmp/out" || complain "a list for programs has lessons"

# A run that did not go through is no lesson done.
head -c -200 "$tmp/runs/redis/walkthrough/trace.ndjson" >"$tmp/cut"
cp "$tmp/cut" "$tmp/runs/redis/walkthrough/trace.ndjson"
run learn --out "$tmp/runs"
expect_text "$tmp/out" "0 of them done" "a trace that is cut short"
[ "$(LC_ALL=C.UTF-8 wc -L <"$tmp/out")" -le 80 ] || complain "learn is wider than 80 columns"
finish
