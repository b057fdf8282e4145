/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * differential [-v] [-n STEPS] [-s SEED]... DRIVE...
 *
 * Makes random calls to the kernel and to a model of it, and ends at the
 * first difference in an answer or in the data. The same seed gives the same
 * sequence; seed 0 takes one from the clock. Overwrites the first 2 MiB of
 * each drive.
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

#include "kernel.h"
#include "objects.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

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

/* ---- begin and end ---- */

static void drive_open(struct run *run, unsigned int drive)
{
	static uint8_t apart[APART] __attribute__((aligned(4096)));
	uint8_t *contents;
	int fd = open(run->drive_names[drive], O_RDWR | O_DIRECT);
	unsigned int block;
	uint64_t i;

	contents = aligned_alloc(4096, REGION);
	if (fd < 0 || !contents || ioctl(fd, BLKSSZGET, &block))
		fail(run, "%s: %s", run->drive_names[drive],
		     strerror(errno));
	run->drive_fds[drive] = fd;
	run->model.drives[drive] = contents;
	if (block > run->model.block)
		run->model.block = block;
	for (i = 0; i < REGION; i += 4)
		memcpy(contents + i, &(uint32_t){ random_next(run) }, 4);
	memset(apart, 0x5a, APART);
	if (pwrite(fd, contents, REGION, 0) != REGION ||
	    pwrite(fd, apart, APART, REGION) != APART)
		fail(run, "%s: %s", run->drive_names[drive],
		     strerror(errno));
}

static void run_open(struct run *run)
{
	unsigned int i;
	int fds[2];

	run->random = run->seed;
	run->step = 0;
	run->step_name = "start";
	run->model = (struct model){ .block = 512 };
	run->model.drives = calloc(DRIVES_MAX, sizeof(uint8_t *));
	run->unmapped = mmap(NULL, 1 << 20, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!run->model.drives || run->unmapped == MAP_FAILED ||
	    pipe(fds))
		fail(run, "%s", strerror(errno));
	close(fds[1]);
	run->not_dmabuf = fds[0];
	for (i = 0; i < run->nr_drives; i++)
		drive_open(run, i);
	kernel_probe(run);
}

static void run_close(struct run *run)
{
	unsigned int i;

	run->step_name = "end";
	everything_compare(run);
	ring_close(run);
	for (i = 0; i < BUFFERS_MAX; i++)
		if (run->buffers[i])
			buffer_drop(run, i);
	for (i = 0; i < FILES_MAX; i++) {
		if (run->files[i])
			file_close(run, i, 0);
		if (run->files[i])
			file_close(run, i, 1);
	}
	for (i = 0; i < run->nr_drives; i++) {
		drive_compare(run, i, 0, REGION);
		close(run->drive_fds[i]);
		free(run->model.drives[i]);
	}
	while (run->nr_closed)
		free(run->closed[--run->nr_closed]);
	free(run->closed);
	run->closed = NULL;
	free(run->model.drives);
	munmap(run->unmapped, 1 << 20);
	close(run->not_dmabuf);
}

/* Nothing but this program makes dma-bufs in the machine. */
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

static void wait_for_none(const struct run *run)
{
	unsigned int tries;

	for (tries = 0; tries < 100; tries++) {
		if (no_dmabuf_left())
			return;
		usleep(100000);
	}
	fail(run, BUFINFO ": a dma-buf is left");
}

static void play(struct run *run, unsigned int nr_steps)
{
	struct timespec start, end;

	printf("seed %llu, %u steps\n", (unsigned long long)run->seed,
	       nr_steps);
	clock_gettime(CLOCK_MONOTONIC, &start);
	run_open(run);
	while (run->step++ < nr_steps) {
		alarm(HUNG_SECONDS);
		step_any(run);
		if (run->step % 64 == 0)
			everything_compare(run);
	}
	run_close(run);
	wait_for_none(run);
	alarm(0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("seed %llu: no difference, %ld s\n",
	       (unsigned long long)run->seed,
	       (long)(end.tv_sec - start.tv_sec));
}

int main(int argc, char **argv)
{
	static struct run run;
	uint64_t seeds[SEEDS_MAX] = { 0 };
	unsigned int nr_seeds = 0, nr_steps = 1000, i;
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "vn:s:")) != -1) {
		if (option == 'v')
			run.verbose = true;
		else if (option == 'n')
			nr_steps = strtoul(optarg, NULL, 0);
		else if (option == 's' && nr_seeds < SEEDS_MAX)
			seeds[nr_seeds++] = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	for (; optind < argc && run.nr_drives < DRIVES_MAX; optind++)
		run.drive_names[run.nr_drives++] = argv[optind];
	if (!run.nr_drives) {
		fprintf(stderr, "differential: no drive; name at least one\n");
		return 2;
	}
	signal(SIGALRM, hung);
	for (i = 0; i < nr_seeds || !i; i++) {
		run.seed = seeds[i] ? seeds[i] : (uint64_t)time(NULL);
		play(&run, nr_steps);
	}
	return tally_complete(&run) ? 0 : 1;
}
