#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Podman with its CNI backend: it writes networks (bridge, portmap, firewall, tuning), publishes ports of containers and
# pods, attaches containers repeatedly, and leaves nothing.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/e2e/runtimes/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/e2e/runtimes/podman.sh
. "$(dirname "${BASH_SOURCE[0]}")/podman.sh"

need_packages busybox-static
runtime_host "$@"
start_podman

run() {
  podman run --cgroup-parent "$group" "$@"
}

# address_of CONTAINER 4|6 [NETWORK]
address_of() {
  local key=IPAddress
  [ "$2" = 4 ] || key=GlobalIPv6Address
  podman inspect "$1" | jq -r ".[0].NetworkSettings.Networks[\"${3:-blue}\"].$key"
}

networks() {
  podman network ls --format '{{.Name}}' | sort | tr '\n' ' '
}

# ---- a network that Podman writes ----

podman network create --subnet 10.99.1.0/24 --ipv6 --subnet fd00:99:1::/64 blue >/dev/null
claim_equal "Podman's network has four of our plugins" "bridge portmap firewall tuning" \
  "$(jq -r '[.plugins[].type] | join(" ")' /etc/cni/net.d/blue.conflist)"
claim_equal "Podman accepts the results of VERSION, and lists the network" "blue podman " "$(networks)"

# ---- a container and its ports ----

attach_and_use() {
  run -d --name web --hostname web --network blue -p 8080:80 -p 127.0.0.1:8443:80 -p '[::]:8081:80' "$image" sh \
    -c "$serve 80" >/dev/null
  in_time "web serves" page http://127.0.0.1:8080/
  claim_equal "the container has an address of each family" "10.99.1. fd00:99:1::" \
    "$(address_of web 4 | grep -o '^10.99.1.') $(address_of web 6 | grep -o '^fd00:99:1::')"
  claim_equal "the published port from outside" web "$(page outside http://198.51.100.1:8080/)"
  claim_equal "the published port from outside, by IPv6" web "$(page outside 'http://[fd00:51::1]:8081/')"
  claim_equal "the published port on localhost" web "$(page http://127.0.0.1:8443/)"
  seconds=3 claim_not "a port published on 127.0.0.1 is not reached from outside" page outside http://198.51.100.1:8443/
  claim_equal "another container, by the address" web "$(fetch blue "http://$(address_of web 4)/")"
  claim_equal "another container, by the published port" web "$(fetch blue http://198.51.100.1:8080/)"
  claim_equal "the outside sees the host's address" "[::ffff:198.51.100.1]" \
    "$(fetch blue http://198.51.100.2/cgi-bin/client)"
  claim_equal "the container itself, by its published port" web \
    "$(podman exec web timeout 30 wget -qO- http://198.51.100.1:8080/)"
}

# fetch NETWORK URL: from a new container. In a shell, because the first process of a container ignores timeout's
# signal.
fetch() {
  run --rm --network "$1" "$image" sh -c "timeout $seconds wget -qO- '$2' || exit 1"
}

attach_again() {
  podman restart --time 0 web >/dev/null
  in_time "web serves again" page http://127.0.0.1:8080/
  claim_equal "after a restart" web "$(page outside http://198.51.100.1:8080/)"
  podman network reload web >/dev/null
  claim_equal "after network reload" web "$(page outside http://198.51.100.1:8080/)"
  podman network disconnect blue web
  seconds=3 claim_not "the port is not reached after network disconnect" page outside http://198.51.100.1:8080/
  claim_equal "network disconnect releases the address" "" \
    "$(find /var/lib/cni/networks/blue -name '1*' -o -name 'fd*')"
  podman network connect blue web
  claim_equal "after network connect" web "$(page outside http://198.51.100.1:8080/)"
  podman rm --force --time 0 web >/dev/null
}

# ---- requested addresses ----

request_addresses() {
  run -d --name fixed --network blue --ip 10.99.1.77 --mac-address 02:00:5e:00:53:01 "$image" sleep 1000 >/dev/null
  claim_equal "the container has the requested address" 10.99.1.77 "$(address_of fixed 4)"
  claim_contains "the container has the requested MAC address" 02:00:5e:00:53:01 \
    "$(podman exec fixed cat /sys/class/net/eth0/address)"
  local error
  error=$(run --rm --network blue --ip 10.99.1.77 "$image" true 2>&1) && fail "an address was allocated twice"
  claim_contains "a second request for the address fails with the reason" 10.99.1.77 "$error"
  podman rm --force --time 0 fixed >/dev/null
}

# ---- a pod ----

use_a_pod() {
  podman pod create --name shop --hostname shop --network blue -p 8080:80 -p 5353:53/udp --share net,ipc,uts \
    --cgroup-parent "$group" --infra-image localhost/pause:1 --infra-command '/pause pause' >/dev/null
  podman run -d --pod shop --name front "$image" sh -c "$serve 80" >/dev/null
  podman run -d --pod shop --name back "$image" inside udp-echo 53 >/dev/null
  in_time "front serves" podman exec back timeout 30 wget -qO- http://127.0.0.1/
  claim_equal "two containers of a pod communicate over localhost" shop \
    "$(podman exec back timeout 30 wget -qO- http://127.0.0.1/)"
  claim_equal "they have the same host name" "shop shop" "$(podman exec front hostname) $(podman exec back hostname)"
  claim_contains "they are in a network namespace" "net:[" "$(podman exec back readlink /proc/self/ns/net)"
  claim_equal "in the same one" "$(podman exec front readlink /proc/self/ns/net)" \
    "$(podman exec back readlink /proc/self/ns/net)"
  podman exec front inside shm-write 7 "from the front"
  claim_equal "one can read the other's shared memory" "from the front" "$(podman exec back inside shm-read 7)"
  claim_equal "the pod's published port from outside" shop "$(page outside http://198.51.100.1:8080/)"
  in_time "a reply from the pod's UDP port" is_echoed outside 198.51.100.1 5353
  podman pod stop --time 0 shop >/dev/null
  seconds=3 claim_not "the port is not reached after the pod was stopped" page outside http://198.51.100.1:8080/
  podman pod rm shop >/dev/null
}

# ---- a port and two networks ----

# served_as NAME WHEN
served_as() {
  claim_equal "$2: from outside" "$1" "$(page outside http://198.51.100.1:8080/)"
  claim_equal "$2: from outside by IPv6" "$1" "$(page outside 'http://[fd00:51::1]:8080/')"
  claim_equal "$2: on localhost" "$1" "$(page http://127.0.0.1:8080/)"
}

use_two_networks() {
  run -d --name both --hostname both --network blue,green -p 8080:80 "$image" sh -c "$serve 80" >/dev/null
  in_time "both serves" page http://127.0.0.1:8080/
  served_as both "on two networks from the start"
  podman network disconnect blue both
  served_as both "without the first network"
  podman network connect blue both
  podman network disconnect green both
  served_as both "with the first network again, without the second"
  podman rm --force --time 0 both >/dev/null
  run -d --name late --hostname late --network blue -p 8080:80 "$image" sh -c "$serve 80" >/dev/null
  podman network connect green late
  in_time "late serves" page http://127.0.0.1:8080/
  served_as late "connected to a second network"
  podman network disconnect blue late
  served_as late "disconnected from the first"
  podman rm --force --time 0 late >/dev/null
}

# ---- many ----

many_at_once() {
  local i pid started=()
  for i in $(seq 10); do
    run -d --name "many$i" --network blue -p "$((9100 + i)):80" "$image" sleep 1000 >/dev/null &
    started+=($!)
  done
  for pid in "${started[@]}"; do
    wait "$pid" || fail "one of ten containers failed with exit code $?"
  done
  claim_equal "ten containers started at once have different addresses" 10 \
    "$(for i in $(seq 10); do address_of "many$i" 4; done | grep '^10\.99\.1\.' | sort -u | wc -l)"
  podman rm --all --force --time 0 >/dev/null
}

# Without cgroups: some of Podman's stay if versions 1 and 2 are mixed.
state() {
  host_state
  ip netns list | sort
}

nothing_is_left() {
  claim_equal "$1 leaves nothing" "$before" "$(state)"
  claim_equal "$1 leaves no stored attributes" "" "$(find /run/cni -type f 2>/dev/null)"
}

# The bridge, its sysctl route_localnet and our empty tables stay from the first container on (docs/differences.md,
# "Limits").
podman network create --subnet 10.99.5.0/24 --ipv6 --subnet fd00:99:5::/64 green >/dev/null
run --rm --network blue,green -p 127.0.0.1:8443:80 "$image" true
serve_outside
before=$(state)
for round in first second; do
  attach_and_use
  attach_again
  request_addresses
  use_a_pod
  use_two_networks
  many_at_once
  nothing_is_left "the $round round"
done

# ---- an internal network, an isolated one ----

podman network create --internal --subnet 10.99.2.0/24 inner >/dev/null
podman network create --subnet 10.99.3.0/24 --opt isolate=true --opt mtu=1300 alone >/dev/null
podman network create --subnet 10.99.4.0/24 --opt isolate=true apart >/dev/null
claim_equal "Podman lists all networks" "alone apart blue green inner podman " "$(networks)"
run -d --name cellar --hostname cellar --network inner "$image" sh -c "$serve 80" >/dev/null
cellar=$(address_of cellar 4 inner)
podman exec cellar sh -c 'until wget -qO- http://127.0.0.1/; do sleep 0.1; done' >/dev/null
claim_equal "containers of an internal network reach each other" cellar "$(fetch inner "http://$cellar/")"
seconds=3 claim_not "an internal network does not reach the outside" fetch inner http://198.51.100.2/cgi-bin/client
run -d --name island --hostname island --network alone "$image" sh -c "$serve 80" >/dev/null
claim_equal "the container has the network's MTU" 1300 "$(podman exec island cat /sys/class/net/eth0/mtu)"
island=$(address_of island 4 alone)
in_time "island serves" page "http://$island/"
claim_equal "containers of an isolated network reach each other" island "$(fetch alone "http://$island/")"
claim_equal "another isolated network reaches the outside" "[::ffff:198.51.100.1]" \
  "$(fetch apart http://198.51.100.2/cgi-bin/client)"
seconds=3 claim_not "but not this network" fetch apart "http://$island/"
podman rm --all --force --time 0 >/dev/null
podman network rm blue green inner alone apart >/dev/null
claim_equal "no address is allocated" "" "$(find /var/lib/cni/networks -name '10.*' -o -name 'fd*')"

echo "runtimes: podman $(version_of podman), runc $(version_of \
  runc): containers, a pod, ports, two networks, restart," \
  "reload, ten at once, twice"
finish
