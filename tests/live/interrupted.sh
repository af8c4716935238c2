#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ctrl-C ends a run in good order, with a report of what was seen.
. "$(dirname "$0")/../common.sh"

cat >"$tmp/long.yaml" <<'END'
scenario: 1
name: test/long
title: A phase that stays for a minute
watch: 6379
actors:
  master: { redis: { port: 6379 } }
phases:
  - phase: Long
    do:
      - start: master
    expect:
      - master LISTEN
    for: 60s
END

set -m # so that the run has SIGINT unignored, and a process group of its own
"$TCPLAB" run --out "$tmp/runs" "$tmp/long.yaml" </dev/null >"$tmp/out" 2>"$tmp/err" &
pid=$!
trace=$tmp/runs/test/long/trace.ndjson
for ((tries = 0; tries < 200; tries++)); do
	grep -q '"holding"' "$trace" 2>/dev/null && break
	sleep 0.05
done
kill -INT "-$pid"
status=0
wait "$pid" || status=$?
expect_status 3 "an interrupted run"
expect_text "$trace" '"interrupted"' "its trace"
expect_text "$tmp/out" "LISTEN" "its report"
finish
