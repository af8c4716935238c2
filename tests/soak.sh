#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run scenarios over and over, first on an idle machine, then with every processor busy:
#	tests/soak.sh [COUNT [SCENARIO...]]	50 times each, all of them, by default
# HOW=idle or HOW=loaded does but one of the two. HOW=quota gives a run 10 ms of every 100 (a
# control group, so it takes root), HOW=one a single processor that six busy loops share with it.
# "make soak ASAN=1" soaks the program under ASan and UBSan. SUITE=1 runs all of them side by
# side COUNT times, as "tcplab run --all" does, JOBS at a time (one for each processor, by
# default); SKIP=slow leaves those with that tag out.
# MOCK=1 puts mock peers in the place of each Redis.
# A scenario that fails once has failed; its trace is kept below soak/. So are that of one whose
# report differs, durations apart, from the first report there was of it, and the first.
# TEXTS=DIR keeps the first ones, with their traces, for a later soak.
set -u
: "${TCPLAB:?the path of tcplab}"
cd "$(dirname "$0")/.." || exit 1

count=${1:-50}
how=${HOW:-idle loaded}
mock=(${MOCK:+--mock})
shift
if [ $# -eq 0 ]; then
	mapfile -t all < <("$TCPLAB" list --json | /usr/bin/python3 -c '
import json, sys
for one in json.load(sys.stdin):
    if sys.argv[1] not in one["tags"]:
        print(one["name"])' "${SKIP:-}")
	set -- "${all[@]}"
fi

tmp=$(mktemp -d) || exit 1
. tests/unmet.sh
for name in $(find_unmet); do
	for one; do
		shift
		[ "$one" = "$name" ] || set -- "$@" "$one"
	done
done
busy=() group='' within=()
quiet_down() {
	[ "${#busy[@]}" -eq 0 ] || kill "${busy[@]}" 2>/dev/null
	[ -z "$group" ] || rmdir "$group" 2>/dev/null
	rm -rf "$tmp"
}
trap quiet_down EXIT
trap 'exit 1' HUP INT TERM

passed=0 failed=0 differing=0
texts=${TEXTS:-$tmp/texts}

# quota - a control group of version 2, or 1, whose processes get 10 ms of every 100
quota() {
	group=/sys/fs/cgroup/tcplab-soak-$$
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mkdir "$group" && echo "10000 100000" >"$group/cpu.max"
	else
		group=/sys/fs/cgroup/cpu/tcplab-soak-$$
		mkdir "$group" && echo 100000 >"$group/cpu.cfs_period_us" &&
			echo 10000 >"$group/cpu.cfs_quota_us"
	fi || { echo "HOW=quota: no control group can be made here" >&2; exit 77; }
	within=(sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group")
}

# one_processor - everything on the first, and six who want it as well
one_processor() {
	within=(taskset -c 0)
	for _ in 1 2 3 4 5 6; do
		timeout 7200 taskset -c 0 sh -c 'while :; do :; done' &
		busy+=($!)
	done
}

# keep HOW ROUND NAME - what is left of one that failed
keep() {
	mkdir -p "soak/$3" && cp "$tmp/log" "soak/$3/$1-$2.txt"
	cp "$tmp/out/$3/trace.ndjson" "soak/$3/$1-$2.ndjson" 2>/dev/null
}

# text TRACE - how it is told, except for durations
text() {
	"$TCPLAB" report "$1" 2>&1 | sed -E 's/[0-9.]+ (ms|s)\b/T/g; s/ +T/ T/g'
}

# same HOW ROUND NAME - is it told as it was the first time?
same() {
	local first=$texts/$3 trace=$tmp/out/$3/trace.ndjson line
	[ -e "$trace" ] || return
	text "$trace" >"$tmp/text"
	if [ ! -e "$first/text" ]; then
		mkdir -p "$first" && cp "$trace" "$first/" && cp "$tmp/text" "$first/text"
		return
	fi
	cmp -s "$first/text" "$tmp/text" && return
	differing=$((differing + 1))
	line=$(diff "$first/text" "$tmp/text" | head -n 1)
	printf '%-6s %-28s differs in run %d, line %s:\n' "$1" "$3" "$2" "${line%%[acd,]*}"
	diff "$first/text" "$tmp/text" | grep '^[<>]' | sort -s -u -k 1,1 | sed 's/^/       /'
	mkdir -p "soak/$3" && cp "$trace" "soak/$3/$1-$2-differs.ndjson"
	cp "$first/trace.ndjson" "soak/$3/first.ndjson"
}

# rounds HOW NAME - run one scenario $count times
rounds() {
	local bad=0 i
	for ((i = 1; i <= count; i++)); do
		if "${within[@]}" "$TCPLAB" run "${mock[@]}" -q --require --out "$tmp/out" "$2" </dev/null >"$tmp/log" 2>&1; then
			passed=$((passed + 1))
			same "$1" "$i" "$2"
		else
			bad=$((bad + 1))
			keep "$1" "$i" "$2"
		fi
	done
	failed=$((failed + bad))
	printf '%-6s %-28s %d of %d failed\n' "$1" "$2" "$bad" "$count"
}

# suites HOW NAME... - run all of them side by side $count times
suites() {
	local load=$1 bad=0 i name
	shift
	for ((i = 1; i <= count; i++)); do
		if "${within[@]}" "$TCPLAB" run "${mock[@]}" --json --require -j "${JOBS:-$(nproc)}" --out "$tmp/out" "$@" \
			</dev/null >"$tmp/json" 2>"$tmp/log"; then
			passed=$((passed + 1))
			for name; do same "$load" "$i" "$name"; done
			continue
		fi
		bad=$((bad + 1))
		while read -r name; do
			keep "$load" "$i" "$name"
		done < <(/usr/bin/python3 -c '
import json, sys
for one in json.load(sys.stdin):
    if one["status"]:
        print(one["scenario"]["name"])' <"$tmp/json")
	done
	failed=$((failed + bad))
	printf '%-6s suite of %-19s %d of %d failed\n' "$load" "$# scenarios" "$bad" "$count"
}

for load in $how; do
	case $load in
	quota) quota ;;
	one) one_processor ;;
	esac
	for ((i = 0; i < $(nproc); i++)); do
		[ "$load" = loaded ] || break
		# It ends by itself should nobody be left to end it.
		timeout 7200 sh -c 'while :; do :; done' &
		busy+=($!)
	done
	if [ -n "${SUITE:-}" ]; then
		suites "$load" "$@"
	else
		for name; do rounds "$load" "$name"; done
	fi
done

echo "$passed passed, $failed failed, $differing told otherwise than the first"
[ "$((failed + differing))" -eq 0 ]
