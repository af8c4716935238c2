# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Which scenarios cannot run here, as they need what this host lacks; no other may be skipped.
# To be sourced, with a directory of one's own in $tmp.
: "${tmp:?a directory}"

# find_unmet - their names
find_unmet() {
	local name names
	mapfile -t names < <("$TCPLAB" list | awk '/ \(needs / { print $1 }')
	"$TCPLAB" run -q --report json -j "$((3 * $(nproc)))" --out "$tmp/unmet" "${names[@]}" \
		</dev/null >/dev/null 2>&1
	for name in "${names[@]}"; do
		! grep -q '"event":"fault".*"the scenario needs ' "$tmp/unmet/$name/trace.ndjson" ||
			echo "$name"
	done
}
