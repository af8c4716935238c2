#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names of files, of processes and in tables, arguments and settings that would steer a terminal:
# no command prints them as they are.
. "$(dirname "$0")/../common.sh"

mkdir "$tmp/here"
TCPLAB=$(realpath "$TCPLAB") /usr/bin/python3 -B tests/hostile.py "$tmp/here" || complain "see above"
finish
