#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh EXECUTABLE NAME [SECONDS]: runs one of libFuzzer's targets. Starts with the corpus in the tree, stores new
# inputs beside the executable, and prints the number of inputs and the file of a crashing input.
set -u

executable=$1
name=$2
seconds=${3:-${FOOTBRIDGE_FUZZ_SECONDS:-60}}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(dirname "$executable")/fuzz/$name
log=$work/log
mkdir -p "$work/found" "$work/crashes"

options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -print_final_stats=1 \
  -artifact_prefix="$work/crashes/")
[ ! -f "$here/$name.dict" ] || options+=(-dict="$here/$name.dict")
corpus=()
[ ! -d "$here/corpus/$name" ] || corpus=("$here/corpus/$name")

code=0
# nice: other tests run at the same time.
FOOTBRIDGE_LOG=off nice -n 10 "$executable" "${options[@]}" "$work/found" "${corpus[@]}" >"$log" 2>&1 || code=$?
inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
if [ "$code" -ne 0 ]; then
  tail -n 60 "$log"
  echo "fuzz: $name ${inputs:-?} inputs, 1 crash; it is in $work/crashes"
  exit 1  # libFuzzer exits with 77 after a crash, which means "skipped" to CTest
fi
echo "fuzz: $name ${inputs:-0} inputs, 0 crashes"
