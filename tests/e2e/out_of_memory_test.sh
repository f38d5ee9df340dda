#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A process with a memory limit: wherever ADD reaches the limit, it reports that and leaves nothing. DEL succeeds with
# much less: it has nothing to undo, and holds no reserve for that.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need prlimit
private_host "$@"
if LC_ALL=C readelf -Wl "$bin/footbridge" | grep INTERP >/dev/null; then
  skip "a build with shared libraries (debug): it needs more memory to start"
fi

bridge='{"cniVersion":"1.1.0","name":"n","type":"bridge","bridge":"br0","isGateway":true,"ipMasq":true,
  "ipam":{"type":"host-local","subnet":"10.1.0.0/24"}}'

# call VERB PLUGIN CONFIGURATION [LIMIT]
call() {
  env CNI_COMMAND="$1" CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH="$bin" \
    prlimit --as="${4:-unlimited}" "$bin/$2" <<<"$3"
}

new_netns c
previous=$(call ADD bridge "$bridge")
portmap=$(jq -cn --argjson previous "$previous" '{cniVersion: "1.1.0", name: "n", type: "portmap",
  prevResult: $previous,
  runtimeConfig: {portMappings: [{hostPort: 8080, containerPort: 80, protocol: "tcp"}]}}')
call ADD portmap "$portmap" >/dev/null
call DEL portmap "$portmap"

# elements: the elements of all sets and maps, without those of a network.
elements() { nft -j list ruleset |
  jq -cS '.nftables[] | (.map?, .set?) | select(.elem? and .name != "local4" and .name != "localnet")'; }

# sweep PLUGIN CONFIGURATION: runs ADD with a growing limit until it succeeds three times in a row. ADD creates its
# table each time, which needs the most memory.
sweep() {
  local limit=2600000 successes=0 errors=0 code output before
  nft flush ruleset
  before=$(host_state)
  while [ "$successes" -lt 3 ]; do
    code=0
    output=$(call ADD "$1" "$2" "$limit" 2>"$files/err") || code=$?
    case $code in
      0)
        successes=$((successes + 1))
        claim "DEL of $1 with 256 KiB less than the $limit bytes of ADD" call DEL "$1" "$2" "$((limit - 262144))"
        [ "$1" != bridge ] || ip link delete br0
        ;;
      1)
        successes=0
        errors=$((errors + 1))
        claim_equal "$1 with $limit bytes reports the lack of memory" "not enough memory" "$(jq -r .msg <<<"$output")"
        ;;
      *) claim_equal "$1 with $limit bytes, killed at its start ($code), printed nothing" "" "$output" ;;
    esac
    claim_equal "ADD of $1 with $limit bytes (exit code $code) leaves no element" "" "$(elements)"
    nft flush ruleset
    claim_equal "ADD of $1 with $limit bytes (exit code $code) leaves nothing" "$before" "$(host_state)"
    limit=$((limit + 32768))
    [ "$limit" -lt 8000000 ] || fail "ADD of $1 does not succeed with $limit bytes"
  done
  claim "$1 reached its limit in 10 or more places" test "$errors" -ge 10
}

sweep portmap "$portmap"
call DEL bridge "$bridge"
ip link delete br0  # an ADD that creates it needs the most memory
sweep bridge "$bridge"
finish
