#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 64 MiB through the tap: it comes to its end, and no segment goes by unseen.
. "$(dirname "$0")/../common.sh"

run run --out "$tmp/runs" tests/sync.yaml
expect_status 0 "a sync of 64 MiB"
trace=$tmp/runs/test/sync/trace.ndjson
! grep '"event":"lossy"' "$trace" || complain "segments passed unseen"
/usr/bin/python3 - "$trace" <<'END' || complain "the bytes seen are not those that were sent"
import json
import sys

sent = 0
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["event"] == "segment" and event["from"] == 0:
        sent += event["len"]
print(sent, "bytes from the master")
sys.exit(not 64 << 20 <= sent < 65 << 20)
END
finish
