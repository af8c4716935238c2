#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What "tcplab step" says that each segment will do is what it does, at every stop of every
# scenario, or it says that it does not know.
. "$(dirname "$0")/../common.sh"

# shellcheck disable=SC2046 # the names are words
/usr/bin/python3 tests/forecast.py "$tmp/runs" $(quick_scenarios) >"$tmp/out" 2>&1 ||
	wrong=1
cat "$tmp/out" >&2
finish
