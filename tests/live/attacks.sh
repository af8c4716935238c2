#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a scenario's programs must not be able to do, tried by root and by an ordinary user: to
# write to the host's files, settings and disks, to the trace, to the terminal, to gain
# privileges, to tell another program or machine what to do, to leave shared memory behind, to read
# a keyring. Each attack is first tried outside of any sandbox, where it must succeed.
. "$(dirname "$0")/../common.sh"

make -s install DESTDIR="$tmp/root" prefix=/usr >/dev/null || complain "make install failed"
chmod -R a+rX "$tmp/root"
lab=$tmp/root/usr/bin/tcplab

# A program that attacks: "attack VICTIM TTY" says what succeeded, and then exits with 1. Outside
# there is no TTY, and it touches nothing but what is this test's own.
cat >"$tmp/attack" <<'END'
#!/bin/bash
victim=$1 tty=$2 dir=$(dirname "$1") own=$(dirname "$0") lost=0
won() { echo "attack: $*"; lost=1; }
{ echo spoilt >"$victim"; } 2>/dev/null && won "wrote to a file of the host"
{ : >"$dir/new"; } 2>/dev/null && won "made a file of the host"
for at in "$dir"/socket* "$dir"/pipe*; do
	[ -e "$at" ] && /usr/bin/python3 "$own/talk" "$at" && won "spoke to a program at $at"
done
"$own/keys" find && won "found a key of the host's"
ipcmk -M "$(cat "$dir/size")" >/dev/null || won "cannot make shared memory" # of its own
[ -n "$tty" ] || exit $lost
(cd "$dir" && /usr/bin/python3 "$own/talk" socket-relative) && won "spoke to a program by a relative path"
/usr/bin/python3 "$own/calls" || won "has a socket that leads to other machines, or io_uring"
mount -o remount,bind,rw / 2>/dev/null && won "mounted / for writing"
# Without a map of users, which would be written to /proc.
unshare -Um sh -c "mount -o remount,bind,rw / && echo x >'$victim'" 2>/dev/null &&
	won "wrote to a file of the host out of a user namespace"
for kind in --mount --net --ipc --uts --cgroup; do
	unshare --user $kind true 2>/dev/null && won "has capabilities over what unshare $kind makes"
done
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
for process in /proc/[0-9]*; do
	case $(tr '\0' ' ' <"$process/cmdline") in
	"/proc/self/exe "*) readlink "$process/fd/0" && won "looked into what tcplab runs" ;;
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
# Who says something to a unix socket, and a key of the session that a program was started from:
# "keys hold COMMAND...", "keys find".
cat >"$tmp/talk" <<'END'
import os, socket, stat, sys
try:
    if stat.S_ISFIFO(os.stat(sys.argv[1]).st_mode):
        os.write(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK), b"spoilt")
        sys.exit(0)
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(sys.argv[1])
        one.sendall(b"spoilt")
except OSError:
    sys.exit(1)
END
cat >"$tmp/listen" <<'END'
import os, socket, sys
with open(sys.argv[1].replace("socket", "pid"), "w") as pid:
    pid.write("%d\n" % os.getpid())
with socket.socket(socket.AF_UNIX) as one:
    os.chdir(os.path.dirname(sys.argv[1]))
    # A relative path is one that /proc/net/unix does not tell whole.
    one.bind(os.path.basename(sys.argv[1]) if "relative" in sys.argv[1] else sys.argv[1])
    os.chmod(sys.argv[1], 0o666)
    one.listen()
    while True:
        with open(sys.argv[1].replace("socket", "heard"), "ab") as heard:
            heard.write(one.accept()[0].recv(100))
END
# The families that no network namespace bounds, by each number a 64-bit x86 has for socket(),
# and what makes sockets besides.
cat >"$tmp/calls" <<'END'
import ctypes, platform, socket, sys
libc = ctypes.CDLL(None)
numbers = [41, 41 | 0x40000000] if platform.machine() == "x86_64" else []
made = [libc.syscall(n, family, socket.SOCK_STREAM, 0) for n in numbers for family in (40, 38, 43)]
made.append(libc.syscall(425, 4, ctypes.create_string_buffer(120)))
try:
    made.append(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).fileno())
except OSError:
    pass
sys.exit(max(made) >= 0)
END
cat >"$tmp/keys.c" <<'END'
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	long session = KEY_SPEC_SESSION_KEYRING;
	if (!strcmp(argv[1], "find"))
		return syscall(SYS_keyctl, KEYCTL_SEARCH, session, "user", "tcplab-attack", 0) < 0;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", "tcplab-attack", "secret", 6L, session) < 0)
		return 1;
	return execvp(argv[2], argv + 2);
}
END
cc -w -o "$tmp/keys" "$tmp/keys.c" || complain "keys.c does not compile"
chmod 755 "$tmp/attack" "$tmp/keys"
trap 'cat "$tmp"/*/pid* 2>/dev/null | xargs -r kill; rm -rf "$tmp"' EXIT

# shared SIZE - shared memory of this host that has it
shared() { ipcs -m | awk -v size="$1" '$5 == size { print $2 }'; }

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
	size=$((100000 + $(stat -c %i "$dir") % 900000))
	echo $size >"$dir/size"
	chown -R "$(as id -u):$(as id -g)" "$dir"
	cd "$dir" || exit 1
	for at in socket socket-relative; do
		as /usr/bin/python3 "$tmp/listen" "$dir/$at" &
		until_true as /usr/bin/python3 "$tmp/talk" "$dir/$at" || complain "$who: nobody listens"
		until_true rm "$dir/heard${at#socket}" 2>/dev/null || complain "$who: nobody hears"
	done
	as mkfifo "$dir/pipe"
	exec 4<>"$dir/pipe"

	as "$tmp/keys" hold "$tmp/attack" "$victim" "" >"$tmp/outside" &&
		complain "$who: nothing to defend"
	for what in "wrote to a file" "made a file" "spoke to a program" "found a key"; do
		grep -q "$what" "$tmp/outside" || complain "$who: the attack that $what is none"
	done
	for one in $(shared $size); do as ipcrm -m "$one" || complain "$who: ipcmk is no attack"; done
	for at in heard heard-relative; do
		until_true rm "$dir/$at" 2>/dev/null || complain "$who: no attack that is $at"
	done
	read -r -t 20 -N 6 <&4 || complain "$who: no attack on a named pipe"
	echo whole >"$victim"; rm "$dir/new"

	scenario "$dir/program.yaml" "  speaker: { peer: {} }
  program: { program: { run: [$tmp/attack, $victim, TTY], ready: exits } }" \
		"start: speaker" "start: program"
	# On a terminal, with a descriptor of the host's that nobody has closed.
	as script -qefc "sed \"s|TTY|\$(tty)|\" $dir/program.yaml >$dir/tty.yaml; exec $tmp/keys hold $lab run --out $dir/out $dir/tty.yaml 7>>$dir/secret" \
		"$dir/typescript" >/dev/null 2>&1 </dev/null ||
		complain "$who: $(grep -o 'attack: .*' "$trace" | tail -n 5)"
	! grep -q "owned by the attack" "$dir/typescript" || complain "$who: the terminal was written to"
	! grep -q '"text":"forged"' "$trace" || complain "$who: the trace has a line of the attack's"
	[ "$(cat "$dir/secret")" = hidden ] || complain "$who: a descriptor of the host's was used"
	for at in heard heard-relative; do
		[ ! -e "$dir/$at" ] || complain "$who: a program of the host $at of the attack"
	done
	! read -r -t 0 <&4 || complain "$who: who reads a named pipe of the host heard of the attack"
	[ -z "$(shared $size)" ] || complain "$who: shared memory is left behind"

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

# A socket of another network namespace, mounted here as a container engine's is.
mounted_socket() {
	local dir=$tmp/by-$(id -un) other=$tmp/other

	mkdir "$other" && rm "$dir"/socket* "$dir"/pipe && touch "$dir/socket-mounted"
	/usr/bin/python3 "$tmp/listen" "$other/socket" &
	until_true /usr/bin/python3 "$tmp/talk" "$other/socket" || complain "nobody listens"
	until_true rm "$other/heard" 2>/dev/null || complain "nobody hears"
	unshare --mount --net sh -c "mount --bind $other/socket $dir/socket-mounted &&
		exec $lab run -q --out $dir/out $dir/tty.yaml" >"$tmp/out" 2>&1 ||
		complain "a socket that is mounted: $(cat "$tmp/out")"
	[ ! -e "$other/heard" ] || complain "who listens at a mounted socket heard of the attack"
}

as() { "$@"; }
attacks "$(id -un)"
if [ "$(id -u)" -eq 0 ]; then
	root_reads
	mounted_socket
	as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	as unshare --user true 2>/dev/null && attacks nobody
fi
finish
