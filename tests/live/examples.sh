#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs beside the headers do what they say: they are the API's own users.
. "$(dirname "$0")/../common.sh"

export LC_ALL=C.UTF-8 PATH="$(dirname "$TCPLAB"):$PATH"
examples=$(dirname "$TCPLAB")/include/examples
trace=tests/golden/walkthrough/trace.ndjson

for format in text md json junit tap html pcapng; do
	"$examples/render_trace" "$format" <$trace >"$tmp/theirs" || complain "render $format"
	tcplab report --color=never --format "$format" $trace >"$tmp/ours"
	cmp -s "$tmp/theirs" "$tmp/ours" || complain "render $format is not what report has"
done
! "$examples/render_trace" text </dev/null 2>"$tmp/err" || complain "nothing is rendered"
expect_text "$tmp/err" "render_trace: "

# A listener, as netstat has it.
/usr/bin/python3 - "$examples/show_table" <<'END' || complain "table"
import socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
rows = subprocess.run([sys.argv[1], str(port)], stdout=subprocess.PIPE, text=True, check=True).stdout
local = f"127.0.0.1:{port}"
row = f"tcp        0      0 {local:<23} {'0.0.0.0:*':<23} LISTEN"
if rows.splitlines()[1:] != [row]:
    sys.exit(f"not only the row {row!r}:\n{rows}")
END

finish
