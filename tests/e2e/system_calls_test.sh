#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The system calls of a call: few, and as many with 500 attachments in the store and the tables as with 10.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
if LC_ALL=C readelf -Wl "$bin/footbridge" | grep INTERP >/dev/null; then
  skip "a build with shared libraries (debug): its loader's calls are not ours"
fi

store=/var/lib/cni/networks/n
bridge_config='{"cniVersion":"1.0.0","name":"n","type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,
  "ipam":{"type":"host-local","subnet":"10.1.0.0/16","routes":[{"dst":"0.0.0.0/0"}]}}'
portmap_config='{"cniVersion":"1.0.0","name":"n","type":"portmap",
  "runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}}'

# call PLUGIN VERB ID CONFIG: under strace if $trace is set.
call() {
  local tracer=()
  [ -z "${trace:-}" ] || tracer=(strace -f -qq -o "$trace")
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=${netns-/run/netns/$3} CNI_IFNAME=eth0 CNI_PATH=$bin "${tracer[@]}" \
    "$bin/$1" <<<"$4"
}

# counted PLUGIN VERB ID CONFIG: the number of system calls of the plugin's process, without detached children
# (lib/os/detached.h), for which the caller does not wait. Its stdout goes to $files/out.
counted() {
  trace=$files/trace call "$@" >"$files/out" || fail "$* failed: $(cat "$files/out")"
  local pid
  pid=$(head -n 1 "$files/trace" | cut -d ' ' -f 1)
  grep -c "^$pid .*(" "$files/trace"
}

with_result() { jq -c --argjson previous "$2" '.prevResult = $previous' <<<"$1"; }

# fill FIRST LAST: creates the elements and files of existing attachments.
fill() {
  local i batch=
  for ((i = $1; i <= $2; i++)); do
    local address=10.1.$((100 + i / 200)).$((i % 200 + 1)) owner
    printf -v owner 'veth%011x' "$i"
    batch+="add element inet footbridge masq4 { $address comment \"n/f$i/eth0\" }
add element inet footbridge owners4 { \"$owner\" . 0x0 comment \"n/f$i/eth0\" : $address }
add element inet footbridge snat4 { $address comment \"n/f$i/eth0\" }
add element inet footbridge publishers { \"$owner\" comment \"n/f$i/eth0\" : 0x80000001 }
add element inet footbridge hostport4 { tcp . $((20000 + i)) comment \"n/f$i/eth0\" : $address . 80 }
"
    printf 'f%s\r\neth0' "$i" >"$store/$address"
  done
  nft -f - <<<"$batch"
}

# measure: the calls of one attachment; prints a line with the number of system calls for each.
measure() {
  local result
  new_netns red
  echo "bridge ADD $(counted bridge ADD red "$bridge_config")"
  result=$(cat "$files/out")
  echo "portmap ADD $(counted portmap ADD red "$(with_result "$portmap_config" "$result")")"
  echo "bridge CHECK $(counted bridge CHECK red "$(with_result "$bridge_config" "$result")")"
  echo "portmap DEL $(counted portmap DEL red "$(with_result "$portmap_config" "$result")")"
  echo "bridge DEL $(counted bridge DEL red "$(with_result "$bridge_config" "$result")")"
  echo "portmap DEL again $(netns='' counted portmap DEL red "$portmap_config")"
  echo "bridge DEL again $(netns='' counted bridge DEL red "$bridge_config")"
  ip netns delete red
}

# least: the smallest number of three attachments for each call. A first attachment builds the store's index after
# fill().
least() {
  local runs
  measure >/dev/null
  runs=$(measure && measure && measure)
  sort -k 1,3 <<<"$runs" | awk '{ calls = $NF; $NF = ""; if (!($0 in least) || calls < least[$0]) least[$0] = calls }
    END { for (what in least) print what least[what] }' | sort
}

# walks RANGE PREVRESULT [COMMAND]: how often ADD lists the conntrack table for that many UDP ports.
walks() {
  local config
  config=$(jq -c --argjson range "$1" \
    '.runtimeConfig.portMappings[0] += {range: $range, protocol: "udp"}' <<<"$portmap_config")
  CNI_COMMAND=ADD CNI_CONTAINERID=red CNI_NETNS=/run/netns/red CNI_IFNAME=eth0 CNI_PATH=$bin "${@:3}" \
    strace -qq -o "$files/trace" "$bin/portmap" <<<"$(with_result "$config" "$2")" >/dev/null
  grep -c 'IPCTNL_MSG_CT_GET, .*NLM_F_DUMP' "$files/trace" || true
}

new_netns first
call bridge ADD first "$bridge_config" >/dev/null # the bridge, the table, the store
fill 1 10
few=$(least)
fill 11 500
many=$(least)

# The kernel reports a deleted link in a varying number of messages, and a call may wait for it: hence the smallest
# number.
while read -r -u 3 what_few && read -r -u 4 what_many; do
  what=${what_few% *} few_calls=${what_few##* } many_calls=${what_many##* }
  echo "system calls: $what: $few_calls with 10 attachments, $many_calls with 500"
  claim "$what makes as many system calls with 500 attachments" test "$many_calls" -le $((few_calls + 12))
  claim "$what makes few system calls" test "$few_calls" -le 200
done 3<<<"$few" 4<<<"$many"
claim_equal "all calls were counted" 7 "$(wc -l <<<"$many")"

new_netns red
new_netns quiet
ipv4=$(call bridge ADD red "$bridge_config")
both=$(jq -c '.ips += [{"interface": 2, "address": "fd00::2/64"}]' <<<"$ipv4")
echo x >/dev/udp/198.51.100.2/9
claim "a UDP port costs at most one listing of connections" test "$(walks 1 "$both")" -le 1
claim_equal "many UDP ports cost one listing" 1 "$(walks 40 "$ipv4")"
claim_equal "so do many ports of a dual-stack container" 1 "$(walks 40 "$both")"
claim_equal "they cost none in a namespace without connections" 0 "$(walks 40 "$both" ip netns exec quiet)"
finish
