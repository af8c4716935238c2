#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Drive "tcplab step" through a pseudo-terminal, as a person does.

    step.py session OUT SCENARIO ANSWER...   type the answers, one to each prompt; "s" for ever
                                             after; print what was seen; exit as tcplab did
    step.py frozen OUT SCENARIO ACTOR        freeze it when a FIN is on its way to it, and until its
                                             kernel has acknowledged that; print, exit as above
    step.py ended OUT SCENARIO               answer when the run has been killed; exit as above
    step.py keys OUT                         Ctrl-Z and on, another width, Ctrl-C; ten lines at once
    step.py unheld OUT                       type while nothing is held, and ahead of the end
    step.py numbers OUT SCENARIO             numbers and windows, against tshark's
    step.py now OUT                          the rows at a stop are of then, not of when it was held
    step.py patience OUT SCENARIO SECONDS    pause at every stop in turn, all at the same time
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PROMPT = b"step> "
DEADLINE = 30  # seconds for the next thing to be seen


class Session:
    def __init__(self, out, scenario):
        self.seen = b""
        self.looked = 0  # how much of it has been waited through
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            if os.environ.get("COLUMNS"):
                size = struct.pack("HHHH", 24, int(os.environ["COLUMNS"]), 0, 0)
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it
            options = os.environ.get("STEP_OPTIONS", "").split()
            os.execv(os.environ["TCPLAB"], ["tcplab", "step", *options, "--out", out, scenario])

    def read(self, timeout):
        """Read what comes; False when nothing did, or at the end."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: the other side has been closed
            return False
        self.seen += data
        return bool(data)

    def prompt(self):
        """Wait for the next prompt; False at the end of the run."""
        until = time.monotonic() + DEADLINE
        while True:
            at = self.seen.find(PROMPT, self.looked)
            if at >= 0:
                self.looked = at + len(PROMPT)
                return True
            if not self.read(max(0, until - time.monotonic())):
                if time.monotonic() >= until:
                    raise TimeoutError(self.text()[-2000:])
                return False

    def type(self, line):
        os.write(self.fd, line.encode() + b"\n")

    def text(self):
        return self.seen.decode("utf-8", "replace").replace("\r\n", "\n")

    def asked(self):
        """What has been seen between the last prompt and the one before."""
        return self.text().split(PROMPT.decode())[-2]

    def end(self):
        """Let it run to its end. The exit status."""
        while self.prompt():
            self.type("s")
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)


def session(out, scenario, answers):
    s = Session(out, scenario)
    for answer in answers:
        if not s.prompt():
            break
        s.type(answer)
    status = s.end()
    print(s.text())
    return status


def frozen(out, scenario, actor):
    s = Session(out, scenario)
    while s.prompt() and not re.search(rf"^FIN\S* from \w+ to {actor}$", s.asked(), re.M):
        s.type("s")
    s.type(f"f {actor}")
    s.prompt()
    s.type("s")
    s.prompt()  # at the ACK, which comes when the kernel waits no longer for more
    s.type(f"t {actor}")
    status = s.end()
    print(s.text())
    return status


def child_of(pid):
    """The only one, and its state."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[1]) == pid:
            return int(stat.parent.name), fields[0]
    raise LookupError(f"process {pid} has no child")


def ended(out, scenario):
    """The program finds an answer and the run's end at the same moment."""
    s = Session(out, scenario)
    s.prompt()
    os.kill(s.pid, signal.SIGSTOP)
    os.kill(child_of(s.pid)[0], signal.SIGKILL)
    until = time.monotonic() + DEADLINE
    while child_of(s.pid)[1] != "Z" and time.monotonic() < until:
        time.sleep(0.01)
    s.type("s")
    os.kill(s.pid, signal.SIGCONT)
    status = s.end()
    print(s.text())
    return status


def wait_for(s, text):
    """Until it has been seen; nothing may come instead for too long."""
    until = time.monotonic() + DEADLINE
    while text not in s.text():
        if not s.read(max(0, until - time.monotonic())):
            raise SystemExit(f"nowhere {text!r} in:\n{s.text()}")


QUIET = """scenario: 1
name: test/quiet
title: A pause in which nothing is held
watch: 7000
actors:
  server: { peer: { port: 7000 } }
phases:
  - phase: Quiet
    do:
      - start: server
      - listen: server
    expect:
      - server LISTEN
    for: 6s
  - phase: Never
    do:
      - freeze: server
    expect:
      - server ESTABLISHED
    within: 20s
"""


def unheld(out):
    """Commands are obeyed, or told why not; a freeze by hand lets no deadline run out."""
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, "quiet.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(QUIET)
    s = Session(out, path)
    wait_for(s, "listen server")
    while "left in which it must not change" not in s.text():
        s.type("s")
        wait_for(s, "Nothing is held now")
        s.read(0.2)
    s.type("i")
    wait_for(s, "Proto Recv-Q")
    s.type("f server")
    wait_for(s, "server is frozen")
    s.type("d")
    wait_for(s, "while you have frozen an actor")
    until = time.monotonic() + 7  # longer than the phase has: its clock stands still
    while time.monotonic() < until:
        s.read(0.2)
    if "Phase 2" in s.text():
        raise SystemExit(f"a deadline ran while the reader had frozen an actor:\n{s.text()}")
    if "f server\nf server" in s.text():
        raise SystemExit("what is typed while nothing is held is there twice")
    os.write(s.fd, b"\x1a")
    if not os.WIFSTOPPED(os.waitpid(s.pid, os.WUNTRACED)[1]):
        raise SystemExit("Ctrl-Z does not stop it while nothing is held")
    os.kill(s.pid, signal.SIGCONT)
    s.type("t server")
    wait_for(s, "Phase 2 of 2")
    s.type("q")
    wait_for(s, "You ended the run in phase 2 of 2.")
    os.write(s.fd, b"echo fallen into the shell\n")
    while s.read(DEADLINE):
        pass
    os.close(s.fd)
    return os.waitstatus_to_exitcode(os.waitpid(s.pid, 0)[1])


def stopped(s):
    """Ctrl-Z in the middle of a word: the shell's terminal is as it was, and the word goes on."""
    os.write(s.fd, b"wh")
    while b"wh" not in s.seen[s.looked:]:
        s.read(DEADLINE)
    os.write(s.fd, b"\x1a")
    if not os.WIFSTOPPED(os.waitpid(s.pid, os.WUNTRACED)[1]):
        raise SystemExit("Ctrl-Z does not stop it")
    local = termios.tcgetattr(s.fd)[3]
    if not (local & termios.ICANON and local & termios.ECHO):
        raise SystemExit("the shell gets a terminal that does not echo")
    os.kill(s.pid, signal.SIGCONT)
    s.prompt()
    os.write(s.fd, b"y\n")
    wait_for(s, "Arrow 4 of Figure 5")
    stopped_idle(s)


def stopped_idle(s):
    """Ctrl-Z where nothing is typed: the line before does not come back."""
    while not s.seen.endswith(PROMPT):
        s.read(DEADLINE)
    s.looked = len(s.seen)
    os.write(s.fd, b"\x1a")
    if not os.WIFSTOPPED(os.waitpid(s.pid, os.WUNTRACED)[1]):
        raise SystemExit("Ctrl-Z does not stop it")
    os.kill(s.pid, signal.SIGCONT)
    s.prompt()
    s.type("thaw master")
    wait_for(s, "You have not frozen master.")


def resized(s):
    """What is said next has the width that the window has now."""
    while not s.seen.endswith(PROMPT):
        s.read(DEADLINE)
    s.looked = len(s.seen)
    fcntl.ioctl(s.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    s.type("w")
    s.prompt()
    if max(map(len, s.asked().splitlines())) > 60:
        raise SystemExit(f"wider than the window:\n{s.asked()}")


def caught(pid):
    """The signals that it has handlers for."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    mask = int(re.search(r"^SigCgt:\s*(\w+)", status, re.M).group(1), 16)
    return {number for number in signal.Signals if mask >> (number - 1) & 1}


def keys(out):
    """Keys that a terminal makes signals of; and lines that nobody could have meant so."""
    s = Session(out, "redis/walkthrough")
    s.prompt()
    if theirs := caught(s.pid) & {signal.SIGHUP, signal.SIGWINCH}:
        raise SystemExit(f"libedit has handlers of its own: {theirs}")
    stopped(s)
    resized(s)
    os.write(s.fd, b"\x1b[A\x1b[B\x1b[C\x1b[D\t\x7f\x15\x03")
    wait_for(s, "You ended the run in phase 2 of 3.")
    wait_for(s, "run redis/walkthrough")
    status = s.end()
    s = Session(out, "redis/walkthrough")
    os.write(s.fd, b"s\ns\nfoo\n\n\nb\ni\nnex\n?\nw\n")
    wait_for(s, "end the run")
    return status or s.end()


NUMBERS = re.compile(r"^  [A-Z+]+, seq (\d+)(?:, ack (\d+))?, (\d+) bytes, window (\d+)$", re.M)


def numbers(out, scenario):
    """Numbers and windows are those that tshark shows of the same run's capture."""
    s = Session(out, scenario)
    status = s.end()
    capture = os.path.join(out, "step", scenario, "report.pcapng")
    fields = [f"-etcp.{name}" for name in ("seq", "ack", "len", "window_size")]
    shown = subprocess.run(["tshark", "-r", capture, "-Ytcp", "-Tfields", *fields], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    theirs = [line.split("\t") for line in shown]
    ours = [[seq, ack or "0", size, window] for seq, ack, size, window in NUMBERS.findall(s.text())]
    if not ours or any(row not in theirs for row in ours):
        raise SystemExit(f"{scenario}: ours {ours}, theirs {theirs}")
    return status


BOTH = """scenario: 1
name: test/both
title: A process that has both ends is killed
watch: 7000
actors:
  both: { peer: { port: 7000 } }
phases:
  - phase: Both ends are closed at once
    do:
      - start: both
      - listen: both
      - connect: { by: both, to: both, as: a }
      - accept: { by: both, as: b }
      - kill: both
    expect:
      - both -> both TIME_WAIT x2
"""


def now(out):
    """Two FINs are held; the first makes its receiver, who has sent the second, go on."""
    path = os.path.join(out, "both.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(BOTH)
    s = Session(out, path)
    while s.prompt() and not re.search(r"^FIN from both", s.asked(), re.M):
        s.type("s")
    until = time.monotonic() + DEADLINE
    s.type("i")
    while s.prompt() and s.asked().count(" FIN_WAIT1") < 2 and time.monotonic() < until:
        s.type("i")
    s.type("s")
    s.prompt()
    asked = s.asked()
    s.type("s")
    status = s.end()
    with open(os.path.join(out, "step/test/both/trace.ndjson"), encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    held = [e for e in events if e["event"] == "segment" and "FIN" in e["flags"]][1]
    if held["ends"][0]["state"] != "FIN_WAIT1":
        raise SystemExit(f"the second FIN was not held before the first had arrived: {held}")
    if re.findall(r"^tcp .* (\w+)$", asked, re.M) != ["CLOSING", "FIN_WAIT1"]:
        raise SystemExit(f"the rows are of when the segment was held:\n{asked}")
    return status


def count_stops(out, scenario):
    s = Session(out, scenario)
    stops = 0
    while s.prompt():
        stops += 1
        s.type("s")
    s.end()
    return stops


def patience(out, scenario, seconds):
    """Whoever pauses at stop k gets the same end as somebody who does not pause at all."""
    sessions, wrong = [], 0
    for k in range(count_stops(out, scenario)):
        s = Session(f"{out}/{k}", scenario)
        for _ in range(k):
            s.prompt()
            s.type("s")
        s.prompt()
        sessions.append(s)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for s in sessions:
            s.read(0)
        time.sleep(0.2)
    for k, s in enumerate(sessions):
        # The one thing nobody can stop: the prompt has to have said so.
        warned = "constant of Linux" in s.text()[-600:]
        s.type("s")
        status = s.end()
        if status != 0 and not warned:
            print(f"a pause of {seconds} s at stop {k + 1} changed the outcome:\n{s.text()}")
            wrong = 1
    print(f"{len(sessions)} stops of {scenario}")
    return wrong or not sessions


if __name__ == "__main__":
    what, out_dir, name, *rest = sys.argv[1:] + [""] * (len(sys.argv) < 4)
    if what == "session":
        sys.exit(session(out_dir, name, rest))
    if what == "ended":
        sys.exit(ended(out_dir, name))
    if what == "keys":
        sys.exit(keys(out_dir))
    if what == "unheld":
        sys.exit(unheld(out_dir))
    if what == "now":
        sys.exit(now(out_dir))
    if what == "numbers":
        sys.exit(numbers(out_dir, name))
    if what == "frozen":
        sys.exit(frozen(out_dir, name, *rest))
    sys.exit(patience(out_dir, name, float(rest[0])))
