#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Jobs that end by the clock or keep a pace, on path host.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--iodepth=8 --rw=randread --output-format=json,normal"

# runs DESC LOW HIGH ARGS...: good, and takes so many milliseconds
runs() {
	desc=$1 low=$2 high=$3
	shift 3
	fio job "$@"
	took=$(sed -n 's/^ *"job_runtime" : \([0-9]*\),/\1/p' "$out")
	[ "$status" = 0 ] && jobs_reported 1 && [ ! -s "$err" ] &&
		echo "took $took ms" >>"$err" &&
		[ "$took" -ge "$low" ] && [ "$took" -le "$high" ]
	result $? "$desc" "$err" "$out"
}

reads() {
	lines | sed -n 's/^.*, \([0-9]*\) reads of.*$/\1/p'
}

runs "time_based" 1900 3000 --time_based=1 --runtime=2
check "went over the file many times" test "$(reads)" -gt 2048
runs "runtime, and done before" 1 1900 --runtime=2
runs "loops" 1 60000 --loops=5
check "read it five times" test "$(reads)" = 5120
runs "rate_iops" 900 2500 --rate_iops=200 --io_size=1M
check "256 of them" test "$(reads)" = 256
runs "rate" 900 2500 --rate=1M --io_size=1536k
runs "rate at depth 1" 900 2500 --rate=1M --io_size=1536k --iodepth=1
runs "rate_process=poisson" 500 5000 --rate_iops=200 --io_size=1M \
	--rate_process=poisson
runs "rate_iops of reads and writes" 500 5000 --rw=randrw \
	--rate_iops=200,100 --io_size=1M
runs "rate with verify" 500 20000 --rw=randwrite --rate_iops=400 \
	--io_size=1M --verify=crc32c --verify_state_save=0
runs "rate and getevents that does not wait" 900 2500 --rate_iops=200 \
	--io_size=1M --iodepth_batch_complete_min=0
runs "ramp_time" 900 3000 --time_based=1 --runtime=1 --ramp_time=1
runs "thinktime" 60 5000 --thinktime=2000 --thinktime_blocks=4 \
	--io_size=1M
runs "startdelay" 900 2500 --startdelay=1 --time_based=1 --runtime=1
runs "latency_target" 300 8000 --latency_target=20ms --latency_window=500ms \
	--latency_percentile=90 --time_based=1 --runtime=2
runs "steadystate" 300 9000 --steadystate=iops:50% --steadystate_duration=2 \
	--time_based=1 --runtime=8
runs "disable_lat, disable_clat, disable_slat" 1 60000 --disable_lat=1 \
	--disable_clat=1 --disable_slat=1
runs "gtod_reduce" 1 60000 --gtod_reduce=1
runs "clocksource=clock_gettime" 1 60000 --clocksource=clock_gettime
runs "logs of latency and bandwidth" 900 2500 --time_based=1 --runtime=1 \
	--write_lat_log=l --write_bw_log=b --write_iops_log=i
check "the logs are there" test -s l_clat.1.log -a -s l_slat.1.log -a \
	-s b_bw.1.log

# The latency fio sees is that of the device, not of the reaping: at depth 1
# the sum of all latencies is nearly the run time.
runs "depth 1" 900 2500 --time_based=1 --runtime=1 --iodepth=1
holds "the sum of the latencies is nearly the run time" fio "$out" \
	'0.5 < read["lat_ns"]["mean"] * read["lat_ns"]["N"] /
	(read["runtime"] * 1e6) < 1.02'

# With a full queue some I/Os wait to be sent in company. Each has one issue
# time, that of its commit: its wait is in the completion latency, and the two
# parts of the latency are the whole.
runs "depth 32" 900 2500 --time_based=1 --runtime=1 --iodepth=32
holds "every I/O has one issue time" fio "$out" \
	'read["slat_ns"]["N"] == read["clat_ns"]["N"] == read["lat_ns"]["N"] ==
	read["total_ios"]'
holds "the two parts of the latency add up" fio "$out" \
	'abs(read["slat_ns"]["mean"] + read["clat_ns"]["mean"] -
	read["lat_ns"]["mean"]) < 10'

finish
