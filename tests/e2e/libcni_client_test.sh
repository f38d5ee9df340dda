#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each example in conf-examples through the real libcni, an old and the newest version: add, check, del, and nothing is
# left. libcni deletes what footbridge attached, and the reverse. libcni_gc_test.sh tests what only the newest version
# does.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv
private_host "$@"
# shellcheck source=tests/e2e/libcni/client.sh
. "$source_dir/tests/e2e/libcni/client.sh"

export PATH=$bin:$PATH CNI_PATH=$bin
examples=$source_dir/conf-examples

# libcni VERB FILE NETNS [OPTIONS]...: with the container id that `footbridge` uses.
libcni() {
  local verb=$1 file=$2 netns=$3
  shift 3
  "$client" "$verb" -conf "$examples/$file" -netns "/run/netns/$netns" -id "footbridge-$netns" "$@"
}

# first_attachment FILE NETNS [OPTIONS]...: ADD and DEL. After a network's first attachment, the bridge with its
# gateway, the tables' chains and the network's sets stay; the state after DEL is compared with the state after this
# first DEL.
first_attachment() {
  libcni add "$1" "$2" "${@:3}" >/dev/null || fail "$1: the first ADD failed"
  libcni del "$1" "$2" "${@:3}" || fail "$1: the first DEL failed"
}

# example FILE [CLIENT-OPTIONS]...: ADD, CHECK and DEL in namespace red; sets $result to the result of ADD.
example() {
  local file=$1 before options=("${@:2}")
  claim "$file: libcni finds each plugin, with a supported version" libcni validate "$file" red
  first_attachment "$file" red "${options[@]}"
  before=$(host_state)
  result=$(libcni add "$file" red "${options[@]}") || fail "$file: ADD failed"
  claim "$file: CHECK succeeds after ADD" libcni check "$file" red "${options[@]}"
  "check_$(basename "$file" | tr '.-' '__')"
  claim "$file: DEL succeeds" libcni del "$file" red "${options[@]}"
  claim_equal "$file: after DEL the host is as before ADD" "$before" "$(host_state)"
  claim "$file: a second DEL succeeds" libcni del "$file" red "${options[@]}"
  claim_equal "$file: a second DEL changes nothing" "$before" "$(host_state)"
  claim "$file: nothing of the container is left" holds_nothing_of footbridge-red
}

check_firewall_conflist() {
  claim_contains "firewall: iptables prints the rule for the container" \
    "-s $(inner_address red eth0 4)/32 -m comment --comment \"firewall-example/footbridge-red/eth0\" -j ACCEPT" \
    "$(iptables -S FORWARD)"
  claim_contains "firewall: the administrator's chain is called" "jump CNI-ADMIN" "$(nft list table inet footbridge)"
  claim "firewall: the container reaches a machine on the LAN although the host's policy is drop" \
    ip netns exec red ping -c 1 -w 10 198.51.100.2
}

check_bridge_conflist() {
  claim_equal "bridge: the result contains the requested address" 10.23.1.77/24 \
    "$(jq -r '.ips[0].address' <<<"$result")"
  claim_equal "bridge: the container has the address" 10.23.1.77 "$(inner_address red eth0 4)"
  claim_equal "bridge: the container has the requested MAC address" 0a:00:00:00:00:77 \
    "$(ip -n red -j link show dev eth0 | jq -r '.[0].address')"
  claim_equal "bridge: the default route leads to the bridge" 10.23.1.1 \
    "$(ip -n red -j route show default | jq -r '.[0].gateway')"
  claim_equal "bridge: the result lists bridge, host end and container end in this order" "fb-bridge0 eth0" \
    "$(jq -r '[.interfaces[0].name, .interfaces[2].name] | join(" ")' <<<"$result")"
  claim_equal "bridge: the host end is a port of the bridge" fb-bridge0 \
    "$(ip -j link show dev "$(jq -r '.interfaces[1].name' <<<"$result")" | jq -r '.[0].master')"
  claim_contains "bridge: the host end names its owner" bridge-example/footbridge-red/eth0 "$(ip -d link)"
  claim "bridge: the container reaches its gateway" ip netns exec red ping -c 1 -w 10 10.23.1.1
  claim "bridge: the container reaches a machine on the LAN" ip netns exec red ping -c 1 -w 10 198.51.100.2
}

check_dual_stack_conflist() {
  claim_equal "dual-stack: each attachment gets the next address of the range from .10" \
    "10.23.2.$((2 * round + 9))/24" \
    "$(jq -r '.ips[0].address' <<<"$result")"
  claim_equal "dual-stack: the result contains an address of each family" "4 6" \
    "$(jq -r '[.ips[].address | if contains(":") then "6" else "4" end] | join(" ")' <<<"$result")"
  claim_equal "dual-stack: the container's interface has the MTU" 1400 "$(ip -n red -j link show dev eth0 |
    jq -r '.[0].mtu')"
  claim_equal "dual-stack: the result contains DNS" 10.23.2.1 "$(jq -r '.dns.nameservers[0]' <<<"$result")"
  claim "dual-stack: the container reaches its IPv4 gateway" ip netns exec red ping -c 1 -w 10 10.23.2.1
  claim "dual-stack: the container reaches its IPv6 gateway" ip netns exec red ping -c 1 -w 10 fd00:23:2::1
}

check_l2_conflist() {
  claim_equal "l2: the result contains no addresses" 0 "$(jq '.ips | length' <<<"$result")"
  claim_equal "l2: the container end is up" UP "$(ip -n red -j link show dev eth0 |
    jq -r '.[0].flags | map(select(. == "UP"))[0]')"
  claim_equal "l2: the container has no IPv4 address" none "$(inner_address red eth0 4)"
  claim_equal "l2: the container has the requested MAC address" 0a:00:00:00:00:02 \
    "$(ip -n red -j link show dev eth0 | jq -r '.[0].address')"
}

check_port_mapping_conflist() {
  background ip netns exec red busybox httpd -f -p 80 -h "$files/www"
  wait_for "a web server in red" is_listening red 80
  claim_equal "port-mapping: a machine on the LAN reaches the published port" "this is red" \
    "$(ip netns exec outside timeout 10 busybox wget -qO- http://198.51.100.1:8080/ || true)"
  claim_equal "port-mapping: the host reaches it through localhost" "this is red" \
    "$(timeout 10 busybox wget -qO- http://127.0.0.1:8080/ || true)"
  claim_equal "port-mapping: the host reaches it through its own address" "this is red" \
    "$(timeout 10 busybox wget -qO- http://198.51.100.1:8080/ || true)"
  claim_equal "port-mapping: the container reaches itself through the host" "this is red" \
    "$(ip netns exec red timeout 10 busybox wget -qO- http://198.51.100.1:8080/ || true)"
  claim_equal "port-mapping: a port can be published at one address of the host" "this is red" \
    "$(ip netns exec outside timeout 10 busybox wget -qO- http://198.51.100.1:8081/ || true)"
  claim_not "port-mapping: it is not published at another address" timeout 5 busybox wget -qO- http://127.0.0.1:8081/
  end_process "${processes[-1]}"
}

check_static_conflist() {
  claim_equal "static: the result contains both addresses" "10.23.4.5/24 fd00:23:4::5/64" \
    "$(jq -r '[.ips[].address] | join(" ")' <<<"$result")"
  claim_equal "static: the container has the IPv4 address" 10.23.4.5 "$(inner_address red eth0 4)"
  claim_equal "static: the container has the IPv6 address" fd00:23:4::5 "$(inner_address red eth0 6)"
  claim_equal "static: the default route leads to the bridge" 10.23.4.1 \
    "$(ip -n red -j route show default | jq -r '.[0].gateway')"
  claim_equal "static: the result contains DNS" 10.23.4.1 "$(jq -r '.dns.nameservers[0]' <<<"$result")"
  claim "static: the container reaches its IPv4 gateway" ip netns exec red ping -c 1 -w 10 10.23.4.1
  claim "static: the container reaches its IPv6 gateway" ip netns exec red ping -c 1 -w 10 fd00:23:4::1
}

check_ptp_conflist() {
  local host_end
  host_end=$(jq -r '.interfaces[0].name' <<<"$result")
  claim_equal "ptp: the result lists host end and container end in this order, with the addresses on the second" \
    "eth0 1 1" "$(jq -r '[.interfaces[1].name, .ips[].interface] | join(" ")' <<<"$result")"
  claim_equal "ptp: the host has a route to the container's address" "$host_end" \
    "$(ip -j route show "$(inner_address red eth0 4)" | jq -r '.[0].dev')"
  claim_equal "ptp: no IPv6 address is tentative" "" "$(ip -n red -6 address show tentative)"
  claim "ptp: the container reaches its IPv4 gateway" ip netns exec red ping -c 1 -w 10 10.23.5.1
  claim "ptp: the container reaches its IPv6 gateway" ip netns exec red ping -c 1 -w 10 fd00:23:5::1
  claim "ptp: the container reaches a machine on the LAN" ip netns exec red ping -c 1 -w 10 198.51.100.2
  background ip netns exec red busybox httpd -f -p 80 -h "$files/www"
  wait_for "a web server in red" is_listening red 80
  claim_equal "ptp: a machine on the LAN reaches the published port" "this is red" \
    "$(ip netns exec outside timeout 10 busybox wget -qO- http://198.51.100.1:8080/ || true)"
  claim_equal "ptp: the host reaches it through localhost" "this is red" \
    "$(timeout 10 busybox wget -qO- http://127.0.0.1:8080/ || true)"
  end_process "${processes[-1]}"
}

check_tuning_conflist() {
  claim_equal "tuning: the interface has MTU, queue length and MAC address" "1400 500 0a:00:00:00:00:08" \
    "$(ip -n red -j link show dev eth0 | jq -r '.[0] | [.mtu, .txqlen, .address] | join(" ")')"
  claim_equal "tuning: the result contains the requested MAC address" 0a:00:00:00:00:08 \
    "$(jq -r '.interfaces[] | select(.name == "eth0") | .mac' <<<"$result")"
  claim_equal "tuning: the container has the sysctls" $'1024\n20000\t60000\n1' \
    "$(ip netns exec red cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/ip_local_port_range \
      /proc/sys/net/ipv4/conf/eth0/arp_filter)"
  claim_equal "tuning: the interface's old values are stored" footbridge-red_eth0.json "$(ls /run/cni/tuning)"
  claim "tuning: the container reaches its gateway with the new MAC address" ip netns exec red ping -c 1 -w 10 10.23.8.1
  claim "tuning: and a machine on the LAN" ip netns exec red ping -c 1 -w 10 198.51.100.2
}

check_host_device_conflist() {
  claim_equal "host-device: the container has the address" 10.23.14.2 "$(inner_address red eth0 4)"
  claim_not "host-device: the host has the device no longer" ip link show dev eth1
  claim "host-device: the container reaches its gateway" ip netns exec red ping -c 1 -w 10 10.23.14.1
}

check_tap_conflist() {
  claim_equal "tap: the link is persistent and has several queues" "true true" "$(ip -n red -j -d link show dev eth0 |
    jq -r '.[0].linkinfo.info_data | "\(.persist) \(.multi_queue)"')"
}

check_loopback_conf() {
  claim_equal "loopback: the result contains lo" lo "$(jq -r '.interfaces[0].name' <<<"$result")"
  claim_equal "loopback: the result contains its address" 127.0.0.1/8 "$(jq -r '.ips[0].address' <<<"$result")"
  claim "loopback: lo is up" ip netns exec red ping -c 1 -w 10 127.0.0.1
}

new_netns red
mkdir "$files/www"
echo "this is red" >"$files/www/index.html"

all_examples() {
  local file
  for file in "$examples"/*.*; do
    case ${file##*/} in
      bridge.conflist)
        example bridge.conflist -capabilities '{"ips": ["10.23.1.77"], "mac": "0a:00:00:00:00:77"}' \
          -args 'IgnoreUnknown=1;K8S_POD_NAME=red' ;;
      dual-stack.conflist) example dual-stack.conflist ;;
      firewall.conflist)
        iptables -P FORWARD DROP
        example firewall.conflist
        iptables -P FORWARD ACCEPT ;;
      l2.conflist) example l2.conflist -capabilities '{"mac": "0a:00:00:00:00:02"}' ;;
      port-mapping.conflist)
        example port-mapping.conflist -capabilities '{"portMappings": [
          {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
          {"hostPort": 8081, "containerPort": 80, "protocol": "tcp", "hostIP": "198.51.100.1"}]}' ;;
      ptp.conflist)
        example ptp.conflist -capabilities '{"portMappings": [
          {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}' ;;
      static.conflist) example static.conflist ;;
      tuning.conflist)
        example tuning.conflist -capabilities '{"mac": "0a:00:00:00:00:08"}'
        claim_equal "tuning: DEL deletes the old values" "" "$(ls /run/cni/tuning)" ;;
      host-device.conflist)
        ip link add eth1 type veth peer name lan1 netns outside
        ip link set eth1 addrgenmode none up
        ip -n outside address add 10.23.14.1/24 dev lan1
        ip -n outside link set lan1 up
        example host-device.conflist
        ip link delete eth1 ;;
      tap.conflist) example tap.conflist ;;
      loopback.conf) example loopback.conf -ifname lo ;;
      dummy.conflist | *vlan*.conflist) ;;  # tests/kernels attaches these: this machine's kernel may lack their links
      *) fail "no test reads conf-examples/${file##*/}: add it here" ;;
    esac
  done
}

# two_clients: libcni and footbridge share an attachment.
two_clients() {
  local capabilities='{"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}'
  local before
  before=$(host_state)
  libcni add port-mapping.conflist red -capabilities "$capabilities" >/dev/null || fail "ADD by libcni failed"
  claim "footbridge checks what libcni attached" footbridge check --conf "$examples" port-mapping-example red
  claim "footbridge detaches what libcni attached" footbridge del --conf "$examples" port-mapping-example red
  claim_equal "nothing is left, not even the port, which was only in the cache" "$before" "$(host_state)"

  claim "footbridge attaches" footbridge add --conf "$examples" --port 8080:80 port-mapping-example red
  claim "libcni checks what footbridge attached" libcni check port-mapping.conflist red -capabilities "$capabilities"
  claim "libcni detaches what footbridge attached" libcni del port-mapping.conflist red -capabilities "$capabilities"
  claim_equal "nothing is left" "$before" "$(host_state)"
}

# chosen_version: the cniVersion that libcni uses of a configuration that `footbridge install` wrote from a template of
# 1.1.0.
chosen_version() {
  sed 's/"1.0.0"/"1.1.0"/' "$examples/l2.conflist" >"$files/l2.conflist"
  footbridge install --config "$files/l2.conflist" --config-dest "$files/net.d" >/dev/null
  "$client" add -conf "$files/net.d/l2.conflist" -netns /run/netns/red -id red | jq -r .cniVersion
  "$client" del -conf "$files/net.d/l2.conflist" -netns /run/netns/red -id red
}

mkdir "$files/net.d"
declare -A newest=([1.1.2]=1.0.0 [1.3]=1.1.0)
round=0
for libcni in 1.1.2 1.3; do
  if ! build_client "$libcni"; then
    printf 'SKIP: %s\n' "$why"
    continue
  fi
  round=$((round + 1))
  all_examples
  two_clients
  claim_equal "libcni $libcni uses the newest version that it supports" "${newest[$libcni]}" "$(chosen_version)"
  echo "libcni $libcni: done"
done
[ "$round" -gt 0 ] || exit 77
finish
