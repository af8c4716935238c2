#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a scenario needs and this host lacks is said, and the scenario is skipped; and --redis.
. "$(dirname "$0")/../common.sh"

# scenario NEEDS [REDIS] - a small scenario in $tmp/x.yaml; REDIS: further keys of its server
scenario() {
	cat >"$tmp/x.yaml" <<END
scenario: 1
name: test/x
title: It needs something
needs: { $1 }
actors:
  master: { redis: { port: 6379${2:+, $2} } }
phases:
  - phase: Only
    do:
      - start: master
    expect:
      - master LISTEN
END
}

trace=$tmp/runs/test/x/trace.ndjson

# expect_met NEEDS - the scenario runs
expect_met() {
	scenario "$1"
	run run --require --out "$tmp/runs" "$tmp/x.yaml"
	expect_status 0 "needs $1"
}

# expect_unmet NEEDS REASON [REDIS [OPTION...]] - it is skipped, with the reason
expect_unmet() {
	local needs=$1 reason=$2
	scenario "$needs" "${3:-}"
	shift "$(($# < 3 ? $# : 3))"
	run run "$@" --out "$tmp/runs" "$tmp/x.yaml"
	expect_status 77 "needs $needs"
	expect_text "$trace" "$reason" "needs $needs"
	grep -q '"event":"actor"' "$trace" && complain "needs $needs: something was started"
	run run --require "$@" --out "$tmp/runs" "$tmp/x.yaml"
	expect_status 3 "needs $needs, with --require"
}

kernel=$(uname -r)
redis=$(redis-server --version | sed 's/^Redis server v=\([0-9.]*\).*/\1/')

expect_met 'kernel: ">= 3, < 1000"'
expect_met 'kernel: ["< 3", ">= 3"]'
expect_met "redis: \"= $redis\""
# Whether this kernel has MPTCP is asked of it itself.
python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)' 2>/dev/null &&
	mptcp=", mptcp: yes" || mptcp=""
expect_met "redis: yes, program: [sh, $(command -v cat)], wire: yes, ipv6: yes$mptcp"
expect_unmet 'kernel: ">= 1000"' "the scenario needs kernel >= 1000: this is Linux $kernel"
expect_unmet 'kernel: ">= 3, < 4"' "the scenario needs kernel >= 3, < 4: this is Linux $kernel"
expect_unmet 'redis: ">= 1000"' \
	"the scenario needs redis >= 1000: redis-server is Redis $redis"
expect_unmet 'valkey: yes' "the scenario needs valkey: redis-server is Redis $redis"
expect_unmet 'redis: yes' "the scenario needs redis: with --mock there is no server" "" --mock
expect_unmet 'program: no-such-program' \
	"the scenario needs program no-such-program: no-such-program is not in PATH; install it"
expect_unmet 'kernel: ">= 1000", program: [no-such, sh, nor-such]' "needs kernel >= 1000: this is Linux"
expect_text "$trace" "; it needs program no-such: no-such is not in PATH" "all that is missing"
expect_text "$trace" "; it needs program nor-such: nor-such is not in PATH" "all that is missing"
expect_unmet 'program: /no/such/program' \
	"the scenario needs program /no/such/program: /no/such/program cannot be run (No such file"
# A path with a star in it stands for whatever fits, as a Debian's PostgreSQL of some version.
mkdir -p "$tmp/lib/1.5/bin" "$tmp/lib/empty"
printf '#!/bin/sh\n' >"$tmp/lib/1.5/bin/postgres"
expect_unmet "program: '$tmp/lib/*/bin/postgres'" "bin/postgres cannot be run (Permission denied"
chmod 755 "$tmp/lib/1.5/bin/postgres"
expect_met "program: '$tmp/lib/*/bin/postgres'"
expect_unmet "program: '$tmp/none/*/bin/postgres'" \
	"bin/postgres is not there; install it, on Debian with \\\"apt-get install postgresql"
expect_unmet "program: '$tmp/none/*/bin/other'" "bin/other is not there; install it\""

# A server that is missing: its own name, its own remedy, and no other's.
expect_unmet 'kernel: ">= 3"' "master: no-such-server is not in PATH; install it" "binary: no-such-server"
grep -q redis-server "$trace" && complain "no-such-server: the remedy is another program's"
expect_unmet 'kernel: ">= 3"' "such-valkey is not in PATH" "" --redis such-valkey
expect_unmet 'redis: yes, valkey: yes' "needs valkey: master: such-valkey is not in PATH" "" --redis such-valkey
scenario 'redis: yes'
PATH=$tmp run run --out "$tmp/runs" "$tmp/x.yaml"
expect_status 77 "no redis-server"
expect_text "$trace" 'apt-get install redis-server' "no redis-server"

# What is told of several, and of what is listed.
scenario 'kernel: ">= 1000"'
run run --jobs 2 --out "$tmp/runs" "$tmp/x.yaml" redis/walkthrough
expect_status 77 "of two, one skipped"
expect_text "$tmp/out" "needs kernel >= 1000" "of two, one skipped"
expect_text "$tmp/runs/index.html" "needs kernel &gt;= 1000</bdi>" "the index"
expect_text "$tmp/runs/junit.xml" "needs kernel &gt;= 1000" "JUnit of both"
expect_text "$tmp/runs/test/x/report.tap" "# SKIP" "TAP"
expect_text "$tmp/runs/test/x/report.tap" "needs kernel >= 1000" "TAP"
run step --out "$tmp/runs" "$tmp/x.yaml"
expect_status 77 "step"

# The server of all, by whatever name.
printf '#!/bin/sh\nexec redis-server "$@"\n' >"$tmp/my-server"
chmod +x "$tmp/my-server"
run run --redis "$tmp/my-server" --out "$tmp/runs" redis/walkthrough
expect_status 0 "--redis"
expect_text "$tmp/out" "my-server $redis (master, replica)" "--redis"
expect_text "$tmp/runs/redis/walkthrough/trace.ndjson" "\"redis\":\"$tmp/my-server\"" "--redis"
run run --redis redis-server --mock
expect_status 2 "--redis and --mock"
run run --redis ""
expect_status 2 "--redis without a name"

# A program that says nothing of its version is taken for what the scenario says it is.
printf '#!/bin/sh\n[ "$1" = --version ] || exec redis-server "$@"\n' >"$tmp/my-server"
scenario 'kernel: ">= 3"'
run run --redis "$tmp/my-server" --out "$tmp/runs" "$tmp/x.yaml"
expect_status 0 "--redis, without a version"
expect_unmet 'redis: yes' "my-server is not a server that reports its version" "binary: $tmp/my-server"
finish
