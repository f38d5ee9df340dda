#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a call that was killed, or that failed at its last step, may leave behind: the address of an ADD that had not made its
# link yet is no obstacle for the next ADD, whoever its IPAM plugin is; and a published port goes with the ADD that failed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need
private_host "$@"
reference=$source_dir/build/reference/usr/lib/cni

copies=$files/copies
mkdir "$copies"
cp "$bin/footbridge" "$copies/host-local"

# conf PLUGIN IPAM-KEYS
conf() {
  printf '{"cniVersion":"1.0.0","name":"n","type":"%s","bridge":"br-n","ipam":{"type":"host-local",%s}}' "$1" "$2"
}
any='"subnet":"10.1.0.0/24"'
asked='"subnet":"10.1.0.0/24"},"args":{"cni":{"ips":["10.1.0.77"]}'

# call CNI_PATH VERB PLUGIN CONTAINER CONFIGURATION
call() {
  env CNI_COMMAND="$2" CNI_CONTAINERID="$4" CNI_NETNS="/run/netns/$4" CNI_IFNAME=eth0 CNI_PATH="$1" "$bin/$3" <<<"$5"
}

# held: the store's addresses with their owners, in a line.
held() { (cd /var/lib/cni/networks/n && grep -aH '' [0-9]*.* 2>/dev/null | tr -d '\r' | paste -sd ' '); }

# answers_after_leftover WORDS CNI_PATH PLUGIN IPAM-KEYS: ADD after one that was killed when it had the address and nothing else.
answers_after_leftover() {
  new_netns gone
  call "$2" ADD host-local gone "$(conf "$3" "$4")" >/dev/null
  local left address
  left=$(held)
  claim_contains "$1: the killed ADD has left an address" ":gone" "$left"
  address=$(call "$2" ADD "$3" gone "$(conf "$3" "$4")" | jq -r '.ips[0].address // .msg') || true
  claim_contains "$1: ADD gives an address" /24 "$address"
  claim_contains "$1: it is in the store" "${address%/*}:gone" "$(held)"
  claim_equal "$1: the killed ADD's is not there besides" 1 "$(held | tr ' ' '\n' | grep -c ':gone')"
  claim_not "$1: a second ADD of what is there is refused" call "$2" ADD "$3" gone "$(conf "$3" "$4")"
  claim_contains "$1: and has changed nothing" "${address%/*}:gone" "$(held)"
  claim "$1: DEL" call "$2" DEL "$3" gone "$(conf "$3" "$4")"
  claim_equal "$1: DEL gives the address back" "" "$(held)"
  ip netns delete gone
}

for plugin in bridge ptp; do
  answers_after_leftover "$plugin, host-local in the same process" "$bin" "$plugin" "$any"
  answers_after_leftover "$plugin, host-local in a process of its own" "$copies:$bin" "$plugin" "$any"
  answers_after_leftover "$plugin, an address that was asked for" "$bin" "$plugin" "$asked"
  [ ! -x "$reference/host-local" ] ||
    answers_after_leftover "$plugin, the reference's host-local" "$reference:$bin" "$plugin" "$any"
done

# elements: those of all sets and maps.
elements() { nft -j list ruleset | jq -cS '.nftables[] | (.map?, .set?) | select(.elem?) | {name, elem}'; }

# Somebody else's address stays somebody else's.
new_netns one other
call "$bin" ADD bridge one "$(conf bridge "$asked")" >/dev/null
claim_contains "an address that another container has is refused" "not available" \
  "$(call "$bin" ADD bridge other "$(conf bridge "$asked")" | jq -r .msg)"
claim_contains "and the other one keeps it" "10.1.0.77:one" "$(held)"

# The setting that lets localhost reach a port is the last that can fail.
ports='{"cniVersion":"1.0.0","name":"n","type":"portmap","runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]},
  "prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/run/netns/one"}],"ips":[{"address":"10.1.0.77/24","interface":0}]}}'
ip address add 10.1.0.1/24 dev br-n
claim "ADD publishes the port" call "$bin" ADD portmap one "$ports"
claim "DEL withdraws it" call "$bin" DEL portmap one "$ports"
sysctl -qw net.ipv4.conf.br-n.route_localnet=0
before=$(elements)  # the bridge's guard and the network's subnet stay with the bridge
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
answer=$(call "$bin" ADD portmap one "$ports") && fail "ADD should have failed without a writable /proc/sys: $answer"
claim_contains "the error names the setting" route_localnet "$(jq -r '.msg + .details' <<<"$answer")"
claim_equal "no port stays published" "$before" "$(elements)"
umount /proc/sys
claim "with it, ADD publishes the port" call "$bin" ADD portmap one "$ports"
claim_contains "which is in the table" 8080 "$(nft list table inet footbridge)"
well_done
