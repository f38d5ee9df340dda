#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every wait has a deadline: for a store's lock, an IPAM plugin that hangs, a kernel that answers late. Each timeout is
# an error with code 11 that names what was waited for, how long, and for which process. Completed steps are reverted.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace flock python3
private_host "$@"

store=/var/lib/cni/networks/n
ipam='"ipam":{"type":"host-local","subnet":"10.1.0.0/24"}'
bridge_config='{"cniVersion":"1.1.0","name":"n","type":"bridge","bridge":"cni0","isGateway":true,'$ipam'}'
ipam_config='{"cniVersion":"1.1.0","name":"n","cni.dev/valid-attachments":[],'$ipam'}'
hanging_config='{"cniVersion":"1.1.0","name":"h","type":"bridge","bridge":"cni1","ipam":{"type":"hangs"}}'

# call PLUGIN VERB ID CONFIG: makes the call; with $faults (values of inject=) under strace, whose log is $files/trace.
call() {
  local tracer=() fault
  for fault in ${faults:-}; do tracer+=(-e "inject=$fault"); done
  [ -z "${faults:-}" ] || tracer=(strace -qq -o "$files/trace" -e 'trace=recvmsg,poll' "${tracer[@]}")
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=eth0 CNI_PATH=$files/plugins:$bin \
    "${tracer[@]}" "$bin/$1" <<<"$4"
}

# claim_timeout WORDS FILE: the file contains an error object with code 11 and these words.
claim_timeout() {
  claim_equal "the code of: $(cat "$2")" 11 "$(jq .code "$2")"
  claim_contains "the error's message" "$1" "$(jq -r .msg "$2")"
}

# ---- a store's lock that another process holds: the real 30 s, all verbs at the same time ----

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

# ---- meanwhile: an IPAM plugin that hangs. Its timeout is injected into poll(2). ----

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
# Ten seconds are enough for the script to reach its sleep; the calls above wait for the lock meanwhile.
faults="poll:retval=0:delay_enter=10000000:when=1" call bridge ADD green "$hanging_config" >"$files/hanging" &&
  fail "ADD succeeded although the IPAM plugin hangs: $(cat "$files/hanging")"
claim "the plugin hung" has_hung
claim_timeout "IPAM plugin hangs did not end within 240 s: process $(sed -n 's/^ADD //p' "$files/hung" |
  head -n 1) was killed" "$files/hanging"
claim_equal "DEL was called" 1 "$(grep -c ^DEL "$files/hung")"
is_gone() { ! kill -0 "$1" 2>/dev/null; }
while read -r verb pid; do
  wait_for "process $pid of $verb ends" is_gone "$pid"
done <"$files/hung"
claim_equal "no new link is left" "" "$(links | comm -13 "$files/before" -)"  # the bridge's DEL may have deleted one

# ---- the lock again ----

for pid in "${pids[@]}"; do
  code=0
  wait "$pid" || code=$?
  claim_equal "the exit code of a call that waited for the lock" 1 "$code"
done
took=$((SECONDS - began))
claim "the calls waited for at least 29 s: $took s" test "$took" -ge 29
for verb in ADD CHECK DEL GC bridge; do
  claim_timeout "address store $store: lock lock: waited 30 s for process $holder ($(cat \
    "/proc/$holder/comm")): Connection timed out" "$files/$verb"
done
claim_not "DEL deleted the link" ip -n red link show eth0
claim "the address is still allocated, as DEL's error says" test -e "$store/10.1.0.2"
end_process "$holder"
wait_for "the lock is free" flock -n "$store/lock" true
call bridge DEL red "$bridge_config" >/dev/null
claim_not "the next DEL releases it" test -e "$store/10.1.0.2"

# ---- a kernel that answers late: each answer once arrives after the deadline ----

is_injected() { grep -q 'recvmsg.*INJECTED' "$files/trace"; }

late=0 errors=0
for verb in ADD DEL; do
  for ((k = 1; k < 200; k++)); do
    [ $verb = ADD ] || call bridge ADD blue "$bridge_config" >/dev/null
    state=$(host_state)
    code=0
    faults="recvmsg:error=EAGAIN:when=$k poll:retval=0:when=1" call bridge $verb blue \
      "$bridge_config" >"$files/out" || code=$?
    is_injected || break
    late=$((late + 1))
    if [ $code != 0 ]; then
      errors=$((errors + 1))
      claim_timeout "the kernel did not reply within 30 s: " "$files/out"
      [ $verb = DEL ] || claim_equal "answer $k of ADD: the host is as before" "$state" "$(host_state)"
    fi
    call bridge DEL blue "$bridge_config" >/dev/null
    claim "answer $k of $verb: nothing is left" holds_nothing_of n/blue/eth0 blue
  done
  claim_equal "a $verb without a late answer" 0 "$code"
  call bridge DEL blue "$bridge_config" >/dev/null
done
claim "most late answers are errors: $errors of $late" test "$errors" -ge 20
printf 'faults: answers of the kernel after the deadline: %s tried, 0 violations\n' "$late"
finish
