#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Real runtimes' calls, replayed: tests/recordings, one fresh host for each recording and part.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
recordings=$source_dir/tests/recordings

# every_recording: each in a process of its own, and at the end what it comes to.
every_recording() {
  local failed=0 count=0 recording part output all=''
  for recording in "$recordings"/*.jsonl; do
    count=$((count + 1))
    for part in runtime ipam; do
      output=$(FOOTBRIDGE_BIN=$bin bash "$0" "$part" "$recording") || failed=1
      grep -v '^{"calls"' <<<"$output" || true
      all+=$(grep '^{"calls"' <<<"$output" || true)$'\n'
    done
  done
  jq -r '.left_out | to_entries[] | "\(.key) \(.value)"' <<<"$all" | sort |
    awk '{ calls[$1] += $2 } END { for (name in calls) print "SKIP: " calls[name] " calls of " name ": there is no such plugin here" }'
  printf 'recordings: %s recordings, %s calls with the recorded result\n' "$count" "$(jq -s 'map(.calls) | add' <<<"$all")"
  exit "$failed"
}

[ $# -gt 0 ] || every_recording

private_host "$@"
part=$1 recording=$2
output=$(python3 "$recordings/replay.py" "$bin" "$part" "$recording") || {
  echo "$output"
  exit 1
}
echo "$output"

taken() {
  find /var/lib/cni/networks /run/cni-ipam-state -type f ! -name lock ! -name 'last_reserved_ip.*' 2>/dev/null | sort
}

host_ends() {
  ip -j link | jq -r '.[].ifname | select(startswith("veth"))'
}

# A container that got no DEL stays, whatever became of its process: only the runtime or GC may say that it is gone.
owners=$(jq -r '.env.CNI_CONTAINERID // empty' "$recording" | grep -v '^$' | sort -u)
[ -n "$owners" ] || fail "no container id in $recording"
for owner in $owners; do
  case $part:$(tail -n 1 <<<"$output" | jq -r --arg owner "$owner" '.stays | index($owner) != null') in
    *:true) claim "without a DEL, $owner still has its address" grep -qrF "$owner" /var/lib/cni/networks ;;
    runtime:false) claim "no trace of $owner is left" holds_nothing_of "$owner" ;;
  esac
done
if [ "$(tail -n 1 <<<"$output" | jq '.stays | length')" -eq 0 ]; then
  claim_equal "no address is taken" "" "$(taken)"
  claim_equal "no host end is left" "" "$(host_ends)"
fi
