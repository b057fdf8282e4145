/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scripted system as a whole: resets every part of it before a test, and
 * checks after it that everything was given back.
 */
#include <string.h>

#include "t/unit/check.h"
#include "fake-driver.h"
#include "fake-drm.h"
#include "fake-files.h"
#include "fake-register.h"
#include "fake-ring.h"
#include "fake-socket.h"
#include "fake-system.h"
#include "fake-vfio.h"
#include "fake.h"

void fake_reset(void)
{
	fake_turn_on();
	memset(&fake_registry, 0, sizeof(fake_registry));
	memset(&fake_kernel, 0, sizeof(fake_kernel));
	memset(&fake_sockets, 0, sizeof(fake_sockets));
	fake_files_reset();
	fake_driver_reset(NULL, NULL);
	fake_vfio_reset();
	fake_drm_reset();
	fake_registry.type = 2;
	fake_registry.refused_slot = -1;
}

int fake_left(void)
{
	int left = fake_open_fds() + fake_rings() + fake_driver_left() +
		fake_drm_left();

	return left + (fake.mapped != 0) + fake.bad_closes;
}

void fake_begin(void)
{
	fake_reset();
}

void fake_end(void)
{
	CHECK_INT(fake_open_fds(), 0);
	CHECK_INT(fake_rings(), 0);
	CHECK_INT(fake_driver_left(), 0);
	CHECK_INT(fake_drm_left(), 0);
	CHECK_INT(fake.mapped, 0);
	CHECK_INT(fake.bad_closes, 0);
	fake_turn_off();
}
