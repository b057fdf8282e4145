#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sources cuda and hip on this host: without the vendor's library, with one
# that is broken or too old, and with t/fake-gpu/ in its place, whose dma-bufs
# are memfds here (path staged only copies). Where there is a real GPU with
# its driver, one job with verified data on it.

. "${0%/*}/../lib.sh"

fake=$build/t/fake-gpu/.libs/fake-gpu.so
[ -f "$fake" ] || bail "$fake: not built; run make"
mkdir fake broken old
head -c 1048576 /dev/zero | tr '\0' x >data
common="--filename=$scratch/data --size=1M --rw=randrw --verify=crc32c
	--iodepth=8 --dmabuf_path=staged"

# with DIR [ASSIGNMENT...]: fio finds libraries in DIR first, and has these
with() {
	preload="LD_LIBRARY_PATH=$scratch/$1"
	shift
	preload="$preload FAKE_GPU_EXPORT=memfd $*"
}

# every_refusal SOURCE LIBRARY LISTER ALLOCATE COPY: the last two are names of
# functions
every_refusal() {
	label="$1: "
	cp "$fake" "fake/$2"
	echo "no library" >"broken/$2"
	echo 'int fio_dmabuf_test;' | ${CC:-cc} -shared -fPIC -x c -o "old/$2" - ||
		bail "cannot make a library without symbols"
	object="^dmabuf: dmabuf_source=$1:0: "
	common="$common --dmabuf_source=$1"

	if ldconfig -p 2>/dev/null | grep -q "[^a-z]${2%.so*}\.so"; then
		echo "# $2 is installed"
	else
		preload=
		bad "no library" "${object}cannot load $2.*\($2.*: cannot open shared object file: .*\); install "
		bad "no library, a thread" "${object}cannot load " --thread=1
		reports=0
		fio job --numjobs=3
		[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ]
		result $? "no library, three jobs" "$err" "$out"
		reports=
	fi
	with broken
	bad "a broken library" "${object}cannot load $2.*\($scratch/broken/$2: .*\); install "
	with old
	bad "a library without the functions" "${object}$2 has no [a-zA-Z]*; update to .* or later"
	with fake FAKE_GPU_COUNT=0
	bad "no GPU" "${object}no such GPU, the driver has 0; choose one that $3"
	with fake
	bad "no second GPU" "^dmabuf: dmabuf_source=$1:1: no such GPU, the driver has 1; " \
		--dmabuf_source="$1:1"
	bad "no GPU at this address" "=$1:0000:82:00.0: no such GPU, the driver has 1; " \
		--dmabuf_source="$1:82:00.0"
	bad "not a GPU" "=$1:none: not a GPU; give its number " \
		--dmabuf_source="$1:none"
	with fake FAKE_GPU_MEMORY=1
	bad "less memory than a page" "${object}2 MiB of GPU memory needed, 1 MiB free; lower iodepth"
	with fake FAKE_GPU_MEMORY=8
	bad "out of memory" "${object}8 MiB of GPU memory needed, 0 bytes free; lower iodepth" \
		--bs=4M --size=8M --filesize=8M --rw=read --verify=0 \
		--filename="$scratch/more"
	bad "out of memory, one dma-buf" "${object}16 MiB of GPU memory needed, 8 MiB free; lower iodepth" \
		--bs=1M --iodepth=16 --rw=read --verify=0 --dmabuf_chunk=16M
	with fake FAKE_GPU_EXPORT=none
	[ -e /dev/udmabuf ] ||
		bad "no dma-buf" "${object}cannot export 2 MiB of GPU memory as a dma-buf: [a-zA-Z_]*; use "
	with fake "FAKE_GPU_FAIL=$4"
	bad "another error" "${object}[a-zA-Z]* failed: [a-zA-Z_]*(UNKNOWN|Unknown); check $3.* and the kernel log"
	with fake "FAKE_GPU_FAIL=$5"
	bad "the GPU is gone" "${object}.*No such device" --rw=read --verify=0
	with fake
	bad "path host" "path=host: uses no dma-buf, but dmabuf_source=$1:0 exports one; use" \
		--dmabuf_path=host
	bad "path pinned" "path=pinned: cannot use dmabuf_source=$1:0" \
		--dmabuf_path=pinned
}

# good_jobs SOURCE: real jobs, with the fake
good_jobs() {
	with fake
	line=" path staged, source $1:0 \(Fake GPU 0, 0000:81:00.0\), 1 buffer of 2 MiB " \
		good "verified"
	with fake FAKE_GPU_COUNT=2
	line=" source $1:0000:82:00.0 \(Fake GPU 1, .* 4 buffers of 8 MiB " \
		good "the other GPU, several buffers" --bs=512k --iodepth=16 \
		--dmabuf_source="$1:82:00.0" --dmabuf_chunk=2M
	with fake
	reports=3 good "three processes" --numjobs=3 --size=320k \
		--offset_increment=320k
	reports=3 good "three threads" --numjobs=3 --size=320k \
		--offset_increment=320k --thread=1
}

every_refusal cuda libcuda.so.1 nvidia-smi cuMemAlloc_v2 cuMemcpyHtoD_v2
good_jobs cuda
common="${common% --dmabuf_source=cuda}"
every_refusal hip libamdhip64.so rocminfo hipMalloc hipMemcpyHtoD
good_jobs hip
common="${common% --dmabuf_source=hip}"
with fake FAKE_GPU_EXPORT=no
label="cuda: "
bad "a GPU without dma-bufs" "=cuda:0: the driver of this GPU exports no dma-bufs; use " \
	--dmabuf_source=cuda

# ---- a real one ----

# real SOURCE LIBRARY DEVICE: skipped where there is none, which is no fault
real() {
	label="$1: "
	preload=
	why=
	if ! ldconfig -p 2>/dev/null | grep -q "[^a-z]$2"; then
		why="$2 is not installed"
	elif [ ! -e "$3" ]; then
		why="no GPU: there is no $3"
	else
		fio job --dmabuf_source="$1" --bs=64k
		lines | grep -q 'no dma-bufs;\|cannot export' &&
			why=$(lines | head -n 1)
	fi
	if [ -n "$why" ]; then
		no_skip=$DMABUF_NO_SKIP
		DMABUF_NO_SKIP=0
		skip "a real GPU" "$why"
		DMABUF_NO_SKIP=$no_skip
		return
	fi
	[ "$status" = 0 ] && jobs_reported 1 && [ ! -s "$err" ]
	result $? "a real GPU, verified" "$err" "$out"
	lines | diagnose
	reports=3 good "a real GPU, three threads" --dmabuf_source="$1" \
		--numjobs=3 --size=320k --offset_increment=320k --thread=1
}

real cuda libcuda.so.1 /dev/nvidia0
real hip libamdhip64.so /dev/kfd

label=
check "no process is left" no_process_left
finish
