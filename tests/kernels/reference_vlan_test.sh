#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VLANs on one bridge with our plugins and the reference's: ports have the same VLANs, both share a VLAN's gateway, and
# CHECK and DEL work for each other's attachments.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ours=$bin
reference=$source_dir/build/reference/usr/lib/cni
[ -x "$reference/bridge" ] || skip "needs the reference in build/reference, which ./run test fetches"
under_kernel "$@"

# by FOLDER COMMAND...: runs the command with the plugins of that folder.
by() {
  bin=$1
  shift
  "$@"
  bin=$ours
}

keys=('{"vlan": 100, "isGateway": true}' '{"vlanTrunk": [{"id": 7}, {"minID": 5, "maxID": 9}]}'
  '{"vlanTrunk": [{"minID": 1, "maxID": 3}]}' '{"vlan": 100, "preserveDefaultVlan": true}'
  '{"vlan": 100, "vlanTrunk": [{"minID": 200, "maxID": 204}]}')
network='{"cniVersion": "1.0.0", "name": "both", "type": "bridge", "bridge": "br0",
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}'

for i in "${!keys[@]}"; do
  conf=$(with "$network" "${keys[i]}")
  by "$reference" add "theirs$i" "$conf"
  add "ours$i" "$conf"
  claim_equal "both set the same VLANs for ${keys[i]}" "$(vlans "$(host_end "theirs$i")")" \
    "$(vlans "$(host_end "ours$i")")"
  claim "our CHECK succeeds for the reference's attachment: ${keys[i]}" after_add CHECK "theirs$i" "$conf"
  claim "the reference's CHECK succeeds for our attachment: ${keys[i]}" by "$reference" after_add CHECK "ours$i" "$conf"
done

claim_equal "both have the same gateway link" "$(jq -c '.interfaces[3]' "$files/theirs0")" \
  "$(jq -c '.interfaces[3]' "$files/ours0")"
claim "the reference's container reaches the gateway" reaches theirs0 10.1.0.1
claim "our container reaches the gateway" reaches ours0 10.1.0.1
conf=$(with "$network" "${keys[0]}")
claim "our DEL of the reference's attachment" after_add DEL theirs0 "$conf"
claim "the reference's DEL of our attachment" by "$reference" after_add DEL ours0 "$conf"
claim_not "the reference's DEL deletes our port" ip link show "$(host_end ours0)"
claim_not "our DEL deletes the reference's port" ip link show "$(host_end theirs0)"

# If vlan is in vlanTrunk too, the reference makes it tagged, so the container cannot use it.
conf=$(with "$network" '{"vlan": 100, "vlanTrunk": [{"minID": 99, "maxID": 101}]}')
by "$reference" add theirs "$conf"
add ours "$conf"
claim_equal "the reference tags a VLAN that is in the trunk too" "99-101" "$(vlans "$(host_end theirs)")"
claim_equal "our plugin keeps it untagged" "99, 100 PVID Egress Untagged, 101" "$(vlans "$(host_end ours)")"
finish
