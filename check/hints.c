/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits of the process, frequency governor and mitigations of the CPU. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "hints.h"
#include "sysfs.h"

static uint64_t limit(int resource)
{
	struct rlimit rlimit;

	if (getrlimit(resource, &rlimit) || rlimit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return rlimit.rlim_cur;
}

static int is_cpu(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return !strncmp(name, "cpu", 3) && name[3] &&
		strspn(name + 3, "0123456789") == strlen(name + 3);
}

/* The governor of all CPUs, or "mixed" when they differ. */
static void read_governor(struct check_hints *hints, const char *sys)
{
	char dir[CHECK_PATH], one[64];
	struct dirent **cpus;
	int nr, i;

	if (!check_path(dir, "%s/devices/system/cpu", sys))
		return;
	nr = scandir(dir, &cpus, is_cpu, NULL);
	for (i = 0; i < nr; i++) {
		if (check_read(one, sizeof(one),
			       "%s/%s/cpufreq/scaling_governor", dir,
			       cpus[i]->d_name)) {
			if (!hints->governor[0])
				strcpy(hints->governor, one);
			else if (strcmp(hints->governor, one))
				strcpy(hints->governor, "mixed");
		}
		free(cpus[i]);
	}
	if (nr >= 0)
		free(cpus);
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_mitigations(struct check_hints *hints, const char *sys)
{
	char *names = hints->mitigation_names;
	size_t size = sizeof(hints->mitigation_names);
	char dir[CHECK_PATH], text[512];
	struct dirent **files;
	int nr, i;

	if (!check_path(dir, "%s/devices/system/cpu/vulnerabilities", sys))
		return;
	nr = scandir(dir, &files, is_name, alphasort);
	hints->mitigations_known = nr >= 0;
	for (i = 0; i < nr; i++) {
		if (check_read(text, sizeof(text), "%s/%s", dir,
			       files[i]->d_name) &&
		    strstr(text, "Mitigation")) {
			size_t used = strlen(names);

			snprintf(names + used, size - used, "%s%.60s",
				 used ? ", " : "", files[i]->d_name);
			hints->mitigations++;
		}
		free(files[i]);
	}
	if (nr >= 0)
		free(files);
}

void check_hints_read(struct check_hints *hints, const char *sys)
{
	memset(hints, 0, sizeof(*hints));
	hints->memlock = limit(RLIMIT_MEMLOCK);
	hints->open_files = limit(RLIMIT_NOFILE);
	read_governor(hints, sys);
	read_mitigations(hints, sys);
}
