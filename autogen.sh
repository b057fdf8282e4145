#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Generates ./configure and the Makefile templates from configure.ac and
# Makefile.am. Only a git checkout needs this: a release contains them.

set -e
cd "$(dirname "$0")"

for need in autoreconf:autoconf automake:automake libtoolize:libtool \
	    pkg-config:pkg-config; do
	tool=${need%%:*}
	if ! command -v "$tool" >/dev/null 2>&1; then
		echo "autogen.sh: $tool: not found; install the package" \
		     "${need#*:}" >&2
		exit 1
	fi
done

exec autoreconf --force --install "$@"
