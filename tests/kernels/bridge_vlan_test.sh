#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VLANs on a bridge: traffic, the state of the kernel, and leftovers.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_kernel "$@"

# network NAME BRIDGE FIRST-ADDRESS KEYS: a configuration. All networks have one subnet: only VLANs separate them.
network() {
  jq -cn --arg name "$1" --arg bridge "$2" --arg first "$3" --argjson keys "$4" '{
    cniVersion: "1.1.0", name: $name, type: "bridge", bridge: $bridge,
    ipam: {type: "host-local", ranges: [[{subnet: "10.1.0.0/24", rangeStart: $first, gateway: "10.1.0.1"}]]}} + $keys'
}
# access VLAN: an untagged VLAN, as `vlans` prints it.
access() {
  echo "$1 PVID Egress Untagged"
}

blue=$(network blue br0 10.1.0.10 '{"vlan": 100, "isGateway": true}')
red=$(network red br0 10.1.0.60 '{"vlan": 200}')
foreign="add set inet footbridge exclude6: a set of another type has that name"
layer2=$(with "$blue" '{"name": "layer2", "vlan": 0, "isGateway": false, "ipam": null}')

access_ports() {
  add blue1 "$blue"
  add blue2 "$blue"
  add red1 "$red"
  claim_equal "the bridge has VLAN filtering" 1 "$(filters br0)"
  claim_equal "a port is in its VLAN only" "$(access 100)" "$(vlans "$(host_end blue1)")"
  claim_equal "a port of another network is in another VLAN" "$(access 200)" "$(vlans "$(host_end red1)")"
  claim "containers of a VLAN reach each other" reaches blue1 10.1.0.11
  claim_not "containers of different VLANs do not, even in one subnet" reaches_soon red1 10.1.0.10
  claim_not "in the other direction neither" reaches_soon blue1 10.1.0.60
}

gateway() {
  claim "a container reaches its VLAN's gateway" reaches blue1 10.1.0.1
  claim_not "a container of another VLAN does not reach the gateway" reaches_soon red1 10.1.0.1
  claim_equal "the gateway is the fourth interface of the result" \
    "br0.100 $(ip -j link show br0.100 | jq -r ".[0].address") 4" \
    "$(jq -r '"\(.interfaces[3].name) \(.interfaces[3].mac) \(.interfaces | length)"' "$files/blue1")"
  claim_equal "the gateway is in the second container's result too" br0.100 \
    "$(jq -r '.interfaces[3].name' "$files/blue2")"
  claim_equal "without isGateway the result has no gateway" 3 "$(jq '.interfaces | length' "$files/red1")"
  claim_equal "the gateway has the address, the bridge has none" "10.1.0.1" \
    "$(ip -j -4 address show |
      jq -r '[.[] | select(.ifname == "br0.100" or .ifname == "br0") | .addr_info[].local] | join(" ")')"
  claim_equal "the gateway ignores router advertisements" 0 "$(cat /proc/sys/net/ipv6/conf/br0.100/accept_ra)"
  claim_equal "the gateway's port is in its VLAN only" "$(access 100)" "$(vlans "$(gateway_port br0.100)")"
}

# gateway_port GATEWAY: the peer of the gateway, which is a port of the bridge.
gateway_port() {
  ip -j link show "$1" | jq -r '.[0].link'
}

# check_reports SUBJECT TEXT: CHECK of blue1 fails, and its message contains the text.
check_reports() {
  claim_contains "CHECK reports $1" "$2" "$(after_add CHECK blue1 "$blue" | jq -r '"\(.code) \(.msg)"')"
}

check_reports_differences() {
  claim "CHECK succeeds" after_add CHECK blue1 "$blue"
  local port
  port=$(host_end blue1)
  bridge vlan add dev "$port" vid 300-302
  check_reports "an extra VLAN" "VLANs of port $port: expected 100 pvid untagged, found 100 pvid untagged, 300-302"
  bridge vlan del dev "$port" vid 300-302
  bridge vlan add dev "$port" vid 100
  check_reports "a VLAN that is tagged" "expected 100 pvid untagged, found 100"
  bridge vlan add dev "$port" vid 100 pvid untagged
  ip link set br0 type bridge vlan_filtering 0
  check_reports "a bridge without VLAN filtering" "bridge br0 VLAN filtering: expected on, found off"
  ip link set br0 type bridge vlan_filtering 1
  ip link set br0.100 down
  check_reports "a gateway that is down" "VLAN gateway br0.100: expected up, found down"
  ip link set br0.100 up
  bridge vlan del dev "$(gateway_port br0.100)" vid 100
  check_reports "a gateway outside its VLAN" "expected 100 pvid untagged, found none"
  bridge vlan add dev "$(gateway_port br0.100)" vid 100 pvid untagged
  ip address delete 10.1.0.1/24 dev br0.100
  check_reports "a missing gateway address" "Failed to match addr 10.1.0.1/24 on interface br0.100"
  ip address add 10.1.0.1/24 dev br0.100
  claim "CHECK succeeds again" after_add CHECK blue1 "$blue"
}

# tag CONTAINER VLAN ADDRESS: creates a VLAN interface in the container.
tag() {
  ip -n "$1" link add link eth0 name "eth0.$2" type vlan id "$2"
  ip -n "$1" address add "$3" dev "eth0.$2"
  ip -n "$1" link set "eth0.$2" up
}

trunks() {
  local trunk native
  trunk=$(with "$layer2" '{"name": "trunk",
    "vlanTrunk": [{"id": 200}, {"minID": 100, "maxID": 104}, {"minID": 103, "maxID": 110}]}')
  native=$(with "$trunk" '{"name": "native", "vlan": 100}')
  add trunk1 "$trunk"
  add trunk2 "$trunk"
  add native1 "$native"
  claim_equal "a trunk has its VLANs tagged and VLAN 1 untagged" "$(access 1), 100-110, 200" \
    "$(vlans "$(host_end trunk1)")"
  claim_equal "vlan is the trunk's untagged VLAN" "$(access 100), 101-110, 200" "$(vlans "$(host_end native1)")"
  tag trunk1 100 10.1.0.201/24
  tag trunk2 200 10.1.0.202/24
  claim "tagged traffic of a trunk reaches its VLAN" reaches trunk1 10.1.0.10
  claim "tagged traffic reaches the VLAN's gateway" reaches trunk1 10.1.0.1
  claim_not "tagged traffic does not reach another VLAN" reaches_soon trunk1 10.1.0.60
  claim "with another tag it reaches that VLAN" reaches trunk2 10.1.0.60
  tag trunk1 300 10.3.0.1/24
  tag trunk2 300 10.3.0.2/24
  claim_not "traffic with a tag outside of the trunk is dropped" reaches_soon trunk1 10.3.0.2
  tag trunk1 105 10.5.0.1/24
  tag native1 105 10.5.0.2/24
  claim "two trunks reach each other in a common VLAN" reaches trunk1 10.5.0.2
  ip -n native1 address add 10.1.0.203/24 dev eth0
  claim "untagged traffic of a trunk is in VLAN vlan" reaches native1 10.1.0.11
  claim "CHECK of a trunk succeeds" after_add CHECK trunk1 "$trunk"
  claim "CHECK of a trunk with vlan succeeds" after_add CHECK native1 "$native"
  claim "DEL of a trunk" after_add DEL trunk1 "$trunk"
  claim "DEL of the second trunk" after_add DEL trunk2 "$trunk"
  claim "DEL of the third trunk" after_add DEL native1 "$native"
}

default_vlan() {
  local keeps every none
  keeps=$(with "$layer2" '{"name": "keeps", "vlan": 300, "preserveDefaultVlan": true}')
  add keeps "$keeps"
  claim_equal "preserveDefaultVlan keeps the default VLAN" "1 Egress Untagged, $(access 300)" \
    "$(vlans "$(host_end keeps)")"
  claim "CHECK succeeds" after_add CHECK keeps "$keeps"
  every=$(with "$layer2" '{"name": "every", "vlanTrunk": [{"minID": 1, "maxID": 4094}]}')
  add every "$every"
  claim_equal "a trunk of all VLANs" "$(access 1), 2-4094" "$(vlans "$(host_end every)")"
  none=$(with "$layer2" '{"name": "none", "bridge": "br1", "vlanTrunk": []}')
  add none "$none"
  claim_equal "an empty trunk enables VLAN filtering" 1 "$(filters br1)"
  claim_equal "an empty trunk leaves the port in the default VLAN" "$(access 1)" "$(vlans "$(host_end none)")"
  claim "DEL" after_add DEL keeps "$keeps"
  claim "DEL" after_add DEL every "$every"
  claim "DEL" after_add DEL none "$none"
}

# A bridge with containers without VLANs.
existing_bridge() {
  local plain tagged before failing
  plain=$(network plain br2 10.1.0.10 '{"isGateway": true}')
  tagged=$(network tagged br2 10.1.0.60 '{"vlan": 20}')
  add plain1 "$plain"
  add plain2 "$plain"
  foreign_set
  claim_equal "a bridge without VLANs has no VLAN filtering" 0 "$(filters br2)"
  before=$(host_state; bridge -j vlan)
  failing=$(with "$tagged" '{"isGateway": true, "ipMasq": true, "ipam": {"ranges": [[{"subnet": "10.2.0.0/24"}]]}}')
  ip netns add failing
  claim_contains "ADD fails at its last step" "$foreign" "$(plugin ADD failing "$failing")"
  claim_equal "the failed ADD changes nothing" "$before" "$(host_state; bridge -j vlan)"
  claim_equal "the failed ADD leaves VLAN filtering off" 0 "$(filters br2)"
  add tagged1 "$tagged"
  claim_equal "ADD enables VLAN filtering" 1 "$(filters br2)"
  claim "containers without VLANs still reach each other" reaches plain1 10.1.0.11
  claim "containers without VLANs still reach their gateway" reaches plain1 10.1.0.1
  claim_not "a container without VLANs does not reach one in a VLAN" reaches_soon plain1 10.1.0.60
  claim_not "a container in a VLAN does not reach one without VLANs" reaches_soon tagged1 10.1.0.10
  claim_contains "another ADD fails" "$foreign" \
    "$(plugin ADD failing "$(with "$failing" '{"name": "other", "vlan": 30}')")"
  claim_equal "the failed ADD keeps VLAN filtering, which another container needs" 1 "$(filters br2)"
  claim_not "the failed ADD leaves no gateway" ip link show br2.30
  claim "DEL" after_add DEL tagged1 "$tagged"
  claim "DEL" after_add DEL plain1 "$plain"
  claim "DEL" after_add DEL plain2 "$plain"
}

first_adds_at_once() {
  local network before first second failing
  network=$(network green br3 10.1.0.10 '{"vlan": 7, "isGateway": true}')
  foreign_set
  before=$(host_state)
  failing=$(with "$network" '{"ipMasq": true}')
  claim_contains "the first ADD fails" "$foreign" "$(plugin ADD failing "$failing")"
  claim_equal "the failed ADD leaves neither bridge nor gateway" "$before" "$(host_state)"
  ip netns add green1
  ip netns add green2
  plugin ADD green1 "$network" >"$files/green1" & first=$!
  plugin ADD green2 "$network" >"$files/green2" & second=$!
  wait "$first" || fail "the first of two concurrent ADDs failed: $(cat "$files/green1")"
  wait "$second" || fail "the second of two concurrent ADDs failed: $(cat "$files/green2")"
  claim_equal "concurrent ADDs create one gateway" "br3 br3.7 3" \
    "$(ip -j link | jq -r '[.[] | select(.ifname | startswith("br3")).ifname] | sort | join(" ")') $(
      ip -o link show master br3 | wc -l)"
  claim "the first container reaches the gateway" reaches green1 10.1.0.1
  claim "the second container reaches the gateway" reaches green2 10.1.0.1
  claim_contains "a third ADD fails" "$foreign" "$(plugin ADD failing "$failing")"
  claim "the failed ADD keeps the gateway" reaches green1 10.1.0.1
}

gateway_lives_on() {
  local network
  network=$(network green br3 10.1.0.10 '{"vlan": 7, "isGateway": true}')
  claim "GC without valid attachments succeeds" plugin GC "" "$(with "$network" '{"cni.dev/valid-attachments": []}')"
  claim_equal "GC deletes the containers' ports and keeps the gateway" "$(gateway_port br3.7)" \
    "$(ip -j link show master br3 | jq -r 'map(.ifname) | join(" ")')"
  add green3 "$network"
  claim "the next container reaches the gateway" reaches green3 10.1.0.1
  claim "DEL" after_add DEL green3 "$network"
  ip link delete br3
  claim "a gateway stays without its bridge" ip link show br3.7
  add green4 "$network"
  claim "ADD connects the gateway to the new bridge" reaches green4 10.1.0.1
  claim "CHECK succeeds" after_add CHECK green4 "$network"
  claim_equal "the gateway's port is in its VLAN only" "$(access 7)" "$(vlans "$(gateway_port br3.7)")"
  claim "DEL" after_add DEL green4 "$network"
}

both_families() {
  local network
  network=$(network dual br4 10.1.0.10 '{"vlan": 9, "isDefaultGateway": true, "mtu": 1400}')
  network=$(jq -c '.ipam.ranges += [[{"subnet": "fd00:1::/64"}]]' <<<"$network")
  add dual1 "$network"
  claim "IPv4 reaches the gateway" reaches dual1 10.1.0.1
  claim "IPv6 reaches the gateway at once" reaches dual1 fd00:1::1
  claim_equal "the gateway has the bridge's MTU" "1400 1400" \
    "$(ip -j link | jq -r '[.[] | select(.ifname == "br4" or .ifname == "br4.9").mtu] | join(" ")')"
  claim "STATUS succeeds" plugin STATUS "" "$network"
  claim "CHECK succeeds" after_add CHECK dual1 "$network"
  claim "DEL" after_add DEL dual1 "$network"
  ip link delete br4
  ip link delete br4.9
  ip netns add alien
  ip link add br4.9 type veth peer name eth9 netns alien
  claim_contains "another veth with the gateway's name is an error" \
    'br4.9\" already exists but its peer is not a port of' \
    "$(plugin ADD dual1 "$network")"
}

example() {
  ip netns add example
  claim "the example attaches" "$bin/footbridge" add --conf "$source_dir/conf-examples" vlan-example example
  claim_equal "the example is in its VLANs" "$(access 100), 200-299, 400" \
    "$(vlans "$(ip -j link show master fb-vlan0 | jq -r '.[] | select(.ifalias).ifname')")"
  claim "the example reaches its gateway" reaches example 10.23.6.1
  claim "footbridge check succeeds" "$bin/footbridge" check --conf "$source_dir/conf-examples" vlan-example example
  claim "footbridge del succeeds" "$bin/footbridge" del --conf "$source_dir/conf-examples" vlan-example example
}

# Deletes our table and all bridges: only one bridge at a time can have the subnet.
clear() {
  nft "add table inet footbridge; delete table inet footbridge"
  ip -j -d link | jq -r '.[] | select(.linkinfo.info_kind == "bridge" or (.ifname | contains("."))).ifname' |
    xargs -n 1 ip link delete
}

access_ports
gateway
check_reports_differences
trunks
default_vlan
claim "DEL in a VLAN" after_add DEL blue1 "$blue"
claim "DEL in another" after_add DEL red1 "$red"
claim "a second DEL" after_add DEL red1 "$red"
claim "nothing is left of the deleted containers" holds_nothing_of blue1 red1
claim "the remaining container reaches the gateway" reaches blue2 10.1.0.1
example
clear
existing_bridge
clear
first_adds_at_once
gateway_lives_on
clear
both_families
finish
