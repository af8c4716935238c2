#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the completions for bash, zsh and fish against what the program says it takes.

    completion.py TCPLAB

Commands, the options of each with their letters, values and help, the names of formats, and
what explain explains. bash is asked; the other two are read, as they may not be there.
"""
import glob
import json
import re
import subprocess
import sys

PLACE = "lab/completion/"
TRACE = "tests/golden/walkthrough/trace.ndjson"
ALL = ("help", "version")


def printed(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=True).stdout


def read(name):
    with open(PLACE + name, encoding="utf-8") as file:
        return file.read()


def lexicon():
    """The table of what explain explains, as it is written."""
    texts = []
    for name in sorted(glob.glob("src/core/lexicon/*.inc")):
        with open(name, encoding="utf-8") as file:
            texts.append(file.read())
    return "".join(texts)


class Program:
    """What the help tells."""

    def __init__(self, tcplab):
        self.help, self.options, self.taken = {}, {}, {}
        for name, rest in re.findall(r"^  ([a-z]+) (.*(?:\n {20,}.*)*)", printed(tcplab, "--help"), re.M):
            usage = re.match(rf"usage: tcplab {name} .*\n\n((?:.+\n)+)", printed(tcplab, name, "--help"))
            self.help[name] = " ".join(usage.group(1).split())
            assert rest
        for command in self.help:
            self.taken[command] = self.take(printed(tcplab, command, "--help"))
        arcs = json.loads(printed(tcplab, "coverage", "--json", TRACE))["arcs"]
        names = re.findall(r'^\{ \.name = "(.*?)(?:\(\))?"', lexicon(), re.M)
        self.explained = {name.replace(" ", "-") for name in names} | {arc["id"] for arc in arcs}

    def take(self, text):
        """The options in a help; each goes to self.options as (letter, value, help)."""
        taken = set()
        for letter, name, value, rest in re.findall(
                r"^ {2,6}(?:-(\w), )?--([a-z-]+)(?:=(\S+))? +(.*(?:\n {20,}.*)*)", text, re.M):
            self.options[name] = (letter, value, " ".join(rest.split()))
            taken.add(name)
        return taken

    def names(self, option):
        """Those that its help lists at its end."""
        return set(self.options[option][2].rpartition(": ")[2].split(", "))


def bash_words(*words):
    script = """. "$0"; COMP_WORDS=(tcplab "$@"); COMP_CWORD=$#; compopt() { :; }; _tcplab
                printf '%s\\n' "${COMPREPLY[@]}" """
    return set(printed("bash", "-c", script, PLACE + "tcplab.bash", *words).split())


def bash(program):
    yield "commands", bash_words(""), set(program.help) | {"--help", "--version"}
    for command, taken in program.taken.items():
        wanted = {f"--{name}{'=' if program.options[name][1] else ''}" for name in taken}
        yield command, bash_words(command, "--"), wanted
    yield "--format", bash_words("report", "--format", "=", ""), program.names("format")
    yield "--format", bash_words("report", "--format", ""), program.names("format")
    yield "--report", bash_words("run", "--report", "=", ""), program.names("report")
    yield "explain", bash_words("explain", ""), program.explained


def zsh(program):
    text = read("_tcplab")
    commands = re.findall(r"^\t\t'(\w+):(.*)'$", text, re.M)
    yield "commands", {name: told.replace("\\:", ":") for name, told in commands}, program.help
    specs = {}
    for name, spec in re.findall(r"^\t\t([a-z-]+) \$?'(.*--.*)'$", text, re.M):
        letter = re.search(r"\)-(\w)", spec)
        value = re.search(rf"--{name}=\[.*?[^\\]\]:([^:]*):", spec)
        told = {part.replace("\\:", ":") for part in re.findall(r"\[(.*?[^\\])\]", spec)}
        specs[name] = (letter.group(1) if letter else "", value.group(1) if value else "",
                       *told)
    yield "options", specs, program.options
    takes = re.search(r"takes=\(\n(.*?)\n\t\)", text, re.S).group(1)
    takes = dict(re.findall(r"^\t\t(\w+) '(.*)'$", takes, re.M))
    for command in program.taken:
        yield command, set(takes.get(command, "").split()) | set(ALL), program.taken[command]
    yield "--format", set(re.search(r"NAME:\((.*)\)'", text).group(1).split()), program.names("format")
    yield "--report", set(re.search(r"compadd - (.*)'", text).group(1).split()), program.names("report")
    yield "explain", "tcplab manual words" in text, True


def fish(program):
    text = read("tcplab.fish")
    commands = dict(re.findall(r"^complete -c tcplab -n __fish_use_subcommand -f -a (\w+) -d '(.*)'$", text, re.M))
    yield "commands", commands, program.help
    taken, told = {command: set() for command in program.help}, {}
    for line in re.findall(r"^complete .* -l .*$", text, re.M):
        name, rest = re.search(r" -l ([a-z-]+)(.*)", line).groups()
        takers = re.search(r"__fish_seen_subcommand_from ([a-z ]+)'", line)
        for command in takers.group(1).split() if takers else program.help:
            taken.setdefault(command, set()).add(name)
        letter, said = re.search(r" -s (\w)", rest), re.search(r"-d '(.*)'$", rest)
        told[name] = (letter.group(1) if letter else "", " -r" in rest, said.group(1))
    yield "taken", taken, program.taken
    yield "options", told, {name: (letter, bool(value), said)
                            for name, (letter, value, said) in program.options.items()}
    listed = re.search(r"-l format .*-a '(.*?)'", text).group(1)
    yield "--format", set(listed.split()), program.names("format")
    listed = re.search(r"-l report .*printf %s\\\\n (.*?)\"", text).group(1)
    yield "--report", set(listed.split()), program.names("report")
    yield "explain", "tcplab manual words" in text, True


def differing(found, wanted):
    if isinstance(found, bool):
        return [f"{found}, should be {wanted}"]
    if isinstance(found, dict):
        return [f"{key}: {found.get(key)}, should be {wanted.get(key)}"
                for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)]
    return [f"too much: {sorted(found - wanted)}, too little: {sorted(wanted - found)}"]


def main():
    program = Program(sys.argv[1])
    wrong = False
    for shell in bash, zsh, fish:
        for what, found, wanted in shell(program):
            if found != wanted:
                wrong = True
                print(f"{shell.__name__}: {what}:", *differing(found, wanted), sep="\n    ")
    return wrong


sys.exit(main())
