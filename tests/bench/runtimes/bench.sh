#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh REFERENCE FOLDER [OPTIONS-OF-PODS.PY]...: measures pods with the runtime's files in memory, where nothing hides what
# plugins take, and in FOLDER, on a disk, as they are on a node; leaves the times in FOLDER and prints the report.
#
# With two processors containerd keeps plugins waiting for their input now and then, for 10 to 20 ms: while it waits for loopback
# and for another one at the same time, none of its threads is left to write it, until Go's sysmon looks after them, every 10 ms.
# A machine of fewer than four processors is therefore measured as if it had four, as far as containerd is concerned
# (GOMAXPROCS), and once more as it is.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
reference=$1 folder=$2
shift 2
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
enough=4 times=()

# measure NAME [OPTION]...: of measure.sh.
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
