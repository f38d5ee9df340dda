#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the conformance suite (tests/conformance) on our plugins, which must pass each case. If the reference is in
# build/reference, it also runs every tenth case on it and prints where it differs; with --all each case, which takes
# twice as long.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
every=10
[ "${1:-}" != --all ] || every=1
private_host "$@"
run=$source_dir/tests/conformance/run.py
reference=$source_dir/build/reference/usr/lib/cni

# -B: writes no byte code into the tree.
if [ -d "$reference" ]; then
  python3 -B "$run" "$bin" --reference "$reference" || failed=yes
  echo "---- the reference ----"
  python3 -B "$run" "$reference" --report --every "$every"
else
  python3 -B "$run" "$bin" || failed=yes
  echo "SKIP: cases with the reference need build/reference, which ./run test fetches"
fi
[ -z "${failed:-}" ]
