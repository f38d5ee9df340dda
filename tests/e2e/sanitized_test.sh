#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The conformance suite with the executable that has AddressSanitizer, UBSan and LeakSanitizer in it: a report or a leak makes
# another exit code, and the case fails. Each sixth case; sanitized_test.sh --all: all of them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sanitized=$source_dir/build/debug/bin
[ -x "$sanitized/bridge" ] || skip "there is no build with sanitizers: cmake --build --preset debug --target footbridge"
need python3
private_host "$@"
every=6
[ "${1:-}" != --all ] || every=1

# That it has them: otherwise nothing could fail here.
claim "the executable is one with sanitizers" grep -qaF __asan_init "$sanitized/footbridge"
python3 -B "$source_dir/tests/conformance/run.py" "$sanitized" --every "$every" | sed 's/^conformance:/sanitized:/'
well_done
