#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What only a host of its own may be made to lack: modules kept away, sysctls that hold for
# everybody, AppArmor. Run as root inside a virtual machine of the matrix, never elsewhere.
set -u
cd "$(dirname "$0")/../.." || exit 1
grep -q '^share /share 9p' /proc/mounts || { echo "this is not a machine of the matrix"; exit 1; }
scenario=rfc9293/listen-and-close
ordinary=(setpriv --reuid=user --regid=user --init-groups)
passed=0 failed=0

# says WHAT STATUS WORDS COMMAND... - it ends so, and says so, however the lines are broken
says() {
	local what=$1 status=$2 words=$3 got=0 out
	shift 3
	out=$("$@" 2>&1 </dev/null) || got=$?
	if [ "$got" -eq "$status" ] && tr -s ' \n' '  ' <<<"$out" | grep -qF -- "$words"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED  %s: exit status %s instead of %s, or nowhere "%s" in:\n%s\n' \
			"$what" "$got" "$status" "$words" "$out"
	fi
}

# refused WHAT WORDS [COMMAND...] - run, step and doctor, below COMMAND
refused() {
	local what=$1 words=$2 command
	shift 2
	for command in "run --out /tmp/refused.$RANDOM $scenario" \
		"step --out /tmp/refused.$RANDOM $scenario" doctor; do
		# shellcheck disable=SC2086 # a command and its arguments
		says "$what: $command" 77 "$words" "$@" build/tcplab $command
	done
}

# keep_away MODULE... - they are not loaded, now or later. One that an ended sandbox used is
# let go of a little after its end.
keep_away() {
	local module tries
	: >/etc/modprobe.d/away.conf
	for module; do
		echo "install $module /bin/false" >>/etc/modprobe.d/away.conf
		tries=100
		until modprobe -r "$module" 2>/dev/null || [ $((tries -= 1)) -eq 0 ]; do
			sleep 0.1
		done
		[ "$tries" -gt 0 ] || { echo "$module stays loaded"; exit 1; }
	done
}

keep_away nf_tables
says "no nf_tables" 77 "this kernel has no nftables; as root, load its module: modprobe nf_tables" \
	build/tcplab run --out /tmp/refused.nft redis/walkthrough-slow
says "no nf_tables: doctor" 0 "this kernel has no nftables; as root, load its module: modprobe nf_tables" \
	build/tcplab doctor
keep_away nfnetlink_queue
says "no nfnetlink_queue" 77 "this kernel has no NFQUEUE; as root, load its module: modprobe nfnetlink_queue" \
	build/tcplab run --out /tmp/refused.nfq redis/walkthrough-slow
keep_away nft_queue xt_NFQUEUE nft_compat
says "no way to the wire" 77 "neither nftables' \"queue\" nor xtables' NFQUEUE" \
	build/tcplab run --out /tmp/refused.way redis/walkthrough-slow
says "no way to the wire, untapped" 0 "neither nftables' \"queue\" nor xtables' NFQUEUE" \
	build/tcplab run --out /tmp/refused.untapped redis/walkthrough
keep_away tcp_diag
refused "no tcp_diag" "this kernel cannot show TCP sockets over sock_diag; as root, load its module: modprobe tcp_diag"
keep_away

if [ -e /proc/sys/kernel/unprivileged_userns_clone ]; then
	sysctl -qw kernel.unprivileged_userns_clone=0
	refused "kernel.unprivileged_userns_clone" \
		"run tcplab with sudo, or allow it with: sudo sysctl kernel.unprivileged_userns_clone=1" \
		"${ordinary[@]}"
	sysctl -qw kernel.unprivileged_userns_clone=1
fi
sysctl -qw user.max_user_namespaces=0
refused "user.max_user_namespaces" \
	"run tcplab with sudo, or allow it with: sudo sysctl user.max_user_namespaces=1000" \
	"${ordinary[@]}"
sysctl -qw user.max_user_namespaces=1000

if command -v apparmor_parser >/dev/null && apparmor_parser -r 2>/dev/null <<-'END'; then
	profile matrix flags=(attach_disconnected) {
	  file, capability, network, ptrace, signal, unix, umount, change_profile,
	  deny mount,
	}
END
	refused "AppArmor's profile" "AppArmor's profile \"matrix\" denies mount() here" \
		aa-exec -p matrix --
	refused "AppArmor's profile" "--security-opt apparmor=unconfined" aa-exec -p matrix --
fi

# The kernel asks AppArmor about user namespaces since 6.7; Ubuntu's had it before, and its switch.
if grep -qs userns_create /sys/kernel/security/apparmor/features/namespaces/mask &&
	apparmor_parser -r 2>/dev/null <<-'END'; then
	abi <abi/4.0>,
	profile matrix-userns flags=(attach_disconnected) {
	  file, capability, network, ptrace, signal, unix, mount, umount, change_profile,
	  audit deny userns,
	}
	profile matrix-capabilities flags=(attach_disconnected) {
	  file, network, ptrace, signal, unix, mount, umount, change_profile, userns,
	}
END
	refused "AppArmor's profile for capabilities" \
		"AppArmor's profile \"matrix-capabilities\" denies capabilities in a user namespace here" \
		"${ordinary[@]}" aa-exec -p matrix-capabilities --
	refused "AppArmor's profile for user namespaces" \
		"AppArmor's profile \"matrix-userns\" denies user namespaces here" \
		"${ordinary[@]}" aa-exec -p matrix-userns --
fi
if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then
	sysctl -qw kernel.apparmor_restrict_unprivileged_userns=1
	refused "kernel.apparmor_restrict_unprivileged_userns" \
		"sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0" "${ordinary[@]}"
	sysctl -qw kernel.apparmor_restrict_unprivileged_userns=0
fi

rmmod tcp_diag 2>/dev/null
sysctl -qw kernel.modules_disabled=1
refused "kernel.modules_disabled" "kernel.modules_disabled is 1"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
