#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold JSON documents, or with --lines each line of NDJSON, against a schema.

    validate.py [--lines] SCHEMA FILE...
"""
import json
import sys

import valid


def main(args):
    lines = args[0] == "--lines"
    schema_path, *paths = args[1:] if lines else args
    schema = valid.Schema(schema_path)
    wrong = 0
    for path in paths:
        with open(path, encoding="utf-8") as f:
            texts = list(f) if lines else [f.read()]
        for number, text in enumerate(texts, 1):
            for where, why in schema.refusals(json.loads(text)):
                print(f"{path}:{number}: {where}: {why}")
                wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
