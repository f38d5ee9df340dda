#!/bin/bash
# The conformance suite (tests/conformance) against our plugins, which must agree with every case; and against the
# reference, when it is here, to print where that differs.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
private_host "$@"
run=$source_dir/tests/conformance/run.py
reference=$source_dir/build/reference/usr/lib/cni

# For the sentences alone: python3 -B, so that no byte code is left in the tree.
python3 -B "$run" "$bin" || failed=yes
if [ -d "$reference" ]; then
  echo "---- the reference ----"
  python3 -B "$run" "$reference" --report
else
  echo "SKIP: the reference's differences: ./run test fetches its plugins into build/reference"
fi
[ -z "${failed:-}" ]
