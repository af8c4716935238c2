#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be carried out is said, with the reason, and with the right exit status.
. "$(dirname "$0")/../common.sh"

# scenario FILE SETTINGS [STEP] - a small scenario with one redis actor
scenario() {
	cat >"$1" <<END
scenario: 1
name: test/errors
title: Something goes wrong
watch: 6379
actors:
  master: { redis: { port: 6379$2 } }
phases:
  - phase: Only
    do:
      - start: master
${3:+      - $3}
    expect:
      - master LISTEN
    within: 200ms
END
}

# What is printed is wrapped; the trace has the sentence in one piece.
trace=$tmp/runs/test/errors/trace.ndjson

scenario "$tmp/ok.yaml" ""
PATH=/nonexistent run run --out "$tmp/runs" "$tmp/ok.yaml"
expect_status 77 "no redis-server"
expect_text "$trace" "apt-get install redis-server" "no redis-server"
PATH=/nonexistent run run --out "$tmp/runs" --require "$tmp/ok.yaml"
expect_status 3 "no redis-server, with --require"

scenario "$tmp/dies.yaml" ", config: { no-such-setting: 1 }"
run run --out "$tmp/runs" "$tmp/dies.yaml"
expect_status 3 "a server that dies at start"
expect_text "$tmp/out" ">>> 'no-such-setting 1'" "a server that dies at start"

scenario "$tmp/command.yaml" "" "command: master NOSUCHCOMMAND"
run run --out "$tmp/runs" "$tmp/command.yaml"
expect_status 3 "a command Redis does not know"
expect_text "$tmp/out" "unknown command" "a command Redis does not know"

scenario "$tmp/gone.yaml" "" "kill: master"
run run --out "$tmp/runs" "$tmp/gone.yaml"
expect_status 1 "an expectation that does not come true"
expect_text "$tmp/out" "master LISTEN" "an expectation that does not come true"

scenario "$tmp/binary.yaml" ", binary: $tmp/slow"
printf '#!/bin/sh\necho not a server\nexit 7\n' >"$tmp/slow"
chmod +x "$tmp/slow"
run run --out "$tmp/runs" "$tmp/binary.yaml"
expect_status 3 "a program that is no server"
expect_text "$tmp/out" "not a server" "a program that is no server"
expect_text "$tmp/out" "status 7" "a program that is no server"

printf '#!/bin/sh\necho busy with other things\nexec sleep 300\n' >"$tmp/slow"
run run --out "$tmp/runs" "$tmp/binary.yaml"
expect_status 3 "a server that never becomes ready"
expect_text "$trace" "did not finish within" "a server that never becomes ready"
expect_text "$trace" "busy with other things" "a server that never becomes ready"

scenario "$tmp/missed.yaml" "" "hold: RST from master
      - await: RST from master"
run run --out "$tmp/runs" "$tmp/missed.yaml"
expect_status 1 "a segment that never comes"
expect_text "$trace" "none came in this phase" "a segment that never comes"

scenario "$tmp/sysctl.yaml" "" "sysctl: { net.ipv4.no_such_thing: 1 }"
run run --out "$tmp/runs" "$tmp/sysctl.yaml"
expect_status 3 "a sysctl that does not exist"
expect_text "$tmp/out" "net.ipv4.no_such_thing" "a sysctl that does not exist"

run run no/such/scenario
expect_status 2 "a scenario that does not exist"
expect_text "$tmp/err" "no/such/scenario" "a scenario that does not exist"
run check walktrough
expect_text "$tmp/err" "did you mean redis/walkthrough?" "a slip in a scenario's name"
run check rfc9293/fin-again-in-timewait
expect_text "$tmp/err" "did you mean rfc9293/fin-again-in-time-wait?" "a slip in a scenario's name"
echo "scenario: 2" >"$tmp/bad.yaml"
run run "$tmp/bad.yaml"
expect_status 2 "a malformed scenario"
expect_text "$tmp/err" "$tmp/bad.yaml:1:" "a malformed scenario"
run check "$tmp/ok.yaml"
expect_status 0 "check of a good scenario"
run fly
expect_status 2 "a command that does not exist"
run report "$tmp/ok.yaml"
expect_status 2 "a trace that is none"

# refuses TEXT WORD... - a usage error that says so
refuses() {
	local text=$1
	shift
	run "$@"
	expect_status 2 "$*"
	expect_text "$tmp/err" "$text" "$*"
}
refuses 'there is no option "--nope"' run --nope
refuses 'there is no option "-z"' run -qz
refuses '--out needs a value' run --out
refuses '-j needs a value' run -j
refuses '--mock takes no value' run --mock=1
refuses '--json is not an option of "step"' step --json
refuses '--quiet must follow a command' -q
refuses '--out must follow a command' --out x
refuses 'report needs one trace, such as' report "$tmp"
refuses 'list takes no argument: leave "field" out' list field
refuses '--x\x1b[31m' run "$(printf -- '--x\033[31m')"
refuses '::error::typed' run --github "$(printf -- '--x\n::error::typed')"
head -n 1 "$tmp/out" | grep -q '^::stop-commands::' ||
	complain "what is typed can speak to GitHub's runner"

# However long a word is, what is said about it can be read.
huge=$(head -c 100000 /dev/zero | tr '\0' x)
for words in "" run new check list explain report "snap " "why " "step " "run --jobs=" "run --shard=" \
	"run --only=" "run --skip=" "run --report=" "run --out=" "run --" "run -" "report --format=" \
	"coverage " "watch --every=" "snap --every "; do
	# shellcheck disable=SC2086 # words they are, the last with more of it
	run $words$huge
	[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || complain "$words...: exit status $status"
	[ "$(wc -c <"$tmp/err")" -lt 5000 ] || complain "$words...: $(wc -c <"$tmp/err") bytes are said"
done
refuses 'is too long for the path of a file' new "$huge"
refuses 'bytes more] xxx' "$huge"
finish
