#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# man.sh GO-MD2MAN SOURCE NAME SECTION DATE VERSION TITLE: writes the man page to stdout.
#
# go-md2man needs a title line, which is added here because other readers of Markdown would show it as text. The script
# fixes three things in the output that mandoc -Tlint and groff warn about: a font that terminals do not have, paragraph
# marks after a headline, and blank lines.
set -eu
name=$(printf '%s' "$3" | tr a-z A-Z)
{
  printf '%% %s %s "%s" "Footbridge %s" "%s"\n\n' "$name" "$4" "$5" "$6" "$7"
  cat "$2"
} | "$1" | sed 's/\\fB\\fC/\\fB/g; s/\\fC/\\fB/g' | awk '
  /^\.PP$/ && after_headline { next }
  { after_headline = /^\.S[HS] /; print }' | cat -s
