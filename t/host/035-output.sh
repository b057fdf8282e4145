#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Output: the engine leaves fio's formats intact and adds one line per job to
# normal output, and dmabuf_report is complete JSON.

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
	result $? "$format: valid JSON without a line of the engine" \
		"$err" "$out"
done
for format in normal,json json,normal normal,json+ json+,terse,normal; do
	fio job $base --output-format=$format
	[ "$status" = 0 ] && jobs_reported 1 &&
		output fio "$out" 2>>"$err"
	result $? "$format: valid JSON, and one line of the engine outside it" \
		"$err" "$out"
done
fio job $base --output-format=terse
[ "$status" = 0 ] && [ -z "$(lines)" ] && [ "$(wc -l <"$out")" = 1 ] &&
	[ "$(tr -cd ';' <"$out" | wc -c)" -gt 100 ]
result $? "terse: one line, none of the engine" "$err" "$out"
fio job $base --minimal
[ "$status" = 0 ] && [ "$(wc -l <"$out")" = 1 ]
result $? "--minimal: one line" "$err" "$out"

fio job $base --output="$scratch/file"
[ "$status" = 0 ] && [ ! -s "$out" ] && [ ! -s "$err" ] &&
	[ "$(grep -c '^dmabuf: job: path host, ' file)" = 1 ]
result $? "--output=FILE: the line of the engine is in the file" \
	"$err" "$out" file
fio job $base --output="$scratch/file" --output-format=json+
[ "$status" = 0 ] && output fio file && ! grep '^dmabuf: ' file
result $? "--output=FILE with json+: the file has only JSON" "$err" "$out"

fio job $base --numjobs=3 --group_reporting=1 --output-format=json,normal
[ "$status" = 0 ] && jobs_reported 3 && output fio "$out"
result $? "three grouped jobs: three lines of the engine" "$err" "$out"
fio job $base --status-interval=1 --time_based=1 --runtime=3
[ "$status" = 0 ] && jobs_reported 1
result $? "status-interval: one line of the engine" "$err" "$out"
}

# ---- the line ----

# shellcheck disable=SC2086 # several words
{
good "a job prints its line" $base --number_ios=100
size='[0-9.]+ ([KMGT]iB|bytes)'
check "the line has all its parts" sh -c 'grep -Eq "$2" "$1"' sh "$out" \
	"^dmabuf: job: path host, source memory, 1 buffer of 32 KiB in all, \
1 registration in [0-9.]+ ms, 100 reads of 400 KiB, 0 writes of $size, \
0 reissued after EAGAIN, no errors, .*/data is not a block device\$"
check "the line does not mention peer-to-peer" \
	sh -c '! grep -qi peer "$1"' sh "$out"

# ---- the report ----

common="$base --dmabuf_report=$scratch/report.json"
good "a job writes its dmabuf_report" --number_ios=100
check "the report has all members" output report report.json \
	job=job job_number=1 path=host source=memory buffers=1 \
	buffer_bytes=32768 registrations=1 reads=100 read_bytes=409600 \
	writes=0 write_bytes=0 eagain_reissues=0 'errors={}' \
	copied_bytes=0 fio="$("$FIO" --version)" kernel="$(uname -r)" \
	kernel_command_line="$(sed 's/ *$//' /proc/cmdline)"
check "the report has the name of the file" \
	grep -q "\"file\": \"$scratch/data\"" \
	report.json
check "no temporary file is left" sh -c '! ls | grep -q tmp$'
rm -f report*
reports=3 good "three jobs with the same dmabuf_report" --numjobs=3
for number in 1 2 3; do
	check "job $number writes report.$number.json" output report \
		report.$number.json job_number=$number
done
check "there are no other reports" test "$(ls -d report* | wc -l)" = 3
rm -f report*
reports=3 good "three threads with the same dmabuf_report" \
	--numjobs=3 --thread=1
check "the reports of threads are numbered" \
	test "$(ls -d report.[123].json | wc -l)" = 3
rm -f report*
common="$base --dmabuf_report=$scratch/plain"
reports=2 good "a dmabuf_report without a suffix" --numjobs=2
check "a name without a suffix is numbered at its end" \
	test -s plain.1 -a -s plain.2
common="$base --dmabuf_report=relative.json"
good "a dmabuf_report with a relative name" --number_ios=10
check "a relative name is relative to where fio was started" output report \
	relative.json
common="$base --dmabuf_report=$scratch/quoted.json"
mkdir 'odd " \ name'
good "a file name with quotes and backslashes" \
	--filename='odd " \ name/data' --number_ios=10
check "the name is escaped in the report" output report quoted.json
good "the report is written with JSON output as well" --number_ios=10 \
	--output-format=normal,json
check "the report is valid with JSON output" output report quoted.json reads=10
}

check "no process is left" no_process_left
finish
