# Podman with everything of its own; sourced by bash after host.sh, used after runtime_host.
#
#   start_podman       from here on `podman` uses our plugins, the networks in /etc/cni/net.d, and keeps its files below $root
# shellcheck shell=bash
# shellcheck disable=SC2154  # shared with host.sh

# What differs from Debian's defaults is what this machine has not: the right to raise limits, systemd, a journal. static_dir and
# volume_path stay as they are: with other ones the cleanup after a container, and so DEL, does not run.
podman_config() {
  cat <<TEXT
[containers]
default_ulimits = []
[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin"]
network_config_dir = "/etc/cni/net.d"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
tmp_dir = "$root/podman"
TEXT
}

start_podman() {
  private_folder /etc/containers
  private_folder /var/lib/containers  # there it keeps a cache of what it knows of images, whatever is configured
  cp "$source_dir/build/runtimes/etc/containers/policy.json" /etc/containers/
  podman_config >"$root/containers.conf"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$root/images" "$root/containers" >"$root/storage.conf"
  export CONTAINERS_CONF=$root/containers.conf CONTAINERS_STORAGE_CONF=$root/storage.conf
  podman load --quiet --input "$images" >/dev/null
}
