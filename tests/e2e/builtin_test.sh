#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An IPAM plugin that is our own executable is asked in the caller's process, a copy of it is started as a process: every
# call says the same in both ways, on stdout, on stderr and in the log, and leaves the same store and the same host.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
unset -v FOOTBRIDGE_LOG TRACEPARENT
log=$files/cni.log
strange=$files/strange-resolv.conf
printf 'nameserver 192.0.2.53\nsearch \xff.example\ndomain a<b.example\n' >"$strange"
printf 'nameserver 192.0.2.53\nsearch a\0b.example\n' >"$files/nul-resolv.conf"

# The same names with another inode: a process for each.
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

# What differs from one run to the next: the hardware addresses, the times, and which process it was. ADD takes a link back
# that it had made meanwhile when IPAM fails as a process, and has made none otherwise: of a failed ADD what was done is not
# compared.
constant() { sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s/at 20[0-9T:.Z-]+/at TIME/g; s/since 20[0-9T:.Z -]+/since TIME/g'; }
constant_log() {
  jq -cS 'del(.time, .pid) | .us |= (keys) | .done |= sort | if .error and .plugin != "host-local" then del(.done, .us) else . end' "$log"
  : >"$log"
}
constant_text_log() { sed -E 's/^20[0-9T:.Z-]+/TIME/; s/ pid=[0-9]+/ pid=PID/; s/(done|us)=[^ ]*("[^"]*"[^"]*)*[]}]/\1/g'; }

# told CNI_PATH VERB CONTAINER CONFIGURATION: all that a caller sees of it.
told() {
  local code=0
  call "$@" >"$files/out" 2>"$files/err" || code=$?
  printf '%s %s: exit code %s\n' "$2" "$3" "$code"
  cat "$files/out"
  echo
  constant_text_log <"$files/err"
}

# left: the links and the store after a call.
left() {
  ip -o link | sed -E 's/^[0-9]+: ([^:@]*).*/\1/' | sort | paste -sd ' '
  [ ! -d /var/lib/cni/networks ] || (cd /var/lib/cni/networks && find . -type f | sort | xargs -r grep -a '')
}

only_own_links() { [ "$(ip -o link | wc -l)" -eq 2 ]; }

# story CNI_PATH CONFIGURATION: the calls of a node's life, and what is there after each.
story() {
  local way=$1 config=$2 previous alive
  : >"$log"
  new_netns c1 c2 c3
  for step in "STATUS c1" "ADD c1" "ADD c2" "ADD c2" "ADD c3" "CHECK c1" "GC c1" "CHECK c2" "DEL c1" "DEL c1" "CHECK c1" \
    "ADD c1" "GC c3" "DEL c1" "DEL c2" "DEL c3" "STATUS c1"; do
    read -r verb container <<<"$step"
    previous=$(cat "$files/previous.$container" 2>/dev/null || echo null)
    alive='[{"containerID": "c1", "ifname": "eth0"}]'
    told "$way" "$verb" "$container" "${config%\}},\"prevResult\":$previous,\"cni.dev/valid-attachments\":$alive}"
    if [ "$verb" = ADD ] && ! grep -q '"code"' "$files/out"; then
      tr '\n' ' ' <"$files/out" >"$files/previous.$container"
    fi
    left
    [ ! -s "$log" ] || constant_log
  done
  told "$way" GC c1 "$config"
  host_state
  rm -rf "$files"/previous.* /var/lib/cni/networks
  for container in c1 c2 c3; do
    ip netns delete $container
  done
  ip link delete br-n 2>/dev/null || true
  wait_for "the end of the last links" only_own_links
  nft flush ruleset
}

# agree WORDS CONFIGURATION: both ways tell the same story. logged: the second time with a log in a file.
agree() {
  story "$bin" "$2" | constant >"$files/asked"
  story "$copies" "$2" | constant | sed "s:$copies:$bin:g" >"$files/started"
  [ -z "${TELL:-}" ] || cat "$files/asked"
  claim "$1: asked and started, they say and leave the same" diff -u "$files/started" "$files/asked"
}

# ---- are these the two ways? ----
good=$(conf 1.1.0 bridge '{"type": "host-local", "subnet": "10.70.0.0/29"}')
programs() {
  strace -f -qq -e trace=execve -o "$files/trace" env CNI_COMMAND=STATUS CNI_PATH="$1" "$bin/bridge" <<<"$good" >/dev/null
  sed -n 's/.*execve("\([^"]*\)".*/\1/p' "$files/trace" | sed 1d | tail -n +2
}
claim_equal "a link to the caller's own file is asked without a process" "" "$(programs "$bin")"
claim_equal "a copy is started" "$copies/host-local" "$(programs "$copies")"
mkdir "$files/hard" "$files/script" "$files/foreign"
mount --bind "$bin" "$files/hard"
claim_equal "the same file by another way is asked, too" "" "$(programs "$files/hard")"
cat >"$files/script/host-local" <<'SCRIPT'
#!/bin/sh
echo '{"code": 4242, "msg": "a script"}'
exit 1
SCRIPT
chmod 755 "$files/script/host-local"
claim_contains "a script that comes first in CNI_PATH is what is started" '"code": 4242' \
  "$(CNI_COMMAND=STATUS CNI_PATH=$files/script:$bin "$bin/bridge" <<<"$good")"
claim_equal "and is not when it comes second" "" "$(CNI_COMMAND=STATUS CNI_PATH=$bin:$files/script "$bin/bridge" <<<"$good")"
claim_equal "of a foreign plugin that comes first, too" "$copies/host-local" "$(programs "$copies:$bin")"
ln -s "$bin/static" "$files/foreign/host-local"
claim_equal "the name it is found under says which plugin it is" "" \
  "$(CNI_COMMAND=STATUS CNI_PATH=$files/foreign "$bin/bridge" <<<"$good")"
umount "$files/hard"

# ---- good configurations ----
small='"subnet": "10.70.0.0/29"'
six='{"type": "host-local", "ranges": [[{"subnet": "10.70.0.0/29"}], [{"subnet": "fd70::/64"}]], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "fd99::/64", "mtu": 1400, "priority": 7}]}'
fixed='{"type": "static", "addresses": [{"address": "10.70.0.5/24", "gateway": "10.70.0.1"}], "routes": [{"dst": "192.0.2.0/24", "gw": "10.70.0.9"}], "dns": {"nameservers": ["10.70.0.1"], "domain": "a<b"}}'
for version in 0.2.0 0.4.0 1.1.0; do
  for plugin in bridge ptp; do
    agree "$plugin, host-local, $version" "$(conf $version $plugin "{\"type\": \"host-local\", $small}")"
    agree "$plugin, static, $version" "$(conf $version $plugin "$fixed")"
  done
done
agree "both families" "$(conf 1.0.0 bridge "$six")"
agree "a range of two" "$(conf 1.1.0 bridge '{"type": "host-local", "subnet": "10.70.0.0/29", "rangeStart": "10.70.0.2", "rangeEnd": "10.70.0.3"}')"
agree "more addresses than the version has a shape for" "$(conf 0.2.0 bridge \
  '{"type": "static", "addresses": [{"address": "10.70.0.5/24"}, {"address": "10.71.0.5/24"}]}')"
agree "loopback, which asks STATUS and GC alone" "$(conf 1.1.0 loopback "{\"type\": \"host-local\", $small}")"
agree "an address that is asked for" "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small}" '"args": {"cni": {"ips": ["10.70.0.4"]}}')"

# ---- what IPAM refuses, at once or half way ----
agree "no range" "$(conf 1.1.0 bridge '{"type": "host-local"}')"
agree "a subnet that is none" "$(conf 1.1.0 ptp '{"type": "host-local", "subnet": "10.70.0.0/33"}')"
agree "keys of a wrong type" "$(conf 1.1.0 bridge '{"type": "host-local", "subnet": 5}')"
agree "static without addresses" "$(conf 1.1.0 bridge '{"type": "static"}')"
agree "static without addresses, in a version that has no shape for it" "$(conf 0.2.0 bridge '{"type": "static"}')"
agree "the second of two sets is full after two" "$(conf 1.1.0 bridge \
  '{"type": "host-local", "ranges": [[{"subnet": "10.70.0.0/24"}], [{"subnet": "10.71.0.0/29", "rangeEnd": "10.71.0.3"}]]}')"
agree "an unknown plugin" "$(conf 1.1.0 bridge '{"type": "nowhere"}')"
agree "no store to be had" "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small, \"dataDir\": \"$strange\"}")"
agree "no resolv.conf" "$(conf 1.1.0 ptp "{\"type\": \"host-local\", $small, \"resolvConf\": \"/none\"}")"

# ---- texts that JSON does not take as they are ----
agree "a resolv.conf that is no UTF-8" "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small, \"resolvConf\": \"$strange\"}")"
agree "a resolv.conf with a NUL" "$(conf 1.1.0 bridge "{\"type\": \"host-local\", $small, \"resolvConf\": \"$files/nul-resolv.conf\"}")"

# ---- the log: in a file, on stderr, at every level, with values that are none ----
export TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
host_local="{\"type\": \"host-local\", $small}"
agree "a log in a file" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$log\"")"
agree "a log in a file, at level debug" "$(conf 1.1.0 ptp "$six" "\"logFile\": \"$log\", \"logLevel\": \"debug\"")"
agree "a log of failures alone" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$log\", \"logLevel\": \"error\"")"
agree "a log on stderr" "$(conf 1.1.0 bridge "$host_local" '"logLevel": "info"')"
agree "another program's keys" "$(conf 1.1.0 bridge "$host_local" '"logLevel": "verbose", "logFile": 5')"
agree "a log's file that is a folder" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$files\"")"
export FOOTBRIDGE_LOG=info
agree "a log that the environment asks for" "$(conf 1.1.0 bridge "$host_local" "\"logFile\": \"$log\"")"
export FOOTBRIDGE_LOG=loud:relative
agree "an environment with bad values" "$(conf 1.1.0 bridge "$fixed" "\"logFile\": \"$log\"")"
well_done
