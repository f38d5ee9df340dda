#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An input that crashes a target fails its test. libFuzzer ends with 77 then, which CTest would take for a skipped one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '#!/bin/sh\necho "stat::number_of_executed_units: 7"\nexit 77\n' >"$folder/target"
chmod +x "$folder/target"
code=0
said=$(bash "$(dirname "$0")/fuzz.sh" "$folder/target" none 1) || code=$?
[ "$code" -eq 1 ] || { echo "fuzz.sh ended with $code"; exit 1; }
case $said in
  *"fuzz: none 7 inputs, 1 crash"*) ;;
  *) echo "fuzz.sh said: $said"; exit 1 ;;
esac
