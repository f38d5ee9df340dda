#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Three nodes on one LAN, as in a cluster without an overlay: each node has its own pod CIDR, bridge, store and rules,
# and routes to the others' pods. Pods see each other's own addresses, the outside sees the node's address, and
# published ports are reached from everywhere.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv python3 nsenter
private_host "$@"
PATH=$bin:$PATH
nodes="1 2 3"
template=$source_dir/conf-examples/kubernetes/10-footbridge.conflist

# ---- the LAN: a bridge, three nodes, and the machine outside without a route to any pod ----
ip link add lan type bridge mcast_snooping 0
ip link set lan up
ip address flush dev lan0
ip link set lan0 master lan
ip -n outside address add 2001:db8::2/64 dev eth0 nodad

# make_node NUMBER: creates a network and mount namespace with its own /run/footbridge and /var/lib/cni; sets
# ${node[NUMBER]} to its process.
node=()
make_node() {
  # shellcheck disable=SC2016  # the inner shell expands $1
  background unshare --net --mount --propagation private sh -ec 'mkdir -p /run/footbridge
    mount -t tmpfs tmpfs /run/footbridge
    mount -t tmpfs tmpfs /var/lib/cni
    ip link set lo up
    touch "$1"
    exec sleep 600' - "$files/node$1.ready"
  node[$1]=$!
  wait_for "node $1" test -e "$files/node$1.ready"
  ip link add "node$1" type veth peer name eth0 netns "${node[$1]}"
  ip link set "node$1" master lan up
  on "$1" ip address add "198.51.100.1$1/24" dev eth0
  on "$1" ip address add "2001:db8::1$1/64" dev eth0 nodad
  on "$1" ip link set eth0 up
}

# on NODE COMMAND...; in_pod NODE POD COMMAND...
on() { nsenter --target "${node[$1]}" --net --mount -- "${@:2}"; }
in_pod() { on "$1" ip netns exec "${@:2}"; }

# configure_node NUMBER: writes the configuration from the template, as an init container does, and adds the routes.
configure_node() {
  local other
  mkdir "$files/net.d$1"
  footbridge install --config "$template" --config-dest "$files/net.d$1" --set "podCIDR4=10.244.$1.0/24" \
    --set "podCIDR6=fd00:10:244:$1::/64" >/dev/null
  jq '.name = "masked" | .plugins[0].bridge = "masked0" | del(.plugins[0].masquerade) |
    .plugins[0].ipam.ranges = [[{subnet: "10.245.'"$1"'.0/24"}], [{subnet: "fd00:10:245:'"$1"'::/64"}]]' \
    "$files/net.d$1/10-footbridge.conflist" >"$files/net.d$1/20-masked.conflist"
  for other in $nodes; do
    [ "$other" != "$1" ] || continue
    on "$1" ip route add "10.244.$other.0/24" via "198.51.100.1$other"
    on "$1" ip route add "fd00:10:244:$other::/64" via "2001:db8::1$other"
  done
}

# attach NODE POD [ARGUMENTS OF add]...: attaches a pod and starts a server on its port 80.
attach() {
  on "$1" ip netns add "$2"
  on "$1" ip -n "$2" link set lo up
  on "$1" footbridge add --quiet --conf "$files/net.d$1" "${@:3}" "${network:-pods}" "$2" || fail "ADD of $2 on node $1"
  background nsenter --target "${node[$1]}" --net --mount -- ip netns exec "$2" \
    python3 -B "$source_dir/tests/e2e/peer.py" serve 80
  wait_for "the server in $2" is_serving "$1" "$2"
}
is_serving() { [ -n "$(in_pod "$1" "$2" ss -Hltn 'sport = :80')" ] &&
  [ -n "$(in_pod "$1" "$2" ss -Hlun 'sport = :80')" ]; }

detach() {
  on "$1" footbridge del --conf "$files/net.d$1" "${network:-pods}" "$2" || fail "DEL of $2 on node $1"
}

# seen_from_pod NODE POD ADDRESS [PORT]: the client address that the server sees, by TCP and by UDP.
request=(python3 -B "$source_dir/tests/e2e/peer.py" request)
seen_from_pod() { in_pod "$1" "$2" "${request[@]}" "$3" "${4:-80}"; }
seen_from_outside() { ip netns exec outside "${request[@]}" "$1" "$2"; }
seen_from_node() { on "$1" "${request[@]}" "$2" "${3:-80}"; }

# state NODE: of links, addresses, routes, rules and the store.
state() {
  on "$1" bash -c '. "$1/tests/e2e/lib.sh"; host_state' - "$source_dir"
}

for number in $nodes; do
  make_node "$number"
done
for number in $nodes; do
  configure_node "$number"
  for network in masked pods; do # some objects stay from a network's first attachment on
    attach "$number" "$network-first$number" --port 8080:80 --port 8080:80/udp
    detach "$number" "$network-first$number"
  done
  state "$number" >"$files/before$number"
done

background ip netns exec outside python3 -B "$source_dir/tests/e2e/peer.py" serve 80
is_outside_serving() { [ -n "$(ip netns exec outside ss -Hltn 'sport = :80')" ] &&
  [ -n "$(ip netns exec outside ss -Hlun 'sport = :80')" ]; }
wait_for "the server outside" is_outside_serving

# ---- pods ----
for number in $nodes; do
  attach "$number" "pod$number"
  four[number]=$(on "$number" ip -n "pod$number" -4 -j address show dev eth0 | jq -r '.[0].addr_info[0].local')
  six[number]=$(on "$number" ip -n "pod$number" -6 -j address show dev eth0 |
    jq -r '[.[0].addr_info[] | select(.scope == "global")][0].local')
  claim_equal "node $number allocates from its own pod CIDR" "10.244.$number fd00:10:244:$number" \
    "${four[number]%.*} ${six[number]%%::*}"
done
claim_equal "each node has its own store: all allocated the same host part" "3 3 3" \
  "${four[1]##*.} ${four[2]##*.} ${four[3]##*.}"
attach 1 peer
for number in $nodes; do
  for other in $nodes; do
    [ "$other" != "$number" ] || continue
    claim_equal "pod $other sees pod $number's own address" "${four[number]} ${four[number]}" \
      "$(seen_from_pod "$number" "pod$number" "${four[other]}")"
    claim_equal "pod $other sees pod $number's own address, IPv6" "${six[number]} ${six[number]}" \
      "$(seen_from_pod "$number" "pod$number" "${six[other]}")"
  done
  claim_equal "outside sees node $number" "198.51.100.1$number 198.51.100.1$number" \
    "$(seen_from_pod "$number" "pod$number" 198.51.100.2)"
  claim_equal "outside sees node $number, IPv6" "2001:db8::1$number 2001:db8::1$number" \
    "$(seen_from_pod "$number" "pod$number" 2001:db8::2)"
done
claim_equal "a pod on the same node sees the pod's own address" "${four[1]} ${four[1]}" \
  "$(seen_from_pod 1 pod1 "$(on 1 ip -n peer -4 -j address show dev eth0 | jq -r '.[0].addr_info[0].local')")"
claim_equal "pods of other nodes see a node's own address" "198.51.100.11 198.51.100.11" \
  "$(seen_from_node 1 "${four[3]}")"
claim_equal "the same by IPv6" "2001:db8::11 2001:db8::11" "$(seen_from_node 1 "${six[3]}")"

# ---- published ports ----
attach 2 web --port 8080:80 --port 8080:80/udp
claim_equal "the pod sees the address of a client outside" "198.51.100.2 198.51.100.2" \
  "$(seen_from_outside 198.51.100.12 8080)"
claim_equal "the same by IPv6" "2001:db8::2 2001:db8::2" "$(seen_from_outside 2001:db8::12 8080)"
claim_equal "a pod of another node is seen as its node, because the port's address is not in the cluster's prefix" \
  "198.51.100.13 198.51.100.13" "$(seen_from_pod 3 pod3 198.51.100.12 8080)"
claim_equal "the same by IPv6" "2001:db8::13 2001:db8::13" "$(seen_from_pod 3 pod3 2001:db8::12 8080)"
claim_equal "another node is seen under its own address" "198.51.100.11 198.51.100.11" \
  "$(seen_from_node 1 198.51.100.12 8080)"
claim_equal "the same by IPv6" "2001:db8::11 2001:db8::11" "$(seen_from_node 1 2001:db8::12 8080)"
claim_equal "a pod of the same node is seen as the gateway" "10.244.2.1 10.244.2.1" \
  "$(seen_from_pod 2 pod2 198.51.100.12 8080)"
claim_equal "the same by IPv6" "fd00:10:244:2::1 fd00:10:244:2::1" "$(seen_from_pod 2 pod2 2001:db8::12 8080)"
claim_equal "so is the pod itself" "10.244.2.1 10.244.2.1" "$(seen_from_pod 2 web 198.51.100.12 8080)"
claim_equal "and its node through localhost" "10.244.2.1 10.244.2.1" "$(seen_from_node 2 127.0.0.1 8080)"
[ ! -e /proc/sys/net/bridge/bridge-nf-call-ip6tables ] ||
  on 2 sysctl -qw net.bridge.bridge-nf-call-ip6tables=0 # docs/differences.md, "::1"
claim_equal "the same by IPv6" "fd00:10:244:2::1 fd00:10:244:2::1" "$(seen_from_node 2 ::1 8080)"
claim_not "another node does not have the port" on 1 python3 \
  -c 'import socket; socket.create_connection(("198.51.100.11", 8080), 2)'

# ---- without masquerade.exclude ----
network=masked
for number in 1 2; do
  attach "$number" "masked$number"
  on $((3 - number)) ip route add "10.245.$number.0/24" via "198.51.100.1$number"
done
claim_equal "pods on other nodes see the node's address" "198.51.100.11 198.51.100.11" \
  "$(seen_from_pod 1 masked1 "$(on 2 ip -n masked2 -4 -j address show dev eth0 | jq -r '.[0].addr_info[0].local')")"
for number in 1 2; do
  detach "$number" "masked$number"
  on $((3 - number)) ip route delete "10.245.$number.0/24"
done
network=pods

# ---- DEL of a pod without its namespace, and of all others ----
on 1 ip netns delete peer
detach 1 peer
detach 2 web
claim_not "the port is unpublished" ip netns exec outside python3 \
  -c 'import socket; socket.create_connection(("198.51.100.12", 8080), 2)'
claim_equal "the other pods still work" "${four[3]} ${four[3]}" "$(seen_from_pod 3 pod3 "${four[2]}")"
for number in $nodes; do
  detach "$number" "pod$number"
  claim_equal "node $number has nothing of any pod" "" "$(diff "$files/before$number" <(state "$number") || true)"
done
finish
