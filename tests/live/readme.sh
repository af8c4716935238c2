#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The README and its chapters: the scenarios that they teach with run, their samples are what the
# program prints, and what they and the workflows say about the commands is so.
. "$(dirname "$0")/../common.sh"

cat >"$tmp/my_client.py" <<'END'
import socket

with socket.create_connection(("127.0.0.1", 7000)) as server:
    server.recv(1)
END
for ((i = 1; ; i++)); do
	awk -v i="$i" '/^```yaml/ { n++; inside = 1; next } /^```/ { inside = 0 } inside && n == i' \
		README.md docs/*.md >"$tmp/mine.yaml"
	[ -s "$tmp/mine.yaml" ] || break
	run check "$tmp/mine.yaml"
	expect_status 0 "scenario $i of the chapters"
	run run --out "$tmp/runs" "$tmp/mine.yaml"
	expect_status 0 "scenario $i of the chapters"
done
[ "$i" -gt 2 ] || complain "the chapters have no scenarios"
for verb in start launch ready stop terminate kill freeze thaw command sysctl hold await \
	release drop lose pass destroy fail; do
	grep -q "\`$verb\`" docs/scenarios.md || complain "docs/scenarios.md does not name the verb $verb"
done

# sample NAME ARGUMENT... - what a chapter can show of a command's output
sample() {
	LC_ALL=C.UTF-8 run "${@:2}"
	expect_status 0 "$*"
	mv "$tmp/out" "$tmp/$1.sample"
}
sample walkthrough run --out "$tmp/runs" redis/walkthrough
sample slow run --out "$tmp/runs" redis/walkthrough-slow
tshark -r "$tmp/runs/redis/walkthrough-slow/report.pcapng" -T fields -E occurrence=l \
	-e frame.comment 2>/dev/null | sed 's/\\n/\n/g' >"$tmp/capture.sample"
run run --out "$tmp/arcs" -j2 rfc9293/three-way-handshake rfc9293/listener-cannot-connect \
	rfc9293/close-in-syn-sent
expect_status 0 "what coverage needs"
sample coverage coverage "$tmp/arcs"
/usr/bin/python3 tests/readme.py "$TCPLAB" "$tmp"/*.sample >&2 || wrong=1
finish
