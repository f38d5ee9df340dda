#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# host-local for runtimes and operators: reboots, exhausted ranges, STATUS, GC, `footbridge ipam`. Also the example of
# static.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv python3
private_host "$@"
PATH=$bin:$PATH
new_netns red
store=/var/lib/cni/networks/n
boot_id=/proc/sys/kernel/random/boot_id

# conf IPAM-KEYS [OTHER-KEYS]: a configuration of network n.
conf() {
  jq -cn --argjson ipam "{$1}" --argjson others "{${2:-}}" \
    '{cniVersion: "1.1.0", name: "n", type: "bridge", ipam: ({type: "host-local"} + $ipam)} + $others'
}

# call VERB CONTAINER CONFIGURATION: prints the output.
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/red CNI_IFNAME=eth0 CNI_PATH=$bin \
    "$(jq -r .ipam.type <<<"$3")" <<<"$3"
}

# address_of CONTAINER CONFIGURATION: runs ADD; prints its addresses or its error.
address_of() {
  { call ADD "$@" || true; } | jq -r 'if .ips then [.ips[].address] | join(" ") else "\(.code): \(.msg)" end'
}

# error_of VERB CONTAINER CONFIGURATION: runs a call that must fail; prints its code and message.
error_of() {
  local output
  if output=$(call "$@"); then
    fail "call succeeded, but should fail: $* ($output)"
  fi
  jq -r '"\(.code): \(.msg)"' <<<"$output"
}

# The allocated addresses, on one line.
allocated() {
  find "$store" -type f -name '[0-9f]*' -printf '%f\n' | sort -V | paste -sd ' '
}

# simulate_reboot: the kernel's boot id changes, and the index in memory is deleted.
boots=0
simulate_reboot() {
  boots=$((boots + 1))
  printf '%08d-0000-4000-8000-000000000000\n' "$boots" >"$files/boot_id.$boots"
  mount --bind "$files/boot_id.$boots" "$boot_id"
  rm -rf /run/footbridge
}

# ---- a full range, and a reboot ----
small=$(conf '"subnet": "10.91.7.0/29"')
for container in a b c d e; do
  call ADD "$container" "$small" >/dev/null || fail "ADD of $container failed"
done
full="no IP addresses available in range set: 10.91.7.1-10.91.7.6: 5 of 5 are allocated, the oldest, 10.91.7.2, since "
for output in "$(error_of ADD f "$small")" "$(call STATUS '' "$small" 2>&1)"; do
  claim_contains "the error of a full range has the number of allocated addresses" "$full" "$output"
  claim_contains "and the oldest owner, and the commands to run" \
    "by container a (eth0); \`footbridge ipam ls n\` lists them, \`footbridge ipam gc n\` releases those whose" \
    "$output"
done
claim_equal "STATUS of a full range succeeds" 0 "$(exit_code call STATUS '' "$small" 2>/dev/null)"
mkdir "$files/net.d"
jq '. + {type: "bridge"}' <<<"$small" >"$files/net.d/n.conf"
claim_contains "ls reports a full range" "range set 10.91.7.1-10.91.7.6 is exhausted" \
  "$(NETCONFPATH=$files/net.d footbridge ipam ls n)"
claim_equal "so does ls --json" '["10.91.7.1-10.91.7.6"]' "$(NETCONFPATH=$files/net.d footbridge ipam ls n --json |
  jq -c .exhausted)"
claim_equal "ls does not report it without the network's configuration" '[]' \
  "$(NETCONFPATH=$files footbridge ipam ls n --json | jq -c .exhausted)"
before=$(cd "$store" && find . -type f -printf '%p %T@ ' -exec sha256sum {} \;)

if ! python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.test", b"1")' "$store" 2>/dev/null; then
  echo "SKIP: the file system of /var/lib/cni has no extended attributes: reboots are not tested"
else
  simulate_reboot
  claim_equal "after a reboot, STATUS succeeds before any other call" 0 "$(exit_code call STATUS '' "$small")"
  claim_equal "STATUS changes nothing" "$before" \
    "$(cd "$store" && find . -type f -printf '%p %T@ ' -exec sha256sum {} \;)"
  claim_equal "after a reboot, ls marks addresses of an earlier boot" "from an earlier boot" \
    "$(footbridge ipam ls n --json | jq -r '[.addresses[].state] | unique | join(", ")')"
  claim_equal "after a reboot, ADD allocates from the full range" 10.91.7.2/29 "$(address_of f "$small")"
  claim_equal "and releases all addresses of the earlier boot" 10.91.7.2 "$(allocated)"
  for container in g h i j; do
    claim_contains "the whole range can be allocated again" 10.91.7. "$(address_of "$container" "$small")"
  done
  claim_contains "then it is full again" "5 of 5 are allocated" "$(error_of ADD k "$small")"
  claim_contains "also for STATUS" "5 of 5 are allocated" "$(call STATUS '' "$small" 2>&1)"

  # The reference does not mark its files: they stay for one whole boot, whatever their time.
  call DEL j "$small"
  printf 'old\r\neth0' >"$store/$(address_of k "$small" | cut -d / -f 1).new"
  mv "$store"/*.new "$store/10.91.7.77"
  simulate_reboot
  printf 'reference\r\neth0' >"$store/10.91.7.78"
  touch -d 2001-01-01 "$store/10.91.7.78"
  address_of l "$small" >/dev/null
  claim_contains "an address that the reference allocated since the reboot stays, also with a wrong clock" \
    10.91.7.78 "$(allocated)"
  simulate_reboot
  address_of m "$small" >/dev/null
  claim_equal "one boot later, all of them are released" 1 "$(allocated | wc -w)"
fi

# Without extended attributes, reboots are not detected, and nothing fails.
mkdir "$files/plain"
mount -t ramfs ramfs "$files/plain"
claim_not "ramfs has no extended attributes" python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.test", b"1")' \
  "$files/plain"
plain=$(conf "\"subnet\": \"10.91.7.0/29\", \"dataDir\": \"$files/plain\"")
claim_equal "without extended attributes, ADD works" 10.91.7.2/29 "$(address_of a "$plain")"
simulate_reboot
claim_equal "also after a reboot" 10.91.7.3/29 "$(address_of b "$plain")"
claim "addresses allocated before the reboot stay" test -e "$files/plain/n/10.91.7.2"
while umount "$boot_id" 2>/dev/null; do :; done
rm -rf "$store"

# ---- GC ----
large=$(conf '"subnet": "10.92.0.0/16"')
mkdir -p "${store%/*}/m"
printf 'dead\r\neth0' >"${store%/*}/m/10.92.0.9"
for container in alive dead; do
  call ADD "$container" "$large" >/dev/null
done
: >"$store/10.92.0.50"
printf 'alive' >"$store/10.92.0.51"
printf 'dead' >"$store/10.92.0.52"
echo "a note" >"$store/10.92.0.53"
ln -s 10.92.0.3 "$store/10.92.0.54"
call GC '' "$(conf '"ranges": 5' '"cni.dev/valid-attachments": [{"containerID": "alive", "ifname": "eth0"}]')" ||
  fail "GC failed"
claim_equal "GC keeps addresses of valid attachments, and files that are not ours" "10.92.0.2 10.92.0.51 10.92.0.53" \
  "$(allocated)"
claim "GC keeps a link" test -L "$store/10.92.0.54"
claim "GC keeps addresses of another network" test -e "${store%/*}/m/10.92.0.9"
rm -rf "$store"

# ---- footbridge ipam ----
claim_equal "ls of a network without a store succeeds" 0 "$(exit_code footbridge ipam ls n)"
claim_equal "gc of a network without a store succeeds" 0 "$(exit_code footbridge ipam gc n)"
claim_equal "a path as the network's name is a usage error" 2 "$(exit_code footbridge ipam gc ../m)"
claim_equal "ipam without a command is a usage error" 2 "$(exit_code footbridge ipam)"
# gc looks at all namespaces of the machine: no other process on it may use these addresses.
net4=10.$((64 + $$ % 128)).$(($$ / 128 % 256)) net6=fd00:$(printf %x $((4096 + $$ % 61440)))
cat >"$files/n.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "n", "plugins": [{"type": "bridge", "bridge": "n0", "isGateway": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "$net4.0/24"}], [{"subnet": "$net6::/64"}]]}}]}
JSON
export NETCONFPATH=$files
new_netns blue
# An address is released only after a minute without an interface.
age() { touch -d '2 minutes ago' "$store"/[0-9f]*; }
footbridge add --quiet n red
footbridge add --quiet n blue
# A namespace without a name, held by a process only, as some runtimes use it. The interface was renamed there.
call ADD unnamed "$(conf "\"subnet\": \"$net4.0/24\"")" >/dev/null
mkfifo "$files/ready"
background unshare --net sh -c "ip link set lo up; ip link add eth7 type bridge; ip address add $net4.4/24 dev eth7
  echo >$files/ready; exec sleep 600"
unnamed_pid=$!
read -r <"$files/ready"
call ADD young "$(conf "\"subnet\": \"$net4.0/24\"")" >/dev/null
age
touch "$store/$net4.5"
claim_equal "ls finds used addresses in each namespace; a new address has a minute" \
  "$net4.2 in use, $net4.3 in use, $net4.4 in use, $net4.5 no interface has it yet, $net6::2 in use, $net6::3 in use" \
  "$(footbridge ipam ls n --json | jq -r '[.addresses[] | "\(.address) \(.state)"] | join(", ")')"
claim_contains "the table has the container and its interface" "$net4.2 footbridge-red eth0" \
  "$(footbridge ipam ls n | tr -s ' ')"
claim_contains "gc releases none of them" "0 released, 6 left" "$(footbridge ipam gc n)"

# blue's namespace is deleted without a DEL, as after a crash, and with it the veth pair.
ip netns delete blue
end_process "$unnamed_pid"
age
touch "$store/$net4.5"
wait_for "the deletion of blue's interface" bash -c '! ip -d link | grep -q n/footbridge-blue/eth0'
claim_contains "gc --dry-run reports" "would release $net4.3 of footbridge-blue/eth0: no interface has it" \
  "$(footbridge ipam gc n --dry-run)"
claim_equal "and releases nothing" "$net4.2 $net4.3 $net4.4 $net4.5 $net6::2 $net6::3" "$(allocated)"
claim_equal "gc releases and reports addresses without an interface, in both families" \
  "release $net4.3 of footbridge-blue/eth0: no interface has it
release $net4.4 of unnamed/eth0: no interface has it
release $net6::3 of footbridge-blue/eth0: no interface has it
3 released, 3 left in $store" "$(footbridge ipam gc n)"
claim_equal "and no others" "$net4.2 $net4.5 $net6::2" "$(allocated)"
claim_contains "a second gc finds nothing" "0 released, 3 left" "$(footbridge ipam gc n)"

# red's address is no longer on its interface (perhaps a virtual machine has it). The host end still names its owner.
ip -n red address flush dev eth0
claim_contains "a container with a host end keeps its address" "0 released" "$(footbridge ipam gc n)"
mkdir "$files/other"
cp -a "$store" "$files/other/"
claim_contains "--dir names another folder" "network n, $files/other/n" "$(footbridge ipam ls n --dir "$files/other")"

# If the runtime's processes are not visible, gc cannot find out that an address is unused.
printf 'gone\r\neth0' >"$files/other/n/192.0.2.7"
find "$files/other/n" -name '[0-9f]*' ! -name 192.0.2.7 -delete
touch -d '2 minutes ago' "$files/other/n/192.0.2.7"
claim_equal "in its own PID namespace, gc does not release by interfaces" "0 released, 1 left in $files/other/n" \
  "$(unshare --pid --fork --mount-proc "$bin/footbridge" ipam gc n --dir "$files/other" 2>/dev/null)"
# A pod of the network sees only its own address.
ip netns add pod
ip -n pod link set lo up
ip -n pod address add 192.0.2.8/32 dev lo
printf 'pod\r\neth0' >"$files/other/n/192.0.2.8"
touch -d '2 minutes ago' "$files/other/n/192.0.2.8"
claim_equal "in a pod of the network, gc does not release by interfaces" "0 released, 2 left in $files/other/n" \
  "$(ip netns exec pod unshare --pid --mount --fork --mount-proc sh -c 'umount /run/netns/* 2>/dev/null; exec "$@"' - \
    "$bin/footbridge" ipam gc n --dir "$files/other" 2>/dev/null)"
rm "$files/other/n/192.0.2.8"
ip netns delete pod
if [ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ]; then
  claim_contains "on the host, it does" "1 released, 0 left" "$(footbridge ipam gc n --dir "$files/other")"
else
  echo "SKIP: this test runs in a PID namespace: gc does not release by interfaces"
fi

# ---- static ----
NETCONFPATH=$source_dir/conf-examples
footbridge add --quiet static-example red --ifname eth1
claim_equal "the container has the example's address" 10.23.4.5 "$(inner_address red eth1 4)"
claim "the example passes CHECK" footbridge check static-example red --ifname eth1
claim "DEL of the example" footbridge del static-example red --ifname eth1
finish
