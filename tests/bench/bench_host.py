#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A look at a host, as whole processes that print to a pipe, beside ss and netstat, turn by turn.

    host.py TCPLAB TCPLAB-SNAP

Lines that start with "ratio" are for machines: "ratio NAME OURS/THEIRS". The sockets are in a
network namespace of their own (tests/host.py). ROUNDS (15), COUNTS ("10 1000 10000").
"""
import os
import resource
import subprocess
import sys
import time

TCPLAB, SNAP = sys.argv[1:]
ROUNDS = int(os.environ.get("ROUNDS", "15"))
COUNTS = [int(n) for n in os.environ.get("COUNTS", "10 1000 10000").split()]
SUBJECTS = {
    "rows": [SNAP, "snap", "--rows", "--bare"], "rows-shared": [TCPLAB, "snap", "--rows", "--bare"],
    "ss": ["ss", "-Htan"], "netstat": ["netstat", "-tan"],
    "owners": [SNAP, "snap", "--rows"], "ss-p": ["ss", "-Htanp"],
}
RATIOS = [("rows", "ss"), ("rows-shared", "ss"), ("rows", "netstat"), ("owners", "ss-p")]


def once(command, rows):
    """The milliseconds of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    lines = process.stdout.read().count(b"\n")
    process.wait()
    if lines < rows:
        sys.exit(f"{command}: {lines} lines for {rows} rows")
    return (time.perf_counter() - began) * 1000


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for count in COUNTS:
        host = subprocess.Popen([sys.executable, "-B", "tests/host.py", "many"], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                env={**os.environ, "MANY": str(count)})
        if host.stdout.readline() != "ready\n":
            sys.exit(f"no {count} sockets could be made")
        took = {name: [] for name in SUBJECTS}
        for _ in range(ROUNDS):
            for name, command in SUBJECTS.items():
                took[name].append(once(command, count))
        host.stdin.close()
        host.wait()
        median = {name: sorted(t)[len(t) // 2] for name, t in took.items()}
        print(f"{count} sockets; median milliseconds")
        for name, command in SUBJECTS.items():
            print(f"  {' '.join([os.path.basename(command[0]), *command[1:]]):34} {median[name]:9.2f}")
        for ours, theirs in RATIOS:
            print(f"ratio {ours}-{theirs}-{count} {median[ours] / median[theirs]:.2f}")


if os.environ.get("IN_NAMESPACE"):
    main()
else:
    os.environ["IN_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh",
                          sys.executable, "-B", *sys.argv])
