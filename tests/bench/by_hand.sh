#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The walkthrough as a person does it by hand: two redis-servers in namespaces of their own,
# three looks at netstat. Same settings of Redis, same waits as scenarios/redis/walkthrough.yaml.
set -eu

if [ "${1-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || set -- --map-root-user
	exec unshare "$@" --net --pid --mount --fork --kill-child "$0" inside
fi

mount -t tmpfs tmpfs /mnt
cd /mnt
ip link set lo up
echo 53525 53525 >/proc/sys/net/ipv4/ip_local_port_range

# server NAME SETTING... - start a redis-server that listens on NAME.sock as well
server() {
	name=$1; shift
	redis-server --unixsocket "/mnt/$name.sock" --save "" --appendonly no \
		--repl-diskless-sync yes --repl-diskless-sync-delay 0 "$@" >"$name.log" 2>&1 &
}

# until_says NAME ANSWER COMMAND... - ask again until the answer is there; of all pauses the
# shortest made the script fastest
until_says() {
	name=$1; answer=$2; shift 2
	until redis-cli -s "/mnt/$name.sock" "$@" 2>/dev/null | grep -q "$answer"; do
		sleep 0.001
	done
}

server master --port 6379 --bind 0.0.0.0
until_says master PONG PING
netstat -an | grep 6379

server replica --port 6389 --replicaof 127.0.0.1 6379
replica=$!
until_says replica master_link_status:up INFO replication
# The post's rows have empty queues: what the replica has just said must be acknowledged.
until ! netstat -an | grep 6379 | tee rows | awk '$2 + $3 > 0 { busy = 1 } END { exit !busy }'; do
	sleep 0.001
done
cat rows

redis-cli -s /mnt/replica.sock SHUTDOWN NOSAVE
wait "$replica"
netstat -an | grep 6379
