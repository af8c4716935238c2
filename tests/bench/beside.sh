#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The ratios of the bench beside those of an earlier tree, which is built aside for it:
#	tests/bench/beside.sh REV
set -eu
tmp=$(mktemp -d)
trap 'git worktree remove --force "$tmp/tree" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

git worktree add --quiet --detach "$tmp/tree" "$1"
make -s -C "$tmp/tree" BASE= bench >"$tmp/then"
make -s BASE= bench >"$tmp/now"
awk -v rev="$1" '
	BEGIN { printf "%-32s %10.10s %10s\n", "ratio, less is better", rev, "now" }
	$1 != "ratio" { next }
	NR == FNR { then[$2] = $3; next }
	{ printf "%-32s %10s %10s\n", $2, $2 in then ? then[$2] : "-", $3 }
' "$tmp/then" "$tmp/now"
