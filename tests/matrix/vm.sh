#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run a command on a stock kernel in qemu:
#	vm.sh [-u USER] [-t SECONDS] KERNEL IMAGE COMMAND
# KERNEL	a folder that kernel.sh made
# IMAGE		a user land as ext4; nothing is written to it
# COMMAND	for bash, in /home/user/tcplab, as root or USER; no network but lo
# It prints what COMMAND prints and exits with its status; with 124 when the time was up, 125
# when the machine did not get as far.
#
# Time inside is virtual: a nanosecond an instruction, and a machine that waits for a timer
# skips to it. So neither the host's load nor the emulator's slowness makes a time-out come
# early, and a minute's wait costs nothing. The price is one processor, and that reading a
# disk looks slow: the files are read once before the command.
. "$(dirname "$0")/matrix_common.sh"
user=root limit=1800
while getopts u:t: option; do
	case $option in
	u) user=$OPTARG ;;
	t) limit=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
kernel=$1 image=$2

share=$(mktemp -d) || exit 125
trap 'rm -rf "$share"' EXIT
chmod 1777 "$share"
printf '%s\n' "$3" >"$share/command"
: >"$share/out" && chmod 666 "$share/out"
cat >"$share/init" <<INIT
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8
mkdir -p /dev/pts /dev/shm /run
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
ln -sf /proc/self/fd /dev/fd
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null
hostname tcplab
ip link set lo up
sysctl -q --system 2>/dev/null
date -s @$(date +%s) >/dev/null
cd /home/user/tcplab
programs="build/tcplab build/tcplab-lab \$(command -v bash setpriv modprobe redis-server redis-cli python3 curl haproxy \
	nginx socat psql)"
cat \$programs \$(ldd \$programs | sed -n 's|.* \(/[^ ]*\) (.*|\1|p') \
	\$(find scenarios /usr/lib/modules/*/kernel/net /usr/lib/python3* /usr/lib/postgresql \
		-type f 2>/dev/null) >/dev/null
set -- env
[ $user = root ] || set -- setpriv --reuid=$user --regid=$user --init-groups \
	env HOME=/home/$user USER=$user LOGNAME=$user
setsid -w "\$@" bash -c "\$(cat /share/command)" </dev/null >/share/out 2>&1
echo \$? >/share/status
sync
echo o >/proc/sysrq-trigger
sleep 60
INIT
timeout -k 5 "$limit" qemu-system-x86_64 -accel tcg,thread=single -icount shift=0,sleep=off \
	-rtc base=utc,clock=vm -cpu max -smp 1 -m 2048 -nodefaults -display none -no-reboot \
	-kernel "$kernel/vmlinuz" -initrd "$kernel/initrd" \
	-append "console=ttyS0 quiet panic=-1 tsc=reliable tsc_early_khz=1000000 no_timer_check mitigations=off" \
	-serial file:"$share/console" \
	-drive file="$image",if=virtio,format=raw,snapshot=on,cache=unsafe \
	-drive file="$kernel/modules.img",if=virtio,format=raw,snapshot=on,cache=unsafe \
	-device virtio-rng-pci \
	-virtfs local,path="$share",mount_tag=share,security_model=none,multidevs=remap \
	</dev/null >"$share/qemu.log" 2>&1
status=$?
cat "$share/out"
[ ! -s "$share/status" ] || exit "$(cat "$share/status")"
tail -n 20 "$share/console" "$share/qemu.log" >&2
[ $status -eq 124 ] && exit 124
exit 125
