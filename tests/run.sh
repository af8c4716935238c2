#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run tests side by side and end with their count, "N passed, N failed":
#	tests/run.sh TEST...
# A TEST ending in .sh is one test: 0 is passed, 77 is skipped, all else is failed. Any other
# is a Criterion program and counts as many tests as it says it ran. Much of their time is
# spent waiting: five run at a time for every two processors, or JOBS.
set -u

# A test that calls make gives it our variables, but has none of our job slots to give.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS-}" | sed 's/ -j[0-9]* --jobserver-[a-z]*=[^ ]*//')
jobs=${JOBS:-$((5 * $(nproc) / 2))}

tmp=$(mktemp -d) || exit 1
chmod 755 "$tmp" # for the tests that become somebody else
export PASSES=$tmp/passes # what tests share, see common.sh
mkdir "$PASSES"
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# tell WORD NAME [WHY] - the verdict on a test, and unless it passed what it printed
tell() {
	printf '%-7s %s%s\n' "$1" "$2" "${3:+: $3}"
	[ "$1" = passed ] || sed 's/^/        /' "$notes/log"
}

# Both leave the numbers of passed, failed and skipped tests in $notes/count.
script() {
	timeout -k 5 600 "$1" </dev/null >"$notes/log" 2>&1
	status=$?
	case $status in
	0)  echo 1 0 0 >"$notes/count"; tell passed "$1" ;;
	77) echo 0 0 1 >"$notes/count"; tell skipped "$1" ;;
	124 | 137) echo 0 1 0 >"$notes/count"; tell FAILED "$1" "it took too long" ;;
	*)  echo 0 1 0 >"$notes/count"; tell FAILED "$1" "exit status $status" ;;
	esac
}

criterion() {
	timeout -k 5 600 "$1" --tap="$notes/tap" </dev/null >"$notes/log" 2>&1
	status=$?
	touch "$notes/tap"
	skip=$(grep -c '^ok .*# SKIP' "$notes/tap")
	good=$(($(grep -c '^ok ' "$notes/tap") - skip))
	bad=$(grep -c '^not ok ' "$notes/tap")
	# A program that died before it could say so, or that found no test in itself.
	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	[ $((good + bad + skip)) -gt 0 ] || bad=1
	# A leak is found when the test has been told passed already.
	! grep -q '^SUMMARY: [A-Za-z]*Sanitizer' "$notes/log" || [ "$bad" -gt 0 ] || bad=1
	echo "$good $bad $skip" >"$notes/count"
	if [ "$bad" -eq 0 ]; then
		tell passed "$1" "$good tests"
	else
		tell FAILED "$1" "$bad of $((good + bad)) tests, exit status $status"
	fi
}

# one NUMBER TEST - run it, and print its verdict in one piece
one() {
	notes=$tmp/$1
	mkdir "$notes"
	case $2 in
	*.sh) script "$2" ;;
	*)    criterion "$2" ;;
	esac >"$notes/told"
	cat "$notes/told"
}

n=0
for test; do
	while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	n=$((n + 1))
	one "$n" "$test" &
done
wait

cat "$tmp"/*/count | awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		printf "\n"
		exit failed || !passed
	}'
