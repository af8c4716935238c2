#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# However slow the machine, the scenarios and their claims come out as they say: with a pause after
# each step (BETWEEN) they do, one that is longer than the kernel waits before it repeats a segment.
. "$(dirname "$0")/../common.sh"

pause=${BETWEEN:-450ms}
mkdir "$tmp/slow"
# One that varies is one file, whose runs are named below it.
mapfile -t files < <(quick_scenarios | while read -r name; do
	[ -e "scenarios/$name.yaml" ] || name=${name%/*}
	echo "scenarios/$name.yaml"
done | sort -u)
/usr/bin/python3 tests/slowly.py "$pause" "$tmp/slow" "${files[@]}"
n=$(cat "$tmp"/slow/*.yaml | grep -c "^      - pause: $pause")
[ "$n" -gt 1000 ] || complain "only $n pauses"
run run -q -j "$((4 * $(nproc)))" --require --out "$tmp/runs" --report json "$tmp"/slow/*.yaml
expect_status 0 "slowly"
finish
