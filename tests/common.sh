# SPDX-License-Identifier: GPL-2.0-or-later
# What the live tests share; to be sourced. Each test is a shell script that says what it
# found wrong and exits 1, or exits 0; 77 means that this host cannot run it.
set -u
: "${TCPLAB:?the path of tcplab}"
cd "$(dirname "$0")/../.." || exit 1

tmp=$(mktemp -d) || exit 1
chmod 755 "$tmp" # for the tests that become somebody else
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

wrong=0

# complain TEXT... - something is not as it should be; the test goes on
complain() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	wrong=1
}

. tests/unmet.sh

# finish - the last line of a test
finish() {
	exit "$wrong"
}

# run ARGUMENT... - tcplab; output in $tmp/out and $tmp/err, its status in $status
run() {
	status=0
	"$TCPLAB" "$@" </dev/null >"$tmp/out" 2>"$tmp/err" || status=$?
}

# expect_status STATUS WHAT - complain with what was printed when the last run ended otherwise
expect_status() {
	[ "$status" -eq "$1" ] && return
	complain "$2: exit status $status instead of $1"
	cat "$tmp/out" "$tmp/err" >&2
}

# expect_text FILE TEXT WHAT - the text stands somewhere in the file
expect_text() {
	grep -qF -- "$2" "$1" && return
	complain "$3: nowhere \"$2\" in:"
	cat "$1" >&2
}

# ours - the pids of all processes that were started with "env $mark" or by those that were
mark=TCPLAB_TEST_MARK=$$-$RANDOM
ours() {
	grep -lzxF -- "$mark" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

# until_true COMMAND... - within twenty seconds
until_true() {
	local deadline=$((SECONDS + 20))
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# long_scenario FILE - one that stays as it is for a minute, called test/long
long_scenario() {
	cat >"$1" <<'END'
scenario: 1
name: test/long
title: A phase that stays for a minute
watch: 6379
actors:
  master: { redis: { port: 6379 } }
phases:
  - phase: Long
    do:
      - start: master
    expect:
      - master LISTEN
    for: 60s
END
}

# pass plain|mock|coverage|unmet - go through the scenarios once for all tests that want to look at
# what is left of it: run together (PASSES) they share it. $pass gets its directory, in which
# are out, err, status and runs/.
#	plain     all of them
#	mock      the quick ones with mock peers, in two shards: out.1, out.2, junit.1.xml ...
#	coverage  the quick ones, run by "tcplab coverage", as an ordinary user where we are root
#	unmet     those with needs; out has the names of those that lack something here
pass() {
	pass=${PASSES:=$tmp/passes}/$1
	mkdir -p "$PASSES"
	(
		flock 9
		[ -d "$pass" ] || { mkdir "$pass" && "pass_$1" 9>&-; }
	) 9>"$pass.lock"
	status=$(cat "$pass/status")
}

# Many of them wait most of the time.
at_a_time=$((3 * $(nproc)))

pass_plain() {
	"$TCPLAB" run --all -j "$at_a_time" --out "$pass/runs" </dev/null >"$pass/out" 2>"$pass/err"
	echo $? >"$pass/status"
}

pass_mock() {
	local i
	for i in 1 2; do
		"$TCPLAB" run --all --skip slow --mock --shard "$i/2" -j "$at_a_time" --out "$pass/runs" \
			</dev/null >"$pass/out.$i" 2>>"$pass/err"
		echo $? >>"$pass/status"
		mv "$pass/runs/junit.xml" "$pass/junit.$i.xml"
	done
}

pass_unmet() {
	find_unmet >"$pass/out"
	echo 0 >"$pass/status"
}

# unmet - the names of the scenarios that cannot run here
unmet() (
	pass unmet
	cat "$pass/out"
)

as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# Nobody may not be able to reach this source tree: they get a copy of what they need. A trace
# that is there already is not to be counted.
pass_coverage() {
	local as=()
	make -s install DESTDIR="$pass/root" prefix=/usr >/dev/null || complain "make install failed"
	mkdir -p "$pass/runs/older"
	cp tests/golden/walkthrough/trace.ndjson "$pass/runs/older/"
	if [ "$(id -u)" -eq 0 ] && as_nobody unshare --user true 2>/dev/null; then
		chmod -R a+rX "$pass/root"
		chown -R 65534:65534 "$pass/runs"
		as=(as_nobody)
	fi
	(cd "$pass/runs" && "${as[@]}" "$pass/root/usr/bin/tcplab" coverage --skip slow \
		-j "$at_a_time" --out "$pass/runs" </dev/null >"$pass/out" 2>"$pass/err")
	echo $? >"$pass/status"
}

scenarios() {
	"$TCPLAB" list | awk '{ print $1 }'
}

# quick_scenarios - those that can run here and do not wait for a minute on purpose; suite.sh
# runs all
quick_scenarios() {
	"$TCPLAB" list | awk '!/\[.*slow.*\]$/ { print $1 }' | grep -vxF "$(unmet)"
}
