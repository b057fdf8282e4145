#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The manual page and the source agree: on options (those of --enghelp), report
# keys, sources and examples, each compared both ways, and on the messages that
# the page quotes. Every option's help is a sentence, and every error message
# names an object, a reason and a remedy.

. "${0%/*}/../lib.sh"

page=$top/doc/fio-dmabuf.1.scd
engine=$(find "$top/engines" -name "*.c")

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

"$FIO" --enghelp="$MODULE" >help 2>&1
sed -n 's/^\([a-z_]*\) *: .*$/\1/p' help >options
check "--enghelp has options" test "$(wc -l <options)" -gt 15

# An entry of the list begins in the first column, with names in bold.
section OPTIONS | grep '^\*' | grep -oE '(^|, )\*[a-z_]*\*' | tr -d '*, ' \
	>described
grep -q '^#define FIO_HAS_CMDPRIO_HINT' "$build/config.h" ||
	sed -i '/^cmdprio_hint$/d' described
same "options of --enghelp and of the manual page" options described

while read -r option; do
	sed -n "s/^$option *: //p" help >sentence
	check "$option: its help is a sentence" \
		grep -Eqx '[A-Z][^ ]*( [^ ]+){3,}\.' sentence
	"$FIO" --enghelp="$MODULE,$option" >one 2>&1
	# The values, and the default when it is a word
	sed -n 's/^ *valid values: *\([a-z]*\) .*$/\1/p
		s/^ *: *\([a-z]*\) .*$/\1/p
		s/^ *default: *\([a-z]*\)$/\1/p' one | sort -u >values
	while read -r value; do
		section OPTIONS >list
		check "$option: the page has the value $value" \
			grep -q "\*$value\*" list
	done <values
done <options

# ---- errors ----

python3 "$here/messages.py" list "$top/engines" >messages
check "the source has error messages" test "$(wc -l <messages)" -gt 150
check "every error message has an object, a reason and a remedy" \
	python3 "$here/messages.py" form "$top/engines"
check "words that the page quotes are in the source" \
	python3 "$here/messages.py" quotes "$top/engines" "$page"
printf '%s\n' "" "# NAME" '"did not arrive", "no such words"' >other.scd
check "a quote that is not in the source is found" sh -c '
	! python3 "$1/messages.py" quotes "$2/engines" other.scd >found &&
	grep -qx "\"no such words\" is not in the source" found' \
	sh "$here" "$top"

# broken ARGUMENTS: a message that the check above has to find
broken() {
	rm -rf broken
	cp -r "$top/engines" broken
	printf '%s\n' "int f(struct dmabuf_error *err, const char *why)" \
		"{ return dmabuf_error_set(err, -EIO, $1); }" >broken/added.c
	python3 "$here/messages.py" form broken >found
	[ $? = 1 ] && grep -q '^added\.c:f: ' found
	result $? "a message without them is found: $1" found
}

broken '"%s: not there", why'
broken '"%s: not there; remedy", why'
broken '"not there; use another one"'
broken '"%s: not there; %s", why, err->text'
broken '"%s: %s; use\nanother one", why, why'
broken 'err->text'

# ---- report ----

check "a job writes its report" "$FIO" --name=job --ioengine="$ENGINE" \
	--dmabuf_path=host --dmabuf_report=report.json --direct=1 \
	--filename="$scratch/data" --size=1M --rw=read
grep -o '"[a-z_]*":' report.json | tr -d '":' >keys
section OUTPUT | sed '1,/^## The report/d' |
	sed -n 's/^| *\([a-z].*\)$/\1/p' | tr -d ' ' | tr , '\n' >table
same "keys of a report and of the manual page" keys table

# ---- the rest ----

section SOURCES | sed -n 's/^\*\([a-z0-9]*\)\*[:[].*$/\1/p' >sources
sed -n 's/^\t\.name = "\([a-z0-9]*\)",$/\1/p' $engine >kinds
same "sources of the engine and of the manual page" kinds sources

section EXAMPLES | grep -o '\*[a-z-]*\.fio\*' | tr -d '*' >named
for file in "$top"/examples/*.fio; do
	echo "${file##*/}"
done >there
same "examples that there are and those of the manual page" there named

if command -v scdoc >/dev/null; then
	check "scdoc takes the page" sh -c \
		'scdoc <"$1" >page.1 && grep -q "^.SH ERRORS" page.1' sh "$page"
else
	skip "scdoc takes the page" "scdoc is not installed"
fi

finish
