#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios as a slow machine would run them: a pause after every step.

slowly.py PAUSE DIRECTORY SCENARIO... writes each scenario anew. What the kernel does of itself
meanwhile, repeating a segment or giving up, must make no difference, to a claim neither.
"""
import pathlib
import re
import sys

DO = re.compile(r"^    do:\n((?:      .*\n)+)", re.M)
STEP = re.compile(r"^      - .*\n(?:       .*\n)*", re.M)


def main(pause, directory, *files):
    after = rf"\g<0>      - pause: {pause}\n"
    for file in files:
        text = pathlib.Path(file).read_text(encoding="utf-8")
        text = DO.sub(lambda do: STEP.sub(after, do.group(0)), text)
        pathlib.Path(directory, file.replace("/", "-")).write_text(text, encoding="utf-8")


main(*sys.argv[1:])
