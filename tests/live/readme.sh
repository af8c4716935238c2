#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The scenario that the README teaches with runs, and what it says of the commands is so.
. "$(dirname "$0")/../common.sh"

sed -n '/^```yaml/,/^```/p' README.md | grep -v '^```' >"$tmp/mine.yaml"
run check "$tmp/mine.yaml"
expect_status 0 "the README's scenario"
run run --out "$tmp/runs" "$tmp/mine.yaml"
expect_status 0 "the README's scenario"
for verb in start launch ready stop terminate kill freeze thaw command sysctl hold await \
	release drop pass; do
	grep -q "\`$verb\`" README.md || complain "the README does not name the verb $verb"
done
finish
