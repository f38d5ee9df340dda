# SPDX-License-Identifier: Apache-2.0
# A private Podman; sourced by bash after host.sh, used after runtime_host.
#
#   start_podman            from here on, `podman` uses our plugins, the networks in /etc/cni/net.d, and $root for files
#   start_rootless_podman   from here on, `as_user podman` does so for an unprivileged user with a home directory
#   page [NETNS] URL        prints a page; requested from the host, or from another namespace
#   is_echoed NETNS ADDRESS PORT   whether a UDP datagram is returned; use `in_time`, because it sends only one
#
# $image has busybox; "$serve PORT" runs a web server in it whose page is its host name.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # shared with host.sh, and with the tests

image=localhost/busybox:1
serve='mkdir -p /www && cat /proc/sys/kernel/hostname >/www/index.html && exec httpd -f -h /www -p'

# The timeout for a page on a busy machine. For a page that must not be served: seconds=3 claim_not ...
seconds=30

page() {
  if [ $# -eq 2 ]; then
    ip netns exec "$1" timeout "$seconds" busybox wget -qO- "$2"
  else
    timeout "$seconds" busybox wget -qO- "$1"
  fi
}

is_echoed() {
  [ "$(echo hello | ip netns exec "$1" timeout 5 nc -u -w 1 "$2" "$3")" = hello ]
}

# podman_config LINE-OF-NETWORK LINE-OF-ENGINE: differs from Debian's defaults where this machine lacks the right to
# raise limits, systemd, or a journal.
podman_config() {
  cat <<TEXT
[containers]
default_ulimits = []
[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin"]
$1
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
$2
TEXT
}

podman_policy() {
  private_folder /etc/containers
  cp "$source_dir/build/runtimes/etc/containers/policy.json" /etc/containers/
}

# static_dir and volume_path are not changed: otherwise Podman does not clean up after a container, and does not call
# DEL.
start_podman() {
  podman_policy
  private_folder /var/lib/containers  # Podman stores layers here, wherever its images are
  podman_config 'network_config_dir = "/etc/cni/net.d"' "tmp_dir = \"$root/podman\"" >"$root/containers.conf"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$root/images" \
    "$root/containers" >"$root/storage.conf"
  export CONTAINERS_CONF=$root/containers.conf CONTAINERS_STORAGE_CONF=$root/storage.conf
  podman load --quiet --input "$images" >/dev/null
}

# ---- rootless Podman ----

home=/home/rootless runtime_dir=/run/user/5000

as_user() {
  (cd "$home" && exec setpriv --reuid 5000 --regid 5000 --init-groups env -i HOME="$home" USER=rootless \
    XDG_RUNTIME_DIR="$runtime_dir" \
    PATH=/usr/bin:/bin:/usr/sbin:/sbin CONTAINERS_CONF="$home/containers.conf" \
    CONTAINERS_STORAGE_CONF="$home/storage.conf" "$@")
}

# lay_over_file FILE <CONTENT: replaces a file in this mount namespace only. It replaces a link (files of /etc are links
# if private_folder replaced /etc), because newuidmap does not follow one.
lay_over_file() {
  local ours=/run/.file${1//\//_}
  cat >"$ours"
  chmod 644 "$ours"
  if [ -L "$1" ]; then
    rm "$1" && cp "$ours" "$1"
  else
    mount --bind "$ours" "$1"
  fi
}

# The home directory is not below /run, because Podman mounts its own /run where it calls the plugins.
make_user() {
  local file
  { cat /etc/passwd && echo "rootless:x:5000:5000::$home:/bin/sh"; } | lay_over_file /etc/passwd
  { cat /etc/group && echo "rootless:x:5000:"; } | lay_over_file /etc/group
  for file in /etc/subuid /etc/subgid; do
    echo "rootless:200000:65536" | lay_over_file "$file"
  done
  private_folder /home
  private_folder /dev/net
  mknod -m 666 /dev/net/tun c 10 200
  mkdir -p "$home" "$runtime_dir"
  chmod 755 /run "$root"
  mount --make-shared /  # otherwise Podman prints a warning
}

start_rootless_podman() {
  podman_policy
  make_user
  podman_config "" "" >"$home/containers.conf"
  printf '[storage]\ndriver = "overlay"\n' >"$home/storage.conf"
  cp "$images" "$home/images.tar"
  chown -R 5000:5000 "$home" "$runtime_dir"
  chmod 700 "$runtime_dir"
  as_user podman load --quiet --input images.tar >/dev/null
}
