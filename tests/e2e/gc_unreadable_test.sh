#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# portmap's GC continues after a failed read: strace makes the listing of the maps fail, and GC still deletes the ports.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"

config='{"cniVersion":"1.1.0","name":"n","type":"portmap","cni.dev/valid-attachments":[],
  "prevResult":{"cniVersion":"1.1.0","ips":[{"address":"10.1.0.2/24"}]},
  "runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80}]}}'
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=red CNI_NETNS=/run/netns/outside CNI_IFNAME=eth0 CNI_PATH=$bin "${@:2}" \
    "$bin/portmap" <<<"$config"
}

call ADD >/dev/null
call GC strace -qq -e trace=sendto -o "$files/trace"
listing=$(grep -n 'NFT_MSG_GETSET, .*NLM_F_DUMP' "$files/trace" | head -n 1 | cut -d: -f1)
claim "GC lists the maps" test -n "$listing"
call ADD >/dev/null
claim_contains "the port is published" 8080 "$(nft list map inet footbridge hostport4)"
claim_not "GC reports that the maps cannot be listed" call GC strace -qq -o /dev/null \
  -e "inject=sendto:error=EIO:when=$listing"
claim_equal "GC has deleted the port" '' "$(nft list map inet footbridge hostport4 | grep 8080 || true)"
finish
