# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Shared by the tests of fio-dmabuf-bench. Sourced after lib.sh.

# Precedes the arguments of "refused"
subcommand=

# bench ARG...: leaves the exit status in $status, the output in $out and $err
bench() {
	timeout -k 5 "$LIMIT" python3 "$top/bench/fio-dmabuf-bench" "$@" \
		>"$out" 2>"$err"
	status=$?
}

# one_line STATUS REGEX: it exited so, with one line that matches; lines about
# the progress do not count
one_line() {
	grep -v ': round [0-9]* of ' "$err" >"$scratch/log"
	echo "exit status $status, $(wc -l <"$scratch/log") lines" >>"$err"
	[ "$status" = "$1" ] && [ "$(wc -l <"$scratch/log")" = 1 ] &&
		grep -Eq "^fio-dmabuf-bench: .*$2" "$scratch/log"
}

# refused DESC REGEX ARG...: exits with status 2, one line that matches and no
# output
refused() {
	desc=$1
	regex=$2
	shift 2
	# shellcheck disable=SC2086 # one word or none
	bench $subcommand "$@"
	one_line 2 "$regex" && [ ! -s "$out" ]
	result $? "$desc" "$err" "$out"
}
