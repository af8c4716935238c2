#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Time the walkthrough against the same done by hand, turn by turn in one sitting; then run
# the other benchmarks:
#	tests/bench/bench.sh [PROGRAM...]
# The script looks as soon as the link is up. tcplab waits, besides, until no byte is on its
# way (a delayed ACK, some 40 ms), so that each run shows the same table; that is counted.
# Lines that start with "ratio" are for machines: "ratio NAME OURS/THEIRS".
set -eu -o pipefail
here=$(dirname "$0")
rounds=${ROUNDS:-20}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

by_hand() {
	"$here/by_hand.sh"
}

by_tcplab() {
	"${TCPLAB:?the path of tcplab}" run --out "$tmp/out" redis/walkthrough
}

# turn NAME - run it once and add the microseconds it took to $tmp/NAME
turn() {
	local start=${EPOCHREALTIME/[.,]/} status=0
	"by_$1" </dev/null >"$tmp/log" 2>&1 || status=$?
	echo $((${EPOCHREALTIME/[.,]/} - start)) >>"$tmp/$1"
	[ "$status" -eq 0 ] || { cat "$tmp/log" >&2; exit 1; }
}

# nth FILE N - its Nth smallest number
nth() {
	sort -n "$1" | sed -n "$2p"
}

for name in hand tcplab; do turn "$name"; done # to warm up
rm "$tmp/hand" "$tmp/tcplab"
for ((i = 0; i < rounds; i++)); do
	for name in hand tcplab; do turn "$name"; done
done

middle=$(((rounds + 1) / 2))
echo "The walkthrough, $rounds rounds each in turn; milliseconds of wall time"
echo "              median  fastest  slowest"
for name in hand tcplab; do
	for n in $middle 1 "$rounds"; do nth "$tmp/$name" "$n"; done | tr '\n' ' ' |
		awk -v name="by $name" '{ printf "  %-10s %7.1f  %7.1f  %7.1f\n", name,
					  $1 / 1000, $2 / 1000, $3 / 1000 }'
done
echo "$(nth "$tmp/tcplab" $middle) $(nth "$tmp/hand" $middle)" |
	awk '{ printf "ratio walkthrough %.2f\n", $1 / $2 }'

for program; do
	echo
	"$program" </dev/null
done
