#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# measure.sh REFERENCE JSON [--disk FOLDER] [--processors N] [OPTIONS-OF-PODS.PY]...: measures pods with our plugins,
# with those in the folder REFERENCE, with plugins that do nothing, and on the host network. Writes the times to JSON.
# Each kind of plugin has its own containerd, all on one private host, whose files are in memory or in FOLDER.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../e2e/lib.sh"
# shellcheck source=tests/e2e/runtimes/host.sh
. "$source_dir/tests/e2e/runtimes/host.sh"
# shellcheck source=tests/e2e/runtimes/containerd.sh
. "$source_dir/tests/e2e/runtimes/containerd.sh"

need_packages busybox-static python3-grpcio python3-protobuf protobuf-compiler
runtime_host "$@"
reference=$1 json=$2 where="in memory"
shift 2
if [ "${1:-}" = --disk ]; then
  where="on the disk"
  mount --bind "$2" "$root"
  shift 2
fi
if [ "${1:-}" = --processors ]; then
  where="$where, GOMAXPROCS=$2"
  containerd_environment=("GOMAXPROCS=$2")
  shift 2
fi

# start_side NAME NUMBER FOLDER: starts a containerd at $socket with the plugins in FOLDER.
start_side() {
  cni_bin=$3 cni_conf=/etc/cni/$1
  mkdir "$cni_conf"
  write_network 1.0.0 "$1" "$2" >"$cni_conf/10-$1.conflist"
  find_containerd 1 "-$1" || skip "$why"
  start_containerd
  for setting in "${containerd_environment[@]}"; do
    grep -qzxF "$setting" "/proc/${processes[-1]}/environ" || fail "containerd runs without $setting"
  done
}

nothing=$files/nothing
mkdir "$nothing"
for plugin in loopback bridge tuning portmap firewall; do
  cp "$build_folder/tests/bench_nothing" "$nothing/$plugin"
done
start_side ours 88 "$bin" && ours=$socket
start_side theirs 89 "$reference" && theirs=$socket
start_side idle 90 "$nothing"
"$python" -B "$source_dir/tests/bench/runtimes/pods.py" --json "$json" --where "$where" \
  --version "containerd $version" \
  --version "runc $(version_of runc)" "$@" \
  "footbridge=$ours" "reference=$theirs" "nothing=$socket" "host=$ours,host"
