/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers at an offset into the bytes of a kernel's structure, whose layout
 * the fakes spell out by hand.
 */
#ifndef FAKE_BYTES_H
#define FAKE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline unsigned int u16_at(const void *bytes, size_t offset)
{
	uint16_t value;

	memcpy(&value, (const char *)bytes + offset, sizeof(value));
	return value;
}

static inline uint32_t u32_at(const void *bytes, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)bytes + offset, sizeof(value));
	return value;
}

static inline unsigned long long u64_at(const void *bytes, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)bytes + offset, sizeof(value));
	return value;
}

static inline void put_u16(void *bytes, size_t offset, uint16_t value)
{
	memcpy((char *)bytes + offset, &value, sizeof(value));
}

static inline void put_u32(void *bytes, size_t offset, uint32_t value)
{
	memcpy((char *)bytes + offset, &value, sizeof(value));
}

static inline void put_u64(void *bytes, size_t offset, uint64_t value)
{
	memcpy((char *)bytes + offset, &value, sizeof(value));
}

#endif
