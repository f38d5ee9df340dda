#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A process that may have no more memory: wherever ADD comes to its limit, it says so and leaves nothing; DEL does its work
# with as little.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need prlimit
private_host "$@"
if LC_ALL=C readelf -Wl "$bin/footbridge" | grep INTERP >/dev/null; then
  skip "a build with shared libraries (debug): what it takes to start says nothing of the product"
fi

bridge='{"cniVersion":"1.1.0","name":"n","type":"bridge","bridge":"br0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.1.0.0/24"}}'

# call VERB PLUGIN CONFIGURATION [LIMIT]
call() {
  env CNI_COMMAND="$1" CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH="$bin" \
    prlimit --as="${4:-unlimited}" "$bin/$2" <<<"$3"
}

new_netns c
previous=$(call ADD bridge "$bridge")
portmap=$(jq -cn --argjson previous "$previous" '{cniVersion: "1.1.0", name: "n", type: "portmap", prevResult: $previous,
  runtimeConfig: {portMappings: [{hostPort: 8080, containerPort: 80, protocol: "tcp"}]}}')
call ADD portmap "$portmap" >/dev/null
call DEL portmap "$portmap"

# elements: those of all sets and maps, but for a network's own.
elements() { nft -j list ruleset | jq -cS '.nftables[] | (.map?, .set?) | select(.elem? and .name != "local4" and .name != "localnet")'; }

# sweep PLUGIN CONFIGURATION: ADD with more and more memory, until it succeeds three times in a row. It makes its table each time,
# which takes the most.
sweep() {
  local limit=2600000 successes=0 errors=0 code answer before
  nft flush ruleset
  before=$(host_state)
  while [ "$successes" -lt 3 ]; do
    code=0
    answer=$(call ADD "$1" "$2" "$limit" 2>"$files/err") || code=$?
    case $code in
      0)
        successes=$((successes + 1))
        claim "DEL of $1 with the same $limit bytes" call DEL "$1" "$2" "$limit"
        [ "$1" != bridge ] || ip link delete br0
        ;;
      1)
        successes=0
        errors=$((errors + 1))
        claim_equal "$1 with $limit bytes says what is missing" "not enough memory" "$(jq -r .msg <<<"$answer")"
        ;;
      *) claim_equal "$1 with $limit bytes, ended at its start ($code), has done nothing" "" "$answer" ;;
    esac
    claim_equal "ADD of $1 with $limit bytes (exit code $code) has left no element" "" "$(elements)"
    nft flush ruleset
    claim_equal "ADD of $1 with $limit bytes (exit code $code) has left nothing" "$before" "$(host_state)"
    limit=$((limit + 32768))
    [ "$limit" -lt 8000000 ] || fail "ADD of $1 does not succeed with $limit bytes"
  done
  claim "$1 has met its limit in many places" test "$errors" -ge 10
}

sweep portmap "$portmap"
call DEL bridge "$bridge"
ip link delete br0  # an ADD that makes it takes the most
sweep bridge "$bridge"
well_done
