#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory of DRM drivers, dumb buffers of vgem and of virtio-gpu: paths direct
# and staged without an IOMMU and with one that translates, verified data,
# what is refused, and nothing left behind.

. "${0%/*}/../lib.sh"

needs_feature
boots="--iommu,off --iommu,strict"
in_machine --cpus 1 --gpu --drives 2,256M
. /t/lib-io.sh
mode=${label%: }
boot=$mode

case $mode in
*off) domain=none ;;
*strict) domain=DMA ;;
esac

# ---- both drivers, both paths ----

for node in /dev/dri/card0 /dev/dri/card1; do
	for way in direct staged; do
		with_path $way drm:$node
		registered=
		if [ $way = direct ]; then
			registered='1 registration in .*, first map [0-9.]+ ms, '
		fi
		batch
		line=$(measured "1 buffer of 64 KiB in all, $registered.*no errors, nvme0n1 IOMMU domain $domain\$") \
			good "verify" --rw=randrw --verify=crc32c --size=2M
		line=$(measured '1 buffer of 16 MiB in all') \
			good "a large buffer" --rw=randwrite --bs=256k \
			--iodepth=64 --size=16M --verify=crc32c \
			--verify_interval=64k
		line=$(measured '4 buffers of 1 MiB in all') \
			good "several buffers, two drives" --rw=randrw \
			--bs=64k --verify=crc32c --dmabuf_chunk=256k \
			--filename=$drive:$second
		line=$(measured '1 buffer of 1100 KiB in all') \
			good "no power of two" --rw=randwrite --bs=44k \
			--iodepth=25 --size=2200k --verify=crc32c
		reports=3 good "three processes" --numjobs=3 --size=1M \
			--rw=randrw --offset_increment=1M --verify=crc32c
		end_batch
		nothing_left
	done
done

# None of what follows depends on the IOMMU.
[ $domain = none ] || finish

# ---- without a node ----

with_path direct drm
family=
line='path direct.*source drm:/dev/dri/card0 [(]vgem, dumb buffers[)], ' \
	good "the first that gives memory, by name" --rw=randrw --verify=crc32c
mkdir /tmp/away
mv /dev/dri/card0 /tmp/away
line='path direct.*source drm:/dev/dri/card1 [(]virtio_gpu, dumb buffers[)], ' \
	good "the next when that is gone" --rw=randrw --verify=crc32c
mv /tmp/away/card0 /dev/dri
line='path direct.*source drm:/dev/dri/card1 [(]virtio_gpu, dumb buffers[)], ' \
	good "a node by its short name" --dmabuf_source=drm:card1 --rw=read
nothing_left

# ---- what is refused ----

label="${boot:+$boot: }drm: "
refused() {
	desc=$1 source=$2 regex=$3
	shift 3
	bad "$desc" "^dmabuf: $regex" --rw=read --dmabuf_source="$source" "$@"
}
refused "no such node" drm:/dev/dri/card7 \
	'/dev/dri/card7: no such GPU or display node; available in /dev/dri: card0, card1, renderD128, renderD129$'
refused "not a DRM device" drm:/dev/null '/dev/null: not a DRM device; use a node'
refused "a render node" drm:renderD128 \
	'/dev/dri/renderD128: a render node.*driver vgem\); use the primary node'
refused "VRAM of a driver that has none" drm:card0,vram \
	'/dev/dri/card0: no vram on this device \(driver vgem\); leave it out'
refused "VRAM of any device" drm:vram \
	'/dev/dri/renderD128: no vram on this device'
refused "another word" drm:card0,sram \
	'dmabuf_source=drm:card0,sram: no such device memory; write vram or gtt'
refused "more than there is" drm ' ?.* needed, .* available; lower' \
	--bs=32M --iodepth=512 --size=64M
refused "path pinned" drm 'dmabuf_path=pinned: cannot use dmabuf_source=drm' \
	--dmabuf_path=pinned
refused "path host" drm 'dmabuf_path=host: uses no dma-buf' --dmabuf_path=host

echo 'nobody:x:65534:65534::/tmp:/bin/sh' >>/etc/passwd
chmod 600 /dev/dri/card0 /dev/dri/card1
chmod 666 $drive
as_nobody() {
	# shellcheck disable=SC2086,SC2116 # several words on one line
	su nobody -s /bin/sh -c "exec $FIO --name=job --ioengine=$ENGINE \
		--filename=$target $(echo $common) $*" >"$out" 2>"$err"
	status=$?
}
as_nobody --rw=read
is_refused '^dmabuf: /dev/dri/card0: Permission denied; run as root, or join the groups video and render'
result $? "no permission" "$err" "$out"
chmod 666 /dev/dri/card1
as_nobody --rw=read
[ "$status" = 0 ] && jobs_reported 1 && said 'source drm:/dev/dri/card1 [(]virtio_gpu, dumb buffers[)], '
result $? "with permission for one it is that, without root" "$err" "$out"

limited() {
	sh -c 'ulimit -n $0; exec "$@"' "$1" "$FIO" --name=job \
		--ioengine="$ENGINE" --filename="$target" $common \
		--dmabuf_chunk=16k --iodepth=128 --rw=read >"$out" 2>"$err"
	status=$?
}
for allowed in 16 20 24; do
	# shellcheck disable=SC2086 # several words
	limited $allowed
	is_refused 'ulimit -n'
	result $? "ulimit -n $allowed" "$err" "$out"
done

mkdir /tmp/dri
mv /dev/dri/* /tmp/dri
refused "no node at all" drm '/dev/dri: no node card\*.*available: none$'
rmdir /dev/dri
refused "no /dev/dri" drm '/dev/dri: no GPU or display driver is loaded'
refused "no /dev/dri for a node" drm:card0 '/dev/dri: no GPU or display driver'
mkdir /dev/dri
mv /tmp/dri/* /dev/dri
good "all is as before" --rw=randrw --verify=crc32c
nothing_left

finish
