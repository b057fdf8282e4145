#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel: real dma-bufs that another process owns and hands
# over, with verified data; a giver that dies; users that do not fit. And
# nothing is left once both are gone.

. "${0%/*}/../lib.sh"

in_machine --cpus 1
. /t/lib-io.sh
boot=
socket=/tmp/give

# give OPTIONS...: a giver on $socket, in $giver
give() {
	dmabuf-give "$@" $socket 2>giver.log &
	giver=$!
	wait_for 5 test -S $socket
}

# stop_giver DESC: as it should be stopped
stop_giver() {
	kill "$giver"
	wait "$giver"
	[ $? = 0 ] && [ ! -e $socket ] && [ ! -s giver.log ]
	result $? "$1" giver.log
}

for owner in heap:system udmabuf; do
	give -n 8 -s 1024 -m $owner
	with_path staged fd:$socket
	label="given from $owner: "
	batch
	line=$(measured '1 buffer of 64 KiB in all') \
		good "verify" --rw=randrw --verify=crc32c
	line=$(measured '4 buffers of 4 MiB in all') \
		good "four of them" --rw=randrw --bs=256k --size=16M \
		--verify=crc32c --verify_interval=64k
	line=$(measured '8 buffers of 512 KiB in all') \
		good "eight of them, smaller" --rw=randrw --bs=32k \
		--dmabuf_chunk=64k --verify=crc32c
	reports=3 good "three processes" --numjobs=3 --size=1M --rw=randrw \
		--offset_increment=1M --verify=crc32c
	reports=3 good "three threads" --numjobs=3 --size=1M --rw=randrw \
		--offset_increment=1M --verify=crc32c --thread=1
	end_batch
	bad "more than was given" \
		"dmabuf_source=fd:$socket: 8 dma-bufs were given, the smallest has 1 MiB, and none is left for another 1 MiB; give more" \
		--rw=read --bs=1M --iodepth=9
	bad "larger than was given" \
		"dmabuf_source=fd:$socket: 8 dma-bufs were given, the smallest has 1 MiB, and none is left for another 2 MiB; give more" \
		--rw=read --bs=1M --iodepth=2 --dmabuf_chunk=2M
	bad "path pinned" 'dmabuf_path=pinned: cannot use dmabuf_source=fd:' \
		--rw=read --dmabuf_path=pinned
	bad "path host" 'dmabuf_path=host: uses no dma-buf, but ' \
		--rw=read --dmabuf_path=host
	bad "path direct" 'cannot register dma-bufs with io_uring' \
		--rw=read --dmabuf_path=direct
	stop_giver "the giver ends"
	nothing_left
done
label=
with_path staged fd:$socket

# Several messages
give -n 500 -s 4
line=$(measured '500 buffers of 2000 KiB in all, ') \
	good "500 dma-bufs of a page" --rw=randrw --verify=crc32c --bs=4k \
	--iodepth=500
# shellcheck disable=SC2086 # several words
( ulimit -n 300 && exec "$FIO" --name=job --ioengine="$ENGINE" $common \
	--filename="$target" --rw=read ) >"$out" 2>"$err"
status=$?
is_refused "$socket: too many open files to receive all dma-bufs; raise the limit with ulimit -n"
result $? "of which a limit lets only some through" "$err" "$out"
stop_giver "the giver of 500 ends"

# A page is the smallest: what it gives is the giver's choice.
give -n 1 -s 4
good "one dma-buf of a page" --rw=randwrite --verify=crc32c --iodepth=1
stop_giver "the giver of a page ends"

# ---- a giver that dies: the memory lives as long as the job ----

give -n 1 -s 1024
# shellcheck disable=SC2086 # several words
"$FIO" --name=job --ioengine="$ENGINE" $common --filename="$target" \
	--rw=randrw --verify=crc32c --time_based=1 --runtime=15 \
	>"$out" 2>"$err" &
job=$!
has_dmabuf() {
	! no_dmabuf_left
}
wait_for 10 has_dmabuf
result $? "a job has its memory" /sys/kernel/debug/dma_buf/bufinfo
sleep 1
kill -9 "$giver"
wait "$giver" 2>/dev/null
sleep 1
has_dmabuf
result $? "and keeps it without the giver" /sys/kernel/debug/dma_buf/bufinfo
wait "$job"
[ $? = 0 ] && jobs_reported 1
result $? "and ends well" "$err" "$out"
wait_for 5 no_dmabuf_left
result $? "no dma-buf is left of either" /sys/kernel/debug/dma_buf/bufinfo
bad "the dead giver's socket" "$socket: no program listens on the socket: Connection refused; restart" \
	--rw=read
rm -f $socket

# A job that is killed: the giver goes on.
give -n 1 -s 1024
# shellcheck disable=SC2086 # several words
"$FIO" --name=job --ioengine="$ENGINE" $common --filename="$target" \
	--thread=1 --rw=randread --time_based=1 --runtime=30 \
	>"$out" 2>"$err" &
job=$!
wait_for 10 has_dmabuf
sleep 1
kill -9 "$job"
wait "$job" 2>/dev/null
wait_for 10 no_dmabuf_left
result $? "a killed job: the giver frees its memory" \
	/sys/kernel/debug/dma_buf/bufinfo
good "and gives to the next" --rw=randrw --verify=crc32c

# ---- users ----

echo 'nobody:x:65534:65534::/tmp:/bin/sh' >>/etc/passwd
as_nobody() {
	# shellcheck disable=SC2086,SC2116 # several words on one line
	su nobody -s /bin/sh -c "exec $FIO --name=job --ioengine=$ENGINE \
		--filename=$target $(echo $common) $*" >"$out" 2>"$err"
	status=$?
}
chmod 666 $drive
chmod 1777 /tmp
as_nobody --rw=read
is_refused "$socket: cannot connect to the socket: Permission denied; check"
result $? "a user who may not connect" "$err" "$out"
chgrp 65534 $socket
chmod 660 $socket
as_nobody --rw=read
is_refused "$socket: the giver closed the connection before it had given all dma-bufs; check its messages"
result $? "a user to whom it does not give" "$err" "$out"
grep -q 'a peer of another user' giver.log
result $? "which the giver says" giver.log
: >giver.log
chmod 666 $socket
bad "a socket that anybody can write" \
	"$socket: any user can write to the socket; .*chmod o-w" --rw=read
stop_giver "the giver ends after all that"

chmod 666 /dev/dma_heap/system
su nobody -s /bin/sh -c "exec dmabuf-give $socket" 2>giver.log &
giver=$!
wait_for 5 test -S $socket
bad "another user's socket" "$socket: the socket belongs to user 65534, .*; run both" \
	--rw=read
chown 0 $socket
bad "another user behind it" "$socket: the giver runs as user 65534, .*; run both" \
	--rw=read
chown 65534 $socket
as_nobody --rw=randrw
[ "$status" = 0 ] && jobs_reported 1
result $? "both of one user, who is not root" "$err" "$out"
: >giver.log
stop_giver "nobody's giver ends"

# ---- memory that does not fit ----

dmabuf-give -s 5 $socket 2>giver.log &
giver=$!
wait_for 5 test -S $socket
good "5 KiB asked of the heap are two pages" --rw=randrw --verify=crc32c \
	--iodepth=2
stop_giver "the giver of 5 KiB ends"
nothing_left

finish
