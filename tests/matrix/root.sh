#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Make a user land from nothing but what every Debian has, and this source tree in it:
#	root.sh SUITE NAME	$cache/roots/NAME, anew, from $cache/roots/bare-SUITE
# "user" may use sudo there, and owns /home/user/tcplab. Prints the folder.
. "$(dirname "$0")/matrix_common.sh"
set -eu
suite=$1 root=$cache/roots/$2 bare=$cache/roots/bare-$1

if [ ! -e "$bare/etc/matrix-suite" ]; then
	note "debootstrap $suite"
	rm -rf "$bare"
	mkdir -p "$cache/archives/$suite"
	# kmod, iproute2 and procps are for a virtual machine's start.
	# In mounts of its own: it mounts a /proc.
	# shellcheck disable=SC2046 # nothing where there is none
	unshare --mount --propagation private debootstrap --variant=minbase --include=make,sudo,kmod,iproute2,procps \
		--cache-dir="$cache/archives/$suite" "$suite" "$bare" $(mirror "$suite") \
		>"$cache/logs/debootstrap-$suite.log" 2>&1 || {
		tail -n 5 "$cache/logs/debootstrap-$suite.log" >&2
		rm -rf "$bare"
		exit 1
	}
	# No service starts here.
	printf '#!/bin/sh\nexit 101\n' >"$bare/usr/sbin/policy-rc.d"
	chmod +x "$bare/usr/sbin/policy-rc.d"
	echo tcplab >"$bare/etc/hostname"
	chroot "$bare" useradd -m -u 1000 -s /bin/bash user
	echo 'user ALL=(ALL) NOPASSWD: ALL' >"$bare/etc/sudoers.d/user"
	echo "$suite" >"$bare/etc/matrix-suite"
fi

rm -rf "$root"
cp -a "$bare" "$root"
mkdir "$root/home/user/tcplab"
(cd "$source" && files | tar --null --ignore-failed-read -cf - -T - 2>/dev/null) |
	tar -xf - -C "$root/home/user/tcplab"
tree >"$root/etc/matrix-tree"
chown -R 1000:1000 "$root/home/user"
echo "$root"
