#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Dma-bufs that another process should give, where there are none: sockets and
# givers that are not what they should be. One line of error each, in time,
# with nothing left behind.

. "${0%/*}/../lib.sh"

python3 -c 'open("data", "wb").write(b"x" * (1 << 20))'
# A path of the build tree may be too long for a socket.
ln -s "$scratch" "/tmp/fd-$$"
trap 'rm -f "/tmp/fd-$$"; cd /; rm -rf "$scratch"' EXIT
socket=/tmp/fd-$$/give
common="--filename=$scratch/data --size=1M --direct=1 --rw=read
	--dmabuf_path=staged --dmabuf_source=fd:$socket"

# from HOW DESC REGEX ARGS...: the job's line with a giver that does so
from() {
	how=$1
	shift
	rm -f "$socket" "$socket.ready"
	python3 "$here/053-handover.py" "$how" "$socket" 2>giver.log &
	giver=$!
	wait_for 20 test -e "$socket.ready"
	bad "$@"
	kill "$giver"
	wait "$giver" 2>/dev/null
}

manual='see GIVING DMA-BUFS in the manual page'
from memfd "a memfd" "^dmabuf: $socket: descriptor 1 of 1 is not a dma-buf; "
from memfd "a memfd, as a thread" "descriptor 1 of 1 is not a dma-buf; " \
	--thread=1
from memfd "a memfd, for path direct" \
	'descriptor 1 of 1 is not a dma-buf; |not a block device' \
	--dmabuf_path=direct
from file "a device" "^dmabuf: $socket: descriptor 1 of 2 is not a dma-buf; "
from socket "the connection itself" 'descriptor 1 of 1 is not a dma-buf; '
from none "no descriptor" "$socket: the message announces 1 dma-bufs and carries 0; $manual"
from empty "an empty message" "$socket: the message announces 0 dma-bufs and carries 0; $manual"
from more "more than announced" "$socket: the message announces 1 dma-bufs and carries 253; $manual"
from fewer "fewer than announced" "$socket: the message announces 4 dma-bufs and carries 1; $manual"
from endless "no end announced" "$socket: more than 512 dma-bufs were given; give fewer"
from flood "hundreds of them" "$socket: descriptor 1 of 506 is not a dma-buf; "
from broken "half of what was announced" \
	"$socket: the giver closed the connection before it had given all dma-bufs; "
from close "nothing, and hanging up" \
	"$socket: the giver closed the connection before it had given all dma-bufs; "
from version "another version" "$socket: the giver uses version 7 of the format and this engine version 1; "
from magic "other letters" "$socket: the message does not have the expected format; $manual"
from short "half a header" "$socket: the message does not have the expected format; $manual"
from words "words" "$socket: the message does not have the expected format; $manual"

began=$(date +%s)
from silent "nothing at all" "$socket: no dma-bufs arrived within 5 s; check that"
took=$(($(date +%s) - began))
[ $took -ge 5 ] && [ $took -lt 30 ]
result $? "after 5 seconds"
from deaf "no connection" "$socket: the giver accepted no connection within 5 s; check that"

# Several jobs, a line each
rm -f "$socket" "$socket.ready"
python3 "$here/053-handover.py" memfd "$socket" 2>giver.log &
giver=$!
wait_for 20 test -e "$socket.ready"
fio job --numjobs=3
[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ] &&
	[ "$(lines | grep -c 'is not a dma-buf')" = 3 ]
result $? "three jobs, three lines" "$err" "$out"

# ---- the socket ----

chmod 606 "$socket"
bad "any user can write to it" "$socket: any user can write to the socket; .*chmod o-w"
chmod 600 "$socket"
if [ "$(id -u)" = 0 ]; then
	chown 65534 "$socket"
	bad "of another user" "$socket: the socket belongs to user 65534, .*; run both"
fi
kill "$giver"
wait "$giver" 2>/dev/null
if [ "$(id -u)" = 0 ]; then
	chown 0 "$socket"
fi
bad "left behind" "$socket: no program listens on the socket: Connection refused; "
rm -f "$socket" "$socket.ready"
bad "not there" "$socket: cannot find the socket: No such file or directory; start"
bad "not a socket" "data: not a socket; dmabuf_source=fd: needs" \
	--dmabuf_source="fd:/tmp/fd-$$/data"
bad "below a file" "data/x: cannot find the socket: Not a directory; " \
	--dmabuf_source="fd:/tmp/fd-$$/data/x"
bad "too long" "x: the path is too long for a socket; use at most 107 characters" \
	--dmabuf_source="fd:/$(printf 'x%.0s' $(seq 110))"
bad "not named" '^dmabuf: dmabuf_source=fd: no socket given; write fd:PATH' \
	--dmabuf_source=fd
bad "for path pinned" 'dmabuf_path=pinned: cannot use dmabuf_source=fd:' \
	--dmabuf_path=pinned
bad "for path host" 'dmabuf_path=host: uses no dma-buf, but dmabuf_source=fd:' \
	--dmabuf_path=host

# ---- the giver that comes with the engine ----

give=$build/t/dmabuf-give
if [ -x "$give" ]; then
	for wrong in "" "-n 0 $socket" "-n 513 $socket" "-s 0 $socket" \
		     "-m memory $socket" "-m fd:/x $socket" "-x $socket"; do
		# shellcheck disable=SC2086 # several words
		"$give" $wrong >giver.log 2>&1
		[ $? = 2 ] && [ ! -e "$socket" ]
		result $? "dmabuf-give $wrong: how it is used" giver.log
	done
	"$give" "/tmp/$(printf '%0120d' 0)" 2>giver.log
	[ $? = 1 ] && grep -q ': File name too long$' giver.log
	result $? "dmabuf-give: a path that is too long for a socket" giver.log
	"$give" "$socket" 2>giver.log &
	giver=$!
	wait_for 20 test -S "$socket"
	[ "$(stat -c %a "$socket")" = 600 ]
	result $? "dmabuf-give: its socket has mode 600"
	if [ ! -e /dev/dma_heap ]; then
		bad "dmabuf-give has no memory to give" \
			'the giver closed the connection before it had given all'
		grep -q '^dmabuf-give: /dev/dma_heap: ' giver.log
		result $? "dmabuf-give says why" giver.log
	fi
	kill "$giver"
	wait "$giver"
	[ $? = 0 ] && [ ! -e "$socket" ]
	result $? "dmabuf-give ends, and its socket is gone" giver.log
fi

check "no process is left" no_process_left
finish
