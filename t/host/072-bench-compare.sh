#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fio-dmabuf-bench compare as a user has it: what it prints, its exit status,
# and one line for everything that it cannot compare. The directories are made
# up, with known changes in them.

. "${0%/*}/../lib.sh"
. "$top/t/lib-bench.sh"
subcommand=compare

# results DIR ARG...: see sample.py
results() {
	python3 "$top/t/unit/bench/sample.py" "$@" --points 4 ||
		bail "$1: not made"
}

# compared DESC STATUS REGEX ARG...: ends with this status, nothing on stderr,
# and the output, whose lines are not wrapped here, matches
compared() {
	desc=$1
	wanted=$2
	regex=$3
	shift 3
	bench compare "$@"
	echo "exit status $status" >>"$out"
	sed -e ':a' -e 'N;s/\n  *\([^ ]*[^ ] [^ ]\)/ \1/;ta' -e 'P;D' "$out" >unwrapped
	[ "$status" = "$wanted" ] && [ ! -s "$err" ] &&
		grep -Eq "$regex" unwrapped "$out"
	result $? "$desc" "$err" "$out"
}

# copy FROM TO FILE: a directory of results of which a file is rewritten by
# sed from standard input to standard output
copy() {
	rm -rf "$2"
	cp -r "$1" "$2"
	file=$2/$3
	shift 3
	sed "$@" <"$file" >"$file.new"
	mv "$file.new" "$file"
}

results old --seed 1 --boots 7 --rounds 3 --kernel 6.12
results new --seed 2 --boots 7 --rounds 3 --kernel 6.18
results slow --seed 3 --boots 7 --rounds 3 --kernel 7.3 --speed 0.9
results one --seed 4 --rounds 9
results two --seed 5 --rounds 9 --speed 0.9
point=direct-randread-4k-q1-j1

# ---- exit status ----

refused "a side against itself" \
	'old/boot01 and old/boot01 hold the same measurements; give each' old old
cp -r old copied
refused "a copy of it" 'old/boot01 and copied/boot01 hold the same' old copied
compared "another kernel without a change: equivalent" 0 \
	'kernel release: 6\.12 \| 6\.18$' old new --metrics iops,cpu --margin 6
compared "a margin that so few boots cannot show: no verdict" 3 \
	'^No verdict: [0-9]+ changes of iops, cpu may be for the worse by more' \
	old new --metrics iops,cpu --margin 0.5
compared "a slower one: a regression" 1 'WORSE' old slow
compared "not surely more than --fail-above" 3 \
	'^No verdict: .* for the worse by more than 10 %' \
	old slow --fail-above 10 --fail-on iops
compared "less than --fail-above: no regression" 0 \
	'^No regression above 30 % .*\.$' old slow --fail-above 30
compared "more than --fail-above: a regression" 1 \
	'^[0-9]+ regressions? above 3 % in B: ' old slow --fail-above 3
compared "only in --fail-on" 0 '^No regression \(cpu\)\.$' old slow \
	--fail-on cpu --margin 6
compared "only --metrics" 1 \
	'^[0-9]+ regressions in B: [a-z0-9-]+ \(median latency ' \
	old slow --metrics lat_p50 --fail-on lat_p50
compared "three sides, each against the first" 1 \
	'^C +slow: kernel 7\.3, interface family B, IOMMU [A-Z-]+, 7 boots,' old new slow

# ---- what allows no verdict ----

compared "one boot a side is described" 3 \
	'^NO VERDICT +one boot a side cannot tell a change from' one two
! grep -Eq 'WORSE|better$|equal' "$out"
result $? "and never judged" "$out"
refused "seven boots against one" \
	'7 boots of old against 1 boot of one: sides must have the same number' \
	old one
for each in old new; do
	mkdir "few-$each"
	cp -r "$each/boot01" "$each/boot02" "few-$each"
done
compared "two boots are too few" 3 \
	'2 boots a side are too few; measure at least 6' few-old few-new
for each in old new; do
	cp -r "$each" "unknown-$each"
	sed -i 's/"boot": "[^"]*"/"boot": null/' "unknown-$each"/*/index.jsonl
done
compared "directories of no known boot" 3 \
	'^NO VERDICT +unknown-old: the boot of boot01 is not known$' \
	unknown-old unknown-new
cp -r two part
sed -i '$d' part/index.jsonl
compared "a run that is not complete" 3 'one boot a side' one part
results ab/A --seed 4 --rounds 9
results ab/B --seed 6 --rounds 9
for each in A B; do
	ab="\"ab\": {\"id\": \"x\", \"settings\": [\"scheduler=$each\"]}"
	sed -i "s/\"host\": null/&, $ab/" ab/$each/directory.json
done
compared "the two sides of --ab, from one directory" 0 \
	'^A +A: scheduler=A, kernel ' ab --margin 9
sed -i '$d' ab/B/index.jsonl
compared "one that is not complete" 3 \
	'1 measurement still to be done' ab

# ---- what cannot be measured any more ----

results lost --seed 7 --boots 7 --rounds 3
for each in lost/boot*; do
	sed -i "/$point/d" "$each/index.jsonl"
	echo "{\"point\": \"$point\", \"round\": 1, \"reason\": \"no heap\"}" \
		>"$each/failures.jsonl"
done
compared "a point that fails on the other side is a regression" 1 \
	"^LOST in B +1 point: $point: no heap\$" old lost
[ "$(head -n 1 "$out" | cut -c 1-9)" = 'LOST in B' ]
result $? "and comes first" "$out"
bench compare old lost --format junit
grep -q '<error type="lost" message="cannot be measured any more: no heap"' \
	"$out"
result $? "and is an error in JUnit" "$out"
compared "one that failed on the base is none" 0 \
	"^missing in A +1 point: $point \(no heap\)\$" lost old --margin 9

# ---- formats ----

for each in text markdown csv json junit; do
	bench compare old slow --format "$each" -o "one.$each"
	[ "$status" = 1 ] && [ ! -s "$out" ] && [ ! -s "$err" ] &&
		[ -s "one.$each" ] && [ ! -e "one.$each.tmp" ]
	result $? "--format $each -o FILE" "$err"
done
bench compare old slow --write csv:all.csv --write json:all.json \
	--write junit:all.junit --write markdown:all.markdown
[ "$status" = 1 ] && cmp -s "$out" one.text && cmp -s all.csv one.csv &&
	cmp -s all.json one.json && cmp -s all.junit one.junit &&
	cmp -s all.markdown one.markdown
result $? "several at once are the same" "$err"
check "CSV, JSON and JUnit are valid" python3 "$here/072-bench-compare.py"
refused "a file that cannot be written" \
	'no/such/file: No such file or directory; ' old new -o no/such/file
if [ -c /dev/full ]; then
	ln -sf /dev/full full
	refused "a full disk" 'full: No space left on device; ' old new -o full
fi

# ---- options ----

refused "one side" 'only one side, one; give at least two' one
refused "no side" 'DIR' --force
refused "an unknown metric" "'speed': unknown metric; choose from iops, " \
	old new --metrics iops,speed
refused "an unknown format" 'pdf' old new --format pdf
refused "an output without a file" "'csv': not FORMAT:FILE" old new \
	--write csv
for each in -1 x nan; do
	refused "--fail-above $each" 'not a percentage' old new \
		"--fail-above=$each"
	refused "--margin $each" 'not a percentage' old new "--margin=$each"
done

# ---- what has to be the same ----

copy two other environment.json 's/Sample 1 TB/Other/'
refused "another drive" \
	'one and other differ in drive model: Sample 1 TB and Other; ' one other
compared "another drive, --force" 3 \
	'^MISMATCH +drive model: Sample 1 TB \| Other$' one other --force
bench compare one other --force --format csv
grep -q '^difference refused,other,.*drive model: Sample 1 TB | Other' "$out"
result $? "another drive, --force, in CSV" "$out"
copy two other environment.json 's/fio-3.33/fio-3.41/'
refused "another fio" 'differ in fio version: fio-3\.33 and fio-3\.41; ' \
	one other
copy two other environment.json \
	's/\("plugin": {.*"version": "\)0.1.0/\10.2.0/'
refused "another plugin" 'differ in plugin version: 0\.1\.0 and 0\.2\.0; ' \
	one other
copy two other points.json 's/runtime=1/runtime=30/g'
refused "other jobs" \
	"differ in job of $point .*: runtime=1 and runtime=30; " one other
copy two other environment.json 's/"iommu": "DMA"/"iommu": "identity"/'
compared "another mode of the IOMMU is shown loudly" 3 \
	'^IOMMU MODE +drives controllers iommu: DMA \| identity$' one other

# ---- sides of several boots ----

mkdir mixed
cp -r one two mixed
copy two other environment.json 's/6.12.57/6.18.1/'
rm -r mixed/two
cp -r other mixed
refused "two kernels are not one side" \
	'mixed/one and mixed/other differ in kernel release: 6\.12.* and 6\.18' \
	mixed old

# ---- what is damaged or missing ----

mkdir empty
: >file
refused "a directory without results" 'empty: not a directory of results' \
	one empty
refused "not a directory" 'file: ' one file
refused "no such directory" 'nowhere: no such directory; ' one nowhere
copy two other directory.json 's/"format": 1/"format": 7/'
refused "a directory of another format" 'other: of format 7' one other
for each in directory.json environment.json points.json; do
	copy two other $each 'd'
	refused "an empty $each" "other/$each: .*; " one other
	copy two other $each 's/.\{20\}$//'
	refused "a cut-off $each" "other/$each: .*; " one other
done
copy two other index.jsonl 'd'
refused "an empty index" 'other: no results yet; ' one other
copy two other index.jsonl '3s/.\{20\}$//'
refused "a damaged line of the index" 'index\.jsonl: line 3 is damaged; ' \
	one other
copy two other index.jsonl ''
truncate -s -9 other/index.jsonl
compared "an index whose last line is cut off" 3 \
	'^note +other/index\.jsonl: last line cut off' one other
copy two other "$point/r03.json" 'd'
refused "an empty json of fio" "$point/r03\.json: 0 bytes, .* --force" \
	one other
compared "an empty json of fio, --force" 3 \
	"^note +other/$point/r03\.json: 0 bytes, .*ignored" one other --force
copy two other "$point/r03.json" 's/.\{99\}$//'
refused "a cut-off json of fio" "$point/r03\.json: .* bytes, .* --force" \
	one other
copy two other "$point/r03.json" '1s/^/fio: a complaint\n/'
compared "lines of fio before its json" 3 \
	"^note +other/$point/r03\.json: .* read from it again" one other
rm "other/$point/r03.json"
refused "a json of fio that is gone" \
	"$point/r03\.json: No such file or directory; " one other
copy two other index.jsonl "/$point/d"
compared "a point missing on one side" 3 "^missing in B +1 point: $point\$" \
	one other
results apart --rounds 9
sed -i 's/-j1/-j9/g' apart/points.json apart/index.jsonl
for each in apart/*-j1; do
	mv "$each" "${each%1}9"
done
refused "no point in common" 'no point was measured on all sides; ' one apart

finish
