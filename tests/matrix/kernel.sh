#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Get the newest stock kernel of a suite, ready to boot in a virtual machine:
#	kernel.sh SUITE		$cache/kernels/SUITE/{release,vmlinuz,initrd,modules.img}
# What is there already stays; remove the folder to get a newer one. Prints the folder.
. "$(dirname "$0")/matrix_common.sh"
set -eu
suite=$1 kernel=$cache/kernels/$1
[ ! -e "$kernel/release" ] || { echo "$kernel"; exit; }

# An apt that knows this suite alone, so that the host's own stays as it is.
apt=$kernel/apt
rm -rf "$kernel"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
site=$(mirror "$suite")
[ -n "$site" ] || { note "this host's apt does not say where Debian's packages are"; exit 1; }
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main" \
	>"$apt/sources.list"
options=(-o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
	-o Dir::State::Lists="$apt/lists" -o Dir::State::status=/dev/null
	-o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o APT::Architecture=amd64)
note "fetching the kernel of $suite"
apt-get "${options[@]}" -qq update >&2

# linux-image-amd64 is the newest. Since 7.x it is three packages.
mapfile -t packages < <(apt-cache "${options[@]}" depends --recurse --important linux-image-amd64 |
	grep -E '^linux-(image|binary|modules)-[0-9].*-amd64$' | sort -u)
(cd "$apt/debs" && apt-get "${options[@]}" -qq download "${packages[@]}") >&2
for deb in "$apt"/debs/*.deb; do
	dpkg -x "$deb" "$kernel/x"
done
modules=$(find "$kernel/x" -path '*/lib/modules/*' -prune -name '[0-9]*' | head -n 1)
release=${modules##*/}
cp "$(find "$kernel/x" -name 'vmlinuz*' -type f | head -n 1)" "$kernel/vmlinuz"

# The modules that a machine with a disk, a share and netfilter may want.
tree=$kernel/m/lib/modules/$release
mkdir -p "$tree" "$kernel/i"/{bin,proc,sys,dev,lower,upper,new,mods}
(cd "$modules" && find . -type f \( -name 'modules.builtin*' -o -name modules.order -o \
	-regex '\./kernel/\(net\|lib\|crypto\|arch\|fs\|security\)/.*\.ko.*' -o \
	-regex '\./kernel/drivers/\(virtio\|block\|char\)/.*\.ko.*' -o \
	-regex '\./kernel/drivers/net/\(dummy\|veth\|tun\)\.ko.*' \) -print0 |
	cpio -0 -pdm --quiet "$tree")
depmod -b "$kernel/m" "$release"

# The first root: busybox, and the modules that it takes to reach the real one.
initrd=$kernel/i
cp "$(command -v busybox)" "$initrd/bin/busybox"
for applet in sh mount insmod switch_root mkdir sleep cat; do
	ln -s busybox "$initrd/bin/$applet"
done
for module in virtio_pci virtio_blk ext4 overlay 9pnet_virtio 9p virtio_rng; do
	modprobe -d "$kernel/m" -S "$release" --show-depends "$module" 2>/dev/null |
		sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' >"$kernel/order"
while read -r file; do
	name=${file##*/} && name=${name%%.ko*}.ko
	case $file in
	*.xz) xz -dc "$file" ;;
	*.zst) zstd -qdc "$file" ;;
	*) cat "$file" ;;
	esac >"$initrd/mods/$name"
	echo "$name" >>"$initrd/order"
done <"$kernel/order"
install -m 755 "$here/initrd-init" "$initrd/init"
(cd "$initrd" && find . | cpio -o -H newc --quiet) | gzip -1 >"$kernel/initrd"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$kernel/m" "$kernel/modules.img" \
	$(($(du -sm "$kernel/m" | cut -f1) * 5 / 4 + 16))M >&2
rm -rf "$kernel/m" "$kernel/i" "$kernel/x" "$kernel/order" "$apt"
echo "$release" >"$kernel/release"
echo "$kernel"
