#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# I/O logs: written by a job and replayed whole, in chunks (which replaces the
# memory in the middle of the run), without stalls and on other files.

. "${0%/*}/../lib.sh"

ios() {
	lines | sed -n 's/^.*, \([0-9]*\) reads of .*, \([0-9]*\) writes of.*$/\1+\2/p'
}

common="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--iodepth=16 --dmabuf_report=$scratch/report.json"

good "write_iolog" --rw=randrw --bssplit=4k/50:16k/50 \
	--write_iolog="$scratch/log.txt"
recorded=$(ios)
check "the log has all I/Os" test "$(grep -cE ' (read|write) ' log.txt)" = \
	$((${recorded:-0}))

for how in "--replay_no_stall=1" "--read_iolog_chunked=1" \
	   "--read_iolog_chunked=1 --replay_no_stall=1" \
	   "--replay_time_scale=1000" "--iodepth=1" \
	   "--iodepth_batch_complete_min=0" "--thread=1 --read_iolog_chunked=1"
do
	# shellcheck disable=SC2086 # several words
	good "read_iolog $how" --read_iolog="$scratch/log.txt" $how
	check "it did the same I/Os" test "$(ios)" = "$recorded"
done

# A log long enough to be read in many pieces, with growing block sizes: each
# piece frees the memory and asks for more.
{
	echo "fio version 2 iolog"
	echo "$scratch/data add"
	echo "$scratch/data open"
	i=0
	while [ $i -lt 3000 ]; do
		echo "$scratch/data write $((i % 700 * 4096)) \
$((4096 * (1 + i / 800)))"
		i=$((i + 1))
	done
	echo "$scratch/data close"
} >long.txt
good "a long log in chunks" --read_iolog="$scratch/long.txt" \
	--read_iolog_chunked=1
check "all of it" test "$(ios)" = 0+3000
check "the memory was registered more than once" sh -c \
	'grep -E "^  \"registrations\": ([2-9]|[0-9]{2,})," report.json'
good "the same whole" --read_iolog="$scratch/long.txt"
check "all of it" test "$(ios)" = 0+3000

good "fsync in a log" --rw=randwrite --fsync=8 --number_ios=64 \
	--write_iolog="$scratch/sync.txt"
good "is replayed" --read_iolog="$scratch/sync.txt" --replay_no_stall=1

common="--dmabuf_path=host --direct=1 --iodepth=8"
good "a log of several files" --directory="$scratch" --nrfiles=3 --size=3M \
	--rw=randrw --write_iolog="$scratch/files.txt"
recorded=$(ios)
# The names in the log are whole.
good "is replayed" --read_iolog="$scratch/files.txt" --replay_no_stall=1
check "it did the same I/Os" test "$(ios)" = "$recorded"

check "no process is left" no_process_left
finish
