#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What three analyzers find, and nothing may be: gcc's, cppcheck, clang-tidy (.clang-tidy). A
# check that is off has its reason here or there.
#
#	tests/lint.sh [FILE...]		those files, without gcc's analyzer; else all of src/ and lab/
set -u
cd "$(dirname "$0")/.." || exit 1
# Called by make, it has jobs of its own, and no say in that one's.
unset MAKEFLAGS MFLAGS MAKELEVEL
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
passed=0 failed=0

# check NAME COMMAND... - it must succeed and say nothing
check() {
	name=$1
	shift
	if "$@" >"$log" 2>&1 && ! grep -q '\(warning\|error\|style\|performance\|portability\):' "$log"; then
		echo "passed  $name"
		passed=$((passed + 1))
	else
		echo "FAILED  $name"
		grep -v '^[0-9]* warnings\? generated\|^Suppressed\|^Use -' "$log"
		failed=$((failed + 1))
	fi
}

# malloc-leak: gcc 12 loses sight of what is stored in an element of an array, and calls it
# leaked; clang's analyzer and LeakSanitizer (make asan) look for leaks.
# use-of-uninitialized-value: a struct that was copied whole to the heap it takes for empty;
# clang's analyzer asks the same, and knows.
# null-dereference: it does not see that an array of no elements is not looked into; clang's
# analyzer asks the same, across functions.
analyzer() {
	make -s B=build-lint CC=gcc WERROR=-Werror CFLAGS="-O2 -g -fanalyzer \
		-Wno-analyzer-malloc-leak -Wno-analyzer-null-dereference \
		-Wno-analyzer-use-of-uninitialized-value" -j"$(nproc)" all
}

# missingIncludeSystem: the headers of the system are not its business.
# unmatchedSuppression: which of these it looks at depends on its version.
# ctuuninitvar: where there is one processor it looks across files as well, and takes what a
# function is to fill in for an argument.
cpp() {
	cppcheck --quiet --enable=warning,performance,portability --std=c11 --inline-suppr \
		--suppress=missingIncludeSystem --suppress=unmatchedSuppression --suppress=ctuuninitvar \
		--error-exitcode=1 \
		-Iinclude -j"$(nproc)" "$@"
}

tidy() {
	printf '%s\n' "$@" | xargs -n 4 -P "$(nproc)" clang-tidy --quiet -p .
}

make -s compile_commands.json build/assets/html_assets.inc build/assets/looks_assets.inc || exit 1
if [ $# -eq 0 ]; then
	check "gcc -fanalyzer" analyzer
	# shellcheck disable=SC2046 # no name here has a blank in it
	set -- $(find src lab -name '*.c' | LC_ALL=C sort)
fi
check cppcheck cpp "$@"
check clang-tidy tidy "$@"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
