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

scenarios() {
	"$TCPLAB" list | awk '{ print $1 }'
}

# quick_scenarios - those that can run here and do not wait for a minute on purpose; suite.sh
# runs all
quick_scenarios() {
	"$TCPLAB" list | awk '!/\[.*slow.*\]$/ { print $1 }' | grep -vxF "$(unmet)"
}
