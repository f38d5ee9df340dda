#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The conformance suite with the executable built with AddressSanitizer, UBSan and LeakSanitizer: a report or a leak
# changes the exit code, and the case fails. Runs every sixth case; sanitized_test.sh --all runs all.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sanitized=$source_dir/build/debug/bin
[ -x "$sanitized/bridge" ] || skip "needs a build with sanitizers: cmake --build --preset debug --target footbridge"
need python3
private_host "$@"
every=6
[ "${1:-}" != --all ] || every=1

# Without sanitizers, this test could not fail.
claim "the executable has sanitizers" grep -qaF __asan_init "$sanitized/footbridge"
python3 -B "$source_dir/tests/conformance/run.py" "$sanitized" --every "$every" | sed 's/^conformance:/sanitized:/'
finish
