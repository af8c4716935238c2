#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Print which room includes which, and fail on an arrow that does not lead down.
#
# A public header says its floor and room itself, "/* floor 1, table: ..."; any other file
# belongs to the room whose folder it is in. A room includes public headers of lower floors,
# and its own. What it keeps in its folder is its own affair.
#
# And a file says in its second line what is inside, and has a name that no other has; that of
# a test too. What the contracts in the headers name is there (contracts.py), and so
# are the lines that each mutant breaks.
set -eu
cd "$(dirname "$0")/.."

find include src lab tests -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.js' |
	LC_ALL=C sort | awk -F/ '
		$NF in named { print $0 ": so is " named[$NF] " called"; twice = 1 }
		{ named[$NF] = $0 }
		END { exit twice }'

# shellcheck disable=SC2046 # no name here has a blank in it
set -- $(find include src lab -name '*.[ch]' ! -path 'include/examples/*' | LC_ALL=C sort)
awk '
	function folder(path) { # src/table/dump.c: table; src/report/md/md.c: report; lab/main.c: lab
		sub("^src/", "", path)
		sub("/.*$", "", path)
		return path
	}
	function wrong(why) {
		arrows = arrows sprintf("%s:%d: %s (floor %s) includes %s: %s\n", FILENAME, FNR, room,
					room in floor ? floor[room] : "?", target, why)
	}
	function includes(to) {
		if (!((room, to) in seen))
			uses[room] = uses[room] " " to
		seen[room, to] = 1
	}

	# The first time through: which floors there are.
	BEGIN {
		floor["lab"] = 3
		for (i = 1; i < ARGC; i++) {
			path = ARGV[i]
			if (path !~ "^include/") {
				of[path] = folder(path)
				continue
			}
			while ((getline line <path) > 0 && !(path in of))
				if (match(line, "^/\\* floor [0-9]+, [a-z]+:")) {
					split(substr(line, RSTART, RLENGTH), word, "[ ,:]+")
					of[path] = word[4]
					if (word[4] in floor && floor[word[4]] != word[3])
						arrows = arrows sprintf("%s: %s is on floor %s elsewhere\n", path,
									word[4], floor[word[4]])
					floor[word[4]] = word[3]
				}
			close(path)
			if (!(path in of))
				arrows = arrows path ": says neither its floor nor its room\n"
		}
	}

	# The second: the arrows, and the heads of the files.
	FNR == 2 && !/^\/\*/ {
		arrows = arrows FILENAME ":2: does not say what is inside\n"
	}
	FNR == 1 {
		room = of[FILENAME]
		if (room != "" && !(room in floor))
			arrows = arrows FILENAME ": no public header says the floor of " room "\n"
		rooms[room]
	}
	match($0, "^[ \t]*#[ \t]*include[ \t]+\"[^\"]+\"") {
		split($0, quoted, "\"")
		target = quoted[2]
		if (target !~ "^tcplab/") {
			if (target ~ "/" && !(target ~ "^\\.\\./[^/]+$" && FILENAME ~ "^(src/[^/]+|lab)/[^/]+/"))
				wrong("a header in a folder is for that folder alone")
			next
		}
		to = of["include/" target]
		if (to == "")
			wrong("there is no such header")
		else if (to != room) {
			includes(to)
			if (floor[to] >= floor[room])
				wrong(to " is on floor " floor[to] ", which leads " \
				      (floor[to] > floor[room] ? "up" : "sideways"))
		}
	}

	END {
		for (level = 0; level <= 9; level++)
			for (i = 1; i < ARGC; i++) {
				room = of[ARGV[i]]
				if (room == "" || room in shown || floor[room] != level)
					continue
				shown[room]
				printf "floor %d  %-9s %s\n", level, room, uses[room] ? "->" uses[room] : "-"
			}
		printf "%s", arrows
		exit arrows != ""
	}
' "$@"
/usr/bin/python3 -B tests/contracts.py
exec /usr/bin/python3 -B tests/mutants/mutants.py --find
