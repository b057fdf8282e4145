/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of options and the text of --help. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "check/verify/verify.h"
#include "options.h"

#define MOST_SECONDS	86400

const char check_help[] =
"Usage: dmabuf-check [OPTION...]\n"
"Tests which parts of fio-dmabuf work on this machine: dma-bufs, io_uring, NVMe\n"
"drives and fio. Explains why anything fails and what to try. It only reads from\n"
"drives unless --write is given.\n"
"\n"
"  --device DEVICE   a drive to test, /dev/nvmeXnY (repeatable)\n"
"  --source SOURCE   a source of memory to test, as in dmabuf_source=\n"
"                    (repeatable; default: every kind and every dma-heap)\n"
"  --peer BDF        a PCI device; shows how it is connected to each drive\n"
"                    (repeatable)\n"
"  --require LIST    what must work for exit status 0, separated by commas:\n"
"                    io_uring, interface, sources, drives, verify, fio, plugin,\n"
"                    or a kind of --source (default: io_uring,interface,sources,\n"
"                    drives with --device, and always verify with --verify)\n"
"  --write           also write to the drives, which must be empty; restores\n"
"                    what it overwrites\n"
"  --verify          also compare every byte of many blocks, 16 in flight, read\n"
"                    and with --write written, for some time each\n"
"  --seconds N       that time for each source, drive and direction (default 10)\n"
"  --force           with --write: also write to drives that are not empty\n"
"  --fio FILE        the fio to test (default: the one in PATH)\n"
"  --module FILE     the plugin to load into it (default: the installed one)\n"
"  --json            print one JSON object instead of text\n"
"  -q, --quiet       print nothing, only set the exit status\n"
"  --help            print this text\n"
"  --version         print the version\n"
"\n"
"Exit status: 0 all that is required works, 1 something required fails,\n"
"2 invalid usage.\n";

enum {
	OPTION_DEVICE = 256,
	OPTION_FIO,
	OPTION_FORCE,
	OPTION_HELP,
	OPTION_JSON,
	OPTION_MODULE,
	OPTION_PEER,
	OPTION_REQUIRE,
	OPTION_SECONDS,
	OPTION_SOURCE,
	OPTION_VERIFY,
	OPTION_VERSION,
	OPTION_WRITE,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "fio", required_argument, NULL, OPTION_FIO },
	{ "force", no_argument, NULL, OPTION_FORCE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "module", required_argument, NULL, OPTION_MODULE },
	{ "peer", required_argument, NULL, OPTION_PEER },
	{ "quiet", no_argument, NULL, 'q' },
	{ "require", required_argument, NULL, OPTION_REQUIRE },
	{ "seconds", required_argument, NULL, OPTION_SECONDS },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "verify", no_argument, NULL, OPTION_VERIFY },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "write", no_argument, NULL, OPTION_WRITE },
	{ NULL, 0, NULL, 0 },
};

static void add(struct check_list *list, const char *item)
{
	list->items[list->nr++] = item;
}

/* Each list has room for the whole command line. */
static int make_lists(struct check_options *o, int argc,
		      struct dmabuf_error *err)
{
	o->devices.items = calloc(argc, sizeof(*o->devices.items));
	o->sources.items = calloc(argc, sizeof(*o->sources.items));
	o->peers.items = calloc(argc, sizeof(*o->peers.items));
	if (o->devices.items && o->sources.items && o->peers.items)
		return 0;
	return dmabuf_error_no_memory(err, "command line",
				      "give fewer options");
}

static void take(struct check_options *o, int option)
{
	switch (option) {
	case OPTION_DEVICE:
		add(&o->devices, optarg);
		break;
	case OPTION_FIO:
		o->fio = optarg;
		break;
	case OPTION_FORCE:
		o->force = true;
		break;
	case OPTION_HELP:
		o->help = true;
		break;
	case OPTION_JSON:
		o->json = true;
		break;
	case OPTION_MODULE:
		o->module = optarg;
		break;
	case OPTION_PEER:
		add(&o->peers, optarg);
		break;
	case OPTION_REQUIRE:
		o->require = optarg;
		break;
	case OPTION_SECONDS:
		o->seconds_text = optarg;
		break;
	case OPTION_SOURCE:
		add(&o->sources, optarg);
		break;
	case OPTION_VERIFY:
		o->verify = true;
		break;
	case OPTION_VERSION:
		o->version = true;
		break;
	case OPTION_WRITE:
		o->write = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	}
}

/* Names the word that getopt_long() rejected. */
static int refuse(int option, char **argv, struct dmabuf_error *err)
{
	if (option == ':')
		return dmabuf_error_set(err, -EINVAL,
			"%s: needs a value; see dmabuf-check --help",
			argv[optind - 1]);
	if (optopt && optopt < 256)
		return dmabuf_error_set(err, -EINVAL,
			"-%c: unknown option; see dmabuf-check --help",
			optopt);
	if (optopt)
		return dmabuf_error_set(err, -EINVAL,
			"%s: takes no value; see dmabuf-check --help",
			argv[optind - 1]);
	return dmabuf_error_set(err, -EINVAL,
		"%s: unknown or ambiguous option; see dmabuf-check --help",
		argv[optind - 1]);
}

static int judge_verify(struct check_options *o, struct dmabuf_error *err)
{
	const char *text = o->seconds_text;
	unsigned long seconds = CHECK_VERIFY_SECONDS;
	char *end;

	if (o->verify && !o->devices.nr)
		return dmabuf_error_set(err, -EINVAL,
			"--verify: no drive to verify; add --device");
	if (text && !o->verify)
		return dmabuf_error_set(err, -EINVAL,
			"--seconds: no effect without --verify; add --verify");
	if (text) {
		seconds = strtoul(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || *end || !seconds ||
		    seconds > MOST_SECONDS)
			return dmabuf_error_set(err, -EINVAL,
				"--seconds %s: not a number of seconds; give 1 to %d",
				text, MOST_SECONDS);
	}
	o->seconds = seconds;
	return 0;
}

static int judge(struct check_options *o, struct dmabuf_error *err)
{
	if (o->json && o->quiet)
		return dmabuf_error_set(err, -EINVAL,
			"--json and -q: they exclude each other; give only one");
	if (o->force && !o->write)
		return dmabuf_error_set(err, -EINVAL,
			"--force: no effect without --write; add --write");
	if (o->write && !o->devices.nr)
		return dmabuf_error_set(err, -EINVAL,
			"--write: no drive to write to; add --device");
	return judge_verify(o, err);
}

int check_options_parse(struct check_options *options, int argc, char **argv,
			struct dmabuf_error *err)
{
	int option, ret = make_lists(options, argc, err);

	optind = 0;
	opterr = 0;
	while (!ret && (option = getopt_long(argc, argv, ":q", long_options,
					     NULL)) != -1) {
		if (option == '?' || option == ':')
			ret = refuse(option, argv, err);
		else
			take(options, option);
		if (options->help || options->version)
			break;
	}
	if (ret || options->help || options->version)
		return ret;
	if (optind < argc)
		return dmabuf_error_set(err, -EINVAL,
			"%s: unexpected argument; give a drive as --device %s, or see dmabuf-check --help",
			argv[optind], argv[optind]);
	return judge(options, err);
}

void check_options_free(struct check_options *options)
{
	free(options->devices.items);
	free(options->sources.items);
	free(options->peers.items);
}
