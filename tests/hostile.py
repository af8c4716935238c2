#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hostile.py DIR: in an empty DIR, names, files, settings, processes and tables whose text steers
a terminal, a browser or a reader's eye, given to every command that $TCPLAB --help names. What
is printed is UTF-8 without a control character, a mark that turns the direction of writing, or
anything invisible, whatever was asked."""
import os
import re
import shutil
import subprocess
import sys

TCPLAB = os.environ["TCPLAB"].encode()
EVIL = ("\x1b[31mX\x1b]0;title\x07\u202eY\u2066\u200b\x9bZ\x7f<script>alert(1)</script>`|*&\n"
        "::error::x\r").encode() + b"\xff\x9b31m"
NAME = EVIL.replace(b"/", b"")
LINE = NAME.replace(b"\n", b"").replace(b'"', b"")
STEERS = re.compile("[\0-\t\v-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SETTINGS = ["TERM", "COLUMNS", "HOME", "TMPDIR", "SUDO_UID", "LANG", "PATH", "GITHUB_STEP_SUMMARY",
            "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "NO_COLOR"]
SCENARIO = b"""scenario: 1
name: test/hostile
title: A scenario whose file has a name
watch: 7000
actors:
  server: { peer: { port: 7000 } }
phases:
  - phase: Only
    do: [ start: server, listen: server ]
    expect: [ server LISTEN ]
"""
# What is on the host: a listener that does not accept, and a connection that is forgotten.
SICK = b"""
import socket, sys
open("/proc/self/comm", "wb").write(b"\\x1b[31m\\xe2\\x80\\xae<b>")
listener = socket.create_server(("127.0.0.1", 0), backlog=1)
pair = socket.create_connection(listener.getsockname()), listener.accept()[0]
pair[0].close()
waits = socket.create_connection(listener.getsockname())
print(flush=True)
sys.stdin.read()
"""
SAVED = b"""
LISTEN 3 64 127.0.0.1:8080 0.0.0.0:* users:(("%s",pid=22322,fd=3)) ino:100 sk:1 cgroup:/ <->
CLOSE-WAIT 20 0 127.0.0.1:43608 127.0.0.1:6379 users:(("%s",pid=22408,fd=7)) ino:101 sk:2
"""

wrong = []


def run(*words, feed=b"", **settings):
    """One command; what it printed, where it ended by itself."""
    words = [word.encode() if isinstance(word, str) else word for word in words]
    env = dict(os.environ, **settings)
    process = subprocess.run([TCPLAB, *words], input=feed, capture_output=True, env=env, check=False)
    if process.returncode not in (0, 1, 2, 3, 77):
        wrong.append("%r ended with %d" % (words, process.returncode))
    for stream in (process.stdout, process.stderr):
        text = stream.decode(errors="surrogateescape")
        found = STEERS.search(text) or re.search("[\ud800-\udfff]", text)
        if found:
            around = text[max(0, found.start() - 60):found.end() + 20]
            wrong.append("%r prints %r" % (words, around))
    return process.stdout


def commands():
    found = re.findall(r"^  ([a-z]+) ", run("--help").decode().split("\n\n")[2], re.M)
    assert "run" in found and "watch" in found, found
    return [command.encode() for command in found]


def as_words():
    for command in commands():
        for options in ([], ["--out", NAME], ["--report", NAME], ["--json"], ["--github"], ["--pid", NAME],
                        ["--every", NAME], ["--fail-if", NAME], ["--shard", NAME], ["--only", NAME],
                        ["--color", NAME], [b"--" + NAME], [b"-" + NAME], ["--format", NAME]):
            run(command, *options, NAME, feed=b"q\n")
    run("learn", "--out", NAME)
    run(NAME)


def as_files(here):
    file = os.path.join(here, NAME + b".yaml")
    for text in (SCENARIO, EVIL, SCENARIO.replace(b"whose", EVIL.replace(b"\n", b" "))):
        with open(file, "wb") as out:
            out.write(text)
        for words in (["check"], ["run"], ["run", "-v"], ["run", "--json"], ["run", "--github"],
                      ["run", "--out", NAME], ["run", "-q", "--out", NAME], ["list"], ["coverage"],
                      ["run", "-j2", file]):
            run(*words, file)
    run("new", NAME)
    run("new", b"a/" + NAME)
    for place, _, names in os.walk(here):
        for trace in [os.path.join(place, name) for name in names if name == b"trace.ndjson"]:
            for name in ("text", "md", "json", "junit", "tap", "github"):
                run("report", "--format", name, trace)
            run("coverage", place)
            run("coverage", "--json", place)


def as_settings():
    for setting in SETTINGS:
        for words in (["list"], ["learn"], ["doctor"], ["snap"], ["explain", "TIME_WAIT"],
                      ["run", "-q", "rfc9293/listen-and-close"]):
            run(*words, **{setting: os.fsdecode(EVIL)})


def looks(*rest, feed=b""):
    for words in (["snap"], ["why"], ["snap", "--rows"], ["snap", "--listen"], ["snap", "--json"], ["why", "--json"]):
        run(*words, *rest, feed=feed)


def on_the_host(here):
    """As a process and in a saved table."""
    program = os.path.join(here, LINE)
    shutil.copy("/usr/bin/python3", program)
    with subprocess.Popen([program, "-c", SICK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sick:
        sick.stdout.readline()
        looks("--pid", str(sick.pid))
        for words in (["watch"], ["watch", "--json"], ["watch", "--metrics", "metrics"]):
            run(*words, "--every", "100ms", "--for", "200ms", "--pid", str(sick.pid))
        shown = run("snap", "--rows", "--pid", str(sick.pid)).decode()
        if "\\x1b[31m\\u202e<b>" not in shown:
            wrong.append("the process is not seen at all: " + shown)
        sick.stdin.close()
    looks("-", feed=SAVED % (LINE, LINE))
    looks(NAME)


def main():
    here = os.fsencode(os.path.realpath(sys.argv[1]))
    os.chdir(here)
    os.environ.pop("GITHUB_ACTIONS", None)
    as_words()
    as_files(here)
    as_settings()
    on_the_host(here)
    for line in wrong:
        print("hostile: " + ascii(line))
    sys.exit(bool(wrong))


main()
