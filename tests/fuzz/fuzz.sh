#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh FUZZER RUNS: so many mutated inputs; "make fuzz" has built it. What it found interesting
# stays in build-fuzz/corpus for the next time, an input that broke it in build-fuzz.
set -u -o pipefail
fuzzer=$1 runs=$2 log=build-fuzz/$1.log
dict=() most=65536
# What a trace costs grows with its length, and what entropic counts with the corpus.
[ "$fuzzer" != trace ] || most=8192

[ ! -f "build-fuzz/seeds/$fuzzer.dict" ] || dict=("-dict=build-fuzz/seeds/$fuzzer.dict")
mkdir -p "build-fuzz/corpus/$fuzzer" "build-fuzz/seeds/$fuzzer"
ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=8 \
	"build-fuzz/fuzz/$fuzzer" -runs="$runs" -max_len="$most" -entropic=0 -timeout=20 -print_final_stats=1 \
	-artifact_prefix="build-fuzz/$fuzzer-" "${dict[@]}" \
	"build-fuzz/corpus/$fuzzer" "build-fuzz/seeds/$fuzzer" 2>"$log" ||
	{ tail -n 40 "$log"; exit 1; }
printf '  %-10s %s\n' "$fuzzer" "$(sed -n 's/^stat::number_of_executed_units: */inputs: /p' "$log")"
