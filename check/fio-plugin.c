/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plugin fits one version of fio, and where fio finds it is up to the loader.
 * So fio is asked for its version, and then to load the plugin.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fio-plugin.h"
#include "subprocess.h"

#define SECONDS		60

/* The first executable fio in PATH; "" when there is none. */
static void find(char *file, size_t size)
{
	const char *path = getenv("PATH") ? : "/usr/local/bin:/usr/bin:/bin";

	while (*path) {
		size_t length = strcspn(path, ":");

		if (length && snprintf(file, size, "%.*s/fio", (int)length,
				       path) < (int)size &&
		    !access(file, X_OK))
			return;
		path += length;
		path += *path == ':';
	}
	file[0] = '\0';
}

/* The last line, which is the reason when fio failed. */
static const char *last_line(char *text)
{
	size_t length = strlen(text);
	char *line;

	while (length && strchr("\n ", text[length - 1]))
		text[--length] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

static void note_failure(struct check_result *result, const char *command,
			 int status, char *output)
{
	if (status == -ETIME)
		check_say(result, CHECK_NO,
			  "%s: timed out after %d s; run it by hand", command,
			  SECONDS);
	else if (status < 0)
		check_say(result, CHECK_UNKNOWN, "%s: not run: %s", command,
			  strerror(-status));
	else if (status > 128)
		check_say(result, CHECK_NO,
			  "%s: killed by signal %d; fio or the plugin may be built for another CPU or fio, rebuild them",
			  command, status - 128);
	else
		check_say(result, CHECK_NO, "%s: exit status %d%s%s",
			  command, status, *output ? ", " : "", last_line(output));
}

static void ask_version(struct check_fio *fio)
{
	const char *const argv[] = { fio->file, "--version", NULL };
	char output[4096];
	int status = check_run_program(argv, SECONDS, output, sizeof(output));

	if (status || strncmp(output, "fio-", 4)) {
		note_failure(&fio->runs, "fio --version", status, output);
		return;
	}
	output[strcspn(output, "\n")] = '\0';
	snprintf(fio->version, sizeof(fio->version), "%.63s", output);
	check_ok(&fio->runs);
}

/* Checks that fio shows the options of the engine at @where. */
static void load(const struct check_fio *fio, const char *where,
		 struct check_result *result)
{
	char option[PATH_MAX + 16], command[PATH_MAX + 32], output[65536];
	const char *const argv[] = { fio->file, option, NULL };
	int status;

	snprintf(option, sizeof(option), "--enghelp=%s", where);
	snprintf(command, sizeof(command), "fio %s", option);
	status = check_run_program(argv, SECONDS, output, sizeof(output));
	if (!status && strstr(output, "dmabuf_source"))
		check_ok(result);
	else
		note_failure(result, command, status, output);
}

static void load_module(const struct check_fio *fio,
			struct check_result *result)
{
	if (access(fio->module, F_OK))
		check_say(result, CHECK_NO,
			  "%.300s: %s; run make install, or name the plugin with --module",
			  fio->module, strerror(errno));
	else if (strcmp(fio->version, fio->built_for))
		check_say(result, CHECK_NO,
			  "the plugin is built for %s but this is %s; configure it with --with-fio=DIR, the source tree of %s",
			  fio->built_for, fio->version, fio->version);
	else
		load(fio, fio->module, result);
}

static void try_plugin(struct check_fio *fio, bool given)
{
	struct check_result *by_name = &fio->by_name;

	load_module(fio, &fio->plugin);
	load(fio, "dmabuf", by_name);
	if (by_name->state == CHECK_OK && !given && access(fio->module, F_OK)) {
		check_ok(&fio->plugin);
		fio->module[0] = '\0';
	} else if (by_name->state == CHECK_NO &&
		   fio->plugin.state == CHECK_OK) {
		snprintf(by_name->remedy, sizeof(by_name->remedy),
			 "use ioengine=%.300s, or let make install put a link where the loader looks",
			 fio->module);
	}
}

void check_fio_try(struct check_fio *fio, const char *file,
		   const char *module, const char *installed,
		   const char *built_for)
{
	memset(fio, 0, sizeof(*fio));
	fio->built_for = built_for;
	snprintf(fio->module, sizeof(fio->module), "%s",
		 module ? module : installed);
	if (file)
		snprintf(fio->file, sizeof(fio->file), "%s", file);
	else
		find(fio->file, sizeof(fio->file));

	if (!fio->file[0])
		check_say(&fio->runs, CHECK_NO,
			  "fio: not found in PATH; install fio, or name it with --fio");
	else if (access(fio->file, X_OK))
		check_say(&fio->runs, CHECK_NO,
			  "%.300s: %s; name an executable fio", fio->file,
			  strerror(errno));
	else
		ask_version(fio);

	if (fio->runs.state == CHECK_OK) {
		try_plugin(fio, module);
		return;
	}
	check_say(&fio->plugin, CHECK_UNKNOWN, "not tried: fio does not work");
	check_say(&fio->by_name, CHECK_UNKNOWN, "not tried: fio does not work");
}
