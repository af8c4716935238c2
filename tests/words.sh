#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The words that readers meet: no phrase stands there that a plainer one has replaced.
exec /usr/bin/python3 -B "$(dirname "$0")/words.py"
