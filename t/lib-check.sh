# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs dmabuf-check in the machine and checks its output.

whole_output=1

# run ARGS...: leaves the exit status in $status, the output in $out and $err
run() {
	timeout -k 5 "$LIMIT" dmabuf-check "$@" >"$out" 2>"$err"
	status=$?
}

# exits STATUS DESC: it exited so, with nothing on stderr
exits() {
	[ "$status" = "$1" ] || echo "exit status $status" >>"$err"
	[ "$status" = "$1" ] && [ "$(wc -l <"$err")" = 0 ]
	result $? "$2" "$err" "$out"
}

# says REGEX...: each matches a line of the output
says() {
	for regex in "$@"; do
		grep -qE "$regex" "$out"
		result $? "the output has: $regex" "$out"
	done
}

# member KEY REGEX: a member of the JSON with this key matches
member() {
	grep -qE "^ *\"$1\": $2,?\$" "$out"
	result $? "$1 is $2" "$out"
}

# overwritten: $drive does not hold what /tmp/was holds, where --write writes
overwritten() {
	# A page that was read while the write was under way is still there.
	echo 1 >/proc/sys/vm/drop_caches
	dd if=$drive bs=64k skip=15 count=1 2>/dev/null >now
	dd if=/tmp/was bs=64k skip=15 count=1 2>/dev/null | cmp -s - now
	[ $? = 1 ]
}
