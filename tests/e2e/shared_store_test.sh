#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One store of addresses, two implementations at the same time: ours and the reference's host-local.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need
reference=${FOOTBRIDGE_SOURCE:-$source_dir}/build/reference/usr/lib/cni
[ -x "$reference/host-local" ] || skip "the reference plugins are not here (sudo ./run test fetches them)"
private_host "$@"

store=/var/lib/cni/networks/n
workers=4 # of each implementation
each=125  # ADDs of a worker

# A configuration of network n with this ipam object's content.
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

# address_of ours|theirs CONTAINER CONFIGURATION [CNI_ARGS]: the addresses that ADD answers, or its error's text.
address_of() {
  { call "$1" ADD "${@:2}" || true; } | jq -r 'if .ips then [.ips[].address] | join(" ") else .msg end'
}

# The addresses that are taken, in one line.
taken() {
  find "$store" -type f -name '[0-9f]*' -printf '%f\n' | sort -V | paste -sd ' '
}

# all_workers FUNCTION: calls FUNCTION IMPLEMENTATION WORKER in a process for each worker of both, and waits for all.
all_workers() {
  local implementation worker pid pids=()
  for implementation in ours theirs; do
    for ((worker = 0; worker < workers; worker++)); do
      "$1" "$implementation" "$worker" &
      pids+=($!)
    done
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || fail "a worker ended with $?"
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
  done >"$files/given.$1.$2"
}
# Each worker has files of its own: the result is written in a folder per process.
add_worker() {
  files=$files/$1.$2
  mkdir "$files"
  add_many "$1" "$2"
}
all_workers add_worker
total=$((2 * workers * each))
cat "$files"/*/given.* >"$files/given"
claim_equal "a thousand ADDs answered with an address of each family" $((2 * total)) "$(wc -l <"$files/given")"
claim_equal "no address was handed out twice" "" "$(cut -d ' ' -f 1 "$files/given" | sort | uniq -d)"
claim_equal "the store holds exactly those" "$(sort "$files/given")" \
  "$(cd "$store" && for file in [0-9f]*; do IFS=$'\r' read -r id _ <"$file" && echo "$file $id"; done | sort)"
claim_equal "each implementation gave half of them" $((total / 2)) \
  "$(grep -c '^10\..* ours-' "$files/given")"
claim_equal "the addresses follow each other without a gap, over both ranges" "10.1.0.2 10.2.1.$((total - 510 - 256 + 1))" \
  "$(cut -d ' ' -f 1 "$files/given" | grep '^10' | sort -V | sed -n '1p;$p' | paste -sd ' ')"

# ---- everybody deletes what the others made ----
del_worker() {
  local i others=ours
  [ "$1" = theirs ] || others=theirs
  for ((i = 0; i < each; i++)); do
    call "$1" DEL "$others-$2-$i" "$both" || fail "$1: DEL failed"
  done
}
all_workers del_worker
claim_equal "each deletes what the other made, and nothing is left" "" "$(taken)"

# ---- one round robin, over two ranges and around ----
two=$(conf '"ranges": [[{"subnet": "10.3.0.0/30"}, {"subnet": "10.4.0.0/29", "rangeStart": "10.4.0.4", "rangeEnd": "10.4.0.5"}]]')
rm -rf "$store"
claim_equal "we begin" 10.3.0.2/30 "$(address_of ours a "$two")"
claim_equal "the reference goes on with the next range" 10.4.0.4/29 "$(address_of theirs b "$two")"
claim_equal "we go on" 10.4.0.5/29 "$(address_of ours c "$two")"
full="no IP addresses available in range set: 10.3.0.1-10.3.0.2,10.4.0.4-10.4.0.5"
claim_contains "the range is full for us" "$full" "$(address_of ours d "$two")"
claim_contains "and for the reference, in the same words" "$full" "$(address_of theirs d "$two")"
call theirs DEL a "$two"
call ours DEL b "$two"
claim_equal "around it goes, to what the reference gave back" 10.3.0.2/30 "$(address_of ours e "$two")"
claim_equal "and to what we gave back" 10.4.0.4/29 "$(address_of theirs f "$two")"
claim_contains "we know the reference's containers" "10.4.0.4 has been allocated to f, duplicate" \
  "$(address_of ours f "$two")"
call ours CHECK f "$two" || fail "we do not find what the reference allocated"
call theirs CHECK c "$two" || fail "the reference does not find what we allocated"
claims=$((claims + 2))

# ---- requested addresses, and the names of IPv6 files ----
six=$(conf '"ranges": [[{"subnet": "10.5.0.0/24"}], [{"subnet": "fd00:5::/64"}]]')
rm -rf "$store"
claim_equal "we give a requested address" "10.5.0.2/24 fd00:5::a0/64" "$(address_of ours a "$six" IP=FD00:5:0:0::00A0)"
claim_contains "the reference does not give it again" "requested IP address fd00:5::a0 is not available" \
  "$(address_of theirs b "$six" IP=fd00:5::a0)"
claim_equal "the reference gives a requested address" "10.5.0.77/24 fd00:5::a1/64" "$(address_of theirs c "$six" IP=10.5.0.77)"
claim_contains "and we do not give it again" "requested IP address 10.5.0.77 is not available" \
  "$(address_of ours d "$six" IP=10.5.0.77)"
claim_equal "the files' names are the same" "10.5.0.2 10.5.0.77 fd00:5::a0 fd00:5::a1" "$(taken)"
claim_equal "and their modes" "600" "$(stat -c %a "$store"/[0-9f]* | sort -u)"

# ---- files of before 0.8 ----
for old in old1 old2; do
  printf %s "$old" >"$store/10.5.0.10$((${old#old}))"
done
call ours CHECK old1 "$six" || fail "we do not find an allocation of the old format"
claim_contains "an address of the old format is taken" "is not available" "$(address_of ours e "$six" IP=10.5.0.101)"
call ours DEL old1 "$six"
call theirs DEL old2 "$six"
claim_equal "both give back what is in the old format" "10.5.0.2 10.5.0.77 fd00:5::a0 fd00:5::a1" "$(taken)"

# ---- our extensions do not show ----
claim_equal "there are the files of the reference, and no others" "last_reserved_ip.0 last_reserved_ip.1 lock" \
  "$(find "$store" -type f ! -name '[0-9f]*' -printf '%f\n' | sort | paste -sd ' ')"
excluding=$(conf '"ranges": [[{"subnet": "10.5.0.0/24"}]], "exclude": ["10.5.0.0/25"]')
claim_equal "the reference reads a configuration with exclude, and does not exclude" "10.5.0.78/24" "$(address_of theirs g "$excluding")"
claim_equal "we do" "10.5.0.128/24" "$(address_of ours h "$excluding")"

# ---- by turns at random: each says what the files say, whoever wrote last ----
rm -rf "$store"
turns=$(conf '"ranges": [[{"subnet": "10.6.0.0/27"}]]')
# holder_of ADDRESS
holder_of() { cut -d $'\r' -f 1 "$store/$1" 2>/dev/null | head -n 1; }
RANDOM=5
for ((turn = 0; turn < 250; turn++)); do
  who=ours
  [ $((RANDOM % 3)) -gt 0 ] || who=theirs
  id=t$((RANDOM % 12))
  has=$(grep -l "^$id"$'\r' "$store"/10.* 2>/dev/null || true)
  case $((RANDOM % 8)) in
    0 | 1 | 2)
      address=$(address_of "$who" "$id" "$turns")
      if [ -n "$has" ]; then
        claim_contains "turn $turn: $who knows what $id has" "${has##*/} has been allocated to $id" "$address"
      else
        claim_equal "turn $turn: $who gives $id an address of its own" "$id" "$(holder_of "${address%/*}")"
      fi
      ;;
    3 | 4 | 5)
      call "$who" DEL "$id" "$turns" || fail "turn $turn: $who: DEL of $id failed"
      claim_equal "turn $turn: nothing is left of $id" "" "$(grep -l "^$id"$'\r' "$store"/10.* 2>/dev/null || true)"
      ;;
    6)
      claim_equal "turn $turn: $who finds what is there of $id, and nothing else" "$([ -n "$has" ] && echo 0 || echo 1)" \
        "$(exit_code call "$who" CHECK "$id" "$turns")"
      ;;
    7) [ -z "$has" ] || rm "$has" ;;
  esac
done
well_done
