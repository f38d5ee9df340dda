#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The log: set by FOOTBRIDGE_LOG or the configuration, and written by many plugins at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
unset -v FOOTBRIDGE_LOG TRACEPARENT
PATH=$bin:$PATH
log=$files/cni.log
new_netns red

# store KEYS: a configuration for host-local only, with further keys before "ipam".
store() {
  printf '{"cniVersion": "1.0.0", "name": "stored", %s "ipam": {"type": "host-local", "subnet": "10.45.0.0/16"}}' "$1"
}

# call PLUGIN VERB CONTAINER-ID CONFIGURATION
call() {
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_IFNAME=eth0 CNI_NETNS=/run/netns/red CNI_PATH=$bin "$1" <<<"$4"
}

# fields FILTER: applies the filter to each line of the log; a torn line is an error.
fields() { jq -cRr "(fromjson? // error(\"torn\")) | $1" "$log"; }

# ---- many at once ----

# 50 plugins, each with a line longer than a page.
long_id() { printf '%s-%06000d' "$1" 0; }
many=$(store "\"logFile\": \"$log\",")
jobs=()
for i in $(seq 50); do
  call host-local ADD "$(long_id "c$i")" "$many" >"$files/out$i" &
  jobs+=($!)
done
for job in "${jobs[@]}"; do
  wait "$job" || fail "one of 50 ADDs failed"
done
claim_equal "50 plugins at once write 50 lines" 50 "$(wc -l <"$log")"
claim_equal "each line is complete" "$(for i in $(seq 50); do echo "stored/$(long_id "c$i")/eth0"; done | sort)" \
  "$(fields .owner | sort)"
claim "each line is longer than a page" test -z "$(awk 'length < 4096' "$log")"
claim_equal "only root can read the log" 600 "$(stat -c %a "$log")"

strace -f -qq -e trace=write -P "$log" -o "$files/writes" bash -c \
  "CNI_COMMAND=DEL CNI_CONTAINERID=$(long_id c1) CNI_IFNAME=eth0 CNI_PATH=$bin host-local" <<<"$many"
claim_equal "a line of 6000 bytes is one write" 1 "$(grep -c 'write(' "$files/writes")"

# ---- bridge and its IPAM plugin, each with its own line in the same file ----
rm "$log"
bridged=$(printf '{"cniVersion": "1.0.0", "name": "bridged", "bridge": "log0", "isGateway": true, "ipMasq": true, %s
  "ipam": {"type": "host-local", "subnet": "10.46.0.0/24"}}' "\"logFile\": \"$log\", \"logLevel\": \"info\",")
TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 call bridge ADD c1 "$bridged" >/dev/null
claim_equal "ADD of bridge: the IPAM plugin's line, then bridge's" "host-local ADD bridged/c1/eth0
bridge ADD bridged/c1/eth0" "$(fields '[.plugin, .verb, .owner] | join(" ")')"
claim_equal "both lines contain the trace" 2 "$(fields .traceparent |
  grep -c 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01)"
claim_equal "bridge's line has the allocated address" true \
  "$(fields 'select(.plugin == "bridge") | .done | any(. == "host-local ADD: 10.46.0.2/24")')"
claim_equal "the times of the stages are in microseconds and not above the total" true \
  "$(fields 'select(.plugin == "bridge") | .us | .total >= .request and .total >= .ipam and .ipam > 0')"
call bridge DEL c1 "$bridged"
claim_equal "DEL is logged" "host-local bridge" "$(fields 'select(.verb == "DEL") | .plugin' | tr '\n' ' ' |
  sed 's/ $//')"
claim_equal "all calls succeeded" info "$(fields .level | sort -u)"

# ---- failures ----
rm "$log"
plain=$(store "")
export FOOTBRIDGE_LOG=error:$log
call host-local ADD c60 "$plain" >/dev/null
claim_equal "at level error, a call that succeeds has no line" 0 "$(wc -l <"$log")"
claim_not "a second ADD fails" call host-local ADD c60 "$plain"
claim_contains "and has a line with the error" "has been allocated to c60" "$(fields .error.msg)"
rm "$log"
claim_equal "an ADD whose result cannot be written fails" 1 \
  "$(call host-local ADD c61 "$plain" 2>/dev/null >/dev/full; echo $?)"
claim_equal "its line has the error" "write to stdout: No space left on device" "$(fields .error.msg)"
claim "and it leaves nothing" holds_nothing_of c61

# ---- a log that cannot be written fails no call ----
mkdir "$files/full"
mount -t tmpfs -o size=4k tmpfs "$files/full"
head -c 4096 /dev/zero >"$files/full/log"
claim "a full disk under the log fails no call" \
  env FOOTBRIDGE_LOG=info:"$files/full/log" bash -c "$(declare -f call); bin=$bin; call host-local DEL c60 '$plain'"
claim_contains "but causes a warning on stderr" \
  "host-local: warning: this call is missing in the log $files/full/log: No space left on device" \
  "$(FOOTBRIDGE_LOG=info:$files/full/log call host-local DEL c60 "$plain" 2>&1)"
umount "$files/full"
mkfifo "$files/fifo"
claim_contains "a call does not wait for a pipe without a reader" "the log goes to stderr, its file cannot be opened" \
  "$(FOOTBRIDGE_LOG=info:$files/fifo timeout 5 bash \
  -c "$(declare -f call); bin=$bin; call host-local DEL c60 '$plain'" 2>&1)"
claim_equal "stderr is full: the call succeeds" 0 \
  "$(FOOTBRIDGE_LOG=debug call bridge ADD c2 "$(store '"bridge": "log0",')" >/dev/null 2>/dev/full; echo $?)"
claim_equal "stderr is closed: the call succeeds" 0 \
  "$(FOOTBRIDGE_LOG=debug call bridge DEL c2 "$(store '"bridge": "log0",')" >/dev/null 2>&-; echo $?)"

# ---- keys that other programs use with other values ----
unset -v FOOTBRIDGE_LOG
multus=$(store '"logFile": "multus.log", "logLevel": "verbose",')
for verb in ADD DEL; do
  call host-local "$verb" c70 "$multus" >"$files/out" 2>"$files/err"
  claim_equal "$verb with another program's keys succeeds, with two warnings" 2 \
    "$(grep -c '^host-local: warning: log' "$files/err")"
  claim_equal "$verb prints nothing else" 2 "$(wc -l <"$files/err")"
done
claim_equal "without these keys, nothing is printed" "" "$(call host-local DEL c70 "$plain" 2>&1)"

# ---- the operator's command ----
rm "$log"
export FOOTBRIDGE_LOG=info:$log
claim "footbridge add works with a log" footbridge add --conf "$source_dir/conf-examples" --quiet bridge-example red
claim "footbridge show works with a log" footbridge show
claim "footbridge del works with a log" footbridge del --conf "$source_dir/conf-examples" bridge-example red
claim_equal "the log contains the plugins that it starts" "host-local ADD
bridge ADD
host-local DEL
bridge DEL" "$(fields '.plugin + " " + .verb')"
FOOTBRIDGE_LOG=info footbridge del --conf "$source_dir/conf-examples" bridge-example red 2>"$files/err"
claim_contains "on stderr, the log is text" " info bridge DEL bridge-example/footbridge-red/eth0 " "$(cat "$files/err")"
finish
