#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Root and an ordinary user get the same output from the same scenario.
. "$(dirname "$0")/../common.sh"

[ "$(id -u)" -eq 0 ] || { echo "to compare with root this must be run as root"; exit 77; }

as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
as_nobody unshare --user true 2>/dev/null ||
	{ echo "this host keeps ordinary users from making namespaces"; exit 77; }

# Nobody may not be able to reach this source tree: give them a copy of what they need.
make -s install DESTDIR="$tmp/root" prefix=/usr >/dev/null || complain "make install failed"
chmod -R a+rX "$tmp/root"
mkdir "$tmp/nobody" && chown 65534:65534 "$tmp/nobody"
lab=$tmp/root/usr/bin/tcplab

for name in $(quick_scenarios); do
	cd "$tmp" || exit 1
	"$lab" run --out "$tmp/runs" "$name" >"$tmp/by-root" 2>"$tmp/err" ||
		complain "$name as root: $(cat "$tmp/err")"
	cd "$tmp/nobody" || exit 1
	as_nobody "$lab" run "$name" >"$tmp/by-nobody" 2>"$tmp/err" ||
		complain "$name as nobody: $(cat "$tmp/err" "$tmp/by-nobody")"
	for who in root nobody; do
		sed -E 's/in [0-9.]+ m?s//' "$tmp/by-$who" >"$tmp/film-$who"
	done
	diff "$tmp/film-root" "$tmp/film-nobody" >&2 || complain "$name: not the same output"
done
finish
