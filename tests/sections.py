# SPDX-License-Identifier: GPL-2.0-or-later
"""The sections of RFCs that the texts cite: each is there."""
import re

# Those that are cited: a new one is looked up first. (2.1) of RFC 6298 is a rule of its section 2.
SECTIONS = {
    791: "3.1 3.2",
    793: "3.4 3.9",
    1122: "3.2.1.3 4.2.2.13 4.2.2.20 4.2.3.9",
    2525: "2.17",
    2923: "2.1",
    3168: "6.1",
    3542: "3.1",
    4291: "2.5.3",
    4443: "3.1",
    4987: "3.6",
    5681: "2 3.2",
    5961: "4",
    6298: "2.1",
    7323: "2 2.3 3 5",
    8200: "3 4 4.1",
    8446: "4.6.1 6.1",
    8684: "3.3 3.7",
    9110: "15.6.3 15.6.4 15.6.5",
    9112: "9.3 9.3.1 9.5 9.6",
    9113: "6.4 6.8",
    9293: "1 3.1 3.2 3.3.2 3.4 3.4.1 3.4.2 3.5 3.5.1 3.5.2 3.5.3 3.6 3.6.1 3.7.1 3.7.4 3.8 "
          "3.8.1 3.8.3 3.8.4 3.8.5 3.8.6 3.8.6.1 3.8.6.3 3.9.1.2 3.9.1.4 3.9.2 3.9.2.2 3.10.1 "
          "3.10.2 3.10.3 3.10.4 3.10.5 3.10.7 3.10.7.1 3.10.7.2 3.10.7.3 3.10.7.4 3.10.8",
}
NUMBER = r"\d+(?:\.\d+)*"
# "RFC 9293, 3.10.1 and 3.10.4", "RFC 9293 lets ... (3.8.3)" only where the number follows at once.
CITED = re.compile(rf"RFC\s+(\d{{3,}})(?:,?[\s*]+\(?|\()({NUMBER}(?:(?:,| and)\s+{NUMBER})*)")


def cited(name, text):
    """Each (RFC, section, line) of a file; what state.c and arcs.h have in tables is of RFC 9293."""
    if name.endswith((".c", ".h", ".inc")):  # a text may be in several pieces
        text = re.sub(r'"(\s+)"', r" \1", text)
    for found in CITED.finditer(text):
        for section in re.findall(NUMBER, found.group(2)):
            yield int(found.group(1)), section, text.count("\n", 0, found.start()) + 1
    if name.endswith(("core/state.c", "tcplab/arcs.h")):
        for found in re.finditer(rf'"({NUMBER}(?:, {NUMBER})*)"', text):
            for section in filter(lambda s: "." in s, re.findall(NUMBER, found.group(1))):
                yield 9293, section, text.count("\n", 0, found.start()) + 1
