#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh FOLDER: runs clang-tidy on the sources of one folder. Configured in build/tidy.
#
# clang-tidy spends most of its time on the declarations in headers, which are the same for each file. So all files of
# the folder are checked as one, in a fifth of the time. If that does not compile (two files may use the same name in
# their anonymous namespaces) or finds something, each file is checked separately, and only those findings count.
set -u

folder=$1
together=build/tidy/together/${folder//\//-}.cpp
flags=(-std=c++20 -O0 -Wall -Wextra "-I$PWD" "-I$PWD/build/tidy/generated")
mkdir -p "${together%/*}"
printf '#include "%s"\n' "$folder"/*.cpp >"$together"
if clang++ -fsyntax-only "${flags[@]}" "$together" 2>"$together.log" &&
  clang-tidy --quiet --checks=-bugprone-suspicious-include --header-filter='/(lib|plugins|ipam|cli)/[^ ]*[.](h|cpp)$' \
  "$together" -- "${flags[@]}" >"$together.log" 2>&1; then
  exit 0
fi
code=0
for file in "$folder"/*.cpp; do
  clang-tidy --quiet -p build/tidy "$file" || code=1
done
exit "$code"
