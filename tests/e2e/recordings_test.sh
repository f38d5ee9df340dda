#!/bin/bash
# Real runtimes' calls, replayed: tests/recordings, one fresh host for each recording and part.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
recordings=$source_dir/tests/recordings

if [ $# -eq 0 ]; then
  failed=0
  for recording in "$recordings"/*.jsonl; do
    for part in runtime ipam; do
      FOOTBRIDGE_BIN=$bin bash "$0" "$part" "$recording" || failed=1
    done
  done
  exit "$failed"
fi

private_host "$@"
part=$1 recording=$2
python3 "$recordings/replay.py" "$bin" "$part" "$recording" || exit 1

# The runtimes' containers are gone with the last call.
case $part in
  runtime)
    claim "no host end is left" test -z "$(ip -j link | jq -r '.[].ifname | select(startswith("veth"))')"
    owner=$(jq -r '.env.CNI_CONTAINERID // empty' "$recording" | grep -v '^$' | head -n 1)
    [ -n "$owner" ] || fail "no container id in $recording"
    claim "no trace of the container is left" holds_nothing_of "$owner"
    ;;
esac
claim_equal "no address is taken" "" \
  "$(find /var/lib/cni/networks -type f ! -name lock ! -name 'last_reserved_ip.*')"
