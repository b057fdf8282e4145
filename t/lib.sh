# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Shared by the system tests: TAP output, a scratch directory, fio jobs with
# this engine, and running a test inside the virtual machine. A test begins with
# ". ${0%/*}/../lib.sh" and ends with "finish". Results have no number and the
# plan comes last, so that the output of a machine can be passed on unchanged.
# Runs under dash and, in the machine, under busybox.
#
# With DMABUF_NO_SKIP=1 every skip is a failure.

here=$(cd "${0%/*}" && pwd)
top=${here%/*/*}
top=${abs_top_srcdir:-$top}
build=${abs_top_builddir:-$top/build}
FIO=${FIO:-$(command -v fio)}
MODULE=${FIO_DMABUF_MODULE:-$build/.libs/fio-dmabuf.so}
ENGINE=${ENGINE:-external:$MODULE}

# Seconds that one job may take; more where everything is emulated
LIMIT=${LIMIT:-60}
preload=
common=
target=
batch=
whole_output=
# Matches the line at the end of a job, and no error
summary=': (path |neither reads nor writes)'

count=0
failures=0
skipped=0

# $label precedes every description.

# ---- TAP ----

# diagnose <TEXT: prints standard input as TAP comments
diagnose() {
	sed 's/^/#   /'
}

pass() {
	count=$((count + 1))
	echo "ok - $label$1"
}

# fail DESC [FILE...]: also shows the files; of $out only what may be fio's
# reason, unless $whole_output is set
fail() {
	count=$((count + 1))
	failures=$((failures + 1))
	echo "not ok - $label$1"
	shift
	for shown in "$@"; do
		if [ "$shown" = "$out" ] && [ -z "$whole_output" ]; then
			grep -E '^[a-z]+: |error|err=' "$shown" |
				head -n 15 | diagnose
		else
			tail -n 60 "$shown" | diagnose
		fi
	done
}

# result STATUS DESC [FILE...]
result() {
	if [ "$1" = 0 ]; then
		pass "$2"
	else
		shift
		fail "$@"
	fi
}

# known DESC REASON: a failure that is not ours to fix; TAP calls it TODO
known() {
	count=$((count + 1))
	echo "not ok - $label$1 # TODO $2"
}

# skip DESC REASON: skips one check, or fails it with DMABUF_NO_SKIP=1
skip() {
	if [ "${DMABUF_NO_SKIP:-0}" = 1 ]; then
		echo "# may not be skipped: $2"
		fail "$1"
		return
	fi
	count=$((count + 1))
	skipped=$((skipped + 1))
	echo "ok - $label$1 # SKIP $2"
}

# skip_all REASON: skips the whole script. automake's driver reads the plan and
# expects status 0; without it the status is 77, as is customary.
skip_all() {
	if [ "${DMABUF_NO_SKIP:-0}" = 1 ]; then
		echo "# may not be skipped: $1"
		fail "${0##*/}"
		finish
	fi
	echo "1..0 # SKIP $1"
	[ -n "$srcdir" ] || exit 77
	exit 0
}

# bail REASON: ends the script, whose remaining checks would be meaningless
bail() {
	echo "Bail out! $1"
	exit 1
}

# finish: prints the plan; the last command of a test
finish() {
	echo "1..$count"
	[ "$failures" = 0 ] || [ -n "$srcdir" ] || exit 1
	exit 0
}

# check DESC COMMAND...: passes when the command succeeds
check() {
	desc=$1
	shift
	"$@" >"$scratch/log" 2>&1
	result $? "$desc" "$scratch/log"
}

# refute DESC COMMAND...: passes when the command fails, but not by a signal
refute() {
	desc=$1
	shift
	"$@" >"$scratch/log" 2>&1
	status=$?
	[ $status != 0 ] && [ $status -lt 124 ]
	result $? "$desc" "$scratch/log"
}

# ---- scratch directory, in the build tree: /tmp may not support O_DIRECT ----

make_scratch() {
	[ -d "$1" ] || mkdir -p "$1" || bail "$1: cannot create it"
	scratch=$(mktemp -d "$1/tmp-XXXXXX") ||
		bail "$1: cannot create a scratch directory"
	trap 'cd /; rm -rf "$scratch"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	cd "$scratch" || bail "$scratch: cannot change to it"
	out=$scratch/out
	err=$scratch/err
	: >"$out"
	: >"$err"
}

if [ "${DMABUF_IN_MACHINE:-0}" = 1 ]; then
	make_scratch /tmp
	ENGINE=dmabuf
	LIMIT=120
else
	make_scratch "$build/t"
	[ -x "$FIO" ] || bail "fio: not found; install it or set FIO="
	[ -f "$MODULE" ] || bail "$MODULE: not built; run make"
fi

# ---- the virtual machine ----

# in_machine OPTIONS...: runs this script again in the machine; what follows the
# call runs only there. Each word of $boots, options of t/vm/run with commas for
# spaces, is one run in a machine of its own. $kernel is the kernel to boot.
# stderr must stay empty.
in_machine() {
	[ "${DMABUF_IN_MACHINE:-0}" = 0 ] || return 0
	[ -c /dev/ptmx ] || bail "/dev: not mounted"
	for boot in ${boots:-,}; do
		# shellcheck disable=SC2046 # several words or none
		one_boot "$@" $(echo "$boot" | tr ',' ' ')
	done
	finish
}

one_boot() {
	FIO_DMABUF_MODULE="$MODULE" FIO_DMABUF_BUILD="$build" \
		"$top/t/vm/run" --fio "$FIO" \
		--kernel "${kernel:-debian}" --timeout "${boot_limit:-1000}" \
		--file "$top/t/lib.sh:/t/lib.sh" \
		--file "$top/t/lib-io.sh:/t/lib-io.sh" \
		--file "$top/t/lib-check.sh:/t/lib-check.sh" \
		--file "$top/t/lib-lost.sh:/t/lib-lost.sh" \
		--file "$top/t/lib-faults.sh:/t/lib-faults.sh" \
		--file "$here/${0##*/}:/t/test/test.sh" "$@" \
		-- env DMABUF_IN_MACHINE=1 srcdir=/t \
		label="${label:-$(boot_label "$@")}" \
		DMABUF_NO_SKIP="${DMABUF_NO_SKIP:-0}" \
		DMABUF_SEED="$DMABUF_SEED" \
		DMABUF_SOAK_SECONDS="$DMABUF_SOAK_SECONDS" sh /t/test/test.sh \
		>"$out" 2>"$err"
	status=$?
	# Printed when a kernel is not cached yet
	sed -i '/^t\/vm\/run: \(fetching\|building\|waiting for another run\) /d' "$err"
	grep -v '^1\.\.[0-9]*$' "$out"
	seen=$(grep -cE '^(not )?ok - ' "$out")
	count=$((count + seen))
	failures=$((failures + $(grep '^not ok - ' "$out" |
		grep -vc ' # TODO ')))
	skipped=$((skipped + $(grep -c '^ok - .* # SKIP' "$out")))
	[ "$status" = 0 ] && grep -qx "1..$seen" "$out" &&
		! grep -qvE '^t/vm/run: (asking|fetching) ' "$err"
	result $? "the machine ran to its end without a kernel warning" \
		"$err"
}

# needs_feature: the test needs a kernel that can register dma-bufs with
# io_uring: the project's test kernel, or one with the series
needs_feature() {
	[ "${DMABUF_IN_MACHINE:-0}" = 0 ] || return 0
	kernel=${DMABUF_TEST_KERNEL:-test}
	if [ "$kernel" = none ]; then
		DMABUF_NO_SKIP=0
		skip_all "left out by t/check --no-direct"
	fi
	[ "$kernel" = test ] || [ -f "$kernel" ] ||
		bail "$kernel: no such file; set DMABUF_TEST_KERNEL"
}

# needs_test_kernel: the test needs the fault injection of the test kernel
needs_test_kernel() {
	if [ "${DMABUF_IN_MACHINE:-0}" = 1 ]; then
		[ -d /sys/module/dmabuf_test ] || bail "not the test kernel"
		return
	fi
	needs_feature
	[ "$kernel" = test ] || is_test_kernel "$kernel" && return
	DMABUF_NO_SKIP=0
	skip_all "needs the fault injection of the test kernel: t/check without --kernel"
}

# is_test_kernel FILE: by the version in the header of the bzImage
is_test_kernel() {
	head -c 65536 "$1" | grep -aq -e '-fio-dmabuf-test '
}

# boot_label OPTIONS...: "iommu strict: ", or nothing
boot_label() {
	case " $* " in
	*" --iommu "*)
		echo "$*" | sed 's/^.*--iommu \([a-z]*\).*$/iommu \1: /'
		;;
	esac
}

# ---- fio jobs ----

# fio NAME ARGS...: runs one job, or several with --name among ARGS. Leaves the
# exit status in $status and the output in $out and $err. $preload is at most
# one LD_PRELOAD=, for fio alone; $common are options of every job, $target the
# file of every job that names none (fio would add up all names).
fio() {
	job=$1
	shift
	case " $* " in
	*" --filename="*) ;;
	*) set -- ${target:+"--filename=$target"} "$@" ;;
	esac
	# shellcheck disable=SC2086 # several words or none
	timeout -k 5 "$LIMIT" env $preload "$FIO" --name="$job" \
		--ioengine="$ENGINE" $common "$@" >"$out" 2>"$err"
	status=$?
}

# lines: the lines of the engine, on either output
lines() {
	cat "$out" "$err" | grep '^dmabuf: '
}

# jobs_reported N: N lines at the end of jobs, no other lines, no errors
jobs_reported() {
	[ "$(lines | grep -cE "$summary")" = "$1" ] &&
		[ "$(lines | wc -l)" = "$1" ] &&
		[ "$(lines | grep -c ', no errors')" = "$1" ]
}

# good DESC ARGS...: the job succeeds with one line of the engine per job and no
# other message. $reports is the number of jobs, $line a regular expression that
# their lines match. Between "batch" and "end_batch" it only notes the job.
good() {
	if [ -n "$batch" ]; then
		note_job "$@"
		return
	fi
	desc=$1
	shift
	fio job "$@"
	[ "$status" = 0 ] && jobs_reported "${reports:-1}" && [ ! -s "$err" ] &&
		said "${line:-.}"
	result $? "$desc" "$err" "$out"
}

# ---- many jobs in one run of fio, because starting it takes a second ----

batch() {
	batch=$scratch/batch
	: >"$batch.fio"
	: >"$batch.list"
}

note_job() {
	number=$(($(wc -l <"$batch.list") + 1))
	echo "$number ${reports:-1} ${#line} :$line$label$1" >>"$batch.list"
	shift
	case " $* " in
	*" --filename="*) ;;
	*) set -- ${target:+"--filename=$target"} "$@" ;;
	esac
	{
		echo "[j$number]"
		echo stonewall
		echo "ioengine=$ENGINE"
		# shellcheck disable=SC2086 # several words
		for option in $common "$@"; do
			echo "${option#--}"
		done
	} >>"$batch.fio"
}

end_batch() {
	timeout -k 5 "$((LIMIT * 4))" "$FIO" "$batch.fio" >"$out" 2>"$err"
	status=$?
	labelled=$label
	label=
	while read -r number expected length rest; do
		# a colon, the regular expression, the description
		desc=$(echo "$rest" | cut -c "$((length + 2))-")
		regex=$(echo "$rest" | cut -c "2-$((length + 1))")
		[ "$length" != 0 ] || regex=.
		job_is_good "j$number" "$expected" "$regex"
		result $? "$desc" "$scratch/log"
	done <"$batch.list"
	label=$labelled
	[ "$status" = 0 ] && [ ! -s "$err" ] &&
		! lines | grep -vqE "$summary"
	result $? "fio and the engine printed nothing else" "$err" "$out"
	batch=
}

# job_is_good NAME N REGEX: neither fio nor the engine reports an error
job_is_good() {
	grep -E "^dmabuf: $1: |^$1: .*err=" "$out" >"$scratch/log"
	[ "$(grep -Ec "^dmabuf: $1: (path .*, no errors|neither reads nor writes)" "$scratch/log")" = "$2" ] &&
		[ "$(grep -Ec "^$1: \(groupid=.* err= 0" "$scratch/log")" -gt 0 ] &&
		! grep -Eq "^$1: .* err= *[1-9]" "$scratch/log" &&
		grep -Eq "^dmabuf: .*$3" "$scratch/log"
}

# bad DESC REGEX ARGS...: the job fails with an error status, not by a signal or
# the time limit, and the engine prints one line, which matches.
bad() {
	desc=$1
	regex=$2
	shift 2
	fio job "$@"
	is_refused "$regex"
	result $? "$desc" "$err" "$out"
}

is_refused() {
	if [ "$status" = 0 ] || [ "$status" -ge 124 ]; then
		echo "exit status $status" >>"$err"
		return 1
	fi
	if [ "$(lines | grep -vcE "$summary")" != 1 ]; then
		echo "expected exactly one line of error" >>"$err"
		return 1
	fi
	lines | grep -vE "$summary" | grep -Eq "$1" || {
		echo "expected: $1" >>"$err"
		return 1
	}
}

# bad_option DESC REGEX ARGS...: the same for an error that fio itself prints
bad_option() {
	desc=$1
	regex=$2
	shift 2
	fio job "$@"
	[ "$status" != 0 ] && [ "$status" -lt 124 ] &&
		cat "$out" "$err" | grep -Eq "$regex" &&
		[ "$(lines | wc -l)" = 0 ]
	result $? "$desc" "$err" "$out"
}

# said REGEX: a line of the engine matches
said() {
	lines | grep -Eq "$1"
}

# report_is KEY REGEX [FILE]: checks a scalar of a dmabuf_report
report_is() {
	grep -Eq "^  \"$1\": ($2),?\$" "${3:-$scratch/report.json}" && return
	echo "$1 is not $2:" && cat "${3:-$scratch/report.json}" && return 1
}

# holds DESC KIND FILE EXPRESSION: evaluated on JSON, see lib_json.py
holds() {
	check "$1" python3 "$top/t/host/lib_json.py" "$2" "$3" "$4"
}

# no_process_left: no process has the scratch directory in its command line
no_process_left() {
	for process in /proc/[0-9]*; do
		[ "$process" != "/proc/$$" ] || continue
		tr '\0' ' ' 2>/dev/null <"$process/cmdline" |
			grep -F "$scratch" && return 1
	done
	return 0
}

# wait_for SECONDS COMMAND...: waits until the command succeeds, up to four
# times as long because the host may be busy
wait_for() {
	tries=$(($1 * 40))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# nobody COMMAND...: runs it without any privileges of root
nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups \
			--bounding-set=-all --inh-caps=-all "$@"
	else
		"$@"
	fi
}
