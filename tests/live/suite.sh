#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several scenarios at a time: every one is told of, in order, in each format; shards make up
# the whole; a failure is named; SIGKILL leaves nothing behind, Ctrl-C ends all in order.
. "$(dirname "$0")/../common.sh"

# scenario NAME STATE FOR [TAGS] - a master that listens; expected in STATE, for a while
scenario() {
	local within=5s
	[ "$2" = LISTEN ] || within=200ms # in vain
	cat >"$tmp/$1.yaml" <<END
scenario: 1
name: suite/$1
title: A master listens
watch: 6379
${4:+tags: [$4]}
actors:
  master: { redis: { port: 6379 } }
phases:
  - phase: Only
    do:
      - start: master
    expect:
      - master $2
    within: $within
    for: $3
END
}

told() { # the names on the lines of the last run
	awk '/^(passed|failed|error|skipped|interrupted) / { print $2 }' "$tmp/out"
}

# expect_names FILE WHAT - the lines of the last run are of these scenarios, in this order
expect_names() {
	told | diff "$1" - >&2 || complain "$2: not the scenarios it should be"
}

# expect_junit COUNT WHAT [FILE] - the suite's JUnit keeps to the schema and has so many suites
expect_junit() {
	local file=${3:-$tmp/runs/junit.xml}
	xmllint --noout --schema tests/golden/junit.xsd "$file" 2>"$tmp/xml" || {
		complain "$2: the suite's JUnit"
		cat "$tmp/xml" >&2
	}
	n=$(xmllint --xpath 'count(/testsuites/testsuite)' "$file")
	[ "$n" = "$1" ] || complain "$2: $n suites instead of $1"
	sums=$(xmllint --xpath 'sum(//testsuite/@tests) = /testsuites/@tests and
		count(//testcase) = /testsuites/@tests and
		sum(//testsuite/@failures) = /testsuites/@failures and
		sum(//testsuite/@errors) = /testsuites/@errors and
		sum(//testsuite/@skipped) = count(//testcase/skipped)' "$file")
	[ "$sums" = true ] || complain "$2: the totals are not the sums"
}

# All of them, and in every format.
scenarios >"$tmp/all"
count=$(wc -l <"$tmp/all")
unmet >"$tmp/skipped"
skipped=$(wc -l <"$tmp/skipped")
pass plain
all=$pass/runs
cp "$pass/out" "$pass/err" "$tmp"
expect_status "$((skipped ? 77 : 0))" "all scenarios"
awk '$1 == "skipped" { print $2 }' "$tmp/out" | diff "$tmp/skipped" - >&2 ||
	complain "all scenarios: others are skipped than those that need what this host lacks"
expect_names "$tmp/all" "all scenarios"
expect_text "$tmp/out" "$count scenarios in " "all scenarios"
expect_text "$tmp/out" ": $((count - skipped)) passed" "all scenarios"
expect_junit "$count" "all scenarios" "$all/junit.xml"
while read -r name; do
	[ -s "$all/$name/report.md" ] || complain "$name left no report"
done <"$tmp/all"

# The page of the lot: each run with a way to its own page, and the diagram.
index=$all/index.html
while read -r name; do
	grep -qF "href=\"$name/report.html\"" "$index" || complain "index.html does not lead to $name"
done <"$tmp/all"
expect_text "$index" "observed: rfc9293/four-way-close, phase 4" "the map"
expect_text "$index" "default-src 'none'; style-src 'sha256-" "the policy of index.html"
xmllint --html --noout "$index" 2>&1 | grep -v 'Tag [a-z]* invalid' | grep -q 'error' &&
	complain "index.html is not well-formed"
for link in $(grep -o 'href="[^"]*"' "$index" | sed 's/href="//; s/"$//' | sort -u); do
	[ -e "$all/${link%%#*}" ] || complain "index.html leads to $link, which is not there"
done

# What all of them have shown: all that the figure draws, or that Linux does not have it.
run coverage --require "$all"
expect_status 0 "coverage"
for i in $(seq 20); do
	[ "$i" != 5 ] || continue
	name=$(sed -n "s/^ *$i  [A-Z_0-9]* *-> [A-Z_0-9]* *observed  \([^,]*\),.*/\1/p" "$tmp/out")
	file=scenarios/$name.yaml
	[ -e "$file" ] || file=${file%/*}.yaml # one that varies
	grep -qsE "^ *arc:.*\b$i\b" "$file" ||
		complain "coverage does not have arrow $i as observed by a scenario about it: $name"
done
for i in 5 N3; do
	grep -q "^ *$i  [A-Z_]* *-> [A-Z_]* *absent  *rfc9293/" "$tmp/out" ||
		complain "coverage has no proof that arrow $i is absent"
done
for i in N2 X1 X2 X3 X4-FIN_WAIT1 X4-CLOSING X4-LAST_ACK X5 X6-ESTABLISHED X6-CLOSE_WAIT X12 \
	X12-SYN_RECV \
	R-SYN_SENT R-SYN_RECV R-ESTABLISHED R-FIN_WAIT1 R-FIN_WAIT2 R-CLOSING R-CLOSE_WAIT \
	R-LAST_ACK R-TIME_WAIT X5-OWNED X6-FIN_WAIT2 X9-FIN_WAIT1 X9-CLOSING X10 A-CLOSING \
	A-LAST_ACK; do
	grep -q "^ *$i  [A-Z_0-9]* *-> [A-Z_]* *observed  rfc9293/" "$tmp/out" ||
		complain "coverage does not have $i as observed"
done
for i in X8 X9 X11; do
	grep -q "^ *$i  [A-Z_0-9]* *-> [A-Z_]* *observed  field/" "$tmp/out" ||
		complain "coverage does not have $i as observed"
done
grep -q "^ *X7  TIME_WAIT *-> CLOSED *forced  *field/" "$tmp/out" ||
	complain "coverage does not have X7 as forced"
# No scenario shows it: ICMP comes from a host between the two, and there is none. What the kernel
# sends to a local address it gives to the receiver without a route that could refuse it.
grep 'not shown$' "$tmp/out" | grep -v '^ *X12 ' &&
	complain "coverage has arcs that nothing shows"
run coverage --json "$all/redis/walkthrough-slow/trace.ndjson"
expect_status 0 "coverage of one trace"
/usr/bin/python3 tests/validate.py scenarios/schema/coverage.v1.json "$tmp/out" ||
	complain "coverage --json does not keep to its schema"
/usr/bin/python3 - "$tmp/out" <<'END' || complain "coverage of redis/walkthrough-slow"
import json
import sys

document = json.load(open(sys.argv[1], encoding="utf-8"))
shown = {arc["id"]: arc["shown"] for arc in document["arcs"]}
drawn = [arc["id"] for arc in document["arcs"] if arc["kind"] == "drawn"]
observed = [i for i in drawn if shown[i] == "observed"]
print(shown)
sys.exit(document["traces"] != 1 or drawn != [str(i) for i in range(1, 21)] or
         observed != "1 2 4 8 9 12 13 14 16 18 19".split())
END
run coverage --require "$all/redis/walkthrough-slow/trace.ndjson"
expect_status 1 "coverage --require of one trace"
run coverage "$tmp/nothing"
expect_status 2 "coverage of what is not there"

# Without traces it runs them all itself, and does not count what is there already.
pass coverage
expect_status "$((skipped ? 77 : 0))" "coverage that runs the suite"
"$TCPLAB" list | awk '!/\[.*slow.*\]$/ { print $1 }' >"$tmp/quick"
expect_text "$pass/out" "by $(wc -l <"$tmp/quick") traces" "coverage that runs the suite"
grep -q '^ *20  TIME_WAIT *-> CLOSED *not shown' "$pass/out" || complain "an older run counts"
grep -q '^ *7  SYN_SENT *-> SYN_RECV *observed' "$pass/out" || complain "its own runs do not"

# Shards: each scenario is in exactly one.
pass mock
for i in 1 2; do
	case $(sed -n "$i p" "$pass/status") in
	0 | 77) ;;
	*) complain "shard $i: $(cat "$pass/out.$i")" ;;
	esac
	cp "$pass/out.$i" "$tmp/out"
	told >>"$tmp/shards"
	expect_junit "$(told | wc -l)" "shard $i" "$pass/junit.$i.xml"
done
LC_ALL=C sort "$tmp/shards" | diff "$tmp/quick" - >&2 || complain "the shards are not the whole"
for bad in 0/2 3/2 1 1/ /2 a/b 1/2x; do
	run run --all --shard "$bad"
	expect_status 2 "--shard $bad"
done
for bad in 0 -1 x 1x 1000; do
	run run --all -j "$bad"
	expect_status 2 "-j $bad"
done

# One that fails, among others.
scenario good LISTEN 0ms
scenario bad ESTABLISHED 0ms
scenario patient LISTEN 10ms slow
run run -j3 --mock --out "$tmp/runs" "$tmp/good.yaml" "$tmp/bad.yaml" "$tmp/patient.yaml"
expect_status 1 "one that fails"
printf 'suite/%s\n' good bad patient >"$tmp/names"
expect_names "$tmp/names" "one that fails"
expect_text "$tmp/out" "failed      suite/bad" "one that fails"
tr -s ' \n' '  ' <"$tmp/out" >"$tmp/words"
expect_text "$tmp/words" "master ESTABLISHED" "the reason"
expect_text "$tmp/out" "2 passed, 1 failed" "one that fails"
expect_junit 3 "one that fails"
[ "$(xmllint --xpath 'string(//testsuite[@name="suite/bad"]/@failures)' "$tmp/runs/junit.xml")" = 1 ] ||
	complain "the failure is not in the JUnit of the lot"
run run -q --mock --out "$tmp/runs" "$tmp/good.yaml" "$tmp/bad.yaml"
expect_status 1 "one that fails, with -q"
[ "$(told)" = suite/bad ] || complain "-q does not tell of suite/bad alone"
run run --json --mock --out "$tmp/runs" "$tmp/good.yaml" "$tmp/bad.yaml"
expect_status 1 "one that fails, with --json"
/usr/bin/python3 - "$tmp/out" <<'END' || complain "--json of several"
import json
import sys

import jsonschema

schema = json.load(open("scenarios/schema/report.v1.json", encoding="utf-8"))
reports = json.load(open(sys.argv[1], encoding="utf-8"))
for report in reports:
    jsonschema.validate(report, schema)
found = [(report["scenario"]["name"], report["result"]) for report in reports]
sys.exit(found != [("suite/good", "passed"), ("suite/bad", "failed")])
END

# A finding that the evidence does not bear out fails a run in which all else is as expected.
sed 's/- saw: server LISTEN/- never: server LISTEN/' scenarios/rfc9293/listen-and-close.yaml \
	>"$tmp/liar.yaml"
run run --out "$tmp/runs" "$tmp/liar.yaml"
expect_status 1 "a claim that does not hold"
expect_text "$tmp/out" "✗ not confirmed; expected: holds" "a claim that does not hold"
expect_text "$tmp/out" "0 of 1 finding" "a claim that does not hold"
expect_text "$tmp/runs/rfc9293/listen-and-close/report.xml" "seen in phase 2: server LISTEN" \
	"a claim that does not hold"

# Tags, and what cannot be run together.
run run --mock --skip slow --out "$tmp/runs" "$tmp/good.yaml" "$tmp/patient.yaml"
expect_status 0 "--skip slow"
[ "$(told)" = suite/good ] || complain "--skip slow does not leave suite/patient out"
run run --mock --only slow --out "$tmp/runs" "$tmp/good.yaml" "$tmp/patient.yaml"
expect_status 0 "--only slow"
[ "$(told)" = suite/patient ] || complain "--only slow does not choose suite/patient alone"
for option in --only --skip; do
	for words in "" "$tmp/good.yaml" "$tmp/patient.yaml"; do
		# shellcheck disable=SC2086 # none or one
		run run --mock $option slwo $words
		expect_status 2 "$option slwo $words"
		expect_text "$tmp/err" "$option: no scenario has the tag \"slwo\": did you mean slow?" \
			"$option slwo $words"
	done
done
run coverage --skip no-such-tag
expect_status 2 "coverage with a tag that none has"
expect_text "$tmp/err" '"no-such-tag"; there are: redis-8, slow' "coverage with a tag that none has"
run run --mock --shard 1/9999 "$tmp/good.yaml"
expect_status 2 "a shard without scenarios"
for words in "--shard 9999/9999" "--skip slow --shard 9999/9999" "--skip slow --only slow"; do
	# shellcheck disable=SC2086 # words they are
	run run $words
	expect_status 2 "$words without names"
	expect_text "$tmp/err" "choose none of $count scenarios" "$words without names"
done
run run --mock --out "$tmp/runs" "$tmp/good.yaml" "$tmp/good.yaml"
expect_status 2 "one scenario twice"
echo "scenario: 1" >"$tmp/wrong.yaml"
rm -rf "$tmp/runs/suite"
run run --mock --out "$tmp/runs" "$tmp/good.yaml" "$tmp/wrong.yaml"
expect_status 2 "one with mistakes"
[ ! -e "$tmp/runs/suite" ] || complain "something ran though a scenario has mistakes"

# Four that stay for a minute; two of them run.
names=()
for i in 1 2 3 4; do
	scenario "long-$i" LISTEN 60s
	names+=("$tmp/long-$i.yaml")
done

none_left() {
	[ -z "$(ours)" ]
}

both_hold() {
	grep -q '"holding"' "$tmp/runs/suite/long-1/trace.ndjson" 2>/dev/null &&
		grep -q '"holding"' "$tmp/runs/suite/long-2/trace.ndjson" 2>/dev/null
}

begin_long() {
	rm -rf "$tmp/runs"
	env "$mark" "$TCPLAB" run -j2 --mock --out "$tmp/runs" "${names[@]}" </dev/null \
		>"$tmp/out" 2>"$tmp/err" &
	suite=$!
	until_true both_hold || complain "two at a time do not run"
}

set -m # so that the suite has SIGINT unignored, and a process group of its own
begin_long
[ ! -e "$tmp/runs/suite/long-3" ] || complain "more than two at a time"
mapfile -t pids < <(ours)
[ "${#pids[@]}" -ge 5 ] || complain "only ${#pids[@]} processes, so there is nothing to leave"
kill -KILL "$suite"
wait "$suite" 2>/dev/null
until_true none_left || complain "SIGKILL of the suite left: $(ours)"

begin_long
kill -INT "-$suite"
status=0
wait "$suite" || status=$?
expect_status 3 "an interrupted suite"
none_left || complain "Ctrl-C left: $(ours)"
for i in 1 2; do
	expect_text "$tmp/runs/suite/long-$i/trace.ndjson" '"interrupted"' "the trace of long-$i"
done
printf 'suite/long-%d\n' 1 2 3 4 >"$tmp/names"
expect_names "$tmp/names" "an interrupted suite"
expect_text "$tmp/out" "4 interrupted" "an interrupted suite"
[ ! -e "$tmp/runs/suite/long-3" ] || complain "after Ctrl-C another one began"
expect_junit 4 "an interrupted suite"

# A worker that is killed is an error of its own scenario; the others go on.
begin_long
worker=$(pgrep -P "$suite" | head -1)
kill -KILL "$worker"
third_runs() { [ -s "$tmp/runs/suite/long-3/trace.ndjson" ]; }
until_true third_runs || complain "the suite did not go on after a worker was killed"
kill -INT "$suite"
status=0
wait "$suite" || status=$?
expect_status 3 "a killed worker"
expect_text "$tmp/out" "killed by signal 9" "a killed worker"
expect_junit 4 "a killed worker"
until_true none_left || complain "a killed worker left: $(ours)"
finish
