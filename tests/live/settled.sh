#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Steps settle, so that each of these is the same every time, word for word; owners are known
# from calls, descriptors and live listeners; what repairs a loss gets through.
. "$(dirname "$0")/../common.sh"

# What differs from run to run: how long something took, and the kernel's choice of ports.
same() {
	sed -E 's/[0-9.]+ (ms|s)\b/T/g; s/ +T/ T/g; s/process [0-9]+/process P/g; s/open: [0-9, ]+/open: P/' "$1"
}

for file in tests/fixtures/engine/*.yaml; do
	name=$(basename "$file" .yaml)
	[ "$name" = no-answer ] && continue
	[ "$name" = forked ] && ! command -v redis-server >/dev/null && continue
	for i in 1 2 3 4 5; do
		run run --color=never --out "$tmp/out-$name" "$file"
		[ "$status" -eq 77 ] && break
		expect_status 0 "$name, run $i"
		# A worker of the kernel sends the second FIN, before or after the ACK of the first.
		[ "$name" = mptcp-close-close ] && continue
		same "$tmp/out" >"$tmp/$name.$i"
		cmp -s "$tmp/$name.1" "$tmp/$name.$i" && continue
		complain "$name: run $i differs from the first"
		diff "$tmp/$name.1" "$tmp/$name.$i" >&2
	done
done
run run --out "$tmp/out-no-answer" tests/fixtures/engine/no-answer.yaml
expect_status 1 "a step that has no answer"

if [ -e "$tmp/forked.1" ]; then
	expect_text "$tmp/forked.1" "processes have it open: P" "a forked descriptor"
	expect_text "$tmp/forked.1" "its child process P" "one that the parent has closed"
fi
if [ -e "$tmp/listener-connects.1" ]; then
	expect_text "$tmp/listener-connects.1" "gone                server                  was LISTEN" \
		"a listener's descriptor that connects"
fi
for name in close-close-untapped dead-listener lost-ack forked no-answer; do
	trace=$tmp/out-$name/engine/$name/trace.ndjson
	grep -qs '"event":"phase"' "$trace" || continue # it was skipped
	python3 -B tests/engine.py "$trace" || complain "$name: its trace"
done
# The child that a master forks to send its data holds all sockets of the master until it ends.
if [ -n "$(command -v redis-server)" ]; then
	${CC:-cc} -shared -fPIC -o "$tmp/slow_child.so" tests/slow_child.c || complain "slow_child.c"
	LD_PRELOAD=$tmp/slow_child.so run run --out "$tmp/child" redis/walkthrough
	expect_status 0 "a master whose child takes its time"
	! grep -F "processes have it open" "$tmp/out" >&2 ||
		complain "a replica was ready while the master's child had its sockets"
fi

# Two that talk without end: what comes next begins.
cat >"$tmp/talk" <<'END'
import socket, sys

if sys.argv[1:]:
    listener = socket.create_server(("127.0.0.1", 7000))
    s = listener.accept()[0]
else:
    s = socket.create_connection(("127.0.0.1", 7000))
    s.send(b"x")
while s.send(s.recv(1)):
    pass
END
cat >"$tmp/talk.yaml" <<END
scenario: 1
name: test/talk
title: Two programs answer each other without end
watch: 7000
actors:
  server: { program: { run: [/usr/bin/python3, talk, listen], cwd: $tmp, port: 7000 } }
  client: { program: { run: [/usr/bin/python3, talk], cwd: $tmp } }
phases:
  - phase: They talk
    do: [start: server, start: client]
    expect: [server -> client ESTABLISHED]
    others: ignore
  - phase: One of them stops
    do: [freeze: client]
    expect: [server -> client ESTABLISHED]
    others: ignore
END
timeout -s INT 60 "$TCPLAB" run -q --report json --out "$tmp/out-talk" "$tmp/talk.yaml" ||
	complain "a phase does not begin while two talk without end"

# Of Multipath TCP a worker of the kernel takes a close, and it may get no processor for long.
cat >"$tmp/client.py" <<'END'
import os, signal, socket, sys, time

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.sched_setaffinity(0, [int(sys.argv[1])])
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.bind(("127.0.0.1", 53525))
s.connect(("127.0.0.1", 7000))
print("connected")
signal.sigwait([signal.SIGUSR1])
s.close()
print("closed")
end = time.monotonic() + 0.3
while time.monotonic() < end:
    pass
END
read -r one other _ < <(python3 -c 'import os; print(*os.sched_getaffinity(0))')
cat >"$tmp/busy.yaml" <<END
scenario: 1
name: test/busy
title: The client's processor is busy when the client has closed
needs: { mptcp: yes }
watch: 7000
wire: off
actors:
  client:
    program:
      run: [/usr/bin/python3, -u, client.py, "${other:-$one}"]
      cwd: $tmp
      ready: { says: connected }
  server: { peer: { port: 7000 } }
phases:
  - phase: Open
    do:
      - start: server
      - listen: { by: server, protocol: mptcp }
      - start: client
      - accept: server
    expect:
      - server LISTEN
      - client -> server ESTABLISHED
      - server -> client ESTABLISHED
  - phase: Close and close
    do:
      - signal: { actor: client, signal: USR1 }
      - says: { actor: client, text: closed }
      - close: { by: server, on: connection }
    expect:
      - server LISTEN
      - client -> server TIME_WAIT
END
# A worker waits only for what runs in real time, which not everybody may.
first=()
[ -n "${other:-}" ] && chrt -f 1 true 2>/dev/null && first=(chrt -f 1 taskset -c "$one")
status=0
"${first[@]}" "$TCPLAB" run --out "$tmp/busy" "$tmp/busy.yaml" >"$tmp/out" 2>"$tmp/err" || status=$?
[ "$status" -eq 77 ] || expect_status 0 "a close of Multipath TCP that is taken late"

# A kernel that does not show whether it has been taken.
if [ "$status" -ne 77 ]; then
	${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$tmp/no_mptcp_diag.so" tests/no_mptcp_diag.c -ldl ||
		complain "no_mptcp_diag.c"
	LD_PRELOAD=$tmp/no_mptcp_diag.so run run --out "$tmp/busy" "$tmp/busy.yaml"
	expect_status 77 "a kernel that shows no sockets of Multipath TCP"
	expect_text "$tmp/busy/test/busy/trace.ndjson" "mptcp_diag" "its reason"
fi

finish
