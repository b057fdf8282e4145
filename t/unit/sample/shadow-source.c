/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A source that the CPU cannot map: the device is an array that the engine
 * reaches by read and write only. The "drive" uses the array directly.
 */
#include <string.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake.h"
#include "shadow-source.h"

struct shadow_device shadow_device;

static int shadow_parse(struct dmabuf_source_option *option,
			struct dmabuf_error *err)
{
	(void)option;
	(void)err;
	return 0;
}

static int shadow_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	if (shadow_device.open_error)
		return dmabuf_error_set(err, shadow_device.open_error,
					"shadow: not there; look for it");
	source->shadowed = true;
	source->state = &shadow_device;
	strcpy(source->detail, "an array");
	fake_log("open device");
	return 0;
}

static void shadow_close(struct dmabuf_source *source)
{
	CHECK(source->state == &shadow_device);
	fake_log("close device");
}

static int shadow_alloc(const struct dmabuf_source *source,
			struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	(void)err;
	CHECK(source->state == &shadow_device);
	CHECK(shadow_device.used + chunk->size <= SHADOW_SIZE);
	chunk->handle = shadow_device.used;
	shadow_device.used += chunk->size;
	chunk->fd = fake_fd("device memory");
	return 0;
}

static int shadow_copy(const struct dmabuf_chunk *chunk,
		       const struct dmabuf_part *part, const char *what)
{
	CHECK(part->offset + part->size <= chunk->size);
	fake_log("%s chunk %llu offset %llu size %llu", what,
		 (unsigned long long)chunk->handle,
		 (unsigned long long)part->offset,
		 (unsigned long long)part->size);
	return shadow_device.copy_error;
}

static int shadow_read(const struct dmabuf_source *source,
		       const struct dmabuf_chunk *chunk,
		       const struct dmabuf_part *part)
{
	int ret = shadow_copy(chunk, part, "read");

	(void)source;
	if (!ret)
		memcpy(part->address, shadow_device.memory + chunk->handle +
		       part->offset, part->size);
	return ret;
}

static int shadow_write(const struct dmabuf_source *source,
			const struct dmabuf_chunk *chunk,
			const struct dmabuf_part *part)
{
	int ret = shadow_copy(chunk, part, "write");

	(void)source;
	if (!ret)
		memcpy(shadow_device.memory + chunk->handle + part->offset,
		       part->address, part->size);
	return ret;
}

static void shadow_free(const struct dmabuf_source *source,
			struct dmabuf_chunk *chunk)
{
	CHECK(source->state == &shadow_device);
	close(chunk->fd);
}

const struct dmabuf_source_kind shadow_source = {
	.name = "shadow",
	.exports = true,
	.parse = shadow_parse,
	.open = shadow_open,
	.close = shadow_close,
	.alloc = shadow_alloc,
	.read = shadow_read,
	.write = shadow_write,
	.free = shadow_free,
};

void shadow_source_begin(struct dmabuf_source_option *option)
{
	memset(&shadow_device, 0, sizeof(shadow_device));
	*option = (struct dmabuf_source_option) {
		.kind = &shadow_source,
		.name = "shadow",
		.granule = 4096,
	};
}
