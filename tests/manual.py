#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every example of tcplab-scenario(5) is a scenario, or a part that passes check in a whole one.

    manual.py TCPLAB FOLDER

The scenarios are written to the folder. Those of STEPS and CHECKS are tested by installed.sh.
And every command of "tcplab step" is in tcplab(1).
"""
import re
import subprocess
import sys

PAGE = "lab/man/tcplab-scenario.5.scd"
ACTORS = {
    "client": "  client: { peer: {} }\n",
    "server": "  server: { peer: { port: 7000 } }\n",
}
PROGRAMS = """actors:
  server: { program: { run: [cat], ready: at once } }
  client: { program: { run: [cat] } }
"""


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def indented(text, by):
    return "".join(" " * by + line + "\n" for line in text.strip("\n").split("\n"))


def phase(steps, expect=""):
    return ("phases:\n  - phase: One\n    do:\n" + indented(steps, 6) +
            ("    expect:\n" + indented(expect, 6) if expect else ""))


def of_vary(block):
    """What varies, in a scenario that uses it."""
    lacks = "" if "actors:" in block else "actors:\n" + ACTORS["server"]
    call = "open: client to server"
    if "reuse:" in block:
        call = "start: server\n- listen: { by: server, reuse: $reuse }"
    elif "first:" in block:
        call += "\n- close: { by: $first.closes, on: connection }"
    actors = lacks + ("" if "reuse:" in block else ACTORS["client"])
    named = "" if "name:" in block else "name: test/vary\n"
    return named + block + actors + phase("- " + call)


def of_programs(block):
    """Actors, settings before and between steps, or steps alone."""
    if block.startswith("actors:"):
        return "name: test/program\n" + block + phase("- start: server\n- start: client")
    head, _, steps = block.rpartition("...\n")
    if head:
        return "name: test/ports\n" + head + PROGRAMS + phase(
            "\n".join(line[6:] for line in steps.split("\n")))
    return "name: test/steps\n" + PROGRAMS + phase("- start: server\n- start: client\n" +
                                                   block.replace("actor: server", "actor: client"))


def of_rows(block):
    return ("name: test/rows\nactors:\n" + "".join(ACTORS.values()) +
            phase("- open: client to server", block))


KINDS = {"SEVERAL IN ONE": of_vary, "PROGRAMS": of_programs, "ROWS": of_rows}
ELSEWHERE = {"DESCRIPTION", "STEPS", "CHECKS"}


def examples():
    """(section, block) of all of the page."""
    section = None
    for head, block in re.findall(r"^# ([^\n]*)$|^```\n(.*?)^```$", read(PAGE), re.S | re.M):
        section = head or section
        if block:
            yield section, block


def complaints(tcplab, folder):
    n = 0
    for section, block in examples():
        if section in ELSEWHERE:
            continue
        if section not in KINDS:
            yield f"{PAGE}: nobody tests the examples of {section}"
            continue
        n += 1
        name = f"{folder}/shown-{n}.yaml"
        with open(name, "w", encoding="utf-8") as file:
            file.write("scenario: 1\ntitle: What tcplab-scenario(5) shows\n" + KINDS[section](block))
        done = subprocess.run([tcplab, "check", name], capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"{PAGE}, {section}:\n{block}{done.stderr}"
    if n < 6:
        yield f"{PAGE}: only {n} examples of {', '.join(KINDS)}"
    stepping = re.search(r"^# STEPPING$(.*?)^# ", read("lab/man/tcplab.1.scd"), re.S | re.M).group(1)
    for command in re.findall(r'^\t\{ "([a-z?]+)", (?:true|false), ', read("lab/step.c"), re.M):
        if f"*{command}*" not in stepping:
            yield f"tcplab(1) lacks what step takes: {command}"


found = list(complaints(sys.argv[1], sys.argv[2]))
print("\n".join(found))
sys.exit(bool(found))
