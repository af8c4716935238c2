#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcplab explain answers what people type: the words of a list, every setting that the lab
# touches, every call's answer, every kind of segment; and knows what a slip was meant for.
. "$(dirname "$0")/../common.sh"

words=tests/fixtures/explain/words.txt
[ "$(sort -u "$words" | wc -l)" -ge 150 ] || complain "the list has less than 150 words"

TCPLAB=build/tcplab # as it is typed: its name stands in what is printed

# answered WORD - it is; the answer is in $answer
mkdir "$tmp/answers"
n=0
answered() {
	answer=$tmp/answers/$((n += 1))
	"$TCPLAB" explain "$1" </dev/null >"$answer" 2>"$tmp/err" ||
		complain "explain $1: exit status $?: $(cat "$tmp/err")"
}
while IFS= read -r word; do
	answered "$word"
done <"$words"
for word in $(grep -rhoE 'net\.[a-z0-9_.]*[a-z0-9_]' scenarios --include='*.yaml' | sort -u) \
	$(sed -n 's/^\tX(\(E[A-Z]*\)).*/\1/p' include/tcplab/answer.h | grep -vE '^(EACCES|EINVAL|ENOBUFS|EOPNOTSUPP)$'); do
	answered "$word"
done
for id in $(sed -n 's/^\(DRAWN\|NOTE\|TIMEOUT\|ARC\)([^"]*"\([^"]*\)".*/\2/p' include/tcplab/arcs.h); do
	answered "$id"
done
"$TCPLAB" list | sed 's/ .*//' >"$tmp/names"
[ -s "$tmp/names" ] || complain "there are no scenarios"
for name in $(sed -n '1~9p' "$tmp/names"); do
	answered "$name"
	expect_text "$answer" "run $name" "explain $name"
done
LC_ALL=C.UTF-8 wc -L "$tmp"/answers/* >"$tmp/widths"
[ "$(wc -l <"$tmp/widths")" -eq $((n + 1)) ] || complain "not as many answers as words"
for wide in $(awk -v n="$n" 'NR <= n && $1 > 80 { print $2 }' "$tmp/widths"); do
	complain "too wide: $(head -n 1 "$wide")"
done

# What an answer holds.
# A scenario that is several: by its own name, by what follows the topic, and each by its own.
for word in rfc9293/first-to-close first-to-close rfc9293/first-to-close/client; do
	run explain "$word"
	expect_text "$tmp/out" "variants      client, server" "explain $word"
	expect_text "$tmp/out" "step rfc9293/first-to-close/client" "explain $word"
done
run explain rfc9293/first-to-close/server
expect_text "$tmp/out" "The client closes as well" "explain of a variant"

run explain TIME WAIT
expect_status 0 "two words that are one"
for text in "[TIME_WAIT]" "Foreign Address" "ss -tano state time-wait" "run redis/walkthrough" \
	"RFC 9293 3.6.1"; do
	expect_text "$tmp/out" "$text" "explain TIME WAIT"
done
run explain tcp_fin_timeout
expect_text "$tmp/out" "on this host  $(cat /proc/sys/net/ipv4/tcp_fin_timeout)" "a setting's value"
# leads WORD ANSWER - what stands in a table or a message, and what it is explained as
leads() {
	run explain "$1"
	[ "$(head -n 1 "$tmp/out" | cut -d: -f1)" = "$2" ] || complain "explain $1 is not about $2"
}
leads 'timer:(keepalive,119min,0)' "timer column"
leads 'users:(("nginx",pid=12,fd=6))' inode
leads 'shutdown(SHUT_WR)' "shutdown()"
leads 'java.net.ConnectException' ECONNREFUSED
leads 'kex_exchange_identification: Connection closed by remote host' "recv()"
leads 'Datenübergabe unterbrochen' EPIPE
leads 'arrow 15' "FIN_WAIT1 -> CLOSING"
leads IP_TRANSPARENT IP_TRANSPARENT
expect_text "$tmp/out" "no scenario shows it" "what no scenario shows"
leads scenario scenario
expect_text "$tmp/out" "$TCPLAB list" "a command of ours, as it is typed"

run explain close
expect_text "$tmp/out" "CLOSED: " "a state that is a call as well"
expect_text "$tmp/out" "close(): " "a call that is a state as well"
run explain FIN RST
expect_text "$tmp/out" "FIN: a segment" "the first of two words"
expect_text "$tmp/out" "RST: a segment" "the second of two words"
run explain 'ESTABLISHED->LISTEN'
expect_text "$tmp/out" "no arrow of Figure 5" "two states that no arrow joins"
run explain -v syn-recv
expect_text "$tmp/out" "The whole story" "explain -v"
expect_text "$tmp/out" "X5-OWNED" "explain -v"

# slip WORD MEANT - not known, and what it may have been meant for
slip() {
	run explain "$1"
	expect_status 2 "explain $1"
	expect_text "$tmp/err" "Unknown word \"$1\". $2" "explain $1"
}
slip finwait "Did you mean FIN_WAIT1 or FIN_WAIT2?"
slip econreset "Did you mean ECONNRESET"
slip tcp_fin_timeuot "Did you mean net.ipv4.tcp_fin_timeout"
slip quetzalcoatl "\"$TCPLAB explain\" lists"
run explain FIN quetzalcoatl
expect_status 2 "a known and an unknown word"
expect_text "$tmp/err" "quetzalcoatl" "a known and an unknown word"

# In 60 columns and without UTF-8 as well.
run explain
expect_text "$tmp/out" "accept queue" "the list of all words"
LC_ALL=C run explain TIME_WAIT
expect_text "$tmp/out" "-- 20  2 MSL pass -" "the figure in ASCII"
for word in ECONNRESET TIME_WAIT "accept queue" "LISTEN->SYN_RECV"; do
	NO_COLOR=1 LC_ALL=C.UTF-8 script -qec "stty cols 60; '$TCPLAB' explain '$word'" /dev/null \
		</dev/null 2>&1 | tr -d '\r' | grep -v "^Proto\|^tcp\|nstat" >"$tmp/out"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$tmp/out")" -le 60 ] || complain "$word is wider than 60 columns"
done
expect_text "$tmp/out" "SYN_RECV" "an arrow in 60 columns"
finish
