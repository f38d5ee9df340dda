#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which capabilities each plugin and verb needs: it works with exactly those, and without one of them says which is missing
# and leaves nothing behind. CAP_NET_ADMIN is for links, addresses, routes, sysctls and nftables, CAP_SYS_ADMIN to enter the
# container's namespace, CAP_SYS_PTRACE to look at a namespace by way of a process that has other capabilities than we.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv
private_host "$@"
store=$files/store
mkdir "$store"
new_netns c d
netns=/run/netns/c

ranges='[[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:9::/64"}]]'
attaching() {
  jq -cn --arg type "$1" --arg store "$store" --argjson ranges "$ranges" '{type: $type, cniVersion: "1.1.0", name: "n",
    bridge: "br-n", isGateway: true, ipMasq: true, macspoofchk: ($type == "bridge"),
    ipam: {type: "host-local", dataDir: $store, ranges: $ranges}}'
}
bridge=$(attaching bridge)
ptp=$(attaching ptp)
ports='[{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}, {"hostPort": 53, "containerPort": 53, "protocol": "udp"}]'
portmap=$(jq -cn --argjson ports "$ports" '{type: "portmap", cniVersion: "1.1.0", name: "n", runtimeConfig: {portMappings: $ports}}')
firewall='{"type":"firewall", "cniVersion": "1.1.0", "name": "n", "ingressPolicy": "same-bridge"}'
loopback='{"type":"loopback", "cniVersion": "1.1.0", "name": "n"}'

# only CAPABILITIES VERB CONFIGURATION: a call by root with these capabilities and no others ("+net_admin,+sys_admin", "").
only() {
  local all=-all${1:+,$1}
  as_user "setpriv --bounding-set $all --inh-caps $all" "$2" "$3"
}

# as_user COMMAND VERB CONFIGURATION
as_user() {
  [[ $3 =~ '"type":"'([a-z-]+) ]] || fail "no plugin in $3"
  # shellcheck disable=SC2086  # the command's words
  CNI_COMMAND=$2 CNI_CONTAINERID=c CNI_NETNS=$netns CNI_IFNAME=eth0 CNI_PATH=$bin \
    $1 "$bin/${BASH_REMATCH[1]}" <<<"$3"
}

after() { jq -c --argjson result "$2" '. + {prevResult: $result}' <<<"$1"; }
collecting() { jq -c '. + {"cni.dev/valid-attachments": []}' <<<"$1"; }

# refused WORDS MESSAGE CAPABILITIES VERB CONFIGURATION: the call fails with code 999 (STATUS: 50) and tells what is missing.
refused() {
  local answer code=999
  [ "$4" != STATUS ] || code=50
  answer=$(only "$3" "$4" "$5" 2>/dev/null) && fail "$1: succeeded"
  claim_equal "$1: the code" "$code" "$(jq .code <<<"$answer")"
  claim_contains "$1" "$2: Operation not permitted" "$(jq -r '.msg + " " + (.details // "")' <<<"$answer")"
}

both=+net_admin,+sys_admin
only "$both" ADD "$bridge" >"$files/first" # the tables and the bridge stay: what comes after is compared with them
only "$both" ADD "$(after "$portmap" "$(cat "$files/first")")" >/dev/null
only "$both" ADD "$(after "$firewall" "$(cat "$files/first")")" >/dev/null
only "$both" DEL "$firewall"
only "$both" DEL "$portmap"
only "$both" DEL "$bridge"

# state: with the store and the container's own side.
state() {
  host_state
  find "$store" -type f -name '[0-9f]*' | sort
  ip -n c -j address | jq -S '[.[] | {ifname, flags, addresses: [.addr_info[] | {local}]}]'
}
empty=$(state)

# ---- the two that are enough, for every plugin and verb ----
for config in "$bridge" "$ptp"; do
  type=$(jq -r .type <<<"$config")
  claim "$type's STATUS" only +net_admin STATUS "$config"
  result=$(only "$both" ADD "$config")
  claim "$type's CHECK" only "$both" CHECK "$(after "$config" "$result")"
  for chained in "$portmap" "$firewall"; do
    name=$(jq -r .type <<<"$chained")
    told=$(after "$chained" "$result")
    claim "$name's STATUS needs CAP_NET_ADMIN alone" only +net_admin STATUS "$chained"
    claim "$name's ADD, likewise" only +net_admin ADD "$told"
    claim "$name's CHECK, likewise" only +net_admin CHECK "$told"
    claim "$name's DEL, likewise" only +net_admin DEL "$told"
    claim "$name's GC, likewise" only +net_admin GC "$(collecting "$chained")"
  done
  claim "$type's DEL needs CAP_NET_ADMIN alone: all of it is done from the host's side" only +net_admin DEL "$config"
  claim "$type's GC, likewise" only +net_admin GC "$(collecting "$config")"
done
claim_equal "nothing is left" "$empty" "$(state)"
netns=/run/netns/d
claim_equal "loopback, too" lo "$(only "$both" ADD "$loopback" | jq -r '.interfaces[0].name')"
claim "loopback's DEL" only "$both" DEL "$loopback"
netns=/run/netns/c
for verb in STATUS ADD CHECK DEL; do
  claim "host-local's $verb needs none" only "" "$verb" "${bridge/bridge/host-local}"
done
claim "nor does GC" only "" GC "$(collecting "${bridge/bridge/host-local}")"
claim_equal "nothing is left of that, either" "$empty" "$(state)"

# ---- without CAP_SYS_ADMIN ----
for config in "$bridge" "$ptp" "$loopback"; do
  refused "$(jq -r .type <<<"$config") ADD without CAP_SYS_ADMIN" "enter network namespace $netns: needs root (CAP_SYS_ADMIN)" \
    +net_admin ADD "$config"
done
result=$(only "$both" ADD "$bridge")
refused "CHECK without CAP_SYS_ADMIN" "enter network namespace $netns: needs root (CAP_SYS_ADMIN)" +net_admin CHECK "$(after "$bridge" "$result")"

# ---- without CAP_NET_ADMIN ----
portmap_after=$(after "$portmap" "$result")
firewall_after=$(after "$firewall" "$result")
there=$(state)
refused "portmap ADD" "look up chain ip cni_hostport hostports: needs root (CAP_NET_ADMIN)" +sys_admin ADD "$portmap_after"
refused "firewall ADD" "read the nf_tables generation: needs root (CAP_NET_ADMIN)" +sys_admin ADD "$firewall_after"
for config in "$portmap_after" "$firewall_after"; do
  refused "$(jq -r .type <<<"$config") CHECK" "needs root (CAP_NET_ADMIN)" +sys_admin CHECK "$config"
  refused "$(jq -r .type <<<"$config") STATUS" "look up table inet footbridge: needs root (CAP_NET_ADMIN)" +sys_admin STATUS "$config"
done
refused "bridge STATUS" "look up table inet footbridge: needs root (CAP_NET_ADMIN)" +sys_admin STATUS "$bridge"
refused "bridge CHECK" "needs root (CAP_NET_ADMIN)" +sys_admin CHECK "$(after "$bridge" "$result")"
said=$(only +sys_admin DEL "$bridge") && fail "DEL without CAP_NET_ADMIN: succeeded"
for part in "look for nf_tables: read the nf_tables generation: needs root (CAP_NET_ADMIN)" \
  "delete the veth pair: delete link $(jq -r '.interfaces[1].name' <<<"$result"): needs root (CAP_NET_ADMIN): Operation not permitted"; do
  claim_contains "DEL without CAP_NET_ADMIN" "$part" "$(jq -r .msg <<<"$said")"
done
claim_equal "and none of them changed anything: nor is an address free that the container still uses" "$there" "$(state)"
claim "DEL with it" only "$both" DEL "$bridge"
claim_equal "leaves nothing" "$empty" "$(state)"
refused "bridge ADD" "needs root (CAP_NET_ADMIN)" +sys_admin ADD "$bridge"
refused "ptp ADD" "needs root (CAP_NET_ADMIN)" +sys_admin ADD "$ptp"
claim_equal "a failed ADD leaves nothing" "$empty" "$(state)"

# ---- a namespace by way of a process that has all capabilities ----
background unshare --net sleep 60
is_apart() { [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
wait_for "the process's namespace" is_apart
netns=/proc/$!/ns/net
said=$(only "$both" ADD "$bridge" 2>/dev/null) && fail "ADD to another's namespace: succeeded"
claim_contains "the namespace of a process with more capabilities" "failed to Statfs \"$netns\" without CAP_SYS_PTRACE: Permission denied" \
  "$(jq -r .msg <<<"$said")"
claim "with CAP_SYS_PTRACE it is to be had" only "$both,+sys_ptrace" ADD "$bridge"
claim "DEL does not need it" only +net_admin DEL "$bridge"
netns=/run/netns/c
claim_equal "and leaves nothing" "$empty" "$(state)"

# ---- another user than root, with ambient capabilities ----
caps=-all,$both
nobody="setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set $caps --inh-caps $caps --ambient-caps $caps"
said=$(as_user "$nobody" ADD "$bridge" 2>/dev/null) && fail "ADD with a foreign store: succeeded"
claim_contains "a store of another user's is named" "address store $store/n: " "$(jq -r .msg <<<"$said")"
claim_contains "and why it is none" "Permission denied" "$(jq -r .msg <<<"$said")"
claim_equal "nothing is left of that" "$empty" "$(state)"
chown -R 65534:65534 "$store"
result=$(as_user "$nobody" ADD "$bridge")
for config in "$portmap" "$firewall"; do
  claim "ADD by nobody" as_user "$nobody" ADD "$(after "$config" "$result")"
  claim "CHECK by nobody" as_user "$nobody" CHECK "$(after "$config" "$result")"
done
claim "CHECK by nobody of all" as_user "$nobody" CHECK "$(after "$bridge" "$result")"
for config in "$firewall" "$portmap" "$bridge"; do
  claim "DEL by nobody" as_user "$nobody" DEL "$config"
done
claim_equal "leaves nothing" "$empty" "$(state)"
claim "GC by nobody" as_user "$nobody" GC "$(collecting "$bridge")"
chown -R 0:0 "$store"

# ---- refused although the capability is there ----
refusing() { as_user "python3 -B $source_dir/tests/e2e/deny.py $1" ADD "$bridge" 2>/dev/null; }
claim_contains "a filter that refuses setns is not taken for a missing capability" "enter network namespace $netns: Operation not permitted" \
  "$(refusing setns)"
claim_contains "nor one that refuses netlink" "up: Operation not permitted" "$(refusing netlink)"
claim_equal "and nothing is left" "$empty" "$(state)"
well_done
