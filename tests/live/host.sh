#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The reader's own host: hosts made in network namespaces, well ones and sick ones, and what
# snap and why say of them; beside ss, netstat and /proc.
. "$(dirname "$0")/../common.sh"

unshare --net true 2>/dev/null || { echo "no network namespace without root"; exit 77; }
/usr/bin/python3 -B tests/host_check.py "$TCPLAB" "$tmp" || wrong=1
finish
