#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Path direct for a while: verified writes of random sizes from several
# processes, over both sources, two drives and several buffers; on the test
# kernel with EAGAIN, short transfers and invalidations among them. Memory of
# the kernel and of fio, descriptors and attachments stay what they are.
#
# DMABUF_SOAK_SECONDS=N makes it last so long, normally 60.

. "${0%/*}/../lib.sh"

seconds=${DMABUF_SOAK_SECONDS:-60}
boot_limit=$((seconds * 2 + 600))
needs_feature
in_machine --iommu strict --drives 2,256M
. /t/lib-faults.sh
boot=
label=

# What grows when something leaks, in KiB; $jobs are fio's processes
kernel_memory() {
	awk '/^(Slab|KernelStack|PageTables|Percpu|VmallocUsed):/ { n += $2 }
		END { print n }' /proc/meminfo
}

taken() {
	awk '/^MemTotal:/ { n = $2 } /^MemAvailable:/ { n -= $2 }
		END { print n }' /proc/meminfo
}

resident() {
	cat $(for job in $jobs; do echo "/proc/$job/status"; done) |
		awk '/^VmRSS:/ { n += $2 } END { print n }'
}

descriptors() {
	for job in $jobs; do
		# One may be closed meanwhile.
		ls "/proc/$job/fd" 2>/dev/null
	done | wc -l
}

# sample FILE: one line of all of them
sample() {
	echo "$(taken) $(kernel_memory) $(resident) $(descriptors) $(attachments)" \
		>>"$1"
}

# column N FILE: its median
column() {
	cut -d' ' -f"$1" "$2" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# stays N KIB WHAT: the last quarter has no more of it than the second
stays() {
	then=$(column "$1" second)
	now=$(column "$1" last)
	[ -n "$then" ] && [ "$now" -le $((then + $2)) ]
	result $? "$3 does not grow: $then, then $now" second last
}

if [ -d $switches ]; then
	inject eagain_every=11 eagain_burst=3 short_every=7 invalidate_every=101
fi
good "a job to begin with" --filename=$drive --size=1M --direct=1 \
	--rw=randrw --verify=crc32c --verify_state_save=0
{
	echo "[global]
ioengine=$ENGINE
dmabuf_path=direct
direct=1
rw=randwrite
bssplit=512/5:4k/35:12k/20:64k/30:256k/10
size=24m
iodepth=32
verify=crc32c
verify_backlog=64
verify_state_save=0
verify_fatal=1
time_based=1
runtime=$((seconds * 20))"
	number=0
	for source in heap:system udmabuf; do
		for file in $drive $second $drive:$second; do
			number=$((number + 1))
			echo "[soak$number]
dmabuf_source=$source
filename=$file
offset=$((number * 32))m"
		done
	done
	# Threads, with many buffers
	echo "[soak7]
dmabuf_source=udmabuf
dmabuf_chunk=256k
filename=$drive
thread=1
numjobs=2
offset_increment=10m
offset=1m
size=8m"
} >soak.fio

setsid "$FIO" soak.fio >"$out" 2>"$err" &
pid=$!
all_run() {
	[ "$(pidof fio | wc -w)" -ge 7 ] && [ "$(attachments)" -ge 10 ]
}
wait_for 60 all_run
result $? "all jobs run" "$err" "$out"
jobs=$(pidof fio)

# samples FILE: for a quarter of the time, and ten at least
samples() {
	until=$(($(cut -d. -f1 /proc/uptime) + seconds / 4))
	: >"$1"
	while ! ended; do
		sample "$1"
		[ "$(cut -d. -f1 /proc/uptime)" -lt $until ] ||
			[ "$(wc -l <"$1")" -lt 10 ] || break
		sleep 0.5
	done
}
sleep $((seconds / 4))
samples second
sleep $((seconds / 4))
samples last
refute "all jobs ran until now" ended
kill -INT $pid
ends 120
# 128 is what fio calls an end by a signal.
[ "$status" = 128 ] && jobs_reported 8
result $? "$seconds s of verified I/O, no job has an error" "$err" "$out"
lines | diagnose
ios=$(lines | sed 's/.* \([0-9]*\) reads of .* \([0-9]*\) writes of .*/\1 \2/' |
	awk '{ n += $1 + $2 } END { print n + 0 }')
[ "$ios" -gt $((seconds * 100)) ]
result $? "it did something: $ios I/Os" "$out"
check "there are samples of both" test "$(wc -l <second)" -ge 10 -a \
	"$(wc -l <last)" -ge 10

# A quarter of the I/Os lies between the two in the middle and twice that
# between them as they are compared: had each lost a page, so much would be
# gone. What is allowed is far less.
lost=$((ios / 2 * 4))
allowed=4096
[ "$seconds" -lt 60 ] || [ $lost -gt $((allowed * 4)) ]
result $? "a page lost by each I/O would show: $lost KiB, $allowed are allowed"
stays 1 $((allowed * 2)) "memory in use, KiB,"
stays 2 $allowed "the kernel's own memory, KiB,"
stays 3 $allowed "fio's resident memory, KiB,"
stays 4 0 "the number of descriptors"
stays 5 0 "the number of attachments"
if [ -d $switches ]; then
	happened eagains 100
	happened shorts 100
	happened invalidations 20
	inject
fi
check "nothing is left attached" wait_for 10 no_dmabuf_left
finish
