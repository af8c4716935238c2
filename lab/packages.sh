#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Install from the distribution (Debian, Ubuntu) what sets of packages still lack:
#	lab/packages.sh SET...		the sets are in why() and packages() below
# When nothing is missing this costs one dpkg-query. A system without dpkg is left alone.
set -eu

why() {
	case $1 in
	build) echo "to compile tcplab" ;;
	run)   echo "to run the server that the lab watches" ;;
	programs) echo "to run the scenarios that show other programs" ;;
	test)  echo "to test tcplab" ;;
	browser) echo "to test the HTML report in a browser" ;;
	man)   echo "to make the manual pages" ;;
	clang) echo "to compile with the other compiler" ;;
	lint)  echo "to have it analyzed" ;;
	land)  echo "to make other user lands" ;;
	vm)    echo "to run other kernels" ;;
	container) echo "to run the lab in a container" ;;
	*)     echo "packages.sh: there is no set '$1'" >&2; exit 2 ;;
	esac
}

# "command:package" wants the package only where the command is not found: a redis-server
# of your own will do.
packages() {
	case $1 in
	build) echo cc:gcc libc6-dev musl-gcc:musl-tools pkg-config:pkg-config libuv1-dev libhiredis-dev \
		libmnl-dev libnetfilter-queue-dev libnftnl-dev libfyaml-dev libjansson-dev \
		libutf8proc-dev libedit-dev ;;
	run)   echo redis-server:redis-server ;;
	programs) echo curl:curl haproxy:haproxy nginx:nginx-light node:nodejs openssl:openssl \
		postgres:postgresql python3:python3 redis-cli:redis-tools socat:socat ;;
	test)  echo libcriterion-dev libxml2-dev netstat:net-tools ss:iproute2 unshare:util-linux ps:procps \
		redis-cli:redis-tools xmllint:libxml2-utils python3-fastjsonschema python3-jsonschema python3-yaml \
		prove:perl man:man-db col:bsdextrautils script:bsdutils tshark:tshark ;;
	browser) echo chromium:chromium chromedriver:chromium-driver python3-selenium \
		fonts-dejavu-core ;;
	man)   echo scdoc:scdoc ;;
	clang) echo clang:clang libclang-rt-dev ;;
	lint)  echo gcc:gcc clang-tidy:clang-tidy cppcheck:cppcheck ;;
	land)  echo debootstrap:debootstrap debian-archive-keyring ;;
	vm)    echo qemu-system-x86_64:qemu-system-x86 busybox:busybox-static cpio:cpio \
		depmod:kmod mke2fs:e2fsprogs xz:xz-utils zstd:zstd ;;
	container) echo podman:podman crun:crun ;;
	esac
}

# wanted SET - its packages, except for those whose command is already there
wanted() {
	for word in $(packages "$1"); do
		command -v "${word%:*}" >/dev/null || echo "${word#*:}"
	done
}

# absent PACKAGE... - those of them that are not in $installed
absent() {
	for package; do
		case " $installed " in
		*" $package "*) ;;
		*) printf ' %s' "$package" ;;
		esac
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	else
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

install() {
	as_root apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
}

for set; do why "$set" >/dev/null; done
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || exit 0

all=$(for set; do wanted "$set"; done)
[ -n "$all" ] || exit 0
# shellcheck disable=SC2086 # a list of words, here and below
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $all 2>/dev/null |
	sed -n 's/^installed //p' | tr '\n' ' ') || true
# shellcheck disable=SC2086
missing=$(absent $all)
[ -n "$missing" ] || exit 0

for set; do
	# shellcheck disable=SC2046
	lacks=$(absent $(wanted "$set"))
	[ -z "$lacks" ] || echo "Missing $(why "$set"):$lacks"
done
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
	echo "There is no sudo here. As root, please: apt-get install$missing" >&2
	exit 1
fi

echo "Installing from the distribution what is missing."
case "$missing " in
*" redis-server "*) echo "The package redis-server also starts a Redis service of its own" \
	"on port 6379. The lab neither needs nor touches it." ;;
esac

# shellcheck disable=SC2086
{
	apt-get -s install $missing >/dev/null 2>&1 || as_root apt-get update
	install $missing || { as_root apt-get update && install $missing; }
}
