/* SPDX-License-Identifier: GPL-2.0-only */
/* The library of a GPU's driver; see fake-driver.h. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-driver.h"
#include "fake.h"
#include "t/fake-gpu/cuda.h"
#include "t/fake-gpu/gpu.h"
#include "t/fake-gpu/hip.h"

struct fake_driver fake_driver;

static unsigned char *memory[FAKE_ALLOCATIONS_MAX];
static char last_error[160];

void *__real_malloc(size_t size);

/* ---- the backend of the GPUs ---- */

static void misuse(const char *rule)
{
	printf("\nmisuse: %s ", rule);
	fake_driver.misuses++;
}

static int enter(const char *call)
{
	fake_log("%s", call);
	if (!fake_driver.handles) {
		misuse("a call of a closed library");
		return FAKE_GPU_NOT_INITIALIZED;
	}
	fake_driver.calls++;
	return fake_driver.calls == fake_driver.fail_at ? fake_driver.result :
							  0;
}

static int init(void)
{
	return 0;
}

/* Takes a page when something is written to it. */
static int allocate(unsigned int index, uint64_t size)
{
	memory[index] = __real_malloc(size);
	return memory[index] ? 0 : FAKE_GPU_OUT_OF_MEMORY;
}

static void release(unsigned int index, uint64_t size)
{
	(void)size;
	free(memory[index]);
}

static int export(unsigned int index, uint64_t size)
{
	int fd = fake_fd("dma-buf of a GPU");

	(void)index;
	fake_set_size(fd, fake_driver.dmabuf_size ? : size);
	return fd;
}

static int copy_out(void *to, unsigned int index, uint64_t offset, size_t size)
{
	memcpy(to, memory[index] + offset, size);
	return 0;
}

static int copy_in(unsigned int index, uint64_t offset, const void *from,
		   size_t size)
{
	memcpy(memory[index] + offset, from, size);
	return 0;
}

static const struct fake_gpu_backend backend = {
	.enter = enter,
	.misuse = misuse,
	.init = init,
	.alloc = allocate,
	.free = release,
	.export = export,
	.read = copy_out,
	.write = copy_in,
};

void fake_driver_reset(const char *library, const struct fake_symbol *symbols)
{
	fake_gpu_reset(&backend);
	fake_cuda_reset();
	fake_hip_reset();
	memset(&fake_driver, 0, sizeof(fake_driver));
	fake_driver.library = library;
	fake_driver.symbols = symbols;
}

int fake_driver_left(void)
{
	int left = fake_gpu_left();

	if (fake_driver.handles || left || fake_driver.misuses)
		printf("\n%d handles, %d contexts and allocations, %d misuses ",
		       fake_driver.handles, left, fake_driver.misuses);
	return left + fake_driver.handles + fake_driver.misuses;
}

/* ---- the library ---- */

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags)
{
	if (!fake_on())
		return __real_dlopen(name, flags);
	fake_log("dlopen %s", name);
	/* The code must never go away again. */
	if (flags != (RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
		misuse("flags of dlopen");
	if (fake_driver.library && !strcmp(name, fake_driver.library)) {
		fake_driver.handles++;
		return &fake_driver;
	}
	if (fake_driver.broken && !strcmp(name, fake_driver.broken))
		snprintf(last_error, sizeof(last_error),
			 "/usr/lib/%s: invalid ELF header", name);
	else
		snprintf(last_error, sizeof(last_error),
			 "%s: cannot open shared object file: No such file or directory",
			 name);
	return NULL;
}

char *__real_dlerror(void);
char *__wrap_dlerror(void);
char *__wrap_dlerror(void)
{
	return fake_on() ? last_error : __real_dlerror();
}

void *__real_dlsym(void *handle, const char *name);
void *__wrap_dlsym(void *handle, const char *name);
void *__wrap_dlsym(void *handle, const char *name)
{
	const struct fake_symbol *symbol;

	if (!fake_on() || handle != &fake_driver)
		return __real_dlsym(handle, name);
	for (symbol = fake_driver.symbols; symbol->name; symbol++)
		if (!strcmp(symbol->name, name) &&
		    (!fake_driver.without || strcmp(name, fake_driver.without)))
			return symbol->function;
	return NULL;
}

int __real_dlclose(void *handle);
int __wrap_dlclose(void *handle);
int __wrap_dlclose(void *handle)
{
	if (!fake_on() || handle != &fake_driver)
		return __real_dlclose(handle);
	fake_driver.handles--;
	return 0;
}
