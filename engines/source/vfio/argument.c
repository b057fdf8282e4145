/* SPDX-License-Identifier: GPL-2.0-only */
/* Parsing the argument of source vfio: BDF[,bar=N][,offset=SIZE][,size=SIZE] */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio.h"

static int parse_size(const struct dmabuf_source_option *option,
		      const char *key, const char *text, uint64_t *bytes,
		      struct dmabuf_error *err)
{
	unsigned long long number = 0;
	unsigned int shift = 0;
	char *end = NULL, page[32];

	errno = 0;
	if (isdigit((unsigned char)*text))
		number = strtoull(text, &end, 10);
	if (end && *end) {
		static const char unit[] = "kmg";
		const char *found = strchr(unit,
					   tolower((unsigned char)*end));

		if (found) {
			shift = 10 * (found - unit + 1);
			end++;
		}
	}
	if (!end || *end || errno || number << shift >> shift != number)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: %s=%s is not a size; write a number of bytes, with suffix k, m or g if needed",
			option->name, key, text);
	*bytes = number << shift;
	if (*bytes % option->granule)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: %s=%s is not a multiple of the page size; use a multiple of %s",
			option->name, key, text,
			dmabuf_size_text(option->granule, page));
	return 0;
}

static int parse_parameter(const struct dmabuf_source_option *option,
			   const char *text,
			   struct dmabuf_vfio_argument *argument,
			   struct dmabuf_error *err)
{
	int ret;

	if (!strncmp(text, "offset=", 7))
		return parse_size(option, "offset", text + 7,
				  &argument->offset, err);
	if (!strncmp(text, "size=", 5)) {
		ret = parse_size(option, "size", text + 5, &argument->size,
				 err);
		if (ret || argument->size)
			return ret;
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: size=0 is empty; leave it out to use the whole BAR",
			option->name);
	}
	if (strncmp(text, "bar=", 4))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: no such parameter: %s; use bar=N, offset=SIZE or size=SIZE",
			option->name, text);
	if (text[4] < '0' || text[4] > '5' || text[5])
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: no such BAR: %s; use bar=0 to bar=5",
			option->name, text + 4);
	argument->bar = text[4] - '0';
	return 0;
}

int dmabuf_vfio_parse(const struct dmabuf_source_option *option,
		      struct dmabuf_vfio_argument *argument,
		      struct dmabuf_error *err)
{
	char text[sizeof(option->arg)], *rest = text, *word;
	int ret;

	*argument = (struct dmabuf_vfio_argument) { .bar = -1 };
	strcpy(text, option->arg);
	ret = dmabuf_pci_address(strsep(&rest, ","), argument->address);
	if (ret)
		return dmabuf_error_set(err, ret,
			"dmabuf_source=%s: no PCI address given; write vfio:0000:01:00.0, as lspci -D shows it",
			option->name);
	while (!ret && (word = strsep(&rest, ",")))
		ret = parse_parameter(option, word, argument, err);
	return ret;
}
