#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One of libFuzzer's targets for some time: fuzz.sh EXECUTABLE NAME [SECONDS]. It begins with the corpus in the tree, keeps what
# it finds beside the executable, and prints how many inputs it tried; of a crash the input that crashes it, too.
set -u

executable=$1
name=$2
seconds=${3:-${FOOTBRIDGE_FUZZ_SECONDS:-60}}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(dirname "$executable")/fuzz/$name
log=$work/log
mkdir -p "$work/found" "$work/crashes"

options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$work/crashes/")
[ ! -f "$here/$name.dict" ] || options+=(-dict="$here/$name.dict")
corpus=()
[ ! -d "$here/corpus/$name" ] || corpus=("$here/corpus/$name")

code=0
# Tests that wait for the kernel run beside it.
FOOTBRIDGE_LOG=off nice -n 10 "$executable" "${options[@]}" "$work/found" "${corpus[@]}" >"$log" 2>&1 || code=$?
inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
if [ "$code" -ne 0 ]; then
  tail -n 60 "$log"
  echo "fuzz: $name ${inputs:-?} inputs, 1 crash; it is in $work/crashes"
  exit 1  # libFuzzer's own code for a crash is 77, which is CTest's for a skipped test
fi
echo "fuzz: $name ${inputs:-0} inputs, 0 crashes"
