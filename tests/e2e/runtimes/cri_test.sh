#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Pods through containerd's CRI, with the containerd of Debian 12 and the newest one, which also calls STATUS.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/e2e/runtimes/host.sh
. "$source_dir/tests/e2e/runtimes/host.sh"
# shellcheck source=tests/e2e/runtimes/containerd.sh
. "$source_dir/tests/e2e/runtimes/containerd.sh"

need_packages busybox-static python3-grpcio python3-protobuf protobuf-compiler
runtime_host "$@"

# pods CNIVERSION: runs cri_pods.py with the containerd that was found.
pods() {
  start_containerd
  write_network "$1" >/etc/cni/net.d/10-pods.conflist
  "$python" -B "$runtimes/cri_pods.py" "$socket" "$1" || fail "pods through the CRI of containerd $version
$(tail -n 30 "$state/log")"
  end_process "${processes[-1]}"
}

# docs/runtimes/containerd.md has the command for Debian's configuration, which has another folder than containerd's
# default.
debians=$files/config.toml
cp "$source_dir/build/runtimes/etc/containerd/config.toml" "$debians"
bash -c "$(sed -n 's|^sudo \(sed .*\) /etc/containerd/config.toml$|\1|p' \
  "$source_dir/docs/runtimes/containerd.md") \"\$1\"" - "$debians" || true
claim_equal "with the command of docs/runtimes/containerd.md, Debian's containerd uses our folder" \
  'bin_dir = "/opt/cni/bin"' \
  "$(/usr/bin/containerd --config "$debians" config dump | grep -o 'bin_dir = .*')"

serve_outside
find_containerd 1 || skip "$why"
pods 1.0.0
versions="containerd $version"
if find_containerd 2; then
  pods 1.1.0
  versions="$versions and $version"
else
  echo "SKIP: $why"
fi
echo "runtimes: $versions (CRI), runc $(version_of runc): pods of two containers, host ports," \
  "both families, 30 at once; nothing left"
