#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Root and an ordinary user get the same output from the same scenario.
. "$(dirname "$0")/../common.sh"

[ "$(id -u)" -eq 0 ] || { echo "to compare with root this must be run as root"; exit 77; }
as_nobody unshare --user true 2>/dev/null ||
	{ echo "this host keeps ordinary users from making namespaces"; exit 77; }

pass plain
root=$pass/runs
pass coverage
nobody=$pass/runs
[ "$(stat -c %u "$nobody/redis/walkthrough/report.md")" -eq 65534 ] || complain "nobody ran nothing"

# output FILE - of a run, without what differs from time to time
output() {
	"$TCPLAB" report "$1" | sed -E 's/in [0-9.]+ m?s//'
}

for name in $(quick_scenarios); do
	output "$root/$name/trace.ndjson" >"$tmp/by-root"
	output "$nobody/$name/trace.ndjson" >"$tmp/by-nobody"
	[ -s "$tmp/by-nobody" ] || complain "$name: nobody has run it"
	diff "$tmp/by-root" "$tmp/by-nobody" >&2 || complain "$name: not the same output"
done
finish
