#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a host does not let tcplab make its private network, run, step and doctor say the same
# sentence: what is missing, and the remedy. Each refusal is provoked in processes of the
# test's own: by a filter, by capabilities taken away, by limits and mounts in namespaces.
. "$(dirname "$0")/../common.sh"

deny=$tmp/deny
${CC:-cc} -D_GNU_SOURCE -o "$deny" tests/deny.c || { complain "deny.c"; finish; }

# Somebody else may not be able to reach this source tree.
install -m 755 "$TCPLAB" "$TCPLAB-lab" "$tmp" && TCPLAB=$tmp/tcplab
install -m 644 scenarios/rfc9293/listen-and-close.yaml "$tmp/scenario.yaml"
mkdir -m 1777 "$tmp/runs"

# The two kinds of user. An ordinary one who runs this test is root in a namespace of his own.
if [ "$(id -u)" -eq 0 ]; then
	as_root() { "$@"; }
	whole="systempaths=unconfined (podman: unmask=ALL)"
	ordinary=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
	as_root() { unshare --user --map-root-user "$@"; }
	whole="--cap-add SYS_ADMIN" # covered() has no other user than root
	ordinary=(env)
fi
as_user() { "${ordinary[@]}" "$@"; }
as_root true 2>/dev/null && as_user unshare --user true 2>/dev/null ||
	{ echo "this host keeps ordinary users from making namespaces"; exit 77; }

# Root without what root has: it is let into no user namespace by being root alone.
bare=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)

# covered COMMAND... - in mounts of its own, COMMAND first, then the rest as an ordinary user
# or, where that is who we are, as root without its rights. A second /proc somewhere, as
# debootstrap mounts one, would do for Linux as the whole one.
covered() {
	local others='awk "\$3 == \"proc\" && \$2 != \"/proc\" { print \$2 }" /proc/mounts |
		xargs -r umount -l && '
	if [ "$(id -u)" -eq 0 ]; then
		unshare --mount sh -c "$others$1"' && exec "$@"' sh "${ordinary[@]}" "${@:2}"
	else
		unshare --user --map-root-user --mount sh -c "$others$1"' && exec "$@"' sh \
			"${bare[@]}" "${@:2}"
	fi
}

# said FILE WORDS WHAT - they are there, however the lines are broken
said() {
	tr -s ' \n' '  ' <"$1" | grep -qF -- "$2" && return
	complain "$3: nowhere \"$2\" in:"
	cat "$1" >&2
}

# refused WHAT WORDS... -- COMMAND... - by run, step and doctor, run below COMMAND
refused() {
	local what=$1 words=() out n=0 command word arguments
	shift
	while [ "$1" != -- ]; do
		words+=("$1") && shift
	done
	shift
	for command in run step "run --require" doctor; do
		out=$tmp/runs/$((n += 1))
		arguments=(--out "$out" "$tmp/scenario.yaml")
		[ "$command" != doctor ] || arguments=()
		status=0
		# shellcheck disable=SC2086 # a command and an option
		"$@" "$TCPLAB" $command "${arguments[@]}" </dev/null >"$tmp/out" 2>&1 || status=$?
		case $command in
		*--require) expect_status 3 "$what: $command" ;;
		*) expect_status 77 "$what: $command" ;;
		esac
		for word in "${words[@]}"; do
			said "$tmp/out" "$word" "$what: $command"
		done
		rm -rf "$out"
	done
	# Doctor was the last: each reason is there once.
	[ "$(tr -s ' \n' '  ' <"$tmp/out" | grep -oF -- "${words[0]}" | wc -l)" -eq 1 ] ||
		{ complain "$what: doctor repeats itself"; cat "$tmp/out" >&2; }
}

# no_sudo WHAT - the last that was said does not tell root to become root
no_sudo() {
	! grep -q sudo "$tmp/out" || { complain "$1: root is told to use sudo"; cat "$tmp/out" >&2; }
}

refused "a filter, root" "a seccomp filter denies clone() of namespaces here" \
	"outside of what set that filter" -- as_root "$deny" clone,unshare,mount
no_sudo "a filter, root"
refused "a filter, an ordinary user" "a seccomp filter denies clone() of namespaces here" \
	"--security-opt seccomp=unconfined" -- as_user "$deny" clone,unshare,mount
refused "a filter, root without rights" "a seccomp filter denies clone() of namespaces here" \
	"--cap-add SYS_ADMIN" -- as_root "${bare[@]}" "$deny" clone
no_sudo "a filter, root without rights"
refused "no mount()" "a seccomp filter denies mount() here" -- as_root "$deny" mount
no_sudo "no mount()"

refused "no CAP_SETFCAP" "root lacks CAP_SETFCAP here" "give root CAP_SYS_ADMIN" -- \
	as_root setpriv --bounding-set=-sys_admin,-setfcap,-setuid
no_sudo "no CAP_SETFCAP"

# A limit holds for those who make namespaces in the one whose limit it is.
limited() {
	unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_'"$1"'_namespaces &&
		exec "$@"' sh "${@:2}"
}
refused "no user namespaces" "user.max_user_namespaces is 0 here" \
	"give root CAP_SYS_ADMIN and CAP_NET_ADMIN, or allow it with: sysctl user.max_user_namespaces=" \
	-- limited user "${bare[@]}"
refused "no network namespaces" "user.max_net_namespaces is 0 here" \
	"; allow it with: sysctl user.max_net_namespaces=" -- limited net
no_sudo "no network namespaces"
refused "no IPC namespaces" "user.max_ipc_namespaces is 0 here" \
	"; allow it with: sysctl user.max_ipc_namespaces=" -- limited ipc
no_sudo "no IPC namespaces"

refused "a user namespace without a map" "the surrounding user namespace does not map our user" \
	"unshare --map-root-user" -- as_user unshare --user

refused "/proc/sys is read-only" "/proc/sys is mounted read-only here" \
	"$whole" -- \
	covered 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys'
refused "/proc is masked" "/proc/tty is covered here" -- covered 'mount -t tmpfs mask /proc/tty'

# In a folder that is no mount point; what the program needs is mounted below it.
mkdir "$tmp/chroot"
refused "a chroot" "this is a chroot, and Linux makes no user namespace in one" \
	"systemd-nspawn" -- covered 'for d in bin lib lib64 usr etc dev proc tmp; do
		mkdir -p "'"$tmp"'/chroot/$d" && mount --rbind "/$d" "'"$tmp"'/chroot/$d" || exit; done
	set -- chroot "'"$tmp"'/chroot" "$@"; true'

# What only some distributions' kernels have: a file tells of it, the filter does it.
setting() {
	covered 'mount -t tmpfs settings /proc/sys/kernel && echo '"$2"' >/proc/sys/kernel/'"$1" \
		"$deny" clone "${@:3}"
}
refused "Debian's sysctl" "kernel.unprivileged_userns_clone is 0" \
	"sysctl kernel.unprivileged_userns_clone=1" -- setting unprivileged_userns_clone 0
refused "Ubuntu's sysctl" "kernel.apparmor_restrict_unprivileged_userns is 1" \
	"sysctl kernel.apparmor_restrict_unprivileged_userns=0" -- \
	setting apparmor_restrict_unprivileged_userns 1

refused "no sock_diag" "this kernel has no sock_diag" "modprobe tcp_diag" -- \
	as_root "$deny" sock_diag
no_sudo "no sock_diag"

# These take a sandbox all the same: nothing is refused.
for way in "as_root ${bare[*]}" "as_root setpriv --bounding-set=-net_admin" \
	"as_root setpriv --bounding-set=-setuid" \
	"as_root unshare --user --map-root-user" "as_user unshare --user --map-root-user"; do
	$way "$TCPLAB" run --out "$tmp/runs/way" "$tmp/scenario.yaml" </dev/null >"$tmp/out" 2>&1 ||
		{ complain "$way: refused"; cat "$tmp/out" >&2; }
	rm -rf "$tmp/runs/way"
done
finish
