# SPDX-License-Identifier: Apache-2.0
# containerd with everything of its own; sourced by bash after host.sh, used after runtime_host.
#
#   find_containerd 1 || skip "$why"         sets $containerd, the folder of its programs, $version, $state and $socket
#   start_containerd                         serves at $socket, with both images there; its log is $state/log
#   ctr ARGUMENTS...                         its own client, in the namespace k8s.io, where the CRI looks for images
#
# cni_bin and cni_conf, set before, name other folders for the CRI than /opt/cni/bin and /etc/cni/net.d; the array
# containerd_environment has what containerd's environment has besides (NAME=VALUE).
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

# find_containerd 1|2 [NAME]: fails with $why. 1 is Debian 12's; 2 is sid's, which stays in build/containerd. NAME tells one from another of the same version.
find_containerd() {
  containerd=/usr/bin
  [ "$1" = 1 ] || containerd=$source_dir/build/containerd/usr/bin
  why="needs containerd $1: ./run test fetches 1.6 from Debian 12, and 2 from sid"
  [ -x "$containerd/containerd" ] || return 1
  version=$("$containerd/containerd" --version | grep -o ' v\?[0-9][0-9.]*' | head -n 1 | tr -d ' v')
  state=$root/containerd-$version${2:-}
  socket=$state/containerd.sock
}

ctr() {
  "$containerd/ctr" -a "$socket" -n k8s.io "$@"
}

config_version() {
  case $version in
    1.*) echo 2 ;;
    *) echo 3 ;;
  esac
}

# What differs from the defaults is what this machine has not: AppArmor, the right to lower an OOM score, a registry.
containerd_config() {
  cat <<TEXT
version = $(config_version)
root = "$state/root"
state = "$state/state"
[grpc]
  address = "$socket"
[ttrpc]
  address = "$socket.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "$state/opt"
TEXT
  "cri_config_$(config_version)"
}

cri_config_2() {
  cat <<TEXT
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cni_bin:-/opt/cni/bin}"
    conf_dir = "${cni_conf:-/etc/cni/net.d}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
TEXT
}

cri_config_3() {
  cat <<TEXT
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "localhost/pause:1"
[plugins."io.containerd.cri.v1.runtime"]
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${cni_bin:-/opt/cni/bin}"]
    conf_dir = "${cni_conf:-/etc/cni/net.d}"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
TEXT
}

# Its shims are those beside it.
start_containerd() {
  mkdir -p "$state"
  containerd_config >"$state/config.toml"
  PATH=$containerd:$PATH background env "${containerd_environment[@]}" "$containerd/containerd" --config "$state/config.toml" >"$state/log" 2>&1
  in_time "containerd answers" ctr version
  claim "containerd has the images" ctr images import "$images"
}
