#!/bin/sh
# The measurements: FOOTBRIDGE_BIN beside the reference plugins in FOOTBRIDGE_REFERENCE (a folder; left out when empty).
# BENCH_ROUNDS and BENCH_CONTAINERS say how often; BENCH_SIZE_ROUNDS and BENCH_ATTACHMENTS the same of the hosts with many
# attachments.
set -eu
drivers=${FOOTBRIDGE_BIN:?the folder of the executables}/../tests
set -- "footbridge=$FOOTBRIDGE_BIN"
reference=${FOOTBRIDGE_REFERENCE:-}
if [ -n "$reference" ]; then
  set -- "$@" "reference-nftables=$reference,nftables" "reference-iptables=$reference,iptables"
fi
"$drivers/bench_chain" "${BENCH_ROUNDS:-5}" "${BENCH_CONTAINERS:-20}" "$@"
echo
"$drivers/bench_size" "${BENCH_SIZE_ROUNDS:-3}" "${BENCH_ATTACHMENTS:-1000}" "$@"
