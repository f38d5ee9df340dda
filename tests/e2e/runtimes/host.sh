# SPDX-License-Identifier: Apache-2.0
# A private host for a container runtime; sourced by bash after ../lib.sh, instead of a call of private_host.
#
#   . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
#   . "$(dirname "${BASH_SOURCE[0]}")/host.sh"
#   need_packages python3-grpcio             # skips the test if one is not installed
#   runtime_host "$@"                        # from here on in private namespaces
#   write_network 1.0.0 >/etc/cni/net.d/10-pods.conflist
#   ... start a runtime with `background`; load "$images" (images.py describes its content)
#
# It includes private_host (lib.sh): lo, and 198.51.100.1 on a LAN with the namespace "outside". The LAN also has
# fd00:51::1 and ::2. In addition:
#   /opt/cni/bin       our plugins; /etc/cni/net.d is empty
#   /run/netns         shared (of `ip netns`), as runtimes need it
#   /usr               with Debian's containerd, runc and podman, unpacked by ./run test: installed packages would start
#                      daemons, and add a network of Podman's to this machine's /etc/cni/net.d
#   $root, $images     the runtime's files; the images
#   $group             the cgroup of all containers (a path such as /footbridge-123, in each hierarchy)
#
# The test is the first process of a PID namespace: when it ends or is killed, shims and containers end, and with them
# mounts and namespaces. $root is on a tmpfs. Only cgroups would stay: the process outside, which waits for the test,
# deletes them, and those of a killed test.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # shared with lib.sh and with the scripts that source this

runtimes=$source_dir/tests/e2e/runtimes
build_folder=${FOOTBRIDGE_BUILD:-$source_dir/build/release}
root=/run/runtime
images=$files/images.tar
group=${FOOTBRIDGE_RUNTIME_GROUP:-}

# Debian's python3, which finds Debian's python3-grpcio; another python3 in PATH does not.
python=/usr/bin/python3

# need_packages PACKAGE...: ./run test installs them.
need_packages() {
  need setpriv busybox
  local package
  for package in python3 "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || skip "needs Debian's $package"
  done
}

# version_of PROGRAM: the upstream version, without Debian's suffix.
version_of() {
  "$1" --version | grep -o '[0-9][0-9]*\.[0-9.]*' | head -n 1
}

# ---- the process outside ----

# groups_of NAME: its folders in each hierarchy, after the folders below them.
groups_of() {
  find /sys/fs/cgroup -depth -type d \( -path "*/$1" -o -path "*/$1/*" \) 2>/dev/null || true
}

# The first process of a PID namespace ends before the last one: cgroups may be busy for a moment.
remove_groups() {
  local tries=500
  until [ -z "$(groups_of "$1")" ] || [ "$tries" -eq 0 ]; do
    groups_of "$1" | xargs -r rmdir 2>/dev/null || sleep 0.02
    tries=$((tries - 1))
  done
}

remove_stale_groups() {
  local folder pid
  find /sys/fs/cgroup -maxdepth 2 -type d -name 'footbridge-[0-9]*' 2>/dev/null | while read -r folder; do
    pid=${folder##*-}
    [ -d "/proc/$pid" ] || groups_of "footbridge-$pid" | xargs -r rmdir 2>/dev/null || true
  done
}

in_pid_namespace() {
  local pid code=0
  remove_stale_groups
  FOOTBRIDGE_RUNTIME_GROUP=/footbridge-$$ setpriv --pdeathsig KILL \
    unshare --pid --fork --kill-child --mount-proc bash "$(readlink -f "$0")" "$@" &
  pid=$!
  trap 'kill -KILL "$pid" 2>/dev/null' HUP INT TERM
  wait "$pid" || code=$?
  remove_groups "footbridge-$$"
  exit "$code"
}

# The remaining cgroups of containers.
container_groups() {
  groups_of "${group#/}" | grep -F "$group/" || true
}

# ---- the host ----

# runtime_host ARGUMENTS-OF-THE-SCRIPT...
runtime_host() {
  [ -n "$group" ] || in_pid_namespace "$@"
  private_host "$@"
  lay_over_usr "$source_dir/build/runtimes"
  private_folder /opt/cni
  private_folder /etc/cni
  mkdir "$root" /opt/cni/bin /etc/cni/net.d
  mount --bind "$bin" /opt/cni/bin
  ip address add fd00:51::1/64 dev lan0 nodad
  ip -n outside address add fd00:51::2/64 dev eth0 nodad
  "$python" -B "$runtimes/images.py" "$images" --inside "$build_folder/tests/runtime_inside"
}

# write_network CNIVERSION [NAME NUMBER]: prints a conflist of bridge, tuning, portmap and firewall, with
# 10.NUMBER.0.0/24 and fd00:NUMBER::/64 on the bridge NAME0.
write_network() {
  local name=${2:-pods} number=${3:-88}
  cat <<TEXT
{"cniVersion": "$1", "name": "$name", "plugins": [
  {"type": "bridge", "bridge": "${name}0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.$number.0.0/24"}], [{"subnet": "fd00:$number::/64"}]]}},
  {"type": "tuning", "sysctl": {"net.ipv4.conf.all.arp_filter": "1"}},
  {"type": "portmap", "capabilities": {"portMappings": true}},
  {"type": "firewall"}
]}
TEXT
}

# serve_outside: starts a web server on the machine outside; /cgi-bin/client prints the client's address. The machine
# has no route to containers, so a reply to a container proves masquerading.
serve_outside() {
  mkdir -p "$files/outside/cgi-bin"
  # shellcheck disable=SC2016  # the server's shell expands it
  printf '%s\n' '#!/bin/sh' \
    'printf "Content-type: text/plain\r\n\r\n%s\n" "$REMOTE_ADDR"' >"$files/outside/cgi-bin/client"
  chmod +x "$files/outside/cgi-bin/client"
  background ip netns exec outside busybox httpd -f -p 80 -h "$files/outside"
  in_time "the web server outside" is_listening outside 80
}

# runtime_state: host_state, and the runtime's namespaces, cgroups and shims.
runtime_state() {
  host_state
  ip netns list | sort
  container_groups
  pgrep -c -f containerd-shim || true
}

# in_time WORDS COMMAND...: waits until the command succeeds, for at most 90 seconds: a runtime on a busy machine is
# slow.
in_time() {
  local what=$1 end=$((SECONDS + 90))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "timeout after 90 s: $what"
    sleep 0.05
  done
}
