#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A chain of bridge and portmap with the verbs of libcni 1.3: STATUS, and GC. For GC, libcni first sends DEL for cached
# attachments that are no longer valid, and then GC to each plugin. Also DEL and GC after the cache was lost.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv
private_host "$@"
# shellcheck source=tests/e2e/libcni/client.sh
. "$source_dir/tests/e2e/libcni/client.sh"
build_client 1.3 || skip "$why"

cache=$files/cache
store=/var/lib/cni/networks
export CNI_PATH=$bin

# network NAME SUBNET: with five addresses for containers, .2 to .6. The bridge has the network's name.
network() {
  jq -n --arg name "$1" --arg subnet "$2" '{cniVersion: "1.1.0", name: $name, plugins: [
    {type: "bridge", bridge: $name, isGateway: true, ipMasq: true,
     ipam: {type: "host-local", subnet: $subnet, routes: [{dst: "0.0.0.0/0"}]}},
    {type: "portmap", capabilities: {portMappings: true}}]}' >"$files/$1.conflist"
}

# libcni VERB NETWORK NETNS [OPTIONS]...: the container's id is the name of its namespace.
libcni() {
  "$client" "$1" -conf "$files/$2.conflist" -netns "/run/netns/$3" -id "$3" -cache "$cache" "${@:4}"
}

status() {
  "$client" status -conf "$files/$1.conflist"
}

# collect NETWORK [ID]...: GC with these containers' eth0 as the valid attachments.
collect() {
  local network=$1 id valid=()
  shift
  for id in "$@"; do
    valid+=(-valid "$id/eth0")
  done
  "$client" gc -conf "$files/$network.conflist" -cache "$cache" "${valid[@]}"
}

ports() {
  printf '{"portMappings": [{"hostPort": %s, "containerPort": 80, "protocol": "tcp"}]}' "$1"
}

attach() {
  libcni add "$1" "$2" "${@:3}" >/dev/null || fail "ADD of $2 to $1 failed"
}

addresses() {
  (cd "$store/$1" && find . -type f ! -name lock ! -name 'last_reserved_ip.*' -printf '%f\n' | sort | tr '\n' ' ')
}

# claim_host WORDS STATE: the host is in that state; prints the difference.
claim_host() {
  local differences
  differences=$(diff -U3 - <(host_state) <<<"$2") || fail "$1
$differences"
  claims=$((claims + 1))
}

network gc-net 10.24.0.0/29
network other-net 10.24.1.0/29
new_netns red blue green amber

# ---- objects that stay: the bridge, its gateways, the table ----
for name in gc-net other-net; do
  attach "$name" red -capabilities "$(ports 8080)"
  libcni del "$name" red -capabilities "$(ports 8080)" || fail "DEL of red in $name failed"
done
empty=$(host_state)

# ---- DEL with a cached result ----
attach gc-net red -capabilities "$(ports 8080)"
claim "libcni caches the result for DEL" test -s "$cache/results/gc-net-red-eth0"
claim "CHECK succeeds with the cached result" libcni check gc-net red -capabilities "$(ports 8080)"
ip netns del red
claim "DEL with the cached result, without the namespace" libcni del gc-net red -capabilities "$(ports 8080)"
claim_not "libcni deletes the cached result" test -e "$cache/results/gc-net-red-eth0"
claim_host "DEL left nothing" "$empty"
new_netns red

# ---- GC with a cache: DEL for attachments that are not valid, GC for the rest ----
attach gc-net red -capabilities "$(ports 8081)"
attach gc-net blue -capabilities "$(ports 8082)"
with_two=$(host_state)
attach gc-net green -capabilities "$(ports 8083)"
claim "GC of green, which is in the cache" collect gc-net red blue
claim_host "green is gone, red and blue are as they were" "$with_two"
claim_not "green is no longer in the cache" test -e "$cache/results/gc-net-green-eth0"
for name in red blue; do
  claim "CHECK of $name succeeds after GC" libcni check gc-net "$name"
done
claim "GC with nothing to collect" collect gc-net red blue
claim_host "it changes nothing" "$with_two"

# ---- GC without a cache: plugins find objects by their owner ----
attach other-net amber -capabilities "$(ports 8090)"
with_amber=$(host_state)
attach gc-net green -capabilities "$(ports 8083)"
rm -r "$cache"
ip netns del green
claim "GC of green, without cache and namespace" collect gc-net red blue
claim_host "green is gone, and the other network has not changed" "$with_amber"
claim "nothing of green is left" holds_nothing_of green
new_netns green

# ---- DEL after the cache was lost: without prevResult and ports ----
claim "DEL of blue without a cached result" libcni del gc-net blue
claim "nothing of blue is left" holds_nothing_of blue
claim "a second DEL of blue" libcni del gc-net blue
claim "GC after that" collect gc-net red
claim_equal "the store contains red's address" red "$(sed -n 1p "$store/gc-net/$(addresses gc-net | tr -d ' ')" |
  tr -d '\r')"
claim_equal "and no other" 1 "$(addresses gc-net | wc -w)"

# ---- no valid attachments ----
claim "GC of a network without valid attachments" collect gc-net
claim_equal "its addresses are released" "" "$(addresses gc-net)"
claim "the other network's attachment still works" ip netns exec amber ping -c 1 -w 10 10.24.1.1
claim "GC of the other network" collect other-net
claim_host "the host is as at the start" "$empty"

# ---- STATUS ----
claim "STATUS of a chain" status gc-net
for name in red blue green amber; do
  attach gc-net "$name"
done
claim "STATUS with one free address" status gc-net
new_netns violet
attach gc-net violet
output=$(status gc-net 2>&1) || fail "STATUS of a network without a free address failed: $output"
claim_contains "STATUS prints the text that tools look for" "no IP addresses available in range set" "$output"
claim_contains "STATUS prints the number of allocated addresses" "5 of 5" "$output"
claim "STATUS of the other network" status other-net
libcni del gc-net violet || fail "DEL of violet failed"
claim "STATUS after an address was released" status gc-net
mount -t tmpfs -o ro tmpfs "$store"
output=$(status gc-net 2>&1) && fail "STATUS with a read-only store succeeded"
claim_contains "a read-only store is an error with code 50" "code 50: " "$output"
claim_contains "that names its path" "$store" "$output"
umount "$store"
claim "GC of all attachments" collect gc-net
claim_host "nothing is left" "$empty"
finish
