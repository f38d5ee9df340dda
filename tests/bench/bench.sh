#!/bin/sh
# The measurements: FOOTBRIDGE_BIN beside the reference plugins in FOOTBRIDGE_REFERENCE (a folder; left out when empty).
# BENCH_ROUNDS and BENCH_CONTAINERS say how often.
set -eu
driver=${FOOTBRIDGE_BIN:?the folder of the executables}/../tests/bench_chain
set -- "footbridge=$FOOTBRIDGE_BIN"
reference=${FOOTBRIDGE_REFERENCE:-}
if [ -n "$reference" ]; then
  set -- "$@" "reference-nftables=$reference,nftables" "reference-iptables=$reference,iptables"
fi
exec "$driver" "${BENCH_ROUNDS:-5}" "${BENCH_CONTAINERS:-20}" "$@"
