#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A crashing input fails the test, although libFuzzer exits with 77, which means "skipped" to CTest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '#!/bin/sh\necho "stat::number_of_executed_units: 7"\nexit 77\n' >"$folder/target"
chmod +x "$folder/target"
code=0
output=$(bash "$(dirname "$0")/fuzz.sh" "$folder/target" none 1) || code=$?
[ "$code" -eq 1 ] || { echo "fuzz.sh exited with $code"; exit 1; }
case $output in
  *"fuzz: none 7 inputs, 1 crash"*) ;;
  *) echo "output of fuzz.sh: $output"; exit 1 ;;
esac
