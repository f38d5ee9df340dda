#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tests pass in a clone below folders that only their owners can enter: a folder of root, and in it one of another user,
# both with mode 0700. least_privilege calls plugins as another user and without root's capabilities; no_other_programs
# calls the command.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv strace
if [ -z "${FOOTBRIDGE_PRIVATE_CLONE:-}" ]; then
  FOOTBRIDGE_BIN=$bin FOOTBRIDGE_PRIVATE_CLONE=yes exec unshare --mount --propagation private bash "$(readlink -f "$0")"
fi
# Created in /run and moved to /mnt: each test mounts its own /run, and this clone may be below /mnt.
mount -t tmpfs -o mode=700 tmpfs /run
mkdir -m 700 /run/home
mkdir /run/home/clone /run/home/bin
chown 1000:1000 /run/home
mount --rbind "$source_dir" /run/home/clone
mount --bind "$bin" /run/home/bin
mount --rbind /run /mnt
home=/mnt/home

claim "root reaches the executable" test -x "$home/bin/footbridge"
claim_not "another user does not reach it" setpriv --reuid 65534 --regid 65534 --clear-groups test \
  -x "$home/bin/footbridge"
claim_not "root without capabilities does not reach it" setpriv --bounding-set=-all --inh-caps=-all test \
  -x "$home/bin/footbridge"
for test in least_privilege no_other_programs; do
  claim "e2e/$test" env FOOTBRIDGE_BIN="$home/bin" bash "$home/clone/tests/e2e/${test}_test.sh"
done
finish
