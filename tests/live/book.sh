#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcplab book: of saved runs, good and bad ones, a folder of pages whose every link leads somewhere;
# the search knows words, messages and arrows; what is not tcplab's is left alone.
. "$(dirname "$0")/../common.sh"

RUN_BYTES=70000    # of a suite's runs the pages have 60000 on average, claims and all
BOOK_BYTES=1500000 # states, arrows, words, complaints

run book "$tmp/site" --out tests/golden
expect_status 0 "a book of the saved runs"
expect_text "$tmp/out" "file://$tmp/site/index.html" "where it is"
tests/links.py "$tmp/site" >"$tmp/links" || complain "links: $(cat "$tmp/links")"
for page in index.html state/FIN_WAIT2.html arrow/13.html word/econnreset.html word/recv-q.html \
	claim/redis-walkthrough-b7.html run/redis-walkthrough.html two/who-closes-first.html \
	run/redis-syn-lost.html style.css run.js book.js words.js; do
	[ -s "$tmp/site/$page" ] || complain "no $page"
done

# Evidence is of these runs: the row, and the step at which it stands.
expect_text "$tmp/site/state/FIN_WAIT1.html" "127.0.0.1:6379          FIN_WAIT1" "a row"
expect_text "$tmp/site/arrow/16.html" "../run/redis-walkthrough" "the run of an arrow"
expect_text "$tmp/site/claim/redis-walkthrough-b7.html" "../run/redis-walkthrough.html#" "a step"
tr '\n' ' ' <"$tmp/site/claim/redis-walkthrough-b7.html" |
	grep -qE '<h1>[^<]*TIME_WAIT.*class="dim">.*class="gist[ a-z]*">[^<]*(as|not) [^<]*<.*The evidence.*Claim <bdi>B7' ||
	complain "a claim: what was said, by whom, the ruling, the evidence, its name last"
pages=$(find "$tmp/site" -name '*.html' | wc -l)
expect_text "$tmp/out" "$pages pages of " "two pages of one name"
expect_text "$tmp/site/run/redis-walkthrough.html" "../run.js" "the script that all share"
! grep -q "<style>" "$tmp/site/run/redis-walkthrough.html" || complain "a style sheet in a page"

# What is searched is a script of strings, whatever a run says.
expect_text "$tmp/site/words.js" '"connection reset by peer' "a message"
expect_text "$tmp/site/words.js" '"arrow","LISTEN \u2192 SYN_RECV"' "an arrow"
! grep -lq "<script>" -r "$tmp/site" --include='*.html' || complain "a script in a page"

# Its size: what pages have in common stands in it once. So much a run, and so much for the rest.
runs=$(find "$tmp/site/run" -name '*.html' | wc -l)
size=$(find "$tmp/site" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
most=$((BOOK_BYTES + runs * RUN_BYTES))
[ "$size" -lt "$most" ] || complain "$size bytes for $runs runs instead of $most at most"
expect_text "$tmp/site/parts.js" 'figure: "<svg' "the figure, once"
! grep -lq '<svg class="figure"' -r "$tmp/site/run" || complain "a run has a figure of its own"

# Another book over it: pages that this one lacks go, what is not of a book stays.
cp -r "$tmp/site" "$tmp/over"
echo "my own" >"$tmp/over/run/mine.html"
echo "my own" >"$tmp/over/run/redis-syn-lost.html" # was a page of the book
echo "my own" >"$tmp/kept.html"
printf '../kept.html\n/etc/hostname.html\nrun/../../kept.html\n' >>"$tmp/over/files.txt"
mkdir -p "$tmp/less/redis/walkthrough"
cp tests/golden/walkthrough/trace.ndjson "$tmp/less/redis/walkthrough"
run book "$tmp/over" --out "$tmp/less"
[ "$status" -eq 3 ] || complain "a page of somebody else is written over: status $status"
rm "$tmp/over/run/redis-syn-lost.html"
run book "$tmp/over" --out "$tmp/less"
expect_status 0 "a smaller book over a larger one"
[ -e "$tmp/site/run/redis-walkthrough-2.html" ] || complain "there is no second walkthrough to go"
[ ! -e "$tmp/over/run/redis-walkthrough-2.html" ] || complain "a page of the book before stays"
[ -e "$tmp/over/run/mine.html" ] && [ -e "$tmp/kept.html" ] || complain "what is not of a book went"
rm "$tmp/over/run/mine.html"
pages=$(find "$tmp/over" -name '*.html' | wc -l)
expect_text "$tmp/out" "$pages pages of 1 run," "what is left"
tests/links.py "$tmp/over" >"$tmp/links" || complain "links: $(cat "$tmp/links")"

# Again into the same folder; into one with files of somebody else, not.
run book "$tmp/site" --out tests/golden
expect_status 0 "the same folder once more"
mkdir -p "$tmp/mine/state"
echo "my own" >"$tmp/mine/index.html"
run book "$tmp/mine" --out tests/golden
expect_status 3 "a folder with an index of somebody else"
expect_text "$tmp/err" "was not written by tcplab" "why"
[ "$(cat "$tmp/mine/index.html")" = "my own" ] || complain "it was written over"
mkdir "$tmp/none"
run book "$tmp/site" --out "$tmp/none"
expect_status 2 "a book of nothing"
expect_text "$tmp/err" "run --all" "what makes runs"
run book
expect_status 2 "a book without a folder"
mkdir "$tmp/broken"
echo '{"event":"nonsense"}' >"$tmp/broken/trace.ndjson"
run book "$tmp/site" --out "$tmp/broken"
expect_status 2 "a book of a broken trace"

# A run by hand is no run of the scenario.
mkdir -p "$tmp/runs/step/redis/walkthrough" "$tmp/runs/redis/walkthrough"
cp tests/golden/walkthrough/trace.ndjson "$tmp/runs/redis/walkthrough"
cp tests/golden/cut/trace.ndjson "$tmp/runs/step/redis/walkthrough"
run book "$tmp/one" --out "$tmp/runs"
expect_text "$tmp/out" " of 1 run," "the run by hand counts"
finish
