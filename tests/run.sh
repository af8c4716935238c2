#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Run tests one after the other and end with their count, "N passed, N failed":
#	tests/run.sh TEST...
# A TEST ending in .sh is one test: 0 is passed, 77 is skipped, all else is failed. Any other
# is a Criterion program and counts as many tests as it says it ran.
set -u

# A test that calls make gives it our variables, but has none of our job slots to give.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS-}" | sed 's/ -j[0-9]* --jobserver-[a-z]*=[^ ]*//')

passed=0 failed=0 skipped=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# verdict WORD NAME [WHY]
verdict() {
	printf '%-7s %s%s\n' "$1" "$2" "${3:+: $3}"
}

script() {
	timeout -k 5 300 "$1" </dev/null >"$tmp/log" 2>&1
	status=$?
	case $status in
	0)  passed=$((passed + 1)); verdict passed "$1"; return ;;
	77) skipped=$((skipped + 1)); verdict skipped "$1" ;;
	124 | 137) failed=$((failed + 1)); verdict FAILED "$1" "it took too long" ;;
	*)  failed=$((failed + 1)); verdict FAILED "$1" "exit status $status" ;;
	esac
	sed 's/^/        /' "$tmp/log"
}

criterion() {
	rm -f "$tmp/tap"
	timeout -k 5 300 "$1" --tap="$tmp/tap" </dev/null >"$tmp/log" 2>&1
	status=$?
	touch "$tmp/tap"
	skip=$(grep -c '^ok .*# SKIP' "$tmp/tap")
	good=$(($(grep -c '^ok ' "$tmp/tap") - skip))
	bad=$(grep -c '^not ok ' "$tmp/tap")
	# A program that died before it could say so, or that found no test in itself.
	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	[ $((good + bad + skip)) -gt 0 ] || bad=1
	# A leak is found when the test has been told passed already.
	! grep -q '^SUMMARY: [A-Za-z]*Sanitizer' "$tmp/log" || [ "$bad" -gt 0 ] || bad=1

	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$bad" -eq 0 ]; then
		verdict passed "$1" "$good tests"
	else
		verdict FAILED "$1" "$bad of $((good + bad)) tests, exit status $status"
		sed 's/^/        /' "$tmp/log"
	fi
}

for test; do
	case $test in
	*.sh) script "$test" ;;
	*)    criterion "$test" ;;
	esac
done

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
