#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fio-dmabuf-bench run on files and loop devices of this host, over path host:
# what is in the directory, interrupting and continuing, what fails, what is
# refused. Most of it with a fio whose jobs are cut to a tenth of a second.

. "${0%/*}/../lib.sh"
. "$top/t/lib-bench.sh"
subcommand=run

export FIO FIO_DMABUF_MODULE="$MODULE"
real=$FIO

# python WHAT ARG...: see 071-bench-run.py
python() {
	python3 "$here/071-bench-run.py" "$@"
}

# measured DIR N [any]: that many measurements, each once and whole, and
# nothing else
measured() {
	python measured "$top" "$@"
}

# canned_fio: FIO is one that has measured before, and says that again; what
# $trouble does comes before it. $quick: a real one, for a tenth of a second.
canned_fio() {
	cat >"$scratch/fio" <<EOF
#!/bin/sh
for job; do :; done
case \$job in
--version) exec "$real" --version ;;
*probe.fio | *precondition*) exec "$real" "\$@" ;;
esac
$trouble
if [ -n "$quick" ]; then
	sed 's/^runtime=.*/runtime=100ms/' "\$job" >"\$job.quick"
	"$real" --output-format=json+ "\$job.quick"
	status=\$?
	rm -f "\$job.quick"
	exit \$status
fi
report=\$(sed -n 's/^dmabuf_report=//p' "\$job")
if grep -qx numjobs=1 "\$job"; then
	cp canned.report "\$report"
else
	cp canned.report "\${report%report}1.report"
	cp canned.report "\${report%report}2.report"
fi && cat canned.json
EOF
	chmod +x "$scratch/fio"
	FIO=$scratch/fio
}

quick_fio() {
	trouble=
	quick=1
	canned_fio
	quick=
}

python3 -c 'open("data", "wb").write(b"x" * (8 << 20))'
cat >plan.ini <<'EOF'
# four points, two rounds
[plan]
description = small
rounds = 2
runtime = 1
seed = 5

[points]
path = host
rw = randread
bs = 4k
iodepth = 1 4
numjobs = 1 2
EOF
sed 's/= randread/= randrw/' plan.ini >writes.ini

# ---- one run with the real fio, interrupted at any moment ----

interrupted() {
	tries=0
	while [ $tries -lt 30 ]; do
		tries=$((tries + 1))
		signal=$((tries % 2 * 13 + 2)) # SIGINT, SIGTERM
		python interrupt "${DMABUF_SEED:-1}:$tries" \
			$((3 + tries / 2)).$((tries % 2 * 5)) $signal \
			"$LIMIT" "$top/bench/fio-dmabuf-bench" run plan.ini \
			-o dir --drive data 2>"$err" >"$out"
		status=$?
		[ $status = 0 ] && return 0
		no_process_left || return 1
		# before Python is ready for signals it ends as any program
		if [ $status = 200 ] || [ $status = 1 ]; then
			continue
		fi
		if [ $status != $((128 + signal)) ]; then
			echo "exit status $status" >>"$err"
			return 1
		fi
		# with no line at all it has not yet looked at the directory
		[ ! -e dir/index.jsonl ] || [ ! -s "$err" ] || {
			grep -q 'stopped after .* of 8 measurements; run the' \
				"$err" && measured dir \
				"$(wc -l <dir/index.jsonl)" any || return 1
		}
	done
	return 1
}
check "interrupted at any moment and continued to the end" interrupted
check "it was interrupted several times" test "$tries" -gt 2
check "each point is measured once a round, in the order of the seed" \
	measured dir 8
check "the order of the rounds differs" python reordered dir
check "the plan is kept as it was" cmp plan.ini dir/plan.ini
check "the environment is recorded" python environment dir

cp dir/index.jsonl before
cp dir/host-randread-4k-q1-j1/r01.json canned.json
cp dir/host-randread-4k-q1-j1/r01.report canned.report
bench run plan.ini -o dir --drive data
[ $status = 0 ] && [ ! -s "$err" ] && cmp -s before dir/index.jsonl
result $? "the same command measures nothing twice" "$err"

canned_fio
refused "another fio is refused" "dir: fio sha256 differs: .* there, .* now" \
	plan.ini -o dir --drive data
FIO=$real
refused "another runtime is refused" "runtime differs: 1 there, 2 now" \
	plan.ini -o dir --drive data --runtime 2
cp data other
refused "another file is refused" "the file differs: data there, other now" \
	plan.ini -o dir --drive other
sed 's/iodepth = 1 4/iodepth = 1 8/' plan.ini >changed.ini
cp plan.ini kept.ini
mv changed.ini plan.ini
refused "another plan of the same name is refused" \
	"the text of the plan differs" plan.ini -o dir --drive data
mv kept.ini plan.ini

# ---- two at once ----

printf '[plan]\nrounds = 1\nruntime = 4\n[points]\npath = host\n' >one.ini
python3 "$top/bench/fio-dmabuf-bench" run one.ini -o two --drive data \
	>"$scratch/log" 2>&1 &
pid=$!
wait_for 20 test -e two/host-randread-4k-q32-j1/job.fio
refused "two runs in one directory are refused" \
	"two: another run, or its fio, is using it" \
	one.ini -o two --drive data
kill -9 $pid
wait $pid 2>/dev/null
refused "so is one while the fio of a killed run is at work" \
	"two: another run, or its fio, is using it" \
	one.ini -o two --drive data
wait_for 10 no_process_left >"$scratch/log"
bench run one.ini -o two --drive data
result $status "after a kill it goes on" "$err"
check "after a kill nothing is lost and nothing is there twice" measured two 1

# ---- fio that has something to say ----

trouble='echo "fio: a word {before}"; echo "and one aside" >&2'
canned_fio
bench run plan.ini -o words --drive data
[ $status = 0 ] && measured words 8 >"$scratch/log" 2>&1
result $? "lines before the first { are no JSON" "$err" "$scratch/log"
check "they are kept in the log" test "$(cat words/*/r02.log | sort -u)" = \
	"and one aside
fio: a word {before}"

# failing DESC REGEX TROUBLE: for one of four points
failing() {
	desc=$1
	regex=$2
	trouble="if [ ! -e well ]; then case \$job in *q4-j2*) $3;; esac; fi"
	canned_fio
	rm -rf failed
	bench run plan.ini -o failed --drive data
	grep -v ': round ' "$err" >log
	[ $status = 2 ] && [ "$(wc -l <log)" = 2 ] &&
		grep -q "host-randread-4k-q4-j2: $regex" log &&
		grep -q '1 of 4 points could not be measured, see above' log &&
		measured failed 6 >"$scratch/log" 2>&1 &&
		[ "$(wc -l <failed/failures.jsonl)" = 1 ]
	result $? "$desc: one line, the other points go on" "$err" \
		"$scratch/log"
}
failing "an error of the engine" 'dmabuf: no such memory; use another$' \
	'echo "dmabuf: no such memory; use another" >&2; exit 1'
touch well
bench run plan.ini -o failed --drive data
[ $status = 0 ] && measured failed 8 any >"$scratch/log" 2>&1
result $? "what has failed is measured when the run is continued" "$err" \
	"$scratch/log"
rm well
failing "JSON that is cut off" 'fio: cut-off JSON, exit status 0$' \
	'echo "{ \"jobs\": ["; exit 0'

# fio says nothing about a job that SIGUSR2 kills, and exits with status 0
cat >"$scratch/fio" <<EOF
#!/bin/sh
for job; do :; done
case \$job in --version | *probe.fio) exec "$real" "\$@" ;; esac
"$real" "\$@" &
fio=\$!
sleep 0.7
read -r first rest <"/proc/\$fio/task/\$fio/children"
kill -USR2 "\$first"
wait "\$fio"
EOF
chmod +x "$scratch/fio"
FIO=$scratch/fio
sed 's/= host/= psync/; s/= 1 4/= 1/; s/= 1 2/= 4/' plan.ini >jobs.ini
bench run jobs.ini -o fewer --drive data --rounds 1
[ $status = 2 ] && grep -q 'q1-j4: fio: its jobs worked for [23]\.[0-9] s of 4 s' \
	"$err" && [ ! -s fewer/index.jsonl ]
result $? "fewer jobs than asked for are no measurement" "$err"

cp data lost
# shellcheck disable=SC2016 # for the script that it goes into
trouble='case $job in *q4-j2*) rm lost; exit 1;; esac'
canned_fio
refused "a drive that is gone ends the run" \
	"lost: No such file or directory \\(.*\\); reconnect it, .* again$" \
	plan.ini -o gone --drive lost

# ---- disk full, in a mount namespace of its own ----

# In a chroot propagation cannot be changed: what is mounted is unmounted.

disk_full() {
	# shellcheck disable=SC2016 # for the inner shell
	timeout "$LIMIT" unshare "$1" -m --propagation unchanged sh -c '
	mkdir -p full && mount -t tmpfs -o size=160k none full || exit 77
	trap "umount full" EXIT
	python3 "$1" run plan.ini -o full/dir --drive data --rounds 6 2>first
	[ $? = 2 ] || exit 1
	sed -i "/: round /d" first
	[ "$(wc -l <first)" = 1 ] || exit 2
	grep -q "No space left on device; make room, and run the" first ||
		exit 3
	cp full/dir/index.jsonl before
	mount -o remount,size=8m full || exit 4
	python3 "$1" run plan.ini -o full/dir --drive data --rounds 6 ||
		exit 5
	cp full/dir/index.jsonl after
	cp -r full/dir enough' sh "$top/bench/fio-dmabuf-bench" >"$out" 2>"$err"
}
trouble=
canned_fio
disk_full "$([ "$(id -u)" = 0 ] || echo -r)-f"
status=$?
if grep -q 'Operation not permitted' "$err"; then
	skip "disk full" "no mount namespace can be made here"
else
	echo "exit status $status" >>"$err"
	[ $status = 0 ]
	result $? "disk full: one line, then it goes on" "$err" first
	# shellcheck disable=SC2016 # for the inner shell
	check "disk full: what was measured is kept" sh -c \
		'[ -s before ] && head -n $(wc -l <before) after | cmp - before'
	check "disk full: nothing is lost and nothing is there twice" \
		measured enough 24
fi

# ---- what is missing ----

FIO=$real
refused "no such fio" "nofio: not found; install fio, or give it" \
	plan.ini -o none --drive data --fio nofio
refused "a fio that is none" "/true: not fio; give one with --fio" \
	plan.ini -o none --drive data --fio /bin/true
refused "no such plugin" "none.so: no such file; build the plugin" \
	plan.ini -o none --drive data --plugin none.so
refused "a plugin that is none" "plan.ini: cannot be used: fio: " \
	plan.ini -o none --drive data --plugin plan.ini
refused "no such plan" "slow: no such plan; give a file or one of iommu" \
	slow -o none --drive data
refused "no drive" "no drive; give --drive DEVICE" plan.ini -o none
refused "no such drive" "nodrive: no such drive or file; check the name" \
	plan.ini -o none --drive nodrive
refused "no directory" "no directory; give -o DIR" plan.ini --drive data
refused "a directory of something else" \
	"/t: neither empty nor a directory of results" \
	plan.ini -o "$top/t" --drive data
check "nothing is left of what was refused" test ! -e none

# ---- what may be written to ----

refused "a file with data is not written to" \
	"data: a file with data, and the plan writes; .* --destroy data" \
	writes.ini -o none --drive data
refused "--destroy of another name is refused" \
	"--destroy ./data: the plan has no such drive" \
	writes.ini -o none --drive data --destroy ./data
refused "a new file needs a size" "new: a file without data, .* size= to" \
	writes.ini -o none --drive new
quick_fio
bench run writes.ini -o written --drive data --destroy data --rounds 1
[ $status = 0 ] && measured written 4 >"$scratch/log" 2>&1
result $? "--destroy by name writes" "$err" "$scratch/log"
{
	cat writes.ini
	echo '[fio]'
	echo 'size=4m'
	echo '[precondition]'
	echo 'steps = fill random*2'
	echo 'purge = none'
} >fill.ini
bench run fill.ini -o filled --drive new --rounds 1
[ $status = 0 ] && [ "$(stat -c %s new)" = 4194304 ] &&
	grep -q 'precondition 1 of 3: fill of new, in blocks of 128k: 0 % of' \
		"$err" &&
	grep -q '3 of 3: random of new, time 2 of 2, in blocks of 4k' "$err" &&
	grep -q '"purge": "none"' filled/directory.json
result $? "a new file is filled first" "$err"
bench run fill.ini -o filled --drive new --rounds 2
[ $status = 0 ] && ! grep -q precondition "$err" &&
	measured filled 8 >"$scratch/log" 2>&1
result $? "and only once; more rounds are taken" "$err" "$scratch/log"

{
	cat writes.ini
	echo '[fio]'
	echo 'size=4m'
} >sized.ini
bench run sized.ini -o laid --drive fresh --rounds 1
[ $status = 0 ] && grep -q 'layout of fresh, 4m each: 0 % of 4.19 MB' "$err" &&
	grep -q create_only=1 laid/layout-1.fio && measured laid 4 \
	>"$scratch/log" 2>&1
result $? "a new file is laid out before the first measurement" "$err" \
	"$scratch/log"
bench run sized.ini -o laid --drive fresh --rounds 2
[ $status = 0 ] && ! grep -q layout "$err"
result $? "and only once" "$err"

# loop_device SIZE: $loop
loop_device() {
	truncate -s 0 image
	truncate -s "$1" image
	loop=$(losetup -f --show image 2>"$err")
}
if [ "$(id -u)" = 0 ] && loop_device 8m; then
	trap 'losetup -d "$loop"; cd /; rm -rf "$scratch"' EXIT
	mkswap "$loop" >/dev/null 2>&1
	refused "a drive with a signature is not written to" \
		"$loop: it has a signature of swap, .* give --destroy $loop" \
		writes.ini -o none --drive "$loop"
	ln -s "$loop" link
	refused "nor by a link to it" \
		"link: it has a signature of swap, .* give --destroy link" \
		writes.ini -o none --drive link
	dd if=/dev/zero of="$loop" bs=1M count=8 conv=notrunc 2>/dev/null
	printf '\0\0\0\0\203\0\0\0\1\0\0\0\100' |
		dd of="$loop" bs=1 seek=445 conv=notrunc 2>/dev/null
	printf '\125\252' | dd of="$loop" bs=1 seek=510 conv=notrunc 2>/dev/null
	refused "nor one with a partition table" \
		"$loop: it has a (partition table|1 partition)" \
		writes.ini -o none --drive "$loop"
	exec 9<"$loop"
	python3 "$here/071-bench-run.py" hold "$loop" &
	holder=$!
	wait_for 10 test -e held
	refused "nor one in use" "$loop: it is in use" \
		writes.ini -o none --drive "$loop"
	kill $holder
	wait $holder 2>/dev/null
	exec 9<&-
	bench run writes.ini -o empty --drive "$loop" --rounds 1
	[ $status = 0 ] && measured empty 4 >"$scratch/log" 2>&1
	result $? "an empty drive is written to" "$err" "$scratch/log"
else
	skip "drives with something on them" "loop devices need root"
fi

# ---- without running ----

bench run plan.ini --dry-run --drive data
[ $status = 0 ] && [ "$(grep -c '^\[' "$out")" = 4 ] &&
	grep -q '^# 4 points, 2 rounds, about 20 s; only reads$' "$out"
result $? "--dry-run prints the jobs and the time" "$err" "$out"
bench run --list
[ $status = 0 ] && grep -Eq '^quick  .*; about [12] min( [0-9]+ s)?$' "$out"
result $? "--list has the plans that come along" "$err" "$out"

finish
