#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What this host, its kernel or its limits refuse: one line that names the
# object, the reason and the remedy, an error status, nothing left behind.

. "${0%/*}/../lib.sh"

python3 -c 'open("data", "wb").write(b"x" * (1 << 20))'
files=$(ls | tr '\n' ' ')
common="--filename=$scratch/data --size=1M --direct=1 --rw=read"

# ---- devices; where this host has them the machine's tests take them away ----

if [ ! -e /dev/dma_heap ]; then
	bad "no /dev/dma_heap" '^dmabuf: /dev/dma_heap: .*CONFIG_DMABUF_HEAPS' \
		--dmabuf_path=staged
	bad "no /dev/dma_heap, direct" \
		'^dmabuf: (/dev/dma_heap|kernel |.*not a block device)'
	bad "no /dev/dma_heap, as a thread" '^dmabuf: /dev/dma_heap: ' \
		--dmabuf_path=staged --thread=1
	reports=0
	fio job --dmabuf_path=staged --numjobs=3
	[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ]
	result $? "no /dev/dma_heap, three jobs" "$err" "$out"
fi
if [ ! -e /dev/udmabuf ]; then
	bad "no /dev/udmabuf" '^dmabuf: /dev/udmabuf: .*udmabuf module' \
		--dmabuf_path=pinned
	bad "no /dev/udmabuf, writing" '^dmabuf: /dev/udmabuf: ' \
		--dmabuf_path=staged --dmabuf_source=udmabuf --rw=randwrite \
		--verify=crc32c --iodepth=32
fi
for size in 2M:2048 1G:1048576; do
	pages=/sys/kernel/mm/hugepages/hugepages-${size#*:}kB/free_hugepages
	[ "$(cat "$pages" 2>/dev/null)" = 0 ] || continue
	bad "no huge pages, memory:${size%:*}" \
		"dmabuf_source=memory:${size%:*}: .*huge page.*nr_hugepages" \
		--dmabuf_path=host --dmabuf_source=memory:"${size%:*}"
done

# ---- targets ----

bad "direct on a regular file" 'data: not a block device.*staged|heap|kernel ' \
	--dmabuf_path=direct

# ---- limits ----

# bad_under DESC REGEX SHELL-COMMAND FIO-ARGS...: fio started by that shell
bad_under() {
	desc=$1 regex=$2 before=$3
	shift 3
	# shellcheck disable=SC2086 # several words
	timeout -k 5 "$LIMIT" sh -c "$before"'; exec "$@"' sh "$FIO" \
		--name=job --ioengine="$ENGINE" $common "$@" >"$out" 2>"$err"
	status=$?
	is_refused "$regex"
	result $? "$desc" "$err" "$out"
}

unprivileged=
if [ "$(id -u)" = 0 ]; then
	unprivileged="exec setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock"
fi
bad_under "memlock limit" \
	'io_uring: .*1 MiB.* over the memlock limit of 64 KiB; raise it' \
	"ulimit -l 64; : ; $unprivileged \"\$@\"" \
	--dmabuf_path=host --bs=64k --iodepth=16
bad_under "memlock limit, threads" 'over the memlock limit of 64 KiB' \
	"ulimit -l 64; $unprivileged \"\$@\"" \
	--dmabuf_path=host --bs=64k --iodepth=16 --thread=1

i=0
while [ $i -lt 60 ]; do
	: >"many.$i"
	i=$((i + 1))
done
many=$(ls many.* | sed "s,^,$scratch/," | tr '\n' ':')
for allowed in 20 40 64; do
	bad_under "ulimit -n $allowed" 'ulimit -n' "ulimit -n $allowed" \
		--dmabuf_path=host --filename="${many%:}" --size=240k
done
# fio asks for one file after the other until one opens.
bad_under "ulimit -n 40, opened late, at random" 'ulimit -n' "ulimit -n 40" \
	--dmabuf_path=host --filename="${many%:}" --size=240k \
	--create_serialize=0 --file_service_type=random
rm -f many.*
bad_under "ulimit -v" 'lower iodepth or bs|ulimit -v' "ulimit -v 600000" \
	--dmabuf_path=host --bs=4M --iodepth=256 --size=8M
# fio would lay out every file that is named, and 1 GiB of data with it.
named=$common
common="--direct=1 --rw=read"
truncate -s 1G sparse
bad "more memory than there is" \
	'dmabuf_source=memory: .* needed, .* available; lower' \
	--dmabuf_path=host --bs=1G --iodepth=1024 --size=1G \
	--filename="$scratch/sparse"
rm sparse
common=$named

# ---- a user without any right ----

if [ "$(id -u)" = 0 ]; then
	public=$(mktemp -d)
	chmod 755 "$public"
	cp "$MODULE" "$public/plugin.so"
	head -c 65536 /dev/zero >"$public/data"
	chmod 600 "$public/data"
	common="--filename=$public/data --size=64k --rw=read"
	ENGINE=external:$public/plugin.so
	# shellcheck disable=SC2086 # several words
	nobody "$FIO" --name=job --ioengine="$ENGINE" $common \
		--dmabuf_path=host >"$out" 2>"$err"
	status=$?
	# fio looks at the file before the engine does.
	[ "$status" = 1 ] && cat "$out" "$err" | grep -q 'Permission denied'
	result $? "a file one may not read" "$err" "$out"
	chmod 644 "$public/data"
	# shellcheck disable=SC2086 # several words
	nobody "$FIO" --name=job --ioengine="$ENGINE" $common \
		--dmabuf_path=host >"$out" 2>"$err"
	status=$?
	[ "$status" = 0 ] && jobs_reported 1
	result $? "one may: no right is needed" "$err" "$out"
	rm -rf "$public"
fi

check "no file is left" test "$(ls | tr '\n' ' ')" = "$files"
check "no process is left" no_process_left
finish
