#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the JSON Schema of scenarios and the program's own validator together.

For every fixture and every shipped scenario:
  - what is good is good to both;
  - what the schema refuses the program refuses;
  - what only the program can refuse is listed below, so that drift shows both ways;
  - each verb, and each key of a verb, has a malformed use among the bad ones.

    tests/schema_test.py PROGRAM
"""

import glob
import json
import re
import subprocess
import sys

import jsonschema
import yaml

SCHEMA = "scenarios/schema/scenario.v1.json"
BAD = "tests/fixtures/scenario/bad/"
GOOD = "tests/fixtures/scenario/good/"

# Malformed files that a schema cannot know to be so, or that an editor's YAML forgives.
PROGRAM_ONLY = set(
    """
    anchor-and-alias bind-too-many call-accept-on call-closed call-command call-connected call-families
    call-later call-name-taken call-mptcp call-no-listener call-no-port call-not-started call-redis
    call-share call-unknown-socket call-which-port call-which-socket check-segment-bounds
    check-segments-kinds claim-sides command-replies directive-tag directive-yaml duplicate-keys
    expanded-names foreseen foreseen-accept foreseen-answers foreseen-await foreseen-from foreseen-held-accept
    foreseen-held-ack foreseen-held-ack-accept foreseen-held-again foreseen-held-await foreseen-held-behind
    foreseen-held-data foreseen-held-fin foreseen-held-send foreseen-lost-accept foreseen-lost-connect
    foreseen-refused foreseen-v6-only foreseen-varied
    held-connect held-too-few held-let-go held-next-phase held-nothing held-other-end held-other-kind held-passed launch-frozen
    launch-no-master launch-not-ready launch-ready-first launch-started launch-twice
    long-line needs-no-redis needs-wire-off order-before-start order-ended order-frozen order-never-started order-replica-first
    order-thaw order-twice peer-port-twice phase-durations phase-titles-twice program-run-line replicaof-circle repeat-no-actor replicaof-itself
    replicaof-unknown row-closed row-folded row-listen-peer row-state row-state-twice segment-all-next
    segment-all-twice segment-kind segment-kind-unknown segment-number-all segment-number-lost
    vary-part vary-too-many vary-unused version-not-whole wire-off-hold wire-off-quoted wire-off-segments
    """.split()
)


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema (10.3.2), as editors read it; PyYAML's own is that of 1.1."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+0123456789."),
    ),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)


def construct_int(loader, node):
    text = loader.construct_scalar(node)
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def construct_float(loader, node):
    return float(loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan"))


Core.add_constructor("tag:yaml.org,2002:int", construct_int)
Core.add_constructor("tag:yaml.org,2002:float", construct_float)


def schema_refuses(path, validator):
    """Why an editor would mark the file, or None."""
    with open(path, "rb") as file:
        try:
            data = yaml.load(file.read(), Loader=Core)
        except (yaml.YAMLError, UnicodeError, TypeError) as error:
            return "not YAML: " + str(error).splitlines()[0]
    for error in validator.iter_errors(data):
        return "/".join(map(str, error.absolute_path)) + ": " + error.message[:100]
    return None


def program_refuses(path, program):
    run = subprocess.run([program, "check", path], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if run.returncode not in (0, 2):
        sys.exit(f"{program} check {path}: exit status {run.returncode}")
    return run.returncode == 2


def keys_of(schema, verb):
    """The keys of a verb that can be written as a mapping."""
    if "$ref" in verb:
        verb = schema["definitions"][verb["$ref"].rsplit("/", 1)[1]]
    keys = set(verb.get("properties", {}))
    for way in verb.get("anyOf", []) + verb.get("oneOf", []):
        keys |= keys_of(schema, way)
    return keys


def never_malformed(schema):
    """Verbs and keys of them that no malformed file shows in a line that a message is about."""
    blamed = []
    for path in glob.glob(BAD + "*.err"):
        with open(path, encoding="utf-8", errors="replace") as file:
            blamed += re.findall(r"^ *\d+ \| (.*)$", file.read(), re.M)
    blamed = "\n".join(blamed)
    for name, verb in schema["definitions"]["step"]["properties"].items():
        if not re.search(rf"(?:^ *|- |\{{ ?){name}: ", blamed, re.M):
            yield f"verb {name}: no malformed use of it in {BAD}"
        for key in sorted(keys_of(schema, verb)):
            if not re.search(rf"- {name}: {{.*\b{re.escape(key)}: ", blamed):
                yield f"key {key} of {name}: no malformed use of it in {BAD}"


def main():
    program = sys.argv[1]
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)

    wrong = list(never_malformed(schema))
    good = sorted(glob.glob(GOOD + "*.yaml") + glob.glob("scenarios/*/*.yaml"))
    bad = sorted(glob.glob(BAD + "*.yaml"))
    for path in good:
        why = schema_refuses(path, validator)
        if why:
            wrong.append(f"{path}: the schema refuses what is good: {why}")
        if program_refuses(path, program):
            wrong.append(f"{path}: the program refuses what is good")
    for path in bad:
        name = path[len(BAD) : -len(".yaml")]
        why = schema_refuses(path, validator)
        if not program_refuses(path, program):
            wrong.append(f"{path}: the program takes what is bad; the schema says {why}")
        if why and name in PROGRAM_ONLY:
            wrong.append(f"{path}: the schema refuses it, too, now: {why}")
        if not why and name not in PROGRAM_ONLY:
            wrong.append(f"{path}: the schema does not refuse it")
    for name in sorted(PROGRAM_ONLY - {path[len(BAD) : -len(".yaml")] for path in bad}):
        wrong.append(f"{name}: is listed here, but there is no such file")

    print(f"{len(good)} good files, {len(bad)} bad ones, {len(PROGRAM_ONLY)} of them for the program alone")
    print("\n".join(wrong))
    return 1 if wrong or len(good) < 10 or len(bad) < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
