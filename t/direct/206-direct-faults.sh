#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with the series, path direct: the controller is reset in the middle
# of a job, drives are taken away under jobs that write and have several, and
# memory, locked memory and the limits of udmabuf run out. A job goes on with
# verified data or fails and says so; it never hangs and nothing stays behind.

. "${0%/*}/../lib.sh"

needs_feature
in_machine --iommu strict --drives 6,128M
. /t/lib-faults.sh
boot=

with_path direct heap:system
sync
before=$(available)
good "a job to begin with" --rw=randrw --verify=crc32c
v3=
! said 'family B \(v3 or v4\)' || v3=1

# ---- the controller is reset, twice in each job ----

resets() {
	dmesg | grep -c 'nvme nvme0: .* default/read/poll queues'
}

reset_twice() {
	desc=$1
	shift
	earlier=$(resets)
	start --time_based=1 --runtime=5 "$@"
	at_work nvme0n1
	for moment in 0.5 1.3; do
		sleep $moment
		kill -0 "$pid" 2>/dev/null || echo "ended too early" >>"$err"
		echo 1 >"/sys/block/nvme0n1/device/reset_controller"
	done
	ends 60
	honest
	result $? "reset, $desc: verified or an honest error" "$err" "$out"
	! grep -q 'ended too early' "$err" &&
		[ $(($(resets) - earlier)) = 2 ]
	result $? "reset, $desc: it was, twice in the middle" "$err"
}

for source in heap:system udmabuf; do
	with_path direct $source
	common="$options --size=32M --iodepth=32"
	reset_twice "writes, verified" --rw=randwrite --bs=64k \
		--verify=crc32c --verify_backlog=64
	reset_twice "mixed sizes" --rw=randrw --bssplit=4k/50:64k/50 \
		--verify=crc32c --dmabuf_chunk=256k
done
reset_twice "small reads" --rw=randread --bs=4k
nothing_stays "after resets"
good "the drive still works" --rw=randrw --verify=crc32c --size=4M

# ---- drives that go away ----

# take_away: the last drive, from a job in full swing
take_away() {
	victim=$((victim - 1))
	at_work "nvme${victim}n1"
	sleep 1
	echo 1 >"/sys/block/nvme${victim}n1/device/device/remove"
}

# only_the_victim: fio names that drive and no other
only_the_victim() {
	cat "$out" "$err" | grep -q "on file /dev/nvme${victim}n1:" &&
		! cat "$out" "$err" | grep 'on file ' |
			grep -qv "on file /dev/nvme${victim}n1:"
}

with_path direct heap:system
common="$options --size=48M --iodepth=32 --bs=16k --time_based=1"
target=/dev/nvme5n1
start --runtime=30 --rw=randwrite --verify=crc32c --verify_backlog=64
take_away
ends 45
[ "$status" = 1 ] && honest && only_the_victim
result $? "a job that writes and verifies loses its drive" "$err" "$out"

target=/dev/nvme3n1:/dev/nvme4n1:/dev/nvme2n1
start --runtime=30 --rw=randrw --verify=crc32c --verify_backlog=64
take_away
ends 45
[ "$status" = 1 ] && honest && only_the_victim
result $? "one of three drives of a job goes away" "$err" "$out"

# Reads of a drive that is gone fail at once: as many as there are.
target=/dev/nvme3n1:/dev/nvme2n1
start --runtime=8 --rw=randread --continue_on_error=all
take_away
ends 45
[ "$status" -lt 2 ] && said ', errors: [0-9]+ E.* nvme3n1 .*nvme2n1 ' &&
	[ "$(lines | grep -c 'a read got nothing')" = 1 ]
result $? "continue_on_error: to the end, said once and counted" "$err" "$out"

target=/dev/nvme2n1
start --runtime=10 --rw=randrw --verify=crc32c --verify_backlog=64 \
	--name=other --ioengine="$ENGINE" --filename=$second $common \
	--runtime=10 --rw=randrw --verify=crc32c --verify_backlog=64
take_away
ends 45
[ "$status" = 1 ] && honest && only_the_victim &&
	said 'dmabuf: other: .*, no errors' && said 'dmabuf: job: .*, errors: '
result $? "the other job of two goes on" "$err" "$out"
target=$drive
nothing_stays "after removals"

# ---- memory ----

# under LIMIT ARGS...: a job under a limit of the shell
under() {
	limit=$1
	shift
	# shellcheck disable=SC2086 # several words
	sh -c "$limit"'; exec timeout -k 5 60 "$@"' sh $as "$FIO" $dashes \
		--name=job --ioengine="$ENGINE" --filename="$target" \
		$common "$@" >"$out" 2>"$err"
	status=$?
}
as= dashes=
common="$options --rw=randread --bs=64k --size=64M"
for source in heap:system udmabuf; do
	under "ulimit -v 500000" --iodepth=8192 --dmabuf_source=$source
	is_refused ' no room for a mapping of .*ulimit -v'
	result $? "$source: no room for the mapping" "$err" "$out"
done

# All but 96 MiB is taken. What fits works, what does not is refused before
# the kernel has to choose which process to kill.
mount -o remount,size=95% /dev/shm
dd if=/dev/zero of=/dev/shm/hog bs=1M \
	count=$(($(available) / 1024 - 96)) 2>/dev/null
echo "# $(available) KiB are left"
for source in heap:system udmabuf; do
	for mib in 16 128 256; do
		fio job --iodepth=$((mib * 16)) --dmabuf_source=$source
		if [ "$status" = 0 ]; then
			jobs_reported 1 && [ $mib != 256 ]
		else
			is_refused ' needed, .* available; lower' &&
				[ $mib != 16 ]
		fi
		result $? "$source: $mib MiB with nearly no memory" "$err" "$out"
	done
done
rm /dev/shm/hog
! dmesg | grep -i 'out of memory\|oom-kill'
result $? "no process had to be killed for memory"

# ---- locked memory ----

# Dma-bufs do not count as locked memory, ordinary buffers do. On version 3 of
# the series the kernel itself fails when a user unregisters a dma-buf.
echo 'user:x:65534:65534::/:/bin/sh' >>/etc/passwd
chmod 755 "$scratch"
chmod 666 $drive /dev/dma_heap/system /dev/udmabuf
as="start-stop-daemon -S -c user -x" dashes=--
common="$options --rw=randread --size=1M --iodepth=16"
if [ -z "$v3" ]; then
	for source in heap:system udmabuf; do
		under "ulimit -l 0" --dmabuf_source=$source
		[ "$status" = 0 ] && jobs_reported 1
		result $? "$source: a user who may lock nothing" "$err" "$out"
	done
else
	skip "a user who may lock nothing" \
		"version 3 of the series takes dma-bufs from root only"
fi
under "ulimit -l 0" --dmabuf_path=host --dmabuf_source=memory
is_refused ' over the memlock limit of 0 bytes; raise it'
result $? "path host: a user who may lock nothing" "$err" "$out"
as= dashes=

# ---- udmabuf's own limit ----

udmabuf=/sys/module/udmabuf/parameters/size_limit_mb
usual=$(cat $udmabuf)
echo 1 >$udmabuf
common="$options --dmabuf_source=udmabuf --size=4M --bs=64k --iodepth=64"
line=', 4 buffers of 4 MiB in all, ' good "udmabuf of 1 MiB: in pieces" \
	--rw=randrw --verify=crc32c
bad "udmabuf of 1 MiB: a larger one asked for" \
	"is over the limit, $udmabuf is 1; write a larger value there as root" \
	--rw=randread --dmabuf_chunk=4M
echo "$usual" >$udmabuf
nothing_stays "after limits"

wait_for 10 settled 48
result $? "memory is back ($before, $(available) KiB)"
finish
