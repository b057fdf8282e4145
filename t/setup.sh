# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The first steps of t/demo and t/check on a fresh Debian: install missing
# packages, the only step that may need root, then build in $BUILD (default:
# ./build). Prints one line per step, and the log of a step that fails. Sourced
# with $top set to the source tree.

build=${BUILD:-$top/build}
installed=
started=$(date +%s)

# Packages to build and to run the virtual machine. dpkg-dev unpacks fio's
# source; zstd unpacks the modules of some kernels.
packages="autoconf automake busybox-static dpkg-dev gcc libc6-dev
	libcunit1-dev libdrm-dev libtool liburing-dev make pkg-config python3
	qemu-system-x86 scdoc xz-utils zstd"
# Packages that t/check needs in addition
check_packages="chromium clang gnuplot-nox iproute2 mount valgrind"
# Packages to build the test kernel
kernel_packages="bc bison flex gcc libc6-dev libelf-dev make patch python3
	xz-utils"

say() {
	printf '%4d s  %s\n' $(($(date +%s) - started)) "$*"
}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# step WHAT COMMAND...: runs a command, and shows the end of its log if it fails
step() {
	action=$1
	say "$action"
	shift
	"$@" >"$log" 2>&1 && return
	status=$?
	tail -n 25 "$log" >&2
	die "$action: exit status $status; see above and $log"
}

# missing PACKAGE...: prints those that are not installed
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
	# The package lists may be missing or old.
	# shellcheck disable=SC2086 # one word or none
	$root apt-get -q update && apt_install "$@"
}

install_packages() {
	needed=$*
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		die "apt-get: not found; install the equivalents of Debian's" \
			"$(echo $needed)"
	# shellcheck disable=SC2086 # several words
	wanted=$(echo $(missing $needed))
	[ -n "$wanted" ] || return 0

	root=
	if [ "$(id -u)" != 0 ]; then
		command="apt-get install --no-install-recommends $wanted"
		command -v sudo >/dev/null ||
			die "packages are missing and there is no sudo; as root, run: $command"
		root=sudo
		say "needs root: sudo $command"
		sudo -v || die "sudo: failed; as root, run: $command"
	fi
	# shellcheck disable=SC2086 # several words
	step "installing $wanted" install_or_update $wanted
	installed=1
}

# newer FILE OTHER...: FILE exists, and none of the others is newer
newer() {
	[ -e "$1" ] || return 1
	for source in "$@"; do
		[ ! "$source" -nt "$1" ] || return 1
	done
}

# configure prefers bash, but libtool, which runs once for each source file,
# takes half as long in a plain sh.
export CONFIG_SHELL=/bin/sh

run_configure() {
	# shellcheck disable=SC2086 # several words or none
	cd "$build" && "$top/configure" ${FIO:+FIO="$FIO"} $CONFIGURE_FLAGS
}

set_up() {
	mkdir -p "$build" ||
		die "$build: cannot create it; set BUILD to another directory"
	build=$(cd "$build" && pwd)
	log=$build/setup.log
	[ ! -e "$top/config.status" ] || [ "$build" = "$top" ] ||
		die "$top: configured in the source tree; run make distclean there"
	[ "$1" != check ] || packages="$packages $check_packages"
	[ -n "$FIO" ] || command -v fio >/dev/null || packages="$packages fio"
	# shellcheck disable=SC2086 # several words
	install_packages $packages
	# configure must look for the new packages.
	[ -z "$installed" ] || rm -f "$build/config.status"
	newer "$top/configure" "$top/configure.ac" "$top"/m4/fio.m4 ||
		step "generating configure" "$top/autogen.sh"
	newer "$build/config.status" "$top/configure" ||
		step "configuring (fetches fio's source the first time)" run_configure
	step "building" make -C "$build" -j"$(nproc)"
}
