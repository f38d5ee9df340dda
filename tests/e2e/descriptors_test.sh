#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A plugin passes none of its own file descriptors to the IPAM plugin that it starts.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need
private_host "$@"
new_netns box
mkdir "$files/plugins"
cp -P "$bin"/* "$files/plugins/"

# Prints its descriptors, without the one of its own script.
cat >"$files/plugins/lister" <<'SCRIPT'
#!/bin/sh
open=
for fd in /proc/$$/fd/*; do
  [ "$(readlink "$fd")" = "$0" ] || open="$open ${fd##*/}"
done
echo "$open" >>/run/test/descriptors
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}]}'
SCRIPT
chmod +x "$files/plugins/lister"

# call PLUGIN VERB [PREVRESULT]: as a runtime does.
call() {
  CNI_COMMAND=$2 CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/box CNI_IFNAME=eth0 CNI_PATH=$files/plugins \
    "$files/plugins/$1" <<JSON
{"cniVersion": "1.0.0", "name": "n", "type": "$1", "bridge": "br0", "isGateway": true, "ipMasq": true,
 "ipam": {"type": "lister"}, "prevResult": ${3:-null}}
JSON
}

# claim_same PLUGIN: the IPAM plugin has the same descriptors in each call by PLUGIN and in a call by this script.
claim_same() {
  : >"$files/descriptors"
  call lister DEL
  local result
  result=$(call "$1" ADD)
  call "$1" CHECK "$result"
  call "$1" DEL "$result"
  claim_equal "IPAM was called three times by $1 and once by the test" 4 "$(wc -l <"$files/descriptors")"
  claim_equal "the IPAM plugin of $1 has no further descriptor" "$(head -n 1 "$files/descriptors")" \
    "$(sort -u "$files/descriptors")"
}

claim_same bridge
claim_same ptp
exec 7</etc/hostname
claim_same bridge
claim_contains "a descriptor that the runtime left open is inherited" " 7" "$(sort -u "$files/descriptors")"
finish
