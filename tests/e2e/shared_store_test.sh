#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One store, used by two implementations at the same time: our host-local and the reference's.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need
reference=${FOOTBRIDGE_SOURCE:-$source_dir}/build/reference/usr/lib/cni
[ -x "$reference/host-local" ] || skip "needs build/reference, which ./run test fetches"
private_host "$@"

store=/var/lib/cni/networks/n
workers=4 # of each implementation
each=125  # ADDs per worker

# conf IPAM-KEYS: a configuration of network n.
conf() {
  printf '{"cniVersion": "1.0.0", "name": "n", "type": "bridge", "ipam": {"type": "host-local", %s}}' "$1"
}

# call ours|theirs VERB CONTAINER CONFIGURATION [CNI_ARGS]
call() {
  local folder=$bin
  [ "$1" = ours ] || folder=$reference
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/outside CNI_IFNAME=eth0 CNI_PATH=$folder CNI_ARGS=${5:-} \
    "$folder/host-local" <<<"$4"
}

# address_of ours|theirs CONTAINER CONFIGURATION [CNI_ARGS]: runs ADD; prints its addresses or its error.
address_of() {
  { call "$1" ADD "${@:2}" || true; } | jq -r 'if .ips then [.ips[].address] | join(" ") else .msg end'
}

# The allocated addresses, on one line.
allocated() {
  find "$store" -type f -name '[0-9f]*' -printf '%f\n' | sort -V | paste -sd ' '
}

# all_workers FUNCTION: calls FUNCTION IMPLEMENTATION WORKER in a process for each worker, and waits for all.
all_workers() {
  local implementation worker pid pids=()
  for implementation in ours theirs; do
    for ((worker = 0; worker < workers; worker++)); do
      "$1" "$implementation" "$worker" &
      pids+=($!)
    done
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || fail "a worker exited with $?"
  done
}

# ---- a thousand ADDs at once ----
both=$(conf '"ranges": [[{"subnet": "10.1.0.0/22", "rangeEnd": "10.1.1.255"}, {"subnet": "10.2.0.0/22"}],
                        [{"subnet": "fd00:1::/64"}]]')
add_many() {
  local i id
  for ((i = 0; i < each; i++)); do
    id=$1-$2-$i
    call "$1" ADD "$id" "$both" >"$files/result" || fail "$1: $(cat "$files/result")"
    while read -r _ address _; do
      address=${address%/*}
      echo "${address#\"} $id"
    done < <(grep '"address"' "$files/result")
  done >"$files/allocated.$1.$2"
}
# Each worker has its own folder.
add_worker() {
  files=$files/$1.$2
  mkdir "$files"
  add_many "$1" "$2"
}
all_workers add_worker
total=$((2 * workers * each))
cat "$files"/*/allocated.* >"$files/allocated"
claim_equal "each of a thousand ADDs allocated an address of each family" $((2 * total)) "$(wc -l <"$files/allocated")"
claim_equal "no address was allocated twice" "" "$(cut -d ' ' -f 1 "$files/allocated" | sort | uniq -d)"
claim_equal "the store contains exactly these" "$(sort "$files/allocated")" \
  "$(cd "$store" && for file in [0-9f]*; do IFS=$'\r' read -r id _ <"$file" && echo "$file $id"; done | sort)"
claim_equal "each implementation allocated half of them" $((total / 2)) \
  "$(grep -c '^10\..* ours-' "$files/allocated")"
claim_equal "the addresses are consecutive, over both ranges" "10.1.0.2 10.2.1.$((total - 510 - 256 + 1))" \
  "$(cut -d ' ' -f 1 "$files/allocated" | grep '^10' | sort -V | sed -n '1p;$p' | paste -sd ' ')"

# ---- each implementation deletes the other's allocations ----
del_worker() {
  local i others=ours
  [ "$1" = theirs ] || others=theirs
  for ((i = 0; i < each; i++)); do
    call "$1" DEL "$others-$2-$i" "$both" || fail "$1: DEL failed"
  done
}
all_workers del_worker
claim_equal "nothing is left" "" "$(allocated)"

# ---- one round robin over two ranges ----
two=$(conf '"ranges": [[{"subnet": "10.3.0.0/30"}, {"subnet": "10.4.0.0/29", "rangeStart": "10.4.0.4",
  "rangeEnd": "10.4.0.5"}]]')
rm -rf "$store"
claim_equal "we allocate first" 10.3.0.2/30 "$(address_of ours a "$two")"
claim_equal "the reference continues in the next range" 10.4.0.4/29 "$(address_of theirs b "$two")"
claim_equal "we continue" 10.4.0.5/29 "$(address_of ours c "$two")"
full="no IP addresses available in range set: 10.3.0.1-10.3.0.2,10.4.0.4-10.4.0.5"
claim_contains "the range is full for us" "$full" "$(address_of ours d "$two")"
claim_contains "and for the reference, with the same text" "$full" "$(address_of theirs d "$two")"
call theirs DEL a "$two"
call ours DEL b "$two"
claim_equal "we wrap around to the address that the reference released" 10.3.0.2/30 "$(address_of ours e "$two")"
claim_equal "the reference allocates the address that we released" 10.4.0.4/29 "$(address_of theirs f "$two")"
claim_contains "we reject a duplicate of the reference's allocation" "10.4.0.4 has been allocated to f, duplicate" \
  "$(address_of ours f "$two")"
call ours CHECK f "$two" || fail "our CHECK does not find the reference's allocation"
call theirs CHECK c "$two" || fail "the reference's CHECK does not find our allocation"
claims=$((claims + 2))

# ---- requested addresses, and file names of IPv6 addresses ----
six=$(conf '"ranges": [[{"subnet": "10.5.0.0/24"}], [{"subnet": "fd00:5::/64"}]]')
rm -rf "$store"
claim_equal "we allocate a requested address" "10.5.0.2/24 fd00:5::a0/64" \
  "$(address_of ours a "$six" IP=FD00:5:0:0::00A0)"
claim_contains "the reference rejects it" "requested IP address fd00:5::a0 is not available" \
  "$(address_of theirs b "$six" IP=fd00:5::a0)"
claim_equal "the reference allocates a requested address" "10.5.0.77/24 fd00:5::a1/64" \
  "$(address_of theirs c "$six" IP=10.5.0.77)"
claim_contains "we reject it" "requested IP address 10.5.0.77 is not available" \
  "$(address_of ours d "$six" IP=10.5.0.77)"
claim_equal "the file names are the same" "10.5.0.2 10.5.0.77 fd00:5::a0 fd00:5::a1" "$(allocated)"
claim_equal "so are their modes" "600" "$(stat -c %a "$store"/[0-9f]* | sort -u)"

# ---- files of the reference before 0.8 ----
for old in old1 old2; do
  printf %s "$old" >"$store/10.5.0.10$((${old#old}))"
done
call ours CHECK old1 "$six" || fail "our CHECK does not find an allocation in the old format"
claim_contains "an address in the old format is allocated" "is not available" \
  "$(address_of ours e "$six" IP=10.5.0.101)"
call ours DEL old1 "$six"
call theirs DEL old2 "$six"
claim_equal "both release addresses in the old format" "10.5.0.2 10.5.0.77 fd00:5::a0 fd00:5::a1" "$(allocated)"

# ---- our extensions are not visible ----
claim_equal "the store contains only files of the reference" "last_reserved_ip.0 last_reserved_ip.1 lock" \
  "$(find "$store" -type f ! -name '[0-9f]*' -printf '%f\n' | sort | paste -sd ' ')"
excluding=$(conf '"ranges": [[{"subnet": "10.5.0.0/24"}]], "exclude": ["10.5.0.0/25"]')
claim_equal "the reference ignores exclude" "10.5.0.78/24" "$(address_of theirs g "$excluding")"
claim_equal "we exclude" "10.5.0.128/24" "$(address_of ours h "$excluding")"

# ---- random calls of both: the files decide, whichever implementation wrote them ----
rm -rf "$store"
turns=$(conf '"ranges": [[{"subnet": "10.6.0.0/27"}]]')
# owner_of ADDRESS
owner_of() { cut -d $'\r' -f 1 "$store/$1" 2>/dev/null | head -n 1; }
RANDOM=5
for ((turn = 0; turn < 250; turn++)); do
  side=ours
  [ $((RANDOM % 3)) -gt 0 ] || side=theirs
  id=t$((RANDOM % 12))
  has=$(grep -l "^$id"$'\r' "$store"/10.* 2>/dev/null || true)
  case $((RANDOM % 8)) in
    0 | 1 | 2)
      address=$(address_of "$side" "$id" "$turns")
      if [ -n "$has" ]; then
        claim_contains "turn $turn: $side rejects a duplicate of $id" "${has##*/} has been allocated to $id" "$address"
      else
        claim_equal "turn $turn: $side allocates an address for $id" "$id" "$(owner_of "${address%/*}")"
      fi
      ;;
    3 | 4 | 5)
      call "$side" DEL "$id" "$turns" || fail "turn $turn: $side: DEL of $id failed"
      claim_equal "turn $turn: nothing is left of $id" "" "$(grep -l "^$id"$'\r' "$store"/10.* 2>/dev/null || true)"
      ;;
    6)
      claim_equal "turn $turn: $side's CHECK agrees with the files of $id" "$([ -n "$has" ] && echo 0 || echo 1)" \
        "$(exit_code call "$side" CHECK "$id" "$turns")"
      ;;
    7) [ -z "$has" ] || rm "$has" ;;
  esac
done
finish
