#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make install with a prefix of its own and with DESTDIR: what is where it
# should be, plain ioengine=dmabuf finds it, make uninstall leaves nothing.

. "${0%/*}/../lib.sh"

MAKE=${MAKE:-make}
fio_tree=${FIO_TREE:-$(sed -n 's/^FIO_TREE = //p' "$build/Makefile")}
unset MAKEFLAGS MFLAGS MAKELEVEL

files() {
	(cd "$1" && find . ! -type d | sort)
}

# ---- DESTDIR: nothing outside it changes ----

destdir=$scratch/root
check "make install DESTDIR=" "$MAKE" -C "$build" install DESTDIR="$destdir"
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
libdir=$(sed -n 's/^loaderdir = //p' "$build/Makefile" |
	sed "s,\${prefix},$prefix,")
check "the module" test -f "$destdir$prefix/lib/fio/fio-dmabuf.so"
check "no libtool file" sh -c '! find "$1" -name "*.la" | grep .' sh "$destdir"
check "the loader's link points to it" test \
	"$(readlink "$destdir$libdir/dmabuf")" = "$prefix/lib/fio/fio-dmabuf.so"
check "dmabuf-check" test -x "$destdir$prefix/bin/dmabuf-check"
check "examples" sh -c 'find "$1" -name randread.fio | grep .' sh "$destdir"
check "make install twice" "$MAKE" -C "$build" install DESTDIR="$destdir"
check "make uninstall DESTDIR=" "$MAKE" -C "$build" uninstall \
	DESTDIR="$destdir"
check "nothing is left" test -z "$(files "$destdir")"

# ---- a prefix: with the loader's directory inside it ----

prefix=$scratch/prefix
mkdir tree
cd tree || bail "tree: cannot be entered"
check "configure --prefix, in another directory" "$top/configure" \
	--prefix="$prefix" --with-loader-dir="$prefix/loader" \
	--with-fio="$fio_tree" FIO="$FIO"
check "make" "$MAKE"
check "make install" "$MAKE" install
cd ..
module=$prefix/lib/fio/fio-dmabuf.so
check "the module" test -f "$module"
export LD_LIBRARY_PATH="$prefix/loader"
common="--dmabuf_path=host --filename=$scratch/data --size=1M --direct=1"
ENGINE=dmabuf
good "plain ioengine=dmabuf" --rw=randwrite --verify=crc32c \
	--verify_state_save=0
check "--enghelp=dmabuf" sh -c '"$1" --enghelp=dmabuf | grep dmabuf_source' \
	sh "$FIO"
check "dmabuf-check finds both" "$prefix/bin/dmabuf-check" -q --fio "$FIO" \
	--require fio,plugin
"$prefix/bin/dmabuf-check" --fio "$FIO" >said
check "it names the installed file" grep -q "^  plugin  *ok  *$module, built for" said
check "and the name is found" grep -q '^  by name  *ok' said
unset LD_LIBRARY_PATH
ENGINE=external:$module
good "external: with the installed file" --rw=read
check "it knows no path of the build" sh -c \
	'! readelf -d "$1" | grep -E "RPATH|RUNPATH"' sh "$module"

printf '[plan]\nrounds = 1\nruntime = 1\n[points]\npath = sendfile\niodepth = 1\n' \
	>sendfile.ini
check "fio-dmabuf-bench finds its programs" env FIO_DMABUF_PROGRAMS= \
	"$prefix/bin/fio-dmabuf-bench" run sendfile.ini --fio "$FIO" \
	--drive "$scratch/data" -o results

check "make uninstall" "$MAKE" -C tree uninstall
check "nothing is left" test -z "$(files "$prefix")"
check "and no directory of ours" sh -c \
	'! (cd "$1" && find . -type d) | grep fio' sh "$prefix"

# Somebody else's file is not overwritten, nor is another's link removed.
mkdir -p "$prefix/loader"
echo theirs >"$prefix/loader/dmabuf"
refute "make install where a file of that name is" "$MAKE" -C tree install
cp log refused
check "says which" grep -q "$prefix/loader/dmabuf: exists" refused
check "the file is untouched" grep -qx theirs "$prefix/loader/dmabuf"
rm -f "$prefix/loader/dmabuf"
ln -s /somewhere/else "$prefix/loader/dmabuf"
check "make uninstall" "$MAKE" -C tree uninstall
check "leaves a link that is not ours" test \
	"$(readlink "$prefix/loader/dmabuf")" = /somewhere/else
rm -rf "$prefix"

cd tree || bail "tree: cannot be entered"
check "configure --without-loader-dir" "$top/configure" --prefix="$prefix" \
	--without-loader-dir --with-fio="$fio_tree" FIO="$FIO"
check "make install" "$MAKE" install
cd ..
check "there is no link" sh -c '! find "$1" -name dmabuf | grep .' sh "$prefix"
check "make uninstall" "$MAKE" -C tree uninstall
check "nothing is left" test -z "$(files "$prefix")"

finish
