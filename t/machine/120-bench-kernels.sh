#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fio-dmabuf-bench kernels: two kernels booted in turn, continued and compared;
# mappings of the IOMMU counted; kernels that cannot do it.

. "${0%/*}/../lib.sh"

needs_feature
[ -c /dev/ptmx ] || bail "/dev: not mounted"

# kernels DIR OPTIONS...: leaves $status, $out and $err
kernels() {
	dir=$1
	shift
	FIO="$FIO" FIO_DMABUF_MODULE="$MODULE" FIO_DMABUF_BUILD="$build" \
		timeout -k 5 400 python3 "$top/bench/fio-dmabuf-bench" kernels \
		tiny.ini -o "$dir" --accel tcg --cpus 2 --drives 1,64M \
		--seed 1 "$@" >"$out" 2>"$err"
	status=$?
}

# described REGEX: so few boots allow no verdict, as compare says in the end
described() {
	[ "$status" = 3 ] && grep -Eq "^No verdict: $1" "$out"
}

# maps DESC DIR NUMBER: so many maps per I/O at 4 KiB, and as many unmaps
maps() {
	holds "$1" lines "$2/index.jsonl" "any('-4k-' in l['point'] for l in data)
	and all(abs(l['metrics'][name] - $3) <= 0.01 for l in data
	for name in ('maps', 'unmaps') if '-4k-' in l['point'])"
}

cat >tiny.ini <<-'EOF'
	[plan]
	rounds = 1
	runtime = 1
	[points]
	path = host
	rw = randread
	bs = 4k 64k
	iodepth = 8
	numjobs = 1
	drives = ${DRIVE}
EOF

kernels two --kernel new=debian --kernel old="$kernel" --boots 1
described 'one boot a side'
result $? "two kernels, one boot each, compared" "$err" "$out"
check "it says that the machine is emulated" \
	grep -q '^Measured in an emulated machine.*not hardware' "$out"
touch -d 2020-01-01 two/new/boot-01/index.jsonl
kernels two --kernel new=debian --kernel old="$kernel" --boots 2
described '2 boots a side are too few; measure at least 6'
result $? "one boot more of each" "$err" "$out"
ls two/new/boot-01/index.jsonl two/new/boot-02/index.jsonl \
	two/old/boot-01/index.jsonl two/old/boot-02/index.jsonl >boots 2>&1
check "four directories of results" test "$(grep -c ^two boots)" = 4
check "the first boots were not done again" \
	test "$(find two/new/boot-01/index.jsonl -mtime +1 | wc -l)" = 1
check "each has its environment, from inside" grep -q 'QEMU TCG CPU' \
	two/new/boot-01/environment.json two/old/boot-02/environment.json
holds "every round boots both kernels" lines two/boots.jsonl \
	'[l["round"] for l in data] == [1, 1, 2, 2] and
	all({a["kernel"], b["kernel"]} == {"new", "old"}
	for a, b in (data[:2], data[2:]))'
# The whole answer of dmabuf-check is in there.
holds "the test kernel has the interface" file \
	two/old/boot-01/environment.json \
	'data["check"]["interface"]["state"] == "ok"'
holds "Debian's kernel does not have the interface" file \
	two/new/boot-01/environment.json \
	'data["check"]["interface"]["state"] == "no"'

echo "no kernel" >bzImage
kernels strict --kernel debian --kernel bzImage --boots 1 --trace iommu
[ "$status" = 2 ] && [ "$(grep -c 'bzImage: boot 1 failed: .*not a bzImage' "$err")" = 1 ]
result $? "a file that is no kernel: one line, status 2" "$err"
maps "the other one went on; a map and an unmap for each I/O" \
	strict/debian/boot-01 1

kernels pt --kernel debian --kernel test --iommu pt --boots 1 --trace iommu
[ "$status" = 2 ] &&
	grep -q 'test: boot 1 failed: --trace: this kernel has no tracefs' "$err"
result $? "a kernel without events" "$err"
maps "with a pass-through IOMMU: no map and no unmap" pt/debian/boot-01 0

finish
