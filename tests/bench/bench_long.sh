#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the time to judge a long run and to tell of it grows with its length: the processor
# seconds of "tcplab report" at three lengths, each twice the one before. Where a ratio is well
# above 2, something is looked for from the beginning each time.
#	tests/bench/bench_long.sh          LONG=15000: connections of the shortest
set -eu -o pipefail
cd "$(dirname "$0")/../.."
shortest=${LONG:-5000}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
TIMEFORMAT=%U

# seconds FORMAT N - of processor time
seconds() {
	{ time "${TCPLAB:?the path of tcplab}" report --format "$1" "$tmp/$2" \
		</dev/null >"$tmp/out" 2>"$tmp/err" || [ $? -eq 3 ]; } 2>&1
}

for kind in connections snapshots challenges faults; do
	lengths="$shortest $((2 * shortest)) $((4 * shortest))"
	for n in $lengths; do /usr/bin/python3 tests/long.py $kind "$n" >"$tmp/$n"; done
	printf 'A trace of %s %s; processor seconds\n' "${lengths// /, }" $kind
	for format in tap text md junit json pcapng html; do
		took=
		for n in $lengths; do took+="$(seconds $format "$n") "; done
		echo "$took$(stat -c %s "$tmp/out")" | awk -v format=$format -v kind=$kind '{
			printf "  %-8s %7.2f %7.2f %7.2f   %d bytes\n", format, $1, $2, $3, $4
			if ($2 >= 0.2)
				printf "ratio long-%s-%s %.2f\n", kind, format, $3 / $2 }'
	done
done
