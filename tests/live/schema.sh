#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The JSON Schema that editors use and the program's own validator agree on every fixture.
exec /usr/bin/python3 tests/schema_test.py "$TCPLAB"
