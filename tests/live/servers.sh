#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a Redis says: commands with more than one reply, of a real server; and servers, mocks all
# of them, that answer too much, nonsense, or nothing, each an error at once in its own words.
. "$(dirname "$0")/../common.sh"

scenario() {
	printf 'scenario: 1\nname: test/servers\ntitle: %s\nactors: { master: { redis: { port: 6379%s } } }\n' \
		"$1" "${2:-}"
	printf 'phases:\n  - phase: Only\n    do:\n      - start: master\n'
}
trace=$tmp/runs/test/servers/trace.ndjson

{
	scenario "A real subscriber"
	printf '      - command: master %s\n' "SUBSCRIBE news weather" "PSUBSCRIBE n*" \
		"PUBLISH news hello" "UNSUBSCRIBE news weather" "PUBLISH news unheard" \
		"SETRANGE big 100000 x" "GET big" QUIT PING
	echo '      - stop: master'
} >"$tmp/subscriber.yaml"
run run --out "$tmp/runs" "$tmp/subscriber.yaml"
expect_status 0 "a subscriber"
expect_text "$trace" '"reply":"subscribe\nnews\n1\nsubscribe\nweather\n2"' "a reply for each channel"
expect_text "$trace" '"text":"message\nnews\nhello"' "what is pushed"
expect_text "$trace" '"text":"pmessage\nn*\nnews\nunheard"' "what is pushed to the pattern"
expect_text "$trace" '... (the rest is left out)' "an answer that is cut"
expect_text "$trace" '"step":9,"reply":"PONG"' "a command behind QUIT"
[ "$(grep -c '"event":"pushed"' "$trace")" -eq 3 ] || complain "not three messages were pushed"

cat >"$tmp/mock" <<'END'
#!/usr/bin/python3
# A mock of a server: what it does is in its name.
import os, socket, sys, threading, time
how = os.path.basename(sys.argv[0])
if sys.argv[1] in ("-v", "--version"):
    print("Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64 build=0")
    sys.exit()
path = [line.split()[1] for line in open(sys.argv[1]) if line.startswith("unixsocket ")][0]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(50)
print("this is a mock that is called", how, flush=True)
said = {"nonsense": b"HTTP/1.1 400 Bad Request\r\n\r\n", "bulk": b"$1000000000\r\n",
        "array": b"*2000000000\r\n+x\r\n", "nested": b"*1\r\n" * 99, "full": b"-ERR too many\r\n",
        "late": b"+PONG\r\n", "wrong": b"+OK\r\n", "closes": b"", "line": b"+",
        "twice": b"+PONG\r\n+PONG\r\n", "pushes": b">2\r\n+a\r\n+b\r\n" * 9999,
        "logs": b"+OK\r\n"}[how]
def log():
    while True:
        os.write(1, b"this is a mock that is called logs\n" * 1000)
if how == "logs":
    threading.Thread(target=log, daemon=True).start()
while True:
    client = server.accept()[0]
    try:
        client.sendall(said)
        if how == "late":
            while b"INFO" not in client.recv(100):
                pass
            client.sendall(b"$1000000000\r\n")
        while how in ("bulk", "late", "line"):
            client.sendall(b"a" * 65536)
        if how not in ("closes", "full"):
            time.sleep(300)
    except OSError:
        pass
    client.close()
END
chmod +x "$tmp/mock"

# mock NAME WORDS - it fails to start with these words, and never by waiting
mock() {
	ln -sf mock "$tmp/$1"
	scenario "A mock server called $1" ", binary: $tmp/$1" >"$tmp/mock.yaml"
	run run --out "$tmp/runs" "$tmp/mock.yaml"
	expect_status 3 "the mock $1"
	expect_text "$trace" "$2" "the mock $1"
	expect_text "$trace" "a mock that is called $1" "the last words of the mock $1"
	! grep -q "did not finish within" "$trace" || complain "the mock $1 was waited for"
	[ "$(stat -c %s "$trace")" -lt 20000 ] || complain "the mock $1 fills the trace"
}

mock nonsense 'does not speak Redis'"'"'s protocol; it says \"HTTP/1.1 400 Bad Request\"'
mock bulk 'more than 16 MiB; it says \"$1000000000\"'
mock late 'more than 16 MiB'
mock line 'a line of more than 64 KiB'
mock twice 'it answers more than it was asked; it says \"+PONG\"'
mock pushes ': it '
mock logs "PING: OK"
mock array 'more than a million elements; it says \"*2000000000\"'
mock nested "lists more than seven deep"
mock full "PING: ERR too many"
mock wrong "PING: OK"
mock closes "accepts connections and ends each without an answer"
finish
