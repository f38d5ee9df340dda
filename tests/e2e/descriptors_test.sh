#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a plugin opens for itself stays its own: an IPAM plugin that it starts has the descriptors that it would have if the
# runtime had started it, and no other.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need
private_host "$@"
new_netns box
mkdir "$files/plugins"
cp -P "$bin"/* "$files/plugins/"

# It tells which descriptors it has, its own script left out.
cat >"$files/plugins/teller" <<'SCRIPT'
#!/bin/sh
open=
for fd in /proc/$$/fd/*; do
  [ "$(readlink "$fd")" = "$0" ] || open="$open ${fd##*/}"
done
echo "$open" >>/run/test/told
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}]}'
SCRIPT
chmod +x "$files/plugins/teller"

# call PLUGIN VERB: as a runtime does.
call() {
  CNI_COMMAND=$2 CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/box CNI_IFNAME=eth0 CNI_PATH=$files/plugins "$files/plugins/$1" <<JSON
{"cniVersion": "1.0.0", "name": "n", "type": "$1", "bridge": "br0", "isGateway": true, "ipMasq": true,
 "ipam": {"type": "teller"}, "prevResult": ${3:-null}}
JSON
}

# claim_same PLUGIN: in all calls that it makes of the IPAM plugin.
claim_same() {
  : >"$files/told"
  call teller DEL
  local result
  result=$(call "$1" ADD)
  call "$1" CHECK "$result"
  call "$1" DEL "$result"
  claim_equal "it is asked three times by $1, and once by us" 4 "$(wc -l <"$files/told")"
  claim_equal "the IPAM plugin of $1 has no descriptor more than if we had started it" "$(head -n 1 "$files/told")" \
    "$(sort -u "$files/told")"
}

claim_same bridge
claim_same ptp
exec 7</etc/hostname
claim_same bridge
claim_contains "one that the runtime left open is among them" " 7" "$(sort -u "$files/told")"
well_done
