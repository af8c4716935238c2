#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What "make install" puts in place runs from there, from any directory.
. "$(dirname "$0")/../common.sh"

make -s install DESTDIR="$tmp/root" prefix=/usr >/dev/null || complain "make install failed"
cd / || exit 1
TCPLAB=$tmp/root/usr/bin/tcplab
run list
expect_status 0 "list"
expect_text "$tmp/out" "redis/walkthrough" "list"
run run --out "$tmp/runs" redis/walkthrough
expect_status 0 "the installed walkthrough"
run explain time-wait
expect_status 0 "explain"
expect_text "$tmp/out" "TIME_WAIT" "explain"
run doctor
expect_status 0 "doctor"
cd - >/dev/null || exit 1
make -s uninstall DESTDIR="$tmp/root" prefix=/usr || complain "make uninstall failed"
[ -z "$(find "$tmp/root" -type f)" ] || complain "uninstall left: $(find "$tmp/root" -type f)"
finish
