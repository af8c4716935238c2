#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Segments and calls that meet a state they are not meant for, RFC 9293 section 3.10 cell by
# cell: each does what Linux does, and the ladder and the life of the socket tell it so.
. "$(dirname "$0")/../common.sh"

run run --color=never -j 2 --out "$tmp/runs" tests/fixtures/events/*.yaml
[ "$status" -eq 77 ] && exit 77 # without the wire none of them can be
expect_status 0 "each event"
[ "$status" -eq 0 ] || cat "$tmp/out" >&2

# expect_line NAME TEXT - a line of the ladder in the report of that event
expect_line() {
	run report "$tmp/runs/events/$1/trace.ndjson"
	expect_text "$tmp/out" "$2" "events/$1"
}

expect_line established-rst-outside "──RST, of an old connection, released──"
expect_line fin-wait2-ack-paws "──duplicate ACK─────"
expect_line listen-rst "──RST─────────────────────────────────────────────▶  LISTEN"
expect_line last-ack-syn "├─────────challenge ACK──  LAST_ACK"
expect_line closing-syn "├─────────challenge ACK──  CLOSING"
expect_line close-wait-old-data "├───data, 5 bytes again──  ESTABLISHED"
expect_line syn-sent-old-data "SYN_SENT     ◀───data, 5 bytes, of an old connection, released──  CLOSED"
expect_line abort-in-fin-wait1 "◀─────────────────────────────────────────────RST──  LISTEN"

# expect_end NAME ACTOR ARC - along which arc a socket of that actor's came to its end
expect_end() {
	"$TCPLAB" report --format json "$tmp/runs/events/$1/trace.ndjson" | python3 -c '
import json, sys
ends = [life["states"][-1]["arc"] for life in json.load(sys.stdin)["sockets"]
        if life["owner"] == sys.argv[1] and life["peer"]]
sys.exit(sys.argv[2] not in ends)' "$2" "$3" || complain "events/$1: $2 does not end by $3"
}

expect_end close-in-closing server R-CLOSING
expect_end close-in-fin-wait2 client X2
expect_end close-in-fin-wait2-no-room client X9
finish
