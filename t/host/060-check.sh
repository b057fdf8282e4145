#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf-check on this host, which may lack everything it looks for: each "no"
# has a reason; exit statuses; JSON; it runs without privileges, leaves nothing
# behind, and fails when its output cannot be written.

. "${0%/*}/../lib.sh"

CHECK=$build/dmabuf-check
[ -x "$CHECK" ] || bail "$CHECK: not built; run make"

# run ARGS...: leaves $status, $out and $err
run() {
	timeout -k 5 "$LIMIT" "$CHECK" --fio "$FIO" --module "$MODULE" "$@" \
		>"$out" 2>"$err"
	status=$?
}

# ended STATUS DESC
ended() {
	[ "$status" = "$1" ] || echo "exit status $status" >>"$err"
	[ "$status" = "$1" ]
	result $? "$2" "$err"
}

# ---- text ----

run
[ "$status" -le 1 ] && [ ! -s "$err" ]
result $? "it runs without a message" "$err"
cp "$out" text
check "the text has every group" sh -c 'grep -xE "kernel|sources|drives|fio|hints" text |
	tr "\n" " " | grep -qx "kernel sources drives fio hints "'
check "the last line is the verdict" sh -c \
	'tail -n 1 text | grep -qE "^verdict: (ok|no): [a-z_, ]* (passed|failed)$"'
check "status and verdict agree" grep -q \
	"^verdict: $([ "$status" = 0 ] && echo ok || echo no)" text
check 'each "no" has a reason' sh -c '! grep -E "^  [^ ]+( [^ ]+)*  +no *$" text'
check "every line is a fact or a heading" sh -c \
	'! grep -vE "^(  [^ ].*  [^ ].*|[a-z].*)$" text'
check "the plugin loads into fio" sh -c '
	grep -qE "^  fio +ok +$1, fio-" text &&
	grep -qE "^  plugin +ok +$2, built for fio-" text' sh "$FIO" "$MODULE"
check "source memory works on every machine" grep -qE '^  memory +ok +not a dma-buf, ' text
for kind in vfio fd p2pmem; do
	check "$kind needs an argument" grep -qE \
		"^  $kind +unknown +not tried: it needs an argument; write $kind:" text
done

# ---- exit status ----

run --require io_uring,fio,plugin,memory
ended 0 "status 0 when everything required works"
env --ignore-signal=CHLD "$CHECK" --fio "$FIO" --module "$MODULE" \
	--require io_uring,fio,plugin,memory >"$out" 2>"$err"
status=$?
ended 0 "it works where its caller ignores SIGCHLD"
refute "nothing is untried for that" grep "not tried: No child" "$out"
run --source heap:there-is-none --require heap
ended 1 "status 1 when something required fails"
grep -qE '^  heap:there-is-none +no +/dev/dma_heap.*; ' "$out"
result $? "a source that fails has a reason and a remedy" "$out"
run --source heap:there-is-none --require memory
ended 2 "status 2 when --require names a source that is not tried"
run --require io_uring -q
ended 0 "-q: status 0 when everything required works"
[ ! -s "$out" ] && [ ! -s "$err" ]
result $? "-q prints nothing" "$out" "$err"
run --source heap:there-is-none --require heap --quiet
ended 1 "--quiet: status 1 when something required fails"
[ ! -s "$out" ] && [ ! -s "$err" ]
result $? "--quiet prints nothing when something fails" "$out" "$err"

# wrong REGEX ARGS...: expects status 2 and one line that matches
wrong() {
	regex=$1
	shift
	run "$@"
	[ "$status" = 2 ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" = 1 ] &&
		grep -Eq "^dmabuf-check: $regex" "$err"
	result $? "invalid usage: $*" "$err"
}
wrong '--require nosuch: unknown name; choose from io_uring, ' --require nosuch
wrong '--require' --require io_uring,
wrong '--require drives: no drive to test; add --device' --require drives
wrong 'dmabuf_source=nosuch: .*; use one of ' --source nosuch
wrong 'dmabuf_source=heap:: nothing after the colon; ' --source heap:
wrong '--force: .*; add --write' --force
wrong '--write: .*; add --device' --write
wrong '--verify: .*; add --device' --verify
wrong '--seconds: .*; add --verify' --seconds 3
wrong '--seconds 0: not a number of seconds; give 1 to 86400' --seconds 0 \
	--verify --device /dev/null
wrong '--require verify: nothing is verified; add --verify' --require verify
wrong '--peer: .*; add --device' --peer 00:01.0
wrong '--peer x: not a PCI address; ' --peer x --device /dev/null
wrong '--json and -q: ' --json -q
wrong '/dev/null: unexpected argument; give a drive as --device /dev/null' /dev/null
wrong '--nosuch: unknown or ambiguous option' --nosuch
wrong '-x: unknown option' -x
wrong '--device: needs a value; ' --device

run --help
ended 0 "--help succeeds"
run --version
ended 0 "--version succeeds"
grep -qx 'dmabuf-check [0-9.]*' "$out"
result $? "--version prints the version" "$out"

# ---- drives ----

run --device /dev/null --device "$scratch/none" --device "$scratch/text" \
	--write
ended 1 "status 1 for --device with something that is not a drive"
for words in '/dev/null: not a block device; use' \
	     "$scratch/none: No such file or directory; give" \
	     "$scratch/text: not a block device; use"; do
	grep -qE "^  open +no +$words" "$out"
	result $? "the reason is: $words" "$out"
done

# ---- fio ----

cat >slow <<'END'
#!/bin/sh
exec sleep 100
END
cat >wrong <<'END'
#!/bin/sh
[ "$1" = --version ] && echo fio-0.1 || { echo "no such engine"; exit 3; }
END
chmod +x slow wrong
timeout -k 5 "$LIMIT" "$CHECK" --fio ./wrong --module "$MODULE" \
	--require plugin >"$out" 2>"$err"
[ $? = 1 ] && grep -qE \
	'^  plugin +no +the plugin is built for fio-[0-9.]+.* but this is fio-0.1; configure it with' "$out"
result $? "the plugin is refused for another version of fio" "$out"
grep -qE '^  by name +no +fio --enghelp=dmabuf: exit status 3, no such engine' "$out"
result $? "the reason contains the last line of fio" "$out"
timeout -k 5 "$((LIMIT + 60))" "$CHECK" --fio ./slow --require fio >"$out" 2>"$err"
[ $? = 1 ] && grep -qE '^  fio +no +fio --version: timed out after 60 s' "$out"
result $? "a fio that hangs is reported after 60 s" "$out"
check "a fio that hangs is killed" no_process_left
PATH=/nowhere "$CHECK" --require fio >"$out" 2>"$err"
[ $? = 1 ] && grep -qE '^  fio +no +fio: not found in PATH; ' "$out"
result $? "a missing fio is reported" "$out"
run --module "$scratch/none" --require plugin
ended 1 "status 1 for a missing plugin"
grep -qE "^  plugin +no +$scratch/none: No such file or directory; .*make install" "$out"
result $? "a missing plugin has a reason and a remedy" "$out"

# ---- JSON ----

run --json --device /dev/null
[ "$status" = 1 ] && [ ! -s "$err" ]
result $? "--json runs without a message" "$err"
check "its output is JSON" python3 -m json.tool "$out"
check "the JSON has the right values" python3 "$here/060-check.py" "$out"

# ---- no rights ----

public=$(mktemp -d)
chmod 755 "$public"
cp "$CHECK" "$MODULE" "$public"
nobody timeout -k 5 "$LIMIT" "$public/dmabuf-check" --fio "$FIO" \
	--module "$public/fio-dmabuf.so" --json >"$out" 2>"$err"
[ $? -le 1 ] && [ ! -s "$err" ] && python3 -m json.tool <"$out" >/dev/null
result $? "it runs without privileges" "$err"
check "it leaves no file beside the program" test "$(ls "$public" | tr '\n' ' ')" = \
	"dmabuf-check fio-dmabuf.so "
rm -rf "$public"

# ---- nothing is left, output is not lost ----

mkdir empty
(cd empty && "$CHECK" --fio "$FIO" >/dev/null 2>&1)
check "it leaves no file in the current directory" test -z "$(ls -A empty)"

for how in '>/dev/full' '>&-'; do
	for what in '' --json --help --version; do
		sh -c "'$CHECK' --require io_uring $what $how" 2>"$err"
		status=$?
		[ $status = 1 ] && grep -q '^dmabuf-check: standard output: ' "$err"
		result $? "unwritable output fails: $what $how" "$err"
	done
done

"$CHECK" --fio ./slow >/dev/null 2>&1 &
pid=$!
sleep 1
kill -TERM $pid
wait $pid 2>/dev/null
[ $? = 143 ]
result $? "SIGTERM ends it with status 143"
check "SIGTERM leaves no process" no_process_left

finish
