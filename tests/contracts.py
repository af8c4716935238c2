#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The contracts in include/tcplab are about what is there.

    contracts.py

"tl_x - ..." stands in the header that declares tl_x; each @name is a parameter of what follows, or
a field or a parameter elsewhere in that header; each tl_x() and TL_X that is named exists.
"""
import glob
import re
import sys

HEADERS = sorted(glob.glob("include/tcplab/*.h"))
SOURCES = HEADERS + glob.glob("src/**/*.[ch]", recursive=True) + glob.glob("lab/**/*.[ch]",
                                                                           recursive=True)


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def code(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def has(text, word):
    return re.search(rf"\b{word}\b", text) is not None


def complaints():
    known = set()
    for name in SOURCES:
        known |= set(re.findall(r"\b(?:tl|lab|TL)_\w+", code(read(name))))
    for name in HEADERS:
        text = read(name)
        declared = code(text)
        for found in re.finditer(r"/\*(.*?)\*/\n?([^/]*)", text, re.S):
            said, follows = found.group(1), found.group(2).split("\n\n")[0]
            place = f"{name}:{text.count(chr(10), 0, found.start()) + 1}"
            heads = re.findall(r"(?:^|; )[\s*]*((?:tl|TL)_\w+(?:, (?:tl|TL)_\w+)*) - ", said, re.M)
            for head in ", ".join(heads).split(", "):
                if head and not has(declared, head):
                    yield f"{place}: a contract of {head}, which is not declared there"
            for word in set(re.findall(r"@(\w+)", said)):
                if not has(follows, word) and not has(declared, word):
                    yield f"{place}: @{word} is neither a parameter nor a field"
            # What a contract opens with its own line is a parameter of what follows.
            for word in re.findall(r"^[\s*]*@(\w+)(?:, @\w+)*:", said, re.M) if heads else ():
                if not has(follows, word):
                    yield f"{place}: {heads[-1]} has no parameter {word}"
            for word in re.findall(r"\b((?:tl|lab)_\w+)\(\)", said):
                if word not in known:
                    yield f"{place}: there is no {word}()"
            for word in re.findall(r"\bTL_[A-Z0-9_]*[A-Z0-9]\b(?![_*.])", said):
                if word not in known:
                    yield f"{place}: there is no {word}"


wrong = sorted(complaints())
print("\n".join(wrong), end="\n" if wrong else "")
sys.exit(bool(wrong))
