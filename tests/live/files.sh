#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is written: wholly or not at all, over nothing that is not ours, and an error where it
# cannot be.
. "$(dirname "$0")/../common.sh"

name=rfc9293/three-way-handshake
dir=$tmp/runs/$name

# Links, FIFOs and files of somebody else's are left alone, whichever of ours they are in place of.
echo precious >"$tmp/precious"
for file in trace.ndjson report.html report.xml; do
	for kind in link fifo foreign directory; do
		rm -rf "$tmp/runs"
		mkdir -p "$dir"
		case $kind in
		link)      ln -s "$tmp/precious" "$dir/$file" ;;
		fifo)      mkfifo "$dir/$file" ;;
		foreign)   cp "$tmp/precious" "$dir/$file" ;;
		directory) mkdir "$dir/$file" ;;
		esac
		stat -c '%F %i' "$dir/$file" >"$tmp/before"
		run run --out "$tmp/runs" "$name"
		expect_status 3 "$file is a $kind"
		expect_text "$tmp/err" "$file" "$file is a $kind"
		stat -c '%F %i' "$dir/$file" | diff "$tmp/before" - >&2 ||
			complain "$file is a $kind: it was replaced"
		[ "$kind" != foreign ] || cmp "$tmp/precious" "$dir/$file" >&2 ||
			complain "$file was written over"
	done
done
[ "$(cat "$tmp/precious")" = precious ] || complain "a file behind a link was written to"
for file in junit.xml index.html; do
	rm -rf "$tmp/runs"
	mkdir "$tmp/runs"
	cp "$tmp/precious" "$tmp/runs/$file"
	run run --out "$tmp/runs" "$name" rfc9293/four-way-close
	expect_status 3 "a foreign $file"
	cmp "$tmp/precious" "$tmp/runs/$file" >&2 || complain "$file was written over"
done
rm -rf "$tmp/runs"
mkdir "$tmp/runs" "$tmp/elsewhere"
ln -s "$tmp/elsewhere" "$tmp/runs/rfc9293"
run run --out "$tmp/runs" "$name"
expect_status 3 "a directory that is a link"
[ -z "$(ls -A "$tmp/elsewhere")" ] || complain "a link below --out was followed"

# A second link to a trace of ours keeps what it had.
rm -rf "$tmp/runs"
run run --out "$tmp/runs" "$name"
expect_status 0 "the first run"
ln "$dir/trace.ndjson" "$tmp/kept"
cp "$tmp/kept" "$tmp/copy"
run run --report html,md --out "$tmp/runs" "$name"
expect_status 0 "the second run"
cmp "$tmp/kept" "$tmp/copy" >&2 || complain "the second run wrote to the trace of the first"
[ "$(ls -A "$dir" | tr '\n' ' ')" = "report.html report.md trace.ndjson " ] ||
	complain "--report html,md leaves: $(ls -A "$dir")"

# Several scenarios: nothing but what was asked for; what the suite before left of that goes.
rm -rf "$tmp/runs"
run run --report junit,md --out "$tmp/runs" "$name" rfc9293/four-way-close
expect_status 0 "--report junit,md of two"
[ -s "$tmp/runs/junit.xml" ] || complain "--report junit,md of two: no JUnit of both"
[ ! -e "$tmp/runs/index.html" ] || complain "--report junit,md of two: a page"
run run --report html --out "$tmp/runs" "$name" rfc9293/four-way-close
expect_status 0 "--report html of two"
(cd "$tmp/runs" && find . -type f | LC_ALL=C sort) >"$tmp/found"
diff - "$tmp/found" >&2 <<'END' || complain "--report html of two"
./index.html
./rfc9293/four-way-close/report.html
./rfc9293/four-way-close/trace.ndjson
./rfc9293/three-way-handshake/report.html
./rfc9293/three-way-handshake/trace.ndjson
END

# Two runs do not write to one place.
long_scenario "$tmp/long.yaml"
holding() { grep -q '"holding"' "$tmp/runs/test/long/trace.ndjson" 2>/dev/null; }
"$TCPLAB" run --mock --out "$tmp/runs" "$tmp/long.yaml" </dev/null >/dev/null 2>&1 &
pid=$!
until_true holding || complain "the long run does not begin"
run run --mock --out "$tmp/runs" "$tmp/long.yaml"
expect_status 3 "a second run of one scenario"
expect_text "$tmp/err" "another run writes to $tmp/runs/test/long/" "a second run of one scenario"
run run --out "$tmp/runs" "$name" rfc9293/four-way-close
expect_status 3 "a suite beside a run"
expect_text "$tmp/err" "another run writes to $tmp/runs/" "a suite beside a run"
run run --out "$tmp/runs" "$name"
expect_status 0 "another scenario beside a run"
kill -TERM "$pid"
wait "$pid"

# So it is with what looks at a host write.
for words in "watch --for 0s --metrics" "watch --for 0s --record" "snap --record"; do
	for kind in link fifo foreign; do
		rm -f "$tmp/kept"
		case $kind in
		link)    ln -s "$tmp/precious" "$tmp/kept" ;;
		fifo)    mkfifo "$tmp/kept" ;;
		foreign) cp "$tmp/precious" "$tmp/kept" ;;
		esac
		stat -c '%F %i' "$tmp/kept" >"$tmp/before"
		# shellcheck disable=SC2086 # words they are
		run $words "$tmp/kept"
		expect_status 3 "$words: a $kind"
		expect_text "$tmp/err" "$tmp/kept" "$words: a $kind"
		stat -c '%F %i' "$tmp/kept" | diff "$tmp/before" - >&2 ||
			complain "$words: a $kind was replaced"
		[ "$kind" = fifo ] || [ "$(cat "$tmp/kept")" = precious ] ||
			complain "$words: a $kind was written over"
	done
done
rm -f "$tmp/kept"
run watch --for 0s --metrics "$tmp/metrics"
run watch --for 0s --metrics "$tmp/metrics"
expect_status 0 "metrics over older ones"

# Nowhere to write to, by name or by nature.
run run --out= "$name"
expect_status 2 "--out="
run run --mock --witness= --out "$tmp/runs" "$name"
expect_status 2 "--witness="
run run --out /dev/null "$name"
expect_status 3 "--out /dev/null"
for words in "run --out $tmp/runs $name" "run --out $tmp/runs $name rfc9293/four-way-close" \
	"run --json --out $tmp/runs $name" "report $dir/trace.ndjson" \
	"report --format pcapng $dir/trace.ndjson" "coverage $dir" "list" "list --json" \
	"check scenarios/$name.yaml" "explain" "doctor" "--help" "--version" "run --help" \
	"learn" "new -" "snap" "snap --json" "why" "watch --every 100ms --for 100ms"; do
	# shellcheck disable=SC2086 # words they are
	"$TCPLAB" $words </dev/null >/dev/full 2>"$tmp/err"
	status=$?
	expect_status 3 "$words >/dev/full"
	expect_text "$tmp/err" "standard output" "$words >/dev/full"
	# shellcheck disable=SC2086
	"$TCPLAB" $words </dev/null >&- 2>"$tmp/err"
	status=$?
	expect_status 3 "$words >&-"
done

# What is opened takes the place of no standard stream that was closed.
"$TCPLAB" run -q -v --out "$tmp/runs" "$name" <&- >&- 2>&-
status=$?
expect_status 0 "without standard streams"
"$TCPLAB" report "$dir/trace.ndjson" <&- >"$tmp/out" 2>"$tmp/err"
status=$?
expect_status 0 "the report of a run without standard streams"
[ -z "$(sort "$dir/trace.ndjson" | uniq -d)" ] || complain "what -v tells was written to the trace"

# A disk that is full: of the trace what fits, and of no report a half.
cat >"$tmp/small.sh" <<'END'
mount -t tmpfs -o size="$2" tmpfs "$3" || exit 99
"$1" run --out "$3" "$4" </dev/null >/dev/null 2>"$5/err"
echo $? >"$5/status"
find "$3" -type f -name '.*' >"$5/hidden"
for format in html md json tap pcapng; do
	file=$3/$4/report.$format
	[ ! -e "$file" ] || "$1" report --format "$format" "$3/$4/trace.ndjson" | cmp - "$file" >>"$5/half"
done
END
mkdir "$tmp/disk"
touch "$tmp/half"
for size in 4k 12k 32k 64k 128k; do
	unshare --mount $([ "$(id -u)" -eq 0 ] || echo --map-root-user) sh "$tmp/small.sh" \
		"$TCPLAB" "$size" "$tmp/disk" "$name" "$tmp" || { complain "no small disk"; break; }
	status=$(cat "$tmp/status")
	expect_status 3 "a disk of $size"
	cp "$tmp/err" "$tmp/out"
	expect_text "$tmp/err" "No space left on device" "a disk of $size"
	[ ! -s "$tmp/hidden" ] || complain "a disk of $size: left $(cat "$tmp/hidden")"
done
[ ! -s "$tmp/half" ] || complain "reports are not whole: $(cat "$tmp/half")"

# A file that may not grow (RLIMIT_FSIZE) is an error, too, and nobody is killed.
for blocks in 1 8 40; do
	rm -rf "$tmp/grown"
	(ulimit -f "$blocks"; exec "$TCPLAB" run --out "$tmp/grown" "$name") </dev/null >/dev/null 2>"$tmp/err"
	status=$?
	cp "$tmp/err" "$tmp/out"
	expect_status 3 "files of $blocks KiB"
	expect_text "$tmp/err" "File too large" "files of $blocks KiB"
	[ -z "$(find "$tmp/grown" -name '.*.new')" ] || complain "files of $blocks KiB: half a file"
done
# Killed between writing a file and giving it its name: there is no half of one under a name
# that counts, whatever came before it is whole, and the next run is not in its way.
${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$tmp/no_rename.so" tests/no_rename.c ||
	complain "no_rename.c"
cut=$tmp/cut/rfc9293/three-way-handshake
for n in 1 2 3 4 5 6 7; do
	rm -rf "$tmp/cut"
	(RENAME=$n LD_PRELOAD=$tmp/no_rename.so "$TCPLAB" run --out "$tmp/cut" \
		rfc9293/three-way-handshake; exit $?) </dev/null >"$tmp/out" 2>"$tmp/err"
	[ $? -eq 137 ] || complain "rename $n: it was not killed"
	[ "$(find "$cut" -type f ! -name '.*.new' | wc -l)" -eq $((n - 1)) ] ||
		complain "rename $n: $(ls -A "$cut")"
	[ "$(find "$cut" -name '.*.new' | wc -l)" -eq 1 ] || complain "rename $n: $(ls -A "$cut")"
	if [ "$n" -gt 1 ]; then
		tail -n 1 "$cut/trace.ndjson" | grep -q '"event":"end"' ||
			complain "rename $n: the trace is not whole"
		[ ! -e "$cut/report.html" ] || tail -n 1 "$cut/report.html" | grep -q '</html>$' ||
			complain "rename $n: half a page"
	fi
	run run --out "$tmp/cut" rfc9293/three-way-handshake
	expect_status 0 "rename $n: the run after it"
	[ -z "$(find "$cut" -name '.*.new')" ] || complain "rename $n: it is still there"
done
# Each file of a run tells at its beginning whose it is, so that the next run may take its place.
run run --mock -q --out "$tmp/again" redis/walkthrough
expect_status 0 "a run"
run run --mock -q --out "$tmp/again" redis/walkthrough
expect_status 0 "the same run into the same folder"

# A FIFO in the place of a file that tcplab would read is not waited for.
rm -rf "$tmp/runs" "$tmp/book"
run run -q --out "$tmp/runs" "$name"
mkdir "$tmp/book"
mkfifo "$tmp/book/files.txt"
run book --out "$tmp/runs" "$tmp/book"
expect_status 3 "a book over a FIFO"
expect_text "$tmp/err" "book/files.txt is not a regular file" "a book over a FIFO"
rm "$dir/trace.ndjson"
mkfifo "$dir/trace.ndjson"
for words in list learn "list --json"; do
	# shellcheck disable=SC2086 # words they are
	run $words --out "$tmp/runs"
	expect_status 0 "$words beside a FIFO"
done

finish
