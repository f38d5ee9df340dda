#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rootless Podman: it calls the plugins as root of a user namespace, in a network namespace that slirp4netns connects to
# the host, with its own /run and /var/lib/cni.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/e2e/runtimes/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/e2e/runtimes/podman.sh
. "$(dirname "${BASH_SOURCE[0]}")/podman.sh"

need_packages busybox-static
runtime_host "$@"
[ -x /usr/bin/slirp4netns ] || skip "needs slirp4netns, which ./run test fetches from Debian"
[ -c /dev/net/tun ] || skip "needs /dev/net/tun"
start_rootless_podman

podman() {
  as_user podman "$@"
}

# in_rootless_netns COMMAND...: runs it in the namespace in which Podman calls the plugins.
in_rootless_netns() {
  as_user podman unshare --rootless-netns "$@" 2>/dev/null
}

fetch() {
  podman run --rm --network blue "$image" sh -c "timeout $seconds wget -qO- '$1' || exit 1"
}

# The network's state: links with their addresses, our table, the files of the store. tap0 belongs to slirp4netns and
# gets an address when a router advertisement arrives, also while IPv6 is forwarded.
state() {
  in_rootless_netns sh -ec \
    'ip -brief address | grep -v ^tap0; nft --stateless list table inet footbridge; find /var/lib/cni -type f | sort'
}

host_before=$(host_state)
podman network create --subnet 10.99.1.0/24 --ipv6 --subnet fd00:99:1::/64 blue >/dev/null
claim_contains "Podman accepts the results of VERSION, and lists the network" blue \
  "$(podman network ls --format '{{.Name}}')"
podman run -d --name keeper --network blue "$image" sleep 1000 >/dev/null
podman run --rm --network blue -p 127.0.0.1:8443:80 "$image" true  # the bridge's route_localnet stays from now on
serve_outside
before=$(state)
claim_contains "Podman called the plugins in that namespace" "bridge" "$(in_rootless_netns ip -details link show)"

for round in first second; do
  podman run -d --name web --hostname web --network blue -p 8080:80 -p 127.0.0.1:8443:80 -p '[::]:8081:80' \
    -p 5353:53/udp "$image" \
    sh -c "inside udp-echo 53 & $serve 80" >/dev/null
  in_time "web serves" page http://127.0.0.1:8080/
  address=$(podman inspect web | jq -r '.[0].NetworkSettings.Networks.blue.IPAddress')
  address6=$(podman inspect web | jq -r '.[0].NetworkSettings.Networks.blue.GlobalIPv6Address')
  claim_equal "the published port from outside" web "$(page outside http://198.51.100.1:8080/)"
  claim_equal "the published port from outside, by IPv6" web "$(page outside 'http://[fd00:51::1]:8081/')"
  in_time "a reply by UDP" is_echoed outside 198.51.100.1 5353
  claim_equal "the published port on localhost" web "$(page http://127.0.0.1:8443/)"
  claim_equal "another container, by the address" web "$(fetch "http://$address/")"
  claim_equal "another container, by the IPv6 address" web "$(fetch "http://[$address6]/")"
  claim_equal "the outside sees the host's address" "[::ffff:198.51.100.1]" \
    "$(fetch http://198.51.100.2/cgi-bin/client)"
  claim_contains "footbridge show lists the port in that namespace" "8080" \
    "$(in_rootless_netns /opt/cni/bin/footbridge show)"
  podman restart --time 0 web >/dev/null
  in_time "web serves again" page http://127.0.0.1:8080/
  podman rm --force --time 0 web >/dev/null
  seconds=3 claim_not "the port is not reached after podman rm" page outside http://198.51.100.1:8080/
  claim_equal "the $round round leaves nothing" "$before" "$(state)"
done

# ---- a port and two networks ----

podman network create --subnet 10.99.5.0/24 --ipv6 --subnet fd00:99:5::/64 green >/dev/null
podman run -d --name both --hostname both --network blue,green -p 8080:80 "$image" sh -c "$serve 80" >/dev/null
in_time "both serves" page http://127.0.0.1:8080/
claim_equal "on two networks" both "$(page outside http://198.51.100.1:8080/)"
podman network disconnect blue both
claim_equal "without the first network" both "$(page outside http://198.51.100.1:8080/)"
podman network connect blue both
podman network disconnect green both
claim_equal "without the second" both "$(page outside http://198.51.100.1:8080/)"

podman rm --all --force --time 0 >/dev/null
claim_equal "the host has not changed" "$host_before" "$(host_state)"

echo "runtimes: podman $(version_of podman) rootless, slirp4netns $(version_of \
  slirp4netns): containers, ports, restart," \
  "twice; two networks"
finish
