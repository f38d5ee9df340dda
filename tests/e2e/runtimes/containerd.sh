# SPDX-License-Identifier: Apache-2.0
# A private containerd; sourced by bash after host.sh, used after runtime_host.
#
#   find_containerd 1 || skip "$why"         sets $containerd (the folder of its programs), $version, $state and $socket
#   start_containerd                         starts it at $socket and loads both images; its log is $state/log
#   ctr ARGUMENTS...                         its client, in the namespace k8s.io, where the CRI looks for images
#
# Set cni_bin and cni_conf before for other folders than /opt/cni/bin and /etc/cni/net.d. The array
# containerd_environment contains additional variables of containerd's environment (NAME=VALUE).
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

# find_containerd 1|2 [NAME]: fails and sets $why if it is missing. 1 is Debian 12's; 2 is sid's, in build/containerd.
# NAME distinguishes two of the same version.
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

# Differs from the defaults where this machine lacks AppArmor, the right to lower an OOM score, or a registry.
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

# PATH begins with its folder, for its own shims.
start_containerd() {
  mkdir -p "$state"
  containerd_config >"$state/config.toml"
  PATH=$containerd:$PATH background env "${containerd_environment[@]}" "$containerd/containerd" \
    --config "$state/config.toml" >"$state/log" 2>&1
  in_time "containerd to start" ctr version
  claim "load the images" ctr images import "$images"
}
