#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A read-only /proc/sys, as in unprivileged containers: a sysctl that already has the needed value is accepted. For any
# other, the error has its name, its value and the needed value.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need sysctl
private_host "$@"
new_netns c

# conf TYPE RANGES
conf() {
  jq -cn --arg type "$1" --argjson ranges "$2" '{cniVersion: "1.1.0", name: "n", type: $type, bridge: "br-n",
    isGateway: true,
    ipMasq: true, ipam: {type: "host-local", ranges: $ranges}}'
}
four='[[{"subnet": "10.9.0.0/24"}]]'
both='[[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:9::/64"}]]'
portmap=$(jq -cn '{cniVersion: "1.1.0", name: "n", type: "portmap",
  runtimeConfig: {portMappings: [{hostPort: 8080, containerPort: 80, protocol: "tcp"}]}}')

# call VERB CONFIGURATION
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH=$bin \
    "$bin/$(jq -r .type <<<"$2")" <<<"$2"
}
after() { jq -c --argjson result "$2" '. + {prevResult: $result}' <<<"$1"; }

# rejected WORDS SYSCTL CONFIGURATION
rejected() {
  local output
  output=$(call ADD "$3" 2>/dev/null) && fail "$1: succeeded"
  claim_equal "$1" "sysctl $2: Read-only file system" "$(jq -r .msg <<<"$output")"
}

lock_sysctls() { mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys; }
lock_sysctls
claim_not "sysctls are read-only" sysctl -qw net.ipv4.ip_forward=1
for type in bridge ptp; do
  rejected "$type with IPv4" 'net.ipv4.ip_forward: cannot write "1", it is "0"' "$(conf $type "$four")"
  claim "$type leaves nothing" holds_nothing_of c/eth0 10.9.0.2 br-n
done
umount /proc/sys

sysctl -qw net.ipv4.ip_forward=1
lock_sysctls
for type in bridge ptp; do
  result=$(call ADD "$(conf $type "$four")")
  claim "$type with IPv4 works if forwarding is already enabled" call CHECK "$(after "$(conf $type "$four")" "$result")"
  output=$(call ADD "$(after "$portmap" "$result")") && fail "portmap after $type: succeeded"
  claim_contains "portmap after $type: a port on localhost needs a sysctl of the link" \
    'route_localnet: cannot write "1", it is "0": Read-only file system' "$(jq -r .msg <<<"$output")"
  claim "it leaves nothing" holds_nothing_of "dport 8080" "tcp . 8080"
  claim "without localhost it works" call ADD "$(after "$(jq -c '.snat = false' <<<"$portmap")" "$result")"
  claim "portmap's DEL" call DEL "$(after "$portmap" "$result")"
  claim "$type's DEL" call DEL "$(conf $type "$four")"
  claim "nothing is left" holds_nothing_of c/eth0 10.9.0.2
done
umount /proc/sys

sysctl -qw net.ipv6.conf.all.forwarding=1
ip netns exec c sysctl -qw net.ipv6.conf.default.keep_addr_on_down=1
lock_sysctls
for type in bridge ptp; do
  result=$(call ADD "$(conf $type "$both")")
  claim "$type with both families works if all sysctls have their values" call CHECK \
    "$(after "$(conf $type "$both")" "$result")"
  claim "$type's DEL" call DEL "$(conf $type "$both")"
done
ip netns exec c sysctl -q net.ipv6.conf.default.keep_addr_on_down >/dev/null
umount /proc/sys
ip netns exec c sysctl -qw net.ipv6.conf.default.keep_addr_on_down=0
lock_sysctls
rejected "a sysctl of the container" 'net.ipv6.conf.eth0.keep_addr_on_down: cannot write "1", it is "0"' \
  "$(conf bridge "$both")"
claim "nothing is left" holds_nothing_of c/eth0 10.9.0.2
finish
