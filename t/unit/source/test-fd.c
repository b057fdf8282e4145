/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dma-bufs from another process: the checks before one is used, which chunk
 * gets which, and that every failure closes all of them. Memfds stand in for
 * dma-bufs, with a scripted fdinfo in /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-socket.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "handover.h"
#include "source.h"

#define FDINFO	"pos:\t0\nflags:\t02\nmnt_id:\t15\nino:\t3\nsize:\t8192\ncount:\t2\nexp_name:\tudmabuf\n"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;
static char dir[32], path[64], line[256];
static char infos[8][32];
static int listener, before;
/* The giver's memory */
static int given[8];
static unsigned int nr_given;
/* The errno of opening a fdinfo that is NULL; 0: it does not exist */
static int no_fdinfo;

static void begin(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[80];

	fake_reset();
	memset(&err, 0, sizeof(err));
	before = fake_real_fds();
	strcpy(dir, "/tmp/fd-XXXXXX");
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/give", dir);
	snprintf(text, sizeof(text), "fd:%s", path);
	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, path);
	CHECK_INT(bind(listener, (struct sockaddr *)&address,
		       sizeof(address)), 0);
	CHECK_INT(listen(listener, 1), 0);
	nr_given = 0;
	no_fdinfo = 0;
}

static void end(void)
{
	while (nr_given)
		close(given[--nr_given]);
	close(listener);
	unlink(path);
	CHECK_INT(rmdir(dir), 0);
	CHECK_INT(fake_real_fds(), before);
	CHECK_INT(fake_left(), 0);
}

static void give(uint64_t size)
{
	/* memfd_create() is scripted, but this file must be real. */
	int fd = open(dir, O_TMPFILE | O_RDWR, 0600);

	CHECK(fd >= 0);
	if (size)
		CHECK_INT(lseek(fd, size - 1, SEEK_SET), size - 1);
	if (size)
		CHECK_INT(write(fd, "", 1), 1);
	given[nr_given++] = fd;
}

/* The giver answers when the engine polls; its last connection. */
static int peer = -1;

static void on_poll(void)
{
	if (peer >= 0)
		return;
	peer = accept(listener, NULL, NULL);
	CHECK_INT(dmabuf_handover_send(peer, given, nr_given), 0);
}

/* The descriptors arrive after the two ends of the connection. */
static int open_source(const char *info)
{
	int free_fds[2 + 8], ret, i;

	for (i = 0; i < 2 + (int)nr_given; i++)
		free_fds[i] = dup(listener);
	while (i)
		close(free_fds[--i]);
	for (i = 0; i < (int)nr_given; i++) {
		snprintf(infos[i], sizeof(infos[i]), "/proc/self/fdinfo/%d",
			 free_fds[2 + i]);
		if (info)
			fake_file(infos[i], info);
		else if (no_fdinfo)
			fake_file_error(infos[i], no_fdinfo);
	}
	peer = -1;
	fake_sockets.on_poll = on_poll;
	ret = dmabuf_source_open(&source, &option, &err);
	close(peer);
	return ret;
}

static int alloc(struct dmabuf_chunk *new, uint64_t size)
{
	*new = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, new, &err);
}

static void test_in_order(void)
{
	struct dmabuf_chunk second, third;
	uint64_t limit;

	begin();
	give(8192);
	give(12288);
	give(16384);
	CHECK_INT(open_source(FDINFO), 0);
	CHECK_TEXT(source.detail, "exporter udmabuf");
	CHECK_INT(source.shadowed, 0);
	CHECK_INT(dmabuf_source_limit(&source, &limit, &err), 0);
	CHECK_INT(limit, 8192);

	CHECK_INT(alloc(&chunk, 4096), 0);
	CHECK_INT(alloc(&second, 8192), 0);
	CHECK_INT(alloc(&third, 16384), 0);
	CHECK(chunk.fd < second.fd && second.fd < third.fd);
	CHECK_INT(lseek(third.fd, 0, SEEK_END), 16384);
	CHECK_INT(alloc(&third, 4096), -ENOSPC);
	snprintf(line, sizeof(line), "dmabuf_source=fd:%s: 3 dma-bufs were given, the smallest has 8 KiB, and none is left for another 4 KiB; give more or larger ones, or lower iodepth, bs or dmabuf_chunk",
		 path);
	CHECK_ERROR(&err, -ENOSPC, line);

	/* A replay allocates its memory again. */
	source.kind->free(&source, &second);
	CHECK_INT(second.fd, -1);
	CHECK_INT(alloc(&second, 16384), -ENOSPC);
	CHECK_INT(alloc(&second, 12288), 0);
	dmabuf_source_close(&source);
	CHECK(!source.state);
	end();
}

/* Of a dma-buf over 1 GiB only a part is used. */
static void test_large(void)
{
	uint64_t limit;

	begin();
	give(3ULL << 30);
	CHECK_INT(open_source(FDINFO), 0);
	CHECK_INT(dmabuf_source_limit(&source, &limit, &err), 0);
	CHECK_INT(limit, 1 << 30);
	dmabuf_source_close(&source);
	end();
}

static void test_mapping(void)
{
	struct dmabuf_part part = { .offset = 4096, .size = 8192 };

	begin();
	give(16384);
	CHECK_INT(open_source(FDINFO), 0);
	CHECK_INT(alloc(&chunk, 16384), 0);
	part.address = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	fake.log[0] = '\0';
	CHECK_INT(source.kind->map(&source, &chunk, &part, false), 0);
	snprintf(line, sizeof(line), "map %d 8192 shared\n", chunk.fd);
	CHECK_TEXT(fake.log, line);
	CHECK_INT(source.kind->map(&source, &chunk, &part, true),
		  -EOPNOTSUPP);
	fake.errors[FAKE_MMAP] = ENODEV;
	CHECK_INT(source.kind->map(&source, &chunk, &part, false), -ENODEV);
	munmap(part.address, 8192);
	dmabuf_source_close(&source);
	end();
}

static void test_exporters(void)
{
	static const struct {
		const char *info, *detail;
	} vectors[] = {
		{ "exp_name:\tsystem\n", "exporter system" },
		{ "size:\t8\nexp_name:\tsystem\nname:\tx\n",
		  "exporter system" },
		{ "exp_name:\ta\033[31mb\n", "exporter a?[31mb" },
		{ "exp_name:\t" "0123456789012345678901234567890123456789x\n",
		  "exporter 0123456789012345678901234567890123456789" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		give(4096);
		CHECK_INT(open_source(vectors[i].info), 0);
		CHECK_TEXT(source.detail, vectors[i].detail);
		dmabuf_source_close(&source);
		end();
	}
}

/* Fails with @text after the name of the socket; nothing stays open. */
static void refused(const char *info, int code, const char *text)
{
	snprintf(line, sizeof(line), "%s: %s", path, text);
	CHECK_INT(open_source(info), code);
	CHECK_ERROR(&err, code, line);
	CHECK(!source.state);
	end();
}

#define NO_DMABUF	" is not a dma-buf; the giver must pass only dma-bufs"

static void test_what_is_no_dmabuf(void)
{
	begin();
	give(4096);
	refused(NULL, -EINVAL, "descriptor 1 of 1" NO_DMABUF);

	/* fdinfo of a file, and of a file with the key in another place */
	begin();
	give(4096);
	refused("pos:\t0\nflags:\t02\nmnt_id:\t28\nino:\t7\n", -EINVAL,
		"descriptor 1 of 1" NO_DMABUF);
	begin();
	give(4096);
	refused("name:\texp_name:\tx\n", -EINVAL,
		"descriptor 1 of 1" NO_DMABUF);

	/* A socket, among others */
	begin();
	given[nr_given++] = socket(AF_UNIX, SOCK_STREAM, 0);
	give(4096);
	refused(NULL, -EINVAL, "descriptor 1 of 2" NO_DMABUF);
	/* No operation was tried on it. */
	CHECK(!strstr(fake.log, "start"));
}

/* At the limit on open files */
static void test_no_look(void)
{
	begin();
	give(4096);
	no_fdinfo = EMFILE;
	refused(NULL, -EMFILE, "cannot read the fdinfo of dma-buf 1: Too many open files; raise the limit with ulimit -n");
	begin();
	give(4096);
	no_fdinfo = EACCES;
	refused(NULL, -EACCES, "cannot read the fdinfo of dma-buf 1: Permission denied; check that /proc is mounted and readable");
}

static void test_access(void)
{
	begin();
	give(4096);
	fake.errors[FAKE_SYNC] = ENOTTY;
	refused(FDINFO, -ENOTTY, "dma-buf 1: DMA_BUF_IOCTL_SYNC: Inappropriate ioctl for device; its exporter does not allow CPU access, use another exporter");

	begin();
	give(4096);
	give(4096);
	close(given[1]);
	given[1] = open(dir, O_TMPFILE | O_WRONLY, 0600);
	refused(FDINFO, -EACCES, "dma-buf 2 is not open for reading and writing; the giver must export it with O_RDWR");

	begin();
	give(4096);
	fake.errors[FAKE_MMAP] = ENODEV;
	refused(FDINFO, -ENODEV, "dma-buf 1 (exporter udmabuf) cannot be mapped: No such device; fio fills and verifies memory with the CPU, use an exporter that supports mmap");
}

static void test_sizes(void)
{
	begin();
	give(0);
	refused(FDINFO, -EINVAL, "dma-buf 1 has 0 bytes, which is not a multiple of the page size; give dma-bufs whose size is a multiple of 4096 bytes");
	begin();
	give(4096);
	give(4097);
	refused(FDINFO, -EINVAL, "dma-buf 2 has 4097 bytes, which is not a multiple of the page size; give dma-bufs whose size is a multiple of 4096 bytes");
}

static void test_twice(void)
{
	begin();
	give(4096);
	give(4096);
	given[nr_given++] = dup(given[0]);
	refused(FDINFO, -EINVAL, "dma-buf 3 was given twice; give each dma-buf once, because the I/Os of a job must not share memory");
}

static void test_no_giver(void)
{
	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(dmabuf_source_open(&source, &option, &err), -ENOMEM);
	snprintf(line, sizeof(line), "dmabuf_source=fd:%s: out of memory; lower iodepth, bs or numjobs",
		 path);
	CHECK_ERROR(&err, -ENOMEM, line);
	fake.errors[FAKE_ALLOC] = 0;
	/* A giver that sends nothing */
	CHECK_INT(dmabuf_source_open(&source, &option, &err), -ETIMEDOUT);
	CHECK(!source.state);
	dmabuf_source_close(&source);
	end();

	CHECK_INT(dmabuf_source_parse(&option, "fd", &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "dmabuf_source=fd: no socket given; write fd:PATH");
}

static const struct check checks[] = {
	{ "in order", test_in_order },
	{ "a large one", test_large },
	{ "mapping", test_mapping },
	{ "exporters", test_exporters },
	{ "not a dma-buf", test_what_is_no_dmabuf },
	{ "no fdinfo", test_no_look },
	{ "access", test_access },
	{ "sizes", test_sizes },
	{ "twice", test_twice },
	{ "no giver", test_no_giver },
};

CHECK_MAIN("fd", checks)
