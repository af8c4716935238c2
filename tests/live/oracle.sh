#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# netstat and ss, asked in the same namespace and moment, agree with tcplab row for row.
. "$(dirname "$0")/../common.sh"

mapfile -t names < <(quick_scenarios)
run run --out "$tmp/runs" -j "$at_a_time" --report json --witness "netstat -anW" \
	--witness "ss -Htan" "${names[@]}"
expect_status 0 "the scenarios with witnesses"
/usr/bin/python3 tests/oracle.py "${names[@]/#/$tmp/runs/}" || complain "the witnesses disagree"
finish
