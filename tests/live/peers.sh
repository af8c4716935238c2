#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What peers are told they do, and what a call answers is held against what was expected.
. "$(dirname "$0")/../common.sh"

for name in simultaneous-open simultaneous-close self-connect refusals half-close backlog answers reorder later share handed-on foreseen fast-open; do
	file=tests/fixtures/scenario/good/$name.yaml
	for _ in $(seq "${PEER_RUNS:-3}"); do
		run run --out "$tmp/runs" "$file"
		expect_status 0 "$name"
	done
	run run --mock --out "$tmp/mock" "$file"
	expect_status 0 "$name with --mock"
done

# One text that is several scenarios: all of them, one of them, those of a shard, and again from
# their traces; "step" is one.
vary=tests/fixtures/scenario/good/vary.yaml
run run --out "$tmp/vary" "$vary"
expect_status 0 "vary"
expect_text "$tmp/out" "6 scenarios" "vary"
expect_text "$tmp/vary/junit.xml" 'name="peers/vary/ipv6-no"' "a variant in JUnit"
run report "$tmp/vary/peers/vary/ipv6-no/trace.ndjson"
expect_status 0 "a variant's trace"
expect_text "$tmp/out" "::1:7000" "a variant's trace"
expect_text "$tmp/out" "(reuse no)" "a variant's trace"
run run --out "$tmp/one" "$vary/mapped-no"
expect_status 0 "one variant"
expect_text "$tmp/out" "peers/vary/mapped-no" "one variant"
sum=0
for i in 1 2; do
	run run --out "$tmp/shard" --shard "$i/2" "$vary"
	sum=$((sum + $(grep -c '^passed' "$tmp/out")))
done
[ "$sum" = 6 ] || complain "the shards of vary have $sum scenarios"
run run --out "$tmp/one" "$vary/nothing"
expect_status 2 "a variant that is none"
run step "$vary"
expect_status 2 "step of several"
expect_text "$tmp/err" "vary.yaml/ipv4-yes" "step of several"

# A descriptor that was passed on: whose it is now, and was before, at both ends.
run run --out "$tmp/share" field/descriptor-handed-on
expect_status 0 "handed on"
for text in "processes have it open" "only its child process" "before, server had" \
	"now worker's" "server -> client, later worker's" "                 worker$"; do
	tr -s '\n ' ' ' <"$tmp/out" >"$tmp/flat"
	grep -q -- "$text" "$tmp/out" "$tmp/flat" || complain "handed on: no \"$text\""
done
report=$tmp/share/field/descriptor-handed-on
expect_text "$report/report.md" "participant R as server and worker" "handed on"
tr -d '\n ' <"$report/report.json" >"$tmp/flat"
expect_text "$tmp/flat" '"holders":["server","worker"]' "handed on"

# What is sent comes out byte by byte, and is shown so that it only shows.
run run --out "$tmp/runs" tests/fixtures/scenario/good/bytes.yaml
expect_status 0 "bytes"
trace=$tmp/runs/peers/bytes/trace.ndjson
for sent in 000120097f25c3a90d0a 000d0a 160301ff; do
	expect_text "$trace" "$sent\",\"packet_len" "bytes"
done
expect_text "$tmp/out" 'text "\x00\x01 \x09\x7f%é\r\n"' "bytes"
expect_text "$tmp/runs/peers/bytes/report.html" '\x00\xff\xc3(\x1b[31mred' "bytes"

# A proxy's two connections are one diagram, with the proxy in the middle; and so on a wide terminal.
run run --out "$tmp/runs" tests/fixtures/scenario/good/proxy.yaml
expect_status 0 "proxy"
md=$tmp/runs/peers/proxy/report.md
expect_text "$md" "participant M as proxy 8000 and 5352" "proxy"
expect_text "$md" "Note over M: 8000 CLOSE_WAIT" "proxy"
[ "$(grep -n -e '->>M: FIN\|M->>R: FIN' "$md" | sed 's/.*: *\([LM]\).*/\1/' | tr -d '\n')" = LM ] ||
	complain "proxy: its FIN is not told behind its client's"

# A kernel without MPTCP skips it.
run run --out "$tmp/runs" tests/fixtures/scenario/good/mptcp.yaml
[ "$status" -eq 77 ] || expect_status 0 "mptcp"

# Lost, not started, ended by force; and a twin will not do where Redis itself is meant.
file=tests/fixtures/scenario/good/forced.yaml
run run --out "$tmp/runs" "$file"
expect_status 0 "forced"
expect_text "$tmp/out" "client -> server  CLOSED SYN_SENT ESTABLISHED CLOSED, by force" "forced"
expect_text "$tmp/runs/peers/forced/report.json" '"known": "forced"' "forced"
expect_text "$tmp/runs/peers/forced/trace.ndjson" 'Address already in use' "its last words"
run run --mock --out "$tmp/mock" "$file"
expect_status 77 "mock: no"
expect_text "$tmp/runs/peers/simultaneous-open/trace.ndjson" '"program":"peer"' "its program"

# scenario STEP... - a peer that listens, one that does not, and some steps
scenario() {
	cat >"$tmp/peers.yaml" <<END
scenario: 1
name: test/peers
title: Something else happens
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Only
    do:
      - start: client
      - start: server
$(printf '      - %s\n' "$@")
    expect: []
    within: 300ms
END
	run run --out "$tmp/runs" "$tmp/peers.yaml"
}

# missed WHAT - the run ended as an expectation that did not come true, and says why
trace=$tmp/runs/test/peers/trace.ndjson
missed() {
	expect_status 1 "$1"
	expect_text "$trace" "$1" "$1"
	expect_text "$trace" '"how":"unmet"' "$1"
}

scenario "stop: client" "fail: client"
missed "fail client: it has started, but it was expected to end"
scenario "listen: server" "destroy: server ESTABLISHED"
missed "destroy server ESTABLISHED: there is no such row"
scenario "connect: client to 127.0.0.1:7000"
missed "connect client to 127.0.0.1:7000: the answer was ECONNREFUSED (Connection refused), expected success"
scenario "listen: server" "connect: { by: client, to: server, expect: ECONNREFUSED }"
missed "the answer was success, expected ECONNREFUSED"
scenario "open: client to server" "hold: SYN from client" \
	"connect: { by: client, to: server, as: other, wait: no }" "accept: { by: server, as: other }"
missed "accept server (as other): there was no answer in time"
scenario "listen: server" "connect: client to server" "accept: server" \
	"send: { by: client, bytes: 3 }" "shutdown: client" "receive: { by: server, bytes: 5 }"
missed "the end of file came after 3 of 5 bytes"
scenario "listen: server" "connect: client to server" "accept: server" \
	"receive: { by: server, wait: later }" "send: { by: client, bytes: 3 }" \
	"answered: { by: server, bytes: 5 }"
missed "answered server (bytes 5): it was 3 bytes, expected 5"
scenario "listen: server" "connect: client to server" "accept: server" \
	"hold: 'data from client #2'" "send: { by: client, bytes: 3 }" \
	"receive: { by: server, bytes: 3 }" "receive: { by: server, wait: later }" \
	"send: { by: client, bytes: 3 }" "answered: server"
missed "answered server: there was no answer in time"
scenario "listen: server" "connect: client to server" "accept: server" \
	"receive: { by: server, wait: later }" "abort: client" "answered: server"
missed "the answer was ECONNRESET (Connection reset by peer), expected success"
scenario "open: client to server" "hold: SYN from client" \
	"connect: { by: client, to: server, as: other, wait: no }" "await: SYN from client" \
	"connected: { by: client, on: other }"
missed "connected client (on other): there was no answer in time"
finish
