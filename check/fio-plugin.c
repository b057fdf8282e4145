/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plugin fits one version of fio, and fio looks for it in its own places:
 * so fio is asked for its version, and then to load it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fio-plugin.h"
#include "subprocess.h"

#define SECONDS		20

/* The first file in PATH that can be run; "" when there is none. */
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

/* What it output last, which is the reason when it failed. */
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
			  "%s: no answer within %d s; try it by hand", command,
			  SECONDS);
	else if (status < 0)
		check_say(result, CHECK_UNKNOWN, "%s: not run: %s", command,
			  strerror(-status));
	else if (status > 128)
		check_say(result, CHECK_NO,
			  "%s: ended by signal %d; the fio or the plugin was made for another CPU or another fio, build them anew",
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

/* Whether fio shows the options of the engine at @where. */
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
			  "%.300s: %s; install the plugin with make install, or name it with --module",
			  fio->module, strerror(errno));
	else if (strcmp(fio->version, fio->built_for))
		check_say(result, CHECK_NO,
			  "the plugin is for %s and this is %s; build it with --with-fio=DIR, DIR being the source of %s",
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
			 "ioengine=%.300s works without that name, or install the link in the loader's directory",
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
			  "no fio in PATH; install fio, or name it with --fio");
	else if (access(fio->file, X_OK))
		check_say(&fio->runs, CHECK_NO,
			  "%.300s: %s; name a fio that can be run", fio->file,
			  strerror(errno));
	else
		ask_version(fio);

	if (fio->runs.state == CHECK_OK) {
		try_plugin(fio, module);
		return;
	}
	check_say(&fio->plugin, CHECK_UNKNOWN, "not tried without fio");
	check_say(&fio->by_name, CHECK_UNKNOWN, "not tried without fio");
}
