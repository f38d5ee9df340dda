#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What only libcni 1.3 does with a chain of bridge and portmap: STATUS, and GC, which first sends DEL for what is in the
# cache and no longer alive and then GC to every plugin; and a life whose cache is lost on the way.
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

# Five addresses for containers: .2 to .6. The bridge is named like the network.
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

# collect NETWORK [ID]...: GC with these containers' eth0 as all that is alive.
collect() {
  local network=$1 id alive=()
  shift
  for id in "$@"; do
    alive+=(-valid "$id/eth0")
  done
  "$client" gc -conf "$files/$network.conflist" -cache "$cache" "${alive[@]}"
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

# claim_host WORDS STATE: the host is in that state; says what differs.
claim_host() {
  local differences
  differences=$(diff -U3 - <(host_state) <<<"$2") || fail "$1
$differences"
  claims=$((claims + 1))
}

network gc-net 10.24.0.0/29
network other-net 10.24.1.0/29
new_netns red blue green amber

# ---- what stays by design is there before all: the bridge, its gateways, the table ----
for name in gc-net other-net; do
  attach "$name" red -capabilities "$(ports 8080)"
  libcni del "$name" red -capabilities "$(ports 8080)" || fail "DEL of red in $name failed"
done
empty=$(host_state)

# ---- DEL with what the cache knows ----
attach gc-net red -capabilities "$(ports 8080)"
claim "libcni keeps the result for DEL" test -s "$cache/results/gc-net-red-eth0"
claim "CHECK agrees, with the cached result" libcni check gc-net red -capabilities "$(ports 8080)"
ip netns del red
claim "DEL with the cached result, and the namespace gone" libcni del gc-net red -capabilities "$(ports 8080)"
claim_not "libcni forgets the result" test -e "$cache/results/gc-net-red-eth0"
claim_host "DEL left nothing" "$empty"
new_netns red

# ---- GC with a cache: DEL of what is not alive, GC for the rest ----
attach gc-net red -capabilities "$(ports 8081)"
attach gc-net blue -capabilities "$(ports 8082)"
with_two=$(host_state)
attach gc-net green -capabilities "$(ports 8083)"
claim "GC of green, which the cache knows" collect gc-net red blue
claim_host "green is gone, red and blue are as they were" "$with_two"
claim_not "green is out of the cache" test -e "$cache/results/gc-net-green-eth0"
for name in red blue; do
  claim "CHECK of $name agrees after GC" libcni check gc-net "$name"
done
claim "GC with nothing to collect" collect gc-net red blue
claim_host "it changes nothing" "$with_two"

# ---- GC without a cache: the plugins find what is abandoned by its owner alone ----
attach other-net amber -capabilities "$(ports 8090)"
with_amber=$(host_state)
attach gc-net green -capabilities "$(ports 8083)"
rm -r "$cache"
ip netns del green
claim "GC of green, which no cache knows and whose namespace is gone" collect gc-net red blue
claim_host "green is gone, and of the other network nothing" "$with_amber"
claim "no trace of green is left" holds_nothing_of green
new_netns green

# ---- DEL after the cache was lost: no prevResult, and no ports that the caller still knew ----
claim "DEL of blue without a cached result" libcni del gc-net blue
claim "no trace of blue is left" holds_nothing_of blue
claim "a second DEL of blue" libcni del gc-net blue
claim "GC after that" collect gc-net red
claim_equal "the address is red's" red "$(sed -n 1p "$store/gc-net/$(addresses gc-net | tr -d ' ')" | tr -d '\r')"
claim_equal "and only one" 1 "$(addresses gc-net | wc -w)"

# ---- nothing is alive ----
claim "GC of a network with nothing alive" collect gc-net
claim_equal "its addresses are free" "" "$(addresses gc-net)"
claim "the other network's attachment holds" ip netns exec amber ping -c 1 -w 10 10.24.1.1
claim "GC of the other network" collect other-net
claim_host "the host is what it was before all" "$empty"

# ---- STATUS ----
claim "STATUS of a chain that can serve" status gc-net
for name in red blue green amber; do
  attach gc-net "$name"
done
claim "STATUS with one address left" status gc-net
new_netns violet
attach gc-net violet
told=$(status gc-net 2>&1) || fail "STATUS of a network without a free address failed: $told"
claim_contains "STATUS has the words that tools look for" "no IP addresses available in range set" "$told"
claim_contains "STATUS says how many are taken" "5 of 5" "$told"
claim "STATUS of the other network" status other-net
libcni del gc-net violet || fail "DEL of violet failed"
claim "STATUS after one address is free again" status gc-net
mount -t tmpfs -o ro tmpfs "$store"
told=$(status gc-net 2>&1) && fail "STATUS with a read-only store succeeded"
claim_contains "a store that cannot be written is code 50" "code 50: " "$told"
claim_contains "and its path is named" "$store" "$told"
umount "$store"
claim "GC of everything" collect gc-net
claim_host "nothing is left" "$empty"
well_done
