#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VLANs on a bridge, with traffic: who reaches whom, what the kernel holds, and what stays.
# shellcheck source=tests/uml/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_uml "$@"

# network NAME BRIDGE FIRST-ADDRESS KEYS: all in one subnet, so that nothing but VLANs keeps them apart.
network() {
  jq -cn --arg name "$1" --arg bridge "$2" --arg first "$3" --argjson keys "$4" '{cniVersion: "1.1.0", name: $name, type: "bridge",
    bridge: $bridge, ipam: {type: "host-local", ranges: [[{subnet: "10.1.0.0/24", rangeStart: $first, gateway: "10.1.0.1"}]]}} + $keys'
}
access() {
  echo "$1 PVID Egress Untagged"
}

blue=$(network blue br0 10.1.0.10 '{"vlan": 100, "isGateway": true}')
red=$(network red br0 10.1.0.60 '{"vlan": 200}')
layer2=$(with "$blue" '{"name": "layer2", "vlan": 0, "isGateway": false, "ipam": null}')

access_ports() {
  add blue1 "$blue"
  add blue2 "$blue"
  add red1 "$red"
  claim_equal "the bridge filters" 1 "$(filters br0)"
  claim_equal "a port is in its VLAN alone" "$(access 100)" "$(vlans "$(host_end blue1)")"
  claim_equal "of another network in its own" "$(access 200)" "$(vlans "$(host_end red1)")"
  claim "containers of a VLAN reach each other" reaches blue1 10.1.0.11
  claim_not "those of another VLAN do not, though they have addresses of the same network" reaches_soon red1 10.1.0.10
  claim_not "nor the other way round" reaches_soon blue1 10.1.0.60
}

gateway() {
  claim "the VLAN's gateway is reached" reaches blue1 10.1.0.1
  claim_not "from another VLAN it is not" reaches_soon red1 10.1.0.1
  claim_equal "it is the fourth interface of the result" "br0.100 $(ip -j link show br0.100 | jq -r ".[0].address") 4" \
    "$(jq -r '"\(.interfaces[3].name) \(.interfaces[3].mac) \(.interfaces | length)"' "$files/blue1")"
  claim_equal "the second container's too" br0.100 "$(jq -r '.interfaces[3].name' "$files/blue2")"
  claim_equal "without isGateway there is none" 3 "$(jq '.interfaces | length' "$files/red1")"
  claim_equal "the address is there and not on the bridge" "10.1.0.1" \
    "$(ip -j -4 address show | jq -r '[.[] | select(.ifname == "br0.100" or .ifname == "br0") | .addr_info[].local] | join(" ")')"
  claim_equal "it does not listen to routers" 0 "$(cat /proc/sys/net/ipv6/conf/br0.100/accept_ra)"
  claim_equal "its port is in the VLAN alone" "$(access 100)" "$(vlans "$(gateway_port br0.100)")"
}

# gateway_port GATEWAY: the other end of its pair.
gateway_port() {
  ip -j link show "$1" | jq -r '.[0].link'
}

# tells WORDS PART: CHECK of blue1 fails and says so.
tells() {
  claim_contains "CHECK tells $1" "$2" "$(after_add CHECK blue1 "$blue" | jq -r '"\(.code) \(.msg)"')"
}

check_tells_what_is_wrong() {
  claim "CHECK agrees" after_add CHECK blue1 "$blue"
  local port
  port=$(host_end blue1)
  bridge vlan add dev "$port" vid 300-302
  tells "a VLAN too many" "VLANs of port $port: expected 100 pvid untagged, found 100 pvid untagged, 300-302"
  bridge vlan del dev "$port" vid 300-302
  bridge vlan add dev "$port" vid 100
  tells "one that is tagged" "expected 100 pvid untagged, found 100"
  bridge vlan add dev "$port" vid 100 pvid untagged
  ip link set br0 type bridge vlan_filtering 0
  tells "a bridge that does not filter" "bridge br0 VLAN filtering: expected on, found off"
  ip link set br0 type bridge vlan_filtering 1
  ip link set br0.100 down
  tells "a gateway that is down" "VLAN gateway br0.100: expected up, found down"
  ip link set br0.100 up
  bridge vlan del dev "$(gateway_port br0.100)" vid 100
  tells "a gateway outside its VLAN" "expected 100 pvid untagged, found none"
  bridge vlan add dev "$(gateway_port br0.100)" vid 100 pvid untagged
  ip address delete 10.1.0.1/24 dev br0.100
  tells "its lost address" "Failed to match addr 10.1.0.1/24 on interface br0.100"
  ip address add 10.1.0.1/24 dev br0.100
  claim "CHECK agrees again" after_add CHECK blue1 "$blue"
}

# tag CONTAINER VLAN ADDRESS: what a container does with a trunk.
tag() {
  ip -n "$1" link add link eth0 name "eth0.$2" type vlan id "$2"
  ip -n "$1" address add "$3" dev "eth0.$2"
  ip -n "$1" link set "eth0.$2" up
}

trunks() {
  local trunk native
  trunk=$(with "$layer2" '{"name": "trunk", "vlanTrunk": [{"id": 200}, {"minID": 100, "maxID": 104}, {"minID": 103, "maxID": 110}]}')
  native=$(with "$trunk" '{"name": "native", "vlan": 100}')
  add trunk1 "$trunk"
  add trunk2 "$trunk"
  add native1 "$native"
  claim_equal "a trunk has its VLANs with a tag and VLAN 1 without" "$(access 1), 100-110, 200" "$(vlans "$(host_end trunk1)")"
  claim_equal "vlan is the trunk's VLAN without a tag" "$(access 100), 101-110, 200" "$(vlans "$(host_end native1)")"
  tag trunk1 100 10.1.0.201/24
  tag trunk2 200 10.1.0.202/24
  claim "tagged traffic of a trunk reaches the VLAN" reaches trunk1 10.1.0.10
  claim "and its gateway" reaches trunk1 10.1.0.1
  claim_not "not another VLAN" reaches_soon trunk1 10.1.0.60
  claim "which another tag reaches" reaches trunk2 10.1.0.60
  tag trunk1 300 10.3.0.1/24
  tag trunk2 300 10.3.0.2/24
  claim_not "a tag that the trunk has not goes nowhere" reaches_soon trunk1 10.3.0.2
  tag trunk1 105 10.5.0.1/24
  tag native1 105 10.5.0.2/24
  claim "two trunks talk in a VLAN of both" reaches trunk1 10.5.0.2
  ip -n native1 address add 10.1.0.203/24 dev eth0
  claim "without a tag a trunk is in its own VLAN" reaches native1 10.1.0.11
  claim "CHECK agrees with the trunks" after_add CHECK trunk1 "$trunk"
  claim "CHECK agrees with the VLAN without a tag" after_add CHECK native1 "$native"
  claim "DEL of a trunk" after_add DEL trunk1 "$trunk"
  claim "DEL of another" after_add DEL trunk2 "$trunk"
  claim "DEL of the third" after_add DEL native1 "$native"
}

default_vlan() {
  local keeps every none
  keeps=$(with "$layer2" '{"name": "keeps", "vlan": 300, "preserveDefaultVlan": true}')
  add keeps "$keeps"
  claim_equal "the default VLAN is kept when asked for" "1 Egress Untagged, $(access 300)" "$(vlans "$(host_end keeps)")"
  claim "CHECK agrees" after_add CHECK keeps "$keeps"
  every=$(with "$layer2" '{"name": "every", "vlanTrunk": [{"minID": 1, "maxID": 4094}]}')
  add every "$every"
  claim_equal "a trunk of all VLANs" "$(access 1), 2-4094" "$(vlans "$(host_end every)")"
  none=$(with "$layer2" '{"name": "none", "bridge": "br1", "vlanTrunk": []}')
  add none "$none"
  claim_equal "an empty trunk makes a bridge that filters" 1 "$(filters br1)"
  claim_equal "and leaves the port in the default VLAN" "$(access 1)" "$(vlans "$(host_end none)")"
  claim "DEL" after_add DEL keeps "$keeps"
  claim "DEL" after_add DEL every "$every"
  claim "DEL" after_add DEL none "$none"
}

# An old bridge with an ordinary container on it. Where an ADD is to fail late it asks for ipMasq: this kernel has no tables of
# the family inet, and they are an ADD's last step.
existing_bridge() {
  local plain tagged before failing
  plain=$(network plain br2 10.1.0.10 '{"isGateway": true}')
  tagged=$(network tagged br2 10.1.0.60 '{"vlan": 20}')
  add plain1 "$plain"
  add plain2 "$plain"
  claim_equal "a bridge without VLANs does not filter" 0 "$(filters br2)"
  before=$(host_state; bridge -j vlan)
  failing=$(with "$tagged" '{"isGateway": true, "ipMasq": true, "ipam": {"ranges": [[{"subnet": "10.2.0.0/24"}]]}}')
  ip netns add failing
  claim_contains "an ADD that fails late" '"msg"' "$(plugin ADD failing "$failing")"
  claim_equal "leaves nothing, and the bridge as it was" "$before" "$(host_state; bridge -j vlan)"
  claim_equal "which does not filter" 0 "$(filters br2)"
  add tagged1 "$tagged"
  claim_equal "a bridge that does not filter is made to" 1 "$(filters br2)"
  claim "its other containers still reach each other" reaches plain1 10.1.0.11
  claim "and their gateway" reaches plain1 10.1.0.1
  claim_not "and not the one in a VLAN" reaches_soon plain1 10.1.0.60
  claim_not "which reaches nobody" reaches_soon tagged1 10.1.0.10
  claim_contains "another ADD that fails" '"msg"' "$(plugin ADD failing "$(with "$failing" '{"name": "other", "vlan": 30}')")"
  claim_equal "does not switch off what others rely on" 1 "$(filters br2)"
  claim_not "nor leave a gateway" ip link show br2.30
  claim "DEL" after_add DEL tagged1 "$tagged"
  claim "DEL" after_add DEL plain1 "$plain"
  claim "DEL" after_add DEL plain2 "$plain"
}

first_adds_at_once() {
  local network before first second failing
  network=$(network green br3 10.1.0.10 '{"vlan": 7, "isGateway": true}')
  before=$(host_state)
  failing=$(with "$network" '{"ipMasq": true}')
  claim_contains "a first ADD that fails" '"msg"' "$(plugin ADD failing "$failing")"
  claim_equal "leaves neither bridge nor gateway" "$before" "$(host_state)"
  ip netns add green1
  ip netns add green2
  plugin ADD green1 "$network" >"$files/green1" & first=$!
  plugin ADD green2 "$network" >"$files/green2" & second=$!
  wait "$first" || fail "one of two first ADDs at once: $(cat "$files/green1")"
  wait "$second" || fail "the other of two first ADDs at once: $(cat "$files/green2")"
  claim_equal "they share one gateway" "br3 br3.7 3" \
    "$(ip -j link | jq -r '[.[] | select(.ifname | startswith("br3")).ifname] | sort | join(" ")') $(ip -o link show master br3 | wc -l)"
  claim "both reach it" reaches green1 10.1.0.1
  claim "both reach it" reaches green2 10.1.0.1
  claim_contains "an ADD that fails beside them" '"msg"' "$(plugin ADD failing "$failing")"
  claim "leaves their gateway" reaches green1 10.1.0.1
}

gateway_lives_on() {
  local network
  network=$(network green br3 10.1.0.10 '{"vlan": 7, "isGateway": true}')
  claim "GC of all containers" plugin GC "" "$(with "$network" '{"cni.dev/valid-attachments": []}')"
  claim_equal "takes their ports and leaves the gateway" "$(gateway_port br3.7)" \
    "$(ip -j link show master br3 | jq -r 'map(.ifname) | join(" ")')"
  add green3 "$network"
  claim "the next container finds it" reaches green3 10.1.0.1
  claim "DEL" after_add DEL green3 "$network"
  ip link delete br3
  claim "a gateway without its bridge remains" ip link show br3.7
  add green4 "$network"
  claim "and is connected to the new one" reaches green4 10.1.0.1
  claim "CHECK agrees" after_add CHECK green4 "$network"
  claim_equal "its port is in the VLAN alone" "$(access 7)" "$(vlans "$(gateway_port br3.7)")"
  claim "DEL" after_add DEL green4 "$network"
}

both_families() {
  local network
  network=$(network dual br4 10.1.0.10 '{"vlan": 9, "isDefaultGateway": true, "mtu": 1400}')
  network=$(jq -c '.ipam.ranges += [[{"subnet": "fd00:1::/64"}]]' <<<"$network")
  add dual1 "$network"
  claim "IPv4 reaches the gateway" reaches dual1 10.1.0.1
  claim "IPv6 does, at once" reaches dual1 fd00:1::1
  claim_equal "the gateway has the bridge's MTU" "1400 1400" "$(ip -j link | jq -r '[.[] | select(.ifname == "br4" or .ifname == "br4.9").mtu] | join(" ")')"
  claim "STATUS is well" plugin STATUS "" "$network"
  claim "CHECK agrees" after_add CHECK dual1 "$network"
  claim "DEL" after_add DEL dual1 "$network"
  ip link delete br4
  ip link delete br4.9
  ip netns add alien
  ip link add br4.9 type veth peer name eth9 netns alien
  claim_contains "another veth with the gateway's name is an error" 'br4.9\" already exists but its peer is not a port of' \
    "$(plugin ADD dual1 "$network")"
}

example() {
  ip netns add example
  claim "the example attaches" "$bin/footbridge" add --conf "$source_dir/conf-examples" vlan-example example
  claim_equal "in its VLANs" "$(access 100), 200-299, 400" \
    "$(vlans "$(ip -j link show master fb-vlan0 | jq -r '.[] | select(.ifalias).ifname')")"
  claim "its gateway is reached" reaches example 10.23.6.1
  claim "footbridge checks it" "$bin/footbridge" check --conf "$source_dir/conf-examples" vlan-example example
  claim "and takes it down" "$bin/footbridge" del --conf "$source_dir/conf-examples" vlan-example example
}

# All bridges have the same network here: one after the other.
clear() {
  ip -j -d link | jq -r '.[] | select(.linkinfo.info_kind == "bridge" or (.ifname | contains("."))).ifname' |
    xargs -n 1 ip link delete
}

access_ports
gateway
check_tells_what_is_wrong
trunks
default_vlan
claim "DEL in a VLAN" after_add DEL blue1 "$blue"
claim "DEL in another" after_add DEL red1 "$red"
claim "a second DEL" after_add DEL red1 "$red"
claim "nothing is left of them" holds_nothing_of blue1 red1
claim "who stays reaches the gateway" reaches blue2 10.1.0.1
example
clear
existing_bridge
clear
first_adds_at_once
gateway_lives_on
clear
both_families
well_done
