#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The pages of fio-dmabuf-bench in a headless Chromium without a network: they
# render, fetch nothing, sort, draw, print; and what "report" says of a
# directory that it can make no page of.

. "${0%/*}/../lib.sh"
. "$top/t/lib-bench.sh"

parts=$top/t/unit/bench

# sample DIR OPTIONS...
sample() {
	python3 "$parts/sample.py" "$@"
}

# ---- report ----

sample results --points 3 --rounds 2
bench report results
[ "$status" = 0 ] && [ ! -s "$out" ] && [ ! -s "$err" ] &&
	grep -q '^</html>$' results/report.html
result $? "report writes a page into the directory" "$err"

bench report results -o -
[ "$status" = 0 ] && cmp "$out" results/report.html >"$err"
result $? "report writes the same page to the standard output" "$err"

refused "no directory" "nowhere: no such directory; " report nowhere
mkdir empty
refused "not a directory of results" "empty: not a directory of results" \
	report empty
sample none --points 3 --rounds 1
: >none/index.jsonl
refused "no results yet" "none: no results yet; " report none
sed -i 's/"format": 1/"format": 7/' none/directory.json
refused "a directory of another version" "none: of format 7" report none
sample cut --points 3 --rounds 1
: >cut/points.json
refused "an empty file" "cut/points.json: empty" report cut
sample short --points 3 --rounds 1
printf '{"seq": 4, "round": 2, "po' >>short/index.jsonl
bench report short -o -
[ "$status" = 0 ] && [ ! -s "$err" ]
result $? "a line that was cut off is left out" "$err"
refused "a file that cannot be written" "nowhere/x: .*; give another" \
	report results -o nowhere/x
refused "no room" "/dev/full/x: .*; give another" \
	report results -o /dev/full/x

# ---- without gnuplot ----

sample drawn --points 12 --rounds 1
sample other --points 12 --rounds 1 --seed 2
python=$(python3 -c 'import sys; print(sys.executable)')

# without_gnuplot WHAT PAGE STATUS COMMAND...: says so once, and has all but the
# plots
without_gnuplot() {
	what=$1 page=$2 wanted=$3
	shift 3
	env PATH=/nowhere "$python" "$top/bench/fio-dmabuf-bench" "$@" \
		>"$out" 2>"$err"
	status=$?
	[ "$status" = "$wanted" ] && grep -q '^</html>$' "$page" &&
		[ "$(cat "$err")" = "fio-dmabuf-bench: gnuplot: not found, so the page lacks plots; install the package gnuplot-nox" ] &&
		[ "$(grep -c 'gnuplot: not found' "$page")" = 1 ]
	result $? "without gnuplot $what has all but the plots" "$err"
}
without_gnuplot report drawn/report.html 0 report drawn
without_gnuplot compare compare.html 3 \
	compare drawn other --format html -o compare.html

# ---- in a browser ----

mkdir pages
check "pages of samples" python3 "$parts/page_sample.py" pages
bench compare pages/before pages/after --format html -o pages/compare.html
[ "$status" = 1 ] && [ ! -s "$out" ] && [ ! -s "$err" ]
result $? "compare writes a page" "$err"
bench compare pages/report pages/other --format html -o pages/describe.html
[ "$status" = 3 ] && [ ! -s "$out" ] && [ ! -s "$err" ]
result $? "compare writes a page without a verdict" "$err"

# No skip: without a browser nobody knows what a page looks like.
timeout 120 python3 "$parts/page/look_at_pages.py" pages >"$out" 2>"$err"
status=$?
cat "$out"
count=$((count + $(grep -cE '^(not )?ok - ' "$out")))
failures=$((failures + $(grep -c '^not ok - ' "$out")))
[ "$status" = 0 ] && [ ! -s "$err" ] && [ -s "$out" ]
result $? "the browser ran to its end" "$err"

finish
