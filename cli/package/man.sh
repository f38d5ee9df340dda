#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# man.sh GO-MD2MAN SOURCE NAME SECTION DATE VERSION TITLE: the man page on stdout.
#
# go-md2man needs the title line in the source, where other readers of Markdown would show it as text. This script also
# removes three things that mandoc -Tlint and groff warn about: a font that terminals lack, paragraphs directly after a
# headline, and blank lines.
set -eu
name=$(printf '%s' "$3" | tr a-z A-Z)
{
  printf '%% %s %s "%s" "Footbridge %s" "%s"\n\n' "$name" "$4" "$5" "$6" "$7"
  cat "$2"
} | "$1" | sed 's/\\fB\\fC/\\fB/g; s/\\fC/\\fB/g' | awk '
  /^\.PP$/ && after_headline { next }
  { after_headline = /^\.S[HS] /; print }' | cat -s
