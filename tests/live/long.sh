#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Long runs are judged and told: what is written for people has a size that does not grow with
# the run, and what it leaves out it counts. How the time grows: make bench.
. "$(dirname "$0")/../common.sh"

# shellcheck disable=SC2086 # several formats
PAGE_MOST=$((5 * 1000 * 1000))
FILE_MOST=$((64 << 20)) # once more than this was refused

# told STATUS WHAT FORMAT... - tell of $tmp/WHAT, as files $tmp/WHAT.FORMAT
told() {
	local status=$1 what=$2 format

	for format in "${@:3}"; do
		timeout 300 "$TCPLAB" report --format $format "$tmp/$what" \
			>"$tmp/$what.$format" 2>"$tmp/err" </dev/null
		[ $? -eq "$status" ] ||
			complain "$what as $format: $(cat "$tmp/err")"
		[ $format != text ] && [ $format != md ] && [ $format != html ] ||
			[ "$(stat -c %s "$tmp/$what.$format")" -lt $PAGE_MOST ] ||
			complain "$what as $format: $(stat -c %s "$tmp/$what.$format") bytes"
	done
}
all="html text md json junit tap pcapng"

# counted N WORDS FILE - does it say how many there are more?
counted() {
	expect_text "$3" "and $1 more $2" "what $(basename "$3") leaves out"
}

# No step is begun from inside another: ten phases of a thousand that are done at once.
{
	printf 'scenario: 1\nname: many-holds\ntitle: A thousand holds in each of ten phases\n'
	printf 'actors:\n  app: { peer: {} }\nphases:\n'
	for phase in 1 2 3 4 5 6 7 8 9 10; do
		printf '  - phase: Number %d\n    do:\n' $phase
		yes '      - hold: RST from app' | head -1000
	done
} >"$tmp/holds.yaml"
timeout 300 "$TCPLAB" run -q --out "$tmp/holds" "$tmp/holds.yaml" >"$tmp/told" 2>&1
case $? in
0) [ "$(grep -c '"event":"done"' "$tmp/holds/many-holds/trace.ndjson")" -eq 10000 ] ||
	complain "not each of 10000 steps is done" ;;
77) ;; # no segment can be stopped on this host
*) complain "10000 steps: $(head -c 500 "$tmp/told")" ;;
esac

/usr/bin/python3 tests/long.py connections 13000 >"$tmp/connections" || complain "no trace"
[ "$(stat -c %s "$tmp/connections")" -gt $FILE_MOST ] || complain "a trace that is not long"
told 0 connections html text md
counted 12601 "rows" "$tmp/connections.text"
counted 25901 "sockets" "$tmp/connections.md"
counted 25901 "sockets" "$tmp/connections.html"

/usr/bin/python3 tests/long.py connections 500 >"$tmp/few" || complain "no trace"
told 0 few $all
more=$(($(stat -c %s "$tmp/connections.html") - $(stat -c %s "$tmp/few.html")))
[ $more -lt 10000 ] || complain "26 times as many connections: the page has $more bytes more"

/usr/bin/python3 tests/long.py snapshots 20000 >"$tmp/snapshots" || complain "no trace"
told 0 snapshots $all

# One connection that is attacked: nothing is looked for from its beginning each time.
/usr/bin/python3 tests/long.py challenges 60000 >"$tmp/challenges" || complain "no trace"
told 0 challenges text html
expect_text "$tmp/challenges.text" "server -> client  LISTEN SYN_RECV ESTABLISHED CLOSED" \
	"the last RST of 60001"

/usr/bin/python3 tests/long.py faults 20000 >"$tmp/faults" || complain "no trace"
told 3 faults $all
counted 19980 faults "$tmp/faults.text"
counted 19980 faults "$tmp/faults.md"
counted 19980 faults "$tmp/faults.junit"
expect_text "$tmp/faults.html" "19980 more failures" "what the page leaves out"
[ "$(grep -c '"step": [12]' "$tmp/faults.json")" -ge 20000 ] || complain "the JSON lacks faults"

# A line has an end, or it is none of ours.
run report /dev/zero
expect_status 2 "a file without lines"
expect_text "$tmp/err" "a line of more than 64 MiB" "a file without lines"
finish
