#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What comes out: fio's output formats stay what they are, normal output has
# one line of ours per job, and dmabuf_report is JSON with all of it.

. "${0%/*}/../lib.sh"

# output fio|report FILE [KEY=VALUE...]: checks a file
output() {
	python3 "$here/035-output.py" "$@"
}

base="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--rw=randread --iodepth=8"

# ---- fio's formats ----

# shellcheck disable=SC2086 # several words
{
for format in json json+; do
	fio job $base --output-format=$format
	[ "$status" = 0 ] && [ -z "$(lines)" ] && output fio "$out"
	result $? "$format: valid, and no line of ours" "$err" "$out"
done
for format in normal,json json,normal normal,json+ json+,terse,normal; do
	fio job $base --output-format=$format
	[ "$status" = 0 ] && jobs_reported 1 &&
		output fio "$out" 2>>"$err"
	result $? "$format: valid, and one line of ours outside" "$err" "$out"
done
fio job $base --output-format=terse
[ "$status" = 0 ] && [ -z "$(lines)" ] && [ "$(wc -l <"$out")" = 1 ] &&
	[ "$(tr -cd ';' <"$out" | wc -c)" -gt 100 ]
result $? "terse: one line, none of ours" "$err" "$out"
fio job $base --minimal
[ "$status" = 0 ] && [ "$(wc -l <"$out")" = 1 ]
result $? "--minimal: one line" "$err" "$out"

fio job $base --output="$scratch/file"
[ "$status" = 0 ] && [ ! -s "$out" ] && [ ! -s "$err" ] &&
	[ "$(grep -c '^dmabuf: job: path host, ' file)" = 1 ]
result $? "--output=FILE: our line is in the file" "$err" "$out" file
fio job $base --output="$scratch/file" --output-format=json+
[ "$status" = 0 ] && output fio file && ! grep '^dmabuf: ' file
result $? "--output=FILE with json+: only JSON" "$err" "$out"

fio job $base --numjobs=3 --group_reporting=1 --output-format=json,normal
[ "$status" = 0 ] && jobs_reported 3 && output fio "$out"
result $? "three jobs, grouped: three lines of ours" "$err" "$out"
fio job $base --status-interval=1 --time_based=1 --runtime=3
[ "$status" = 0 ] && jobs_reported 1
result $? "status-interval: one line of ours" "$err" "$out"
}

# ---- the line ----

# shellcheck disable=SC2086 # several words
{
good "the line" $base --number_ios=100
size='[0-9.]+ ([KMGT]iB|bytes)'
check "it has all its parts" sh -c 'grep -Eq "$2" "$1"' sh "$out" \
	"^dmabuf: job: path host, source memory, 1 buffer of 32 KiB in all, \
1 registration in [0-9.]+ ms, 100 reads of 400 KiB, 0 writes of $size, \
0 reissued after EAGAIN, no errors, .*/data is not a block device\$"
check "nothing is said of peer-to-peer" sh -c '! grep -qi peer "$1"' sh "$out"

# ---- the report ----

common="$base --dmabuf_report=$scratch/report.json"
good "dmabuf_report" --number_ios=100
check "it has all members" output report report.json \
	job=job job_number=1 path=host source=memory buffers=1 \
	buffer_bytes=32768 registrations=1 reads=100 read_bytes=409600 \
	writes=0 write_bytes=0 eagain_reissues=0 'errors={}' \
	copied_bytes=0 fio="$("$FIO" --version)" kernel="$(uname -r)" \
	kernel_command_line="$(sed 's/ *$//' /proc/cmdline)"
check "the file's name is in it" grep -q "\"file\": \"$scratch/data\"" \
	report.json
check "no temporary file is left" sh -c '! ls | grep -q tmp$'
rm -f report*
reports=3 good "three jobs with the same report" --numjobs=3
for number in 1 2 3; do
	check "report.$number.json" output report \
		report.$number.json job_number=$number
done
check "and no more files" test "$(ls -d report* | wc -l)" = 3
rm -f report*
reports=3 good "three threads with the same report" --numjobs=3 --thread=1
check "are numbered as well" test "$(ls -d report.[123].json | wc -l)" = 3
rm -f report*
common="$base --dmabuf_report=$scratch/plain"
reports=2 good "a report without a suffix" --numjobs=2
check "is numbered at its end" test -s plain.1 -a -s plain.2
common="$base --dmabuf_report=relative.json"
good "a relative name" --number_ios=10
check "is relative to where fio was started" output report \
	relative.json
common="$base --dmabuf_report=$scratch/quoted.json"
mkdir 'odd " \ name'
good "odd names" --filename='odd " \ name/data' --number_ios=10
check "are escaped" output report quoted.json
good "in JSON output the report is written as well" --number_ios=10 \
	--output-format=normal,json
check "and valid" output report quoted.json reads=10
}

check "no process is left" no_process_left
finish
