#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The log as an operator asks for it: by FOOTBRIDGE_LOG, by the configuration, by many plugins at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
unset -v FOOTBRIDGE_LOG TRACEPARENT
PATH=$bin:$PATH
log=$files/cni.log
new_netns red

# store KEYS: a configuration for host-local alone, with more keys before "ipam".
store() {
  printf '{"cniVersion": "1.0.0", "name": "stored", %s "ipam": {"type": "host-local", "subnet": "10.45.0.0/16"}}' "$1"
}

# call PLUGIN VERB CONTAINER-ID CONFIGURATION
call() {
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_IFNAME=eth0 CNI_NETNS=/run/netns/red CNI_PATH=$bin "$1" <<<"$4"
}

# fields FILTER: of every line of the log, whole lines only.
fields() { jq -cRr "(fromjson? // error(\"torn\")) | $1" "$log"; }

# ---- many at once ----

# 50 plugins, each with a line that is longer than a page.
long_id() { printf '%s-%06000d' "$1" 0; }
many=$(store "\"logFile\": \"$log\",")
jobs=()
for i in $(seq 50); do
  call host-local ADD "$(long_id "c$i")" "$many" >"$files/out$i" &
  jobs+=($!)
done
for job in "${jobs[@]}"; do
  wait "$job" || fail "an ADD of many failed"
done
claim_equal "50 plugins at once leave 50 lines" 50 "$(wc -l <"$log")"
claim_equal "every line is whole" "$(for i in $(seq 50); do echo "stored/$(long_id "c$i")/eth0"; done | sort)" \
  "$(fields .owner | sort)"
claim "every line is longer than a page" test -z "$(awk 'length < 4096' "$log")"
claim_equal "the log is for its owner's eyes" 600 "$(stat -c %a "$log")"

strace -f -qq -e trace=write -P "$log" -o "$files/writes" bash -c \
  "CNI_COMMAND=DEL CNI_CONTAINERID=$(long_id c1) CNI_IFNAME=eth0 CNI_PATH=$bin host-local" <<<"$many"
claim_equal "a line of 6000 bytes is one write" 1 "$(grep -c 'write(' "$files/writes")"

# ---- bridge and the IPAM plugin that it starts, each with a line of its own in the same file ----
rm "$log"
bridged=$(printf '{"cniVersion": "1.0.0", "name": "bridged", "bridge": "log0", "isGateway": true, "ipMasq": true, %s
  "ipam": {"type": "host-local", "subnet": "10.46.0.0/24"}}' "\"logFile\": \"$log\", \"logLevel\": \"info\",")
TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 call bridge ADD c1 "$bridged" >/dev/null
claim_equal "ADD of bridge: the address plugin's line, then its own" "host-local ADD bridged/c1/eth0
bridge ADD bridged/c1/eth0" "$(fields '[.plugin, .verb, .owner] | join(" ")')"
claim_equal "both lines name the trace" 2 "$(fields .traceparent | grep -c 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01)"
claim_equal "bridge tells which address it was given" true \
  "$(fields 'select(.plugin == "bridge") | .done | any(. == "host-local ADD: 10.46.0.2/24")')"
claim_equal "the times of the stages are in microseconds, and the total is no less" true \
  "$(fields 'select(.plugin == "bridge") | .us | .total >= .request and .total >= .ipam and .ipam > 0')"
call bridge DEL c1 "$bridged"
claim_equal "DEL is logged as well" "host-local bridge" "$(fields 'select(.verb == "DEL") | .plugin' | tr '\n' ' ' | sed 's/ $//')"
claim_equal "all went well" info "$(fields .level | sort -u)"

# ---- what fails ----
rm "$log"
plain=$(store "")
export FOOTBRIDGE_LOG=error:$log
call host-local ADD c60 "$plain" >/dev/null
claim_equal "at level error a call that goes well has no line" 0 "$(wc -l <"$log")"
claim_not "an ADD that is done twice fails" call host-local ADD c60 "$plain"
claim_contains "and has a line with the answer's error" "has been allocated to c60" "$(fields .error.msg)"
rm "$log"
claim_equal "an ADD whose result cannot be told fails" 1 "$(call host-local ADD c61 "$plain" 2>/dev/null >/dev/full; echo $?)"
claim_equal "and says so in its line" "write to stdout: No space left on device" "$(fields .error.msg)"
claim "and is taken back" holds_nothing_of c61

# ---- a log that cannot be written fails nothing ----
mkdir "$files/full"
mount -t tmpfs -o size=4k tmpfs "$files/full"
head -c 4096 /dev/zero >"$files/full/log"
claim "a full disk under the log fails no call" \
  env FOOTBRIDGE_LOG=info:"$files/full/log" bash -c "$(declare -f call); bin=$bin; call host-local DEL c60 '$plain'"
claim_contains "but is told on stderr" "host-local: warning: this call is missing in the log $files/full/log: No space left on device" \
  "$(FOOTBRIDGE_LOG=info:$files/full/log call host-local DEL c60 "$plain" 2>&1)"
umount "$files/full"
mkfifo "$files/fifo"
claim_contains "a pipe without a reader is not waited for" "the log goes to stderr, its file cannot be opened" \
  "$(FOOTBRIDGE_LOG=info:$files/fifo timeout 5 bash -c "$(declare -f call); bin=$bin; call host-local DEL c60 '$plain'" 2>&1)"
claim_equal "nobody reads stderr: the call goes well" 0 \
  "$(FOOTBRIDGE_LOG=debug call bridge ADD c2 "$(store '"bridge": "log0",')" >/dev/null 2>/dev/full; echo $?)"
claim_equal "stderr is closed: the call goes well" 0 \
  "$(FOOTBRIDGE_LOG=debug call bridge DEL c2 "$(store '"bridge": "log0",')" >/dev/null 2>&-; echo $?)"

# ---- values that other programs mean otherwise ----
unset -v FOOTBRIDGE_LOG
multus=$(store '"logFile": "multus.log", "logLevel": "verbose",')
for verb in ADD DEL; do
  call host-local "$verb" c70 "$multus" >"$files/out" 2>"$files/err"
  claim_equal "$verb with another program's keys goes well, with two warnings" 2 "$(grep -c '^host-local: warning: log' "$files/err")"
  claim_equal "$verb says nothing else" 2 "$(wc -l <"$files/err")"
done
claim_equal "without any of it nothing is said" "" "$(call host-local DEL c70 "$plain" 2>&1)"

# ---- the operator's command ----
rm "$log"
export FOOTBRIDGE_LOG=info:$log
claim "footbridge add works with a log" footbridge add --conf "$source_dir/conf-examples" --quiet bridge-example red
claim "footbridge show works with a log" footbridge show
claim "footbridge del works with a log" footbridge del --conf "$source_dir/conf-examples" bridge-example red
claim_equal "and the plugins that it starts are in it" "host-local ADD
bridge ADD
host-local DEL
bridge DEL" "$(fields '.plugin + " " + .verb')"
FOOTBRIDGE_LOG=info footbridge del --conf "$source_dir/conf-examples" bridge-example red 2>"$files/err"
claim_contains "on stderr it is text" " info bridge DEL bridge-example/footbridge-red/eth0 " "$(cat "$files/err")"
well_done
