# SPDX-License-Identifier: Apache-2.0
# Functions for the client tests and the demo; sourced by bash with FOOTBRIDGE_BIN set to the folder of the executables.
#
# A test calls private_host first. From then on it runs in its own network and mount namespace, with its own /run (and
# /run/netns), /var/lib/cni, and /run/test for its files. This machine does not change, and everything disappears when
# the test's last process ends.
# shellcheck shell=bash
set -euo pipefail

# FOOTBRIDGE_BIN as an absolute path, as CNI_PATH needs it.
bin=$(cd "${FOOTBRIDGE_BIN:?the folder of the executables}" && pwd -P)
# shellcheck disable=SC2034  # used by the scripts that source this
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
files=/run/test

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

skip() {
  printf 'SKIP: %s\n' "$*"
  exit 77
}

need() {
  [ "$(id -u)" -eq 0 ] || skip "needs root to make network namespaces"
  local program
  for program in ip nft jq "$@"; do
    command -v "$program" >/dev/null || skip "needs $program"
  done
}

# private_folder FOLDER: mounts an empty folder at that path, for this test only. If the machine has no such folder, the
# test replaces the parent folder, so that the machine's does not change.
private_folder() {
  local parent=${1%/*}
  if [ ! -d "$1" ]; then
    [ -d "/run/.below${parent//\//_}" ] || replace_folder "$parent"
    mkdir "$1"
  fi
  mount -t tmpfs -o mode=755 tmpfs "$1"
}

# replace_folder FOLDER [all]: replaces FOLDER, for this test only, with a folder of links to its content. Mounted
# folders, or all folders, are mounted again instead of linked: find does not follow links, and a path through a link
# leads through the old folder.
replace_folder() {
  local entry below=/run/.below${1//\//_}
  mkdir "$below"
  mount --rbind "$1" "$below"
  mount -t tmpfs -o mode=755 tmpfs "$1"
  for entry in "$below"/* "$below"/.[!.]*; do
    if [ -d "$entry" ] && { [ -n "${2:-}" ] || mountpoint -q "$entry"; }; then
      mkdir "$1/${entry##*/}"
      mount --rbind "$entry" "$1/${entry##*/}"
    elif [ -e "$entry" ]; then
      ln -s "$entry" "$1/"
    fi
  done
}

# open_path FOLDER: makes FOLDER reachable for every user, and for root without capabilities. The tree may be in a home
# directory with mode 0700; the test replaces each such folder above FOLDER.
open_path() {
  local name path_names place=
  IFS=/ read -ra path_names <<<"${1#/}"
  for name in "${path_names[@]}"; do
    ((8#$(stat -c %a "$place/") & 1)) || replace_folder "$place" all
    place=$place/$name
  done
}

# private_host ARGUMENTS-OF-THE-SCRIPT...: starts the script again in its own namespaces (in the same process, so that
# signals reach it) and sets up the host: lo, and 198.51.100.1/24 on a LAN. The namespace "outside" is also on that LAN,
# with 198.51.100.2 and no route to any container.
private_host() {
  if [ -z "${FOOTBRIDGE_PRIVATE_HOST:-}" ]; then
    unset -v "${!CNI_@}" "${!FOOTBRIDGE_CACHE@}" FOOTBRIDGE_LOG NETCONFPATH
    FOOTBRIDGE_BIN=$bin FOOTBRIDGE_PRIVATE_HOST=yes exec unshare --net --mount --propagation private \
      bash "$(readlink -f "$0")" "$@"
  fi
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap end_processes EXIT
  mount -t tmpfs tmpfs /run
  open_path "$bin"
  private_folder /var/lib/cni
  mkdir /run/netns "$files"
  ip link set lo up
  ip netns add outside
  ip link add lan0 type veth peer name eth0 netns outside
  ip address add 198.51.100.1/24 dev lan0
  ip link set lan0 up
  ip -n outside address add 198.51.100.2/24 dev eth0
  ip -n outside link set eth0 up
  ip -n outside link set lo up
}

# lay_over_usr FOLDER: mounts Debian packages that ./run test unpacked into FOLDER over /usr, in this mount namespace
# only.
lay_over_usr() {
  [ -d "$1/usr" ] || skip "needs build/${1##*/}, which ./run test fetches from Debian"
  mount -t overlay -o "lowerdir=$1/usr:/usr" overlay /usr
  [ ! -d "$1/lib" ] || mount -t overlay -o "lowerdir=$1/lib:/usr/lib" overlay /usr/lib  # packages still use /lib
}

# ---- processes ----

processes=()

# background COMMAND...: runs it until the test ends, even if the test is killed. $! is its pid.
background() {
  setpriv --pdeathsig KILL "$@" &
  processes+=($!)
}

end_process() {
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

end_processes() {
  local code=$? pid
  trap - EXIT
  for pid in "${processes[@]}"; do
    end_process "$pid"
  done
  exit "$code"
}

# wait_for WORDS COMMAND...: waits until the command succeeds, for at most 10 seconds.
wait_for() {
  local what=$1 tries=500
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "timeout after 10 s: $what"
    sleep 0.02
  done
}

# is_listening NETNS PORT
is_listening() {
  [ -n "$(ip netns exec "$1" ss -Hltn "sport = :$2")" ]
}

# ---- claims ----

claims=0

# claim WORDS COMMAND...: the command succeeds.
claim() {
  local what=$1 output
  shift
  output=$("$@" 2>&1) || fail "$what
  command failed with exit code $?: $*
$output"
  claims=$((claims + 1))
}

# claim_not WORDS COMMAND...: the command fails.
claim_not() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    fail "$what
  command succeeded, but should fail: $*
$output"
  fi
  claims=$((claims + 1))
}

# claim_equal WORDS EXPECTED ACTUAL
claim_equal() {
  [ "$2" = "$3" ] || fail "$1
  expected: $2
  found:    $3"
  claims=$((claims + 1))
}

# claim_contains WORDS PART WHOLE
claim_contains() {
  case $3 in
    *"$2"*) claims=$((claims + 1)) ;;
    *) fail "$1
  expected part: $2
  found: $3" ;;
  esac
}

# exit_code COMMAND...: prints its exit code; its output is discarded.
exit_code() {
  local code=0
  "$@" >/dev/null 2>&1 || code=$?
  echo "$code"
}

finish() {
  printf '%s claims hold\n' "$claims"
}

# ---- what is on the host ----

# The state that must be equal before ADD and after DEL, in a form that can be compared: without indexes, handles,
# counters and link-local addresses, which the kernel chooses, and without the lock and the last address of a store.
host_state() {
  ip -j -d link | jq -S '[.[] | {ifname, mtu, address, master, ifalias, kind: .linkinfo.info_kind,
    up: (.flags | index("UP") != null)}] | sort_by(.ifname)' || return
  ip -j address | jq -S '[.[] | {ifname, addresses: [.addr_info[]? | select(.scope != "link") | {local, prefixlen}]}] |
    sort_by(.ifname)' || return
  { ip -j route && ip -6 -j route; } | jq -S -s '[.[][] | select((.dst | startswith("fe80") or startswith("ff00")) |
    not) |
    {dst, dev, gateway, prefsrc}] | sort_by(.dst, .dev)' || return
  nft -j list ruleset | jq -S 'walk(if type == "object" then del(.handle, .metainfo) else . end) |
    walk(if type == "object" and has("elem") and (.elem | type) == "array" then .elem |= sort else . end)' || return
  find /var/lib/cni -type f ! -name lock ! -name 'last_reserved_ip.*' \
    -exec sh -c 'printf "%s: " "$1" && cat "$1" && echo' - {} \; | sort
}

# holds_nothing_of TEXT...: no link, address, rule or file of ours contains any of the texts.
holds_nothing_of() {
  local text state
  state=$(host_state) || fail "cannot read the state of the host"
  for text in "$@"; do
    if grep -F -e "$text" <<<"$state"; then
      return 1
    fi
  done
}

# new_netns NAME...: creates network namespaces; even lo is down.
new_netns() {
  local name
  for name in "$@"; do
    ip netns add "$name"
  done
}

# inner_address NETNS INTERFACE 4|6: an interface's IPv4 or IPv6 address in a namespace.
inner_address() {
  ip -n "$1" -"$3" -j address show dev "$2" | jq -r '[.[].addr_info[] | select(.scope == "global")][0].local // "none"'
}
