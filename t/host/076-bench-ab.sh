#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fio-dmabuf-bench run --ab with the real fio on a file: two settings in turns,
# interrupted and killed between the sides, continued, and restored.

. "${0%/*}/../lib.sh"
. "$top/t/lib-bench.sh"
subcommand=run

export FIO FIO_DMABUF_MODULE="$MODULE"
value=/proc/sys/vm/stat_interval
old=$(cat $value)
kind=sysctl:vm.stat_interval

# python WHAT ARG...: see 076-bench-ab.py
python() {
	python3 "$here/076-bench-ab.py" "$@"
}

python3 -c 'open("data", "wb").write(b"x" * (8 << 20))'
cat >plan.ini <<'EOT'
[plan]
rounds = 2
runtime = 1
seed = 4
[points]
iodepth = 1
bs = 4k 16k
EOT

# ---- refused ----

refused "an unknown kind is refused" \
	"--ab swap=1: not a setting; give none or one of plugin=FILE, fio=FILE" \
	plan.ini -o none --drive data --ab swap=1 none
refused "a sysctl on one side is refused" \
	"the other side has no $kind, and .*; give both sides one" \
	plan.ini -o none --drive data --ab $kind=1 none
refused "a sysctl that is not there is refused" \
	"/proc/sys/vm/none: No such file or directory; check the name" \
	plan.ini -o none --drive data --ab sysctl:vm.none=1 sysctl:vm.none=2
refused "a scheduler of a file is refused" \
	"data is not a drive; give a drive with --drive" \
	plan.ini -o none --drive data --ab scheduler=none scheduler=none
refused "a command that fails is refused" \
	"--ab run=echo no; false: exit status 1 \(no\); fix the command" \
	plan.ini -o none --drive data --ab run=true "run=echo no; false"
refused "--client is refused" "--ab: .*; leave out --client, or run there" \
	plan.ini -o none --client lab --drive data --ab none none
check "nothing is left of them" test ! -e none
bench run plan.ini --drive data --dry-run --ab path=psync path=host
[ $status = 0 ] && grep -qx '# side A: path=psync' "$out" &&
	grep -qx 'dmabuf_path=host' "$out" && [ "$(grep -c '^\[' "$out")" = 4 ] &&
	grep -q '^# 2 points on each side, 2 rounds, about 20 s; only' "$out"
result $? "--dry-run prints the jobs of both sides" "$err" "$out"

# ---- ended between the sides ----

# The command of side B ends the bench that runs it at its "last" turn. Of each
# run two turns precede the first measurement. With this seed the first two
# pairs begin with side A.
cat >turn <<'EOT'
echo turn >>turns
[ "$(wc -l <turns)" != "$(cat last)" ] || kill -s "$(cat signal)" $PPID
EOT
: >turns

if [ "$(id -u)" = 0 ] && echo "$old" 2>/dev/null >$value; then
	trap 'echo "$old" >$value; cd /; rm -rf "$scratch"' EXIT
	set -- --ab $kind=31 $kind=32
	restored() {
		[ "$(cat $value)" = "${1:-$old}" ]
	}
else
	skip "a sysctl is set and restored" "needs root and a writable /proc/sys"
	set --
	restored() {
		true
	}
fi

# ab SIGNAL TURNS: runs until that turn of side B
ab() {
	echo "$1" >signal
	echo "$2" >last
	# shellcheck disable=SC2086 # several words or none
	bench run plan.ini -o ab --drive data --ab path=psync path=io_uring \
		--ab run=true "run=exec sh turn" $settings
}
settings=$*

ab INT 3
[ $status = 130 ] && restored && [ ! -e ab/restore.json ] &&
	grep -q 'ab: stopped after 0 of 4 measurements of each side; run the' \
		"$err" && no_process_left >"$scratch/log"
result $? "interrupted between the sides, the values are restored" "$err" \
	"$scratch/log"
ab KILL 7
[ $status = 137 ]
result $? "it is killed between the sides" "$err"
if [ -n "$settings" ]; then
	check "which leaves a value of side B" restored 32
	check "and the old one in restore.json" \
		grep -q "\"$value\": \"$old\"" ab/restore.json
fi
measured() {
	[ "$(wc -l <ab/A/index.jsonl) $(wc -l <ab/B/index.jsonl)" = "$1" ]
}
check "the pair before is there" measured "1 1"
ab none 0
[ $status = 0 ] && grep -q 'compare them: fio-dmabuf-bench compare ab$' "$err"
result $? "it is continued to the end" "$err"
check "with the pair that lacked side B" measured "4 4"
check "the values before the killed run are restored" restored
check "restore.json is gone" test ! -e ab/restore.json
check "each pair is measured back to back, in the order of the seed" \
	python pairs "$top" ab
check "the sides have the paths, and names without them" \
	python sides ab "path=psync run=true${settings:+ $kind=31}" \
	"path=io_uring run=exec sh turn${settings:+ $kind=32}"
cp ab/A/index.jsonl before
ab none 0
[ $status = 0 ] && cmp -s before ab/A/index.jsonl
result $? "the same command measures nothing twice" "$err"

rm ab/B/randread-4k-q1-j1/r01.json
ab none 0
[ $status = 0 ] && measured "5 5" &&
	[ "$(tail -n 1 ab/A/index.jsonl | grep -c '"round": 1, "point": "randread-4k-')" = 1 ]
result $? "where one side is gone both are measured again" "$err"

# ---- one side fails ----

bench run plan.ini -o fails --drive data --rounds 1 \
	--ab path=psync path=psync --ab none fio:io_size=nonsense
grep -v ': round ' "$err" >log
[ $status = 2 ] && [ "$(wc -l <log)" = 3 ] &&
	[ "$(grep -c '^fio-dmabuf-bench: B/randread-.*io_size' log)" = 2 ] &&
	grep -q '2 of 2 points could not be measured, see above' log &&
	[ "$(wc -l <fails/A/index.jsonl)" = 2 ] &&
	[ "$(wc -l <fails/B/failures.jsonl)" = 2 ] &&
	[ ! -s fails/A/failures.jsonl ] && [ ! -s fails/B/index.jsonl ]
result $? "a side that fails: the other one keeps its measurements" "$err"
subcommand=report
refused "report asks for one side" \
	"ab: has the two sides of run --ab; give ab/A or ab/B, or compare" ab

finish
