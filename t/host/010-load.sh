#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every way in which fio can be brought to load the engine, what it says of
# its options, and what it exports.

. "${0%/*}/../lib.sh"

io="--dmabuf_path=host --filename=$scratch/data --size=1M --direct=1 --rw=read"
mkdir lib
ln -s "$MODULE" lib/dmabuf
ln -s "$MODULE" here.so

# shellcheck disable=SC2086 # $io is several words
{
ENGINE=external:$MODULE
good "external:PATH" $io
ENGINE=$MODULE
good "PATH" $io
ENGINE=external:./here.so
good "external:./FILE" $io
ENGINE=./here.so
good "./FILE" $io
export LD_LIBRARY_PATH="$scratch/lib"
ENGINE=dmabuf
good "the name, found in LD_LIBRARY_PATH" $io
unset LD_LIBRARY_PATH
ENGINE=external:$MODULE
preload="LD_PRELOAD=$MODULE"
good "PATH, preloaded as well" $io
ENGINE=dmabuf
good "the name, preloaded" $io
check "--enghelp lists the preloaded engine" sh -c \
	'env "$2" "$1" --enghelp | grep -w dmabuf' sh "$FIO" "$preload"
preload=
ENGINE=external:$MODULE
}

cat >job.fio <<END
[global]
ioengine=external:$MODULE
dmabuf_path=host
direct=1
size=1M

[first]
filename=$scratch/data
rw=read

[second]
dmabuf_source=memory
filename=\${DATA}
rw=randread
END
DATA=$scratch/data timeout "$LIMIT" "$FIO" job.fio >"$out" 2>"$err"
status=$?
[ $status = 0 ] && jobs_reported 2
result $? "options in the global section of a job file" "$err" "$out"

# An io_uring job runs after changing only ioengine (and saying which path).
cat >uring.fio <<END
[job]
hipri=0
fixedbufs
registerfiles
nonvectored=1
force_async=0
ioengine=external:$MODULE
dmabuf_path=host
direct=1
size=1M
filename=$scratch/data
rw=read
END
timeout "$LIMIT" "$FIO" uring.fio >"$out" 2>"$err"
status=$?
[ $status = 0 ] && jobs_reported 1
result $? "a job file of the io_uring engine" "$err" "$out"

# ---- help ----

"$FIO" --enghelp="$MODULE" >help 2>&1
check "--enghelp=PATH" grep -q '^dmabuf_source ' help
mkdir -p named && ln -s "$MODULE" named/dmabuf
check "--enghelp=dmabuf" env LD_LIBRARY_PATH="$scratch/named" sh -c \
	'"$1" --enghelp=dmabuf | cmp - help' sh "$FIO"

sed -n 's/^.*OPTION("\([a-z_]*\)",.*$/\1/p' "$top/engines/options.c" >options
check "options are found in the source" test "$(wc -l <options)" -gt 15
while read -r option; do
	check "$option: a whole sentence of help" \
		grep -Eq "^$option +: [A-Z(].{15,}\.\$" help
	check "--enghelp=PATH,$option" sh -c \
		'"$1" --enghelp="$2,$3" | grep "^ *$3: "' \
		sh "$FIO" "$MODULE" "$option"
done <options

# ---- symbols ----

nm -D --defined-only "$MODULE" | awk '{ print $3 }' >defined
check "only get_ioengine is exported" test "$(cat defined)" = get_ioengine

# Every symbol it lacks is in fio, liburing, libdrm or libc: nothing is left to
# luck. libdrm is there when it was there for configure.
libraries=2
grep -q '^DRM_LIBS = .*drm' "$build/Makefile" && libraries=3
nm -D --undefined-only "$MODULE" |
	awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u >wanted
ldd "$MODULE" |
	sed -n 's/^.*\(liburing\|libdrm\|libc\)\.so.* => \(.*\) (.*$/\2/p' >libraries
check "it is linked with liburing, libdrm and libc only" sh -c '
	test "$(wc -l <libraries)" = "$2" &&
	! ldd "$1" | grep -Ev "liburing|libdrm|libc\.so|linux-vdso|ld-linux"' \
	sh "$MODULE" $libraries
{
	nm -D --defined-only "$FIO"
	while read -r library; do
		nm -D --defined-only "$library"
	done <libraries
} | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u >there
comm -23 wanted there >missing
check "no symbol is missing" test ! -s missing

check "there is no text relocation and no executable stack" sh -c '
	! readelf -d "$1" | grep TEXTREL &&
	readelf -lW "$1" | grep GNU_STACK | grep -qv RWE' sh "$MODULE"

finish
