#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Mermaid diagrams of Markdown reports, against what of its grammar they may use.

    mermaid.py FILE...

Mermaid itself wants a browser. So each line must have one of a few forms, with nothing in its
text that Mermaid, old or new, gives a meaning: a comment, an entity, a separator, the word
"end". And GitLab must draw each without being asked: at most 2 000 characters, in the diagram
and in those before it.
"""

import re
import sys

TEXT = r"[^#;%<>\"`{}\[\]|\\&:\n]+"
STATE = r"(?:\[\*\]|[A-Z_0-9]+)"
FORMS = {
    "sequenceDiagram": [
        rf"    participant [LMR] as {TEXT}",
        rf"    [LMR](?:->>|-->>|-x)[LMR]: {TEXT}",
        rf"    Note (?:over (?:[LM],[MR]|M)|left of L|right of R): {TEXT}",
    ],
    "stateDiagram-v2": [rf"    {STATE} --> {STATE}: {TEXT}"],
}
MOST = 2000


def complaints(text):
    before = 0
    for diagram in re.findall(r"^```mermaid\n(.*?)^```$", text, re.S | re.M):
        kind, *lines = diagram.splitlines()
        if kind not in FORMS:
            yield f"a diagram of another kind: {kind!r}"
            continue
        for line in lines:
            if not any(re.fullmatch(form, line) for form in FORMS[kind]):
                yield f"not of the forms of a {kind}: {line!r}"
            if re.search(r"(?<![\w(])end(?![\w)])", line, re.I | re.A):
                yield f"the word that ends a block: {line!r}"
        if not lines:
            yield f"an empty {kind}"
        if max(before, len(diagram)) > MOST:
            yield f"a {kind} that GitLab does not draw: {before} + {len(diagram)} characters"
        before += len(diagram)
    if not before:
        yield "no diagram"


wrong = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        for complaint in complaints(file.read()):
            print(f"{path}: {complaint}")
            wrong = 1
sys.exit(wrong)
