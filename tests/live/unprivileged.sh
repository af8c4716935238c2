#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Root and an ordinary user find the same in the same scenario.
. "$(dirname "$0")/../common.sh"

[ "$(id -u)" -eq 0 ] || { echo "to compare with root this must be run as root"; exit 77; }
as_nobody unshare --user true 2>/dev/null ||
	{ echo "this host keeps ordinary users from making namespaces"; exit 77; }

pass plain
root=$pass/runs
pass coverage
nobody=$pass/runs
[ "$(stat -c %u "$nobody/redis/walkthrough/report.md")" -eq 65534 ] || complain "nobody ran nothing"

mapfile -t names < <(quick_scenarios)
/usr/bin/python3 - "$root" "$nobody" "${names[@]}" >&2 <<'END' || complain "not the same findings"
import json
import sys


def facts(path):
    """What a run finds; not what the kernel does by the clock: repeating, and mere ACKs."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    yield "result", report["result"], report["reason"]
    for phase in report["phases"]:
        yield "phase", phase["title"], phase["outcome"], phase["reason"], phase["note"]
        yield "steps", *(step["step"] for step in phase["steps"])
        yield "segments", *sorted({(s["name"], s["from"], s["to"]) for s in phase["segments"]
                                   if {"SYN", "FIN", "RST"} & set(s["flags"])
                                   and s["copy_of"] is None and "again" not in s["name"]})
        for row in phase["rows"]:
            yield "row", *(row[key] for key in ("netstat", "owner", "peer", "change", "expected"))
        for row in phase["gone"]:
            yield "gone", row["state"], row["owner"], row["peer"]
    for s in report["sockets"]:
        hops = [(hop["state"], hop["arc"], hop["by"]) for hop in s["states"]]
        yield "socket", s["owner"], s["peer"], s["local"], s["remote"], s["legal"], *hops
    for claim in report["claims"]:
        yield "claim", claim["claim"], claim["finding"], claim["stands"]


wrong = 0
root, nobody, *names = sys.argv[1:]
for name in names:
    ours, theirs = (list(facts(f"{runs}/{name}/report.json")) for runs in (root, nobody))
    for one in [f for f in ours if f not in theirs] + [f for f in theirs if f not in ours]:
        print(f"{name}: {'root' if one in ours else 'nobody'} alone:", *one)
        wrong = 1
sys.exit(wrong)
END

# And it is told in the same words, where the clock has no say: from the first line to the last.
for who in "$root" "$nobody"; do
	"$TCPLAB" report "$who/rfc9293/four-way-close/trace.ndjson" | sed -E 's/in [0-9.]+ m?s//'
done | awk '{ line[NR] = $0 } END { for (i = 1; i <= NR / 2; i++)
	if (line[i] != line[i + NR / 2]) { print line[i] "\n" line[i + NR / 2]; bad = 1 } exit bad || !NR }' >&2 ||
	complain "four-way-close is not told in the same words"
finish
