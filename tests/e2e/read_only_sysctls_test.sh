#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A read-only /proc/sys, as in containers without privileges: a sysctl that has the value already will do, another one is named
# with the value that it has and the one that it should have.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need sysctl
private_host "$@"
new_netns c

# conf TYPE RANGES
conf() {
  jq -cn --arg type "$1" --argjson ranges "$2" '{cniVersion: "1.1.0", name: "n", type: $type, bridge: "br-n", isGateway: true,
    ipMasq: true, ipam: {type: "host-local", ranges: $ranges}}'
}
four='[[{"subnet": "10.9.0.0/24"}]]'
both='[[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:9::/64"}]]'
portmap=$(jq -cn '{cniVersion: "1.1.0", name: "n", type: "portmap",
  runtimeConfig: {portMappings: [{hostPort: 8080, containerPort: 80, protocol: "tcp"}]}}')

# call VERB CONFIGURATION
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH=$bin "$bin/$(jq -r .type <<<"$2")" <<<"$2"
}
after() { jq -c --argjson result "$2" '. + {prevResult: $result}' <<<"$1"; }

# refused WORDS SYSCTL CONFIGURATION
refused() {
  local answer
  answer=$(call ADD "$3" 2>/dev/null) && fail "$1: succeeded"
  claim_equal "$1" "sysctl $2: Read-only file system" "$(jq -r .msg <<<"$answer")"
}

lock_sysctls() { mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys; }
lock_sysctls
claim_not "they are read-only" sysctl -qw net.ipv4.ip_forward=1
for type in bridge ptp; do
  refused "$type of IPv4" 'net.ipv4.ip_forward: cannot write "1", it is "0"' "$(conf $type "$four")"
  claim "$type leaves nothing" holds_nothing_of c/eth0 10.9.0.2 br-n
done
umount /proc/sys

sysctl -qw net.ipv4.ip_forward=1
lock_sysctls
for type in bridge ptp; do
  result=$(call ADD "$(conf $type "$four")")
  claim "$type of IPv4 works where the host forwards already" call CHECK "$(after "$(conf $type "$four")" "$result")"
  answer=$(call ADD "$(after "$portmap" "$result")") && fail "portmap after $type: succeeded"
  claim_contains "portmap after $type: ports of localhost need one of the container's link" \
    'route_localnet: cannot write "1", it is "0": Read-only file system' "$(jq -r .msg <<<"$answer")"
  claim "and leaves nothing" holds_nothing_of "dport 8080" "tcp . 8080"
  claim "without them it works" call ADD "$(after "$(jq -c '.snat = false' <<<"$portmap")" "$result")"
  claim "portmap's DEL" call DEL "$(after "$portmap" "$result")"
  claim "$type's DEL" call DEL "$(conf $type "$four")"
  claim "leaves nothing" holds_nothing_of c/eth0 10.9.0.2
done
umount /proc/sys

sysctl -qw net.ipv6.conf.all.forwarding=1
ip netns exec c sysctl -qw net.ipv6.conf.default.keep_addr_on_down=1
lock_sysctls
for type in bridge ptp; do
  result=$(call ADD "$(conf $type "$both")")
  claim "$type of both families, where all are as wanted" call CHECK "$(after "$(conf $type "$both")" "$result")"
  claim "and its DEL" call DEL "$(conf $type "$both")"
done
ip netns exec c sysctl -q net.ipv6.conf.default.keep_addr_on_down >/dev/null
umount /proc/sys
ip netns exec c sysctl -qw net.ipv6.conf.default.keep_addr_on_down=0
lock_sysctls
refused "one of the container's" 'net.ipv6.conf.eth0.keep_addr_on_down: cannot write "1", it is "0"' "$(conf bridge "$both")"
claim "leaves nothing" holds_nothing_of c/eth0 10.9.0.2
well_done
