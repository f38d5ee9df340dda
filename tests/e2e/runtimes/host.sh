# SPDX-License-Identifier: Apache-2.0
# A machine of a container runtime's own; sourced by bash after ../lib.sh, in place of a call of private_host.
#
#   . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
#   . "$(dirname "${BASH_SOURCE[0]}")/host.sh"
#   need_packages python3-grpcio             # skips the test where one is not installed
#   runtime_host "$@"                        # from here on in namespaces of our own
#   write_network 1.0.0 >/etc/cni/net.d/10-pods.conflist
#   ... start a runtime with `background`; load "$images" (see images.py for what is in it)
#
# What private_host gives holds here, too (lib.sh): lo, 198.51.100.1 on a LAN with the namespace "outside"; here the LAN also
# has fd00:51::1 and ::2. On top of it: our plugins at /opt/cni/bin, an empty /etc/cni/net.d, a shared /run/netns (of `ip netns`) as
# runtimes want it, Debian's containerd, runc and podman in /usr (unpacked by ./run test: installed they would start daemons, and a
# network of Podman's would be in everybody's /etc/cni/net.d), $root for all of the runtime's files, $images with the images, and the cgroup $group (a path such as
# /footbridge-123, in every hierarchy) for all containers.
#
# Everything runs in a PID namespace whose first process is the test: when that ends, or is killed, shims and containers end
# with it, and with them the mounts and namespaces. $root is in memory (on a tmpfs of ours), so no file is left. Only cgroups
# would stay: the process outside, which waits for the test, removes them, and those of a test that was killed.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # shared with lib.sh and with the scripts that source this

runtimes=$source_dir/tests/e2e/runtimes
build_folder=${FOOTBRIDGE_BUILD:-$source_dir/build/release}
root=/run/runtime
images=$files/images.tar
group=${FOOTBRIDGE_RUNTIME_GROUP:-}

# Debian's own: it has Debian's python3-grpcio, which another python3 in PATH has not.
python=/usr/bin/python3

# need_packages PACKAGE...: ./run test installs them.
need_packages() {
  need setpriv busybox
  local package
  for package in python3 "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || skip "needs Debian's $package"
  done
}

# version_of PROGRAM: as its authors count, without Debian's additions.
version_of() {
  "$1" --version | grep -o '[0-9][0-9]*\.[0-9.]*' | head -n 1
}

# ---- the process outside ----

# groups_of NAME: its folders in every hierarchy, and those below, which come first.
groups_of() {
  find /sys/fs/cgroup -depth -type d \( -path "*/$1" -o -path "*/$1/*" \) 2>/dev/null || true
}

# The first process of a PID namespace is gone before the last one is: cgroups may be busy for a moment.
remove_groups() {
  local tries=500
  until [ -z "$(groups_of "$1")" ] || [ "$tries" -eq 0 ]; do
    groups_of "$1" | xargs -r rmdir 2>/dev/null || sleep 0.02
    tries=$((tries - 1))
  done
}

remove_groups_of_the_dead() {
  local folder pid
  find /sys/fs/cgroup -maxdepth 2 -type d -name 'footbridge-[0-9]*' 2>/dev/null | while read -r folder; do
    pid=${folder##*-}
    [ -d "/proc/$pid" ] || groups_of "footbridge-$pid" | xargs -r rmdir 2>/dev/null || true
  done
}

in_processes_of_our_own() {
  local pid code=0
  remove_groups_of_the_dead
  FOOTBRIDGE_RUNTIME_GROUP=/footbridge-$$ setpriv --pdeathsig KILL \
    unshare --pid --fork --kill-child --mount-proc bash "$(readlink -f "$0")" "$@" &
  pid=$!
  trap 'kill -KILL "$pid" 2>/dev/null' HUP INT TERM
  wait "$pid" || code=$?
  remove_groups "footbridge-$$"
  exit "$code"
}

# The cgroups of containers that are still there.
container_groups() {
  groups_of "${group#/}" | grep -F "$group/" || true
}

# ---- the machine ----

# runtime_host ARGUMENTS-OF-THE-SCRIPT...
runtime_host() {
  [ -n "$group" ] || in_processes_of_our_own "$@"
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

# write_network CNIVERSION [NAME NUMBER]: a conflist with all of our plugins that join a pod to a network, for IPv4 and IPv6:
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

# serve_outside: a web server on the machine outside, whose /cgi-bin/who tells who asks. It has no route to containers, so an
# answer to a container is one that came through masquerade.
serve_outside() {
  mkdir -p "$files/outside/cgi-bin"
  # shellcheck disable=SC2016  # for the server's shell
  printf '%s\n' '#!/bin/sh' 'printf "Content-type: text/plain\r\n\r\n%s\n" "$REMOTE_ADDR"' >"$files/outside/cgi-bin/who"
  chmod +x "$files/outside/cgi-bin/who"
  background ip netns exec outside busybox httpd -f -p 80 -h "$files/outside"
  in_time "the web server outside" is_listening outside 80
}

# runtime_state: host_state, and what is the runtime's: namespaces, cgroups, shims.
runtime_state() {
  host_state
  ip netns list | sort
  container_groups
  pgrep -c -f containerd-shim || true
}

# in_time WHAT COMMAND...: until the command succeeds, at most 90 seconds: a runtime on a busy machine takes its time.
in_time() {
  local what=$1 end=$((SECONDS + 90))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "waited 90 s in vain: $what"
    sleep 0.05
  done
}
