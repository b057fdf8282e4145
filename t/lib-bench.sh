# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of fio-dmabuf-bench share. Sourced after lib.sh.

# Put before the arguments that "refused" is given
subcommand=

# bench ARG...: leaves its exit status in $status, its output in $out and $err
bench() {
	timeout -k 5 "$LIMIT" python3 "$top/bench/fio-dmabuf-bench" "$@" \
		>"$out" 2>"$err"
	status=$?
}

# one_line STATUS REGEX: that, besides lines on the progress
one_line() {
	grep -v ': round [0-9]* of ' "$err" >"$scratch/log"
	echo "exit status $status, $(wc -l <"$scratch/log") lines" >>"$err"
	[ "$status" = "$1" ] && [ "$(wc -l <"$scratch/log")" = 1 ] &&
		grep -Eq "^fio-dmabuf-bench: .*$2" "$scratch/log"
}

# refused DESC REGEX ARG...: status 2, one line that matches, no output
refused() {
	desc=$1
	regex=$2
	shift 2
	# shellcheck disable=SC2086 # one word or none
	bench $subcommand "$@"
	one_line 2 "$regex" && [ ! -s "$out" ]
	result $? "$desc" "$err" "$out"
}
