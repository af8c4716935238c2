#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP reports as TAP 14 has them, which perl's prove does not know: child streams, and YAML.

    tap14.py FILE...

Each stream has its plan and as many points, counted from 1; a child stream is announced, and
the point behind it is ok just as all of its own are; what is not ok has a diagnosis in YAML,
with a message. Source: https://testanything.org/tap-version-14-specification.html
"""

import re
import sys

import yaml

POINT = re.compile(r"(not )?ok (\d+) - ((?:[^#\\]|\\.)*?)( # SKIP .+)?")


class Stream:
    """The lines of one stream, without its indentation, up to its end."""

    def __init__(self, lines):
        self.lines, self.wrong, self.points, self.plan, self.bail = lines, [], [], None, False

    def diagnosis(self):
        """The YAML block that the next line begins, or None."""
        if not self.lines or self.lines[0] != "  ---":
            return None
        end = self.lines.index("  ...")
        block, self.lines = self.lines[1:end], self.lines[end + 1:]
        return yaml.safe_load("\n".join(block))

    def child(self, line):
        """Read an announced stream. Return: are all of its points ok?"""
        inside = []
        while self.lines and self.lines[0].startswith("    "):
            inside.append(self.lines.pop(0)[4:])
        stream = Stream(inside)
        self.wrong += [f"{line}: {text}" for text in stream.read()]
        if not self.lines or POINT.fullmatch(self.lines[0]).group(3) != line[len("# Subtest: "):]:
            self.wrong.append(f"{line}: no point of that name behind it")
        return all(stream.points)

    def read(self):
        """Return: what is wrong."""
        expected = None
        while self.lines:
            line = self.lines.pop(0)
            point = POINT.fullmatch(line)
            if line.startswith("# Subtest: "):
                expected = self.child(line)
            elif line.startswith("#"):
                continue
            elif re.fullmatch(r"1\.\.\d+( # SKIP .+)?", line) and self.plan is None:
                self.plan = int(re.match(r"1\.\.(\d+)", line).group(1))
            elif line.startswith("Bail out! ") and not self.lines:
                self.bail = True
            elif point:
                ok = not point.group(1)
                self.points.append(ok)
                if int(point.group(2)) != len(self.points) or expected not in (None, ok):
                    self.wrong.append(f"out of order, or not as its child stream: {line}")
                expected = None
                if not ok and not (self.diagnosis() or {}).get("message"):
                    self.wrong.append(f"no diagnosis: {line}")
            else:
                self.wrong.append(f"no line of TAP: {line}")
        if self.plan != len(self.points):
            self.wrong.append(f"{self.plan} points were planned, {len(self.points)} are there")
        return self.wrong


wrong = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        version, *rest = file.read().splitlines()
    found = Stream(rest).read()
    if version != "TAP version 14":
        found.append(f"version: {version}")
    for text in found:
        print(f"{path}: {text}")
        wrong = 1
sys.exit(wrong)
