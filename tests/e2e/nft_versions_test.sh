#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Our tables with nft(8) of Debian 11, 12 and 13: it lists them, as text and as JSON, and reads them back.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need
for suite in bullseye trixie; do
  [ -d "$source_dir/build/nft-$suite" ] || skip "needs build/nft-$suite, which ./run test fetches from Debian"
done
private_host "$@"

# nft_of SUITE NETNS ARGUMENTS...: nft(8) with the libraries of that suite; NETNS "" is this host.
nft_of() {
  local folder=$source_dir/build/nft-$1 loader libraries place=()
  [ -z "$2" ] || place=(ip netns exec "$2")
  if [ "$1" = bookworm ]; then
    "${place[@]}" nft "${@:3}"
    return
  fi
  loader=$(find "$folder" -name 'ld-linux-*.so.*' | head -n 1)
  libraries=$(find "$folder" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
  "${place[@]}" "$loader" --library-path "$libraries" "$folder/usr/sbin/nft" "${@:3}"
}

# ---- a container with everything that fills our tables ----
ip netns add box
result=
# add TYPE KEYS: one plugin of a chain.
add() {
  result=$(jq -cn --argjson keys "{$2}" --argjson previous "${result:-null}" --arg type "$1" \
    '{cniVersion: "1.1.0", name: "n", type: $type, prevResult: $previous} + $keys' |
    CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/box CNI_IFNAME=eth0 CNI_PATH=$bin "$bin/$1") ||
    fail "$1: $result"
}
add bridge '"bridge": "br1", "isGateway": true, "ipMasq": true, "ipspoofchk": true,
  "masquerade": {"exclude": ["10.0.0.0/8"]},
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]]}'
add firewall '"ingressPolicy": "same-bridge"'
add portmap '"masqAll": true, "runtimeConfig": {"portMappings": [
  {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
  {"hostPort": 5353, "containerPort": 53, "protocol": "udp"},
  {"hostPort": 8081, "containerPort": 80, "protocol": "tcp", "hostIP": "198.51.100.1"}]}'
ip netns add second
result=$(jq -c '.interfaces |= map(if .sandbox then .sandbox = "/run/netns/second" else . end)' <<<"$result")
result=$(jq -cn --argjson previous "$result" '{cniVersion: "1.1.0", name: "m", type: "portmap", prevResult: $previous,
  conditionsV4: ["-s", "198.51.100.0/24", "!", "-i", "lo"], conditionsV6: ["-d", "fd99::/64"],
  runtimeConfig: {portMappings: [{hostPort: 9090, containerPort: 90, protocol: "tcp"}]}}' |
  CNI_COMMAND=ADD CNI_CONTAINERID=c2 CNI_NETNS=/run/netns/second CNI_IFNAME=eth0 CNI_PATH=$bin "$bin/portmap") ||
    fail "$result"

# ---- all versions list the tables ----
sets=$(nft -j list sets | jq -r '.nftables[].set.name // empty' | sort)
for suite in bullseye bookworm trixie; do
  version=$(nft_of "$suite" "" --version)
  claim "$version lists the tables" nft_of "$suite" "" list tables
  listed=$(nft_of "$suite" "" list ruleset) || fail "$version cannot list the ruleset"
  for comment in '"n/c1/eth0"' '"m/c2/eth0"'; do
    claim_contains "$version lists the elements' owners" "comment $comment" "$listed"
  done
  json=$(nft_of "$suite" "" -j list ruleset) || fail "$version cannot list the ruleset as JSON"
  claim_equal "$version lists each set in JSON" "$sets" "$(jq -r '.nftables[].set.name // empty' <<<"$json" | sort)"
done

# ---- and read them back; 0.9.8 cannot read its own text for raw payload in a key ----
for suite in bookworm trixie; do
  version=$(nft_of "$suite" "" --version)
  ip netns add "back-$suite"
  nft_of "$suite" "" -s list ruleset >"$files/before"
  claim "$version reads its own list" nft_of "$suite" "back-$suite" -f "$files/before"
  nft_of "$suite" "back-$suite" -s list ruleset >"$files/after"
  claim "and lists the same tables" diff "$files/before" "$files/after"
done
finish
