#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine itself, t/vm/run: what it hands on, what it searches for, how it
# ends, and its words when it cannot start.

. "${0%/*}/../lib.sh"

[ -c /dev/ptmx ] || bail "/dev: not mounted"

# machine OPTIONS... -- COMMAND...: leaves $status, $out and $err
machine() {
	timeout -k 5 200 "$top/t/vm/run" --fio "$FIO" --plugin "$MODULE" "$@" \
		>"$out" 2>"$err"
	status=$?
	sed -i '/^t\/vm\/run: \(fetching\|asking\|waiting for another run\) /d' "$err"
}

printf 'some\0bytes\n' >data
mkdir -p tree/below
cp data tree/below/file
machine --tree tree:/opt/tree --drives 2,64M --iommu lazy -- sh -c '
	cat /opt/tree/below/file; ls /dev/nvme?n1 >&2
	cat /sys/block/nvme0n1/device/device/iommu_group/type >&2; exit 7'
[ "$status" = 7 ]
result $? "the command's exit status" "$err"
cmp -s data "$out"
result $? "a file of a directory that was put in; output, byte for byte" "$err"
printf '/dev/nvme0n1\n/dev/nvme1n1\nDMA-FQ\n' | cmp -s - "$err"
result $? "its errors apart; drives and IOMMU as asked for" "$err"

machine --null-drives -- sh -c 'yes | dd of=/dev/nvme0n1 bs=4k count=1 \
	oflag=direct && cmp -n 4096 /dev/nvme0n1 /dev/zero && kill -TERM $$'
[ "$status" = 143 ]
result $? "a command ended by a signal; a drive that forgets" "$err"

complain='echo "<4>WARNING: CPU: 0 PID: 1 at nowhere" >/dev/kmsg'
machine -- sh -c "$complain"
[ "$status" = 125 ] && grep -q 'WARNING: CPU: 0 PID: 1 at nowhere' "$err"
result $? "a kernel that warns fails the run and is shown" "$err"
machine --allow-kernel-warnings -- sh -c "$complain; exit 3"
[ "$status" = 3 ]
result $? "unless that is allowed" "$err"

machine --timeout 15 -- sleep 100
[ "$status" = 124 ] && grep -q '^t/vm/run: .*15' "$err"
result $? "--timeout" "$err"

# The same work takes the same time by the guest's own clock, within a
# fiftieth, whatever the host does; once the kernel is done with its start.
work='for i in 1 2 3 4 5 6 7 8; do set -- $(cat /proc/uptime)
	start=${1%.*}${1#*.}
	i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done
	set -- $(cat /proc/uptime); echo $((${1%.*}${1#*.} - start)); done'
machine --accel icount --cpus 1 -- sh -c "$work"
tail -n 3 "$out" | sort -n | tee -a "$err" | awk '{ t[NR] = $1 }
	END { exit !(NR == 3 && t[1] > 100 && t[3] <= t[1] * 1.02) }'
result $? "--accel icount: figures repeat" "$err"

# Ctrl-C
"$top/t/vm/run" --fio "$FIO" -- sh -c 'echo up; sleep 100' >"$out" 2>"$err" &
pid=$!
wait_for 60 grep -q up "$out"
result $? "a machine that works" "$err"
kill -INT "$pid"
wait "$pid"
status=$?
[ "$status" = 130 ] || echo "exit status $status" >>"$err"
[ "$status" = 130 ]
result $? "interrupted: exit status 130" "$err"
check "no process is left" no_process_left

# refused REGEX ARGS...: one line and status 125
refused() {
	regex=$1
	shift
	machine "$@"
	[ "$status" = 125 ] && [ "$(wc -l <"$err")" = 1 ] &&
		grep -Eq "^t/vm/run: $regex" "$err"
	result $? "refused: $*" "$err"
}
refused '.*nosuch.*' --kernel ./nosuch -- true
refused '.*debian:1\.0' --kernel debian:1.0 -- true
refused '.*--drives' --drives x -- true
refused '.*--iommu' --iommu perhaps -- true
refused '--p2p: vfio needs an IOMMU; add --iommu' --p2p -- true
refused '--p2p: needs a drive' --p2p --iommu pt --drives 0 -- true
refused '.*nosuch: no such file' --file nosuch -- true
refused '--tree nosuch:/x: no such directory' --tree nosuch:/x -- true
refused '.*' --

finish
