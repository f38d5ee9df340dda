#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh REFERENCE FOLDER [OPTIONS-OF-PODS.PY]...: measures pods with the runtime's files in memory, where the
# plugins' time is most visible, and in FOLDER, on a disk, as on a node. Writes the times to FOLDER and prints the
# report.
#
# With two processors, containerd sometimes delays a plugin's input for 10 to 20 ms: while it waits for loopback and
# another plugin, it has no free thread to write the input until Go's sysmon runs, every 10 ms. So a machine with fewer
# than four processors is measured with GOMAXPROCS=4 for containerd, and then once without.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
reference=$1 folder=$2
shift 2
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
enough=4 times=()

# measure NAME [OPTION]...: runs measure.sh with these options.
measure() {
  local json=$folder/$1.json
  shift
  bash "$here/measure.sh" "$reference" "$json" "$@"
  times+=("$json")
}

# measure_on_disk NAME [OPTION]...
measure_on_disk() {
  local name=$1
  shift
  rm -rf "$folder/containerd"
  mkdir "$folder/containerd"
  measure "$name" --disk "$folder/containerd" "$@"
}

trap 'rm -rf "$folder/containerd"' EXIT
if [ "$(nproc)" -ge "$enough" ]; then
  measure pods-in-memory "$@"
  measure_on_disk pods-on-disk "$@"
else
  measure pods-in-memory --processors "$enough" "$@"
  measure_on_disk pods-on-disk --processors "$enough" "$@"
  measure_on_disk pods-as-it-is "$@"
fi
python3 -B "$here/report.py" "${times[@]}"
