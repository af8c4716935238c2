#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the kernel has no NFQUEUE a tapped scenario runs untapped and says so; one that holds
# segments cannot run there. Nothing fails because of it.
. "$(dirname "$0")/../common.sh"

${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$tmp/no_wire.so" tests/no_wire.c -ldl ||
	{ complain "no_wire.c"; finish; }

export LD_PRELOAD=$tmp/no_wire.so
run run --all --skip slow --jobs 2 --out "$tmp/all"
expect_status 77 "all scenarios without a wire: those that can be run pass"
ran=$(grep -c '^passed' "$tmp/out")
[ "$ran" -ge 30 ] || complain "only $ran scenarios ran without a wire"
run run --out "$tmp/runs" redis/walkthrough
expect_status 0 "a tapped scenario without a wire"
expect_text "$tmp/out" "No segments were recorded" "its report"
run run --out "$tmp/runs" redis/walkthrough-slow
expect_status 77 "a scenario that holds, without a wire"
run run --require --out "$tmp/runs" redis/walkthrough-slow
expect_status 3 "a scenario that holds, without a wire, with --require"
run doctor
expect_status 0 "doctor without a wire"
expect_text "$tmp/out" 'no   wire: target  for the same reason as "wire: queue"' "doctor without a wire"
finish
