#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Several jobs: processes, threads, sections of a job file, beside other
# engines, and through fio's client and server. fio's exit status is the number
# of failed jobs.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--iodepth=16 --rw=randread"

for jobs in 1 4 16; do
	reports=$jobs good "numjobs=$jobs, processes" --numjobs=$jobs
	reports=$jobs good "numjobs=$jobs, threads" --numjobs=$jobs --thread=1
	reports=$jobs good "numjobs=$jobs, group_reporting" --numjobs=$jobs \
		--group_reporting=1
done
reports=2 good "stonewall" --stonewall --name=second --ioengine="$ENGINE" \
	--dmabuf_path=host --filename="$scratch/data" --rw=read --stonewall
reports=1 good "beside a job of another engine" --name=other --ioengine=psync \
	--filename="$scratch/data" --size=4M --rw=read

common="--dmabuf_path=host --directory=$scratch --size=1M --direct=1
	--iodepth=16 --rw=randwrite --verify=crc32c --verify_state_save=0"
for how in "" --thread=1; do
	reports=4 good "each job has its own file $how" --numjobs=4 $how \
		--filename_format='own.$jobnum'
	reports=4 good "the files are created at the same time $how" \
		--numjobs=4 $how \
		--create_serialize=0 --filename_format="par$how.\$jobnum"
	reports=4 good "the files are created when opened $how" \
		--numjobs=4 $how \
		--create_on_open=1 --filename_format="open$how.\$jobnum"
done

cat >jobs.fio <<END
[global]
ioengine=$ENGINE
dmabuf_path=host
filename=$scratch/data
size=4M
direct=1
[a]
rw=randread
iodepth=1
[b]
rw=randwrite
iodepth=64
bs=64k
thread=1
[c]
rw=read
numjobs=2
startdelay=100ms
[d]
stonewall
rw=randrw
dmabuf_source=memory
END
common=
timeout "$LIMIT" "$FIO" jobs.fio >"$out" 2>"$err"
status=$?
[ $status = 0 ] && jobs_reported 5
result $? "a job file with five jobs" "$err" "$out"

# Two of three jobs cannot run: the exit status is 2, and the third one runs.
cat >some.fio <<END
[global]
ioengine=$ENGINE
filename=$scratch/data
size=4M
direct=1
rw=read
[good]
dmabuf_path=host
[bad1]
dmabuf_path=host
dmabuf_source=heap
[bad2]
dmabuf_path=staged
dmabuf_source=memory
END
timeout "$LIMIT" "$FIO" some.fio >"$out" 2>"$err"
status=$?
[ $status = 2 ] && [ "$(lines | grep -c ': path ')" = 1 ] &&
	[ "$(lines | wc -l)" = 3 ]
result $? "two of three jobs fail, the exit status is 2" "$err" "$out"

timeout "$LIMIT" "$FIO" --thread=1 some.fio >"$out" 2>"$err"
status=$?
[ $status = 2 ] && [ "$(lines | grep -c ': path ')" = 1 ]
result $? "two of three threads fail, the exit status is 2" "$err" "$out"

# ---- client and server ----

cat >remote.fio <<END
[remote]
ioengine=$ENGINE
dmabuf_path=host
filename=$scratch/data
size=4M
direct=1
rw=randrw
iodepth=8
verify=crc32c
verify_state_save=0
END

server() {
	# The server creates its files in its current directory.
	"$FIO" --server="$1" >server.out 2>server.err &
	server=$!
}

# remote DESC CLIENT-ARGS...
remote() {
	desc=$1
	shift
	timeout "$LIMIT" "$FIO" "$@" >"$out" 2>"$err"
	status=$?
	[ $status = 0 ] && grep -q 'err= 0' "$out" &&
		grep -qE 'read: *IOPS=' "$out"
	result $? "$desc" "$err" "$out" server.err
}

server "sock:$scratch/socket"
check "the server listens on a socket" wait_for 10 test -S socket
remote "a client runs a job on the server" \
	--client="sock:$scratch/socket" remote.fio
remote "a client runs it a second time" \
	--client="sock:$scratch/socket" remote.fio
timeout "$LIMIT" "$FIO" --client="sock:$scratch/socket" --output-format=json \
	remote.fio >"$out" 2>"$err"
result $? "a client with JSON output" "$err" "$out"
holds "its JSON is valid, without a line of the engine" fio "$out" \
	'data["client_stats"][0]["error"] == 0 and not after.strip() and
	"dmabuf:" not in before + text'
sed 's/dmabuf_path=host/&\ndmabuf_source=nothing/' remote.fio >wrong.fio
timeout "$LIMIT" "$FIO" --client="sock:$scratch/socket" wrong.fio \
	>"$out" 2>"$err"
status=$?
[ $status != 0 ] && [ $status -lt 124 ] &&
	cat "$out" "$err" server.out server.err |
		grep -q 'dmabuf_source=nothing: no such kind'
result $? "an error of the server's job reaches the client" "$err" "$out"
remote "the server still runs jobs after an error" \
	--client="sock:$scratch/socket" remote.fio
kill "$server"
wait "$server" 2>/dev/null

port=$((20000 + $$ % 20000))
server "127.0.0.1,$port"
wait_for 10 grep -q listening server.out
remote "a client over the loopback interface" \
	--client="127.0.0.1,$port" remote.fio
kill "$server"
wait "$server" 2>/dev/null

wait_for 5 no_process_left
check "no process is left" no_process_left
finish
