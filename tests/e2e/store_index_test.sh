#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The index of host-local's store: the cost of calls, and calls without an index.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace python3
private_host "$@"
store=/var/lib/cni/networks/n
index=/run/footbridge/ipam

conf() {
  jq -cn --argjson ipam "{$1}" '{cniVersion: "1.0.0", name: "n", type: "bridge", ipam: ({type: "host-local"} + $ipam)}'
}

# call VERB CONTAINER [COMMAND...]: runs the plugin, as an argument of COMMAND if given.
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/outside CNI_IFNAME=eth0 CNI_PATH=$bin "${@:3}" \
    "$bin/host-local" <<<"$large"
}

# fill COUNT: creates a store like the reference's, and makes a call that builds the index.
fill() {
  rm -rf "$store"
  mkdir -p "$store"
  python3 - "$store" "$1" <<'END'
import ipaddress, sys
for i in range(int(sys.argv[2])):
    name = str(ipaddress.ip_address("10.1.0.2") + i)
    with open(f"{sys.argv[1]}/{name}", "w", newline="") as file:
        file.write(f"c{i}\r\neth0")
    with open(f"{sys.argv[1]}/last_reserved_ip.0", "w") as file:
        file.write(name)
END
  call CHECK c1 || fail "CHECK failed"
}

# calls_of VERB CONTAINER: the names of its system calls in order, without those for memory.
calls_of() {
  call "$1" "$2" strace -qq -o "$files/trace" >/dev/null || fail "$1 of $2 failed"
  sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$files/trace" | grep -v -x -e brk -e mmap -e munmap | paste -sd ' '
}

# all_calls: the system calls of each kind of call.
all_calls() {
  calls_of ADD new
  calls_of CHECK new
  calls_of CHECK c7
  calls_of DEL new
  calls_of DEL new
}

# ---- the cost of calls ----
large=$(conf '"subnet": "10.1.0.0/16"')
fill 10
call ADD first >/dev/null
few=$(all_calls)
claim_not "no call reads the directory" grep -q getdents <<<"$few"
fill 1000
call ADD first >/dev/null
claim_equal "the system calls with 1,000 allocations are the same as with 10" "$few" "$(all_calls)"
claim_equal "the index has one file, which only root can read" "600" "$(stat -c %a "$index"/* | sort -u)"
claim_equal "the store contains only files of the reference" "last_reserved_ip.0 lock" \
  "$(find "$store" -type f ! -name '10.*' -printf '%f\n' | sort | paste -sd ' ')"

# ---- without an index ----
# works WORDS: ADD, CHECK and DEL work.
works() {
  local address
  address=$(call ADD x | jq -r '.ips[0].address')
  claim_equal "$1: ADD allocates the next address" 10.1.3.235/16 "$address"
  claim "$1: its file exists" test -e "$store/10.1.3.235"
  claim "$1: CHECK finds it" call CHECK x
  claim_not "$1: CHECK of another container fails" call CHECK y
  claim_contains "$1: a second ADD is rejected" "10.1.3.235 has been allocated to x" "$(call ADD x | jq -r .msg)"
  claim "$1: DEL" call DEL x
  claim_not "$1: DEL releases the address" test -e "$store/10.1.3.235"
  claim "$1: DEL again" call DEL x
  printf 10.1.3.234 >"$store/last_reserved_ip.0"
}
rm "$store/10.1.3.234"
printf 10.1.3.234 >"$store/last_reserved_ip.0"
works "with an index"
for options in ro size=16k; do
  umount "$index" 2>/dev/null || true
  mount -t tmpfs -o "$options" tmpfs "$index"
  works "with its folder mounted $options"
done
umount "$index"
mkdir "$files/disk"
if [ "$(stat -f -c %T /var/tmp)" != tmpfs ]; then
  disk=$(mktemp -d /var/tmp/footbridge-test-XXXXXX)
  trap 'code=$?; rm -rf "$disk"; exit "$code"' EXIT # this test has no background processes
  mount --bind "$disk" "$index"
  works "with its folder on a disk"
  claim_equal "no index is written to a disk" 0 "$(stat -c %s "$disk"/*)"
  umount "$index"
fi
call CHECK c7
(
  ulimit -f 4
  works "with files limited to 4 KiB, less than the index"
)
rm -rf "$index"
: >"$index"
works "with a file in place of its folder"
rm "$index"

# ---- a store that can only be read ----
call ADD x >/dev/null
mount --bind "$store" "$store"
mount -o remount,bind,ro "$store"
claim "CHECK succeeds" call CHECK x
claim "DEL of an unknown container succeeds" call DEL y
claim_contains "DEL of an allocation fails with the reason" "Read-only file system" "$(call DEL x | jq -r .msg)"
umount "$store"
touch "$store/10.1.3.236" # invalidates the index
rm "$store/10.1.3.236"
mount --bind "$store" "$store"
mount -o remount,bind,ro "$store"
claim "CHECK succeeds without an index" call CHECK x
umount "$store"
calls_of CHECK x >/dev/null
claim_not "when the store can be written again, the index is used again" grep -q getdents <<<"$(calls_of CHECK x)"
claim "DEL succeeds" call DEL x
claim_not "DEL releases the address" test -e "$store/10.1.3.235"

# ---- a GC repairs what the index cannot notice ----
rm -rf "$store"
large=$(jq -c '.cniVersion = "1.1.0" | ."cni.dev/valid-attachments" = [{containerID: "late",
  ifname: "eth0"}]' <<<"$large")
call ADD early >/dev/null
printf 'late\r\neth0' >"$store/$(cat "$store/last_reserved_ip.0")" # in place: lib/ipam/index.h
claim_not "CHECK does not find an owner that was written into an existing file by hand" call CHECK late
claim "GC" call GC late
claim "CHECK finds it after GC" call CHECK late
finish
