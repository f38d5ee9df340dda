#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `ctr run --cni`, containerd's own client of CNI: it reads /etc/cni/net.d and calls the plugins in /opt/cni/bin. It
# calls DEL with an empty CNI_NETNS.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/e2e/runtimes/host.sh
. "$source_dir/tests/e2e/runtimes/host.sh"
# shellcheck source=tests/e2e/runtimes/containerd.sh
. "$source_dir/tests/e2e/runtimes/containerd.sh"

need_packages busybox-static
runtime_host "$@"

# start NAME: starts a container with a web server whose page has its name. ctr runs in the foreground of a background
# process, because only then it calls DEL. $! is that process.
start() {
  background "$containerd/ctr" -a "$socket" -n k8s.io run --rm --cni --cgroup "$group/$1" localhost/busybox:1 "$1" \
    sh -c "echo this is $1 >/www/index.html; exec httpd -f -p 80 -h /www" >"$files/$1.log" 2>&1
  in_time "$1 serves" ctr task exec --exec-id here "$1" wget -qO- http://127.0.0.1/
}

inside() {
  ctr task exec --exec-id "e$((++execs))-$RANDOM" "$@"
}

end() {
  ctr task kill -s KILL "$1" || fail "cannot kill $1: $(cat "$files/$1.log")"
  wait "$2" || true
}

address() {
  inside "$1" ip -"$2" -o address show dev eth0 scope global | awk '{ sub("/.*", "", $4); print $4 }'
}

fetch() {
  inside "$1" timeout 30 wget -qO- "$2" || true
}

check_addresses() {
  red4=$(address red 4) red6=$(address red 6) blue4=$(address blue 4)
  claim_contains "the container has an IPv4 address of the subnet" 10.88.0. "$red4"
  claim_contains "the container has an IPv6 address of the subnet" fd00:88:: "$red6"
  claim "two containers have different addresses" test "$red4" != "$blue4"
  claim_contains "the default route leads to the gateway" "default via 10.88.0.1 dev eth0" "$(inside red ip route)"
  claim_contains "so does the IPv6 default route" "default via fd00:88::1 dev eth0" "$(inside red ip -6 route)"
}

check_connections() {
  claim "the container reaches its gateway" inside red ping -c 1 -W 30 10.88.0.1
  claim "the container reaches its IPv6 gateway" inside red ping -6 -c 1 -W 30 fd00:88::1
  claim_equal "the container reaches another container" "this is blue" "$(fetch red "http://$blue4/")"
  claim_equal "the other container reaches it by IPv6" "this is red" "$(fetch blue "http://[$red6]/")"
  claim_equal "the host reaches the container" "this is red" "$(timeout 30 busybox wget -qO- "http://$red4/" || true)"
  claim_equal "the outside sees the host's address" "198.51.100.1" \
    "$(fetch red http://198.51.100.2/cgi-bin/client | sed 's/::ffff://; s/[][]//g')"
  claim_equal "also by IPv6" "fd00:51::1" "$(fetch red 'http://[fd00:51::2]/cgi-bin/client' | tr -d '[]')"
}

# two_containers: start, use and delete two containers.
two_containers() {
  local red blue
  start red && red=$!
  start blue && blue=$!
  check_addresses
  check_connections
  end red "$red"
  claim "DEL of one container leaves nothing" holds_nothing_of k8s.io-red "$red4" "$red6"
  claim_equal "the other container still works" "this is blue" "$(timeout 30 busybox wget -qO- "http://$blue4/" ||
    true)"
  end blue "$blue"
}

execs=0
serve_outside
find_containerd 1 || skip "$why"
start_containerd
write_network 1.0.0 >/etc/cni/net.d/10-pods.conflist
start first && end first "$!"
before=$(host_state)
two_containers
claim_equal "after the last DEL, the host is as before" "$before" "$(host_state)"
claim_equal "no cgroup of a container is left" "" "$(container_groups)"
echo "runtimes: containerd $version (ctr), runc $(version_of runc): two containers, both families," \
  "each other and the outside; nothing left"
finish
