#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The conformance suite (tests/conformance) against our plugins, which must agree with every case; and every tenth case
# against the reference, when it is here, to print where that differs. With --all every case, which takes twice as long.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
every=10
[ "${1:-}" != --all ] || every=1
private_host "$@"
run=$source_dir/tests/conformance/run.py
reference=$source_dir/build/reference/usr/lib/cni

# -B: no byte code is left in the tree.
if [ -d "$reference" ]; then
  python3 -B "$run" "$bin" --reference "$reference" || failed=yes
  echo "---- the reference ----"
  python3 -B "$run" "$reference" --report --every "$every"
else
  python3 -B "$run" "$bin" || failed=yes
  echo "SKIP: what the reference made and what it does otherwise: ./run test fetches it into build/reference"
fi
[ -z "${failed:-}" ]
