#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf-check on this host, which may have nothing of what it looks for: each
# "no" has its words, exit statuses, JSON, no rights, nothing left behind, and
# an output that cannot be written is an error.

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
result $? "it runs" "$err"
cp "$out" text
check "every group is there" sh -c 'grep -xE "kernel|sources|drives|fio|hints" text |
	tr "\n" " " | grep -qx "kernel sources drives fio hints "'
check "the last line is the verdict" sh -c \
	'tail -n 1 text | grep -qE "^verdict: (ok|no): [a-z_, ]* (work|missing)$"'
check "status and verdict agree" grep -q \
	"^verdict: $([ "$status" = 0 ] && echo ok || echo no)" text
check "each no has a reason" sh -c '! grep -E "^  [^ ]+( [^ ]+)*  +no *$" text'
check "a line is a fact, or a heading" sh -c \
	'! grep -vE "^(  [^ ].*  [^ ].*|[a-z].*)$" text'
check "fio and the plugin fit" sh -c '
	grep -qE "^  fio +ok +$1, fio-" text &&
	grep -qE "^  plugin +ok +$2, for fio-" text' sh "$FIO" "$MODULE"
check "memory works everywhere" grep -qE '^  memory +ok +no dma-buf' text
for kind in vfio fd p2pmem; do
	check "$kind needs an argument" grep -qE \
		"^  $kind +unknown +not tried, for it needs an argument; write $kind:" text
done

# ---- exit status ----

run --require io_uring,fio,plugin,memory
ended 0 "what works"
run --source heap:there-is-none --require heap
ended 1 "what does not"
grep -qE '^  heap:there-is-none +no +/dev/dma_heap.*; ' "$out"
result $? "has the reason and the remedy" "$out"
run --source heap:there-is-none --require memory
ended 2 "--require of a source that is not tried"
run --require io_uring -q
ended 0 "-q"
[ ! -s "$out" ] && [ ! -s "$err" ]
result $? "is silent" "$out" "$err"
run --source heap:there-is-none --require heap --quiet
ended 1 "--quiet"
[ ! -s "$out" ] && [ ! -s "$err" ]
result $? "is silent when it does not work" "$out" "$err"

# wrong REGEX ARGS...: status 2 and one line
wrong() {
	regex=$1
	shift
	run "$@"
	[ "$status" = 2 ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" = 1 ] &&
		grep -Eq "^dmabuf-check: $regex" "$err"
	result $? "wrong use: $*" "$err"
}
wrong '--require nosuch: no such name; use some of io_uring, ' --require nosuch
wrong '--require' --require io_uring,
wrong '--require drives: none is given; .*--device' --require drives
wrong 'dmabuf_source=nosuch: .*; use one of ' --source nosuch
wrong 'dmabuf_source=heap:: nothing after the colon; ' --source heap:
wrong '--force: .*; give --write' --force
wrong '--write: .*; give --device' --write
wrong '--peer: .*; give --device' --peer 00:01.0
wrong '--peer x: not a PCI device; ' --peer x --device /dev/null
wrong '--json and -q: ' --json -q
wrong '/dev/null: not an option; write --device /dev/null' /dev/null
wrong '--nosuch: no such option' --nosuch
wrong '-x: no such option' -x
wrong '--device: needs a value; ' --device

run --help
ended 0 "--help"
run --version
ended 0 "--version"
grep -qx 'dmabuf-check [0-9.]*' "$out"
result $? "the version" "$out"

# ---- drives ----

run --device /dev/null --device "$scratch/none" --device "$scratch/text" \
	--write
ended 1 "what is no drive"
for words in '/dev/null: not a block device; use' \
	     "$scratch/none: No such file or directory; name" \
	     "$scratch/text: not a block device; use"; do
	grep -qE "^  open +no +$words" "$out"
	result $? "$words" "$out"
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
	'^  plugin +no +the plugin is for fio-[0-9.]+.* and this is fio-0.1; build it with' "$out"
result $? "another version of fio" "$out"
grep -qE '^  by name +no +fio --enghelp=dmabuf: exit status 3, no such engine' "$out"
result $? "what fio said is passed on" "$out"
timeout -k 5 "$LIMIT" "$CHECK" --fio ./slow --require fio >"$out" 2>"$err"
[ $? = 1 ] && grep -qE '^  fio +no +fio --version: no answer within 20 s' "$out"
result $? "a fio that hangs" "$out"
check "and is not left" no_process_left
PATH=/nowhere "$CHECK" --require fio >"$out" 2>"$err"
[ $? = 1 ] && grep -qE '^  fio +no +no fio in PATH; ' "$out"
result $? "no fio" "$out"
run --module "$scratch/none" --require plugin
ended 1 "no plugin"
grep -qE "^  plugin +no +$scratch/none: No such file or directory; .*make install" "$out"
result $? "has the reason and the remedy" "$out"

# ---- JSON ----

run --json --device /dev/null
[ "$status" = 1 ] && [ ! -s "$err" ]
result $? "--json" "$err"
check "is JSON" python3 -m json.tool "$out"
cat >look.py <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
assert r['verdict'] == 'no'
assert [x['name'] for x in r['required']] == \
    ['io_uring', 'interface', 'sources', 'drives']
assert r['drives'][0]['device'] == '/dev/null'
assert 'not a block device' in r['drives'][0]['reason']
assert r['drives'][0]['remedy'].startswith('use /dev/nvme')
for s in r['sources']:
    assert (s['reason'] is None) == (s['state'] == 'ok'), s
assert r['fio']['version'] == r['plugin']['for_version']
END
check "with the right values" python3 look.py "$out"

# ---- no rights ----

public=$(mktemp -d)
chmod 755 "$public"
cp "$CHECK" "$MODULE" "$public"
nobody timeout -k 5 "$LIMIT" "$public/dmabuf-check" --fio "$FIO" \
	--module "$public/fio-dmabuf.so" --json >"$out" 2>"$err"
[ $? -le 1 ] && [ ! -s "$err" ] && python3 -m json.tool <"$out" >/dev/null
result $? "without any right" "$err"
check "no file is left there" test "$(ls "$public" | tr '\n' ' ')" = \
	"dmabuf-check fio-dmabuf.so "
rm -rf "$public"

# ---- nothing is left, output is not lost ----

mkdir empty
(cd empty && "$CHECK" --fio "$FIO" >/dev/null 2>&1)
check "no file is left" test -z "$(ls -A empty)"

for how in '>/dev/full' '>&-'; do
	for what in '' --json --help --version; do
		sh -c "'$CHECK' --require io_uring $what $how" 2>"$err"
		status=$?
		[ $status = 1 ] && grep -q '^dmabuf-check: standard output: ' "$err"
		result $? "$what $how is an error" "$err"
	done
done

"$CHECK" --fio ./slow >/dev/null 2>&1 &
pid=$!
sleep 1
kill -TERM $pid
wait $pid 2>/dev/null
[ $? = 143 ]
result $? "SIGTERM ends it"
check "no process is left" no_process_left

finish
