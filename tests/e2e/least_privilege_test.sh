#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The capabilities that each plugin and verb needs: exactly those are sufficient. Without one of them, the error names
# it and nothing is left behind. CAP_NET_ADMIN is for links, addresses, routes, sysctls and nftables; CAP_SYS_ADMIN to
# enter the container's namespace; CAP_SYS_PTRACE to open the namespace of a process with more capabilities.
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
ports='[{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}, {"hostPort": 53, "containerPort": 53,
  "protocol": "udp"}]'
portmap=$(jq -cn --argjson ports "$ports" \
  '{type: "portmap", cniVersion: "1.1.0", name: "n", runtimeConfig: {portMappings: $ports}}')
firewall='{"type":"firewall", "cniVersion": "1.1.0", "name": "n", "ingressPolicy": "same-bridge"}'
loopback='{"type":"loopback", "cniVersion": "1.1.0", "name": "n"}'

# only CAPABILITIES VERB CONFIGURATION: a call by root with only these capabilities ("+net_admin,+sys_admin", "").
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

# rejected WORDS MESSAGE CAPABILITIES VERB CONFIGURATION: the call fails with code 999 (STATUS: 50) and this message.
rejected() {
  local output code=999
  [ "$4" != STATUS ] || code=50
  output=$(only "$3" "$4" "$5" 2>/dev/null) && fail "$1: succeeded"
  claim_equal "$1: the code" "$code" "$(jq .code <<<"$output")"
  claim_contains "$1" "$2: Operation not permitted" "$(jq -r '.msg + " " + (.details // "")' <<<"$output")"
}

both=+net_admin,+sys_admin
only "$both" ADD "$bridge" >"$files/first" # tables and bridge stay, and are part of the state to compare with
only "$both" ADD "$(after "$portmap" "$(cat "$files/first")")" >/dev/null
only "$both" ADD "$(after "$firewall" "$(cat "$files/first")")" >/dev/null
only "$both" DEL "$firewall"
only "$both" DEL "$portmap"
only "$both" DEL "$bridge"

# state: of the host, the store and the container.
state() {
  host_state
  find "$store" -type f -name '[0-9f]*' | sort
  ip -n c -j address | jq -S '[.[] | {ifname, flags, addresses: [.addr_info[] | {local}]}]'
}
empty=$(state)

# ---- the two that are sufficient for each plugin and verb ----
for config in "$bridge" "$ptp"; do
  type=$(jq -r .type <<<"$config")
  claim "$type's STATUS" only +net_admin STATUS "$config"
  result=$(only "$both" ADD "$config")
  claim "$type's CHECK" only "$both" CHECK "$(after "$config" "$result")"
  for chained in "$portmap" "$firewall"; do
    name=$(jq -r .type <<<"$chained")
    with_result=$(after "$chained" "$result")
    claim "$name's STATUS needs only CAP_NET_ADMIN" only +net_admin STATUS "$chained"
    claim "$name's ADD needs only CAP_NET_ADMIN" only +net_admin ADD "$with_result"
    claim "$name's CHECK needs only CAP_NET_ADMIN" only +net_admin CHECK "$with_result"
    claim "$name's DEL needs only CAP_NET_ADMIN" only +net_admin DEL "$with_result"
    claim "$name's GC needs only CAP_NET_ADMIN" only +net_admin GC "$(collecting "$chained")"
  done
  claim "$type's DEL needs only CAP_NET_ADMIN, because it works from the host's side" only +net_admin DEL "$config"
  claim "$type's GC needs only CAP_NET_ADMIN" only +net_admin GC "$(collecting "$config")"
done
claim_equal "nothing is left" "$empty" "$(state)"
netns=/run/netns/d
claim_equal "loopback's ADD" lo "$(only "$both" ADD "$loopback" | jq -r '.interfaces[0].name')"
claim "loopback's DEL" only "$both" DEL "$loopback"
netns=/run/netns/c
for verb in STATUS ADD CHECK DEL; do
  claim "host-local's $verb needs none" only "" "$verb" "${bridge/bridge/host-local}"
done
claim "host-local's GC needs none" only "" GC "$(collecting "${bridge/bridge/host-local}")"
claim_equal "nothing is left" "$empty" "$(state)"

# ---- without CAP_SYS_ADMIN ----
for config in "$bridge" "$ptp" "$loopback"; do
  rejected "$(jq -r .type <<<"$config") ADD without CAP_SYS_ADMIN" \
    "enter network namespace $netns: needs root (CAP_SYS_ADMIN)" \
    +net_admin ADD "$config"
done
result=$(only "$both" ADD "$bridge")
rejected "CHECK without CAP_SYS_ADMIN" "enter network namespace $netns: needs root (CAP_SYS_ADMIN)" +net_admin CHECK \
  "$(after "$bridge" "$result")"

# ---- without CAP_NET_ADMIN ----
portmap_after=$(after "$portmap" "$result")
firewall_after=$(after "$firewall" "$result")
attached=$(state)
rejected "portmap ADD" "look up chain ip cni_hostport hostports: needs root (CAP_NET_ADMIN)" +sys_admin ADD \
  "$portmap_after"
rejected "firewall ADD" "read the nf_tables generation: needs root (CAP_NET_ADMIN)" +sys_admin ADD "$firewall_after"
for config in "$portmap_after" "$firewall_after"; do
  rejected "$(jq -r .type <<<"$config") CHECK" "needs root (CAP_NET_ADMIN)" +sys_admin CHECK "$config"
  rejected "$(jq -r .type <<<"$config") STATUS" "look up table inet footbridge: needs root (CAP_NET_ADMIN)" \
    +sys_admin STATUS "$config"
done
rejected "bridge STATUS" "look up table inet footbridge: needs root (CAP_NET_ADMIN)" +sys_admin STATUS "$bridge"
rejected "bridge CHECK" "needs root (CAP_NET_ADMIN)" +sys_admin CHECK "$(after "$bridge" "$result")"
output=$(only +sys_admin DEL "$bridge") && fail "DEL without CAP_NET_ADMIN: succeeded"
host_end=$(jq -r '.interfaces[1].name' <<<"$result")
for part in "look for nf_tables: read the nf_tables generation: needs root (CAP_NET_ADMIN)" \
  "delete the veth pair: delete link $host_end: needs root (CAP_NET_ADMIN): Operation not permitted"; do
  claim_contains "DEL without CAP_NET_ADMIN" "$part" "$(jq -r .msg <<<"$output")"
done
claim_equal "none of them changed anything, and the container's address stays allocated" "$attached" "$(state)"
claim "DEL with CAP_NET_ADMIN" only "$both" DEL "$bridge"
claim_equal "leaves nothing" "$empty" "$(state)"
rejected "bridge ADD" "needs root (CAP_NET_ADMIN)" +sys_admin ADD "$bridge"
rejected "ptp ADD" "needs root (CAP_NET_ADMIN)" +sys_admin ADD "$ptp"
claim_equal "a failed ADD leaves nothing" "$empty" "$(state)"

# ---- the namespace of a process with all capabilities ----
background unshare --net sleep 60
is_apart() { [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
wait_for "the process's namespace" is_apart
mkdir "$files/ns"
ln -s /proc/self/ns "$files/ns/net"  # Linux 5.10 may resolve such a path to its folder
for netns in "$files/ns/net" "/proc/$!/ns/net"; do
  output=$(only "$both" ADD "$bridge" 2>/dev/null) && fail "ADD without CAP_SYS_PTRACE: succeeded"
  claim_contains "the namespace of a process with more capabilities" \
    "failed to Statfs \"$netns\": needs root (CAP_SYS_PTRACE): Permission denied" \
    "$(jq -r .msg <<<"$output")"
done
claim "with CAP_SYS_PTRACE it works" only "$both,+sys_ptrace" ADD "$bridge"
claim "DEL does not need CAP_SYS_PTRACE" only +net_admin DEL "$bridge"
netns=/run/netns/c
claim_equal "and leaves nothing" "$empty" "$(state)"

# ---- a user other than root, with ambient capabilities ----
caps=-all,$both
user="setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set $caps --inh-caps $caps --ambient-caps $caps"
output=$(as_user "$user" ADD "$bridge" 2>/dev/null) && fail "ADD with another user's store: succeeded"
claim_contains "the error names another user's store" "address store $store/n: " "$(jq -r .msg <<<"$output")"
claim_contains "and the reason" "Permission denied" "$(jq -r .msg <<<"$output")"
claim_equal "nothing is left" "$empty" "$(state)"
chown -R 65534:65534 "$store"
result=$(as_user "$user" ADD "$bridge")
for config in "$portmap" "$firewall"; do
  claim "ADD by the user" as_user "$user" ADD "$(after "$config" "$result")"
  claim "CHECK by the user" as_user "$user" CHECK "$(after "$config" "$result")"
done
claim "bridge's CHECK by the user" as_user "$user" CHECK "$(after "$bridge" "$result")"
for config in "$firewall" "$portmap" "$bridge"; do
  claim "DEL by the user" as_user "$user" DEL "$config"
done
claim_equal "leaves nothing" "$empty" "$(state)"
claim "GC by the user" as_user "$user" GC "$(collecting "$bridge")"
chown -R 0:0 "$store"

# ---- a rejected call although the capability is present ----
denied() { as_user "python3 -B $source_dir/tests/e2e/deny.py $1" ADD "$bridge" 2>/dev/null; }
claim_contains "a filter that denies setns is not reported as a missing capability" \
  "enter network namespace $netns: Operation not permitted" \
  "$(denied setns)"
claim_contains "a filter that denies netlink is not, either" ": Operation not permitted" "$(denied netlink)"
claim_not "no capability is named" grep -q CAP_ <<<"$(denied netlink)"
claim_equal "nothing is left" "$empty" "$(state)"
finish
