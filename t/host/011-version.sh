#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fio has no stable interface for plugins: loaded into a fio it was not built
# for, the engine has to say so in one line and never to crash.

. "${0%/*}/../lib.sh"

version=$("$FIO" --version)
# The same length, so that nothing moves in the file.
other=$(echo "$version" | sed 's/[0-9]/7/g')
[ "$other" != "$version" ] || other=$(echo "$version" | sed 's/[0-9]/6/g')

# A plugin built for another fio: only the string it compares is changed.
sed "s/$version/$other/g" "$MODULE" >other.so
if cmp -s other.so "$MODULE"; then
	bail "$version does not occur in $MODULE"
fi

wrong_fio() {
	status=$1
	[ "$status" = 1 ] &&
		[ "$(lines | wc -l)" = 1 ] &&
		said "built for $other and the running fio is $version; .*--with-fio=" &&
		! grep -q ': path ' "$out"
}

for engine in "external:$scratch/other.so" "$scratch/other.so"; do
	timeout "$LIMIT" "$FIO" --name=job --ioengine="$engine" \
		--filename="$scratch/data" --size=1M --rw=read \
		>"$out" 2>"$err"
	wrong_fio $?
	result $? "--ioengine=$(echo "$engine" | sed "s,$scratch/,,")" \
		"$err" "$out"
done

timeout "$LIMIT" "$FIO" --enghelp="$scratch/other.so" >"$out" 2>"$err"
status=$?
[ $status -lt 124 ] && [ "$(lines | wc -l)" = 1 ]
result $? "--enghelp does not crash" "$err" "$out"

cat >two.fio <<END
[global]
ioengine=external:$scratch/other.so
filename=$scratch/data
size=1M
[one]
[two]
END
timeout "$LIMIT" "$FIO" two.fio >"$out" 2>"$err"
wrong_fio $?
result $? "a job file with two jobs" "$err" "$out"

check "no file was made" test ! -e data

finish
