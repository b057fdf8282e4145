/* SPDX-License-Identifier: GPL-2.0-only */
/* One table of options, and the text of --help. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "options.h"

const char check_help[] =
"Usage: dmabuf-check [OPTION...]\n"
"Tries what this machine can do with dma-bufs, io_uring, NVMe drives and fio,\n"
"and says why not and what would help. It only reads, unless --write is given.\n"
"\n"
"  --device DEVICE   a drive to try, /dev/nvmeXnY (repeatable)\n"
"  --source SOURCE   memory to try, as in dmabuf_source= (repeatable; default:\n"
"                    every kind, and every dma-heap that is there)\n"
"  --peer BDF        a PCI device, for its place relative to each drive\n"
"                    (repeatable)\n"
"  --require LIST    what has to work for exit status 0, with commas; of:\n"
"                    io_uring, interface, sources, drives, fio, plugin, and the\n"
"                    kinds of --source (default: io_uring,interface,sources, and\n"
"                    drives if any is given)\n"
"  --write           also write to the drives, which must be empty; what was\n"
"                    there is put back\n"
"  --force           with --write: also to drives that are not empty\n"
"  --fio FILE        the fio to try (default: the one in PATH)\n"
"  --module FILE     the plugin to try in it (default: the one installed)\n"
"  --json            one JSON object instead of text\n"
"  -q, --quiet       no output, only the exit status\n"
"  --help            this text\n"
"  --version         the version\n"
"\n"
"Exit status: 0 all that is required works, 1 it does not, 2 wrong use.\n";

enum {
	OPTION_DEVICE = 256,
	OPTION_FIO,
	OPTION_FORCE,
	OPTION_HELP,
	OPTION_JSON,
	OPTION_MODULE,
	OPTION_PEER,
	OPTION_REQUIRE,
	OPTION_SOURCE,
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
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "write", no_argument, NULL, OPTION_WRITE },
	{ NULL, 0, NULL, 0 },
};

static void add(struct check_list *list, const char *item)
{
	list->items[list->nr++] = item;
}

/* Each list has room for all words there are. */
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
	case OPTION_SOURCE:
		add(&o->sources, optarg);
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

/* The word that getopt stumbled over. */
static int refuse(int option, char **argv, struct dmabuf_error *err)
{
	if (option == ':')
		return dmabuf_error_set(err, -EINVAL,
			"%s: needs a value; see dmabuf-check --help",
			argv[optind - 1]);
	if (optopt && optopt < 256)
		return dmabuf_error_set(err, -EINVAL,
			"-%c: no such option; see dmabuf-check --help",
			optopt);
	if (optopt)
		return dmabuf_error_set(err, -EINVAL,
			"%s: takes no value; see dmabuf-check --help",
			argv[optind - 1]);
	return dmabuf_error_set(err, -EINVAL,
		"%s: no such option, or more than one begins so; see dmabuf-check --help",
		argv[optind - 1]);
}

static int judge(const struct check_options *o, struct dmabuf_error *err)
{
	if (o->json && o->quiet)
		return dmabuf_error_set(err, -EINVAL,
			"--json and -q: one asks for output and one for none; leave one of them out");
	if (o->force && !o->write)
		return dmabuf_error_set(err, -EINVAL,
			"--force: only says how to write; give --write as well");
	if (o->write && !o->devices.nr)
		return dmabuf_error_set(err, -EINVAL,
			"--write: to which drive?; give --device");
	return 0;
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
			"%s: not an option; write --device %s for a drive, or see dmabuf-check --help",
			argv[optind], argv[optind]);
	return judge(options, err);
}

void check_options_free(struct check_options *options)
{
	free(options->devices.items);
	free(options->sources.items);
	free(options->peers.items);
}
