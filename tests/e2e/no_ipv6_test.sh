#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A host without IPv6: IPv4 networks work; dual-stack networks report the missing IPv6 and leave nothing. If IPv6 exists
# and is disabled, ADD enables it in the container, as the reference does.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
private_host "$@"
new_netns c
ports='[{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}, {"hostPort": 53, "containerPort": 53,
  "protocol": "udp"}]'
chained=('{"type":"portmap","cniVersion":"1.1.0","name":"n","runtimeConfig":{"portMappings":'"$ports"'}}'
  '{"type":"firewall","cniVersion":"1.1.0","name":"n"}')
four='[[{"subnet": "10.9.0.0/24"}]]'
both='[[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:9::/64"}]]'

# attaching TYPE RANGES [KEYS]
attaching() {
  jq -cn --arg type "$1" --argjson ranges "$2" --argjson keys "{${3:-}}" '{type: $type, cniVersion: "1.1.0", name: "n",
    bridge: "br-n", isGateway: true,
    ipMasq: true, ipam: {type: "host-local", ranges: $ranges}} + $keys'
}

without=() # a command that disables a kernel feature for the plugin

# call VERB CONFIGURATION [RESULT]
call() {
  [[ $2 =~ '"type":"'([a-z]+) ]] || fail "no plugin in $2"
  CNI_COMMAND=$1 CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH=$bin \
    "${without[@]}" "$bin/${BASH_REMATCH[1]}" <<<"${2%\}}${3:+,\"prevResult\":$3}}"
}

# works WORDS CONFIGURATION: ADD, CHECK, STATUS and DEL of the chain succeed, print no warning and leave nothing.
works() {
  local result one before
  before=$(host_state | grep -c c/eth0 || true)
  result=$(call ADD "$2" 2>"$files/err") || fail "$1: $result"
  for one in "${chained[@]}"; do
    claim "$1: ADD of the chain" call ADD "$one" "$result"
    claim "$1: CHECK of the chain" call CHECK "$one" "$result"
  done
  claim "$1: CHECK" call CHECK "$2" "$result"
  claim "$1: STATUS" call STATUS "$2"
  for one in "${chained[@]}"; do
    claim "$1: DEL of the chain" call DEL "$one" "$result"
  done
  claim "$1: GC" call GC "${2%\}},\"cni.dev/valid-attachments\":[{\"containerID\":\"c\",\"ifname\":\"eth0\"}]}"
  claim "$1: DEL" call DEL "$2"
  claim_equal "$1: no warning" "" "$(cat "$files/err")"
  claim_equal "$1: nothing is left" "$before" "$(host_state | grep -c c/eth0 || true)"
}

# rejects WORDS MESSAGE CONFIGURATION: ADD fails with that message and leaves nothing; DEL succeeds.
rejects() {
  local output
  output=$(call ADD "$3" 2>/dev/null) && fail "$1: succeeded"
  claim_contains "$1" "$2" "$(jq -r .msg <<<"$output")"
  claim "$1: nothing is left" holds_nothing_of c/eth0 10.9.0.2
  claim "$1: DEL" call DEL "$3"
}

# ---- a kernel without IPv6: no /proc/sys/net/ipv6, no socket of its family ----
# /proc/sys/net differs in each network namespace; a mount covers only one of them.
in_both() { "$@" && nsenter --net=/run/netns/c "$@"; }
in_both mount -t tmpfs tmpfs /proc/sys/net/ipv6
without=(python3 -B "$source_dir/tests/e2e/deny.py" ipv6)
for type in bridge ptp; do
  works "no IPv6, $type with IPv4" "$(attaching $type "$four")"
  rejects "no IPv6, $type with both" "this kernel has no IPv6" "$(attaching $type "$both")"
  claim_equal "no IPv6, $type with both: STATUS" 50 "$(call STATUS "$(attaching $type "$both")" | jq .code)"
done
works "no IPv6, no gateway" "$(attaching bridge "$four" '"isGateway": false, "ipMasq": false')"
rejects "no IPv6, no gateway" \
  "sysctl net.ipv6.conf.lo.disable_ipv6 does not exist: cannot write \"0\": this kernel has no IPv6" \
  "$(attaching bridge "$both" '"isGateway": false, "ipMasq": false')"
in_both umount /proc/sys/net/ipv6
without=()

# ---- disabled on the host and in the container ----
off() { sysctl -qw net.ipv6.conf.all.disable_ipv6="$1" net.ipv6.conf.default.disable_ipv6="$1"; }
off 1
for type in bridge ptp; do
  works "IPv6 off, $type with IPv4" "$(attaching $type "$four")"
  rejects "IPv6 off on the host, $type with both" "IPv6 is disabled on this device" "$(attaching $type "$both")"
  claim_equal "IPv6 off on the host, $type with both: STATUS" 50 "$(call STATUS "$(attaching $type "$both")" |
    jq .code)"
done
ip link delete br-n

# ---- disabled only in the container ----
off 0
ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
for type in bridge ptp; do
  works "IPv6 off in the container, $type with both" "$(attaching $type "$both")"
done
result=$(call ADD "$(attaching bridge "$both")")
claim_equal "it is enabled for the interface" "fd00:9::$(jq -r '.ips[1].address' <<<"$result" |
  sed 's/.*::\(.*\)\/64/\1/')" "$(inner_address c eth0 6)"
finish
