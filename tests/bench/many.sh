#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many connections: a thousand opened and closed with the wire tapped, ten thousand rows without,
# and what the reports of each cost on top.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
rounds=${ROUNDS:-5}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# scenario NAME WIRE COUNT - and the phases that follow on standard input
scenario() {
	cat >"$tmp/$1.yaml" <<END
scenario: 1
name: bench/$1
title: Many connections
watch: 7000
wire: $2
sysctl:
  net.core.somaxconn: 65535
  net.ipv4.tcp_max_syn_backlog: 65535
  net.ipv4.ip_local_port_range: 10000 60999
actors:
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Open
    do:
      - start: server
      - start: client
      - listen: { by: server, backlog: 65535 }
      - repeat: $3
        do:
          - connect: { by: client, to: server, as: c\$n }
          - accept: { by: server, as: s\$n }
    expect:
      - server LISTEN
      - client -> server ESTABLISHED x$3
      - server -> client ESTABLISHED x$3
    within: 60s
END
	cat >>"$tmp/$1.yaml"
}

scenario thousand tap 1000 <<'END'
  - phase: The client is killed
    do: [ kill: client ]
    expect:
      - server LISTEN
      - client -> server FIN_WAIT2 x1000
      - server -> client CLOSE_WAIT x1000
    within: 60s
  - phase: The server is killed
    do: [ kill: server ]
    expect:
      - client -> server TIME_WAIT x1000
    within: 60s
END
scenario rows off 5000 </dev/null

# measure NAME - the milliseconds of the run itself, and of all of it with every report
measure() {
	local start=${EPOCHREALTIME/[.,]/}
	"${TCPLAB:?the path of tcplab}" run --out "$tmp/out" "$tmp/$1.yaml" </dev/null >"$tmp/log" 2>&1 ||
		{ tail -20 "$tmp/log" >&2; exit 1; }
	echo $(((${EPOCHREALTIME/[.,]/} - start) / 1000)) >>"$tmp/$1.all"
	/usr/bin/python3 -c 'import json, sys
print(json.load(open(sys.argv[1], encoding="utf-8"))["took_ns"] // 1000000)' \
		"$tmp/out/bench/$1/report.json" >>"$tmp/$1.run"
}

for ((i = 0; i < rounds; i++)); do
	for name in thousand rows; do measure "$name"; done
done

median() {
	sort -n "$tmp/$1" | sed -n "$(((rounds + 1) / 2))p"
}

echo "Many connections, $rounds rounds each in turn; median milliseconds"
echo "                                            the run  with all reports"
printf '  1 000 opened and closed, tapped          %7d  %16d\n' "$(median thousand.run)" "$(median thousand.all)"
printf '  10 000 rows, the wire left alone         %7d  %16d\n' "$(median rows.run)" "$(median rows.all)"
