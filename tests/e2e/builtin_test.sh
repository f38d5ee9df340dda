#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An IPAM plugin that is our own executable runs in the caller's process; a copy of it is started as a process. In both
# modes, each call prints the same to stdout, stderr and the log, and leaves the same store and the same host.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
unset -v FOOTBRIDGE_LOG TRACEPARENT
log=$files/cni.log
strange=$files/strange-resolv.conf
printf 'nameserver 192.0.2.53\nsearch \xff.example\ndomain a<b.example\n' >"$strange"
printf 'nameserver 192.0.2.53\nsearch a\0b.example\n' >"$files/nul-resolv.conf"

# The same names with another inode: each is started as a process.
copies=$files/copies
mkdir "$copies"
cp "$bin/footbridge" "$copies/footbridge"
for plugin in host-local static; do
  ln -s footbridge "$copies/$plugin"
done

# conf VERSION PLUGIN IPAM [KEYS]
conf() {
  jq -cn --arg version "$1" --arg type "$2" --argjson ipam "$3" --argjson keys "{${4:-}}" \
    '{cniVersion: $version, name: "n", type: $type, bridge: "br-n", isGateway: true, ipMasq: true, ipam: $ipam} + $keys'
}

# call CNI_PATH VERB CONTAINER CONFIGURATION
call() {
  [[ $4 =~ '"name":"n","type":"'([a-z]+) ]] || fail "no plugin in $4"
  env CNI_COMMAND="$2" CNI_CONTAINERID="$3" CNI_NETNS="/run/netns/$3" CNI_IFNAME=eth0 CNI_PATH="$1" \
    "$bin/${BASH_REMATCH[1]}" <<<"$4"
}

# Removes what differs between runs: hardware addresses, times and pids. The steps of a failed ADD are not compared: if
# IPAM fails as a process, ADD deletes the link that it created meanwhile; otherwise it has not created one yet.
constant() {
  sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s/at 20[0-9T:.Z-]+/at TIME/g; s/since 20[0-9T:.Z -]+/since TIME/g'
}
constant_log() {
  jq -cS 'del(.time, .pid) | .us |= (keys) | .done |= sort |
    if .error and .plugin != "host-local" then del(.done, .us) else . end' "$log"
  : >"$log"
}
constant_text_log() { sed -E \
  's/^20[0-9T:.Z-]+/TIME/; s/ pid=[0-9]+/ pid=PID/; s/(done|us)=[^ ]*("[^"]*"[^"]*)*[]}]/\1/g'; }

# call_output CNI_PATH VERB CONTAINER CONFIGURATION: makes the call; prints all that the caller sees.
call_output() {
  local code=0
  call "$@" >"$files/out" 2>"$files/err" || code=$?
  printf '%s %s: exit code %s\n' "$2" "$3" "$code"
  cat "$files/out"
  echo
  constant_text_log <"$files/err"
}

# host_content: the links and the store after a call.
host_content() {
  ip -o link | sed -E 's/^[0-9]+: ([^:@]*).*/\1/' | sort | paste -sd ' '
  [ ! -d /var/lib/cni/networks ] || (cd /var/lib/cni/networks && find . -type f | sort | xargs -r grep -a '')
}

only_own_links() { [ "$(ip -o link | wc -l)" -eq 2 ]; }

# run_calls CNI_PATH CONFIGURATION: a node's calls from first to last, and the host's content after each.
run_calls() {
  local mode=$1 config=$2 previous valid
  : >"$log"
  new_netns c1 c2 c3
  for step in "STATUS c1" "ADD c1" "ADD c2" "ADD c2" "ADD c3" "CHECK c1" "GC c1" "CHECK c2" "DEL c1" "DEL c1" \
    "CHECK c1" \
    "ADD c1" "GC c3" "DEL c1" "DEL c2" "DEL c3" "STATUS c1"; do
    read -r verb container <<<"$step"
    previous=$(cat "$files/previous.$container" 2>/dev/null || echo null)
    valid='[{"containerID": "c1", "ifname": "eth0"}]'
    call_output "$mode" "$verb" "$container" \
      "${config%\}},\"prevResult\":$previous,\"cni.dev/valid-attachments\":$valid}"
    if [ "$verb" = ADD ] && ! grep -q '"code"' "$files/out"; then
      tr '\n' ' ' <"$files/out" >"$files/previous.$container"
    fi
    host_content
    [ ! -s "$log" ] || constant_log
  done
  call_output "$mode" GC c1 "$config"
  host_state
  rm -rf "$files"/previous.* /var/lib/cni/networks
  for container in c1 c2 c3; do
    ip netns delete $container
  done
  ip link delete br-n 2>/dev/null || true
  wait_for "the end of the last links" only_own_links
  nft flush ruleset
}

# same_result WORDS CONFIGURATION: both modes give the same output and leave the same host. VERBOSE=yes prints it.
same_result() {
  run_calls "$bin" "$2" | constant >"$files/in-process"
  run_calls "$copies" "$2" | constant | sed "s:$copies:$bin:g" >"$files/started"
  [ -z "${VERBOSE:-}" ] || cat "$files/in-process"
  claim "$1: in-process and started, output and host are the same" diff -u "$files/started" "$files/in-process"
}

# ---- which mode is used ----
good=$(conf 1.1.0 bridge '{"type": "host-local", "subnet": "10.70.0.0/29"}')
programs() {
  strace -f -qq -e trace=execve -o "$files/trace" env CNI_COMMAND=STATUS CNI_PATH="$1" \
    "$bin/bridge" <<<"$good" >/dev/null
  sed -n 's/.*execve("\([^"]*\)".*/\1/p' "$files/trace" | sed 1d | tail -n +2
}
claim_equal "a link to the caller's own file runs in the caller's process" "" "$(programs "$bin")"
claim_equal "a copy is started" "$copies/host-local" "$(programs "$copies")"
mkdir "$files/hard" "$files/script" "$files/foreign"
mount --bind "$bin" "$files/hard"
claim_equal "so does the same file at another path" "" "$(programs "$files/hard")"
cat >"$files/script/host-local" <<'SCRIPT'
#!/bin/sh
echo '{"code": 4242, "msg": "a script"}'
exit 1
SCRIPT
chmod 755 "$files/script/host-local"
claim_contains "a script that comes first in CNI_PATH is started" '"code": 4242' \
  "$(CNI_COMMAND=STATUS CNI_PATH=$files/script:$bin "$bin/bridge" <<<"$good")"
claim_equal "a script that comes second is not" "" \
  "$(CNI_COMMAND=STATUS CNI_PATH=$bin:$files/script "$bin/bridge" <<<"$good")"
claim_equal "a foreign plugin that comes first is started" "$copies/host-local" "$(programs "$copies:$bin")"
ln -s "$bin/static" "$files/foreign/host-local"
claim_equal "the name in CNI_PATH selects the plugin" ""  \
  "$(CNI_COMMAND=STATUS CNI_PATH=$files/foreign "$bin/bridge" <<<"$good")"
umount "$files/hard"

# ---- valid configurations ----
small='"subnet": "10.70.0.0/29"'
six='{"type": "host-local", "ranges": [[{"subnet": "10.70.0.0/29"}], [{"subnet": "fd70::/64"}]],
  "routes": [{"dst": "0.0.0.0/0"}, {"dst": "fd99::/64", "mtu": 1400, "priority": 7}]}'
fixed='{"type": "static", "addresses": [{"address": "10.70.0.5/24", "gateway": "10.70.0.1"}],
  "routes": [{"dst": "192.0.2.0/24", "gw": "10.70.0.9"}], "dns": {"nameservers": ["10.70.0.1"], "domain": "a<b"}}'
for version in 0.2.0 0.4.0 1.1.0; do
  for plugin in bridge ptp; do
    same_result "$plugin, host-local, $version" "$(conf $version $plugin "{\"type\": \"host-local\", $small}")"
    same_result "$plugin, static, $version" "$(conf $version $plugin "$fixed")"
  done
done
same_result "both families" "$(conf 1.0.0 bridge "$six")"
same_result "a range of two addresses" \
  "$(conf 1.1.0 bridge '{"type": "host-local", "subnet": "10.70.0.0/29", "rangeStart": "10.70.0.2",
    "rangeEnd": "10.70.0.3"}')"
same_result "more addresses than the version's result can contain" "$(conf 0.2.0 bridge \
  '{"type": "static", "addresses": [{"address": "10.70.0.5/24"}, {"address": "10.71.0.5/24"}]}')"
same_result "loopback, which calls IPAM for STATUS and GC only" \
  "$(conf 1.1.0 loopback "{\"type\": \"host-local\", $small}")"
same_result "a requested address" \
  "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small}" '"args": {"cni": {"ips": ["10.70.0.4"]}}')"

# ---- requests that IPAM rejects, immediately or half way ----
same_result "no range" "$(conf 1.1.0 bridge '{"type": "host-local"}')"
same_result "an invalid subnet" "$(conf 1.1.0 ptp '{"type": "host-local", "subnet": "10.70.0.0/33"}')"
same_result "keys with a wrong type" "$(conf 1.1.0 bridge '{"type": "host-local", "subnet": 5}')"
same_result "static without addresses" "$(conf 1.1.0 bridge '{"type": "static"}')"
same_result "static without addresses, in a version whose result needs one" "$(conf 0.2.0 bridge '{"type": "static"}')"
same_result "the second of two range sets is exhausted after two" "$(conf 1.1.0 bridge \
  '{"type": "host-local", "ranges": [[{"subnet": "10.70.0.0/24"}], [{"subnet": "10.71.0.0/29",
    "rangeEnd": "10.71.0.3"}]]}')"
same_result "an unknown plugin" "$(conf 1.1.0 bridge '{"type": "nowhere"}')"
same_result "a store that cannot be created" \
  "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small, \"dataDir\": \"$strange\"}")"
same_result "no resolv.conf" "$(conf 1.1.0 ptp "{\"type\": \"host-local\", $small, \"resolvConf\": \"/none\"}")"

# ---- texts that JSON cannot contain unchanged ----
same_result "a resolv.conf that is not UTF-8" \
  "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small, \"resolvConf\": \"$strange\"}")"
same_result "a resolv.conf with a NUL" \
  "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small, \"resolvConf\": \"$files/nul-resolv.conf\"}")"

# ---- the log: in a file, on stderr, at each level, with invalid values ----
export TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
host_local="{\"type\": \"host-local\", $small}"
same_result "a log in a file" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$log\"")"
same_result "a log in a file, at level debug" \
  "$(conf 1.1.0 ptp "$six" "\"logFile\": \"$log\", \"logLevel\": \"debug\"")"
same_result "a log of failures only" \
  "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$log\", \"logLevel\": \"error\"")"
same_result "a log on stderr" "$(conf 1.1.0 bridge "$host_local" '"logLevel": "info"')"
same_result "log keys of another program" "$(conf 1.1.0 bridge "$host_local" '"logLevel": "verbose", "logFile": 5')"
same_result "a log file that is a folder" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$files\"")"
export FOOTBRIDGE_LOG=info
same_result "a log set by the environment" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$log\"")"
export FOOTBRIDGE_LOG=loud:relative
same_result "an environment with invalid values" "$(conf 1.1.0 bridge "$fixed" "\"logFile\": \"$log\"")"
finish
