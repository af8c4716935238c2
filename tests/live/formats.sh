#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run writes keeps to the schemas that come with it, and others can read it.
. "$(dirname "$0")/../common.sh"

# perl's harness reads TAP 14, whose subtests it takes for comments, but stumbles over its number.
harness="sed 1s/14/13/"

for kind in plain mock; do
	pass "$kind"
	runs=$pass/runs
	(cd "$runs" && find . -name trace.ndjson | sed 's|^\./||; s|/trace.ndjson$||' | sort) >"$tmp/ran"
	[ "$(wc -l <"$tmp/ran")" -ge "$(quick_scenarios | wc -l)" ] || complain "$kind: too few runs"
	# shellcheck disable=SC2046 # names without blanks, here and below
	{
		/usr/bin/python3 tests/validate.py --lines scenarios/schema/trace.v1.json \
			$(sed "s|.*|$runs/&/trace.ndjson|" "$tmp/ran") >&2 || complain "$kind: traces"
		/usr/bin/python3 tests/validate.py scenarios/schema/report.v1.json \
			$(sed "s|.*|$runs/&/report.json|" "$tmp/ran") >&2 || complain "$kind: JSON reports"
		xmllint --noout --schema tests/golden/junit.xsd \
			$(sed "s|.*|$runs/&/report.xml|" "$tmp/ran") 2>"$tmp/err" || {
			complain "$kind: JUnit reports"
			grep -v ' validates$' "$tmp/err" >&2
		}
		grep -l '"how":"unsupported"' $(sed "s|.*|$runs/&/trace.ndjson|" "$tmp/ran") |
			sed "s|^$runs/||; s|/trace.ndjson$||" >"$tmp/skipped"
		grep -vxFf "$tmp/skipped" "$tmp/ran" >"$tmp/whole"
		tests/mermaid.py $(sed "s|.*|$runs/&/report.md|" "$tmp/whole") >&2 ||
			complain "$kind: the diagrams"
		tests/tap14.py $(sed "s|.*|$runs/&/report.tap|" "$tmp/ran") >&2 ||
			complain "$kind: the child streams"
		prove -e "$harness" $(sed "s|.*|$runs/&/report.tap|" "$tmp/ran") >"$tmp/prove" 2>&1 || {
			complain "$kind: the TAP reports"
			cat "$tmp/prove" >&2
		}
	}
done
pass plain
# shellcheck disable=SC2046 # names without blanks
/usr/bin/python3 tests/capture.py $(find "$pass/runs" -name trace.ndjson -printf '%h\n' | sort) ||
	complain "captures"

# The diagrams of titles that would be something else in Mermaid, of too many segments, and of
# too many connections.
{
	cat <<'END'
scenario: 1
name: test/diagrams
title: "%% a comment; end"
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: "End; end of #1: `x` %%{init: {}}%% <br> \"q\" | 日本 loop END"
    do:
      - start: server
      - start: client
      - listen: server
      - connect: client to server
      - accept: server
END
	for n in $(seq 40); do
		echo "  - phase: $n is as long as a title can be, and longer than a label has room for, end"
		echo "    do: [ send: { by: client, on: connection, text: x },"
		echo "          receive: { by: server, bytes: 1 } ]"
	done
	echo "  - phase: More than are drawn"
	echo "    do:"
	for n in $(seq 4); do
		echo "      - connect: { by: client, to: server, as: c$n }"
	done
} >"$tmp/diagrams.yaml"
run run --out "$tmp/runs" "$tmp/diagrams.yaml"
expect_status 0 "hostile titles"
tests/mermaid.py "$tmp/runs/test/diagrams/report.md" >&2 || complain "diagrams of hostile titles"
expect_text "$tmp/runs/test/diagrams/report.md" "日本 loop (END)" "a label of another script"
expect_text "$tmp/runs/test/diagrams/report.md" "4 more connections are in the phases" "many connections"
expect_text "$tmp/runs/test/diagrams/report.md" "and so on, as below" "a long connection"

# So do the reports of saved runs that failed, broke off or are hostile.
/usr/bin/python3 tests/validate.py scenarios/schema/report.v1.json tests/golden/*/report.json >&2 ||
	complain "the golden JSON reports"
tests/tap14.py tests/golden/*/report.tap >&2 || complain "the golden child streams"
# shellcheck disable=SC2046 # names without blanks
tests/mermaid.py $(grep -l mermaid tests/golden/*/report.md) >&2 || complain "the golden diagrams"

# A consumer of TAP counts what is in the saved ones: points that are not ok, and bail outs.
for name in unmet walkthrough missed; do
	bad=$(grep -c '^not ok' "tests/golden/$name/report.tap")
	prove -v -e "$harness" "tests/golden/$name/report.tap" >"$tmp/prove" 2>&1
	[ $? -eq $((bad > 0)) ] || complain "prove does not see that $name has $bad failures"
	[ "$bad" -eq 0 ] || expect_text "$tmp/prove" "Failed $bad/" "prove of $name"
done
prove -e "$harness" tests/golden/unsupported/report.tap >"$tmp/prove" 2>&1 || complain "a skip"
expect_text "$tmp/prove" "skipped" "prove of a skip"
prove -e "$harness" tests/golden/fault/report.tap >"$tmp/prove" 2>&1 && complain "a bail out passes"
expect_text "$tmp/prove" "Bailout called" "prove of a bail out"

# A capture is not for a terminal.
script -qec "'$TCPLAB' report --format=pcapng tests/golden/walkthrough/trace.ndjson" /dev/null </dev/null \
	>"$tmp/out" && complain "a terminal gets a capture"
expect_text "$tmp/out" "pcapng is binary: redirect it to a file" "a capture for a terminal"
run report --format=pcapng tests/golden/walkthrough/trace.ndjson
expect_status 0 "a capture for a pipe"
cmp "$tmp/out" tests/golden/walkthrough/report.pcapng >&2 || complain "a pipe gets another capture"

# Which reports are saved.
run run --mock --report json,tap --out "$tmp/some" redis/walkthrough
expect_status 0 "--report"
ls "$tmp/some/redis/walkthrough" | tr '\n' ' ' >"$tmp/list"
expect_text "$tmp/list" "report.json report.tap trace.ndjson" "--report json,tap"
for bad in json,pdf text ,json "" pdf; do
	run run --mock --report "$bad" redis/walkthrough
	expect_status 2 "--report '$bad'"
done
expect_text "$tmp/err" "it knows html, md, json, junit, tap" "what --report knows"
run run --mock -j2 --report md --out "$tmp/some" redis/walkthrough redis/fin-lost
expect_status 0 "--report with several"
grep -q junit.xml "$tmp/err" && complain "--report md of several speaks of a JUnit"

# In a workflow of GitHub: a command at the line that failed, and the Markdown in the summary.
cat >"$tmp/wrong.yaml" <<'END'
scenario: 1
name: test/wrong
title: "100% wrong, or: not"
watch: 6379
actors:
  master: { redis: { port: 6379 } }
phases:
  - phase: Only
    do:
      - start: master
    expect:
      - master ESTABLISHED
    within: 100ms
END
for extra in "" redis/walkthrough; do
	: >"$tmp/summary"
	GITHUB_STEP_SUMMARY=$tmp/summary run run --mock --github --out "$tmp/some" "$tmp/wrong.yaml" $extra
	expect_status 1 "--github"
	expect_text "$tmp/out" "::error file=$tmp/wrong.yaml,line=12,col=9,title=test/wrong%3A Only::expected master ESTABLISHED" "--github"
	expect_text "$tmp/summary" "# 100% wrong, or: not" "the summary"
done
expect_text "$tmp/summary" "A Redis replica comes and goes" "the summary of both"
truncate -s 1048000 "$tmp/summary"
GITHUB_STEP_SUMMARY=$tmp/summary run run --mock --github --out "$tmp/some" redis/walkthrough
expect_status 0 "a full summary"
[ "$(stat -c %s "$tmp/summary")" -le 1048576 ] || complain "the summary is over GitHub's limit"
expect_text "$tmp/summary" "There is no room left here" "a full summary"

# A title and a program that speak to GitHub's runner are not heard; what we say is. The runner
# obeys a line that begins with "::", except for the time in which commands are stopped.
cat >"$tmp/speaks.yaml" <<END
scenario: 1
name: test/speaks
title: "::error::not ours"
actors: { a: { program: { run: [sh, -c, "echo ::set-output name=x::not ours; exit 3"], ready: exits } } }
phases: [ { phase: "::warning::not ours", do: [ start: a ] } ]
END
for extra in "" redis/walkthrough; do
	run run --mock --github --out "$tmp/some" "$tmp/speaks.yaml" $extra
	expect_status 1 "a scenario that speaks to the runner"
	awk '/^::stop-commands::/ && !stopped { stopped = "::" substr($0, 18) "::"; next }
	     $0 == stopped { stopped = ""; next }
	     /^[ \t]*(::|##\[)/ && !stopped { print }
	     END { if (stopped) print "commands stay stopped" }' "$tmp/out" >"$tmp/obeyed"
	grep -q '^::error file=.*not ours' "$tmp/obeyed" || complain "the runner does not hear of the failure"
	grep -v '^::error file=' "$tmp/obeyed" && complain "the runner obeys these"
	grep -q '^[ ]*::error::not ours' "$tmp/out" || [ -n "$extra" ] || complain "nothing was to be stopped"
done

# Nor does anything of it reach a terminal as a control, in full or not.
printf '#!/bin/sh\nprintf "\\302\\2332J\\033]0;x\\007::error::no\\n"; exit 3\n' >"$tmp/steers"
chmod 755 "$tmp/steers"
sed "s|\[sh, -c, .*\], ready|[$tmp/steers], ready|" "$tmp/speaks.yaml" >"$tmp/steers.yaml"
for extra in --verbose "--verbose --github" --quiet; do
	run run --out "$tmp/some" $extra "$tmp/steers.yaml"
	expect_status 1 "a program that steers a terminal: $extra"
	LC_ALL=C grep -nP '\x1b|\xc2[\x80-\x9f]|\x07' "$tmp/out" "$tmp/err" &&
		complain "$extra: a control character is let through"
	expect_text "$tmp/some/test/speaks/trace.ndjson" "2J" "a program that steers a terminal"
done

# What a locale without UTF-8 cannot show is drawn otherwise, in as many columns.
LC_ALL=C.UTF-8 run run --mock --out "$tmp/some" redis/walkthrough
expect_text "$tmp/out" "──SYN──" "a diagram in UTF-8"
env -u LC_ALL -u LC_CTYPE LANG=de_DE "$TCPLAB" report "$tmp/some/redis/walkthrough/trace.ndjson" \
	>"$tmp/ascii" || complain "report in ISO 8859-1"
expect_text "$tmp/ascii" "--SYN--" "a diagram in ASCII"
LC_ALL=C grep -q "[^ -~]" "$tmp/ascii" && complain "not all of it is ASCII"
[ "$(wc -l <"$tmp/ascii")" -eq "$(wc -l <"$tmp/out")" ] || complain "ASCII takes other lines"
finish
