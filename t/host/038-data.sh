#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The bytes themselves, looked at without fio: what is written lands where it
# should and nowhere else, what is read comes from there.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --direct=1 --verify_state_save=0"
mib=$((1 << 20))

# expect OFFSET SIZE BYTE: the range holds this byte only
cat >expect.py <<'END'
import sys
name, *ranges = sys.argv[1:]
data = open(name, 'rb').read()
at = 0
for text in ranges:
    size, _, byte = text.partition('=')
    piece = data[at:at + int(size)]
    assert piece == bytes([int(byte, 16)]) * int(size), \
        f'at {at}: {piece[:16].hex()}, not {size} times {byte}'
    at += int(size)
assert at == len(data), f'the file has {len(data)} bytes, not {at}'
END

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
		check "only that range has changed" python3 expect.py data \
			$((768 * 1024))=11 $((1536 * 1024))=a7 \
			$((4 * mib - 2304 * 1024))=11
	done
done

# Every block says where it belongs: offsets of the file in the data.
fresh
good "blocks that hold their offset" --filename="$scratch/data" --size=4M \
	--rw=randwrite --bs=16k --iodepth=32 --verify=pattern \
	--verify_pattern='%o"offset--"' --do_verify=0
check "each is at its offset" python3 -c '
import struct
data = open("data", "rb").read()
assert len(data) == 4 << 20
for at in range(0, len(data), 512):
    block = data[at:at + 512]
    place, = struct.unpack("<Q", block[:8])
    assert block == (block[:8] + b"offset--") * 32, (at, block[:32])
    assert place == at // 16384 * 16384, (at, place)'

# Two files, then dd puts other data there: reading has to notice.
good "two files" --filename="$scratch/a:$scratch/b" --size=2M --rw=randwrite \
	--iodepth=16 --buffer_pattern=0x3c
check "both hold the pattern" sh -c '
	python3 expect.py a 1048576=3c && python3 expect.py b 1048576=3c'
fresh
good "reading what another program wrote" --filename="$scratch/data" --size=4M \
	--rw=randread --iodepth=32 --bssplit=4k/50:64k/50 --verify=pattern \
	--verify_pattern=0x11
printf '\022' | dd of=data bs=1 seek=3000000 conv=notrunc 2>/dev/null
fio job --filename="$scratch/data" --size=4M --rw=randread --iodepth=32 \
	--verify=pattern --verify_pattern=0x11
[ "$status" = 1 ] && cat "$out" "$err" | grep -q 'pattern: verify failed'
result $? "one other byte fails the job" "$err" "$out"

# Files beyond 4 GiB: offsets that do not fit 32 bits.
truncate -s 5G sparse
good "an offset above 4 GiB" --filename="$scratch/sparse" --offset=4608M \
	--size=64k --rw=write --bs=64k --buffer_pattern=0x77
check "is where it should be" sh -c '
	dd if=sparse bs=65536 skip=73728 count=1 2>/dev/null >piece
	python3 expect.py piece 65536=77 &&
	dd if=sparse bs=65536 skip=8192 count=1 2>/dev/null >piece &&
	python3 expect.py piece 65536=0'
rm sparse

# A file that is cut while it is read: fio goes on with reads of nothing, of
# every engine; they are counted as what they are.
fresh
(sleep 1; truncate -s 1M data) &
LIMIT=20 fio job --filename="$scratch/data" --size=4M --rw=randread \
	--iodepth=8 --time_based=1 --runtime=3 --output-format=normal,json \
	--dmabuf_report="$scratch/report.json"
wait
[ "$status" = 0 ] && python3 -c '
import json, sys
text = open(sys.argv[1]).read()
fio = json.JSONDecoder().raw_decode(text[text.index("\n{") + 1:])[0]
read, ours = fio["jobs"][0]["read"], json.load(open("report.json"))
assert ours["read_bytes"] == read["io_bytes"] < ours["reads"] * 4096, ours
assert ours["reads"] == read["total_ios"], ours' "$out" 2>>"$err"
result $? "a file that becomes shorter" "$err" "$out"

check "no process is left" no_process_left
finish
