/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * differential [-v] [-n STEPS] [-s SEED]... DRIVE...
 *
 * Plays random calls against the kernel and against a model of it, and ends
 * at the first difference: in what a call answers, or in the data. The same
 * seed is the same sequence. Overwrites the drives' first 2 MiB. Seed 0 is
 * one from the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define SEEDS_MAX	16
#define HUNG_SECONDS	60
#define BUFINFO		"/sys/kernel/debug/dma_buf/bufinfo"

static void hung(int signal)
{
	static const char text[] = "a step hangs\n";

	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

/* ---- before and after ---- */

static void drive_open(struct world *world, unsigned int drive)
{
	static uint8_t apart[APART] __attribute__((aligned(4096)));
	uint8_t *contents;
	int fd = open(world->drive_names[drive], O_RDWR | O_DIRECT);
	unsigned int block;
	uint64_t i;

	contents = aligned_alloc(4096, REGION);
	if (fd < 0 || !contents || ioctl(fd, BLKSSZGET, &block))
		broken(world, "%s: %s", world->drive_names[drive],
		       strerror(errno));
	world->drive_fds[drive] = fd;
	world->model.drives[drive] = contents;
	if (block > world->model.block)
		world->model.block = block;
	for (i = 0; i < REGION; i += 4)
		memcpy(contents + i, &(uint32_t){ random_next(world) }, 4);
	memset(apart, 0x5a, APART);
	if (pwrite(fd, contents, REGION, 0) != REGION ||
	    pwrite(fd, apart, APART, REGION) != APART)
		broken(world, "%s: %s", world->drive_names[drive],
		       strerror(errno));
}

static void world_open(struct world *world)
{
	unsigned int i;
	int fds[2];

	world->random = world->seed;
	world->step = 0;
	world->step_name = "start";
	world->model = (struct model){ .block = 512 };
	world->model.drives = calloc(DRIVES_MAX, sizeof(uint8_t *));
	world->unmapped = mmap(NULL, 1 << 20, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!world->model.drives || world->unmapped == MAP_FAILED ||
	    pipe(fds))
		broken(world, "%s", strerror(errno));
	close(fds[1]);
	world->not_dmabuf = fds[0];
	for (i = 0; i < world->nr_drives; i++)
		drive_open(world, i);
	kernel_probe(world);
}

static void world_close(struct world *world)
{
	unsigned int i;

	world->step_name = "end";
	everything_compare(world);
	ring_close(world);
	for (i = 0; i < BUFFERS_MAX; i++)
		if (world->buffers[i])
			buffer_drop(world, i);
	for (i = 0; i < FILES_MAX; i++) {
		if (world->files[i])
			file_close(world, i, 0);
		if (world->files[i])
			file_close(world, i, 1);
	}
	for (i = 0; i < world->nr_drives; i++) {
		drive_compare(world, i, 0, REGION);
		close(world->drive_fds[i]);
		free(world->model.drives[i]);
	}
	while (world->nr_closed)
		free(world->closed[--world->nr_closed]);
	free(world->closed);
	world->closed = NULL;
	free(world->model.drives);
	munmap(world->unmapped, 1 << 20);
	close(world->not_dmabuf);
}

/* Nobody but this program makes any. */
static bool no_dmabuf_left(void)
{
	char line[256];
	bool none = false;
	FILE *file = fopen(BUFINFO, "r");

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		none = !strncmp(line, "Total 0 objects", 15);
	fclose(file);
	return none;
}

static void wait_for_none(const struct world *world)
{
	unsigned int tries;

	for (tries = 0; tries < 100; tries++) {
		if (no_dmabuf_left())
			return;
		usleep(100000);
	}
	broken(world, BUFINFO ": a dma-buf is left");
}

static void play(struct world *world, unsigned int nr_steps)
{
	struct timespec start, end;

	printf("seed %llu, %u steps\n", (unsigned long long)world->seed,
	       nr_steps);
	clock_gettime(CLOCK_MONOTONIC, &start);
	world_open(world);
	while (world->step++ < nr_steps) {
		alarm(HUNG_SECONDS);
		step_any(world);
		if (world->step % 64 == 0)
			everything_compare(world);
	}
	world_close(world);
	wait_for_none(world);
	alarm(0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("seed %llu: no difference, %ld s\n",
	       (unsigned long long)world->seed,
	       (long)(end.tv_sec - start.tv_sec));
}

int main(int argc, char **argv)
{
	static struct world world;
	uint64_t seeds[SEEDS_MAX] = { 0 };
	unsigned int nr_seeds = 0, nr_steps = 1000, i;
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "vn:s:")) != -1) {
		if (option == 'v')
			world.verbose = true;
		else if (option == 'n')
			nr_steps = strtoul(optarg, NULL, 0);
		else if (option == 's' && nr_seeds < SEEDS_MAX)
			seeds[nr_seeds++] = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	for (; optind < argc && world.nr_drives < DRIVES_MAX; optind++)
		world.drive_names[world.nr_drives++] = argv[optind];
	if (!world.nr_drives) {
		fprintf(stderr, "differential: no drive; name at least one\n");
		return 2;
	}
	signal(SIGALRM, hung);
	for (i = 0; i < nr_seeds || !i; i++) {
		world.seed = seeds[i] ? seeds[i] : (uint64_t)time(NULL);
		play(&world, nr_steps);
	}
	return tally_complete(&world) ? 0 : 1;
}
