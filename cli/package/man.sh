#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# man.sh GO-MD2MAN SOURCE NAME SECTION DATE VERSION TITLE: the man page on stdout.
#
# go-md2man wants the title line in the source, where it would be text to all other readers of Markdown. Of its output three
# things are mended that mandoc -Tlint and groff complain of: a font that terminals do not have, paragraphs that begin behind a
# headline, and blank lines.
set -eu
name=$(printf '%s' "$3" | tr a-z A-Z)
{
  printf '%% %s %s "%s" "Footbridge %s" "%s"\n\n' "$name" "$4" "$5" "$6" "$7"
  cat "$2"
} | "$1" | sed 's/\\fB\\fC/\\fB/g; s/\\fC/\\fB/g' | awk '
  /^\.PP$/ && behind_headline { next }
  { behind_headline = /^\.S[HS] /; print }' | cat -s
