#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each option of a socket is in force: what shows it in the table, in the segments or in an answer
# is so with the option, and is not so without it.
. "$(dirname "$0")/../common.sh"

# once OPTION - the scenario of $steps, $expect and $claim with this in the place of OPTION
once() {
	cat >"$tmp/options.yaml" <<END
scenario: 1
name: test/options
title: An option
${needs:-}
watch: 7000
sysctl:
  net.ipv4.ip_local_port_range: 53525 53530
  net.ipv4.tcp_fastopen: 0x603
  net.ipv4.tcp_early_retrans: 0
  net.ipv4.tcp_autocorking: 0
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Only
    do:
      - start: client
      - start: server
$(printf '%s\n' "${steps//OPTION/$1}" | sed 's/^/      /')
    expect: $expect
    others: ignore
    within: $within
${claim:+claims:
  - claim: option
    says: It is so.
    check: $claim
    verdict: holds}
END
	run run --out "$tmp/runs" "$tmp/options.yaml"
}

# shows OPTION [OTHERWISE] - so with the option, and not so without it
shows() {
	once ", $1"
	expect_status 0 "$1"
	once "${2:-}"
	expect_status 1 "without $1"
}

expect='[server LISTEN]' claim='' within=300ms
open='- listen: server
- connect: { by: client, to: server OPTION }
- accept: server'

steps=$open expect='[client -> server ESTABLISHED timer keepalive <=7s]'
shows "keepalive: { idle: 7s, interval: 1s, probes: 2 }"

steps='- listen: { by: server OPTION }
- connect: client to server' expect='[server LISTEN send-q 3]'
shows "backlog: 3"

# without it the ACK opens the connection
steps='- listen: { by: server OPTION }
- connect: client to server' expect='[server LISTEN recv-q 0]'
shows "defer-accept: 3s"

# bytes that wait for more
steps="$open"'
- send: { by: client, bytes: 5 }' expect='[server -> client ESTABLISHED recv-q 0]'
shows "cork: yes"

# the second of two small pieces, whose first is not acknowledged, goes at once
steps="$open"'
- hold: all data from client
- send: { by: client, bytes: 5 }
- send: { by: client, bytes: 5 }
- await: "data from client #2"' expect='[server LISTEN]'
shows "no-delay: yes"

steps='- listen: { by: server, as: a OPTION }
- listen: { by: server, as: b OPTION }' expect='[server LISTEN x2]'
once ", reuse-port: yes"
expect_status 0 "reuse-port"
steps='- listen: { by: server, as: a OPTION }
- listen: { by: server, as: b, expect: EADDRINUSE OPTION }' expect='[server LISTEN]'
once ""
expect_status 0 "without reuse-port"
once ", reuse-port: yes"
expect_status 1 "reuse-port, and the address is not in use"

steps='- listen: { by: server, address: "::" OPTION }
- connect: { by: client, to: "127.0.0.1:7000", expect: ECONNREFUSED }'
expect='[server LISTEN]'
shows "v6-only: yes"

# two connections from one port, to two ends: taken only when the other end is known
steps='- listen: server
- listen: { by: server, as: second, address: 127.0.0.2 }
- sysctl: { net.ipv4.ip_local_port_range: 53525 53525 }
- connect: { by: client, to: "127.0.0.1:7000", from: 127.0.0.3, as: first OPTION }
- connect: { by: client, to: "127.0.0.2:7000", from: 127.0.0.3, as: other OPTION }'
shows "bind-no-port: yes"

# a RST in the place of a FIN
steps="$open"'
- close: { by: client OPTION }' expect='[server LISTEN]'
claim='[{ segment: RST from client, times: 1 }]'
shows "linger: 0s"
claim=''

steps='- listen: { by: server, fast-open: 5 }
- connect: { by: client, to: server, text: hello OPTION }
- accept: server' expect='[server LISTEN]'
claim='[{ counter: TCPFastOpenPassive, at-least: 1 }]'
once ", fast-open: yes"
expect_status 0 "fast-open"
claim=''

# nobody acknowledges, and nobody waits for longer
steps="$open"'
- lose: all data from client
- send: { by: client, bytes: 5 }
- receive: { by: client, expect: ETIMEDOUT }' expect='[server LISTEN]' within=3s
shows "user-timeout: 300ms"
within=300ms

# SO_RCVBUF is what limits how much comes unread, SO_SNDBUF how much waits to be sent
steps='- listen: server
- connect: { by: client, to: server OPTION }
- accept: server
- send: { by: server, on: connection, bytes: 60000 }'
expect='[client -> server ESTABLISHED recv-q <60000]'
shows "receive-buffer: 4096"

# MP_CAPABLE in the SYN: kind 30 among its options
steps='- listen: { by: server OPTION }
- connect: { by: client, to: server OPTION }' expect='[client -> server ESTABLISHED]'
capable='"flags":"SYN",.*"packet":"[0-9a-f]*1e04[0-9a-f]*","packet_len"'
once ""
expect_status 0 "without mptcp"
! grep -q "$capable" "$tmp/runs/test/options/trace.ndjson" || complain "MPTCP, unasked"
needs='needs: { mptcp: yes }'
once ", protocol: mptcp"
[ "$status" -eq 77 ] || grep -q "$capable" "$tmp/runs/test/options/trace.ndjson" ||
	complain "protocol: mptcp: its SYN has no MP_CAPABLE"

finish
