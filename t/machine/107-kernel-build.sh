#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Building the test kernel: what goes wrong is one line with the reason and the
# remedy, nothing is left behind, and what is built is built once. The mirror
# and the source are small ones made here: t/check itself builds the real one.

. "${0%/*}/../lib.sh"

export XDG_CACHE_HOME="$scratch/cache"
place=$XDG_CACHE_HOME/fio-dmabuf/vm
version=6.12.900-1

# ---- a mirror that has one source package ----

mkdir -p bin tree/linux-source-6.12 package/usr/src package/DEBIAN recipe
for tool in bc bison flex; do
	ln -s /bin/true bin/$tool
done
ln -s "$(python3 -c 'import sys; print(sys.executable)')" bin/python3
cat >bin/apt-get <<'END'
#!/bin/sh
[ ! -e "$FAKE/offline" ] || {
	echo "E: the mirror cannot be reached" >&2
	exit 100
}
case " $* " in
*" download "*)
	echo "$*" | sed 's/.* \(.*\)=/\1 /' >"$FAKE/wish"
	grep -qxFf "$FAKE/wish" "$FAKE/rows" || {
		echo "E: it is no longer there" >&2
		exit 100
	}
	cp "$FAKE/source.deb" .
	;;
*" install "*)
	exit 100
	;;
esac
END
cat >bin/apt-cache <<'END'
#!/bin/sh
rows() {
	while read -r name version; do
		case $1 in
		search)
			echo "$name - fake"
			;;
		madison)
			echo "$name | $version | mirror trixie/main amd64 Packages"
			;;
		esac
	done <"$FAKE/rows"
}
[ -e "$FAKE/offline" ] || rows "$1"
END
chmod +x bin/apt-get bin/apt-cache
cat >tree/linux-source-6.12/Makefile <<'END'
allnoconfig:
	grep ^CONFIG_ $(KCONFIG_ALLCONFIG) | grep -v LOST >.config
bzImage:
	echo build >>$(FAKE)/builds
	test -z "$$LLVM$$KCONFIG_CONFIG$$KCFLAGS"
	test ! -e $(FAKE)/fail || { echo 'x.c:1: error: no such thing'; exit 1; }
	test ! -e $(FAKE)/slow || sleep `cat $(FAKE)/slow`
	mkdir -p arch/x86/boot && cat state >arch/x86/boot/bzImage
END
echo "before" >tree/linux-source-6.12/state
cat >recipe/dmabuf-test.patch <<'END'
What it is.

Made against linux-source-6.12 6.12.800-1
---
--- a/state
+++ b/state
@@ -1 +1 @@
-before
+after
END
echo 'CONFIG_ONE=y' >recipe/config
cat >package/DEBIAN/control <<'END'
Package: linux-source-6.12
Version: 1
Architecture: all
Maintainer: nobody <nobody@localhost>
Description: fake
END
export FAKE="$scratch/fake"
mkdir "$FAKE"
sed -i "s|\$(FAKE)|$FAKE|g" tree/linux-source-6.12/Makefile
# What would change a kernel does not get as far as its make.
export LLVM=1 KCONFIG_CONFIG=/dev/null KCFLAGS=-O3

# mirror_has VERSION
mirror_has() {
	echo "linux-source-6.12 $1" >"$FAKE/rows"
	echo "linux-image-6.12.900-cloud-amd64 6.12.900-1" >>"$FAKE/rows"
	tar -C tree -cJf package/usr/src/linux-source-6.12.tar.xz \
		linux-source-6.12 &&
		dpkg-deb --root-owner-group -b package "$FAKE/source.deb" >log
	rm -f "$place/kernels.json" "$FAKE/builds"
}

# build [PROGRAM...]: the path is on $out
build() {
	[ $# != 0 ] || set -- "$top/vm/build-test-kernel"
	PATH="$scratch/bin:$PATH" timeout -k 5 60 "$@" "$scratch/recipe" \
		>"$out" 2>"$err"
	status=$?
}

builds() {
	cat "$FAKE/builds" 2>/dev/null | wc -l
}

nothing_is_left() {
	[ -z "$(ls "$place/test" | grep -v '^build.log$')" ]
}

# refused DESC REGEX: nothing on stdout, the last line of stderr says it, and
# nothing is left of it
refused() {
	[ "$status" = 125 ] && [ ! -s "$out" ] &&
		[ "$(grep -vc '^ *[0-9]* s  ' "$err")" = 1 ] &&
		tail -n 1 "$err" | grep -Eq "^t/kernel/build: $2" &&
		nothing_is_left
	result $? "$1" "$err" "$out"
}

# ---- refusals ----

mirror_has $version
sed -i /source/d "$FAKE/rows"
build
refused "no such package" 'linux-source-6.12: the mirror has no such package; t/check --no-direct'

mirror_has $version
touch "$FAKE/offline"
build
refused "no mirror" 'the Debian mirror gives no list .*the mirror cannot be reached.*;'
rm "$FAKE/offline"

mkdir less
ln -s /usr/bin/* less/
rm -f less/apt-get less/apt-cache less/gcc less/cc
PATH=$scratch/bin:$scratch/less timeout 60 \
	"$top/vm/build-test-kernel" "$scratch/recipe" >"$out" 2>"$err"
status=$?
refused "no compiler" 'gcc: not found, needed to build the test kernel; t/kernel/build installs'

build python3 "$here/107-kernel-build.py" "$top"
refused "no space" '.*/test: [0-9]+ MiB free, building the test kernel needs [0-9]+ MiB; make room, or set XDG_CACHE_HOME'

sed -i 's/^-before/-other/' recipe/dmabuf-test.patch
build
refused "a source that does not take the patch" \
	".*/dmabuf-test.patch: made against linux-source-6.12 6.12.800-1, does not apply to $version: state \\(Hunk #1 FAILED at 1\\); adapt it as t/kernel/README.md says"
sed -i 's/^-other/-before/' recipe/dmabuf-test.patch

# patched DESC REGEX <PATCH: the patch does more than it can
patched() {
	cp recipe/dmabuf-test.patch kept
	cat >>recipe/dmabuf-test.patch
	build
	refused "$1" "[^ ]*/dmabuf-test.patch: .*, does not apply to $version: $2; adapt"
	cp kept recipe/dmabuf-test.patch
}
patched "a file that is gone" 'gone \(no such file\)' <<'END'
--- a/gone
+++ b/gone
@@ -1 +1 @@
-before
+after
END
patched "a file that is new in the source as well" \
	'Makefile \(already there\)' <<'END'
--- /dev/null
+++ b/Makefile
@@ -0,0 +1 @@
+after
END
patched "what the source has already" 'state \(already there\)' <<'END'
--- a/state
+++ b/state
@@ -1 +1 @@
-before
+after
END

echo CONFIG_LOST=y >>recipe/config
build
refused "an option that the source does not know" \
	'.*/recipe/config: CONFIG_LOST=y: not possible in this source, which '
sed -i /LOST/d recipe/config

touch "$FAKE/fail"
build
grep -q 'x.c:1: error: no such thing' "$err"
result $? "a compiler's error is shown" "$err"
refused "make fails" '.*: make bzImage failed, see above and .*/test/build.log; '
check "its log is kept" grep -q 'no such thing' "$place/test/build.log"
rm "$FAKE/fail"

# No package is missing, whatever this system has.
printf '#!/bin/sh\necho ii\n' >bin/dpkg-query
chmod +x bin/dpkg-query

# ---- interrupted ----

echo 60 >"$FAKE/slow"
for signal in TERM INT; do
	rm -f "$FAKE/builds"
	# The shell makes a command in the background ignore SIGINT.
	PATH="$scratch/bin:$PATH" env --default-signal=INT python3 \
		"$top/vm/build-test-kernel" "$scratch/recipe" >"$out" 2>"$err" &
	pid=$!
	wait_for 30 test -e "$FAKE/builds"
	kill -$signal $pid
	wait $pid
	status=$?
	[ $status -gt 128 ] && [ ! -s "$out" ] && nothing_is_left
	result $? "SIG$signal leaves nothing" "$err"
done
rm -f "$FAKE/builds"
PATH="$scratch/bin:$PATH" "$top/t/kernel/build" "$scratch/recipe" \
	>"$out" 2>"$err" &
pid=$!
wait_for 30 test -e "$FAKE/builds"
kill -TERM $pid
wait $pid
status=$?
[ $status = 143 ] && [ ! -s "$out" ] && wait_for 10 nothing_is_left &&
	no_process_left
result $? "t/kernel/build terminated leaves nothing" "$err"
rm -f "$FAKE/builds"
PATH="$scratch/bin:$PATH" setsid "$top/vm/build-test-kernel" \
	"$scratch/recipe" >"$out" 2>"$err" &
pid=$!
wait_for 30 test -e "$FAKE/builds"
kill -KILL $pid
wait $pid 2>/dev/null
pkill -KILL -f "$place/test/tmp-" 2>/dev/null
refute "SIGKILL does leave something" nothing_is_left
rm "$FAKE/slow"

# ---- built once ----

mirror_has $version
build
image=$(cat "$out")
[ "$status" = 0 ] && [ "$(cat "$image")" = after ] && [ "$(builds)" = 1 ]
result $? "built" "$err" "$out"
check "what SIGKILL had left is gone" test "$(ls "$place/test" | grep -c tmp-)" = 0
build
[ "$status" = 0 ] && [ "$(cat "$out")" = "$image" ] && [ "$(builds)" = 1 ] &&
	[ ! -s "$err" ]
result $? "and not again" "$err" "$out"
build "$top/t/kernel/build"
[ "$status" = 0 ] && [ "$(cat "$out")" = "$image" ] && [ "$(builds)" = 1 ]
result $? "t/kernel/build finds it" "$err" "$out"

touch "$FAKE/offline"
rm -f "$place/kernels.json"
build
[ "$status" = 0 ] && [ "$(cat "$out")" = "$image" ] &&
	grep -q "using $version from the cache" "$err"
result $? "without a mirror it is used" "$err" "$out"
rm "$FAKE/offline"

listed=$place/kernels.json
build
cp "$listed" old.json
mirror_has 6.12.901-9
echo "linux-source-6.12 6.12.901-10" >>"$FAKE/rows"
echo "linux-source-6.12 6.12.901-10~bpo12+1" >>"$FAKE/rows"
cp old.json "$listed"
build
[ "$status" = 0 ] && [ "$(cat "$out")" = "$image" ] && [ "$(builds)" = 0 ]
result $? "no other source within the day" "$err" "$out"
rm -rf "${image%/*}"
build
[ "$status" = 0 ] && [ "$(cat "$out")" != "$image" ] && [ "$(builds)" = 1 ]
result $? "one that the mirror has no more: the newer one is built" "$err" "$out"
image=$(cat "$out")
check "by its number, and not the backport" sh -c \
	"echo '$image' | grep '/6.12.901-10_'"
echo 'CONFIG_TWO=y' >>recipe/config
build
[ "$status" = 0 ] && [ "$(builds)" = 2 ]
result $? "another configuration as well" "$err" "$out"
image=$(cat "$out")
for half in bzImage info.json; do
	echo >"${image%/*}/$half"
	rm -f "$FAKE/builds"
	build
	[ "$status" = 0 ] && [ "$(builds)" = 1 ] && [ -s "$image" ]
	result $? "a damaged $half: built again" "$err" "$out"
done
echo 'CONFIG_THREE=y' >>recipe/config
echo 3 >"$FAKE/slow"
rm -f "$FAKE/builds"
build &
first=$!
(
	out=$scratch/out2 err=$scratch/err2
	wait_for 20 test -e "$FAKE/builds"
	build
)
wait $first
[ -s "$out" ] && cmp "$out" out2 >>"$err" && [ "$(builds)" = 1 ] &&
	grep -q 'waiting for another run that builds the test kernel' err2
result $? "of two at once one waits and takes what the other built" "$err" err2
rm "$FAKE/slow"

# ---- packages ----

cat >bin/dpkg-query <<'END'
#!/bin/sh
[ "$4" != bison ] && echo ii
END
printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
chmod +x bin/dpkg-query bin/sudo
build "$top/t/kernel/build"
[ "$status" = 0 ] && cmp -s "$out" out2
result $? "a kernel in the cache needs no packages" "$err"
echo 'CONFIG_FOUR=y' >>recipe/config
build "$top/t/kernel/build"
[ "$status" = 1 ] && [ ! -s "$out" ] && grep -q 'installing bison$' "$err" &&
	tail -n 1 "$err" | grep -q '^t/kernel/build: installing bison: exit status 100; see above' &&
	[ -e "$(sed -n 's/.* see above and //p' "$err")" ]
result $? "one that cannot be installed; the log named is there" "$err"
rm -f "$(sed -n 's/.* see above and //p' "$err")"

finish
