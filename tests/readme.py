#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README and its chapters show and say about the program is what it prints and takes.

    readme.py TCPLAB OUTPUT...

Each block that shows output must stand in one of the outputs, line by line, except for versions
and durations. Each option in them, in the manual and in the workflows, is one that its command
takes; each command, each scenario and each file that they link to is there. And the workflows are
YAML in the shape that GitHub wants.
"""

import glob
import os
import re
import subprocess
import sys

import yaml

WORKFLOWS = [".github/workflows/book.yml", ".github/workflows/ci.yml", "lab/examples/github-actions.yml"]
PIPELINES = ["lab/examples/gitlab-ci.yml"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def level(text):
    """Without what differs from host to host and from run to run."""
    text = re.sub(r"redis-server [\d.]+", "redis-server V", text)
    text = re.sub(r"on Linux \S+", "on Linux V", text)
    text = re.sub(r"^Segment \d+:", "Segment N:", text, flags=re.M)
    text = re.sub(r"^(Phase \d+, [^:\n]*): .*", r"\1: STEP", text, flags=re.M)
    text = re.sub(r"Next: \S+\s+explain", "Next: PROGRAM explain", text)
    return re.sub(r"(in|had|for|at) [\d.]+ m?s", r"\1 T", text).strip("\n")


def shown(readme, outputs):
    readme = re.sub(r"^```\w+\n.*?^```$", "", readme, flags=re.S | re.M)  # those are no output
    for block in re.findall(r"^```\n(.*?)^```$", readme, re.S | re.M):
        if not any(level(block) + "\n" in level(output) + "\n" for output in outputs):
            yield f"no output has what a chapter shows:\n{block}"


def plain(manual):
    """A page of the manual without its markup."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*|(?<![\w\\])_|(?<!\\)_(?!\w)", "", manual))


def options(tcplab, text):
    taken = {}
    usage = subprocess.run([tcplab, "--help"], capture_output=True, text=True, check=True).stdout
    commands = "|".join(re.findall(r"^  ([a-z]+) ", usage, re.M))
    for command, rest in re.findall(rf"\btcplab ({commands})\b([^|;&`\n]*)", text):
        if command not in taken:
            taken[command] = subprocess.run([tcplab, command, "--help"], capture_output=True,
                                            text=True, check=True).stdout
        for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest):
            if not re.search(rf"{option}[ =,]", taken[command]):
                yield f"tcplab {command} takes no {option}"
    # What is typed begins a line or stands in quotes; a sentence goes on with other words.
    for command in re.findall(r"(?:^ {4}|^\t|`)(?:build/|sudo )*tcplab ([a-z]+)", text, re.M):
        if command not in commands.split("|"):
            yield f"tcplab has no command {command}"


def own_options(tcplab, text):
    """Options that stand alone in the manual."""
    usage = subprocess.run([tcplab, "--help"], capture_output=True, text=True, check=True).stdout
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)):
        if f"{option} " not in usage and f"{option}=" not in usage:
            yield f"there is no option {option}"


def scenarios(tcplab, text):
    there = subprocess.run([tcplab, "list"], capture_output=True, text=True, check=True).stdout
    for name in re.findall(r"\b(?:field|programs|redis|rfc9293)/[a-z0-9-]*[a-z0-9]\b(?![./-])", text):
        if f"{name} " not in there and f"{name}/" not in there:  # or it varies
            yield f"there is no scenario {name}"


def symptoms(text):
    """Every complaint is in the table of what people see."""
    for path in sorted(glob.glob("scenarios/field/*.yaml") + glob.glob("scenarios/programs/*.yaml")):
        name = path.removeprefix("scenarios/").removesuffix(".yaml")
        if f"`{name}`" not in text:
            yield f"docs/symptoms.md lacks {name}"


def links(path, text):
    for to in re.findall(r"\]\(([^)#:]+)\)", text):
        if not os.path.exists(os.path.join(os.path.dirname(path), to)):
            yield f"{path}: there is no {to}"


def workflow(path, text):
    loaded = yaml.safe_load(text)
    if not {"name", True, "permissions", "jobs"} <= set(loaded):  # "on" is a truth value to YAML
        yield f"{path}: something is missing"
    for name, job in loaded["jobs"].items():
        if "runs-on" not in job or "timeout-minutes" not in job:
            yield f"{path}: {name} has no runner or no time"
        for step in job["steps"]:
            if ("uses" in step) == ("run" in step):
                yield f"{path}: {name} has a step that neither uses nor runs"
            if "uses" in step and not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]):
                yield f"{path}: {step['uses']} is of no version"
            # sudo keeps no variable that it is not told to
            if "--github" in step.get("run", "") and "GITHUB_STEP_SUMMARY" not in step["run"]:
                yield f"{path}: --github without the summary's file"


def pipeline(path, text):
    for name, job in yaml.safe_load(text).items():
        if not {"image", "script", "artifacts"} <= set(job):
            yield f"{path}: {name} lacks an image, a script or artifacts"
        elif "junit" not in job["artifacts"]["reports"]:
            yield f"{path}: {name} hands no JUnit on"


def complaints(tcplab, outputs):
    for path in ["README.md", *sorted(glob.glob("docs/*.md"))]:
        text = read(path)
        yield from shown(text, outputs)
        yield from options(tcplab, text)
        yield from scenarios(tcplab, text)
        yield from links(path, text)
    yield from symptoms(read("docs/symptoms.md"))
    for path in sorted(glob.glob("lab/man/*.scd")):
        text = plain(read(path))
        yield from options(tcplab, text)
        yield from own_options(tcplab, text)
        yield from scenarios(tcplab, text)
    for path in WORKFLOWS:
        text = read(path)
        yield from options(tcplab, text)
        yield from workflow(path, text)
    for path in PIPELINES:
        text = read(path)
        yield from options(tcplab, text)
        yield from pipeline(path, text)


found = list(complaints(sys.argv[1], [read(path) for path in sys.argv[2:]]))
print("\n".join(found))
sys.exit(bool(found))
