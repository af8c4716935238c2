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

# What may differ between two runs is how long they took; and where the machine was too slow for
# Redis to close within a delayed ACK, the run says so, and its film is one of that.
without_times() {
	sed -E 's/in [0-9.]+ m?s//' "$1"
}

for i in 1 2 3 4 5; do
	run run --out "$tmp/runs"
	expect_status 0 "walkthrough"
	grep '^tcp' "$tmp/out" | diff "$tmp/post" - || complain "not the rows of the post"
	kind=usual
	! grep -q "the machine was too slow" "$tmp/out" || kind=slow
	without_times "$tmp/out" | sed -E 's/the ACK went [0-9]+ ms/the ACK went N ms/' >"$tmp/film"
	[ -e "$tmp/film-$kind" ] || cp "$tmp/film" "$tmp/film-$kind"
	cmp -s "$tmp/film-$kind" "$tmp/film" || {
		complain "two runs tell different stories:"
		diff "$tmp/film-$kind" "$tmp/film" >&2
	}
done
# On a terminal of 24 lines the tables are what stays in sight, and a claim takes one line.
LC_ALL=C.UTF-8 script -qec "stty rows 24 cols 80; $TCPLAB run --mock --color=never --out $tmp/seen" \
	/dev/null </dev/null 2>&1 | tr -d '\r' >"$tmp/terminal"
tail -24 "$tmp/terminal" >"$tmp/sight"
[ "$(grep -cE '^tcp .*(LISTEN|ESTABLISHED|TIME_WAIT)$' "$tmp/sight")" -eq 6 ] ||
	complain "the tables have gone up out of sight: $(cat "$tmp/sight")"
expect_text "$tmp/sight" "Passed" "what came of it"
grep -cE '[a-z].*  ✓ (holds|refined|refuted) \[B[0-9]+\]$' "$tmp/terminal" >"$tmp/claims"
[ "$(cat "$tmp/claims")" -ge 8 ] || complain "the claims take more than a line: $(cat "$tmp/terminal")"
[ "$(grep '\[B[0-9]*\]$' "$tmp/terminal" | LC_ALL=C.UTF-8 wc -L)" -le 80 ] ||
	complain "a claim is wider than the terminal"
LC_ALL=C.UTF-8 script -qec "stty rows 24 cols 80; $TCPLAB run -v --mock --color=never --out $tmp/seen" \
	/dev/null </dev/null 2>&1 | tr -d '\r' >"$tmp/terminal"
expect_text "$tmp/terminal" "for it: " "the evidence, with --verbose"

finish
