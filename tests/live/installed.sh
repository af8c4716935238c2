#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What "make install" puts in place runs from there, from any directory.
. "$(dirname "$0")/../common.sh"

make -s install DESTDIR="$tmp/root" prefix=/usr >/dev/null || complain "make install failed"
cd / || exit 1
TCPLAB=$tmp/root/usr/bin/tcplab
run list
expect_status 0 "list"
expect_text "$tmp/out" "redis/walkthrough" "list"
run run --out "$tmp/runs" redis/walkthrough
expect_status 0 "the installed walkthrough"
run explain time-wait
expect_status 0 "explain"
expect_text "$tmp/out" "TIME_WAIT" "explain"
run doctor
expect_status 0 "doctor"
cd - >/dev/null || exit 1

# The manual: both pages, and in them whatever the tables have.
page() {
	COLUMNS=80 MANWIDTH=80 man -l "$tmp/root/usr/share/man/man$1" 2>"$tmp/err" | col -bx >"$tmp/$2"
	[ -s "$tmp/err" ] && complain "man: $(cat "$tmp/err")"
	awk 'length > 80 { exit 1 }' "$tmp/$2" || complain "$2 is wider than 80 columns"
}
page 1/tcplab.1 program
page 5/tcplab-scenario.5 language
for word in run step coverage completion --witness --shard redis/walkthrough-slow 77; do
	expect_text "$tmp/program" "$word" "tcplab(1)"
done
/usr/bin/python3 - scenarios/schema/scenario.v1.json >"$tmp/keys" <<'END'
import json
import sys

schema = json.load(open(sys.argv[1], encoding="utf-8"))
keys = set(schema["properties"])
for name in "step", "claim", "phase", "check":
    keys |= set(schema["definitions"][name]["properties"])
print("\n".join(sorted(keys - {"$schema", "in", "at-least", "at-most", "count"})))
END
while read -r key; do
	grep -qw -- "$key" "$tmp/language" || complain "tcplab-scenario(5) lacks $key"
done <"$tmp/keys"

# The completions, in the shell that every test runs in.
completions=$tmp/root/usr/share/bash-completion/completions/tcplab
# shellcheck disable=SC1090 # it is made by the program
complete_words() { # WORD... - what bash offers for the last one
	PATH=$(dirname "$TCPLAB"):$PATH bash -c '. "$1"; shift; COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1)); _tcplab; printf "%s\n" "${COMPREPLY[@]}"' - "$completions" "$@" \
		2>/dev/null >"$tmp/out"
}
complete_words tcplab cov
expect_text "$tmp/out" "coverage" "a command is completed"
complete_words tcplab run --sk
expect_text "$tmp/out" "--skip=" "an option is completed"
complete_words tcplab report --format = ju
expect_text "$tmp/out" "junit" "an option's value is completed"
complete_words tcplab run redis/walkthrough-s
expect_text "$tmp/out" "redis/walkthrough-slow" "a scenario is completed"
complete_words tcplab explain FIN
expect_text "$tmp/out" "FIN_WAIT2" "a state is completed"
for shell in zsh fish; do
	file=$(find "$tmp/root" -name "_tcplab" -o -name "tcplab.fish" | grep "$shell")
	[ -s "$file" ] || complain "no completion for $shell"
	command -v "$shell" >/dev/null || continue
	"$shell" -n "$file" || complain "$shell does not read its completion"
done

make -s uninstall DESTDIR="$tmp/root" prefix=/usr || complain "make uninstall failed"
[ -z "$(find "$tmp/root" -type f)" ] || complain "uninstall left: $(find "$tmp/root" -type f)"
finish
