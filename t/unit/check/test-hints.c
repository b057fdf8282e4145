/* SPDX-License-Identifier: GPL-2.0-only */
/* Hints, and the small files of /sys that they are read from. */
#include <string.h>

#include "check/hints.h"
#include "check/sysfs.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake.h"
#include "t/unit/tree.h"

#define CPU	"devices/system/cpu/"

static struct check_hints hints;

static void test_nothing(void)
{
	check_hints_read(&hints, tree_begin());
	CHECK_INT(hints.memlock, UINT64_MAX);
	CHECK_TEXT(hints.governor, "");
	CHECK(!hints.mitigations_known);
	tree_end();
}

static void test_governor(void)
{
	const char *sys = tree_begin();

	tree_text(CPU "cpu0/cpufreq/scaling_governor", "powersave\n");
	tree_text(CPU "cpu11/cpufreq/scaling_governor", "powersave\n");
	tree_text(CPU "cpufreq/scaling_governor", "not a CPU\n");
	tree_dir(CPU "cpu2");
	check_hints_read(&hints, sys);
	CHECK_TEXT(hints.governor, "powersave");
	tree_text(CPU "cpu1/cpufreq/scaling_governor", "performance\n");
	check_hints_read(&hints, sys);
	CHECK_TEXT(hints.governor, "mixed");
	tree_end();
}

static void test_mitigations(void)
{
	const char *sys = tree_begin();

	tree_text(CPU "vulnerabilities/b", "Mitigation: PTI\n");
	tree_text(CPU "vulnerabilities/a", "Not affected\n");
	tree_text(CPU "vulnerabilities/c", "Vulnerable\n");
	tree_text(CPU "vulnerabilities/d", "KVM: Mitigation: VMX disabled\n");
	check_hints_read(&hints, sys);
	CHECK(hints.mitigations_known);
	CHECK_INT(hints.mitigations, 2);
	CHECK_TEXT(hints.mitigation_names, "b, d");
	tree_end();
}

static void test_limits(void)
{
	fake.memlock = 65536;
	check_hints_read(&hints, tree_begin());
	CHECK_INT(hints.memlock, 65536);
	CHECK(hints.open_files > 0);
	tree_end();
}

static void test_files(void)
{
	const char *sys = tree_begin();
	unsigned long number = 7;
	char text[16];

	tree_text("a", "512\n");
	tree_text("b", "word  \n");
	tree_text("c", "");
	CHECK(check_read_number(&number, "%s/a", sys));
	CHECK_INT(number, 512);
	CHECK(!check_read_number(&number, "%s/b", sys));
	CHECK(!check_read_number(&number, "%s/c", sys));
	CHECK(!check_read_number(&number, "%s/none", sys));
	CHECK_INT(number, 512);
	CHECK(check_read(text, sizeof(text), "%s/b", sys));
	CHECK_TEXT(text, "word");
	CHECK(!check_read(text, sizeof(text), "%s/c", sys));
	CHECK_TEXT(text, "");
	tree_end();
}

static const struct check checks[] = {
	{ "nothing is known", test_nothing },
	{ "the governor", test_governor },
	{ "mitigations", test_mitigations },
	{ "limits", test_limits },
	{ "small files", test_files },
};

CHECK_MAIN("check-hints", checks)
