#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A `footbridge reload` that fails half way removes nothing from a running container. Whichever message to the kernel or
# answer fails, the published port stays, and the next reload repairs the damage.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
export CNI_PATH=$bin NETCONFPATH=$files/net.d
mkdir "$NETCONFPATH"
cat >"$NETCONFPATH/n.conflist" <<'JSON'
{"cniVersion": "1.0.0", "name": "n", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "ipam": {"type": "host-local",
    "subnet": "10.9.0.0/24"}},
  {"type": "portmap", "runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}}]}
JSON
new_netns red
claim "ADD" "$bin/footbridge" add n /run/netns/red
has_port() { nft list map inet footbridge hostport4 | grep 'tcp . 8080' >/dev/null; }
has_guard() { nft list set inet footbridge localnet | grep cni0 >/dev/null; }
claim "the port is published" has_port

tries=0 failures=0
for call in sendto recvmsg; do
  for ((k = 1; k < 200; k += 2)); do
    nft flush set inet footbridge localnet
    code=0
    strace -f -qq -o "$files/trace" -e trace=$call -e "inject=$call:error=ENOMEM:when=$k" "$bin/footbridge" \
      reload >"$files/out" 2>&1 || code=$?
    grep -q INJECTED "$files/trace" || break
    tries=$((tries + 1))
    [ "$code" = 0 ] || failures=$((failures + 1))
    claim "the port is still published after a failure of $call number $k (exit code $code)" has_port
  done
done
claim "at least 10 of $tries reloads failed" test "$failures" -ge 10
claim "an undisturbed reload" "$bin/footbridge" reload
claim "repairs the damage" has_guard
printf 'faults: %s disturbed reloads, %s failed, 0 violations\n' "$tries" "$failures"
finish
