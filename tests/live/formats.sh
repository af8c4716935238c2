#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run writes keeps to the schemas that come with it.
. "$(dirname "$0")/../common.sh"

for name in $(quick_scenarios); do
	for mock in "" --mock; do
		run run --out "$tmp/runs" $mock "$name"
		dir=$tmp/runs/$name
		/usr/bin/python3 tests/validate.py --lines scenarios/schema/trace.v1.json \
			"$dir/trace.ndjson" >&2 || complain "$name $mock: the trace"
		/usr/bin/python3 tests/validate.py scenarios/schema/report.v1.json \
			"$dir/report.json" >&2 || complain "$name $mock: the JSON report"
		xmllint --noout --schema tests/golden/junit.xsd "$dir/report.xml" 2>"$tmp/err" || {
			complain "$name $mock: the JUnit report"
			cat "$tmp/err" >&2
		}
	done
done
finish
