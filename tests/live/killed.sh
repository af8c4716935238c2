#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of any process of a run, at any moment, leaves no process, mount or file; what
# is left of the trace can still be rendered. FILMS=n for another count than 50.
. "$(dirname "$0")/../common.sh"

seed=${SEED:-$RANDOM}
RANDOM=$seed
export TMPDIR=$tmp/tmp
mkdir "$TMPDIR"

things() { # what could be left behind, in a form to compare
	cat /proc/self/mountinfo
	ls -A "$TMPDIR"
	ls -d /dev/shm/master /dev/shm/replica 2>/dev/null # what a run puts on its own tmpfs
}

things >"$tmp/before"
traces=0
for ((film = 0; film < ${FILMS:-50}; film++)); do
	rm -rf "$tmp/runs"
	env "$mark" "$TCPLAB" run --out "$tmp/runs" </dev/null >/dev/null 2>&1 &
	outside=$!
	sleep "0.0$(printf %02d $((RANDOM % 100)))" # a moment, whichever
	mapfile -t pids < <(ours)
	if [ "${#pids[@]}" -gt 0 ]; then
		kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null
	fi
	wait "$outside" 2>/dev/null
	for ((tries = 0; tries < 200; tries++)); do # ten seconds at the most
		left=$(ours)
		[ -z "$left" ] && break
		sleep 0.05
	done
	[ -z "$left" ] || complain "film $film (SEED=$seed): still there: $left"
	trace=$tmp/runs/redis/walkthrough/trace.ndjson
	if [ -s "$trace" ] && [ "$(wc -l <"$trace")" -gt 0 ]; then
		run report "$trace"
		[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || [ "$status" -eq 3 ] ||
			complain "film $film (SEED=$seed): report ended with $status"
		[ -s "$tmp/out" ] || complain "film $film (SEED=$seed): the report is empty"
		traces=$((traces + 1))
	fi
done
things | diff "$tmp/before" - >&2 || complain "(SEED=$seed) something was left behind"
[ "$traces" -gt 0 ] || complain "(SEED=$seed) no run came far enough to leave a trace"
finish
