#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VLANs beside the reference on one bridge: both give a port the same VLANs, share a VLAN's gateway, and check and take down
# what the other made.
# shellcheck source=tests/uml/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ours=$bin
reference=$source_dir/build/reference/usr/lib/cni
[ -x "$reference/bridge" ] || skip "the reference is not in build/reference: ./run test fetches it"
under_uml "$@"
export GODEBUG=cpu.all=off  # boot.py says why

# by FOLDER COMMAND...: with the plugins of that folder.
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
  claim_equal "both understand ${keys[i]} alike" "$(vlans "$(host_end "theirs$i")")" "$(vlans "$(host_end "ours$i")")"
  claim "our CHECK agrees with theirs: ${keys[i]}" after_add CHECK "theirs$i" "$conf"
  claim "theirs with ours" by "$reference" after_add CHECK "ours$i" "$conf"
done

claim_equal "the gateway's link is the same" "$(jq -c '.interfaces[3]' "$files/theirs0")" "$(jq -c '.interfaces[3]' "$files/ours0")"
claim "their container reaches it" reaches theirs0 10.1.0.1
claim "ours does" reaches ours0 10.1.0.1
conf=$(with "$network" "${keys[0]}")
claim "our DEL of theirs" after_add DEL theirs0 "$conf"
claim "their DEL of ours" by "$reference" after_add DEL ours0 "$conf"
claim_not "takes the port" ip link show "$(host_end ours0)"
claim_not "as ours takes theirs" ip link show "$(host_end theirs0)"

# Their trunk's entry for the VLAN undoes that it has no tag, and the container is cut off from it.
conf=$(with "$network" '{"vlan": 100, "vlanTrunk": [{"minID": 99, "maxID": 101}]}')
by "$reference" add theirs "$conf"
add ours "$conf"
claim_equal "a VLAN that is in the trunk too has a tag by the reference" "99-101" "$(vlans "$(host_end theirs)")"
claim_equal "and none by us" "99, 100 PVID Egress Untagged, 101" "$(vlans "$(host_end ours)")"
well_done
