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
  net.ipv4.tcp_fastopen: $fastopen
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

expect='[server LISTEN]' claim='' within=300ms fastopen=519 # without cookies
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

# Data in the SYN needs the client's option, the listener's, and, where the kernel asks for one, a
# cookie of an earlier connection.
claim='[{ counter: TCPFastOpenPassive, at-least: 1 }]'
steps='- listen: { by: server, fast-open: 5 }
- connect: { by: client, to: server OPTION }
- send: { by: client, text: hello }
- accept: server
- receive: { by: server, bytes: 5 }' expect='[server LISTEN]'
shows "fast-open: yes"
steps='- listen: { by: server OPTION }
- connect: { by: client, to: server, fast-open: yes, text: hello }
- accept: server
- receive: { by: server, bytes: 5 }'
shows "fast-open: 5"
steps='- listen: { by: server, fast-open: 5 }
- connect: { by: client, to: server, as: first OPTION }
- accept: { by: server, as: first }
- connect: { by: client, to: server, as: second, fast-open: yes, text: hello }
- accept: { by: server, as: second }
- receive: { by: server, on: second, bytes: 5 }' fastopen=3
shows "fast-open: yes, text: hello"
claim='' fastopen=519

# "no" delays what is acknowledged at once otherwise, and "yes" takes that back
steps="$open"'
- set: { by: server, on: connection, quick-ack: no }
- set: { by: server, on: connection OPTION }
- send: { by: client, bytes: 5 }' claim='[{ counter: DelayedACKs, at-least: 1 }]'
expect='[client -> server ESTABLISHED send-q 0]' within=3s
once ", quick-ack: no"
expect_status 0 "quick-ack: no"
once ", quick-ack: yes"
expect_status 1 "quick-ack: yes"
claim='' within=300ms

# close() waits for the ACK, and here until the kernel has given up; without it, it returns at once
steps="$open"'
- set: { by: client, user-timeout: 2s }
- lose: all data from client
- lose: all FIN from client
- send: { by: client, bytes: 5 }
- close: { by: client OPTION }' expect='[client -> server FIN_WAIT1]'
once ""
expect_status 0 "without linger"
once ", linger: 10s"
expect_status 1 "linger: 10s, and nobody acknowledges"
# but no longer than that
steps="$open"'
- send: { by: client, bytes: 5 }
- close: { by: client OPTION }' expect='[client -> server FIN_WAIT2]'
once ", linger: 60s"
expect_status 0 "linger: 60s, and all is acknowledged"

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

steps='- listen: server
- connect: { by: client, to: server OPTION }
- accept: server
- hold: all data from client
- send: { by: client, until: full }'
expect='[client -> server ESTABLISHED send-q <60000]'
shows "send-buffer: 4096"

# An option can be set at any later time, and on a connection as it is accepted.
steps="$open"'
- set: { by: client OPTION }' expect='[client -> server ESTABLISHED timer keepalive <=7s]'
once ", keepalive: { idle: 7s }"
expect_status 0 "set keepalive"
once ", no-delay: yes"
expect_status 1 "set another option"
steps='- listen: server
- connect: client to server
- accept: { by: server OPTION }' expect='[server -> client ESTABLISHED timer keepalive <=7s]'
shows "keepalive: { idle: 7s }"

# MP_CAPABLE in the SYN: kind 30 among its options
steps='- listen: { by: server OPTION }
- connect: { by: client, to: server OPTION }
- accept: server'
expect='[server LISTEN, server -> client ESTABLISHED, client -> server ESTABLISHED]'
capable='"flags":"SYN",.*"packet":"[0-9a-f]*1e04[0-9a-f]*","packet_len"'
once ""
expect_status 0 "without mptcp"
! grep -q "$capable" "$tmp/runs/test/options/trace.ndjson" || complain "MPTCP, unasked"
needs='needs: { mptcp: yes }'
once ", protocol: mptcp"
[ "$status" -eq 77 ] || expect_status 0 "protocol: mptcp"
[ "$status" -eq 77 ] || grep -q "$capable" "$tmp/runs/test/options/trace.ndjson" ||
	complain "protocol: mptcp: its SYN has no MP_CAPABLE"

finish
