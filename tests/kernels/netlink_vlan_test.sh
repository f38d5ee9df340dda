#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the kernel tests of lib/netlink that need VLAN filtering: tests/netns/lib/bridge_vlan_test.cpp.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_kernel "$@"
ip link add br0 type bridge
output=$("$FOOTBRIDGE_BUILD/tests/netns_lib" --source-file='*bridge_vlan_test.cpp' 2>&1) || fail "$output"
claim_contains "all cases pass" "test cases: 7 | 7 passed" "$(tr -s ' ' <<<"$output")"
case $output in *SKIP*) fail "a case was skipped: $output" ;; esac
finish
