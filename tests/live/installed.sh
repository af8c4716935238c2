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
	# mawk would count bytes, and groff 1.23 hyphenates with more than one.
	[ "$(LC_ALL=C.UTF-8 wc -L <"$tmp/$2")" -le 80 ] || complain "$2 is wider than 80 columns"
}
page 1/tcplab.1 program
page 5/tcplab-scenario.5 language
# A line may end within a key, at a hyphen that is the key's or groff's.
sed ':all; N; $!b all; s/[-‐]\n *//g' "$tmp/language" >"$tmp/joined"
sed -i ':all; N; $!b all; s/-\n */-/g' "$tmp/language"
cat "$tmp/joined" >>"$tmp/language"
for word in run step coverage --witness --shard redis/walkthrough-slow 77 \
	report.pcapng junit.xml LC_ALL "Options: --mock"; do
	expect_text "$tmp/program" "$word" "tcplab(1)"
done
/usr/bin/python3 - scenarios/schema/scenario.v1.json >"$tmp/keys" <<'END'
import json
import sys

schema = json.load(open(sys.argv[1], encoding="utf-8"))
keys = set(schema["properties"])
for name in "step", "claim", "phase", "check", "actor":
    keys |= set(schema["definitions"][name]["properties"])
for kind in schema["definitions"]["actor"]["properties"].values():
    keys |= set(kind["properties"])
for step in schema["definitions"]["step"]["properties"].values():
    for form in step.get("anyOf", []):
        keys |= set(form.get("properties", {}))
print("\n".join(sorted(keys - {"$schema"})))
END
while read -r key; do
	grep -qw -- "$key" "$tmp/language" || complain "tcplab-scenario(5) lacks $key"
done <"$tmp/keys"

# The scenario and the steps and checks that it shows are ones.
blocks() { # FIRST LAST - from the lines that begin and end it, what tcplab-scenario(5) shows
	sed -n "/^# $1/,/^# $2/p" lab/man/tcplab-scenario.5.scd | sed -n '/^```/,/^```/{/^```/!p}'
}
blocks DESCRIPTION KEYS >"$tmp/shown.yaml"
run run --out "$tmp/runs" "$tmp/shown.yaml"
expect_status 0 "the scenario of tcplab-scenario(5)"
# Each block of steps on its own: several open a socket of the same name.
shown() { # STEPS CHECKS - a scenario of what is in these two files
	cat <<'END'
scenario: 1
name: test/shown
title: What tcplab-scenario(5) shows
actors:
  master: { redis: { port: 6379 } }
  replica: { redis: { port: 6389, replicaof: master } }
  app: { peer: {} }
  client: { peer: {} }
  server: { peer: { port: 7000 } }
phases:
  - phase: Full
    do:
      - start: app
  - phase: Closed
    do:
      - start: client
      - start: server
END
	sed 's/^/      /' "$1"
	printf 'claims:\n  - claim: one\n    says: no\n    verdict: holds\n    check:\n'
	sed 's/^/      /' "$2"
}
blocks CHECKS SEE >"$tmp/checks"
sed -n '/^# STEPS/,/^# CHECKS/p' lab/man/tcplab-scenario.5.scd |
	awk -v to="$tmp/steps" '/^```/ { n += inside = !inside; next } inside { print >to "." n }'
[ -s "$tmp/steps.2" ] || complain "tcplab-scenario(5) shows no steps"
for steps in "$tmp"/steps.*; do
	shown "$steps" "$tmp/checks" >"$tmp/shown.yaml"
	run check "$tmp/shown.yaml"
	expect_status 0 "the steps and checks of tcplab-scenario(5)"
done

# Each verb has an example, which is a step as far as the verb and its keys go; what would have to
# come before it is not there.
"$TCPLAB" manual scenario | tr -d '\\' | sed -n 's/.*\. Example: - /      - /p' >"$tmp/examples"
verbs=$(/usr/bin/python3 -c 'import json; print(len(json.load(
	open("scenarios/schema/scenario.v1.json"))["definitions"]["step"]["properties"]))')
[ "$(grep -c . "$tmp/examples")" = "$verbs" ] || complain "not every verb has its example"
{
	sed 's/client: { peer: {} }/&\n  second: { peer: {} }\n  worker: { peer: {} }\n  job: { program: { run: [cat] } }/;/^claims/,$d' "$tmp/shown.yaml" |
		sed '/start: server/q'
	cat "$tmp/examples"
} >"$tmp/examples.yaml"
run check "$tmp/examples.yaml"
grep -E "unknown|needs the key|must be|missing|is no |is not a|cannot be (the|a|set)" "$tmp/err" >&2 &&
	complain "an example of a verb is none"

# So are its other examples, and step's commands are in the manual.
/usr/bin/python3 -B tests/manual.py "$TCPLAB" "$tmp" >&2 || wrong=1

# The completions: they know what the program takes, and work in the shell that tests run in.
PATH=$(dirname "$TCPLAB"):$PATH /usr/bin/python3 tests/completion.py "$TCPLAB" >&2 ||
	complain "the completions and the program differ"
completions=$tmp/root/usr/share/bash-completion/completions/tcplab
# shellcheck disable=SC1090 # the one that was installed
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
complete_words tcplab report --format ju
expect_text "$tmp/out" "junit" "an option's value is completed behind a blank"
complete_words tcplab run --report = html,ju
expect_text "$tmp/out" "html,junit" "the second of several values is completed"
complete_words tcplab run --report = te
[ -s "$tmp/out" ] && [ "$(cat "$tmp/out")" ] && complain "--report is completed with what it refuses"
complete_words tcplab run redis/walkthrough-s
expect_text "$tmp/out" "redis/walkthrough-slow" "a scenario is completed"
complete_words tcplab explain FIN
expect_text "$tmp/out" "FIN_WAIT2" "a state is completed"
bash -c '. "$1"; complete -p tcplab' - "$completions" | grep -q filenames &&
	complain "readline would escape the \"=\" of options"
for shell in zsh fish; do
	file=$(find "$tmp/root" -name "_tcplab" -o -name "tcplab.fish" | grep "$shell")
	[ -s "$file" ] || complain "no completion for $shell"
	command -v "$shell" >/dev/null || continue
	"$shell" -n "$file" || complain "$shell does not read its completion"
done

make -s uninstall DESTDIR="$tmp/root" prefix=/usr || complain "make uninstall failed"
[ -z "$(find "$tmp/root" -type f)" ] || complain "uninstall left: $(find "$tmp/root" -type f)"
finish
