/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI addresses: exactly those that lspci writes. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "pci.h"

static void test_good(void)
{
	static const char *const vectors[][2] = {
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "01:00.0", "0000:01:00.0" },
		{ "ff:1f.7", "0000:ff:1f.7" },
		{ "FFFF:AB:1E.3", "ffff:ab:1e.3" },
		{ "10000:e1:00.0", "10000:e1:00.0" },
		{ "ffffff:e1:00.0", "ffffff:e1:00.0" },
		{ "00000000:01:00.0", "0000:01:00.0" },
		{ "0000000A:E1:0f.0", "000a:e1:0f.0" },
	};
	char address[DMABUF_PCI_ADDRESS];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_pci_address(vectors[i][0], address), 0);
		CHECK_TEXT(address, vectors[i][1]);
	}
}

static void test_bad(void)
{
	static const char *const vectors[] = {
		"", ":", ".", "0", "nvme0", "/dev/nvme0n1", "01:00", "1:00.0",
		"01:0.0", "01:00.8", "01:20.0", "01:00.", "01:00.00",
		"01:00.0 ", " 01:00.0", "01:00.0,", "01-00.0", "01:00:0",
		"000:01:00.0", "0000:0000:01:00.0", "1000000:01:00.0",
		"000000000:01:00.0", "100000000:01:00.0",
		"0x00:01:00.0", "+1:00.0", "-1:00.0", "0000:01:00.0/..",
		"../0000:01:00.0", "0g:00.0", "100:00.0", "0000:01:00.0\n",
	};
	char address[DMABUF_PCI_ADDRESS] = "as before";
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		if (!CHECK_INT(dmabuf_pci_address(vectors[i], address),
			       -EINVAL))
			CHECK_TEXT(vectors[i], "");
		CHECK_TEXT(address, "as before");
	}
}

static void test_find(void)
{
	static const struct {
		const char *text, *wanted;
	} vectors[] = {
		{ "00:04.0", "0000:00:04.0" },
		{ "0000:00:04.0", "0000:00:04.0" },
		{ "vfio:0000:AB:1f.7,bar=2", "0000:ab:1f.7" },
		{ "a GPU at 10000:e1:00.0", "10000:e1:00.0" },
		{ "1af4:1110 behind 00:04.0, or 00:05.0", "0000:00:04.0" },
		{ "cuda:0", "" },
		{ "00:04.8", "" },
		{ "00:04.01", "" },
		{ "1000:04.0", "" },
		{ "00:20.0", "" },
		{ "", "" },
	};
	char address[DMABUF_PCI_ADDRESS];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_pci_find(vectors[i].text, address),
			  vectors[i].wanted[0] != '\0');
		CHECK_TEXT(address, vectors[i].wanted);
	}
}

static const struct check checks[] = {
	{ "addresses", test_good },
	{ "no addresses", test_bad },
	{ "addresses in text", test_find },
};

CHECK_MAIN("pci", checks)
