# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts of the matrix share; to be sourced.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 1
source=$(cd "$here/../.." && pwd) || exit 1

# What has been fetched and made is kept here from call to call.
cache=$(realpath -m "${MATRIX_CACHE:-$source/build-matrix}")
mkdir -p "$cache/roots" "$cache/kernels" "$cache/archives" "$cache/logs" || exit 1

note() {
	printf '%s\n' "$*" >&2
}

# files - this source tree's, as git knows them, each with a NUL after it
files() {
	(cd "$source" && git ls-files -z --cached --others --exclude-standard)
}

# tree - what stands for what they hold
tree() {
	(cd "$source" && files | xargs -0 sha256sum -- 2>/dev/null | sha256sum | cut -d' ' -f1)
}

# mirror SUITE - where this host's own apt gets Debian's packages from; nothing where it does
# not say, as on another distribution
mirror() {
	local part=debian release='*'
	case $1 in
	*-security) part=debian-security release=*-security ;;
	esac
	apt-get indextargets --format '$(SITE) $(CREATED_BY) $(RELEASE) $(COMPONENT)' 2>/dev/null |
		while read -r site by suite component; do
			# shellcheck disable=SC2254 # a pattern
			case "$site $by $component $suite" in
			*/"$part Packages main "$release) echo "$site"; break ;;
			esac
		done
}

# enter ROOT COMMAND - run it by sh inside, with mounts and processes of
# its own, and the network of this host for apt. In a mere chroot nobody can make a user
# namespace, so the root is changed by pivot_root.
enter() {
	unshare --mount --pid --fork --kill-child --propagation private sh -euc '
		root=$1 command=$2 archives=$3
		mount --rbind "$root" "$root"
		cd "$root"
		mount -t proc proc proc
		mount -t sysfs -o ro sysfs sys
		mount -t tmpfs -o mode=755 dev dev
		for d in null zero full random urandom tty; do
			touch "dev/$d"
			mount --bind "/dev/$d" "dev/$d"
		done
		mkdir dev/pts dev/shm
		mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
		mount -t tmpfs -o mode=1777 shm dev/shm
		ln -s pts/ptmx dev/ptmx
		ln -s /proc/self/fd dev/fd
		ln -s /proc/self/fd/0 dev/stdin
		ln -s /proc/self/fd/1 dev/stdout
		ln -s /proc/self/fd/2 dev/stderr
		cp -L /etc/resolv.conf /etc/hosts etc
		mkdir -p var/cache/apt/archives mnt
		mount --bind "$archives" var/cache/apt/archives
		pivot_root . mnt
		umount -l /mnt
		cd /
		exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			sh -c "$command"
	' enter "$1" "$2" "$(archives_of "$1")" </dev/null
}

# archives_of ROOT - the folder of fetched packages for the suite it was made from
archives_of() {
	local folder
	folder=$cache/archives/$(cat "$1/etc/matrix-suite")
	mkdir -p "$folder/partial" && echo "$folder"
}
