#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf-check on the test kernel: each source is registered and read through,
# --write leaves an empty drive as it was, also when it is interrupted, and
# what the kernel is told to refuse is refused in the right words.

. "${0%/*}/../lib.sh"

needs_test_kernel
in_machine --cpus 1 --iommu strict --drives 2,64M
. /t/lib-faults.sh
. /t/lib-check.sh
boot=
label=

sum() {
	md5sum <$drive
}

compared='through the dma-buf and verified, registered in'
inject family_a=N
before=$(sum)
run --device $drive --device $second
exits 0 "everything works"
says '^  interface +ok +family B \(v5 or later\)$' \
	"^  heap:system +ok +read only: one block read $compared" \
	"^  udmabuf +ok +read only: one block read $compared" \
	'^verdict: ok: io_uring, interface, sources, drives passed$'
happened requests 4
[ "$before" = "$(sum)" ]
result $? "the drive is unchanged"

# ---- --write ----

dd if=$drive of=/tmp/was bs=1M 2>/dev/null
inject family_a=N
run --device $drive --write
exits 0 "--write on an empty drive"
says '^  writable +ok ' "^  heap:system +ok +read and written $compared" \
	"^  udmabuf +ok +read and written $compared"
happened requests 6
cmp $drive /tmp/was
result $? "every byte is unchanged"

head -c 67108864 /dev/urandom >/tmp/was
dd if=/tmp/was of=$drive bs=1M conv=fsync 2>/dev/null
run --device $drive --write --source heap
exits 1 "--write on a drive with data"
says '^  writable +no +/dev/nvme0n1: not written to: not empty, byte [0-9]* is not zero' \
	'^  heap:system +ok +read only'
run --device $drive --source heap --source udmabuf --write --force --json
exits 0 "--force"
[ "$(grep -c '"write_verified": true' "$out")" = 2 ]
result $? "both were written" "$out"
cmp $drive /tmp/was
result $? "every byte is unchanged"

# The mapping is taken back after each request and is slow: for some seconds
# after the write the blocks have other data.
begin_slow_write() {
	inject invalidate_every=1 map_delay_ms=3000
	dmabuf-check --device $drive --write --force --source heap \
		>"$out" 2>"$err" &
	pid=$!
	wait_for 60 overwritten
	result $? "$1: the blocks are overwritten"
}

for signal in INT TERM HUP; do
	begin_slow_write SIG$signal
	kill -$signal $pid
	wait $pid 2>/dev/null
	status=$?
	[ $status -gt 128 ]
	result $? "SIG$signal ends it: $status" "$err" "$out"
	cmp $drive /tmp/was
	result $? "every byte is unchanged after SIG$signal"
done

# At a terminal both processes get it, and a shell has it ignored in whatever
# runs in the background.
quit_once_overwritten() {
	# shellcheck disable=SC2046 # several numbers
	wait_for 60 overwritten &&
		kill -QUIT $(grep -l '^Name:[[:space:]]*dmabuf-check$' \
			/proc/[0-9]*/status | cut -d / -f 3)
}
inject invalidate_every=1 map_delay_ms=3000
quit_once_overwritten &
dmabuf-check --device $drive --write --force --source heap >"$out" 2>"$err"
status=$?
wait $!
result $? "SIGQUIT: the blocks are overwritten"
[ $status -gt 128 ]
result $? "SIGQUIT ends it: $status" "$err" "$out"
cmp $drive /tmp/was
result $? "every byte is unchanged after SIGQUIT"

begin_slow_write "SIGKILL of the attempt"
kill -KILL "$(grep -l "^PPid:[[:space:]]*$pid\$" /proc/[0-9]*/status |
	cut -d / -f 3)"
wait $pid
status=$?
exits 1 "a killed attempt fails"
says '^  heap:system +no +/dev/nvme0n1: the transfer with heap:system crashed \(Killed\); see the kernel log$'
cmp $drive /tmp/was
result $? "every byte is unchanged"

# Killing the attempt does not end its write, which waits for its mapping.
first_read_done() {
	[ "$(rise maps)" -ge 1 ]
}
inject invalidate_every=1 map_delay_ms=25000
dmabuf-check --device $drive --write --force --source heap \
	>"$out" 2>"$err" &
pid=$!
wait_for 60 first_read_done
sleep 1
kill -TERM $pid
wait $pid 2>/dev/null
status=$?
[ $status = 143 ] && [ "$(wc -l <"$err")" = 1 ] &&
	grep -q "^dmabuf-check: $drive: still in use; waiting for up to " "$err"
result $? "restoring waits for a write in flight: $status" "$err" "$out"
happened maps 2
sleep 5
echo 1 >/proc/sys/vm/drop_caches
cmp $drive /tmp/was
result $? "every byte is unchanged after the write in flight"

begin_slow_write "a drive that turns read-only"
blockdev --setro $drive
kill -KILL "$(grep -l "^PPid:[[:space:]]*$pid\$" /proc/[0-9]*/status |
	cut -d / -f 3)"
wait $pid 2>/dev/null
status=$?
[ $status = 1 ] && [ "$(wc -l <"$err")" = 1 ] && grep -q \
	"^dmabuf-check: $drive: cannot .*restore 16384 bytes at offset 983040: .*; they are kept: once the drive is idle, run dd " "$err"
result $? "what cannot be restored is kept: $status" "$err" "$out"
blockdev --setrw $drive
echo 1 >/proc/sys/vm/drop_caches
refute "the drive holds test data" cmp $drive /tmp/was
check "the command in the message runs" sh -c "$(sed -n 's/^.*, run //p' "$err")"
cmp $drive /tmp/was
result $? "every byte is unchanged by that command"

inject family_a=N
dd if=/dev/zero of=$drive bs=1M count=64 conv=fsync 2>/dev/null

# ---- what is refused ----

inject family_a=Y
run --device $drive --source heap
exits 0 "family A"
says '^  interface +ok +family A \(RFC v1 or v2\)$' \
	"^  heap:system +ok +read only: one block read $compared"
inject family_a=N

# refused REGEX: by the drive, with exit status 1 and the reason in the JSON
refused() {
	run --device $drive --source heap
	exits 1 "refused: $1"
	says "^  heap:system +no +$drive: $1" '^verdict: no: drives failed$'
	run --json --device $drive --source heap
	says "^ *\"reason\": \"$drive: "
}
inject attach_error=12
refused 'out of memory registering'
inject map_error=22
refused 'the dma-buf from heap:system cannot be mapped for this drive: Invalid argument \(every segment .*\); '
inject eagain_every=1
refused 'the kernel answered the first read .* nothing but EAGAIN for 10 s; see'
inject family_a=N
run --device $drive --source heap -q
exits 0 "it works again without the fault"

wait_for 10 no_dmabuf_left
result $? "nothing is left attached" /sys/kernel/debug/dma_buf/bufinfo

finish
