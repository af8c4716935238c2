#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios as a slow machine would run them: a pause after every step and before every look.

slowly.py PAUSE DIRECTORY SCENARIO... writes each scenario anew, every step a phase of its own
that expects nothing and stays for PAUSE, and every table to stay as long. What the kernel does
of itself meanwhile, repeating a segment or giving up, must make no difference. Claims are left
out: what they say of a phase would now be of several.
"""
import pathlib
import re
import sys

PHASE = re.compile(r"^(?=  - phase:)", re.M)
STEP = re.compile(r"^(?=      - )", re.M)
DO = re.compile(r"^    do:\n((?:      .*\n)+)", re.M)


def slowed(phase, number, pause):
    do = DO.search(phase)
    steps = [step for step in STEP.split(do.group(1)) if step.startswith("      - ")] if do else []
    if do:
        phase = phase[:do.start(1)] + steps[-1] + phase[do.end(1):]
    if "\n    for:" not in phase and "\n    expect:" in phase:
        phase = re.sub(r"\n", f"\n    for: {pause}\n", phase, count=1)
    return "".join(
        f"  - phase: step {number}.{i}\n    do:\n{step}    expect: []\n    others: ignore\n"
        f"    within: 20s\n    for: {pause}\n" for i, step in enumerate(steps[:-1], 1)) + phase


def main(pause, directory, *files):
    for file in files:
        text = pathlib.Path(file).read_text(encoding="utf-8").partition("\nclaims:")[0] + "\n"
        head, *phases = PHASE.split(text)
        text = head + "".join(slowed(p, i, pause) for i, p in enumerate(phases, 1))
        name = file.replace("/", "-")
        pathlib.Path(directory, name).write_text(text, encoding="utf-8")


main(*sys.argv[1:])
