#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcplab new writes a scenario that checks, runs, and names the schema; it overwrites nothing.
. "$(dirname "$0")/../common.sh"

tree=$PWD TCPLAB=$(realpath "$TCPLAB")
cd "$tmp" || exit 1
run new mine/leak
expect_status 0 "new"
expect_text "$tmp/out" "run mine/leak.yaml" "what to do next"
expect_text mine/leak.yaml "schema=$tree/scenarios/schema/scenario.v1.json" "the schema's line"
expect_text mine/leak.yaml "name: mine/leak" "its name"
run run --out "$tmp/runs" mine/leak.yaml
expect_status 0 "what new has written"

echo mine >mine/leak.yaml
run new mine/leak.yaml
expect_status 2 "new where a file is"
expect_text "$tmp/err" "exists already" "new where a file is"
[ "$(cat mine/leak.yaml)" = mine ] || complain "new has written over a file"
ln -s nowhere mine/link.yaml
run new mine/link
expect_status 2 "new where a link is"

run new "$tmp/scenarios/other.yaml"
expect_status 0 "new with a path"
expect_text scenarios/other.yaml "name: other" "the name of a path"
run new scenarios/a/b
expect_text scenarios/a/b.yaml "name: a/b" "the name below scenarios/"
run new -
expect_status 0 "new on standard output"
cp "$tmp/out" printed.yaml
run check printed.yaml
expect_status 0 "what new has printed"

run new Leak
expect_status 2 "a name that is none"
expect_text "$tmp/err" "cannot be the name of a scenario" "a name that is none"
[ ! -e Leak.yaml ] || complain "a file with a mistake was written"
run new
expect_status 2 "new without a name"
finish
