#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# netstat and ss, asked in the same namespace and moment, agree with tcplab row for row.
. "$(dirname "$0")/../common.sh"

for name in $(quick_scenarios); do
	run run --out "$tmp/runs" --witness "netstat -anW" --witness "ss -Htan" "$name"
	expect_status 0 "$name with witnesses"
	/usr/bin/python3 tests/oracle.py "$tmp/runs/$name/trace.ndjson" ||
		complain "$name: the witnesses disagree"
done
finish
