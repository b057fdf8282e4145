# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What t/demo and t/check do first, from a fresh Debian on: install the
# packages that are missing (the only step that may need root rights), then
# build in $build, ./build unless set. Quiet but for one line per step; the
# log of a step that failed is shown. Sourced with $top set to the source tree.

build=${BUILD:-$top/build}
installed=
started=$(date +%s)

# Every package that is needed to build, and to run the machine. fio's source
# is unpacked by dpkg-dev's tools; zstd unpacks some kernels' modules.
packages="autoconf automake busybox-static dpkg-dev gcc libc6-dev
	libcunit1-dev libdrm-dev libtool liburing-dev make pkg-config python3
	qemu-system-x86 scdoc xz-utils zstd"
# What t/check needs beyond these
check_packages="clang mount valgrind"
# What building the test kernel needs
kernel_packages="bc bison flex gcc libc6-dev libelf-dev make patch python3
	xz-utils"

say() {
	printf '%4d s  %s\n' $(($(date +%s) - started)) "$*"
}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# step WHAT COMMAND...: says it, runs it into the log, shows the log's tail
step() {
	say "$1"
	shift
	"$@" >"$log" 2>&1 && return
	status=$?
	tail -n 25 "$log" >&2
	die "$1: exit status $status, see above and $log"
}

# missing PACKAGE...: those of them that are not installed
missing() {
	for package; do
		dpkg-query -W -f '${db:Status-Abbrev}\n' "$package" \
			2>/dev/null | grep -q '^ii' || echo "$package"
	done
}

apt_install() {
	# shellcheck disable=SC2086 # one word or none
	$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
}

install_or_update() {
	apt_install "$@" && return
	# No lists yet, or old ones.
	# shellcheck disable=SC2086 # one word or none
	$root apt-get -q update && apt_install "$@"
}

install_packages() {
	needed=$*
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		die "apt-get: not found; install what corresponds to Debian's" \
			"$(echo $needed)"
	# shellcheck disable=SC2086 # several words
	wanted=$(missing $needed | tr '\n' ' ')
	[ -n "$wanted" ] || return 0

	root=
	if [ "$(id -u)" != 0 ]; then
		command="apt-get install --no-install-recommends $wanted"
		command -v sudo >/dev/null ||
			die "packages are missing; as root, run: $command"
		root=sudo
		say "root rights are needed for: sudo $command"
		sudo -v || die "no root rights; as root, run: $command"
	fi
	# shellcheck disable=SC2086 # several words
	step "installing $wanted" install_or_update $wanted
	installed=1
}

# newer FILE THAN...: the file is there, and none of the others is newer
newer() {
	[ -e "$1" ] || return 1
	for source in "$@"; do
		[ ! "$source" -nt "$1" ] || return 1
	done
}

# configure would look for bash, and libtool, which is run for each of some
# hundred files, takes half as long in a plain sh.
export CONFIG_SHELL=/bin/sh

run_configure() {
	# shellcheck disable=SC2086 # several words or none
	cd "$build" && "$top/configure" ${FIO:+FIO="$FIO"} $CONFIGURE_FLAGS
}

set_up() {
	mkdir -p "$build" || die "$build: cannot be made"
	build=$(cd "$build" && pwd)
	log=$build/setup.log
	[ ! -e "$top/config.status" ] || [ "$build" = "$top" ] ||
		die "$top: has been configured in place; run make distclean there"
	[ "$1" != check ] || packages="$packages $check_packages"
	[ -n "$FIO" ] || command -v fio >/dev/null || packages="$packages fio"
	# shellcheck disable=SC2086 # several words
	install_packages $packages
	# configure has to look again.
	[ -z "$installed" ] || rm -f "$build/config.status"
	newer "$top/configure" "$top/configure.ac" "$top"/m4/fio.m4 ||
		step "making configure" "$top/autogen.sh"
	newer "$build/config.status" "$top/configure" ||
		step "configuring (fetches fio's source, once)" run_configure
	step "building" make -C "$build" -j"$(nproc)"
}
