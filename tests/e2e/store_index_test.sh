#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The index of host-local's store: what calls cost, and the places where there can be none.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace python3
private_host "$@"
store=/var/lib/cni/networks/n
index=/run/footbridge/ipam

conf() {
  jq -cn --argjson ipam "{$1}" '{cniVersion: "1.0.0", name: "n", type: "bridge", ipam: ({type: "host-local"} + $ipam)}'
}

# call VERB CONTAINER [COMMAND...]: with COMMAND in front.
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/outside CNI_IFNAME=eth0 CNI_PATH=$bin "${@:3}" "$bin/host-local" <<<"$large"
}

# fill COUNT: a store as the reference leaves it, and a call that builds the index.
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

# calls_of VERB CONTAINER: the names of the system calls, in order; not those for memory.
calls_of() {
  call "$1" "$2" strace -qq -o "$files/trace" >/dev/null || fail "$1 of $2 failed"
  sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$files/trace" | grep -v -x -e brk -e mmap -e munmap | paste -sd ' '
}

# all_calls: of each kind of call.
all_calls() {
  calls_of ADD new
  calls_of CHECK new
  calls_of CHECK c7
  calls_of DEL new
  calls_of DEL new
}

# ---- what calls cost ----
large=$(conf '"subnet": "10.1.0.0/16"')
fill 10
call ADD first >/dev/null
few=$(all_calls)
claim_not "no call of them reads the directory" grep -q getdents <<<"$few"
fill 1000
call ADD first >/dev/null
claim_equal "with 1,000 allocations they make the system calls that they make with 10" "$few" "$(all_calls)"
claim_equal "the index has one file, for root alone" "600" "$(stat -c %a "$index"/* | sort -u)"
claim_equal "and the store has what the reference would have, too" "last_reserved_ip.0 lock" \
  "$(find "$store" -type f ! -name '10.*' -printf '%f\n' | sort | paste -sd ' ')"

# ---- where there can be no index ----
# works WORDS: takes, finds and gives back as ever.
works() {
  local address
  address=$(call ADD x | jq -r '.ips[0].address')
  claim_equal "$1: ADD takes the next address" 10.1.3.235/16 "$address"
  claim "$1: it is in its file" test -e "$store/10.1.3.235"
  claim "$1: CHECK finds it" call CHECK x
  claim_not "$1: and not what is not there" call CHECK y
  claim_contains "$1: a second ADD is refused" "10.1.3.235 has been allocated to x" "$(call ADD x | jq -r .msg)"
  claim "$1: DEL" call DEL x
  claim_not "$1: gives it back" test -e "$store/10.1.3.235"
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
  trap 'code=$?; rm -rf "$disk"; exit "$code"' EXIT # there are no processes to end
  mount --bind "$disk" "$index"
  works "with its folder on a disk"
  claim_equal "where nothing is kept" 0 "$(stat -c %s "$disk"/*)"
  umount "$index"
fi
call CHECK c7
(
  ulimit -f 4
  works "with files of at most 4 KiB, of which it has more"
)
rm -rf "$index"
: >"$index"
works "with a file in place of its folder"
rm "$index"

# ---- a store that can only be read ----
call ADD x >/dev/null
mount --bind "$store" "$store"
mount -o remount,bind,ro "$store"
claim "CHECK finds what is there" call CHECK x
claim "DEL of what is not there succeeds" call DEL y
claim_contains "DEL of what is there says why it cannot" "Read-only file system" "$(call DEL x | jq -r .msg)"
umount "$store"
touch "$store/10.1.3.236" # for the index to be made anew
rm "$store/10.1.3.236"
mount --bind "$store" "$store"
mount -o remount,bind,ro "$store"
claim "CHECK finds what is there without an index" call CHECK x
umount "$store"
calls_of CHECK x >/dev/null
claim_not "once it can be written to again, an index is kept again" grep -q getdents <<<"$(calls_of CHECK x)"
claim "and can, later" call DEL x
claim_not "so that it is gone" test -e "$store/10.1.3.235"

# ---- what an index cannot see ends with a GC that has nothing to release ----
rm -rf "$store"
large=$(jq -c '.cniVersion = "1.1.0" | ."cni.dev/valid-attachments" = [{containerID: "late", ifname: "eth0"}]' <<<"$large")
call ADD early >/dev/null
printf 'late\r\neth0' >"$store/$(cat "$store/last_reserved_ip.0")" # in place: lib/ipam/index.h
claim_not "who was written into a file by hand is not found" call CHECK late
claim "GC" call GC late
claim "and is found from then on" call CHECK late
well_done
