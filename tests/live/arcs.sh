#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each arc has its cause in the trace: taken out of a saved run, it is not proved any more.
. "$(dirname "$0")/../common.sh"

pass plain
python3 -B tests/arcs.py "$TCPLAB" "$pass/runs" "$tmp" || complain "arcs are told without their cause"
finish
