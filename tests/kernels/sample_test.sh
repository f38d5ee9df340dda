#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A sample of the tests of this machine's own kernel, and SCTP traffic, in one guest.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

boot_kernel "$@"

code=0
# part WORDS COMMAND...: prints the time, reasons for skipping and, if the command fails, its output.
part() {
  local what=$1 begun=$SECONDS output
  shift
  if output=$("$@" 2>&1); then
    grep -E 'SKIP:|test cases:' <<<"$output" || true
    printf '%s: %s s\n' "$what" "$((SECONDS - begun))"
  else
    printf '%s\nFAILED: %s\n' "$output" "$what"
    code=1
  fi
}

part "the demo" bash "$source_dir/tests/demo/demo.sh"
for name in lib bridge status spoof; do  # without concurrent calls, which take longest
  part "netns/$name" "$FOOTBRIDGE_BUILD/tests/netns_$name" "--test-case-exclude=*concurrent*"
done
part "SCTP" "$FOOTBRIDGE_BUILD/tests/netns_portmap" "--test-case=SCTP*"
exit "$code"
