#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tap costs a sync of 64 MiB: the same scenario with and without it, turn by turn.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
rounds=${ROUNDS:-5}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for wire in tap off; do
	sed "s/^wire: .*/wire: $wire/" tests/sync.yaml >"$tmp/$wire.yaml"
done

for ((i = 0; i < rounds; i++)); do
	for wire in tap off; do
		"${TCPLAB:?the path of tcplab}" run --json --out "$tmp/out" "$tmp/$wire.yaml" \
			>"$tmp/report" 2>"$tmp/log" || { cat "$tmp/log" >&2; exit 1; }
		# The second phase is the sync.
		/usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["phases"][1]["took_ns"] // 1000)' <"$tmp/report" >>"$tmp/$wire"
	done
done

median() {
	sort -n "$tmp/$1" | sed -n "$(((rounds + 1) / 2))p"
}

echo "A sync of 64 MiB, $rounds rounds each in turn; median milliseconds"
echo "$(median tap) $(median off)" | awk '{
	printf "  with the tap  %7.1f\n  without       %7.1f\n", $1 / 1000, $2 / 1000
	printf "ratio tapped-sync %.2f\n", $1 / $2 }'
