/* SPDX-License-Identifier: GPL-2.0-only */
/* The library and the memory of a GPU; see fake-gpu.h. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "t/unit/check.h"
#include "fake-gpu.h"
#include "fake.h"

#define NR_PIECES	16
/* A canonical address that no program has. */
#define FIRST_ADDRESS	0xf00000000000ULL

struct fake_gpu fake_gpu;

static struct {
	uint64_t address, size;
	unsigned char *memory;
	int fd;
} pieces[NR_PIECES];

static char last_error[160];

void *__real_malloc(size_t size);

void fake_gpu_reset(const char *library, const struct fake_symbol *symbols)
{
	memset(&fake_gpu, 0, sizeof(fake_gpu));
	memset(pieces, 0, sizeof(pieces));
	fake_gpu.library = library;
	fake_gpu.symbols = symbols;
	fake_gpu.count = 2;
	fake_gpu.memory = 1ULL << 32;
}

int fake_gpu_left(void)
{
	int i, left = 0;

	for (i = 0; i < NR_PIECES; i++)
		left += pieces[i].size != 0;
	if (fake_gpu.handles || fake_gpu.contexts || left || fake_gpu.misuses)
		printf("\n%d handles, %d contexts, %d pieces, %d misuses ",
		       fake_gpu.handles, fake_gpu.contexts, left,
		       fake_gpu.misuses);
	return left + fake_gpu.handles + fake_gpu.contexts +
		fake_gpu.misuses;
}

int fake_gpu_call(const char *name)
{
	fake_log("%s", name);
	if (!fake_gpu.handles)
		return fake_gpu_misuse("a call of a closed library");
	fake_gpu.calls++;
	return fake_gpu.calls == fake_gpu.fail_at ? fake_gpu.result : 0;
}

int fake_gpu_misuse(const char *what)
{
	printf("\nmisuse: %s ", what);
	fake_gpu.misuses++;
	return 1;
}

uint64_t fake_gpu_alloc(uint64_t size)
{
	int i;

	for (i = 0; i < NR_PIECES && pieces[i].size; i++)
		;
	if (i == NR_PIECES || size > fake_gpu.memory)
		return 0;
	fake_gpu.memory -= size;
	pieces[i].address = FIRST_ADDRESS + ((uint64_t)i << 32);
	pieces[i].size = size;
	/* Only what is copied is touched. */
	pieces[i].memory = __real_malloc(size);
	pieces[i].fd = -1;
	return pieces[i].address;
}

bool fake_gpu_free(uint64_t address)
{
	int i;

	for (i = 0; i < NR_PIECES; i++) {
		if (!pieces[i].size || pieces[i].address != address)
			continue;
		fake_gpu.memory += pieces[i].size;
		free(pieces[i].memory);
		memset(&pieces[i], 0, sizeof(pieces[i]));
		return true;
	}
	fake_gpu_misuse("free of what is none");
	return false;
}

int fake_gpu_export(uint64_t address, uint64_t size)
{
	int i;

	for (i = 0; i < NR_PIECES; i++) {
		if (!size || pieces[i].size != size ||
		    pieces[i].address != address)
			continue;
		pieces[i].fd = fake_fd("dma-buf of a GPU");
		fake_set_size(pieces[i].fd,
			      fake_gpu.dmabuf_size ? : pieces[i].size);
		return pieces[i].fd;
	}
	return -1;
}

void *fake_gpu_at(uint64_t address, uint64_t size)
{
	int i;

	for (i = 0; i < NR_PIECES; i++)
		if (pieces[i].size && address >= pieces[i].address &&
		    address + size <= pieces[i].address + pieces[i].size)
			return pieces[i].memory + address - pieces[i].address;
	return NULL;
}

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags)
{
	if (!fake_on())
		return __real_dlopen(name, flags);
	fake_log("dlopen %s", name);
	/* The code must never go away again. */
	if (flags != (RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
		fake_gpu_misuse("flags of dlopen");
	if (fake_gpu.library && !strcmp(name, fake_gpu.library)) {
		fake_gpu.handles++;
		return &fake_gpu;
	}
	if (fake_gpu.broken && !strcmp(name, fake_gpu.broken))
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

	if (!fake_on() || handle != &fake_gpu)
		return __real_dlsym(handle, name);
	for (symbol = fake_gpu.symbols; symbol->name; symbol++)
		if (!strcmp(symbol->name, name) &&
		    (!fake_gpu.without || strcmp(name, fake_gpu.without)))
			return symbol->function;
	return NULL;
}

int __real_dlclose(void *handle);
int __wrap_dlclose(void *handle);
int __wrap_dlclose(void *handle)
{
	if (!fake_on() || handle != &fake_gpu)
		return __real_dlclose(handle);
	fake_gpu.handles--;
	return 0;
}
