#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with the series, path direct: a hundred jobs of all kinds that get
# SIGKILL, SIGINT or SIGTERM at random moments between their first instruction
# and full speed. Interrupted ones end by themselves, with their summary;
# nothing stays attached to the drive, and the memory comes back.
#
# DMABUF_SEED=N repeats the moments of another run.

. "${0%/*}/../lib.sh"

boot_limit=1500
needs_feature
in_machine --iommu strict --drives 2,256M
. /t/lib-faults.sh
boot=
moments=100 together=5

# numbers COUNT BELOW: random ones, the same for the same seed
numbers() {
	awk -v n="$1" -v below="$2" -v seed="$seed" 'BEGIN {
		srand(seed)
		while (n--)
			printf "%d\n", rand() * below
	}'
}

set_seed() {
	seed=${DMABUF_SEED:-$(($(date +%s) % 100000))}
	echo "# DMABUF_SEED=$seed repeats these moments"
}

# choose N: everything about job N but the moment
choose() {
	case $(($1 % 4)) in
	0) signal=KILL whom=all ;;
	1) signal=KILL whom=child ;;
	2) signal=INT whom=all ;;
	3) signal=TERM whom=parent ;;
	esac
	case $(($1 % 7)) in
	0 | 1) how="--rw=randread --bs=4k --iodepth=128" ;;
	2 | 3) how="--rw=randwrite --bs=64k --iodepth=32" ;;
	4 | 5) how="--rw=randrw --bssplit=4k/50:64k/50 --iodepth=64
		--verify=crc32c --verify_backlog=64" ;;
	6) how="--rw=randwrite --bs=16k --iodepth=64 --dmabuf_chunk=256k
		--verify=md5 --filename=$drive:$second" ;;
	esac
	# The others of a job would go on without their parent.
	if [ $whom != child ]; then
		[ $(($1 / 4 % 2)) = 0 ] || how="$how --thread=1"
		[ $(($1 / 2 % 3)) = 0 ] || how="$how --numjobs=2"
	fi
	[ $(($1 / 8 % 3)) = 0 ] || how="$how --dmabuf_warmup=0"
	case $(($1 / 5 % 2)) in
	0) how="$how --dmabuf_source=heap:system" ;;
	1) how="$how --dmabuf_source=udmabuf" ;;
	esac
}

# listens: fio has its handlers of SIGINT and SIGTERM, 2 and 15
listens() {
	caught=$(sed -n 's/^SigCgt:.*\(....\)$/\1/p' "/proc/$pid/status" \
		2>/dev/null)
	[ $((0x${caught:-0} & 0x4002)) = $((0x4002)) ]
}

children() {
	grep -l "^PPid:.$pid\$" /proc/[0-9]*/status 2>/dev/null |
		sed 's/[^0-9]//g'
}

# A signal is sent at once, and obeyed a little later.
stopped() {
	! grep -q '^State:[[:space:]]*[^TZX[:space:]]' "/proc/$pid/status" 2>/dev/null
}

# living: fio has children that are not dead yet
living() {
	for child in $(children); do
		! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$child/status" \
			2>/dev/null || return 0
	done
	return 1
}

# A job's process is in a session of its own, so what reaches all of fio's
# group reaches only those that have just been born.
send() {
	targets=$pid
	case $signal,$whom in
	KILL,*)
		# Not one more is born: it would wait for its parent for ever.
		kill -STOP "$pid" 2>/dev/null
		wait_for 5 stopped
		targets=$(children)
		[ $whom = child ] || targets="$pid $targets"
		;;
	*,all)
		targets="$pid -$pid"
		;;
	esac
	for target in ${targets:-$pid}; do
		echo "sent to $target of $pid:" \
			"$(grep -Eh '^(Name|State|NSsid|Threads)' \
				"/proc/${target#-}/status" 2>&1 | tr '\n\t' '  ')"
	done >>"$scratch/sent.$pid"
	# busybox takes -- for a number
	# shellcheck disable=SC2086 # several numbers
	kill -$signal ${targets:-$pid} 2>>"$scratch/sent.$pid"
	kill -CONT "$pid" 2>/dev/null
}

# as_it_should: how a job ended that got this signal
as_it_should() {
	! wrong_data || return 1
	case $signal in
	KILL)
		# That its child is gone makes fio abort, with any engine.
		[ "$status" != 0 ] && [ "${status%% *}" != still ]
		;;
	*)
		{ [ "$status" = 0 ] || [ "$status" = 128 ]; } &&
			grep -q '^Run status group 0' "$out" &&
			! lines | grep -vqE "$summary"
		;;
	esac
}

# one N MOMENT: job N, ended that many milliseconds after its start, or, three
# times out of four, after it listens: what follows is set-up and full speed
one() {
	choose "$1"
	out=$scratch/out.$1 err=$scratch/err.$1
	common="$options --size=16M --offset=$(($1 % together * 32))M
		--offset_increment=16M --time_based=1 --runtime=25"
	# shellcheck disable=SC2086 # several words
	start $how
	if [ $(($1 / 4 % 4)) = 0 ]; then
		usleep "$(($2 * 300))"
		[ $signal = KILL ] || wait_for 20 listens
	else
		wait_for 20 listens
		usleep "$(($2 * 1000))"
	fi
	send
	# On a slow machine the first child of fio was not always the job.
	if [ "$signal,$whom" = KILL,child ] && ! wait_for 5 stopped && living
	then
		send
	fi
	ends 40
	echo "job $1: $signal to $whom after $2 ms: $how" >>"$err"
	cat "$scratch/sent.$pid" >>"$err"
	rm "$scratch/sent.$pid"
	! said ': path ' || echo "$1" >>"$scratch/measured"
	if as_it_should; then
		rm "$out" "$err"
	else
		echo "$1" >>"$scratch/wrong"
	fi
}

# describe_left: processes of fio that are still there, and where they wait
describe_left() {
	for process in $(pidof fio); do
		tr '\0' ' ' <"/proc/$process/cmdline"
		echo
		grep -E '^(State|PPid|Threads|SigPnd|ShdPnd)' "/proc/$process/status"
		cat "/proc/$process"/task/*/stat | cut -d ' ' -f 1-3,14,15
		cat "/proc/$process"/task/*/wchan "/proc/$process"/task/*/syscall
	done 2>/dev/null
}

with_path direct heap:system
good "a job to begin with" --rw=randrw --verify=crc32c --size=4M
options="--direct=1 --verify_state_save=0 --verify_fatal=1"
begun=$(cut -d. -f1 /proc/uptime)
steady
set_seed
numbers $moments 1000 >moments
: >wrong
: >measured

number=0
while [ $number -lt $moments ]; do
	first=$((number + 1))
	jobs=
	while [ $number -lt $((first + together - 1)) ]; do
		number=$((number + 1))
		one $number "$(sed -n ${number}p moments)" &
		jobs="$jobs $!"
	done
	# shellcheck disable=SC2086 # several numbers
	wait $jobs
	wait_for 20 no_fio_left && wait_for 10 no_dmabuf_left && [ ! -s wrong ]
	ended=$?
	[ $ended = 0 ] || describe_left >left
	# shellcheck disable=SC2046 # several names
	result $ended "jobs $first to $number end as they should, nothing is left" \
		$(sed 's/^.*$/err.& out.&/' wrong) left \
		/sys/kernel/debug/dma_buf/bufinfo
	: >wrong
done
echo "# $(wc -l <measured) of $moments have a line of their I/O;" \
	"$(($(cut -d. -f1 /proc/uptime) - begun)) s"

wait_for 10 settled 16
result $? "memory is back ($before, $(available) KiB)" /proc/meminfo
[ "$(wc -l <measured)" -ge $((moments / 8)) ]
result $? "enough of them were at work"
with_path direct heap:system
good "a job afterwards" --rw=randrw --verify=crc32c --size=4M
finish
