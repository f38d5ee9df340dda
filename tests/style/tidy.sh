#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the sources of one folder: tidy.sh FOLDER. Configured in build/tidy.
#
# Most of what it does is to look at the declarations of headers, the same ones for every file. So all files of the folder are
# read as one, which takes a fifth of the time. Where two of them have a name in common in their anonymous namespaces they
# cannot be, and when something is found, each is read by itself, and what is found then counts.
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
