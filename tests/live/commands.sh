#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What explain says to type on one's own host can be typed: each command runs without an error,
# each counter and setting is there, and a setting's default is that of a new network namespace.
. "$(dirname "$0")/../common.sh"

# has PROGRAM - is it installed?
has() {
	command -v "$1" >"$tmp/which"
}

# is_newer - the word that was explained last says since when it is there, or that it is gone
is_newer() {
	grep -q ' since [0-9]' "$tmp/out"
}

# runs COMMAND - it says nothing is wrong with what was typed
runs() {
	local line=$1
	line=${line//PID/$$} line=${line//ADDRESS/127.0.0.1} line=${line//NAME/localhost}
	timeout 20 bash -c "$line" >"$tmp/said" 2>"$tmp/refused" </dev/null
	grep -q 'wrong state name: bound-inactive' "$tmp/refused" && return # ss before 6.8
	[ ! -s "$tmp/refused" ] || complain "$word: $1: $(head -n 1 "$tmp/refused")"
}

# counted COMMAND - nstat prints a line for each of its counters
counted() {
	local counter
	runs "$1"
	for counter in $(grep -oE '(Tcp|Ip|Icmp)[A-Za-z]+\b' <<<"${1//\*/}"); do
		grep -q "^$counter" "$tmp/said" || is_newer || complain "$word: $1 does not print $counter"
	done
}

# is_set COMMAND - the settings that it reads are there
is_set() {
	local name
	for name in $(grep -oE '\bnet\.[a-z0-9_.]+' <<<"$1"); do
		[ -e "/proc/sys/${name//.//}" ] || is_newer || complain "$word: no $name here"
	done
}

# commands - those that are printed in $tmp/out
commands() {
	awk '/^  on your host / { on = 1 } on && /^  [a-z]/ && !/^  on your host / { on = 0 }
	     on { print substr($0, 17) }' "$tmp/out"
}

grep -rhoP '\{ \.name = "\K[^"]+' src/core/lexicon >"$tmp/words"
[ "$(wc -l <"$tmp/words")" -ge 150 ] || complain "hardly any word was found"
n=0
while IFS= read -r word; do
	run explain "$word"
	expect_status 0 "explain $word"
	commands >"$tmp/commands"
	while IFS= read -r command; do
		n=$((n + 1))
		case $command in
		*" why "* | *tcplab*) ;; # a test of its own
		ss\ * | netstat\ * | cat\ * | ls\ * | lsns\ * | getent\ * | grep\ *)
			if has "${command%% *}"; then runs "$command"; fi
			;;
		nstat\ *) if has nstat; then counted "$command"; fi ;;
		sysctl\ -a*) ;;
		sysctl\ *) is_set "$command" ;;
		ip\ * | tcpdump\ -* | strace\ -* | nsenter\ -* | redis-cli\ *) ;; # root, or a server
		*) complain "$word: not a command: $command" ;;
		esac
	done <"$tmp/commands"
done <"$tmp/words"
[ "$n" -ge 150 ] || complain "only $n commands were found"

# "by default on Linux 6.x", word by word as a new namespace has it; "by memory" has no number.
if unshare -rn true 2>"$tmp/refused"; then
	while IFS=$'\t' read -r name preset; do
		file=/proc/sys/${name//.//}
		[[ $preset == [0-9]* && -e $file ]] || continue
		read -ra told <<<"${preset%%[!0-9 ]*}"
		read -ra found <<<"$(unshare -rn cat "$file")"
		[ "${told[*]}" = "${found[*]:0:${#told[@]}}" ] ||
			complain "$name: ${told[*]} is told, ${found[*]} is what a new namespace has"
	done < <(grep -rhA9 -P '\.name = "net\.' src/core/lexicon |
		 sed -n 's/.*\.name = "\(net[^"]*\)".*/\1/p; s/.*\.preset = "\([^"]*\)".*/\t\1/p' |
		 sed '$!N;s/\n//')
fi
finish
