# SPDX-License-Identifier: GPL-2.0-only
#
# fio's source tree. fio installs no headers, and a plugin fits only the version
# it was built against, so this needs a configured source tree of exactly that
# version. Its compiler flags are not used (they may contain -march=native), and
# differences between versions are found by compiling against its headers.

# DMABUF_FIO_TREE
# Sets FIO, the binary, and FIO_TREE and FIO_CPPFLAGS.
AC_DEFUN([DMABUF_FIO_TREE],
  [AC_ARG_VAR([FIO], [the fio to test with (default: the one in PATH)])
  AC_ARG_WITH([fio],
    [AS_HELP_STRING([--with-fio=DIR],
      [configured source tree of the fio that will load the plugin (default,
       on Debian: the source of the installed package, fetched and cached)])],
    [], [with_fio=yes])
  AS_IF([test -z "$FIO"], [FIO=`command -v fio`],
    [test -x "$FIO" && test -f "$FIO"], [],
    [AC_MSG_ERROR([FIO=$FIO: not an executable; give the path of a fio binary])])
  AS_CASE([$FIO], [/* | ''], [], [FIO=`pwd`/$FIO])
  AC_SUBST([FIO])
  AS_CASE([$with_fio],
    [no], [AC_MSG_ERROR(m4_normalize([--without-fio: the plugin needs fio's
      headers; leave this option out]))],
    [yes],
      [AC_MSG_NOTICE([looking for fio's source; --with-fio=DIR avoids this])
      FIO_TREE=`CC="$CC" sh "$srcdir/build-aux/fio-source" "$FIO" 2>conftest.err`
      why=`tail -n 1 conftest.err`
      rm -f conftest.err
      AS_IF([test -z "$FIO_TREE"], [AC_MSG_ERROR([$why])])],
    [FIO_TREE=`cd "$with_fio" 2>/dev/null && pwd` ||
      AC_MSG_ERROR([--with-fio=$with_fio: no such directory; check the path])])
  AC_MSG_CHECKING([for fio's source tree])
  AC_MSG_RESULT([$FIO_TREE])
  AS_CASE([$FIO_TREE], [*[[[:space:]]]*],
    [AC_MSG_ERROR([$FIO_TREE: a space in its path; move fio's source tree])])
  AS_IF([test ! -f "$FIO_TREE/fio.h" || test ! -f "$FIO_TREE/ioengines.h"],
    [AC_MSG_ERROR([$FIO_TREE: has no fio.h; give a source tree of fio])])
  AS_IF([test ! -f "$FIO_TREE/config-host.h"],
    [AC_MSG_ERROR(m4_normalize([$FIO_TREE: not configured yet; run:
      cd $FIO_TREE && ./configure --disable-native]))])
  FIO_CPPFLAGS="-DFIO_INTERNAL -include $FIO_TREE/config-host.h"
  FIO_CPPFLAGS="$FIO_CPPFLAGS -isystem $FIO_TREE"
  AC_SUBST([FIO_TREE])
  AC_SUBST([FIO_CPPFLAGS])])

# DMABUF_FIO_VERSION
# Defines FIO_DMABUF_FIO_VERSION, what fio --version prints for this tree.
AC_DEFUN([DMABUF_FIO_VERSION],
  [AC_MSG_CHECKING([for the version of fio's source tree])
  AS_IF([test -f "$FIO_TREE/FIO-VERSION-FILE"],
    [fio_version=`cat "$FIO_TREE/FIO-VERSION-FILE"`],
    [fio_version=`cd "$FIO_TREE" && sh ./FIO-VERSION-GEN 2>&1`])
  fio_version=`AS_ECHO(["$fio_version"]) | sed -n 's/^FIO_VERSION = //p'`
  AS_CASE([$fio_version],
    [fio-*], [AC_MSG_RESULT([$fio_version])],
    [AC_MSG_ERROR(m4_normalize([$FIO_TREE: its FIO-VERSION-GEN prints no
      version; give a complete source tree]))])
  AC_DEFINE_UNQUOTED([FIO_DMABUF_FIO_VERSION], ["$fio_version"],
    [The only version of fio that can load the module.])
  AC_SUBST([fio_version])
  AS_IF([test -n "$FIO"],
    [AC_MSG_CHECKING([for the version of $FIO])
    fio_binary_version=`"$FIO" --version 2>/dev/null | sed -n '/^fio-/p'`
    AC_MSG_RESULT([${fio_binary_version:-none}])
    AS_IF([test "$fio_binary_version" != "$fio_version"],
      [AC_MSG_WARN(m4_normalize([$FIO: is ${fio_binary_version:-not fio}, but
        $FIO_TREE is $fio_version, so this fio will not load the module; give
        the fio of that tree with FIO=, or the tree of this fio with
        --with-fio=]))])])])

# DMABUF_FIO_HEADERS
# Compiles against the headers and defines FIO_HAS_x for each difference.
AC_DEFUN([DMABUF_FIO_HEADERS],
  [dmabuf_save_CPPFLAGS=$CPPFLAGS
  dmabuf_save_CFLAGS=$CFLAGS
  CPPFLAGS="-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $FIO_CPPFLAGS $CPPFLAGS"
  CFLAGS="$CFLAGS -std=gnu11 -Werror=implicit-function-declaration"
  AC_MSG_CHECKING([whether fio's headers compile])
  AC_COMPILE_IFELSE(
    [AC_LANG_PROGRAM([[#include "fio.h"
      #include "optgroup.h"
      #include "engines/cmdprio.h"]],
      [[struct ioengine_ops ops = { .version = FIO_IOOPS_VERSION };
      return ops.version;]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
    AC_MSG_ERROR(m4_normalize([$FIO_TREE: its headers do not compile; see
      config.log, or configure that tree again:
      cd $FIO_TREE && ./configure --disable-native]))])
  DMABUF_FIO_HAS([CMDPRIO_HINT], [cmdprio_hint, an I/O priority hint],
    [struct cmdprio_options o; (void)o.hint])
  DMABUF_FIO_HAS([DDIR_SYNCFS], [DDIR_SYNCFS, syncing a file system],
    [enum fio_ddir d = DDIR_SYNCFS; (void)d])
  DMABUF_FIO_HAS([TD_MAX_RW_BS], [td_max_rw_bs(), units without the trims],
    [struct thread_data *td = NULL; (void)td_max_rw_bs(td)])
  CPPFLAGS=$dmabuf_save_CPPFLAGS
  CFLAGS=$dmabuf_save_CFLAGS])

# DMABUF_FIO_HAS(NAME, WHAT, STATEMENTS)
AC_DEFUN([DMABUF_FIO_HAS],
  [AC_MSG_CHECKING([whether fio has $2])
  AC_COMPILE_IFELSE(
    [AC_LANG_PROGRAM([[#include "fio.h"
      #include "engines/cmdprio.h"]], [$3;])],
    [AC_MSG_RESULT([yes])
    AC_DEFINE([FIO_HAS_$1], [1], [fio has $2.])],
    [AC_MSG_RESULT([no])])])
