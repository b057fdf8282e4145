#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make distcheck: a release unpacks, builds outside its read-only source
# tree, installs and removes itself completely. Its tests are not run again.

. "${0%/*}/../lib.sh"

MAKE=${MAKE:-make}
fio_tree=${FIO_TREE:-$(sed -n 's/^FIO_TREE = //p' "$build/Makefile")}
unset MAKEFLAGS MFLAGS MAKELEVEL

check "configure" "$top/configure" --with-fio="$fio_tree" FIO="$FIO" \
	--with-loader-dir="$scratch/loader"
check "make distcheck" "$MAKE" distcheck TESTS= check_PROGRAMS=
archive=$(ls fio-dmabuf-*.tar.xz)
check "there is one archive" test -f "$archive"
tar -tf "$archive" >contents
for file in README.md COPYING NEWS configure include/uapi.h t/lib.sh \
	    t/setup.sh t/check t/demo t/vm/run vm/init vm/run t/kernel/build examples/ladder.fio; do
	check "$file is in it" grep -qx "[^/]*/$file" contents
done
if [ -e "$top/.git" ] && command -v git >/dev/null; then
	git -c safe.directory="$top" -C "$top" ls-files |
		grep -v '^\.' | sort >tracked
	sed 's,^[^/]*/,,' contents | sort >packed
	check "every file of the project is in it" sh -c \
		'[ -s tracked ] && ! comm -23 tracked packed | grep .'
fi
check "nothing of git, no build product" sh -c \
	'! grep -E "/\.git|\.o\$|\.lo\$|\.pyc\$|\.log\$" contents'

finish
