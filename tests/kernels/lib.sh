# SPDX-License-Identifier: Apache-2.0
# Shared by the tests that run under another kernel; sourced by bash. Includes the functions of the client tests.
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

# boot_kernel ARGUMENTS-OF-THE-SCRIPT...: starts the script again under FOOTBRIDGE_KERNEL.
boot_kernel() {
  [ -z "${FOOTBRIDGE_UNDER_KERNEL:-}" ] || return 0
  need python3
  export FOOTBRIDGE_BIN=$bin FOOTBRIDGE_KERNEL=${FOOTBRIDGE_KERNEL:-$source_dir/build/kernels/bookworm}
  FOOTBRIDGE_UNDER_KERNEL=yes exec python3 -B "$source_dir/tests/kernels/boot.py" bash "$(readlink -f "$0")" "$@"
}

# under_kernel ARGUMENTS-OF-THE-SCRIPT...: the same on a private host.
under_kernel() {
  boot_kernel "$@"
  private_host "$@"
}

# plugin VERB CONTAINER CONFIGURATION: calls the plugin as a runtime does; the namespace has the container's name.
plugin() {
  local type
  type=$(jq -r .type <<<"$3")
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=eth0 CNI_PATH=$bin "$bin/$type" <<<"$3"
}

# with CONFIGURATION JSON: the configuration merged with the JSON.
with() {
  jq -c --argjson more "$2" '. * $more' <<<"$1"
}

# add CONTAINER CONFIGURATION: calls ADD in a new namespace and fails if it fails; the result is in $files/CONTAINER.
add() {
  [ -e "/run/netns/$1" ] || ip netns add "$1"
  plugin ADD "$1" "$2" >"$files/$1" || fail "ADD of $1: $(cat "$files/$1")"
}

# after_add VERB CONTAINER CONFIGURATION: calls the plugin with the result of `add` as prevResult.
after_add() {
  plugin "$1" "$2" "$(with "$3" "{\"prevResult\": $(cat "$files/$2")}")"
}

# reaches CONTAINER ADDRESS
reaches() {
  ip netns exec "$1" ping -n -q -c 1 -w 5 "$2"
}

# reaches_soon CONTAINER ADDRESS: the same with a short timeout, for addresses that must not be reached.
reaches_soon() {
  ip netns exec "$1" ping -n -q -c 2 -i 0.2 -W 0.3 "$2"
}

# vlans PORT: the VLANs of a port as bridge(8) prints them: "100 PVID Egress Untagged, 200-209".
vlans() {
  bridge -j -compressvlans vlan show dev "$1" | jq -r '[.[0].vlans[]? |
    (.vlan | tostring) + (if .vlanEnd then "-\(.vlanEnd)" else "" end) +
    ((.flags // []) | map(" " + .) | add // "")] | join(", ")'
}

# host_end CONTAINER: the name of its host end.
host_end() {
  jq -r '.interfaces[1].name' "$files/$1"
}

# filters BRIDGE: 1 if VLAN filtering is on, else 0.
filters() {
  ip -j -d link show "$1" | jq '.[0].linkinfo.info_data.vlan_filtering'
}

# foreign_set: a set of another type in our table, so that ADD with ipMasq fails at its last step.
foreign_set() {
  nft "add table inet footbridge; add set inet footbridge exclude6 { type ether_addr; }"
}
