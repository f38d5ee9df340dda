#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The conformance cases that have a condition (ipvlan, vlan, dummy ...), with a kernel that has these links: each fifth
# case; with --all each.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_kernel "$@"
every=5
[ "${1:-}" != --all ] || every=1
reference=$source_dir/build/reference/usr/lib/cni
if [ ! -x "$reference/dummy" ]; then
  echo "SKIP: cases with the reference need build/reference, which ./run test fetches"
  reference=
fi
python3 -B "$source_dir/tests/conformance/run.py" "$bin" --conditional --every "$every" \
  ${reference:+--reference "$reference"}
