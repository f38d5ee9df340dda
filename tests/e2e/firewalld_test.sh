#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The firewall plugin with a real firewalld on a real message bus, and with buses that do not work.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need dbus-daemon setpriv
# The installed one, or the one that `./run test` fetches: installing it would make it this machine's firewall.
root=$source_dir/build/firewalld
[ ! -x /usr/sbin/firewalld ] || root=
private_host "$@"
unset -v DBUS_SYSTEM_BUS_ADDRESS

new_netns red
export CNI_PATH=$bin CNI_NETNS=/run/netns/red CNI_IFNAME=eth0 CNI_CONTAINERID=red

# call PLUGIN VERB [KEYS]: KEYS are merged into the configuration.
call() {
  jq -n --arg type "$1" --argjson keys "${3:-{\}}" '{cniVersion: "1.1.0", name: "net", type: $type, bridge: "br-net",
    isDefaultGateway: true, ipMasq: true,
    ipam: {type: "host-local", ranges: [[{subnet: "10.1.0.0/24"}], [{subnet: "fd00:1::/64"}]]}} * $keys' |
    CNI_COMMAND=$2 "$bin/$1"
}

result=$(call bridge ADD)
previous=$(jq '{prevResult: .}' <<<"$result")
with() { jq ". * $1" <<<"$previous"; }

# ---- without a bus, with one that does not answer, with invalid answers ----

claim "ADD works without a bus" call firewall ADD "$previous"
claim_contains "backend firewalld without firewalld is a warning" "firewalld is not running" \
  "$(call firewall ADD "$(with '{backend: "firewalld"}')" 2>&1)"

# bus_of ANSWER: listens at the bus's address and sends ANSWER to each client.
bus_of() {
  mkdir -p /run/dbus
  background python3 -c '
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind("/run/dbus/system_bus_socket")
server.listen(8)
kept = []
while True:
    client = server.accept()[0]
    client.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin-1"))
    kept.append(client)
' "$1"
  fake_bus=$!
  wait_for "the fake bus" test -S /run/dbus/system_bus_socket
}
stop_bus() {
  end_process "$fake_bus"
  rm /run/dbus/system_bus_socket
}
for answer in '' 'REJECTED EXTERNAL\r\n' 'OK 0\r\nnonsense that is no message' \
  'OK 0\r\nl\2\1\1\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff'; do
  bus_of "$answer"
  begun=$(date +%s)
  claim_contains "an unusable bus is a warning, and ADD succeeds ($answer)" "cannot query firewalld" \
    "$(call firewall ADD "$previous" 2>&1)"
  [ $(($(date +%s) - begun)) -lt 6 ] || fail "ADD waited too long for a bus that answers '$answer'"
  claim_equal "an ADD that needs firewalld fails" 1 "$(exit_code call firewall ADD "$(with '{backend: "firewalld"}')")"
  claim "an ADD with the backend iptables does not look for firewalld" call firewall ADD \
    "$(with '{backend: "iptables"}')"
  stop_bus
done
claim "DEL without a bus" call firewall DEL

# ---- with a real firewalld ----

[ -x "$root/usr/sbin/firewalld" ] || [ -z "$root" ] ||
  skip "needs build/firewalld, which ./run test fetches from Debian"
python=/usr/bin/python3
export PYTHONPATH=$root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1
$python -c 'import gi, dbus, firewall, nftables' 2>/dev/null ||
  skip "firewalld needs python3-gi, python3-dbus and python3-nftables"

cat >/run/bus.conf <<'CONF'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow send_type="method_call"/><allow receive_sender="*"/><allow eavesdrop="true"/></policy></busconfig>
CONF
background dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile
wait_for "the message bus" test -S /run/dbus/system_bus_socket
background $python "$root/usr/sbin/firewalld" --nofork --nopid --system-config /run/firewalld \
  --default-config "$root/usr/lib/firewalld" --log-file /run/firewalld.log
firewall_cmd() { $python "$root/usr/bin/firewall-cmd" "$@"; }
wait_for "firewalld" firewall_cmd --state

reaches_outside() {
  ip netns exec red python3 -c 'import socket; socket.create_connection(("198.51.100.2", 7000), 2)'
}
background ip netns exec outside python3 -m http.server 7000
wait_for "the server outside" is_listening outside 7000

claim_not "firewalld drops the container's packets" reaches_outside
claim "ADD" call firewall ADD "$previous"
claim "the container reaches the outside" reaches_outside
claim_equal "its addresses are in the zone" "10.1.0.2/32 fd00:1::2/128" "$(firewall_cmd --zone=trusted --list-sources)"
claim_equal "a second ADD prints nothing on stderr" "" "$(call firewall ADD "$previous" 2>&1 >/dev/null)"
claim "CHECK" call firewall CHECK "$previous"
claim "STATUS" call firewall STATUS
firewall_cmd --zone=trusted --remove-source=fd00:1::2/128 >/dev/null
claim_contains "CHECK reports a deleted address" "firewall-cmd --zone=trusted --add-source=fd00:1::2/128" \
  "$(call firewall CHECK "$previous" || true)"
claim "DEL without prevResult" call firewall DEL
claim_equal "deletes the addresses from the zone" "" "$(firewall_cmd --zone=trusted --list-sources)"
claim_not "and the container reaches nothing" reaches_outside
claim "DEL again" call firewall DEL

claim "ADD to another zone" call firewall ADD "$(with '{firewalldZone: "internal"}')"
claim_equal "adds the addresses to it" "10.1.0.2/32 fd00:1::2/128" "$(firewall_cmd --zone=internal --list-sources)"
claim_contains "ADD fails if another zone has the addresses" ZONE_CONFLICT \
  "$(call firewall ADD "$(with '{firewalldZone: "work"}')" || true)"
claim "ADD again" call firewall ADD "$(with '{firewalldZone: "internal"}')"
claim "GC" call firewall GC '{"firewalldZone": "internal", "cni.dev/valid-attachments": []}'
claim_equal "deletes addresses without a valid attachment" "" "$(firewall_cmd --zone=internal --list-sources)"
claim_contains "a zone that does not exist is an error" INVALID_ZONE \
  "$(call firewall ADD "$(with '{firewalldZone: "x", ingressPolicy: "isolated"}')" || true)"
claim_equal "and leaves no policy" "" "$(nft list set inet footbridge policed | grep br-net)"
finish
