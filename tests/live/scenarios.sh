#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every scenario that comes with tcplab, but for the slow ones, comes out as it says, with real processes and, with
# --mock, with mock peers in their place. The report of a saved trace is the run's, byte by byte.
. "$(dirname "$0")/../common.sh"

# same_report NAME FORMAT FILE - tcplab report says what FILE says
same_report() {
	"$TCPLAB" report --format "$2" "$tmp/runs/$1/trace.ndjson" >"$tmp/again"
	cmp -s "$tmp/again" "$3" || complain "$1: report --format $2 is not what the run gave"
}

for name in $(quick_scenarios); do
	run run --out "$tmp/runs" "$name"
	expect_status 0 "$name"
	same_report "$name" text "$tmp/out"
	same_report "$name" md "$tmp/runs/$name/report.md"
	same_report "$name" json "$tmp/runs/$name/report.json"
	same_report "$name" junit "$tmp/runs/$name/report.xml"
	grep -q 'redis:' "scenarios/$name.yaml" || continue # nothing to put a mock in place of
	run run --out "$tmp/mock" --mock "$name"
	# Mock peers know no commands of Redis, and do not all that it does.
	[ "$status" -eq 77 ] && grep -q '^ *- command:\|^mock: no' "scenarios/$name.yaml" && continue
	expect_status 0 "$name with mock peers"
	expect_text "$tmp/out" "mock" "$name with mock peers"
done
finish
