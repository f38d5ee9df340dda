#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Leftovers of a call that was killed, or failed at its last step. The next ADD releases the address of an ADD that was
# killed before it created its link, with any IPAM plugin. An ADD that fails unpublishes its port.
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
requested='"subnet":"10.1.0.0/24"},"args":{"cni":{"ips":["10.1.0.77"]}'

# call CNI_PATH VERB PLUGIN CONTAINER CONFIGURATION
call() {
  env CNI_COMMAND="$2" CNI_CONTAINERID="$4" CNI_NETNS="/run/netns/$4" CNI_IFNAME=eth0 CNI_PATH="$1" "$bin/$3" <<<"$5"
}

# allocated: the store's addresses with their owners, on one line.
allocated() { (cd /var/lib/cni/networks/n && grep -aH '' [0-9]*.* 2>/dev/null | tr -d '\r' | paste -sd ' '); }

# adds_after_leftover WORDS CNI_PATH PLUGIN IPAM-KEYS: ADD after an ADD that was killed when it had only allocated an
# address.
adds_after_leftover() {
  new_netns gone
  call "$2" ADD host-local gone "$(conf "$3" "$4")" >/dev/null
  local left address
  left=$(allocated)
  claim_contains "$1: the killed ADD left an address" ":gone" "$left"
  address=$(call "$2" ADD "$3" gone "$(conf "$3" "$4")" | jq -r '.ips[0].address // .msg') || true
  claim_contains "$1: ADD allocates an address" /24 "$address"
  claim_contains "$1: it is in the store" "${address%/*}:gone" "$(allocated)"
  claim_equal "$1: the killed ADD's address is released" 1 "$(allocated | tr ' ' '\n' | grep -c ':gone')"
  claim_not "$1: a second ADD of the same attachment is rejected" call "$2" ADD "$3" gone "$(conf "$3" "$4")"
  claim_contains "$1: and changes nothing" "${address%/*}:gone" "$(allocated)"
  claim "$1: DEL" call "$2" DEL "$3" gone "$(conf "$3" "$4")"
  claim_equal "$1: DEL releases the address" "" "$(allocated)"
  ip netns delete gone
}

for plugin in bridge ptp; do
  adds_after_leftover "$plugin, host-local in the same process" "$bin" "$plugin" "$any"
  adds_after_leftover "$plugin, host-local as a process" "$copies:$bin" "$plugin" "$any"
  adds_after_leftover "$plugin, a requested address" "$bin" "$plugin" "$requested"
  [ ! -x "$reference/host-local" ] ||
    adds_after_leftover "$plugin, the reference's host-local" "$reference:$bin" "$plugin" "$any"
done

# elements: the elements of all sets and maps.
elements() { nft -j list ruleset | jq -cS '.nftables[] | (.map?, .set?) | select(.elem?) | {name, elem}'; }

# An address of another container stays allocated.
new_netns one other
call "$bin" ADD bridge one "$(conf bridge "$requested")" >/dev/null
claim_contains "a requested address of another container is rejected" "not available" \
  "$(call "$bin" ADD bridge other "$(conf bridge "$requested")" | jq -r .msg)"
claim_contains "the other container keeps it" "10.1.0.77:one" "$(allocated)"

# route_localnet, which lets localhost reach a port, is the last step that can fail.
ports='{"cniVersion":"1.0.0","name":"n","type":"portmap","runtimeConfig":{"portMappings":[{"hostPort":8080,
  "containerPort":80,"protocol":"tcp"}]},
  "prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/run/netns/one"}],
    "ips":[{"address":"10.1.0.77/24","interface":0}]}}'
ip address add 10.1.0.1/24 dev br-n
claim "ADD publishes the port" call "$bin" ADD portmap one "$ports"
claim "DEL unpublishes it" call "$bin" DEL portmap one "$ports"
sysctl -qw net.ipv4.conf.br-n.route_localnet=0
before=$(elements)  # the bridge's localnet guard and the network's subnet stay
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
output=$(call "$bin" ADD portmap one "$ports") && fail "ADD succeeded with a read-only /proc/sys: $output"
claim_contains "the error names the sysctl" route_localnet "$(jq -r '.msg + .details' <<<"$output")"
claim_equal "no port is published" "$before" "$(elements)"
umount /proc/sys
claim "with a writable /proc/sys, ADD publishes the port" call "$bin" ADD portmap one "$ports"
claim_contains "the port is in the table" 8080 "$(nft list table inet footbridge)"
finish
