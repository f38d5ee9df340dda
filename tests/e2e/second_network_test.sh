#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A container with a published port on two networks, with the operator's command: show, check, reload and del.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need jq
private_host "$@"
mkdir "$files/networks"

# network NAME NUMBER: a network of bridge and portmap.
network() {
  jq -n --arg name "$1" --arg number "$2" '{cniVersion: "1.1.0", name: $name, plugins: [
    {type: "bridge", bridge: ("br-" + $name), isGateway: true, ipam: {type: "host-local",
      ranges: [[{subnet: "10.64.\($number).0/24"}], [{subnet: "fd00:64:\($number)::/64"}]]}},
    {type: "portmap", capabilities: {portMappings: true}}]}' >"$files/networks/$1.conflist"
}

call() {
  local verb=$1
  shift
  "$bin/footbridge" "$verb" --conf "$files/networks" "$@"
}

# ports NETWORK: the ports of its attachment, from show.
ports() {
  "$bin/footbridge" show --json | jq -r --arg name "$1" '[.networks[] | select(.name == $name).attachments[].ports[] |
    "\(.containerIP) \(.standby // false)"] | join(", ")'
}

network one 1
network two 2
new_netns red
call add --quiet --port 8080:80 one red
call add --quiet --port 8080:80 --ifname eth1 two red
claim_equal "the first network has the port" "10.64.1.2 false, fd00:64:1::2 false" "$(ports one)"
claim_equal "the second stands by" "10.64.2.2 true, fd00:64:2::2 true" "$(ports two)"
claim_contains "show marks a standby port" "0.0.0.0:8080 -> 80/tcp (standby)" "$("$bin/footbridge" show)"
claim "CHECK succeeds" call check one red
claim "CHECK succeeds in the second network" call check --ifname eth1 two red

before=$(nft -s list table inet footbridge)
"$bin/footbridge" reload >/dev/null
claim_equal "reload changes nothing if nothing is lost" "$before" "$(nft -s list table inet footbridge)"
nft flush ruleset
"$bin/footbridge" reload >/dev/null
claim_equal "after a flush, reload publishes the ports for one network, and the other stands by" "2 false 2 true" \
  "$({ ports one && echo && ports two; } | grep -Eo 'true|false' | sort | uniq -c | xargs)"
claim "CHECK succeeds again" call check one red
claim "CHECK succeeds again in the second network" call check --ifname eth1 two red

# The link is deleted without DEL.
ip -n red link delete eth0
claim_not "CHECK of the second network reports the dead port" call check --ifname eth1 two red
"$bin/footbridge" reload >/dev/null 2>&1
claim_equal "after reload, the second network has the port" "10.64.2.2 false, fd00:64:2::2 false" "$(ports two)"
claim "CHECK of the second network succeeds" call check --ifname eth1 two red
call del one red
claim_equal "DEL of the first network does not change that" "10.64.2.2 false, fd00:64:2::2 false" "$(ports two)"
call del --ifname eth1 two red
claim_equal "nothing is left" "" "$(nft list table inet footbridge | grep footbridge-red)"
finish
