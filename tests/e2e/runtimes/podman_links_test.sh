#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Podman's networks of the drivers macvlan and ipvlan: containers are on the host's LAN with addresses of their own,
# reach a machine outside and each other without NAT, and leave nothing.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/e2e/runtimes/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/e2e/runtimes/podman.sh
. "$(dirname "${BASH_SOURCE[0]}")/podman.sh"

need_packages busybox-static
runtime_host "$@"
start_podman
serve_outside
ip route add default via 198.51.100.2 dev lan0  # the parent of a network without "parent"

run() {
  podman run --cgroup-parent "$group" "$@"
}

# fetch NETWORK URL: prints a page, requested from a new container. In a shell, because the first process of a container
# ignores timeout's signal.
fetch() {
  run --rm --network "$1" "$image" sh -c "timeout $seconds wget -qO- '$2' || exit 1"
}

# attributes_of CONTAINER NETWORK KEY...: prints values of `podman inspect`.
attributes_of() {
  local container=$1 network=$2
  shift 2
  podman inspect "$container" |
    jq -r --arg network "$network" '.[0].NetworkSettings.Networks[$network][$ARGS.positional[]]' --args "$@" |
    paste -sd ' '
}

plugin_of() {
  jq -c ".plugins[0] | $2" "/etc/cni/net.d/$1.conflist"
}

# Both families; the host and the machine outside have addresses outside of the ranges.
lan=(--subnet 198.51.100.0/24 --ip-range 198.51.100.128/25 --gateway 198.51.100.2
  --ipv6 --subnet fd00:51::/64 --ip-range fd00:51::80/121 --gateway fd00:51::2)

state() {
  host_state
  ip netns list | sort
}

leaves_nothing() {
  podman rm --all --force --time 0 >/dev/null
  claim_equal "podman rm of $1 leaves nothing" "$before" "$(state)"
}

# ---- a container and its LAN ----

# use NETWORK: the address is the first of each range, because nothing is allocated.
use() {
  run -d --name web --hostname web --network "$1" "$image" sh -c "$serve 80" >/dev/null
  claim_equal "$1: addresses of the ranges, the gateways" "198.51.100.129 198.51.100.2 fd00:51::81 fd00:51::2" \
    "$(attributes_of web "$1" IPAddress Gateway GlobalIPv6Address IPv6Gateway)"
  reach web 198.51.100.129 '[fd00:51::81]'
  claim_equal "$1: another container" "web web" \
    "$(fetch "$1" http://198.51.100.129/) $(fetch "$1" 'http://[fd00:51::81]/')"
  podman restart --time 0 web >/dev/null
  reach "web, restarted," "$(attributes_of web "$1" IPAddress)" "[$(attributes_of web "$1" GlobalIPv6Address)]"
  podman network reload web >/dev/null
  reach "web, reloaded," "$(attributes_of web "$1" IPAddress)" "[$(attributes_of web "$1" GlobalIPv6Address)]"
  podman network disconnect "$1" web
  claim_equal "$1: network disconnect leaves nothing" "$before" "$(state | grep -v '^netns-')"
  leaves_nothing "$1"
}

# reach WORDS ADDRESS4 ADDRESS6: in both directions, and without NAT.
reach() {
  in_time "$1 serves" page outside "http://$2/"
  claim_equal "$1 from outside by IPv6" web "$(page outside "http://$3/")"
  claim_equal "the outside sees the address of $1" "[::ffff:$2]" \
    "$(podman exec web timeout 30 wget -qO- http://198.51.100.2/cgi-bin/client)"
  claim_equal "the outside sees the IPv6 address of $1" "$3" \
    "$(podman exec web timeout 30 wget -qO- 'http://[fd00:51::2]/cgi-bin/client')"
}

before=$(state)
podman network create --driver macvlan --opt parent=lan0 "${lan[@]}" lan >/dev/null
claim_equal "podman network inspect" "macvlan lan0 host-local" \
  "$(podman network inspect lan --format '{{.Driver}} {{.NetworkInterface}} {{.IPAMOptions.driver}}')"
use lan

# ---- requested addresses; keys of the driver ----

run -d --name fixed --network lan --ip 198.51.100.200 --ip6 fd00:51::c8 --mac-address 02:00:5e:00:53:01 "$image" \
  sleep 1000 >/dev/null
claim_equal "the requested addresses" "198.51.100.200 fd00:51::c8 02:00:5e:00:53:01" \
  "$(attributes_of fixed lan IPAddress GlobalIPv6Address MacAddress)"
claim_equal "the outside sees the requested address" "[::ffff:198.51.100.200]" \
  "$(podman exec fixed timeout 30 wget -qO- http://198.51.100.2/cgi-bin/client)"
leaves_nothing "a container with requested addresses"

podman network create --driver macvlan --opt parent=lan0 --opt mode=private --opt mtu=1300 "${lan[@]}" apart >/dev/null
claim_equal "Podman writes the options as keys" '["private",1300]' "$(plugin_of apart '[.mode, .mtu]')"
run -d --name web --hostname web --network apart "$image" sh -c "$serve 80" >/dev/null
reach web 198.51.100.129 '[fd00:51::81]'
claim_equal "the container has the network's MTU" 1300 "$(podman exec web cat /sys/class/net/eth0/mtu)"
seconds=3 claim_not "two containers of mode private do not reach each other" fetch apart http://198.51.100.129/
leaves_nothing "mode private"

podman network create --driver macvlan --internal --opt parent=lan0 --subnet 10.99.7.0/24 inner >/dev/null
run -d --name web --hostname web --network inner "$image" sh -c "$serve 80" >/dev/null
in_time "web serves another container" fetch inner http://10.99.7.2/
claim_equal "an internal network has no default route" "" "$(podman exec web ip route | grep default || true)"
leaves_nothing "an internal network"

podman network create --driver macvlan --subnet 10.99.8.0/24 --gateway 10.99.8.1 uplink >/dev/null
claim_equal "Podman writes an empty name without parent" '""' "$(plugin_of uplink .master)"
ip -n outside address add 10.99.8.1/24 dev eth0
claim_equal "the parent is the link of the default route" "[::ffff:10.99.8.2]" \
  "$(fetch uplink http://10.99.8.1/cgi-bin/client)"

# ---- a network that needs what is missing ----

podman network create --driver macvlan --opt parent=lan0 dynamic >/dev/null
claim_equal "without a subnet Podman asks for DHCP" '"dhcp"' "$(plugin_of dynamic .ipam.type)"
error=$(run --rm --network dynamic "$image" true 2>&1) && fail "a container ran without the plugin dhcp"
claim_contains "the missing plugin is named" 'failed to find plugin "dhcp" in path [/opt/cni/bin]' "$error"
leaves_nothing "the failed container"

# ---- ipvlan: Podman 4.3 has no "parent" for it ----

podman network create --driver ipvlan --opt mode=l2 "${lan[@]}" shared >/dev/null
claim_equal "podman network inspect of ipvlan" "ipvlan l2" \
  "$(podman network inspect shared --format '{{.Driver}}') $(plugin_of shared .mode | tr -d '"')"
if ip link add link lan0 name probe type ipvlan 2>/dev/null; then
  ip link delete probe
  use shared
  run -d --name web --network shared "$image" sleep 1000 >/dev/null
  claim_equal "a container has its parent's MAC address" "$(cat /sys/class/net/lan0/address)" \
    "$(attributes_of web shared MacAddress)"
  drivers="macvlan and ipvlan"
else
  error=$(run --rm --network shared "$image" true 2>&1) && fail "a container ran without ipvlan"
  claim_contains "the missing kernel feature is named" "ipvlan" "$error"
  drivers="macvlan (this kernel has no ipvlan)"
fi
leaves_nothing ipvlan

podman network rm lan apart inner uplink dynamic shared >/dev/null
claim_equal "no address is allocated" "" "$(find /var/lib/cni/networks -name '1*' -o -name 'fd*')"
echo "runtimes: podman $(version_of podman), networks of $drivers"
finish
