#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What fio-dmabuf-bench measures besides this engine on one machine: sendfile,
# the steps of the ladder that work on a file, rounds until steady state, and
# two fio servers, each in a network namespace where that is possible.

. "${0%/*}/../lib.sh"
. "$top/t/lib-bench.sh"

SENDFILE=$build/fio-dmabuf-sendfile
[ -x "$SENDFILE" ] || bail "$SENDFILE: not built; run make"
export FIO_DMABUF_PROGRAMS="$build" FIO_DMABUF_MODULE="$MODULE" FIO="$FIO"

data=$scratch/data
head -c 4194304 /dev/urandom >"$data"
sync "$data"

# ---- fio-dmabuf-sendfile ----

# send ARGS...: leaves $status, $out and $err
send() {
	timeout -k 5 "$LIMIT" "$SENDFILE" "$@" >"$out" 2>"$err"
	status=$?
}

# json DESC EXPRESSION: of the report, see lib_json.py
json() {
	holds "$1" file "$out" "$2"
}

# python WHAT ARG...: see 074-bench-ladder.py
python() {
	python3 "$here/074-bench-ladder.py" "$@"
}

# send_refused STATUS DESC REGEX ARGS...: exits so, with one line and no report
send_refused() {
	wanted=$1
	desc=$2
	regex=$3
	shift 3
	send "$@"
	[ "$status" = "$wanted" ] && [ "$(wc -l <"$err")" = 1 ] &&
		grep -Eq "^fio-dmabuf-sendfile: .*$regex" "$err" && [ ! -s "$out" ]
	result $? "sendfile: $desc" "$err"
}

# read_to_cache: the second MiB of the data, and nothing else, is cached
read_to_cache() {
	dd of="$data" oflag=nocache conv=notrunc,fdatasync count=0 2>/dev/null
	send --filename="$data" --rw=randread --bs=4k --size=1m --offset=1m
}

# read_again ARGS...: reads only 600 KiB of that MiB a second time, so that
# the rest stays cached if and only if the program keeps the cache
read_again() {
	read_to_cache
	[ "$(python cached "$data")" = 1048576 ] || return 1
	send --filename="$data" --rw=randread --bs=600k --size=1m --offset=1m \
		"$@"
}

# leaves_cached BYTES COMMAND...: after the command the page cache has that
# many bytes of the data. A kernel short of memory reclaims cached pages at any
# time, so the command is repeated until one measurement went undisturbed.
leaves_cached() {
	wanted=$1
	shift
	for try in $(seq 50); do
		if "$@" && [ "$status" = 0 ]; then
			now=$(python cached "$data")
			echo "try $try: $now bytes are cached"
			[ "$now" != "$wanted" ] || return 0
		fi
		sleep 0.1
	done
	return 1
}

: >copy
send --filename="$data" --rw=read --bs=64k --sink=copy
check "sendfile: sends every byte, in order" cmp copy "$data"
json "sendfile: counts its reads" \
	'read["total_ios"] == 64 and read["io_bytes"] == 4 << 20'
json "sendfile: the histogram has all calls" \
	'sum(read["clat_ns"]["bins"].values()) == read["clat_ns"]["N"] == 64'
json "sendfile: each percentile is a bin of the histogram" '{str(v) for v in
	read["clat_ns"]["percentile"].values()} <= set(read["clat_ns"]["bins"])'
json "sendfile: the report has the options of the job" \
	'[job["job options"][k] for k in ("rw", "bs", "iodepth", "numjobs",
	"ioengine")] == ["read", "64k", "1", "1", "sendfile"]'
json "sendfile: IOPS match runtime and count" \
	'abs(read["iops"] * read["runtime"] - 64000) <= 0.1 * 64000 + read["iops"]'

: >copy
send --filename="$data" --rw=randread --bs=4k --sink=copy
check "sendfile: randread sends each block once" python shuffled copy "$data"
# The last block is incomplete and not read.
send --filename="$data" --bs=3000
json "sendfile: reads only whole blocks" 'read["total_ios"] == (4 << 20) // 3000'

case $(stat -f -c %T "$data") in
tmpfs | ramfs)
	skip "sendfile: the page cache" "$scratch is in memory"
	;;
*)
	check "sendfile: only what it reads enters the page cache" \
		leaves_cached 1048576 read_to_cache
	check "sendfile: drops cached pages before it reads" \
		leaves_cached 614400 read_again
	check "sendfile: invalidate=0 keeps cached pages" \
		leaves_cached 1048576 read_again --invalidate=0
	;;
esac

cat >job.fio <<EOF
; a job file of fio
[global]
rw = randread
# twice
bs=4k
[reads]
time_based=1
filename=$data
runtime=1
ramp_time=200ms
numjobs=2
group_reporting
EOF
send --output-format=json+ job.fio
json "sendfile: a job file runs for its runtime, after ramp_time" \
	'job["jobname"] == "reads" and 990 <= read["runtime"] <= 1500 and
	1980 <= job["job_runtime"] <= 3000 and read["total_ios"] > 2048'
json "sendfile: reports CPU time and context switches" \
	'job["usr_cpu"] + job["sys_cpu"] > 0 and job["ctx"] > 0'

send_refused 2 "an unsupported option" "verify: unsupported option" --filename="$data" --verify=md5
send_refused 2 "no file to read" "give --filename" --rw=read
send_refused 2 "a job that writes" "only reads" --filename="$data" --rw=randwrite
send_refused 2 "a missing job file" "nowhere.fio: No such file" nowhere.fio
printf '[a]\nfilename=x\n[b]\n' >two.fio
send_refused 2 "two jobs" "second job" two.fio
send_refused 1 "a missing file" "No such file or directory; give" --filename=nowhere
send_refused 1 "a directory" "neither a file nor a block device" --filename=.
send_refused 1 "a character device" "neither a file nor a block device" \
	--filename=/dev/null
: >empty
send_refused 1 "an empty file" "smaller than one block" --filename=empty
send_refused 1 "too large a size" "only 4194304 bytes long" --filename="$data" --size=8m
send_refused 1 "too large an offset" "only 4194304 bytes long" --filename="$data" --offset=8m
send_refused 1 "a sink that cannot be opened" "give a writable sink" --filename="$data" --sink=nowhere/sink
send_refused 1 "a sink that does not support sendfile" "use another" --filename="$data" \
	--sink=/dev/full --bs=4k
send_refused 1 "a ramp longer than the file" "within ramp_time" \
	--filename="$data" --ramp_time=20
send_refused 1 "an output that cannot be opened" "give a writable --output" --filename="$data" \
	--output=nowhere/out
"$SENDFILE" --filename="$data" >/dev/full 2>"$err"
[ $? = 1 ] && grep -q 'No space left' "$err"
result $? "sendfile: fails when its output cannot be written" "$err"

cp "$data" short
(sleep 0.5 && : >short) &
send_refused 1 "a file that is truncated while it is read" "truncated while it was read" \
	--filename=short --time_based --runtime=20
wait

"$SENDFILE" --filename="$data" --time_based --runtime=60 --output=report \
	>"$out" 2>"$err" &
sleep 0.3
kill -TERM $!
{ wait $!; } 2>/dev/null
[ $? = 143 ] && [ ! -e report ]
result $? "sendfile: a signal ends it without a report" "$err"

# ---- the ladder ----

# index DIR DESC EXPRESSION: of the lines of an index, in data
index() {
	holds "$2" lines "$1/index.jsonl" "$3"
}

cat >ladder.ini <<EOF
[plan]
rounds = 1
runtime = 1
[points]
path = buffered mmap sendfile splice psync io_uring fixed host
bs = 64k
iodepth = 1
EOF
bench run ladder.ini --drive "$data" -o ladder
[ "$status" = 0 ]
result $? "the steps of the ladder that work on a file run" "$err"
index ladder "every step is measured" 'len({l["point"] for l in data}) == 8'
index ladder "every step has rate, latency and CPU time" \
	'all({"iops", "lat_p50", "cpu", "switches"} <= l["metrics"].keys()
	for l in data)'
check "through the page cache each block is read once, and fio agrees" \
	python once ladder buffered mmap sendfile splice

printf '[points]\npath = sendfile io_uring\niodepth = 1\nrw = randwrite\n' \
	>writes.ini
bench run writes.ini --dry-run --drive new
[ "$status" = 0 ] && grep -q 'path sendfile only reads.*; left out' "$err" &&
	[ "$(grep -c '^\[' "$out")" = 1 ]
result $? "points that a step does not support are left out, with a line" "$err"
bench run ladder --dry-run --drive "$data"
[ "$status" = 0 ] && [ ! -s "$err" ] && [ "$(grep -c '^\[' "$out")" = 34 ]
result $? "the plan ladder has 34 points" "$err"
FIO_DMABUF_PROGRAMS=$scratch/nowhere bench run ladder.ini --drive "$data" \
	-o missing
[ "$status" = 2 ] && grep -q 'fio-dmabuf-sendfile: not found' "$err" &&
	[ ! -e missing ]
result $? "without fio-dmabuf-sendfile nothing is started" "$err"

# ---- steady state ----

# steady_plan PERCENT
steady_plan() {
	cat <<-EOF
		[plan]
		runtime = 1
		order = plan
		[precondition]
		steps = fill*2
		bs = 128k
		purge = none
		[steady]
		window = 2
		range = $1
		slope = $1
		most = 3
		points = rwmixread=0 bs=4k
		[points]
		path = io_uring
		rw = randrw
		rwmixread = 0
		bs = 4k
		iodepth = 4
		[fio]
		size = 4m
	EOF
}

steady_plan 500 >steady.ini
: >target
bench run steady.ini --drive "$scratch/target" -o steady
[ "$status" = 0 ] && grep -q ' round 2: steady; io_uring-randrw-0-4k-' "$err" &&
	grep -q '"reached": 2' steady/directory.json
result $? "rounds end when the results are steady" "$err"
bench run steady.ini --drive "$scratch/target" -o steady
[ "$status" = 0 ] && [ "$(wc -l <steady/index.jsonl)" = 2 ]
result $? "the same command then adds no round" "$err"
sed -i 's/^most = 3/most = 2/; s/= 500/= 1/' steady.ini
bench run steady.ini --drive "$scratch/target" --destroy "$scratch/target" \
	-o unsteady
[ "$status" = 0 ] && grep -Eq ' round 2: (not )?steady; .* slope [0-9.]+ %' \
	"$err" && [ "$(wc -l <unsteady/index.jsonl)" = 2 ]
result $? "rounds end after the maximum number" "$err"
bench run pts --dry-run --drive "$scratch/target"
[ "$status" = 2 ] && grep -q 'PURGE' "$err"
result $? "the plan pts needs PURGE" "$err"
PURGE=none bench run pts --dry-run --drive "$scratch/target"
[ "$status" = 0 ] && [ "$(grep -c '^\[' "$out")" -ge 49 ]
result $? "pts has its 56 points, or 49 where a block has 4 KiB" "$err"

# ---- fio servers ----

# Two network namespaces, or two addresses where they cannot be created
spaces=
net=$((200 + $$ % 50))
end_servers() {
	for server in $servers; do
		end_server "$server"
	done
	for space in $spaces; do
		ip link delete "b${space#bench}" 2>/dev/null
		ip netns delete "$space" 2>/dev/null
	done
}

# family PID: prints it and all its descendants
family() {
	echo "$1"
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		(family "$child")
	done
}

# end_server PID: also kills its jobs, which run in sessions of their own and
# keep the port open
end_server() {
	kill -s STOP -- "-$1" 2>/dev/null
	# shellcheck disable=SC2046 # several numbers
	kill -s KILL $(family "$1") 2>/dev/null
}

# serve N ADDRESS: in a process group, because each connection is a process
serve() {
	# shellcheck disable=SC2046 # several words or none
	setsid $(in_space "$1") "$FIO" --server="ip:$2,8765" >"server$1" 2>&1 &
	servers="$servers $!"
	eval "server$1=$!"
}

in_space() {
	[ -z "$spaces" ] || echo "ip netns exec bench$$-$1"
}

make_spaces() {
	for n in 1 2; do
		ip netns add "bench$$-$n" || return
		spaces="$spaces bench$$-$n"
		ip link add "b$$-$n" type veth peer name inside \
			netns "bench$$-$n" &&
			ip address add "10.$net.$n.1/24" dev "b$$-$n" &&
			ip link set "b$$-$n" up &&
			ip -n "bench$$-$n" address add "10.$net.$n.2/24" dev inside &&
			ip -n "bench$$-$n" link set inside up || return
	done
}

servers=
trap 'end_servers; cd /; rm -rf "$scratch"' EXIT
if make_spaces 2>"$scratch/log"; then
	one=10.$net.1.2
	two=10.$net.2.2
else
	echo "# two addresses of this machine: $(tail -n 1 "$scratch/log")"
	for space in $spaces; do
		ip netns delete "$space"
	done
	spaces=
	one=127.0.0.1
	two=127.0.0.2
fi
serve 1 $one
serve 2 $two

cat >client.ini <<EOF
[plan]
rounds = 1
runtime = 1
[points]
path = host sendfile
bs = 4k
iodepth = 1
EOF
wait_for 10 python listen $one $two 2>/dev/null
bench run client.ini --client "$one,$two" --drive "$data" -o hosts
[ "$status" = 0 ] && [ "$(wc -l <"$err")" = 3 ] &&
	grep -q ': how much of it was ever written is unknown (' "$err"
result $? "two servers measure a plan" "$err"
for host in $one $two; do
	index "hosts/$host" "$host: has its results, and its path is known" '[l["measured"]["path"] for l in data] == ["host"]'
	index "hosts/$host" "$host: percentiles come from bins" \
		'all("lat_p999" in (l["metrics"] | l.get("left_out", {}))
		for l in data)'
	check "$host: an unknown value is null" grep -q '"release": null' \
		"hosts/$host/environment.json"
	check "$host: the directory has the name of its host" \
		grep -q "\"host\": \"$host\"" "hosts/$host/directory.json"
done
cmp -s hosts/$one/index.jsonl hosts/$two/index.jsonl
[ $? = 1 ]
result $? "the results of the two servers differ"

bench run client.ini --client "$one,$two:8766" --drive "$data" -o gone
[ "$status" = 2 ] && [ "$(grep -c "$two:8766: no answer" "$err")" = 1 ] &&
	[ ! -e gone ]
result $? "a missing host is reported" "$err"

sed -i 's/^runtime = .*/runtime = 3/' client.ini
# The job file is written before fio is started.
(wait_for 20 sh -c 'ls lost/*/host-*/job.fio' && sleep 1.5 &&
	end_server "${server2:?}") >/dev/null 2>&1 &
bench run client.ini --client "$one,$two" --drive "$data" -o lost
wait $!
[ "$status" = 2 ] && grep -q "$two: no answer at port 8765 .* run the same command again" \
	"$err"
result $? "a host that stops answering is reported" "$err"
serve 2 $two
sleep 0.3
bench run client.ini --client "$one,$two" --drive "$data" -o lost
[ "$status" = 0 ] && [ "$(wc -l <lost/$one/index.jsonl)" = 1 ] &&
	[ "$(wc -l <lost/$two/index.jsonl)" = 1 ]
result $? "once the host is back, the same command continues" "$err"

sed -i 's/^path = .*/path = io_uring/; $a rw = write' client.ini
bench run client.ini --client "$one,$two" --drive "$data" -o writes
[ "$status" = 2 ] && grep -q "give --destroy $data" "$err" && [ ! -e writes ]
result $? "a plan that writes to the drive of a host needs --destroy" "$err"
check "the data is unchanged" test "$(stat -c %s "$data")" = 4194304

end_servers
finish
