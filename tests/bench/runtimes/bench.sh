#!/bin/bash
# bench.sh REFERENCE FOLDER [OPTIONS-OF-PODS.PY]...: measures pods twice, with the runtime's files in memory, where nothing hides
# what plugins take, and in FOLDER, on a disk, as they are on a node; leaves the times in FOLDER and prints the report.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
reference=$1 folder=$2
shift 2
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
bash "$here/measure.sh" "$reference" "$folder/pods-in-memory.json" "$@"
rm -rf "$folder/containerd"
mkdir "$folder/containerd"
trap 'rm -rf "$folder/containerd"' EXIT
bash "$here/measure.sh" "$reference" "$folder/pods-on-disk.json" --disk "$folder/containerd" "$@"
python3 -B "$here/report.py" "$folder/pods-in-memory.json" "$folder/pods-on-disk.json"
