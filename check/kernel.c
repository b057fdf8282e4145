/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets up a ring as the engine does, and probes for dma-buf registration with
 * the engine's own function.
 */
#include <string.h>

#include "kernel.h"
#include "register.h"
#include "ring.h"

void check_kernel_try(struct check_kernel *kernel)
{
	struct dmabuf_ring_options options = { .depth = 1 };
	struct dmabuf_interface iface;
	struct dmabuf_error err;
	struct io_uring ring;

	memset(kernel, 0, sizeof(*kernel));
	dmabuf_host_read(&kernel->host);
	if (dmabuf_ring_setup(&ring, &options, &err)) {
		check_failed(&kernel->io_uring, &err);
		check_say(&kernel->interface, CHECK_UNKNOWN,
			  "not tried: io_uring does not work");
		return;
	}
	io_uring_queue_exit(&ring);
	check_ok(&kernel->io_uring);

	if (dmabuf_interface_probe(&iface, &err)) {
		check_failed(&kernel->interface, &err);
		return;
	}
	check_ok(&kernel->interface);
	kernel->family = iface.name;
}
