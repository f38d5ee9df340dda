#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The operator's command as operators use it: results, exit codes, messages, signals.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need busybox ping setpriv
private_host "$@"
PATH=$bin:$PATH
mkdir "$files/net.d" "$files/plugins" "$files/calls" "$files/www"
cp "$source_dir"/conf-examples/*.conf* "$files/net.d"
export NETCONFPATH=$files/net.d
new_netns red blue

# message COMMAND...: what a failing command says on stderr; it must be one line and nothing on stdout.
message() {
  local code=0
  "$@" >"$files/out" 2>"$files/err" || code=$?
  [ "$code" -ne 0 ] || fail "this should have failed: $*"
  [ ! -s "$files/out" ] || fail "this failed and said on stdout: $(cat "$files/out")"
  [ "$(wc -l <"$files/err")" -eq 1 ] || fail "not one line on stderr: $(cat "$files/err")"
  cat "$files/err"
}

# A plugin made for the test: notes its calls and what it was given, passes prevResult on, and fails for the verb that
# the file fail-VERB names.
cat >"$files/plugins/noter" <<SH
#!/bin/bash
input=\$(cat)
echo "\$CNI_COMMAND \$CNI_CONTAINERID \$CNI_NETNS \$CNI_IFNAME args=\$CNI_ARGS" >>$files/calls/env
printf '%s\n' "\$input" >>$files/calls/stdin
if [ -e $files/calls/fail-\$CNI_COMMAND ]; then
  echo '{"code": 123, "msg": "the noter fails", "details": "as told"}'
  exit 1
fi
if [ "\$CNI_COMMAND" = ADD ]; then
  jq -c .prevResult <<<"\$input"
fi
SH
chmod +x "$files/plugins/noter"
cat >"$files/net.d/noted.conflist" <<'JSON'
{"cniVersion": "1.0.0", "name": "noted", "plugins": [
  {"type": "bridge", "bridge": "noted0", "isGateway": true, "ipMasq": true, "capabilities": {"ips": true},
   "ipam": {"type": "host-local", "subnet": "10.44.0.0/24"}},
  {"type": "noter", "capabilities": {"portMappings": true, "mac": false}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
noted=(--plugins "$bin" --plugins "$files/plugins")

# ---- names, versions, usage ----
claim_contains "version lists the plugins" "plugins: bridge " "$(footbridge version)"
claim_contains "a plugin started by hand says what it is" "CNI bridge plugin " "$(bridge 2>&1 >/dev/null)"
claim_contains "help tells the commands" "exec" "$(footbridge --help)"
claim_equal "no command is wrong usage" 2 "$(exit_code footbridge)"
claim_contains "help tells of reload" "reload" "$(footbridge --help)"
claim_equal "reload of two networks is wrong usage" 2 "$(exit_code footbridge reload a b)"
claim_equal "an unknown command is wrong usage" 2 "$(exit_code footbridge destroy)"
claim_equal "a missing argument is wrong usage" 2 "$(exit_code footbridge add bridge-example)"
claim_equal "exec without a command is wrong usage" 2 "$(exit_code footbridge exec bridge-example)"
claim_equal "add with a command is wrong usage" 2 "$(exit_code footbridge add bridge-example red -- true)"
claim_equal "a bad port is wrong usage" 2 "$(exit_code footbridge add --port 70000:80 port-mapping-example red)"
claim_equal "a bad MAC address is wrong usage" 2 "$(exit_code footbridge add --mac x bridge-example red)"
ln -s "$bin/footbridge" "$files/macvlan"
claim_equal "a runtime that calls us under a name we do not know gets an error object" 50 \
  "$(CNI_COMMAND=ADD "$files/macvlan" | jq .code)"
claim_contains "a person is told that it is the operator's command" 'there is no plugin "macvlan"' \
  "$("$files/macvlan" version 2>&1)"

# ---- errors ----
claim_equal "an unknown network is an error" 1 "$(exit_code footbridge add nowhere red)"
claim_contains "it tells where it looked and what there is" "no network \"nowhere\" in $files/net.d; there is bridge-example" \
  "$(message footbridge add nowhere red)"
claim_contains "an unknown namespace is told" "no network namespace at /run/netns/green; create it with \"ip netns add green\", or give /proc/PID/ns/net" \
  "$(message footbridge add bridge-example green)"
claim_contains "a port that no plugin would publish is told" 'no plugin of network bridge-example declares the capability "portMappings"' \
  "$(message footbridge add --port 8080:80 bridge-example red)"
claim_contains "a bad container id is told" '"../x" is no container id' "$(message footbridge add --id ../x bridge-example red)"
claim_contains "a container id that no file of the cache could be named after is told" \
  "container id \"$(printf 'x%.0s' {1..229})\" is too long (it has 229 bytes; allowed: 227 on network bridge-example as eth0)" \
  "$(message footbridge add --id "$(printf 'x%.0s' {1..229})" bridge-example red)"
claim_equal "also for exec, before anything is done" 1 \
  "$(exit_code footbridge exec --id "$(printf 'x%.0s' {1..228})" bridge-example -- touch "$files/ran")"
claim_not "so the command did not run" test -e "$files/ran"
claim_contains "an interface name that is too long is told" "interface name is too long" \
  "$(message footbridge add --ifname a234567890123456 bridge-example red)"
claim_contains "CHECK without ADD is told" "no result of ADD to compare with" "$(message footbridge check bridge-example red)"
claim_contains "a plugin that is not there is told" 'plugin bridge failed (ADD): failed to find plugin "bridge"' \
  "$(message footbridge add --plugins "$files/plugins" bridge-example red)"
claim_equal "after all these errors nothing is on the host" "nothing is attached on this host" "$(footbridge show)"

# ---- STATUS comes first ----
jq -n '{cniVersion: "1.1.0", name: "inside", plugins: [{type: "bridge", bridge: "inside0", isGateway: true,
  ipam: {type: "host-local", subnet: "198.51.100.0/28"}}]}' >"$files/net.d/inside.conflist"
ip route add 203.0.113.0/24 via 198.51.100.2
clash="subnet 198.51.100.0/28 overlaps the host's route to 198.51.100.0/24"
claim_contains "add asks STATUS first" "plugin bridge failed (STATUS): $clash" "$(message footbridge add inside red)"
claim_contains "and says how to go on" "; --force attaches all the same" "$(message footbridge add inside red)"
claim_contains "so does exec" "plugin bridge failed (STATUS): $clash" "$(message footbridge exec inside -- touch "$files/ran")"
claim_not "before it runs the command" test -e "$files/ran"
claim_not "and before anything is made" ip link show inside0
claim_contains "with --force ADD warns in the same words" "bridge: warning: $clash" "$(footbridge add --force --quiet inside red 2>&1)"
claim "del" footbridge del inside red
claim_contains "exec, too" "bridge: warning: $clash" "$(ip link delete inside0 && footbridge exec --force inside -- true 2>&1)"
ip link delete inside0
ip route delete 203.0.113.0/24
rm "$files/net.d/inside.conflist"

# ---- add, check, show, del ----
result=$(footbridge add bridge-example red)
claim_equal "add prints the result" 10.23.1.2/24 "$(jq -r '.ips[0].address' <<<"$result")"
claim "check agrees" footbridge check bridge-example red
claim_contains "a second add of the same is refused" "footbridge-red is attached to bridge-example as eth0 already" \
  "$(message footbridge add bridge-example red)"
claim "and harms nothing" ip netns exec red ping -c 1 -w 10 10.23.1.1
claim_equal "add --quiet prints nothing" "" "$(footbridge add --quiet --ifname eth1 bridge-example red)"
claim_equal "the second interface has the next address" 10.23.1.3 "$(inner_address red eth1 4)"
claim_equal "options may stand anywhere, an address and a MAC can be asked for" "10.23.1.50 0a:00:00:00:00:50" \
  "$(footbridge add --ip 10.23.1.50 bridge-example --mac 0a:00:00:00:00:50 blue --id blue-container >/dev/null
    echo "$(inner_address blue eth0 4) $(ip -n blue -j link show dev eth0 | jq -r '.[0].address')")"
claim_equal "show --json tells the network, its bridge and three attachments" \
  '["bridge-example","fb-bridge0",["blue-container","footbridge-red","footbridge-red"],["10.23.1.50/24","10.23.1.2/24","10.23.1.3/24"]]' \
  "$(footbridge show --json | jq -c '.networks[0] | [.name, .bridge, [.attachments[].containerID], [.attachments[].addresses[0]]]')"
ip -n red address add 169.254.7.7/16 dev eth1 scope link
ip -n red address add 10.99.0.1/32 dev eth1 scope host
claim_equal "but none of scope link or host" '["10.23.1.3/24"]' "$(footbridge show --json |
  jq -c '.networks[0].attachments[] | select(.ifname == "eth1").addresses')"
ip -n red link set eth1 down
ip -n red address flush dev eth1
claim_equal "check finds an interface that was changed" 1 "$(exit_code footbridge check --ifname eth1 bridge-example red)"
claim "del of one" footbridge del --ifname eth1 bridge-example red
claim "leaves the other" footbridge check bridge-example red
claim "del" footbridge del bridge-example red
claim "del again" footbridge del bridge-example red
claim "del of what never was" footbridge del bridge-example green
claim "del of the container with its own id" footbridge del --id blue-container bridge-example blue
claim "no trace is left" holds_nothing_of footbridge-red blue-container footbridge-green

# ---- del in hard times ----
claim "an attachment with a port" footbridge add --port 127.0.0.1:8080:80 --port '[::1]:8080:80' port-mapping-example red
claim_contains "show tells the ports" "127.0.0.1:8080 -> 80/tcp" "$(footbridge show)"
claim_contains "of both families" "[::1]:8080 -> 80/tcp" "$(footbridge show)"
claim_contains "a taken port is refused, with the name of its owner" "port-mapping-example/footbridge-red/eth0" \
  "$(message footbridge add --port 127.0.0.1:8080:80 port-mapping-example blue)"
claim "and what was made for it is undone" holds_nothing_of footbridge-blue
rm -r /var/lib/cni/results
ip netns delete red
claim "del without cache and namespace, the ports unnamed" footbridge del port-mapping-example red
claim "no trace is left" holds_nothing_of footbridge-red
new_netns red
claim "an attachment whose configuration goes away" footbridge add bridge-example red
mv "$files/net.d/bridge.conflist" "$files"
claim "is taken down by the cached configuration" footbridge del bridge-example red
mv "$files/bridge.conflist" "$files/net.d"
claim "no trace is left" holds_nothing_of footbridge-red
claim "a cached result that cannot be read" footbridge add bridge-example red
echo "half a li" >/var/lib/cni/results/bridge-example-footbridge-red-eth0
claim_contains "does not hinder del, which tells" "footbridge: warning: cached result /var/lib/cni/results/" \
  "$(footbridge del bridge-example red 2>&1)"
claim "no trace is left, nor of the file" holds_nothing_of footbridge-red "half a li"
claim "a folder in place of the cached result" footbridge add bridge-example red
rm /var/lib/cni/results/bridge-example-footbridge-red-eth0
mkdir /var/lib/cni/results/bridge-example-footbridge-red-eth0
claim_contains "does not hinder del, which tells" ": Is a directory" "$(footbridge del bridge-example red 2>&1)"
rmdir /var/lib/cni/results/bridge-example-footbridge-red-eth0
claim "no trace is left" holds_nothing_of footbridge-red
claim "longest container id" footbridge add --id "$(printf 'x%.0s' {1..227})" bridge-example red
claim "is taken down" footbridge del --id "$(printf 'x%.0s' {1..227})" bridge-example red
claim "no trace is left" holds_nothing_of xxxx
claim_equal "a result that nobody reads is a failed add" 1 "$(exit_code bash -c 'footbridge add bridge-example red >/dev/full')"
claim "which leaves nothing" holds_nothing_of footbridge-red

# ---- the chain ----
claim "a chain with a foreign plugin" footbridge add "${noted[@]}" --port 8081:81 --ip 10.44.0.9 --args 'IgnoreUnknown=1;A=B' noted red
claim_equal "the foreign plugin sees the attachment" "ADD footbridge-red /run/netns/red eth0 args=IgnoreUnknown=1;A=B" \
  "$(cat "$files/calls/env")"
claim_equal "and of the capabilities its own" '["portMappings"]' "$(jq -c '.runtimeConfig | keys' "$files/calls/stdin")"
claim_equal "and the result so far, in the list's version" '["1.0.0","10.44.0.9/24"]' \
  "$(jq -c '[.cniVersion, .prevResult.ips[0].address]' "$files/calls/stdin")"
touch "$files/calls/fail-DEL"
claim_contains "a plugin that fails DEL is told" "plugin noter failed (DEL): the noter fails (as told) [code 123]" \
  "$(message footbridge del "${noted[@]}" noted red)"
claim_not "the plugins around it were called all the same: no link" grep -q noted/footbridge-red <<<"$(ip -d link)"
claim_not "no rule" grep -q noted/footbridge-red <<<"$(nft list ruleset)"
claim "the cached result stays for the next try" test -e /var/lib/cni/results/noted-footbridge-red-eth0
rm "$files/calls/fail-DEL"
claim "which succeeds" footbridge del "${noted[@]}" noted red
claim "no trace is left" holds_nothing_of footbridge-red
touch "$files/calls/fail-ADD"
: >"$files/calls/env"
claim_contains "a plugin that fails ADD is told" "plugin noter failed (ADD): the noter fails (as told) [code 123]" \
  "$(message footbridge add "${noted[@]}" noted red)"
claim_equal "every plugin gets DEL then" "ADD DEL" "$(cut -d' ' -f1 "$files/calls/env" | xargs)"
claim "no trace is left" holds_nothing_of footbridge-red
rm "$files/calls/fail-ADD"

# A plugin that cannot be started is no reason to leave the others out.
claim "a chain" footbridge add "${noted[@]}" noted red
chmod -x "$files/plugins/noter"
claim_contains "a plugin that cannot be started is told" "start $files/plugins/noter: Permission denied" \
  "$(message footbridge del "${noted[@]}" noted red)"
chmod +x "$files/plugins/noter"
claim_not "the plugins around it were called all the same: no link" grep -q noted/footbridge-red <<<"$(ip -d link)"
claim "del again" footbridge del "${noted[@]}" noted red
claim "no trace is left" holds_nothing_of footbridge-red
claim_contains "a caller that ignores SIGCHLD learns how ADD ended all the same" "10.23.1." \
  "$(env --ignore-signal=CHLD footbridge add bridge-example red)"
claim "and how DEL did" env --ignore-signal=CHLD footbridge del bridge-example red

# ---- where things are ----
claim "--conf goes before NETCONFPATH" env NETCONFPATH=/nowhere footbridge add --conf "$files/net.d" --cache "$files/cache" bridge-example red
claim "--cache is libcni's cache folder" test -e "$files/cache/results/bridge-example-footbridge-red-eth0"
claim "FOOTBRIDGE_CACHE too, CNI_PATH tells the plugins, and a path is as good as a name" \
  env FOOTBRIDGE_CACHE="$files/cache" CNI_PATH="/nowhere:$bin" footbridge del bridge-example /run/netns/red
claim_not "the entry is gone" test -e "$files/cache/results/bridge-example-footbridge-red-eth0"

# ---- exec ----
# The namespaces and results of exec, gone when it is over.
leaves_nothing() {
  [ -z "$(find /run/netns -name 'footbridge-*')" ] && ! grep -q footbridge- /proc/self/mounts &&
    [ -z "$(ls /var/lib/cni/results)" ] && holds_nothing_of footbridge-
}
claim_equal "exec runs a command with the network" 10.23.1.1 \
  "$(footbridge exec bridge-example -- sh -c 'ping -c 1 -w 10 10.23.1.1 >/dev/null && ip -j route show default | jq -r ".[0].gateway"')"
claim_equal "with loopback up" 0 "$(exit_code footbridge exec bridge-example -- ping -c 1 -w 10 127.0.0.1)"
claim_equal "with our stdin" "from outside" "$(echo "from outside" | footbridge exec bridge-example -- cat)"
claim_equal "with its own options untouched" "-- -c --port" "$(footbridge exec bridge-example -- echo -- -c --port)"
claim_equal "its exit code is the command's" 7 "$(exit_code footbridge exec bridge-example -- sh -c 'exit 7')"
claim_equal "a command that is not there" 127 "$(exit_code footbridge exec bridge-example -- no-such-command)"
claim_equal "a command that cannot be run" 126 "$(exit_code footbridge exec bridge-example -- "$files/net.d/bridge.conflist")"
claim_equal "a command that a signal ended" 137 "$(exit_code footbridge exec bridge-example -- sh -c 'kill -KILL $$')"
claim_equal "what a caller ignores or holds back is not inherited by the command" "0000000000000000 0000000000000000" \
  "$(env --default-signal env --ignore-signal=PIPE,CHLD --block-signal=TERM,USR1 footbridge exec bridge-example -- \
    awk '/^SigBlk/ { blocked = $2 } /^SigIgn/ { print blocked, $2 }' /proc/self/status)"
claim "nothing is left" leaves_nothing
claim_equal "a failed ADD is our error, and the command does not run" "1 " \
  "$(exit_code footbridge exec --ip 192.0.2.1 bridge-example -- touch "$files/ran") $(ls "$files/ran" 2>/dev/null)"
claim "nothing is left" leaves_nothing

# signalled SIGNAL CODE SCRIPT: an exec whose command is the script is sent the signal as soon as the script has made the
# file "ready", and ends with that code. A script's jobs ignore SIGINT and SIGQUIT unless somebody resets them.
signalled() {
  local code=0
  rm -f "$files/ready" "$files/ready.sent"
  env --default-signal footbridge exec --port 8080:80 port-mapping-example -- sh -c "$3" sh "$files/ready" &
  local job=$!
  wait_for "the command runs" test -e "$files/ready"
  claim_contains "show tells what runs now" "*:8080 -> 80/tcp" "$(footbridge show)"
  kill -"$1" "$job"
  touch "$files/ready.sent"
  wait "$job" || code=$?
  claim_equal "after SIG$1 the exit code is the command's" "$2" "$code"
  claim "nothing is left after SIG$1" leaves_nothing
}
for signal in HUP INT QUIT ABRT USR1 USR2 ALRM TERM VTALRM XFSZ SEGV RTMIN; do
  signalled "$signal" $((128 + $(kill -l "$signal"))) 'ulimit -c 0; touch "$1"; exec sleep 100'
done
signalled TERM 42 'trap "exit 42" TERM; touch "$1"; while :; do sleep 0.01; done'
signalled PIPE 5 'touch "$1"; until [ -e "$1.sent" ]; do sleep 0.01; done; exit 5' # it asks nobody to end

# A signal while the network is being made: the slow plugin waits until the signal was sent.
mkfifo "$files/go"
cat >"$files/plugins/slow" <<SH
#!/bin/bash
if [ "\$CNI_COMMAND" = ADD ]; then
  touch $files/adding
  read -r _ <$files/go
  jq -c .prevResult
elif [ -e $files/impatient ]; then # as the terminal's Ctrl-C, that reaches us and our caller
  rm $files/impatient
  kill -INT \$PPID
  kill -KILL \$\$
fi
SH
chmod +x "$files/plugins/slow"
sed 's/"noted"/"slow"/; s/"noter"/"slow"/' "$files/net.d/noted.conflist" >"$files/net.d/slow.conflist"
env --default-signal footbridge exec "${noted[@]}" slow -- touch "$files/ran" &
job=$!
wait_for "ADD has begun" test -e "$files/adding"
kill -TERM "$job"
echo go >"$files/go"
code=0
wait "$job" || code=$?
claim_equal "a signal during ADD ends exec" 143 "$code"
claim_not "before the command" test -e "$files/ran"
claim "nothing is left" leaves_nothing
touch "$files/impatient"
(echo go >"$files/go") &
claim_equal "a plugin that a signal ends while it takes down is called again" 0 \
  "$(exit_code env --default-signal footbridge exec "${noted[@]}" slow -- true)"
claim_not "it was ended" test -e "$files/impatient"
claim "nothing is left" leaves_nothing
well_done
