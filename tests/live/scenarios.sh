#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every scenario that comes with tcplab comes out as it says, with real processes and, with
# --mock, with mock peers in their place. The report of a saved trace is the run's, byte by byte.
. "$(dirname "$0")/../common.sh"

# told FILE NAME - what a suite says of a scenario
told() {
	awk -v name="$2" '$2 == name { print $1 }' "$1"
}

# same_report NAME FORMAT FILE - tcplab report says what FILE says
same_report() {
	"$TCPLAB" report --format "$2" "$runs/$1/trace.ndjson" >"$tmp/again"
	cmp -s "$tmp/again" "$3" || complain "$1: report --format $2 is not what the run gave"
}

# Mock peers first: meanwhile suite.sh goes through all scenarios without them.
pass mock
cat "$pass"/out.[12] >"$tmp/mock"
for name in $(quick_scenarios); do
	grep -qs 'redis:' "scenarios/$name.yaml" || continue # nothing to put a mock in place of
	# Mock peers know no commands of Redis, do not all that it does, and have no version.
	[ "$(told "$tmp/mock" "$name")" = skipped ] &&
		grep -q '^ *- command:\|^mock: no\|^needs: { redis' "scenarios/$name.yaml" && continue
	[ "$(told "$tmp/mock" "$name")" = passed ] || {
		complain "$name with mock peers has not passed"
		cat "$pass/runs/$name/report.md" >&2
	}
	grep -qi "mock" "$pass/runs/$name/report.md" || complain "$name: the report does not say mock"
done

pass plain
runs=$pass/runs
unmet >"$tmp/lacking"
for name in $(scenarios); do
	if grep -qxF "$name" "$tmp/lacking"; then
		[ "$(told "$pass/out" "$name")" = skipped ] || complain "$name is not skipped"
		continue
	fi
	[ "$(told "$pass/out" "$name")" = passed ] || {
		complain "$name has not passed"
		cat "$runs/$name/report.md" >&2 # it is gone with the pass
	}
	for format in html:html md:md json:json junit:xml tap:tap pcapng:pcapng; do
		same_report "$name" "${format%:*}" "$runs/$name/report.${format#*:}"
	done
done
for name in redis/walkthrough rfc9293/simultaneous-open field/backlog-overflow; do
	runs=$tmp/runs run run --out "$tmp/runs" "$name"
	runs=$tmp/runs same_report "$name" text "$tmp/out"
done
finish
