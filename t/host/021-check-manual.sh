#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The manual page of dmabuf-check says what the program does: its options are
# those of --help, its JSON keys those of the source and of a real run, the
# names of --require those that the program knows, each compared both ways.

. "${0%/*}/../lib.sh"

page=$top/doc/dmabuf-check.1.scd
CHECK=$build/dmabuf-check
[ -x "$CHECK" ] || bail "$CHECK: not built; run make"

# section NAME: the lines of a section of the page
section() {
	awk -v name="# $1" '/^# / { inside = $0 == name; next } inside' "$page"
}

# same DESC FILE FILE: neither has a line that the other lacks
same() {
	sort -u "$2" >left
	sort -u "$3" >right
	check "$1" diff left right
}

# ---- options ----

"$CHECK" --help >help 2>&1
sed -n 's/^  \(-[a-z, -]*\).*$/\1/p' help | grep -o -e '--*[a-z]*' >options
check "--help has options" test "$(wc -l <options)" -gt 10
section OPTIONS | grep '^\*-' | grep -o -e '\*--*[a-z]*\*' | tr -d '*' \
	>described
same "options of --help and of the manual page" options described
check "--help fits a terminal" sh -c '! grep -E "^.{80}" help'

# ---- keys ----

# All of them: those of lists that are empty here are in the source.
grep -oE '(text|number|null|bool|open|open_line|known|result|step)\(json, "[a-z_]*"' \
	-h "$top/check/report-json.c" "$top/check/verify/report.c" | sed 's/.*"\(.*\)"/\1/' >known
"$CHECK" --json --source memory --device /dev/null >report.json
check "a report is JSON" python3 -m json.tool report.json
grep -o '"[a-z_]*":' report.json | tr -d '":' | sort -u >used
check "keys of a report are in the source" sh -c \
	'! grep -vxF -f known used'
check "a report has most keys" test "$(wc -l <used)" -gt 40
section JSON | sed -n 's/^|  \([a-z].*\)$/\1/p' | tr -d ' ' | tr , '\n' \
	>table
same "keys of a report and of the manual page" known table

# ---- names of --require ----

"$CHECK" --require nosuch 2>&1 | sed 's/^.*choose from //' | tr -d ' ' |
	tr , '\n' | sort >names
section "WHAT HAS TO WORK" | sed -n 's/^|  \([a-z_]*\)$/\1/p' >of_page
sed -n 's/^\t\.name = "\([a-z0-9]*\)",$/\1/p' $(find "$top/engines" -name '*.c') \
	>>of_page
same "names of --require and of the manual page" names of_page

if command -v scdoc >/dev/null; then
	check "scdoc takes the page" sh -c \
		'scdoc <"$1" >page.1 && grep -q "^.SH JSON" page.1' sh "$page"
else
	skip "scdoc takes the page" "scdoc is not installed"
fi

finish
