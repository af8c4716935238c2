#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Long runs are judged and told: what is written for people has a size that does not grow with
# the run, and what it leaves out it counts. How the time grows: make bench.
. "$(dirname "$0")/../common.sh"

# shellcheck disable=SC2086 # several formats
PAGE_MOST=$((2500 * 1000))
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

/usr/bin/python3 tests/long.py connections 3000 >"$tmp/connections" || complain "no trace"
told 0 connections html text md
counted 2601 "rows" "$tmp/connections.text"
counted 5901 "sockets" "$tmp/connections.md"
counted 5901 "sockets" "$tmp/connections.html"

/usr/bin/python3 tests/long.py connections 500 >"$tmp/few" || complain "no trace"
told 0 few $all
more=$(($(stat -c %s "$tmp/connections.html") - $(stat -c %s "$tmp/few.html")))
[ $more -lt 1000 ] || complain "2500 connections more: the page has $more bytes more"

# A file has no greatest size, a line has one: blanks between two lines are no event.
awk -v most=$FILE_MOST -v n="$(wc -l <"$tmp/few")" \
	'{ printf "%s%*s\n", $0, most / n, "" }' "$tmp/few" >"$tmp/wide"
[ "$(stat -c %s "$tmp/wide")" -gt $FILE_MOST ] || complain "a trace that is not long"
told 0 wide text
cmp -s "$tmp/few.text" "$tmp/wide.text" || complain "a file of 64 MiB is told otherwise"
rm "$tmp/wide"

/usr/bin/python3 tests/long.py snapshots 10000 >"$tmp/snapshots" || complain "no trace"
told 0 snapshots $all

# One connection that is attacked: nothing is looked for from its beginning each time. Its page is
# in the book, below.
/usr/bin/python3 tests/long.py challenges 15000 >"$tmp/challenges" || complain "no trace"
told 0 challenges text
expect_text "$tmp/challenges.text" "server -> client  LISTEN SYN_RECV ESTABLISHED CLOSED" \
	"the last RST of 15001"

/usr/bin/python3 tests/long.py faults 20000 >"$tmp/faults" || complain "no trace"
told 3 faults $all
counted 19980 faults "$tmp/faults.text"
counted 19980 faults "$tmp/faults.md"
counted 19980 faults "$tmp/faults.junit"
expect_text "$tmp/faults.html" "19980 more failures" "what the page leaves out"
[ "$(grep -c '"step": [12]' "$tmp/faults.json")" -ge 20000 ] || complain "the JSON lacks faults"

# The book and the arrows of runs of any length; of the book each page has a bounded size.
for what in few snapshots challenges faults; do
	mkdir -p "$tmp/kept/$what/test/long"
	mv "$tmp/$what" "$tmp/kept/$what/test/long/trace.ndjson"
done
timeout 300 "$TCPLAB" book --out "$tmp/kept" "$tmp/book" >"$tmp/out" 2>"$tmp/err" </dev/null ||
	complain "the book: $(cat "$tmp/err")"
[ "$(find "$tmp/book/run" -name 'test-long*.html' | wc -l)" -eq 4 ] || complain "the book has not four runs"
find "$tmp/book" -type f -size +"$((PAGE_MOST / 1000))k" >"$tmp/large"
[ ! -s "$tmp/large" ] || complain "the book has $(cat "$tmp/large")"
timeout 300 "$TCPLAB" coverage "$tmp/kept/few" >"$tmp/out" 2>"$tmp/err" </dev/null ||
	complain "coverage: $(cat "$tmp/err")"
timeout 300 "$TCPLAB" coverage --json "$tmp/kept" 2>"$tmp/err" </dev/null |
	/usr/bin/python3 -c 'import json, sys; json.load(sys.stdin)' || complain "coverage --json"

# A host's table of a hundred thousand rows, as ss and netstat print it.
/usr/bin/python3 - "$tmp" <<'END' || complain "no tables"
import sys

STATES = (("ESTAB", "ESTABLISHED"), ("CLOSE-WAIT", "CLOSE_WAIT"), ("TIME-WAIT", "TIME_WAIT"))
with open(sys.argv[1] + "/ss", "w") as ss, open(sys.argv[1] + "/netstat", "w") as netstat:
    ss.write("State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n")
    netstat.write("Active Internet connections (servers and established)\n"
                  "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n")
    for i in range(100000):
        ours = "10.0.%d.%d:%d" % (i // 60000, i // 250 % 200 + 1, 1024 + i % 60000)
        theirs = "10.9.0.%d:443" % (i % 4 + 1)
        ss.write("%s 0 0 %s %s\n" % (STATES[i % 3][0], ours, theirs))
        netstat.write("tcp 0 0 %s %s %s\n" % (ours, theirs, STATES[i % 3][1]))
END
for what in ss netstat; do
	timeout 300 "$TCPLAB" why - <"$tmp/$what" >"$tmp/out" 2>"$tmp/err"
	[ $? -eq 1 ] || complain "why - of $what: $(cat "$tmp/err")"
	[ "$(stat -c %s "$tmp/out")" -lt 100000 ] || complain "why - of $what says too much"
	expect_text "$tmp/out" "CLOSE_WAIT" "why - of $what"
	timeout 300 "$TCPLAB" why --json - <"$tmp/$what" 2>"$tmp/err" |
		/usr/bin/python3 -c 'import json, sys; json.load(sys.stdin)' || complain "why --json - of $what"
done

# A session of many segments goes on when it is told to.
cat >"$tmp/many.yaml" <<'END'
scenario: 1
name: test/many
title: Two hundred connections
watch: 7000
sysctl: { net.ipv4.ip_local_port_range: 10000 10999 }
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Open
    do:
      - start: server
      - start: client
      - listen: { by: server, backlog: 500 }
      - repeat: 200
        do:
          - connect: { by: client, to: server, as: c$n }
          - accept: { by: server, as: s$n }
    expect:
      - server LISTEN
      - client -> server ESTABLISHED x200
      - server -> client ESTABLISHED x200
    within: 60s
END
timeout 300 /usr/bin/python3 tests/step.py session "$tmp/stepped" "$tmp/many.yaml" "" c >"$tmp/out" 2>&1
case $? in
0) expect_text "$tmp/out" "Passed" "a session of many segments" ;;
77) ;; # no segment can be stopped on this host
*) complain "a session of many segments: $(tail -n 5 "$tmp/out")" ;;
esac

# A line has an end, or it is none of ours.
run report /dev/zero
expect_status 2 "a file without lines"
expect_text "$tmp/err" "a line of more than 64 MiB" "a file without lines"
finish
