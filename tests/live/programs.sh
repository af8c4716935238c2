#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs as actors: python3's web server and small shell scripts, with all they start.
. "$(dirname "$0")/../common.sh"

# scenario ACTORS STEPS EXPECT - a scenario with one phase; lines of YAML
scenario() {
	cat >"$tmp/programs.yaml" <<END_
scenario: 1
name: test/programs
title: Programs
watch: [7000, 7001]
actors:
$1
phases:
  - phase: Only
    do:
$2
    expect: $3
    within: 2s
END_
	run run --out "$tmp/runs" "$tmp/programs.yaml"
}

trace=$tmp/runs/test/programs/trace.ndjson
server='  server:
    program:
      run: [python3, -u, -m, http.server, "7000", --bind, 127.0.0.1]
      port: 7000
      files: { index.html: "hello\n" }'

# It is ready when it listens, its sockets are its own, and a request is answered.
client='
import socket
s = socket.create_connection(("127.0.0.1", 7000))
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
answer = b""
while part := s.recv(4096):
    answer += part
print(answer.decode().splitlines()[-1])
raise SystemExit(0 if answer.endswith(b"hello\n") else 1)'
scenario "$server
  client:
    program:
      run: [python3, client.py]
      ready: exits
      files:
        client.py: |$(printf '%s' "$client" | sed 's/^/          /')" "
      - start: server
      - start: client
      - freeze: server
      - thaw: server" "[server LISTEN, server -> client TIME_WAIT]"
expect_status 0 "a web server and its client"
expect_text "$tmp/out" "python3 (server, client)" "which programs"
expect_text "$trace" '"change":"exited","pid":' "the client's end"

# Twice forked, and its parent gone: it belongs to the actor, is frozen, and ends with it.
daemon='import os, socket, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 7000))
s.listen()
c, _ = s.accept()
while c.recv(10):
    c.send(b"x")
time.sleep(1000)'
daemon_actor="  daemon:
    program:
      run: [python3, daemon.py]
      port: 7000
      grace: 1s
      files:
        daemon.py: |
$(printf '%s\n' "$daemon" | sed 's/^/          /')
  client: { peer: {} }"
scenario "$daemon_actor" "
      - start: daemon
      - start: client
      - connect: client to daemon
      - freeze: daemon
      - send: { by: client, bytes: 5 }
      - receive: { by: client, wait: no, expect: EAGAIN }
      - thaw: daemon
      - receive: { by: client, bytes: 1 }
      - stop: daemon" "[client -> daemon CLOSE_WAIT, daemon -> client FIN_WAIT2]"
expect_status 0 "a daemon, twice forked"
expect_text "$tmp/out" "daemon -> client  LISTEN" "whose socket"

# Who does not heed the signal is killed when the grace is over, and whom it left behind.
scenario '  deaf:
    program:
      run: [sh, -c, "trap : TERM; (trap : TERM; while :; do sleep 1; done) & echo up; while :; do sleep 1; done"]
      ready: { says: up }
      grace: 300ms' "
      - start: deaf
      - stop: deaf" "[]"
expect_status 0 "deaf to SIGTERM"
expect_text "$trace" '"signal":9' "killed at last"

# The signal is of its choice, the status what it says, its environment and input its own.
scenario '  chooser:
    program:
      run: [sh, -c, "trap \"exit 3\" USR1; echo ready; while :; do sleep 0.01; done"]
      ready: { says: ready }
      stop: USR1
  reader:
    program:
      run: [sh, -c, "read line; test \"$line $WORD $(cat a/b) $HOME\" = \"one two three $PWD\""]
      input: "one\n"
      env: { WORD: two }
      files: { a/b: three }
  plain: { program: { run: [sh, -c, "exit 4"] } }' "
      - start: chooser
      - stop: chooser
      - start: reader
      - exits: { actor: reader, status: 0 }
      - start: plain
      - exits: { actor: plain, status: 4 }" "[]"
expect_status 0 "signal, status, environment, input"
expect_text "$trace" '"change":"exited","pid":' "its end"
expect_text "$trace" '"status":3' "its status"

# A signal in the middle of its life, what it says to that, and an end by one.
app='  app:
    program:
      run: [sh, app.sh]
      ready: { says: up }
      files:
        app.sh: |
          trap "echo reloaded" HUP
          trap "exit 3" USR1
          echo up
          while :; do sleep 0.02; done'
scenario "$app" "
      - start: app
      - signal: { actor: app, signal: HUP }
      - says: { actor: app, text: reloaded }
      - signal: { actor: app, signal: SIGUSR1 }
      - exits: { actor: app, status: 3 }
      - start: app
      - signal: { actor: app, signal: ABRT }
      - exits: { actor: app, signal: ABRT }" "[]"
expect_status 0 "signals, and what it says"
scenario "$app" "
      - start: app
      - signal: { actor: app, signal: USR1 }
      - exits: { actor: app, signal: ABRT }" "[]"
expect_status 1 "another signal"
expect_text "$trace" "it ended with status 3, expected signal 6 (Aborted)" "another signal"
scenario "$app" "
      - start: app
      - says: { actor: app, text: reloaded }" "[]"
expect_status 1 "it does not say it"
expect_text "$trace" "says app reloaded: it has not" "it does not say it"
scenario "$app" "
      - start: app
      - signal: { actor: app, signal: USR1 }
      - says: { actor: app, text: reloaded }" "[]"
expect_status 1 "it ends and has not said it"
expect_text "$trace" "app ended with status 3" "it ends and has not said it"
# What it said before it ended counts, also where its end is its start's.
once='  once: { program: { run: [sh, -c, "echo code 502"], ready: exits } }'
scenario "$once" "
      - start: once
      - says: { actor: once, text: code 502 }
      - exits: { actor: once, status: 0 }
      - says: { actor: once, text: code }" "[]"
expect_status 0 "it has said it, and ended"
scenario "$once" "
      - start: once
      - says: { actor: once, text: code 200 }" "[]"
expect_status 1 "it has ended, and said something else"
expect_text "$trace" "once ended with status 0" "it has ended, and said something else"

# Another end than was expected is the scenario's failure, with its last words.
scenario '  plain: { program: { run: [sh, -c, "echo so long; exit 4"] } }' "
      - start: plain
      - exits: { actor: plain, status: 0 }" "[]"
expect_status 1 "another status"
expect_text "$trace" "it ended with status 4, expected status 0" "another status"
expect_text "$trace" "so long" "its last words"
scenario '  bad: { program: { run: [sh, -c, "echo no way >&2; exit 1"], ready: exits } }' "
      - start: bad" "[]"
expect_status 1 "ready: exits"
expect_text "$trace" "no way" "its last words"
scenario '  stays: { program: { run: [sleep, 1000] } }' "
      - start: stays
      - exits: stays" "[]"
expect_status 1 "it does not end"
expect_text "$trace" "exits stays: it is still running" "it does not end"

# What it writes is in the trace where it wrote it, washed, and the end of it where it is long;
# it is shown where something failed, and only there.
scenario '  talks:
    program:
      run: [sh, -c, "seq 1 5000; echo the end; sleep 1000"]
      ready: { says: the end }' "
      - start: talks" "[]"
expect_status 0 "a program that talks"
expect_text "$trace" '"event":"output"' "its output"
expect_text "$trace" 'the end\n","left_out":' "the end of its output"
grep -q '"left_out":[1-9]' "$trace" || complain "what is left out: not counted"
! grep -q "the end" "$tmp/out" || complain "an output is shown of a run that passed"
grep -n 'the end.n","left_out":' "$trace" | head -1 | cut -d: -f1 >"$tmp/said"
grep -n '"change":"ready"' "$trace" | head -1 | cut -d: -f1 >"$tmp/ready"
[ "$(cat "$tmp/said")" -lt "$(cat "$tmp/ready")" ] || complain "its output comes after it was ready by it"
run report --json "$trace"
expect_text "$tmp/out" '"actor": "talks"' "the outputs of the JSON report"
scenario '  talks: { program: { run: [sh, -c, "printf '"'\\\\033[31mred\\\\n'"'; sleep 1000"] } }' "
      - start: talks" "[talks LISTEN]"
expect_status 1 "a program that does not listen"
expect_text "$tmp/out" "What the programs wrote" "what it wrote"
expect_text "$tmp/out" '\x1b[31mred' "what it wrote, washed"
grep -q '\x1b.31mred' "$tmp/runs/test/programs/report.xml" || complain "JUnit has not what it wrote"

# One that ends where it was to listen has not started; one that is not there is named.
scenario '  early: { program: { run: [sh, -c, "echo cannot bind; exit 1"], port: 7000 } }' "
      - start: early" "[]"
expect_status 3 "it ended early"
expect_text "$trace" "cannot bind" "it ended early"
scenario '  missing: { program: { run: [no-such-program-here] } }' "
      - start: missing" "[]"
expect_status 77 "a program that is not there"
expect_text "$trace" "no-such-program-here is not in PATH; install it" "its name"
! grep -q redis-server "$tmp/out" || complain "another program is blamed"

# One that writes where it cannot is told where it can; equal rows too many are said once.
scenario '  writes: { program: { run: [sh, -c, "echo x >/usr/x"], ready: exits } }' "
      - start: writes" "[]"
tr -s '\n ' ' ' <"$tmp/out" >"$tmp/flat"
expect_text "$tmp/flat" "it can write only to its own directory, HOME and TMPDIR" "a file elsewhere"
scenario '  client: { peer: {} }
  server: { peer: { port: 7000 } }' "
      - repeat: 3
        do:
          - open: { by: client, to: server, as: c\$n }" "[server LISTEN]"
expect_status 1 "rows too many"
tr -s '\n ' ' ' <"$tmp/out" >"$tmp/flat"
expect_text "$tmp/flat" "unexpected: server -> client ESTABLISHED x3" "rows too many"

# A program that lets the kernel choose its port gets the one that the scenario leaves.
scenario '  server:
    program:
      run: [python3, server.py]
      port: 7000
      files:
        server.py: |
          import socket, time
          listener = socket.create_server(("127.0.0.1", 0))
          kept = listener.accept(); time.sleep(1000)
  client: { peer: {} }' "
      - sysctl: { net.ipv4.ip_local_port_range: 7000 7000 }
      - start: server
      - sysctl: { net.ipv4.ip_local_port_range: 53525 53525 }
      - start: client
      - connect: client to server" "[server LISTEN, server -> client ESTABLISHED, client -> server ESTABLISHED]"
expect_status 0 "a port of the kernel's choice"

# The example of the README passes as it stands there, and a client that leaks fails it.
run run --out "$tmp/runs" lab/examples/my-client.yaml
expect_status 0 "the example of the README"
sed 1d lab/examples/my-client.yaml >"$tmp/example"
awk '/^```yaml$/ { text = ""; next } /^```$/ { if (text ~ /my_client/) printf "%s", text; text = "" }
	{ text = text $0 "\n" }' README.md >"$tmp/shown"
[ "$(wc -l <"$tmp/shown")" -eq 20 ] || complain "README.md: its twenty lines are not twenty"
cmp "$tmp/example" "$tmp/shown" || complain "README.md shows another lab/examples/my-client.yaml"
# So do the lines that the workflow and the job run, in a project that has only this scenario; what
# they keep is there, and a client that leaks fails, below.
project() { # FILE - its line that runs the scenarios, without sudo, in $tmp/project
	mkdir -p "$tmp/project/scenarios" && rm -rf "$tmp/project/out"
	cp lab/examples/my-client.yaml lab/examples/my_client.py "$tmp/project/scenarios/"
	line=$(sed -n 's/^ *-* *\(tcplab run .*\)$/\1/p' "$1")
	(cd "$tmp/project" && PATH=$(dirname "$TCPLAB"):$PATH GITHUB_STEP_SUMMARY=$tmp/project/summary \
		sh -c "$line" >"$tmp/out" 2>"$tmp/err")
}
for example in github-actions.yml gitlab-ci.yml; do
	project "lab/examples/$example" || complain "lab/examples/$example: its scenarios fail"
	[ -s "$tmp/project/out/my-client/report.html" ] || complain "lab/examples/$example: no page"
	# shellcheck disable=SC2046 # a pattern, as it stands in the file
	for kept in $(cd "$tmp/project" && shopt -s globstar nullglob &&
		printf '%s\n' $(sed -n 's/^ *junit: \([^ ]*\).*/\1/p' "$OLDPWD/lab/examples/$example")); do
		grep -q "<testsuite name=\"my-client\"" "$tmp/project/$kept" || complain "$example: no JUnit in $kept"
		found=$example
	done
done
[ "${found:-}" = gitlab-ci.yml ] || complain "lab/examples/gitlab-ci.yml keeps no JUnit"
grep -q "My client closes" "$tmp/project/summary" || complain "lab/examples/github-actions.yml: no summary"
cp lab/examples/my-client.yaml "$tmp/leak.yaml"
sed 's/with \(.*\) as connection:/connection = \1\nif True:/' lab/examples/my_client.py >"$tmp/my_client.py"
sed -i 's/^claims:/    within: 1s\n&/' "$tmp/leak.yaml"
run run --out "$tmp/runs" "$tmp/leak.yaml"
expect_status 1 "a client that leaks"
expect_text "$tmp/out" "client -> server CLOSE_WAIT" "a client that leaks"

finish
