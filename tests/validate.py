#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold JSON documents, or with --lines each line of NDJSON, against a schema.

    validate.py [--lines] SCHEMA FILE...
"""
import json
import sys

import jsonschema


def main(args):
    lines = args[0] == "--lines"
    schema_path, *paths = args[1:] if lines else args
    with open(schema_path, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    wrong = 0
    for path in paths:
        with open(path, encoding="utf-8") as f:
            texts = list(f) if lines else [f.read()]
        for number, text in enumerate(texts, 1):
            for error in validator.iter_errors(json.loads(text)):
                where = "/".join(str(p) for p in error.absolute_path)
                print(f"{path}:{number}: {where}: {error.message[:300]}")
                wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
