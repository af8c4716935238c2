#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run scenarios over and over, first on an idle machine, then with every processor busy:
#	tests/soak.sh [COUNT [SCENARIO...]]	50 times each, all of them, by default
# HOW=idle or HOW=loaded does but one of the two. A scenario that fails once has failed; its
# trace is kept below soak/.
set -u
: "${TCPLAB:?the path of tcplab}"
cd "$(dirname "$0")/.." || exit 1

count=${1:-50}
how=${HOW:-idle loaded}
shift
[ $# -gt 0 ] || mapfile -t all < <("$TCPLAB" list | awk '{ print $1 }')
[ $# -gt 0 ] || set -- "${all[@]}"

tmp=$(mktemp -d) || exit 1
busy=()
quiet_down() {
	[ "${#busy[@]}" -eq 0 ] || kill "${busy[@]}" 2>/dev/null
	rm -rf "$tmp"
}
trap quiet_down EXIT
trap 'exit 1' HUP INT TERM

passed=0 failed=0

# rounds HOW NAME - run one scenario $count times
rounds() {
	local bad=0 i
	for ((i = 1; i <= count; i++)); do
		if "$TCPLAB" run -q --require --out "$tmp/out" "$2" </dev/null >"$tmp/log" 2>&1; then
			passed=$((passed + 1))
			continue
		fi
		bad=$((bad + 1))
		mkdir -p "soak/$2" && cp "$tmp/log" "$tmp/out/$2/trace.ndjson" "soak/$2/" 2>/dev/null
		mv "soak/$2/trace.ndjson" "soak/$2/$1-$i.ndjson" 2>/dev/null
		mv "soak/$2/log" "soak/$2/$1-$i.txt"
	done
	failed=$((failed + bad))
	printf '%-6s %-28s %d of %d failed\n' "$1" "$2" "$bad" "$count"
}

for load in $how; do
	for ((i = 0; i < $(nproc); i++)); do
		[ "$load" = loaded ] || break
		# It ends by itself should nobody be left to end it.
		timeout 7200 sh -c 'while :; do :; done' &
		busy+=($!)
	done
	for name; do rounds "$load" "$name"; done
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
