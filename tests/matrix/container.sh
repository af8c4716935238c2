#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The image of Containerfile, on a base made from nothing, and what docs/how-it-works.md says of the flags
# that a container needs, with podman as root:
#	container.sh SUITE
# Images are kept in the cache, not where podman keeps its own; it wants the same two folders
# each time.
. "$(dirname "$0")/matrix_common.sh"
suite=$1 passed=0 failed=0
podman=(podman --root "$cache/podman" --runroot "$cache/podman-run")

# Where both versions of cgroups are mounted crun refuses; and it may be asked for no more
# files and processes than we may have.
in_mounts=(env)
[ ! -e /sys/fs/cgroup/unified ] ||
	in_mounts=(unshare --mount sh -c 'umount -l /sys/fs/cgroup/unified && exec "$@"' sh)

base=localhost/tcplab-base:$suite
"${podman[@]}" image exists "$base" ||
	{ tar -C "$("$here/root.sh" "$suite" container)" --exclude=./home/user -c . |
		"${podman[@]}" import - "$base"; } || exit 1
"${podman[@]}" build --isolation=chroot --network=host --build-arg BASE="$base" \
	-t localhost/tcplab "$source" || exit 1

# tries STATUS WORDS FLAG... - what "tcplab run" comes to in a container started with FLAGs
tries() {
	local status=$1 words=$2 got=0 out
	shift 2
	out=$("${in_mounts[@]}" "${podman[@]}" run --rm --network=none --cgroups=disabled \
		--ulimit nofile=1024:1024 --ulimit nproc=1000:1000 "$@" localhost/tcplab \
		run --out=/dev/shm/out 2>&1) || got=$?
	if [ "$got" -eq "$status" ] && tr -s ' \n' '  ' <<<"$out" | grep -qF -- "$words"; then
		passed=$((passed + 1))
		echo "passed  podman run $*: exit status $got"
	else
		failed=$((failed + 1))
		printf 'FAILED  podman run %s: exit status %s instead of %s, or nowhere "%s" in:\n%s\n' \
			"$*" "$got" "$status" "$words" "$out"
	fi
}

tries 77 "a container is started with --cap-add SYS_ADMIN --cap-add NET_ADMIN"
tries 77 "a container is started with --cap-add NET_ADMIN" --cap-add SYS_ADMIN
tries 77 "unmask=ALL" --user 1000
tries 0 "as expected" --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined
tries 0 "as expected" --security-opt unmask=ALL
tries 0 "as expected" --security-opt unmask=ALL --user 1000
tries 0 "as expected" --privileged --read-only
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
