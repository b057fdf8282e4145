#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Path direct has to be able to do what the other paths can: the whole list of
# lib-io.sh in each mode of the IOMMU, with one source after the other; and on
# the test kernel what depends on how it is registered with the old family A.

. "${0%/*}/../lib.sh"

needs_feature
boots="--iommu,off --iommu,lazy,--cpus,1 --iommu,strict,--cpus,1 --iommu,pt,--cpus,1"
in_machine --drives 2,1G
. /t/lib-io.sh
boot=${label%: }

case $boot in
*off | *strict)
	source=heap:system other=udmabuf
	;;
*)
	source=udmabuf other=heap:system
	;;
esac

with_path direct $source
io_everything

# The old family registers otherwise, and then does the same: all that depends
# on what is registered in each mode, the ways to verify in one.
switch=/sys/module/dmabuf_test/parameters/family_a
if [ -e $switch ]; then
	echo Y >$switch
	family='interface family A'
	boot="$boot, family A"
fi
with_path direct $other
case $boot in
*strict*)
	io_verify
	;;
esac
io_chunks
io_targets
io_jobs
io_bytes
if [ -e $switch ]; then
	echo N >$switch
	family=
	boot=${boot%, *}
fi

# ---- what only path direct has ----

with_path direct heap:system
batch
line='first map inside the figures' \
	good "dmabuf_warmup=0" --rw=randrw --verify=crc32c --dmabuf_warmup=0
for sync in auto always never; do
	good "dmabuf_sync=$sync" --rw=randrw --verify=crc32c --dmabuf_sync=$sync
done
line=', 0 writes .*, 0 reissued' good "no sync calls without CPU access" \
	--rw=randread
end_batch
calls=$(lines | sed -n 's/^dmabuf: j5: .* \([0-9]*\) sync calls.*/\1/p')
# The warm-up and the filling need some, the 1024 reads none.
[ "${calls:-0}" -lt 20 ]
result $? "reads that nobody looks at need no sync calls (${calls:-0})"

# ---- client and server, over the loopback ----

cat >remote.fio <<END
[remote]
ioengine=$ENGINE
dmabuf_path=direct
filename=$drive
size=1M
direct=1
rw=randrw
iodepth=8
verify=crc32c
verify_state_save=0
END
: >server.out
"$FIO" --server=127.0.0.1 >server.out 2>&1 &
server=$!
wait_for 20 grep -q listening server.out
timeout "$LIMIT" "$FIO" --client=127.0.0.1 remote.fio >"$out" 2>"$err"
status=$?
[ $status = 0 ] && grep -q 'err= 0' "$out"
result $? "client and server" "$err" "$out" server.out
kill "$server"
wait "$server" 2>/dev/null

finish
