#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The matrix: the lab on other user lands, kernels and servers than this host's. It ends with a
# table and, like any test, with "N passed, N failed, N skipped":
#	matrix.sh			every row
#	matrix.sh ROW...		those whose name has one of these words in it
#	matrix.sh --list		what there is
# With sudo, if not as root. MATRIX_CACHE: where what was fetched is kept, build-matrix by
# default; what is in there and older than wanted can be removed folder by folder. Of two calls
# with one cache the second waits for the first: they share apt's folders, roots and table.
. "$(dirname "$0")/matrix_common.sh"

# NAME KIND SUITE SERVER USER KERNEL
#   land	a user land from nothing: "make lab", then all scenarios but the slow ones, with the
#		programs that some of them need
#   test	the same user land afterwards: "make test"
#   ci		lab/examples/ for GitHub and GitLab, line by line, in a user land from nothing (ci.sh)
#   container	an image of that suite, with the flags that docs/how-it-works.md names (container.sh)
#   vm		the same user land on the stock kernel of a suite, in a virtual machine
#   queue	the same, with nftables' "queue" alone: xtables' target is kept away
#   refusals	the same: what is kept away or forbidden there is named (refusals.sh)
rows() {
	cat <<-END
		12-redis-user land bookworm redis user -
		12-redis-root land bookworm redis root -
		13-redis-user land trixie redis user -
		13-redis-root land trixie redis root -
		13-redis7-user land trixie redis7 user -
		13-valkey-user land trixie valkey user -
		sid-redis-user land sid redis user -
		13-container container trixie redis root -
		13-ci ci trixie redis root -
		12-test test bookworm redis user -
		13-test test trixie redis user -
		sid-test test sid redis user -
		5.10-user vm bookworm redis user bullseye-security
		5.10-root vm bookworm redis root bullseye-security
		6.1-user vm bookworm redis user bookworm
		6.1-root vm bookworm redis root bookworm
		6.12-user vm trixie redis user trixie
		6.12-root vm trixie redis root trixie
		6.12-queue queue trixie redis user trixie
		6.12-refusals refusals trixie redis root trixie
		backport-user vm trixie redis user trixie-backports
		backport-root vm trixie redis root trixie-backports
		backport-queue queue trixie redis user trixie-backports
		sid-kernel-user vm trixie redis user sid
	END
}

# What scenarios/programs/ is about, and a bare Debian lacks.
programs="python3 curl haproxy nginx-light socat postgresql"
suite_run="build/tcplab run --all --skip slow --out /tmp/runs"

# as USER COMMAND - for enter(), in the source tree
as() {
	local home=/home/$1
	[ "$1" != root ] || home=/root
	printf 'cd /home/user/tcplab && exec setpriv --reuid=%s --regid=%s --init-groups env HOME=%s USER=%s sh -c %q' \
		"$1" "$1" "$home" "$1" "$2"
}

# install_server SERVER ROOT - what "make lab" takes for redis-server; redis itself it installs
install_server() {
	local older
	case $1 in
	redis) ;;
	redis7) # Debian 12's, beside the libraries of this suite
		older="deb $(mirror bookworm) bookworm main"
		enter "$2" "echo '$older' >/etc/apt/sources.list.d/older.list && apt-get -qq update &&
			apt-get -qq install -y redis-server/bookworm redis-tools/bookworm" ;;
	valkey)
		enter "$2" "apt-get -qq update && apt-get -qq install -y valkey-server &&
			ln -s /usr/bin/valkey-server /usr/local/bin/redis-server" ;;
	esac
}

# land SUITE SERVER USER - make it and run it; both commands' output
land() {
	local root
	root=$("$here/root.sh" "$1" "land-$1-$2-$3") || return
	[ "$3" != root ] || chown -R 0:0 "$root/home/user/tcplab"
	install_server "$2" "$root" || return
	enter "$root" "$(as "$3" "make lab")" &&
		enter "$root" "apt-get -qq install -y --no-install-recommends $programs" &&
		enter "$root" "$(as "$3" "$suite_run")"
}

# land_of SUITE SERVER USER - the folder where that has been done with this source tree, in
# this call or an earlier one; what comes after needs no more than that "make lab" built
land_of() {
	local root=$cache/roots/land-$1-$2-$3
	local made=$root/home/user/tcplab/build/tcplab
	if [ ! -x "$made" ] || [ "$(cat "$root/etc/matrix-tree")" != "$(tree)" ]; then
		land "$1" "$2" "$3" >&2
	fi
	[ -x "$made" ] && echo "$root"
}

# image_of ROOT - it as ext4, with what a machine of its own needs
image_of() {
	local image=$1.img
	if [ ! -e "$image" ] || [ "$1/home/user/tcplab/build/tcplab" -nt "$image" ]; then
		enter "$1" 'command -v apparmor_parser >/dev/null || apt-get -qq install -y apparmor' \
			>&2 || return
		rm -f "$image"
		mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$1" "$image" \
			$(($(du -smx "$1" | cut -f1) * 6 / 5 + 200))M >&2 || return
	fi
	echo "$image"
}

# machine KIND SUITE SERVER USER KERNEL
machine() {
	local kernel root image
	"$source/lab/packages.sh" vm || return
	kernel=$("$here/kernel.sh" "$5") && root=$(land_of "$2" "$3" user) &&
		image=$(image_of "$root") || return
	case $1 in
	vm) "$here/vm.sh" -u "$4" "$kernel" "$image" "uname -r; $suite_run" ;;
	queue)
		"$here/vm.sh" "$kernel" "$image" "uname -r
			printf 'install nft_compat /bin/false\ninstall xt_NFQUEUE /bin/false\n' \
				>/etc/modprobe.d/queue.conf
			exec setpriv --reuid=$4 --regid=$4 --init-groups \
				sh -c 'build/tcplab doctor | grep wire:; $suite_run'" ;;
	refusals) "$here/vm.sh" "$kernel" "$image" "uname -r; tests/matrix/refusals.sh" ;;
	esac
}

row() {
	local kind=$1 suite=$2 server=$3 user=$4 kernel=$5 root
	case $kind in
	land) land "$suite" "$server" "$user" ;;
	test) root=$(land_of "$suite" "$server" "$user") && enter "$root" "$(as "$user" "make test")" ;;
	ci) "$here/ci.sh" "$suite" ;;
	container) "$source/lab/packages.sh" container && "$here/container.sh" "$suite" ;;
	*) machine "$kind" "$suite" "$server" "$user" "$kernel" ;;
	esac
}

# counts LOG - "passed failed skipped" as the last line that counts says
counts() {
	awk '
		/^[0-9]+ scenarios? in .*: / || /^[0-9]+ passed, [0-9]+ failed/ {
			good = bad = skip = 0
			for (i = 2; i <= NF; i++) {
				word = $i
				sub(/,$/, "", word)
				if (word == "passed") good = $(i - 1)
				else if (word == "skipped") skip = $(i - 1)
				else if (word ~ /^(failed|errors?)$/) bad += $(i - 1)
			}
			found = 1
		}
		END { if (found) print good + 0, bad + 0, skip + 0 }
	' "$1"
}

# reasons LOG - what did not pass, and why
reasons() {
	awk '
		/^(skipped|failed|FAILED|error) +[^ ]/ { print "    " $0; more = 1; next }
		/^[^ ]/ { more = 0 }
		more && NF { print "    " $0 }
	' "$1"
}

if [ "${1-}" = --list ]; then
	rows
	exit
fi
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=MATRIX_CACHE "$here/matrix.sh" "$@"
exec 9>"$cache/lock"
flock -n 9 || { note "waiting for another call that uses $cache"; flock 9; }
"$source/lab/packages.sh" land || exit 1

table=$cache/table.txt details=$cache/details
{
	echo "tcplab $(git -C "$source" describe --always --dirty)"
	printf '%-17s %-22s %-9s %-8s %-5s %7s %7s %8s\n' \
		row kernel "user land" server user passed failed skipped
} >"$table"
: >"$details"
passed=0 failed=0 skipped=0
words=("$@")
while read -r name kind suite server user kernel; do
	wanted=
	for word in "${words[@]-}"; do
		case $name in *"$word"*) wanted=1 ;; esac
	done
	[ -n "$wanted" ] || continue
	log=$cache/logs/$name.log
	note "== $name: $kind, $suite, $server, $user, $kernel"
	status=0
	row "$kind" "$suite" "$server" "$user" "$kernel" >"$log" 2>&1 </dev/null 9>&- || status=$?
	read -r good bad skip < <(counts "$log") || good=0 bad=0 skip=0
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || [ "$bad" -gt 0 ] || bad=1
	[ "$good" -gt 0 ] || bad=$((bad > 0 ? bad : 1))
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
	release=$(uname -r)
	[ "$kernel" = - ] || release=$(cat "$cache/kernels/$kernel/release" 2>/dev/null)
	line=$(printf '%-17s %-22s %-9s %-8s %-5s %7d %7d %8d' "$name" "$release" "$suite" "$server" \
		"$user" "$good" "$bad" "$skip")
	echo "$line" | tee -a "$table"
	[ "$bad" -eq 0 ] && [ "$skip" -eq 0 ] || {
		echo "$name"
		reasons "$log"
		[ "$bad" -eq 0 ] || echo "    ($log)"
	} >>"$details"
	[ "$bad" -eq 0 ] || tail -n 30 "$log" >&2
done < <(rows)

[ ! -s "$details" ] || { echo && echo "What did not pass:" && cat "$details"; } >>"$table"
echo
cat "$table"
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
