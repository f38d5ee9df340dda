#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# macvlan, ipvlan and vlan with a kernel that has these links: the examples, with traffic.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_kernel "$@"

# example FILE NETWORK ADDRESS PEER: attaches the example to a host with the link eth0. Its other end is the machine
# "lan" with the address PEER.
example() {
  ip netns add "$2"
  claim "$1 attaches" "$bin/footbridge" add --quiet --conf "$source_dir/conf-examples/$1" "$2" "$2"
  claim_equal "$1: the address" "$3" "$(inner_address "$2" eth0 4)"
  claim "$1: the container reaches a machine of the network" reaches "$2" "$4"
  claim "$1: footbridge check succeeds" "$bin/footbridge" check --conf "$source_dir/conf-examples/$1" "$2" "$2"
  claim "$1: footbridge del succeeds" "$bin/footbridge" del --conf "$source_dir/conf-examples/$1" "$2" "$2"
  claim_not "$1: del deletes the interface" ip -n "$2" link show eth0
}

ip netns add lan
ip link add eth0 type veth peer name eth0 netns lan
ip link set eth0 addrgenmode none
ip link set eth0 up
ip -n lan link set eth0 up
ip -n lan address add 10.23.11.1/24 dev eth0
ip -n lan address add 10.23.12.1/24 dev eth0
ip -n lan link add link eth0 name vlan100 up type vlan id 100
ip -n lan address add 10.23.13.1/24 dev vlan100
example macvlan.conflist macvlan-example 10.23.11.100 10.23.11.1
example ipvlan.conflist ipvlan-example 10.23.12.100 10.23.12.1
example vlan-link.conflist vlan-link-example 10.23.13.2 10.23.13.1
finish
