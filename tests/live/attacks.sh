#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a scenario's programs must not be able to do, tried by root and by an ordinary user: to
# write to the host's files, settings and disks, to the trace, to the terminal, to gain
# privileges. Each attack is first tried outside of any sandbox, where it must succeed.
. "$(dirname "$0")/../common.sh"

make -s install DESTDIR="$tmp/root" prefix=/usr >/dev/null || complain "make install failed"
chmod -R a+rX "$tmp/root"
lab=$tmp/root/usr/bin/tcplab

# A program that attacks: "attack VICTIM TTY" says what succeeded, and then exits with 1. Outside
# there is no TTY, and it touches nothing but what is this test's own.
cat >"$tmp/attack" <<'END'
#!/bin/bash
victim=$1 tty=$2 dir=$(dirname "$1") lost=0
won() { echo "attack: $*"; lost=1; }
{ echo spoilt >"$victim"; } 2>/dev/null && won "wrote to a file of the host"
{ : >"$dir/new"; } 2>/dev/null && won "made a file of the host"
[ -n "$tty" ] || exit $lost
mount -o remount,bind,rw / 2>/dev/null && won "mounted / for writing"
unshare -Urm sh -c "mount -o remount,bind,rw / && echo x >'$victim'" 2>/dev/null &&
	won "wrote to a file of the host out of a user namespace"
for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/net/ipv4/tcp_fin_timeout; do
	{ exec 9>>"$file"; } 2>/dev/null && won "opened $file for writing"
done
for node in /dev/* /dev/disk/*; do
	[ -b "$node" ] && won "found the disk $node"
done
{ printf 'owned by the attack\n' >"$tty"; } 2>/dev/null && won "wrote to $tty"
{ printf 'owned by the attack\n' >/dev/tty; } 2>/dev/null && won "wrote to /dev/tty"
forged='{"event":"fault","t_ns":1,"phase":0,"step":0,"text":"forged"}'
for fd in /proc/[0-9]*/fd/*; do
	case $fd in /proc/$$/*) continue ;; esac
	case $(readlink "$fd") in
	pipe:* | */secret | /dev/pts/*) { echo "$forged" >"$fd"; } 2>/dev/null && won "wrote to $fd" ;;
	esac
done
for fd in /proc/self/fd/*; do
	case $(readlink "$fd") in */secret) won "was given a descriptor of the host's" ;; esac
done
grep -q '^NoNewPrivs:.*1' /proc/self/status || won "may gain privileges by an execve()"
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
	grep -q "^$set:[[:space:]]*0*$" /proc/self/status || won "has a capability in $set"
done
exit $lost
END
# The same done by whoever Redis loads.
cat >"$tmp/module.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void attack(void)
{
	FILE *file = fopen(VICTIM, "w");
	puts(file ? "attack: the module wrote to a file of the host" : "the module has run");
	fflush(stdout);
	if (file)
		fputs("spoilt\n", file);
	if (file)
		fclose(file);
}
int RedisModule_OnLoad(void *ctx, void **argv, int argc)
{
	return 0;
}
END
chmod 755 "$tmp/attack"

# scenario FILE ACTORS STEPS...
scenario() {
	local file=$1 actors=$2
	shift 2
	{
		printf 'scenario: 1\nname: test/attacks\ntitle: What must not succeed\n'
		printf 'actors:\n%s\nphases:\n  - phase: Only\n    do:\n' "$actors"
		printf '      - %s\n' "$@"
	} >"$file"
}

# attacks WHO - all of them, by "as", in a directory of its own that it may write to
attacks() {
	local who=$1 dir=$tmp/by-$1
	local victim=$dir/victim trace=$dir/out/test/attacks/trace.ndjson
	mkdir "$dir" && echo whole >"$victim" && echo hidden >"$dir/secret"
	cc -shared -fPIC -w -DVICTIM="\"$victim\"" -o "$dir/module.so" "$tmp/module.c" ||
		complain "the module does not compile"
	chown -R "$(as id -u):$(as id -g)" "$dir"
	cd "$dir" || exit 1

	as "$tmp/attack" "$victim" "" >"$tmp/outside" && complain "$who: nothing to defend"
	for what in "wrote to a file" "made a file"; do
		grep -q "$what" "$tmp/outside" || complain "$who: the attack that $what is none"
	done
	echo whole >"$victim"; rm "$dir/new"

	scenario "$dir/program.yaml" "  program: { program: { run: [$tmp/attack, $victim, TTY], ready: exits } }" \
		"start: program"
	# On a terminal, with a descriptor of the host's that nobody has closed.
	as script -qefc "sed \"s|TTY|\$(tty)|\" $dir/program.yaml >$dir/tty.yaml; exec $lab run --out $dir/out $dir/tty.yaml 7>>$dir/secret" \
		"$dir/typescript" >/dev/null 2>&1 </dev/null ||
		complain "$who: $(grep -o 'attack: .*' "$trace" | tail -n 5)"
	! grep -q "owned by the attack" "$dir/typescript" || complain "$who: the terminal was written to"
	! grep -q '"text":"forged"' "$trace" || complain "$who: the trace has a line of the attack's"
	[ "$(cat "$dir/secret")" = hidden ] || complain "$who: a descriptor of the host's was used"

	scenario "$dir/save.yaml" "  master: { redis: { port: 6379, config: { enable-protected-configs: yes } } }" \
		"start: master" "command: [master, CONFIG, SET, dir, $dir]" "command: master SAVE"
	as "$lab" run --out "$dir/out" "$dir/save.yaml" >"$tmp/out" 2>&1
	[ $? -eq 3 ] || complain "$who: SAVE on the host: $(cat "$tmp/out")"
	grep -q '"step":1,"text":"command master CONFIG\|"step":2,"text":"command master SAVE: ' "$trace" ||
		complain "$who: it was not SAVE that failed: $(tail -n 3 "$trace")"
	[ ! -e "$dir/dump.rdb" ] || complain "$who: Redis saved on the host"

	scenario "$dir/module.yaml" "  master: { redis: { port: 6379, config: { loadmodule: $dir/module.so } } }" \
		"start: master"
	as "$lab" run --out "$dir/out" "$dir/module.yaml" >"$tmp/out" 2>&1 # however it ends
	! grep -q "attack: " "$trace" || complain "$who: $(grep -o 'attack: .*' "$trace")"

	scenario "$dir/binary.yaml" "  master: { redis: { port: 6379, binary: $dir/binary } }" "start: master"
	printf '#!/bin/sh\necho x >%s && echo "attack: it wrote"\nexit 1\n' "$victim" >"$dir/binary"
	chmod 755 "$dir/binary"
	as "$lab" run --out "$dir/out" "$dir/binary.yaml" >"$tmp/out" 2>&1
	! grep -q "attack: " "$trace" || complain "$who: a binary wrote on the host"
	[ "$(cat "$victim")" = whole ] || complain "$who: the victim holds $(cat "$victim")"

	# What may be asked for: then it is so, and the reports say it.
	as "$lab" run --unsafe-files --unsafe-root --out "$dir/out" "$dir/binary.yaml" >"$tmp/out" 2>&1
	[ "$(cat "$victim")" = x ] || complain "$who: --unsafe-files is none"
	for report in "$tmp/out" "$trace" "${trace%/*}"/report.{html,md,json,xml}; do
		grep -q 'unsafe' "$report" || complain "$who: $report does not tell of --unsafe-files"
	done
}

# Root's programs are nobody to the host, or who called sudo: they cannot read what is root's.
root_reads() {
	local dir=$tmp/read
	mkdir "$dir" && echo owned >"$dir/only-root" && chmod 600 "$dir/only-root"
	scenario "$dir/read.yaml" "  program: { program: { run: [cat, $dir/only-root], ready: exits } }" \
		"start: program" "exits: { actor: program, status: 0 }"
	"$lab" doctor | tr -s ' \n' ' ' | grep -q "in a user namespace, as user" ||
		{ echo "this host has root's sandboxes without a user namespace"; return; }
	for who in "env -u SUDO_UID" "env SUDO_UID=65533 SUDO_GID=65533" "env SUDO_UID=0" \
		"env SUDO_UID=-1"; do
		$who "$lab" run --out "$dir/out" "$dir/read.yaml" >"$tmp/out" 2>&1
		[ $? -ne 0 ] || complain "$who: a program read what is root's"
	done
	chown 65533 "$dir/only-root"
	SUDO_UID=65533 "$lab" run --out "$dir/out" "$dir/read.yaml" >"$tmp/out" 2>&1 ||
		complain "the user who called sudo cannot read what is his: $(cat "$tmp/out")"
	chown 0 "$dir/only-root"
	"$lab" run --unsafe-root --out "$dir/out" "$dir/read.yaml" >"$tmp/out" 2>&1 ||
		complain "--unsafe-root is none: $(cat "$tmp/out")"
}

as() { "$@"; }
attacks "$(id -un)"
if [ "$(id -u)" -eq 0 ]; then
	root_reads
	as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	as unshare --user true 2>/dev/null && attacks nobody
fi
finish
