#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A look at a host, as whole processes that print to a pipe, beside ss and netstat, turn by turn.

    bench_host.py TCPLAB SNAPSHOT OWNERS

"snapshot --once" starts each, reads what it prints and takes the time: what Python needs for that is
a multiple of what some of them take, and would be in all figures alike.

"bench_owners --calls" makes only the calls that finding owners takes (a link of /proc/PID/fd read for
each descriptor, the table received) and keeps nothing. It is no lower bound: a program that starts
faster, or makes fewer calls for each process, can be faster, most of all where there are few sockets.
Other ways to ask take as long (fstatat, statx, pidfd_getfd and fstat) or twice as long (fdinfo), and
none asks for several at a time. Rows have a cgroup (INET_DIAG_CGROUP_ID), but a descriptor that was
passed on or inherited can be in another one, and every holder has to be named.
What asks for no descriptor is an eBPF iterator over the files of all tasks, which only root may load into the
kernel of the host; tcplab loads nothing there.

Lines that start with "ratio" are for machines: "ratio NAME OURS/THEIRS". The sockets are in a
network namespace of their own (tests/host.py). ROUNDS (15), COUNTS ("10 1000 10000 100000"),
CLOSED (100000), which are in TIME_WAIT.
"""
import os
import resource
import subprocess
import sys
import time

TCPLAB, SNAPSHOT, OWNERS = sys.argv[1:]
ROUNDS = int(os.environ.get("ROUNDS", "15"))
COUNTS = [int(n) for n in os.environ.get("COUNTS", "10 1000 10000 100000").split()]
CLOSED = int(os.environ.get("CLOSED", "100000"))
SUBJECTS = {
    "rows": [TCPLAB, "snap", "--rows", "--bare"],
    "ss": ["ss", "-Htan"], "netstat": ["netstat", "-tan"],
    "owners": [TCPLAB, "snap", "--rows"], "ss-p": ["ss", "-Htanp"],
    "calls": [OWNERS, "--calls"],
}
RATIOS = [("rows", "ss"), ("rows", "netstat"), ("owners", "ss-p"), ("calls", "ss-p")]
SECONDS = 40    # for the rounds of one host: a TIME_WAIT lasts 60


def once(command, rows):
    """The milliseconds of one process, and the most MiB that it had; the rows must be there, if any are wanted."""
    took, lines, kib = subprocess.run([SNAPSHOT, "--once", *command], stdin=subprocess.DEVNULL, check=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split()
    if int(lines) < rows:
        sys.exit(f"{command}: {lines} lines for {rows} rows")
    return float(took), int(kib) / 1024


def measure(kind, count):
    host = subprocess.Popen([sys.executable, "-B", "tests/host.py", kind], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            env={**os.environ, "MANY": str(count)})
    if host.stdout.readline() != "ready\n":
        sys.exit(f"no {count} sockets could be made")
    began = time.monotonic()
    took = {name: [] for name in SUBJECTS}
    while len(took["rows"]) < ROUNDS and (time.monotonic() - began < SECONDS or not took["rows"]):
        for name, command in SUBJECTS.items():
            # Those in TIME_WAIT go one by one, the first a minute after it was made.
            took[name].append(once(command, count if kind == "many" and name != "calls" else 0))
    host.stdin.close()
    host.wait()
    return took


def tell(name, count, took):
    median = {who: sorted(all)[len(all) // 2][0] for who, all in took.items()}
    print(f"{count} {name}; median milliseconds, of {len(took['rows'])}, and the most memory")
    for who, command in SUBJECTS.items():
        words = " ".join([os.path.basename(command[0]), *command[1:]])
        print(f"  {words:34} {median[who]:9.2f} ms {max(had for _, had in took[who]):7.1f} MiB")
    of = "" if name == "sockets" else "-time-wait"
    print(f"  bench_owners --calls took {median['calls'] / median['ss-p']:.2f} of ss -p, "
          f"snap --rows {median['owners'] / median['calls']:.2f} of bench_owners --calls")
    for ours, theirs in RATIOS:
        print(f"ratio {ours}-{theirs}-{count}{of} {median[ours] / median[theirs]:.2f}", flush=True)


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for count in COUNTS:
        tell("sockets", count, measure("many", count))
    if CLOSED:
        tell("in TIME_WAIT", CLOSED, measure("many_closed", CLOSED))


if os.environ.get("IN_NAMESPACE"):
    main()
else:
    os.environ["IN_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh",
                          sys.executable, "-B", *sys.argv])
