/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: accepted options, and errors for everything else. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check/options.h"
#include "t/unit/check.h"

#define MOST	12

static struct check_options options;
static struct dmabuf_error err;

/* Parses a command line split at blanks. */
static int parse(const char *line)
{
	static char text[256];
	char *argv[MOST + 1] = { NULL }, *rest = text, *word;
	int argc = 1;

	static char name[] = "dmabuf-check";

	argv[0] = name;
	snprintf(text, sizeof(text), "%s", line);
	while (argc < MOST && (word = strtok_r(rest, " ", &rest)))
		argv[argc++] = word;
	memset(&options, 0, sizeof(options));
	memset(&err, 0, sizeof(err));
	return check_options_parse(&options, argc, argv, &err);
}

static void test_nothing(void)
{
	CHECK_INT(parse(""), 0);
	CHECK_INT(options.devices.nr, 0);
	CHECK_INT(options.sources.nr, 0);
	CHECK_INT(options.peers.nr, 0);
	CHECK(!options.require && !options.fio && !options.module);
	CHECK(!options.json && !options.quiet && !options.write &&
	      !options.force);
	check_options_free(&options);
}

static void test_everything(void)
{
	CHECK_INT(parse("--device /dev/a --device=/dev/b --source heap --json --write"), 0);
	CHECK_INT(options.devices.nr, 2);
	CHECK_TEXT(options.devices.items[0], "/dev/a");
	CHECK_TEXT(options.devices.items[1], "/dev/b");
	CHECK_INT(options.sources.nr, 1);
	CHECK_TEXT(options.sources.items[0], "heap");
	CHECK(options.json && options.write && !options.force);
	check_options_free(&options);
	CHECK_INT(parse("--peer 00:01.0 -q --require a,b --fio f --module m"),
		  0);
	CHECK_INT(options.peers.nr, 1);
	CHECK_TEXT(options.require, "a,b");
	CHECK_TEXT(options.fio, "f");
	CHECK_TEXT(options.module, "m");
	CHECK(options.quiet);
	check_options_free(&options);
}

static void test_verify(void)
{
	CHECK_INT(parse("--device /dev/a"), 0);
	CHECK(!options.verify);
	check_options_free(&options);
	CHECK_INT(parse("--device /dev/a --verify"), 0);
	CHECK(options.verify);
	CHECK_INT(options.seconds, 10);
	check_options_free(&options);
	CHECK_INT(parse("--device /dev/a --seconds 86400 --verify"), 0);
	CHECK_INT(options.seconds, 86400);
	check_options_free(&options);
}

/* They win over whatever follows. */
static void test_help(void)
{
	CHECK_INT(parse("--help --nosuch"), 0);
	CHECK(options.help);
	check_options_free(&options);
	CHECK_INT(parse("--version word"), 0);
	CHECK(options.version);
	check_options_free(&options);
}

static void test_wrong(void)
{
	static const struct {
		const char *line, *wanted;
	} vectors[] = {
		{ "--nosuch", "--nosuch: unknown or ambiguous option; see dmabuf-check --help" },
		{ "-x", "-x: unknown option; see dmabuf-check --help" },
		{ "--json=1", "--json=1: takes no value; see dmabuf-check --help" },
		{ "--device", "--device: needs a value; see dmabuf-check --help" },
		{ "word", "word: unexpected argument; give a drive as --device word, or see dmabuf-check --help" },
		{ "--json --quiet", "--json and -q: they exclude each other; give only one" },
		{ "--force --device a", "--force: no effect without --write; add --write" },
		{ "--verify", "--verify: no drive to verify; add --device" },
		{ "--device a --seconds 3", "--seconds: no effect without --verify; add --verify" },
		{ "--device a --verify --seconds 0", "--seconds 0: not a number of seconds; give 1 to 86400" },
		{ "--device a --verify --seconds 86401", "--seconds 86401: not a number of seconds; give 1 to 86400" },
		{ "--device a --verify --seconds=-1", "--seconds -1: not a number of seconds; give 1 to 86400" },
		{ "--device a --verify --seconds=1s", "--seconds 1s: not a number of seconds; give 1 to 86400" },
		{ "--device a --verify --seconds=", "--seconds : not a number of seconds; give 1 to 86400" },
		{ "--device a --verify --seconds 99999999999999999999", "--seconds 99999999999999999999: not a number of seconds; give 1 to 86400" },
		{ "--write", "--write: no drive to write to; add --device" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(parse(vectors[i].line), -EINVAL);
		CHECK_ERROR(&err, -EINVAL, vectors[i].wanted);
		check_options_free(&options);
	}
}

static const struct check checks[] = {
	{ "no options", test_nothing },
	{ "all options", test_everything },
	{ "--verify", test_verify },
	{ "--help and --version", test_help },
	{ "invalid usage", test_wrong },
};

CHECK_MAIN("check-options", checks)
