#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The data as other programs see it: writes reach their offset and nothing else,
# and reads return what is there.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --direct=1 --verify_state_save=0"
mib=$((1 << 20))

# bytes WHAT FILE...: checks the bytes of files, see 038-data.py
bytes() {
	python3 "$here/038-data.py" "$@"
}

# both_hold_pattern: a and b hold the same pattern
both_hold_pattern() {
	bytes ranges a 1048576=3c && bytes ranges b 1048576=3c
}

# above_4g: the block is at its offset, and not at that modulo 4 GiB
above_4g() {
	dd if=sparse bs=65536 skip=73728 count=1 2>/dev/null >piece
	bytes ranges piece 65536=77 &&
		dd if=sparse bs=65536 skip=8192 count=1 2>/dev/null >piece &&
		bytes ranges piece 65536=0
}

fresh() {
	python3 -c 'open("data", "wb").write(b"\x11" * (4 << 20))'
}

for depth in 1 7 64; do
	for bs in 4k 12k 256k; do
		fresh
		good "a range of a pattern, depth $depth, bs=$bs" \
			--filename="$scratch/data" --offset=768k --size=1536k \
			--rw=randwrite --bs=$bs --iodepth=$depth \
			--buffer_pattern=0xa7
		check "the pattern is in its range and nowhere else" \
			bytes ranges data \
			$((768 * 1024))=11 $((1536 * 1024))=a7 \
			$((4 * mib - 2304 * 1024))=11
	done
done

# Every block contains its own offset.
fresh
good "blocks that hold their offset" --filename="$scratch/data" --size=4M \
	--rw=randwrite --bs=16k --iodepth=32 --verify=pattern \
	--verify_pattern='%o"offset--"' --do_verify=0
check "each block holds its own offset" bytes offsets data

# Two files; then data that another program wrote, which reading must notice.
good "two files" --filename="$scratch/a:$scratch/b" --size=2M --rw=randwrite \
	--iodepth=16 --buffer_pattern=0x3c
check "both files hold the pattern" both_hold_pattern
fresh
good "reading what another program wrote" --filename="$scratch/data" --size=4M \
	--rw=randread --iodepth=32 --bssplit=4k/50:64k/50 --verify=pattern \
	--verify_pattern=0x11
printf '\022' | dd of=data bs=1 seek=3000000 conv=notrunc 2>/dev/null
fio job --filename="$scratch/data" --size=4M --rw=randread --iodepth=32 \
	--verify=pattern --verify_pattern=0x11
[ "$status" = 1 ] && cat "$out" "$err" | grep -q 'pattern: verify failed'
result $? "one changed byte fails the job" "$err" "$out"

# Offsets that do not fit 32 bits.
truncate -s 5G sparse
good "an offset above 4 GiB" --filename="$scratch/sparse" --offset=4608M \
	--size=64k --rw=write --bs=64k --buffer_pattern=0x77
check "an offset above 4 GiB is not cut to 32 bits" above_4g
rm sparse

# A file that is truncated while it is read: with any engine fio goes on with
# reads of 0 bytes, which must be counted as such.
fresh
# It is laid out and read before that, however slow the machine is.
(
	until find /proc/[0-9]*/fd -lname "$scratch/data" 2>/dev/null |
		grep -q . && [ "$(stat -c %s data)" = 4194304 ]; do
		sleep 0.1
	done
	sleep 1
	truncate -s 1M data
) &
LIMIT=20 fio job --filename="$scratch/data" --size=4M --rw=randread \
	--iodepth=8 --time_based=1 --runtime=3 --output-format=normal,json \
	--dmabuf_report="$scratch/report.json"
wait
[ "$status" = 0 ] && bytes counts "$out" report.json 2>>"$err"
result $? "reads beyond the end of a truncated file count as 0 bytes" \
	"$err" "$out"

check "no process is left" no_process_left
finish
