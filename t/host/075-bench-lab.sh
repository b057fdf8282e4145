#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What goes from kernel to kernel on real hardware: fio-dmabuf-bench-next, with
# a kexec and a systemctl that only note what they are told.

. "${0%/*}/../lib.sh"

mkdir bin boot state
for name in kexec systemctl; do
	printf '#!/bin/sh\necho "%s $*" >>"$STATE/told"\n' $name >bin/$name
done
chmod +x bin/*
touch boot/vmlinuz-1.0-a boot/vmlinuz-2.0+b boot/vmlinuz-1-0-a
# /boot is elsewhere in this test, and nothing is flushed.
sed -e "s,/boot/,$scratch/boot/,g" -e '/^sync$/d' \
	"$top/examples/fio-dmabuf-bench-next" >bin/next
chmod +x bin/next

# next KERNELS BOOTS
next() {
	env PATH="$scratch/bin:$PATH" STATE="$scratch/state" KERNELS="$1" \
		BOOTS="$2" bin/next
}

turns=0
while [ $turns -lt 9 ]; do
	next "1.0-a 2.0+b 1-0-a" 3 || break
	turns=$((turns + 1))
done
check "as many boots as there should be" test "$(wc -l <state/boots)" = 9
check "each round has each kernel once" awk '
	{ seen[$0]++ }
	NR % 3 == 0 { for (name in seen) if (seen[name] != NR / 3) exit 1 }
	END { exit !(length(seen) == 3) }' state/boots
check "kexec was told the kernel and its initrd" test "$(grep -c \
	"^kexec -l $scratch/boot/vmlinuz-2.0+b --initrd=$scratch/boot/initrd.img-2.0+b --reuse-cmdline" \
	state/told)" = 3
check "and was run each time" test "$(grep -c '^systemctl kexec' state/told)" = 9
cp state/boots before
check "then it ends well" next "1.0-a 2.0+b 1-0-a" 3
check "and boots nothing more" cmp -s before state/boots
refute "a kernel that is not there" next "1.0-a gone" 4
cp log refused
check "is named" grep -q 'vmlinuz-gone: not found' refused
refute "no kernels given" next "" 3

finish
