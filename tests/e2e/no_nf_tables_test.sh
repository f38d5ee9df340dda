#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A kernel without nf_tables: networks that need it fail with code 50; the others work, and so do DEL and GC of all.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
private_host "$@"
new_netns c

# conf TYPE [KEYS]
conf() {
  jq -cn --arg type "$1" --argjson keys "{${2:-}}" '{type: $type, cniVersion: "1.1.0", name: "n", bridge: "br-n",
    isGateway: true,
    ipam: {type: "host-local", ranges: [[{subnet: "10.9.0.0/24"}], [{subnet: "fd00:9::/64"}]]}} + $keys'
}
ports='"runtimeConfig": {"portMappings": [{"hostPort": 53, "containerPort": 53, "protocol": "udp"}]}'
valid='"cni.dev/valid-attachments": [{"containerID": "c", "ifname": "eth0"}]'

# call VERB CONFIGURATION: on a simulated kernel without netfilter.
call() {
  [[ $2 =~ '"type":"'([a-z]+) ]] || fail "no plugin in $2"
  CNI_COMMAND=$1 CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH=$bin \
    python3 -B "$source_dir/tests/e2e/deny.py" netfilter "$bin/${BASH_REMATCH[1]}" <<<"$2"
}

links() { ip -o link | sed -E 's/^[0-9]+: ([^:@]*).*/\1/' | paste -sd ' '; }
allocated() { find /var/lib/cni/networks/n -name '[0-9f]*' 2>/dev/null | wc -l; }
before=$(links)

# rejected WORDS VERB CONFIGURATION
rejected() {
  local output
  output=$(call "$2" "$3" 2>/dev/null) && fail "$1: succeeded"
  claim_equal "$1: the code" 50 "$(jq .code <<<"$output")"
  claim_contains "$1: the message" "this kernel has no nf_tables; ipMasq, macspoofchk, portmap and firewall need it" \
    "$(jq -r '.msg + " " + (.details // "")' <<<"$output")"
}

for type in bridge ptp; do
  masquerading=$(conf $type '"ipMasq": true')
  rejected "$type's STATUS with ipMasq" STATUS "$masquerading"
  rejected "$type's ADD with ipMasq" ADD "$masquerading"
  claim_equal "$type's failed ADD leaves no link" "$before" "$(links)"
  claim_equal "$type's failed ADD leaves no address" 0 "$(allocated)"
  claim "$type's DEL" call DEL "$masquerading"
  claim "$type's STATUS without ipMasq" call STATUS "$(conf $type)"
  result=$(call ADD "$(conf $type)")
  previous="\"prevResult\": $result"
  claim "$type's CHECK without ipMasq" call CHECK "$(conf $type "$previous")"
  claim "$type's GC" call GC "$(conf $type "$valid")"
  for chained in portmap firewall; do
    rejected "$chained's ADD after $type" ADD "$(conf $chained "$ports, $previous")"
    claim "$chained's DEL" call DEL "$(conf $chained "$ports, $previous")"
    claim "$chained's GC" call GC "$(conf $chained "$ports, $valid")"
    rejected "$chained's STATUS" STATUS "$(conf $chained)"
  done
  claim "portmap's ADD without ports" call ADD "$(conf portmap "$previous")"
  claim_equal "$type's two addresses are allocated" 2 "$(allocated)"
  claim "$type's DEL" call DEL "$(conf $type "$previous")"
  claim_equal "$type's addresses are released" 0 "$(allocated)"
  ip link delete br-n 2>/dev/null || true
done
rejected "ADD with macspoofchk" ADD "$(conf bridge '"macspoofchk": true')"
claim_equal "no link is left" "$before" "$(links)"
finish
