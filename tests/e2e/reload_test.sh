#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `footbridge reload` after nftables was flushed: it restores the objects of living attachments, and of no others. The
# real libcni creates the attachments and the cached results.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv busybox python3 iptables ping
private_host "$@"
# shellcheck source=tests/e2e/libcni/client.sh
. "$source_dir/tests/e2e/libcni/client.sh"
PATH=$bin:$PATH
mkdir "$files/plugins" "$files/www"
export CNI_PATH=$bin:$files/plugins
cache=/var/lib/cni/results
sysctl -qw net.ipv6.conf.all.forwarding=1
ip address add 2001:db8::1/64 dev lan0 nodad
ip -n outside address add 2001:db8::2/64 dev eth0 nodad

# A main plugin that is not ours: a veth pair without an owner, 10.66.0.2/24 in the container.
cat >"$files/plugins/wire" <<'SH'
#!/bin/bash
input=$(cat) name=${CNI_NETNS##*/}
if [ "$CNI_COMMAND" = ADD ]; then
  ip link add wire0 type veth peer name "$CNI_IFNAME" netns "$name"
  ip address add 10.66.0.1/24 dev wire0
  ip link set wire0 up
  ip -n "$name" address add 10.66.0.2/24 dev "$CNI_IFNAME"
  ip -n "$name" link set "$CNI_IFNAME" up
  mac=$(ip -n "$name" -j link show dev "$CNI_IFNAME" | jq -r '.[0].address')
  jq -n --arg netns "$CNI_NETNS" --arg name "$CNI_IFNAME" --arg mac "$mac" '{cniVersion: "1.0.0",
    interfaces: [{name: $name, mac: $mac, sandbox: $netns}], ips: [{address: "10.66.0.2/24", interface: 0}]}'
elif [ "$CNI_COMMAND" = DEL ]; then
  ip link delete wire0 2>/dev/null || true
fi
SH
chmod +x "$files/plugins/wire"

# network NAME MAIN-PLUGIN KEYS: a network of the main plugin and portmap.
network() {
  jq -n --arg name "$1" --arg type "$2" --argjson keys "$3" '{cniVersion: "1.0.0", name: $name, plugins: [
    {type: $type} + $keys, {type: "portmap", capabilities: {portMappings: true}}]}' >"$files/$1.conflist"
}

dual_stack() {
  printf '{"type": "host-local", "ranges": [[{"subnet": "%s"}], [{"subnet": "%s"}]],
    "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}' "$@"
}
network bridged bridge '{"bridge": "bridged0", "isGateway": true, "ipMasq": true, "ipam": '"$(dual_stack 10.64.0.0/24 \
  fd00:64::/64)}"
network pointed ptp '{"ipMasq": true, "ipam": '"$(dual_stack 10.65.0.0/24 fd00:65::/64)}"
network wired wire '{}'

ports() {
  printf '{"portMappings": [{"hostPort": %s, "containerPort": 80, "protocol": "tcp"},
    {"hostPort": %s, "containerPort": 53, "protocol": "udp"}]}' "$1" "$1"
}

# attach VERSION-OF-LIBCNI NETWORK NETNS PORT: publishes TCP and UDP; the namespace's name is the container id.
attach() {
  build_client "$1" || skip "$why"
  ip netns list | grep -qw "$3" || new_netns "$3"
  "$client" add -conf "$files/$2.conflist" -netns "/run/netns/$3" -id "$3" -capabilities "$(ports "$4")" >/dev/null ||
    fail "ADD of $3 to $2 failed"
}

detach() {
  "$client" del -conf "$files/$1.conflist" -netns "/run/netns/$2" -id "$2" -capabilities "$(ports "$3")"
}

# ruleset [TEXT]...: the ruleset with sorted tables, to be compared; without counters, and without elements of owners
# that contain one of the texts.
ruleset() {
  local text gone='[]'
  for text in "$@"; do
    gone=$(jq -c --arg text "$text" '. + [$text]' <<<"$gone")
  done
  nft -j list ruleset 2>/dev/null | jq -S --argjson gone "$gone" 'def is_gone: tojson as $e | any($gone[]; . as $g |
    $e | contains($g));
    walk(if type == "object" then del(.handle, .metainfo, .packets, .bytes) else . end) |
    walk(if type == "object" and (.elem | type) == "array" then .elem |= (map(select(is_gone | not)) |
      sort) else . end) |
    walk(if type == "object" and .elem == [] then del(.elem) else . end) |
    .nftables |= sort_by(to_entries[0].value | [.family, .table // .name])'
}

# claim_ruleset WORDS EXPECTED: prints the difference.
claim_ruleset() {
  local differences
  differences=$(diff -U2 - <(ruleset) <<<"$2") || fail "$1
$differences"
  claims=$((claims + 1))
}

is_monitored() {
  nft add table ip begin
  nft delete table ip begin
  grep -q "delete table ip begin" "$files/monitor"
}

# changes COMMAND...: how often the command changed the ruleset.
changes() {
  : >"$files/monitor"
  background nft monitor >"$files/monitor"
  local monitor=$!
  wait_for "nft monitor" is_monitored
  nft add table ip ready
  "$@" >/dev/null
  nft delete table ip ready
  wait_for "the end" grep -q "delete table ip ready" "$files/monitor"
  end_process "$monitor"
  sed '1,/add table ip ready/d' "$files/monitor" | grep -c 'new generation' | awk '{ print $1 - 2 }'
}

# reload [ARGUMENTS]...: sets $output, $errors and $code.
reload() {
  code=0
  footbridge reload "$@" >"$files/output" 2>"$files/errors" || code=$?
  output=$(cat "$files/output") errors=$(cat "$files/errors")
}

# fetch NETNS URL: the page of a web server, or nothing.
fetch() {
  ip netns exec "$1" timeout 4 busybox wget -qO- "$2" 2>/dev/null || true
}

echo "this is a container" >"$files/www/index.html"
attach 1.1.2 bridged red 8081
attach 1.3 bridged blue 8082
attach 1.3 bridged grey 8083
attach 1.3 pointed green 8084
attach 1.1.2 pointed amber 8085
attach 1.1.2 bridged violet 8086
attach 1.1.2 wired wire 8087
detach bridged violet 8086 || fail "DEL of violet failed"
for name in red green wire outside; do
  background ip netns exec "$name" busybox httpd -f -p 80 -h "$files/www"
  wait_for "a web server in $name" is_listening "$name" 80
done
ip -n wire route add default via 10.66.0.1
mkdir "$cache/a-folder"
mkfifo "$cache/a-pipe"
ln -s "$cache/bridged-red-eth0" "$cache/a-link"

# serves WORDS yes|no: whether published ports are reached from outside, and the outside from containers.
serves() {
  local page=
  [ "$2" = no ] || page="this is a container"
  claim_equal "$1: a port of a bridge's container" "$page" "$(fetch outside http://198.51.100.1:8081/)"
  claim_equal "$1: the same port by IPv6" "$page" "$(fetch outside 'http://[2001:db8::1]:8081/')"
  claim_equal "$1: a port of ptp's container" "$page" "$(fetch outside http://198.51.100.1:8084/)"
  claim_equal "$1: a port of a container that another plugin attached" "$page" \
    "$(fetch outside http://198.51.100.1:8087/)"
  claim_equal "$1: a bridge's container is masqueraded" "$page" "$(fetch red http://198.51.100.2/)"
  claim_equal "$1: ptp's container is masqueraded by IPv6" "$page" "$(fetch green 'http://[2001:db8::2]/')"
}

serves "at the start" yes
all=$(ruleset)
ip netns del grey
wait_for "the deletion of grey's host end" eval '! ip -d link | grep -q bridged/grey/'
living=$(ruleset bridged/grey/)
[ "$living" != "$all" ] || fail "grey had no elements"

# ---- systemd-sysctl has reset forwarding ----
for network in bridged pointed; do
  sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
  reload "$network"
  claim_equal "reload enables forwarding again for $network" "0: 1 1" \
    "$code:$errors $(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)"
done

# ---- all tables were flushed ----
cat >"$files/udp.py" <<'PY'
"""Sends to a port from one socket until a reply arrives."""
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(0.1)
while True:
    sock.sendto(b"question", (sys.argv[1], int(sys.argv[2])))
    try:
        print(sock.recv(100).decode(), flush=True)
        break
    except (TimeoutError, ConnectionRefusedError):
        pass
PY
cat >"$files/answer.py" <<'PY'
"""Replies to datagrams on port 53."""
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("0.0.0.0", 53))
while True:
    client = sock.recvfrom(100)[1]
    try:
        sock.sendto(b"answer", client)
    except OSError:
        pass  # no route to a container that is not masqueraded
PY
for name in red outside; do
  background ip netns exec "$name" python3 "$files/answer.py"
done
nft flush ruleset
# Another table tracks connections, so conntrack knows a flow that starts now, without a translation.
nft 'add table inet firewall; add chain inet firewall forward { type filter hook forward priority 0; };
  add rule inet firewall forward ct state established accept'
serves "after the flush" no
ip netns exec outside timeout 20 python3 "$files/udp.py" 198.51.100.1 8081 >"$files/udp" &
udp=$!
ip netns exec green timeout 20 python3 "$files/udp.py" 198.51.100.2 53 >"$files/udp_out" &
udp_out=$!
sleep 0.5
reload
claim_equal "reload succeeds" "0: " "$code: $errors"
nft delete table inet firewall
claim_ruleset "the ruleset is as before, without grey" "$living"
claim_equal "it lists the restored attachments" "restored bridged/blue/eth0: bridge, portmap
restored bridged/red/eth0: bridge, portmap
restored pointed/amber/eth0: ptp, portmap
restored pointed/green/eth0: ptp, portmap
restored wired/wire/eth0: portmap
5 restored, 0 failed" "$output"
serves "after reload" yes
wait "$udp" || fail "a client that kept sending UDP got no reply"
claim_equal "a client that kept sending UDP gets a reply" answer "$(cat "$files/udp")"
wait "$udp_out" || fail "a container that kept sending UDP to the outside got no reply"
claim_equal "a container that kept sending UDP to the outside gets a reply" answer "$(cat "$files/udp_out")"
claim_equal "a second reload changes nothing" 0 "$(changes footbridge reload)"
claim "CHECK succeeds" "$client" check -conf "$files/bridged.conflist" -netns /run/netns/red -id red \
  -capabilities "$(ports 8081)"

# ---- one table, or some sets, were flushed ----
nft flush table inet footbridge
claim_equal "without rules, no port is published" "" "$(fetch outside http://198.51.100.1:8081/)"
reload
claim_equal "reload restores the rules" "0: " "$code: $errors"
claim_ruleset "and keeps the elements" "$living"
nft flush map inet footbridge hostport4
nft flush set inet footbridge masq6
[ "$(changes footbridge reload)" -gt 0 ] || fail "this test does not notice changes"
claim_ruleset "reload restores lost elements" "$living"
nft flush ruleset
reload pointed
claim_equal "reload of one network" "restored pointed/amber/eth0: ptp, portmap
restored pointed/green/eth0: ptp, portmap
2 restored, 0 failed" "$output"
claim_equal "restores no other network" "" "$(nft list ruleset | grep -E 'bridged|wired')"

# ---- attachments that are unfinished or gone ----
nft flush ruleset
host_end=$(ip -j -d link | jq -r '.[] | select(.ifalias == "bridged/blue/eth0").ifname')
ip link set "$host_end" alias "bridged/blue/eth0 (unfinished)"
ip -n wire link set eth0 down
ip -n wire link set eth0 address 0a:00:00:00:00:99
reload
claim_equal "reload skips a running ADD, and a namespace with another interface" "0: " "$code: $errors"
claim_equal "and restores nothing for them" "" "$(nft list ruleset | grep -E 'blue|wired')"
ip link set "$host_end" alias bridged/blue/eth0
ip -n wire link set eth0 address "$(jq -r '.result.interfaces[0].mac' "$cache/wired-wire-eth0")"
ip -n wire link set eth0 up
reload
claim_ruleset "afterwards reload restores them" "$living"

# ---- invalid cached results ----
nft flush ruleset
mkdir "$files/kept"
cp -p "$cache"/bridged-* "$files/kept"
echo '{"kind": "cniCacheV1", "containerId"' >"$cache/bridged-broken-eth0"
head -c 17M /dev/zero >"$cache/bridged-huge-eth0"
cp "$cache/bridged-red-eth0" "$cache/bridged-other-eth0"
echo '{"cniVersion": "0.4.0", "ips": []}' >"$cache/bridged-old-eth0"
printf '{"kind": "cniCacheV1", "networkName": "bridged", "containerId": "\\u001b[31m/..", "ifName": "e"}' \
  >"$cache/bridged-"$'\e'"[31m"
jq -c '.capabilityArgs.portMappings[0].hostPort = 0' "$files/kept/bridged-blue-eth0" >"$cache/bridged-blue-eth0"
reload
claim_equal "reload fails" 1 "$code"
for part in "bridged-broken-eth0: " "bridged-huge-eth0: " \
  "bridged-other-eth0: contains the result of bridged/red/eth0, which belongs in another file" \
  "bridged-old-eth0: not a cached result of libcni 0.8 or newer" "bridged-?[31m: its network, container id or" \
  "bridged/blue/eth0: plugin portmap: "; do
  claim_contains "it reports each cause" "$part" "$errors"
done
claim_equal "one per line" 6 "$(wc -l <"$files/errors")"
claim_contains "it restores the other attachments" "restored bridged/red/eth0: bridge, portmap" "$output"
claim_contains "and the intact part of an attachment" "restored bridged/blue/eth0: bridge
" "$output"
claim_contains "the summary counts both" "5 restored, 6 failed" "$output"
rm "$cache"/bridged-*
cp -p "$files/kept"/* "$cache"
rm "$cache/bridged-blue-eth0"
nft flush ruleset
reload
claim_equal "reload fails without a cached result" 1 "$code"
unknown="no cached result, so masquerading and ports are unknown; recreate the container"
claim_equal "the error names the attachment and the solution" "footbridge: reload: bridged/blue/eth0: $unknown" \
  "$errors"
claim_contains "reload restores the others" "restored bridged/red/eth0: bridge, portmap" "$output"
cp -p "$files/kept"/* "$cache"
reload --cache "$files/nowhere"
claim_equal "with an empty cache folder, reload fails for all" "1 4" "$code $(wc -l <"$files/errors")"
reload
claim_ruleset "with the cache, it restores all" "$living"

# ---- a DEL at the same time ----
cat >"$files/hold.py" <<'PY'
"""Holds the lock of the attachment with that host end, like a running call."""
import signal, socket, sys
lock = socket.socket(socket.AF_UNIX)
lock.bind("\0footbridge/" + sys.argv[1])
lock.listen()
signal.pause()
PY
host_end_of() { ip -j -d link | jq -r --arg alias "$1" '.[] | select(.ifalias == $alias).ifname'; }
nft flush ruleset
background python3 "$files/hold.py" "$(host_end_of bridged/red/eth0)"
lock=$!
wait_for "the lock" grep -q "@footbridge/$(host_end_of bridged/red/eth0)" /proc/net/unix
: >"$files/output"
footbridge reload >"$files/output" 2>&1 &
reload=$!
wait_for "blue" grep -q "restored bridged/blue/eth0" "$files/output"
claim_contains "reload waits for a running call for red" "blue" "$(nft list ruleset)"
claim_equal "and does not restore red meanwhile" "" "$(nft list ruleset | grep bridged/red/)"
ip link delete "$(host_end_of bridged/blue/eth0)"
end_process "$lock"
wait "$reload" || fail "reload failed: $(cat "$files/output")"
claim_contains "then it continues" "restored bridged/red/eth0" "$(cat "$files/output")"
claim_equal "an attachment deleted after its restoration is reverted" "" "$(nft list ruleset | grep bridged/blue/)"

# ---- the firewall, and source address checks ----
jq -n --argjson ipam "$(dual_stack 10.67.0.0/24 fd00:67::/64)" '{cniVersion: "1.0.0", name: "walled", plugins: [
  {type: "bridge", bridge: "walled0", isGateway: true, ipMasq: true, macspoofchk: true, ipspoofchk: true, ipam: $ipam},
  {type: "firewall", ingressPolicy: "isolated", iptablesAdminChainName: "MY-ADMIN"}]}' >"$files/walled.conflist"
drop_all() {
  iptables -P FORWARD DROP
  ip6tables -P FORWARD DROP
}
drop_all
attach 1.1.2 walled east 1
attach 1.3 walled west 1
walled=$(ruleset)
claim_contains "iptables has rules for the container" \
  "-s 10.67.0.2/32 -m comment --comment \"walled/east/eth0\" -j ACCEPT" \
  "$(iptables -S FORWARD)"
# reaches sends several pings, for a busy machine; does_not_reach waits for one.
reaches() { ip netns exec "$1" ping -c 1 -w 10 "$2" >/dev/null; }
does_not_reach() { ! ip netns exec "$1" ping -c 1 -w 2 "$2" >/dev/null; }
claim "at the start, east reaches the outside" reaches east 198.51.100.2
claim "but not west" does_not_reach east 10.67.0.3
nft flush ruleset
claim "after a flush, east reaches west" reaches east 10.67.0.3
drop_all
reload walled
claim_equal "reload lists the restored attachments" "0: restored walled/east/eth0: bridge, firewall
restored walled/west/eth0: bridge, firewall
2 restored, 0 failed" "$code: $output$errors"
claim "east reaches the outside again" reaches east 198.51.100.2
claim "but not west again" does_not_reach east 10.67.0.3
ip -n east address add 10.67.0.99/24 dev eth0
claim_not "and not the gateway from an address that IPAM did not allocate" ip netns exec east ping -c 1 -w 2 -I \
  10.67.0.99 10.67.0.1
for part in 'set checked' 'set macs' 'set ips4' 'set targets6' 'set isolated' 'set policed' 'set forward6' \
  'chain MY-ADMIN' 'jump MY-ADMIN'; do
  claim_contains "the ruleset contains: $part" "$part" "$(nft list ruleset 2>/dev/null)"
done
reload
claim_ruleset "after reload of all networks, the ruleset is as before" "$walled"
claim_equal "a second reload changes nothing" 0 "$(changes footbridge reload)"
iptables -F FORWARD
nft flush chain bridge footbridge isolation
nft flush chain inet footbridge admin
claim_not "CHECK reports the lost rules" "$client" check -conf "$files/walled.conflist" -netns /run/netns/west -id west
reload
claim_ruleset "reload restores rules of iptables, of isolation, and the administrator's hook" "$walled"
claim "CHECK succeeds" "$client" check -conf "$files/walled.conflist" -netns /run/netns/west -id west
claim "DEL of east" detach walled east 1
claim "DEL of west" detach walled west 1
claim "nothing is left" holds_nothing_of /east/ /west/
claim_equal "the bridge is not isolated" "" "$(nft list ruleset 2>/dev/null | grep '"walled0"')"
claim_equal "iptables has no rules" "-P FORWARD DROP" "$(iptables -S FORWARD)"
for program in iptables ip6tables; do
  "$program" -P FORWARD ACCEPT
done

# ---- the end ----
claim "DEL of red" detach bridged red 8081
claim "DEL of blue" detach bridged blue 8082
claim "DEL of grey" detach bridged grey 8083
claim "DEL of green" detach pointed green 8084
claim "DEL of amber" detach pointed amber 8085
claim "DEL of wire" detach wired wire 8087
claim "nothing is left" holds_nothing_of /red/ /blue/ /grey/ /green/ /amber/ /wire/
reload
claim_equal "reload has nothing to restore" "0: 0 restored, 0 failed" "$code: $output"
claim "and creates nothing" holds_nothing_of /red/ /blue/ /grey/ /green/ /amber/ /wire/
finish
