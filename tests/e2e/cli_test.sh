#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The operator's command: results, exit codes, messages, signals.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need busybox ping setpriv
private_host "$@"
PATH=$bin:$PATH
mkdir "$files/net.d" "$files/plugins" "$files/calls" "$files/www"
cp "$source_dir"/conf-examples/*.conf* "$files/net.d"
export NETCONFPATH=$files/net.d
new_netns red blue

# message COMMAND...: the text of a failing command on stderr: one line, and nothing on stdout.
message() {
  local code=0
  "$@" >"$files/out" 2>"$files/err" || code=$?
  [ "$code" -ne 0 ] || fail "command succeeded, but should fail: $*"
  [ ! -s "$files/out" ] || fail "a failed command wrote to stdout: $(cat "$files/out")"
  [ "$(wc -l <"$files/err")" -eq 1 ] || fail "not one line on stderr: $(cat "$files/err")"
  cat "$files/err"
}

# A plugin of the test: records its calls and its input, returns prevResult, and fails for a verb if the file fail-VERB
# exists.
cat >"$files/plugins/recorder" <<SH
#!/bin/bash
input=\$(cat)
echo "\$CNI_COMMAND \$CNI_CONTAINERID \$CNI_NETNS \$CNI_IFNAME args=\$CNI_ARGS" >>$files/calls/env
printf '%s\n' "\$input" >>$files/calls/stdin
if [ -e $files/calls/fail-\$CNI_COMMAND ]; then
  echo '{"code": 123, "msg": "the recorder fails", "details": "as requested"}'
  exit 1
fi
if [ "\$CNI_COMMAND" = ADD ]; then
  jq -c .prevResult <<<"\$input"
fi
SH
chmod +x "$files/plugins/recorder"
cat >"$files/net.d/recorded.conflist" <<'JSON'
{"cniVersion": "1.0.0", "name": "recorded", "plugins": [
  {"type": "bridge", "bridge": "recorded0", "isGateway": true, "ipMasq": true, "capabilities": {"ips": true},
   "ipam": {"type": "host-local", "subnet": "10.44.0.0/24"}},
  {"type": "recorder", "capabilities": {"portMappings": true, "mac": false}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
recorded=(--plugins "$bin" --plugins "$files/plugins")

# ---- names, versions, usage ----
claim_contains "version lists the plugins" "plugins: bridge " "$(footbridge version)"
claim_contains "a plugin started by hand prints its name" "CNI bridge plugin " "$(bridge 2>&1 >/dev/null)"
claim_contains "help lists the commands" "exec" "$(footbridge --help)"
claim_contains "help lists reload" "reload" "$(footbridge --help)"
claim_equal "help is --help" "$(footbridge --help)" "$(footbridge help)"
claim_equal "help add is add --help" "$(footbridge add --help)" "$(footbridge help add)"
claim_equal "--version is version" "$(footbridge version)" "$(footbridge --version)"
claim_equal "-V is version" "$(footbridge version)" "$(footbridge -V)"
claim_equal "no command is a usage error" 2 "$(exit_code footbridge)"
claim_equal "an unexpected argument is named" 'footbridge: unexpected argument "now"; see footbridge --help' \
  "$(message footbridge show now)"
claim_equal "reload of two networks is a usage error" 2 "$(exit_code footbridge reload a b)"
claim_equal "an unknown command is a usage error" 2 "$(exit_code footbridge destroy)"
claim_equal "a missing argument is a usage error" 2 "$(exit_code footbridge add bridge-example)"
claim_equal "exec without a command is a usage error" 2 "$(exit_code footbridge exec bridge-example)"
usage="usage: footbridge exec NETWORK [OPTIONS] -- COMMAND [ARG...]"
claim_contains "its message has the usage" "the command is missing; $usage" "$(message footbridge exec bridge-example)"
claim_contains "exec without -- has the usage, too" "unexpected argument \"ip\"; $usage" \
  "$(message footbridge exec bridge-example ip a)"
claim_equal "add with a command is a usage error" 2 "$(exit_code footbridge add bridge-example red -- true)"
claim_equal "a bad port is a usage error" 2 "$(exit_code footbridge add --port 70000:80 port-mapping-example red)"
claim_equal "a bad MAC address is a usage error" 2 "$(exit_code footbridge add --mac x bridge-example red)"
ln -s "$bin/footbridge" "$files/dhcp"
claim_equal "a runtime that calls an unknown name gets an error object" 50 \
  "$(CNI_COMMAND=ADD "$files/dhcp" | jq .code)"
claim_contains "an operator gets the reason" 'no plugin "dhcp"; this is the operator' \
  "$("$files/dhcp" version 2>&1)"

# ---- errors ----
claim_equal "an unknown network is an error" 1 "$(exit_code footbridge add nowhere red)"
claim_contains "its message names the folder and its networks" \
  "network \"nowhere\" not found: $files/net.d contains bridge-example" \
  "$(message footbridge add nowhere red)"
claim_contains "an unknown namespace is reported" "no network namespace at /run/netns/green" \
  "$(message footbridge add bridge-example green)"
claim_contains "a port that no plugin would publish is an error" \
  'no plugin of network bridge-example declares the capability "portMappings"' \
  "$(message footbridge add --port 8080:80 bridge-example red)"
claim_contains "a bad container id is reported" 'container id "../x" is not allowed' \
  "$(message footbridge add --id ../x bridge-example red)"
claim_contains "a container id that is too long for the cache is reported" \
  "container id \"$(printf 'x%.0s' \
  {1..229})\" is too long (it has 229 bytes; allowed: 227 on network bridge-example as eth0)" \
  "$(message footbridge add --id "$(printf 'x%.0s' {1..229})" bridge-example red)"
claim_equal "also by exec, before it changes anything" 1 \
  "$(exit_code footbridge exec --id "$(printf 'x%.0s' {1..228})" bridge-example -- touch "$files/ran")"
claim_not "the command did not run" test -e "$files/ran"
claim_contains "an interface name that is too long is reported" "interface name is too long" \
  "$(message footbridge add --ifname a234567890123456 bridge-example red)"
claim_contains "CHECK without ADD is reported" "no result of ADD to compare with" \
  "$(message footbridge check bridge-example red)"
claim_contains "a missing plugin is reported" 'plugin bridge failed (ADD): failed to find plugin "bridge"' \
  "$(message footbridge add --plugins "$files/plugins" bridge-example red)"
printf '\xef\xbb\xbf' | cat - "$files/net.d/bridge.conflist" >"$files/marked.conflist"
claim_contains "a file with a byte order mark is rejected, as by runtimes" "not JSON: begins with a byte order mark" \
  "$(message footbridge add --conf "$files/marked.conflist" bridge-example red)"
claim_contains "a missing folder of configurations is reported" \
  'network "bridge-example" not found: no such file or folder: /nonexistent' \
  "$(message footbridge add --conf /nonexistent bridge-example red)"
mkdir "$files/broken"
claim_contains "so is an empty one" "network \"x\" not found: $files/broken contains no network configuration" \
  "$(message footbridge add --conf "$files/broken" x red)"
for text in '{"name": "x", "plugins": [{"type": "bridge"}],}' '{"name": "x"} {}' $'{"name": "x" // comment\n}' \
  'name: x'; do
  echo "$text" >"$files/broken/10-x.conflist"
  claim_contains "the error of a broken file comes first: $text" "footbridge: add x red: 10-x.conflist: not JSON: " \
    "$(message footbridge add --conf "$files/broken" x red)"
done
echo '{"cniVersion": "0.7.0", "name": "x", "plugins": [{"type": "bridge"}]}' >"$files/broken/10-x.conflist"
supported="0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"
claim_contains "an unknown version is reported with the supported ones" \
  "10-x.conflist: cniVersion \"0.7.0\" is not supported; supported: $supported; network" \
  "$(message footbridge add --conf "$files/broken" x red)"
claim_equal "after these errors, nothing is on the host" "nothing is attached on this host" "$(footbridge show)"

# ---- STATUS before ADD ----
jq -n '{cniVersion: "1.1.0", name: "inside", plugins: [{type: "bridge", bridge: "inside0", isGateway: true,
  ipam: {type: "host-local", subnet: "198.51.100.0/28"}}]}' >"$files/net.d/inside.conflist"
ip route add 203.0.113.0/24 via 198.51.100.2
clash="subnet 198.51.100.0/28 overlaps the host's route to 198.51.100.0/24"
claim_contains "add calls STATUS first" "plugin bridge failed (STATUS): $clash" "$(message footbridge add inside red)"
claim_contains "the message names the option that ignores it" "; --force attaches nevertheless" \
  "$(message footbridge add inside red)"
claim_contains "so does exec" "plugin bridge failed (STATUS): $clash" \
  "$(message footbridge exec inside -- touch "$files/ran")"
claim_not "before it runs the command" test -e "$files/ran"
claim_not "and before it creates anything" ip link show inside0
claim_contains "with --force, ADD prints the same text as a warning" "bridge: warning: $clash" \
  "$(footbridge add --force --quiet inside red 2>&1)"
claim "del" footbridge del inside red
claim_contains "so does exec" "bridge: warning: $clash" "$(ip link delete inside0 &&
  footbridge exec --force inside -- true 2>&1)"
ip link delete inside0
ip route delete 203.0.113.0/24
rm "$files/net.d/inside.conflist"

# ---- add, check, show, del ----
result=$(footbridge add bridge-example red)
claim_equal "add prints the result" 10.23.1.2/24 "$(jq -r '.ips[0].address' <<<"$result")"
claim "check succeeds" footbridge check bridge-example red
claim_contains "a second add of the same is rejected" "footbridge-red is attached to bridge-example as eth0 already" \
  "$(message footbridge add bridge-example red)"
claim "the attachment still works" ip netns exec red ping -c 1 -w 10 10.23.1.1
claim_equal "add --quiet prints nothing" "" "$(footbridge add --quiet --ifname eth1 bridge-example red)"
claim_equal "the second interface has the next address" 10.23.1.3 "$(inner_address red eth1 4)"
claim_equal "options may appear anywhere, an address and a MAC may be requested" "10.23.1.50 0a:00:00:00:00:50" \
  "$(footbridge add --ip 10.23.1.50 bridge-example --mac 0a:00:00:00:00:50 blue --id blue-container >/dev/null
    echo "$(inner_address blue eth0 4) $(ip -n blue -j link show dev eth0 | jq -r '.[0].address')")"
owners='["blue-container","footbridge-red","footbridge-red"]'
addresses='["10.23.1.50/24","10.23.1.2/24","10.23.1.3/24"]'
claim_equal "show --json has the network, its bridge and three attachments" \
  "[\"bridge-example\",\"fb-bridge0\",$owners,$addresses]" \
  "$(footbridge show --json |
  jq -c '.networks[0] | [.name, .bridge, [.attachments[].containerID], [.attachments[].addresses[0]]]')"
ip -n red address add 169.254.7.7/16 dev eth1 scope link
ip -n red address add 10.99.0.1/32 dev eth1 scope host
claim_equal "it has no addresses of scope link or host" '["10.23.1.3/24"]' "$(footbridge show --json |
  jq -c '.networks[0].attachments[] | select(.ifname == "eth1").addresses')"
ip -n red link set eth1 down
ip -n red address flush dev eth1
claim_equal "check finds an interface that was changed" 1 \
  "$(exit_code footbridge check --ifname eth1 bridge-example red)"
claim "del of one attachment" footbridge del --ifname eth1 bridge-example red
claim "leaves the other" footbridge check bridge-example red
claim "del" footbridge del bridge-example red
claim_equal "del again is no error, but a warning" \
  "footbridge: warning: del: bridge-example/footbridge-red/eth0 has no result of ADD and no host end; known ids: \
blue-container" \
  "$(footbridge del bridge-example red 2>&1)"
claim "del of an attachment that never existed" footbridge del bridge-example green
claim_contains "del with a wrong id warns" "bridge-example/wrong/eth0 has no result of ADD" \
  "$(footbridge del --id wrong bridge-example blue 2>&1)"
claim_equal "del of the container with its own id does not" "" \
  "$(footbridge del --id blue-container bridge-example blue 2>&1)"
claim "nothing is left" holds_nothing_of footbridge-red blue-container footbridge-green
claim_contains "reload of an unknown network warns" \
  "footbridge: warning: reload: found no attachment of network nosuch" \
  "$(footbridge reload nosuch 2>&1)"
claim_equal "and succeeds" 0 "$(exit_code footbridge reload nosuch)"

# ---- a pod of a kubelet: a long id, and its name in CNI_ARGS ----
pod=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
other=0123ffffffffffff0123456789abcdef0123456789abcdef0123456789abcdef
footbridge add --quiet --id "$pod" --args "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web" bridge-example \
  red
footbridge add --quiet --id "$other" --ifname eth1 bridge-example red
claim_contains "show names the pod and its short id" "  0123456789ab  eth0       default/web  veth" "$(footbridge show)"
claim_equal "so does show --json, with the complete id" "$pod default/web" "$(footbridge show --json |
  jq -r '.networks[0].attachments[] | select(.ifname == "eth0") | "\(.containerID) \(.pod)"')"
missing=/var/lib/cni/results/bridge-example-footbridge-red-eth0
known="known ids: 0123456789ab (default/web), 0123ffffffff"
claim_contains "check without --id lists the known ids" \
  "no result of ADD to compare with ($missing is missing; a pod of a kubelet needs --id; $known)" \
  "$(message footbridge check bridge-example red)"
claim "check with a beginning of the id" footbridge check --id 0123456 bridge-example red
claim "the interface makes it unique" footbridge check --id 0123 --ifname eth1 bridge-example red
claim_equal "del with a beginning of the id" "" "$(footbridge del --id 0123f --ifname eth1 bridge-example red 2>&1)"
footbridge add --quiet --id "$other" bridge-example blue
claim_equal "the namespace makes it unique" "" "$(footbridge del --id 0123 bridge-example blue 2>&1)"
claim_contains "an id in another namespace does not match" "bridge-example/0123/eth0 has no result of ADD" \
  "$(footbridge del --id 0123 bridge-example blue 2>&1)"
sed 's/"containerId":"0123456789abcdef/"containerId":"0123ffffffffffff/' \
  "/var/lib/cni/results/bridge-example-$pod-eth0" \
  >"/var/lib/cni/results/bridge-example-$other-eth0"
claim_contains "an ambiguous beginning is an error" "--id 0123 is ambiguous (it matches $pod, $other)" \
  "$(message footbridge check --id 0123 bridge-example red)"
rm "/var/lib/cni/results/bridge-example-$other-eth0"
jq -c 'del(.netns)' "/var/lib/cni/results/bridge-example-$pod-eth0" >"$files/nameless" # as libcni 1.1 writes it
cp "$files/nameless" "/var/lib/cni/results/bridge-example-$pod-eth0"
claim_contains "without a namespace in the result, a short beginning does not match" "has no result of ADD" \
  "$(footbridge del --id 0123 bridge-example blue 2>&1)"
claim "an id as show prints it does" footbridge check --id 0123456789ab bridge-example red
claim "del" footbridge del --id 0123456789ab bridge-example red
claim "nothing is left" holds_nothing_of "$pod" "$other"

# ---- del under difficult conditions ----
claim "an attachment with a port" footbridge add --port 127.0.0.1:8080:80 --port '[::1]:8080:80' port-mapping-example \
  red
claim_contains "show has the ports" "127.0.0.1:8080 -> 80/tcp" "$(footbridge show)"
claim_contains "of both families" "[::1]:8080 -> 80/tcp" "$(footbridge show)"
claim_contains "a taken port is rejected with its owner's name" "port-mapping-example/footbridge-red/eth0" \
  "$(message footbridge add --port 127.0.0.1:8080:80 port-mapping-example blue)"
claim "and the attachment is reverted" holds_nothing_of footbridge-blue
rm -r /var/lib/cni/results
ip netns delete red
claim "del without cache, namespace and --port" footbridge del port-mapping-example red
claim "nothing is left" holds_nothing_of footbridge-red
new_netns red
claim "an attachment whose configuration is deleted" footbridge add bridge-example red
mv "$files/net.d/bridge.conflist" "$files"
claim "is deleted by the cached configuration" footbridge del bridge-example red
mv "$files/bridge.conflist" "$files/net.d"
claim "nothing is left" holds_nothing_of footbridge-red
claim "a cached result that cannot be read" footbridge add bridge-example red
echo "half a li" >/var/lib/cni/results/bridge-example-footbridge-red-eth0
claim_contains "is only a warning of del" "footbridge: warning: cached result /var/lib/cni/results/" \
  "$(footbridge del bridge-example red 2>&1)"
claim "nothing is left, and the file is gone" holds_nothing_of footbridge-red "half a li"
claim "a folder in place of the cached result" footbridge add bridge-example red
rm /var/lib/cni/results/bridge-example-footbridge-red-eth0
mkdir /var/lib/cni/results/bridge-example-footbridge-red-eth0
claim_contains "is only a warning of del" ": Is a directory" "$(footbridge del bridge-example red 2>&1)"
rmdir /var/lib/cni/results/bridge-example-footbridge-red-eth0
claim "nothing is left" holds_nothing_of footbridge-red
claim "longest container id" footbridge add --id "$(printf 'x%.0s' {1..227})" bridge-example red
claim "is deleted" footbridge del --id "$(printf 'x%.0s' {1..227})" bridge-example red
claim "nothing is left" holds_nothing_of xxxx
claim_equal "a result that cannot be written is a failed add" 1 \
  "$(exit_code bash -c 'footbridge add bridge-example red >/dev/full')"
claim "which is reverted" holds_nothing_of footbridge-red

# ---- the chain ----
claim "a chain with another program's plugin" footbridge add "${recorded[@]}" --port 8081:81 --ip 10.44.0.9 \
  --args 'IgnoreUnknown=1;A=B' recorded red
claim_equal "the other plugin gets the attachment" "ADD footbridge-red /run/netns/red eth0 args=IgnoreUnknown=1;A=B" \
  "$(cat "$files/calls/env")"
claim_equal "and only its own capabilities" '["portMappings"]' "$(jq -c '.runtimeConfig | keys' "$files/calls/stdin")"
claim_equal "and the result so far, in the list's version" '["1.0.0","10.44.0.9/24"]' \
  "$(jq -c '[.cniVersion, .prevResult.ips[0].address]' "$files/calls/stdin")"
touch "$files/calls/fail-DEL"
claim_contains "a plugin that fails DEL is reported" \
  "plugin recorder failed (DEL): the recorder fails (as requested) [code 123]" \
  "$(message footbridge del "${recorded[@]}" recorded red)"
claim_not "the plugins around it were called all the same: no link" grep -q recorded/footbridge-red <<<"$(ip -d link)"
claim_not "no rule" grep -q recorded/footbridge-red <<<"$(nft list ruleset)"
claim "the cached result stays for the next try" test -e /var/lib/cni/results/recorded-footbridge-red-eth0
rm "$files/calls/fail-DEL"
claim "the retry succeeds" footbridge del "${recorded[@]}" recorded red
claim "nothing is left" holds_nothing_of footbridge-red
touch "$files/calls/fail-ADD"
: >"$files/calls/env"
claim_contains "a plugin that fails ADD is reported" \
  "plugin recorder failed (ADD): the recorder fails (as requested) [code 123]" \
  "$(message footbridge add "${recorded[@]}" recorded red)"
claim_equal "every plugin gets DEL then" "ADD DEL" "$(cut -d' ' -f1 "$files/calls/env" | xargs)"
claim "nothing is left" holds_nothing_of footbridge-red
rm "$files/calls/fail-ADD"
jq -c '.name = "typo" | .plugins += [{"type": "brigde"}]' "$files/net.d/recorded.conflist" >"$files/net.d/typo.conflist"
claim_not "DEL after ADD does not report the plugin that ADD did not find" grep -q "not everything was reverted" \
  <<<"$(message footbridge add "${recorded[@]}" typo red)"
touch "$files/calls/fail-DEL"
claim_contains "it reports each other failure" \
  "not everything was reverted: plugin recorder failed (DEL): the recorder fails (as requested) [code 123]" \
  "$(message footbridge add "${recorded[@]}" typo red)"
rm "$files/calls/fail-DEL" "$files/net.d/typo.conflist"
claim "nothing is left" holds_nothing_of footbridge-red

# The other plugins run even if one cannot be started.
claim "a chain" footbridge add "${recorded[@]}" recorded red
chmod -x "$files/plugins/recorder"
claim_contains "a plugin that cannot be started is reported" "start $files/plugins/recorder: Permission denied" \
  "$(message footbridge del "${recorded[@]}" recorded red)"
chmod +x "$files/plugins/recorder"
claim_not "the plugins around it were called all the same: no link" grep -q recorded/footbridge-red <<<"$(ip -d link)"
claim "del again" footbridge del "${recorded[@]}" recorded red
claim "nothing is left" holds_nothing_of footbridge-red
claim_contains "ADD returns its result if the caller ignores SIGCHLD" "10.23.1." \
  "$(env --ignore-signal=CHLD footbridge add bridge-example red)"
claim "and so does DEL" env --ignore-signal=CHLD footbridge del bridge-example red

# ---- folders ----
claim "--conf may be a file" footbridge add --quiet --conf "$files/net.d/bridge.conflist" bridge-example red
claim "also for del" footbridge del --conf "$files/net.d/bridge.conflist" bridge-example red
claim "--conf has precedence over NETCONFPATH" env NETCONFPATH=/nowhere footbridge add --conf "$files/net.d" \
  --cache "$files/cache" bridge-example red
claim "--cache is libcni's cache folder" test -e "$files/cache/results/bridge-example-footbridge-red-eth0"
claim "so is FOOTBRIDGE_CACHE; CNI_PATH has the plugins; a namespace may be a path" \
  env FOOTBRIDGE_CACHE="$files/cache" CNI_PATH="/nowhere:$bin" footbridge del bridge-example /run/netns/red
claim_not "the entry is gone" test -e "$files/cache/results/bridge-example-footbridge-red-eth0"

# ---- exec ----
# No namespace, mount or result of exec exists.
leaves_nothing() {
  [ -z "$(find /run/netns -name 'footbridge-*')" ] && ! grep -q footbridge- /proc/self/mounts &&
    [ -z "$(ls /var/lib/cni/results)" ] && holds_nothing_of footbridge-
}
claim_equal "exec runs a command with the network" 10.23.1.1 \
  "$(footbridge exec bridge-example -- sh \
  -c 'ping -c 1 -w 10 10.23.1.1 >/dev/null && ip -j route show default | jq -r ".[0].gateway"')"
claim_equal "with loopback up" 0 "$(exit_code footbridge exec bridge-example -- ping -c 1 -w 10 127.0.0.1)"
claim_equal "with our stdin" "from outside" "$(echo "from outside" | footbridge exec bridge-example -- cat)"
claim_equal "with its own options untouched" "-- -c --port" "$(footbridge exec bridge-example -- echo -- -c --port)"
claim_equal "its exit code is the command's" 7 "$(exit_code footbridge exec bridge-example -- sh -c 'exit 7')"
claim_equal "a command that does not exist" 127 "$(exit_code footbridge exec bridge-example -- no-such-command)"
claim_equal "a command that cannot be run" 126 \
  "$(exit_code footbridge exec bridge-example -- "$files/net.d/bridge.conflist")"
claim_equal "a command that a signal ended" 137 "$(exit_code footbridge exec bridge-example -- sh -c 'kill -KILL $$')"
claim_equal "the command does not inherit ignored and blocked signals" "0000000000000000 0000000000000000" \
  "$(env --default-signal env --ignore-signal=PIPE,CHLD --block-signal=TERM,USR1 footbridge exec bridge-example -- \
    awk '/^SigBlk/ { blocked = $2 } /^SigIgn/ { print blocked, $2 }' /proc/self/status)"
claim "nothing is left" leaves_nothing
claim_equal "if ADD fails, exec exits with 1 and does not run the command" "1 " \
  "$(exit_code footbridge exec --ip 192.0.2.1 bridge-example -- touch "$files/ran") $(ls "$files/ran" 2>/dev/null)"
claim "nothing is left" leaves_nothing

# signalled SIGNAL CODE SCRIPT: sends the signal to an exec of the script when the script has created the file "ready",
# and expects this exit code. A script's jobs ignore SIGINT and SIGQUIT unless they are reset.
signalled() {
  local code=0
  rm -f "$files/ready" "$files/ready.sent"
  env --default-signal footbridge exec --port 8080:80 port-mapping-example -- sh -c "$3" sh "$files/ready" &
  local job=$!
  wait_for "the command runs" test -e "$files/ready"
  claim_contains "show has the running attachment" "0.0.0.0:8080 -> 80/tcp" "$(footbridge show)"
  kill -"$1" "$job"
  touch "$files/ready.sent"
  wait "$job" || code=$?
  claim_equal "after SIG$1, exec exits with the command's exit code" "$2" "$code"
  claim "nothing is left after SIG$1" leaves_nothing
}
for signal in HUP INT QUIT ABRT USR1 USR2 ALRM TERM VTALRM XFSZ SEGV RTMIN; do
  signalled "$signal" $((128 + $(kill -l "$signal"))) 'ulimit -c 0; touch "$1"; exec sleep 100'
done
signalled TERM 42 'trap "exit 42" TERM; touch "$1"; while :; do sleep 0.01; done'
signalled PIPE 5 'touch "$1"; until [ -e "$1.sent" ]; do sleep 0.01; done; exit 5' # SIGPIPE is ignored

# A signal during ADD: the slow plugin waits until the signal was sent.
mkfifo "$files/go"
cat >"$files/plugins/slow" <<SH
#!/bin/bash
if [ "\$CNI_COMMAND" = ADD ]; then
  touch $files/adding
  read -r _ <$files/go
  jq -c .prevResult
elif [ -e $files/impatient ]; then # as the terminal's Ctrl-C, which reaches the plugin and its caller
  rm $files/impatient
  kill -INT \$PPID
  kill -KILL \$\$
fi
SH
chmod +x "$files/plugins/slow"
sed 's/"recorded"/"slow"/; s/"recorder"/"slow"/' "$files/net.d/recorded.conflist" >"$files/net.d/slow.conflist"
env --default-signal footbridge exec "${recorded[@]}" slow -- touch "$files/ran" &
job=$!
wait_for "ADD has begun" test -e "$files/adding"
kill -TERM "$job"
echo go >"$files/go"
code=0
wait "$job" || code=$?
claim_equal "a signal during ADD ends exec" 143 "$code"
claim_not "the command did not run" test -e "$files/ran"
claim "nothing is left" leaves_nothing
touch "$files/interrupt"
(echo go >"$files/go") &
claim_equal "a plugin that a signal ends during DEL is called again" 0 \
  "$(exit_code env --default-signal footbridge exec "${recorded[@]}" slow -- true)"
claim_not "it was ended" test -e "$files/impatient"
claim "nothing is left" leaves_nothing
finish
