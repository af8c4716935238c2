#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The three tables of the 2013 post, byte for byte, and the same report every time.
. "$(dirname "$0")/../common.sh"

cat >"$tmp/post" <<'END'
tcp        0      0 0.0.0.0:6379            0.0.0.0:*               LISTEN
tcp        0      0 0.0.0.0:6379            0.0.0.0:*               LISTEN
tcp        0      0 127.0.0.1:6379          127.0.0.1:53525         ESTABLISHED
tcp        0      0 127.0.0.1:53525         127.0.0.1:6379          ESTABLISHED
tcp        0      0 0.0.0.0:6379            0.0.0.0:*               LISTEN
tcp        0      0 127.0.0.1:53525         127.0.0.1:6379          TIME_WAIT
END

# What may differ between two runs is how long they took, and nothing else: neither where Redis gets
# to close only when the 40 ms of a delayed ACK are long over.
without_times() {
	sed -E 's/in [0-9.]+ m?s//' "$1"
}

# told NAME OPTION... - it is the post's, and told as it was the first time under this NAME
told() {
	local film=$tmp/film-$1
	shift
	run run "$@" --out "$tmp/runs"
	expect_status 0 "walkthrough $* with LATE=${LATE:-}"
	grep '^tcp' "$tmp/out" | diff "$tmp/post" - || complain "$*: not the rows of the post"
	without_times "$tmp/out" >"$tmp/film"
	[ -e "$film" ] || cp "$tmp/film" "$film"
	cmp -s "$film" "$tmp/film" || {
		complain "$*: two runs tell different stories with LATE=${LATE:-}:"
		diff "$film" "$tmp/film" >&2
	}
}

for i in 1 2 3 4 5; do told redis; done
told mock --mock
expect_text "$tmp/out" " ACK of FIN" "four segments"
${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$tmp/slow_close.so" tests/slow_close.c ||
	complain "slow_close.c"
for late in 0 100 300; do
	LATE=$late LD_PRELOAD=$tmp/slow_close.so told redis
	LATE=$late LD_PRELOAD=$tmp/slow_close.so told mock --mock
done
# On a terminal of 24 lines the tables are what stays in sight, with a prompt below them; and a claim
# takes one line. A line that is too long is as many as the terminal makes of it.
LC_ALL=C.UTF-8 script -qec "stty rows 24 cols 80; '$TCPLAB' run --mock --color=never --out $tmp/seen" \
	/dev/null </dev/null 2>&1 | tr -d '\r' >"$tmp/terminal"
fold -w 80 "$tmp/terminal" | tail -23 >"$tmp/sight"
[ "$(grep -cE '^tcp .*(LISTEN|ESTABLISHED|TIME_WAIT)$' "$tmp/sight")" -eq 6 ] ||
	complain "the tables have gone up out of sight: $(cat "$tmp/sight")"
expect_text "$tmp/sight" "Passed" "what came of it"
grep -cE '[a-z].*  ✓ (holds|refined[*]?|refuted) \[B[0-9]+\]$' "$tmp/terminal" >"$tmp/claims"
[ "$(cat "$tmp/claims")" -ge 8 ] || complain "the claims take more than a line: $(cat "$tmp/terminal")"
grep -q 'refined[*] \[B6\]$' "$tmp/terminal" && grep -q '^[*] .*missing$' "$tmp/terminal" ||
	complain "no word of the evidence that a finding lacks"
[ "$(grep '\[B[0-9]*\]$' "$tmp/terminal" | LC_ALL=C.UTF-8 wc -L)" -le 80 ] ||
	complain "a claim is wider than the terminal"
LC_ALL=C.UTF-8 script -qec "stty rows 24 cols 80; '$TCPLAB' run -v --mock --color=never --out $tmp/seen" \
	/dev/null </dev/null 2>&1 | tr -d '\r' >"$tmp/terminal"
expect_text "$tmp/terminal" "for it: " "the evidence, with --verbose"

finish
