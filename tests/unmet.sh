# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Which scenarios cannot run here, as they need what this host lacks; no other may be skipped.
# To be sourced, with a directory of one's own in $tmp.
: "${tmp:?a directory}"

# is_unmet NAME
is_unmet() {
	"$TCPLAB" run -q --report json --out "$tmp/unmet" "$1" </dev/null >/dev/null 2>&1
	grep -q '"event":"fault".*"the scenario needs ' "$tmp/unmet/$1/trace.ndjson"
}

# unmet - their names
unmet() {
	local name
	for name in $("$TCPLAB" list | awk '/ \(needs / { print $1 }'); do
		! is_unmet "$name" || echo "$name"
	done
}
