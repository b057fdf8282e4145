# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf-check in the machine: running it, and what it has to say. A test that
# sources this puts the program there with --file.

# run ARGS...: leaves $status, $out and $err
run() {
	timeout -k 5 "$LIMIT" dmabuf-check "$@" >"$out" 2>"$err"
	status=$?
}

# exits STATUS DESC
exits() {
	[ "$status" = "$1" ] || echo "exit status $status" >>"$err"
	[ "$status" = "$1" ] && [ "$(wc -l <"$err")" = 0 ]
	result $? "$2" "$err" "$out"
}

# says REGEX...: each matches a line of the output
says() {
	for regex in "$@"; do
		grep -qE "$regex" "$out"
		result $? "says: $regex" "$out"
	done
}

# member KEY REGEX: in the JSON, of the first that has the key
member() {
	grep -qE "^ *\"$1\": $2,?\$" "$out"
	result $? "$1 is $2" "$out"
}
