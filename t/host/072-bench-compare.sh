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
# and the output matches
compared() {
	desc=$1
	wanted=$2
	regex=$3
	shift 3
	bench compare "$@"
	echo "exit status $status" >>"$out"
	[ "$status" = "$wanted" ] && [ ! -s "$err" ] && grep -Eq "$regex" "$out"
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

results old --seed 1 --rounds 9 --kernel 6.12
results new --seed 2 --rounds 9 --kernel 6.18
results slow --seed 3 --rounds 9 --kernel 7.3 --speed 0.9
point=direct-randread-4k-q1-j1

# ---- exit status ----

compared "a directory against itself: no difference" 0 \
	'^No regression \(iops, lat_p99, cpu\)\.$' old old
! grep -Eq 'better$|WORSE|better ' "$out"
result $? "and no row says otherwise" "$out"
compared "another kernel without a change: no regression" 0 \
	'kernel release: 6\.12 \| 6\.18$' old new
compared "a slower one: a regression" 1 'WORSE' old slow
compared "less than --fail-above: no regression" 0 \
	'^No regression above 20 % .*\.$' old slow --fail-above 20
compared "more than --fail-above: a regression" 1 \
	'^[0-9]+ regressions? above 5 %: ' old slow --fail-above 5
compared "only in --fail-on" 0 '^No regression \(cpu\)\.$' old slow \
	--fail-on cpu
compared "only --metrics" 1 '^[0-9]+ regressions: lat_p50 of all points' \
	old slow --metrics lat_p50 --fail-on lat_p50
compared "three sides, each against the first" 1 \
	'^C +slow: kernel 7\.3, IOMMU [A-Z-]+, 1 boot, 9 rounds$' old new slow

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

refused "one side" 'only one side, old; give at least two' old
refused "no side" 'DIR' --force
refused "an unknown metric" "'speed': unknown metric; choose from iops, " old new \
	--metrics iops,speed
refused "an unknown format" 'pdf' old new --format pdf
refused "an output without a file" "'csv': not FORMAT:FILE" old new \
	--write csv
for each in -1 x nan; do
	refused "--fail-above $each" 'not a percentage' old new \
		"--fail-above=$each"
done

# ---- what has to be the same ----

copy old other environment.json 's/Sample 1 TB/Other/'
refused "another drive" \
	'old and other differ in drive model: Sample 1 TB and Other; ' old other
compared "another drive, --force" 0 \
	'^MISMATCH +drive model: Sample 1 TB \| Other$' old other --force
bench compare old other --force --format csv
grep -q '^difference refused,other,.*drive model: Sample 1 TB | Other' "$out"
result $? "another drive, --force, in CSV" "$out"
copy old other environment.json 's/fio-3.33/fio-3.41/'
refused "another fio" 'differ in fio version: fio-3\.33 and fio-3\.41; ' \
	old other
copy old other environment.json \
	's/\("plugin": {.*"version": "\)0.1.0/\10.2.0/'
refused "another plugin" 'differ in plugin version: 0\.1\.0 and 0\.2\.0; ' \
	old other
copy old other points.json 's/runtime=1/runtime=30/g'
refused "other jobs" \
	"differ in job of $point .*: runtime=1 and runtime=30; " old other
copy old other environment.json 's/"iommu": "DMA"/"iommu": "identity"/'
compared "another mode of the IOMMU is shown loudly" 0 \
	'^IOMMU MODE +drives controllers iommu: DMA \| identity$' old other

# ---- sides of several boots ----

mkdir boots two
results boots/1 --seed 4 --rounds 2
results boots/2 --seed 5 --rounds 2
compared "a directory of directories is a side" 0 \
	'^A +boots \(1\): .*, 2 boots, 4 rounds$' boots boots
grep -q 'note *too few boots: .* at least 4 on each side' "$out"
result $? "two boots are too few to tell" "$out"
compared "against one boot: the difference between boots is not known" 0 \
	'only one boot of old: the intervals do not include variation' \
	boots old
cp -r old new two
refused "two kernels are not one side" \
	'two/new and two/old differ in kernel release: 6\.18 and 6\.12; ' \
	two old

# ---- what is damaged or missing ----

mkdir empty
: >file
refused "a directory without results" 'empty: not a directory of results' \
	old empty
refused "not a directory" 'file: ' old file
refused "no such directory" 'nowhere: no such directory; ' old nowhere
copy old other directory.json 's/"format": 1/"format": 7/'
refused "a directory of another format" 'other: of format 7' old other
for each in directory.json environment.json points.json; do
	copy old other $each 'd'
	refused "an empty $each" "other/$each: .*; " old other
	copy old other $each 's/.\{20\}$//'
	refused "a cut-off $each" "other/$each: .*; " old other
done
copy old other index.jsonl 'd'
refused "an empty index" 'other: no results yet; ' old other
copy old other index.jsonl '3s/.\{20\}$//'
refused "a damaged line of the index" 'index\.jsonl: line 3 is damaged; ' \
	old other
copy old other index.jsonl ''
truncate -s -9 other/index.jsonl
compared "an index whose last line is cut off" 0 \
	'^note +other/index\.jsonl: last line cut off' old other
copy old other "$point/r03.json" 'd'
refused "an empty json of fio" "$point/r03\.json: 0 bytes, .* --force" \
	old other
compared "an empty json of fio, --force" 0 \
	"^note +other/$point/r03\.json: 0 bytes, .*ignored" old other --force
copy old other "$point/r03.json" 's/.\{99\}$//'
refused "a cut-off json of fio" "$point/r03\.json: .* bytes, .* --force" \
	old other
copy old other "$point/r03.json" '1s/^/fio: a complaint\n/'
compared "lines of fio before its json" 0 \
	"^note +other/$point/r03\.json: .* read from it again" old other
rm "other/$point/r03.json"
refused "a json of fio that is gone" \
	"$point/r03\.json: No such file or directory; " old other
copy old other index.jsonl "/$point/d"
compared "a point missing on one side" 0 "^missing in B +1 point: $point\$" \
	old other
results apart --rounds 9
sed -i 's/-j1/-j9/g' apart/points.json apart/index.jsonl
for each in apart/*-j1; do
	mv "$each" "${each%1}9"
done
refused "no point in common" 'no point was measured on all sides; ' old apart
results once --rounds 1
compared "one round only" 0 'only one round on a side: no interval' \
	old once
results thrice --rounds 3 --speed 0.5
compared "three rounds only" 0 'note *too few rounds: .* at least 4 on each' \
	thrice once

finish
