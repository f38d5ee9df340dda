#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing waits for ever: a store's lock that is held, an IPAM plugin that hangs, a kernel that answers late. Each is an error
# with code 11 that says what was waited for, how long, and for whom; and what had been done by then is undone.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace flock python3
private_host "$@"

store=/var/lib/cni/networks/n
ipam='"ipam":{"type":"host-local","subnet":"10.1.0.0/24"}'
bridge_config='{"cniVersion":"1.1.0","name":"n","type":"bridge","bridge":"cni0","isGateway":true,'$ipam'}'
ipam_config='{"cniVersion":"1.1.0","name":"n","cni.dev/valid-attachments":[],'$ipam'}'
hanging_config='{"cniVersion":"1.1.0","name":"h","type":"bridge","bridge":"cni1","ipam":{"type":"hangs"}}'

# call PLUGIN VERB ID CONFIG: under strace with $faults, which inject= understands; what came of them is in $files/trace.
call() {
  local tracer=() fault
  for fault in ${faults:-}; do tracer+=(-e "inject=$fault"); done
  [ -z "${faults:-}" ] || tracer=(strace -qq -o "$files/trace" -e 'trace=recvmsg,poll' "${tracer[@]}")
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=eth0 CNI_PATH=$files/plugins:$bin "${tracer[@]}" "$bin/$1" <<<"$4"
}

# claim_refused WORDS FILE: the file has an error object of code 11 with these words.
claim_refused() {
  claim_equal "the code of: $(cat "$2")" 11 "$(jq .code "$2")"
  claim_contains "the error's words" "$1" "$(jq -r .msg "$2")"
}

# ---- a store's lock that somebody holds: the real 30 s, all verbs at the same time ----

new_netns red blue green
call bridge ADD red "$bridge_config" >/dev/null
background python3 -c 'import fcntl, sys, time
lock = open(sys.argv[1])
fcntl.flock(lock, fcntl.LOCK_EX)
time.sleep(1000)' "$store/lock"
holder=$!
is_locked() { ! flock -n "$store/lock" true; }
wait_for "the lock is held" is_locked
began=$SECONDS
pids=()
for verb in ADD CHECK DEL GC; do
  call host-local $verb blue "$ipam_config" >"$files/$verb" &
  pids+=($!)
done
call bridge DEL red "$bridge_config" >"$files/bridge" &
pids+=($!)

# ---- meanwhile: an IPAM plugin that hangs. Its time is over when poll(2) says so. ----

mkdir "$files/plugins"
cat >"$files/plugins/hangs" <<'SCRIPT'
#!/bin/sh
echo "$CNI_COMMAND $$" >>/run/test/hung
[ "$CNI_COMMAND" = DEL ] || { sleep 1234 & echo "ADD $!" >>/run/test/hung; wait; }
SCRIPT
chmod +x "$files/plugins/hangs"
links() { ip -j link | jq -r '.[].ifname' | sort; }
links >"$files/before"
has_hung() { [ "$(grep -c ADD "$files/hung")" = 2 ]; }
# Ten seconds, in which the lock is waited for anyway, are enough for the script to come to its sleep.
faults="poll:retval=0:delay_enter=10000000:when=1" call bridge ADD green "$hanging_config" >"$files/hanging" &&
  fail "an IPAM plugin that hangs is no failure: $(cat "$files/hanging")"
claim "the plugin hung" has_hung
claim_refused "IPAM plugin hangs did not end within 240 s: process $(sed -n 's/^ADD //p' "$files/hung" | head -n 1) was killed" "$files/hanging"
claim_equal "DEL was asked for" 1 "$(grep -c ^DEL "$files/hung")"
is_gone() { ! kill -0 "$1" 2>/dev/null; }
while read -r verb pid; do
  wait_for "process $pid of $verb is gone" is_gone "$pid"
done <"$files/hung"
claim_equal "no link is left of it" "" "$(links | comm -13 "$files/before" -)"  # the bridge's DEL may have taken one meanwhile

# ---- the lock again ----

for pid in "${pids[@]}"; do
  code=0
  wait "$pid" || code=$?
  claim_equal "the exit code of a call that waited for the lock" 1 "$code"
done
took=$((SECONDS - began))
claim "it waited for half a minute and not much longer: $took s" test "$took" -ge 29
for verb in ADD CHECK DEL GC bridge; do
  claim_refused "address store $store: lock lock: waited 30 s for process $holder ($(cat "/proc/$holder/comm")): Connection timed out" "$files/$verb"
done
claim_not "the link went all the same" ip -n red link show eth0
claim "but not the address, which DEL did not say" test -e "$store/10.1.0.2"
end_process "$holder"
wait_for "the lock is free" flock -n "$store/lock" true
call bridge DEL red "$bridge_config" >/dev/null
claim_not "and a DEL afterwards gives it back" test -e "$store/10.1.0.2"

# ---- a kernel that answers late: each answer once, after the deadline; and then it comes ----

is_injected() { grep -q 'recvmsg.*INJECTED' "$files/trace"; }

late=0 refused=0
for verb in ADD DEL; do
  for ((k = 1; k < 200; k++)); do
    [ $verb = ADD ] || call bridge ADD blue "$bridge_config" >/dev/null
    state=$(host_state)
    code=0
    faults="recvmsg:error=EAGAIN:when=$k poll:retval=0:when=1" call bridge $verb blue "$bridge_config" >"$files/out" || code=$?
    is_injected || break
    late=$((late + 1))
    if [ $code != 0 ]; then
      refused=$((refused + 1))
      claim_refused "the kernel did not reply within 30 s: " "$files/out"
      [ $verb = DEL ] || claim_equal "answer $k of ADD: the host is as before" "$state" "$(host_state)"
    fi
    call bridge DEL blue "$bridge_config" >/dev/null
    claim "answer $k of $verb: nothing is left" holds_nothing_of n/blue/eth0 blue
  done
  claim_equal "a $verb without a late answer" 0 "$code"
  call bridge DEL blue "$bridge_config" >/dev/null
done
claim "most answers were waited for: $refused of $late" test "$refused" -ge 20
printf 'faults: answers of the kernel that come too late: %s tried, 0 violations\n' "$late"
well_done
