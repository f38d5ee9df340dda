#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Links, fifos, devices, sockets and directories in place of files, and directories of other users. Each is rejected
# with a clear error; no link is followed, no file is overwritten, and no call hangs.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace timeout python3
private_host "$@"

tracer=()
networks=/var/lib/cni/networks
store=$networks/n
index=/run/footbridge/ipam
tried=0

# config [KEYS-OF-IPAM]
config() {
  echo '{"cniVersion":"1.1.0","name":"n","type":"bridge","bridge":"cni0","cni.dev/valid-attachments":[],
    "ipam":{"type":"host-local","subnet":"10.1.0.0/24"'"${1:-}"'}}'
}

# try PLUGIN VERB CONFIG: sets $out and $code. Each call takes far less than the 20 seconds.
try() {
  code=0
  out=$(CNI_COMMAND=$2 CNI_CONTAINERID=${id:-red} CNI_NETNS=${netns-/run/netns/red} CNI_IFNAME=eth0 \
    CNI_PATH=${path:-$bin} timeout 20 "${tracer[@]}" "$bin/$1" <<<"$3" 2>/dev/null) || code=$?
  [ "$code" != 124 ] || fail "$1 $2 hangs: $what"
  [ "$code" -lt 2 ] || fail "$1 $2 crashed: $what: $code $out"
  tried=$((tried + 1))
}

# rejected WORDS: the last call failed with an error object that contains these words.
rejected() {
  [ "$code" = 1 ] || fail "not rejected: $what: $out"
  claim_contains "the error of: $what" "$1" "$(jq -r .msg <<<"$out")"
}

accepted() {
  [ "$code" = 0 ] || fail "rejected: $what: $out"
}

precious=$files/precious
kinds='link fifo directory socket character-device block-device'
# put KIND PATH: creates a file of that kind.
put() {
  rm -rf "$2"
  case $1 in
    link) ln -s "$precious" "$2" ;;
    fifo) mkfifo "$2" ;;
    directory) mkdir "$2" ;;
    socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$2" ;;
    character-device) mknod "$2" c 1 5 ;; # zero
    block-device) mknod "$2" b 1 0 ;;     # ram0
  esac
}

# untouched: the link's target has not changed.
untouched() { [ "$(cat "$precious")" = "10.1.0.7" ]; }

what=usual
new_netns red
echo 10.1.0.7 >"$precious"

# ---- files of the store ----

for kind in $kinds; do
  what="$kind for the lock"
  mkdir -p "$store"
  put "$kind" "$store/lock"
  for verb in ADD CHECK DEL GC; do
    try host-local $verb "$(config)"
    rejected "address store $store: open lock"
  done
  what="$kind for the hint"
  rm -rf "$store"
  mkdir "$store"
  put "$kind" "$store/last_reserved_ip.0"
  try host-local ADD "$(config)"
  rejected "address store $store: open last_reserved_ip.0"
  try host-local DEL "$(config)"
  accepted
  claim_equal "a rejected ADD leaves nothing: $what" "last_reserved_ip.0 lock" "$(cd "$store" && echo *)"
  what="$kind for an address"
  rm -rf "$store"
  mkdir "$store"
  put "$kind" "$store/10.1.0.2"
  try host-local ADD "$(config)"
  accepted
  claim_equal "its address counts as allocated: $what" 10.1.0.3/24 "$(jq -r '.ips[0].address' <<<"$out")"
  for verb in CHECK DEL GC; do
    try host-local $verb "$(config)"
    accepted
  done
  claim "the file stays: $what" test -L "$store/10.1.0.2" -o -e "$store/10.1.0.2"
  rm -rf "$store"
  claim "no link was followed: $what" untouched
done

# ---- the index ----

try host-local ADD "$(config)"
for kind in $kinds; do
  for place in "$index"/* "$index"; do
    what="$kind for the index $place"
    put "$kind" "$place"
    try host-local DEL "$(config)"
    accepted
    try host-local ADD "$(config)"
    accepted
    try host-local CHECK "$(config)"
    accepted
    claim "no link was followed: $what" untouched
    rm -rf "$index"
    try host-local DEL "$(config)"
    accepted
    try host-local ADD "$(config)" # creates the index again
    accepted
  done
done
try host-local DEL "$(config)"

# ---- the directories ----

for kind in fifo socket character-device block-device; do
  for place in "$networks" "$store"; do
    what="$kind for the directory $place"
    rm -rf "$networks"
    mkdir "$networks"
    put "$kind" "$place"
    for verb in ADD CHECK DEL GC; do
      try host-local $verb "$(config)"
      rejected "Not a directory"
    done
  done
done
rm -rf "$networks"
mkdir -p /var/lib/cni/disk "$files/shared"
chmod 755 /var/lib/cni # a new tmpfs has the mode of /tmp, where links are not followed
for verb in ADD CHECK DEL; do
  what="an administrator's link to another disk, $verb"
  [ -e "$networks" ] || ln -s disk "$networks"
  try host-local $verb "$(config)"
  accepted
done
claim "the link was followed" test -e /var/lib/cni/disk/n/lock
rm -rf "$networks" /var/lib/cni/disk
chmod 1777 "$files/shared"
ln -s /etc "$files/shared/networks"
before=$(ls -a /etc)
for verb in ADD CHECK DEL GC STATUS; do
  what="a link in a world-writable directory, $verb"
  try host-local $verb "$(config ',"dataDir":"/run/test/shared/networks"')"
  rejected "symbolic link $files/shared/networks of user 0 is not followed"
done
claim_equal "nothing was created in /etc" "$before" "$(ls -a /etc)"

what="a store whose mode changes"
try bridge ADD "$(config)"
accepted
for change in "chmod 777" "chmod 1777" "chown 1000"; do
  for place in "$store" "$networks"; do
    what="$change $place"
    [ "$what" != "chmod 1777 $networks" ] || continue # like /tmp
    $change "$place"
    files_before=$(cd "$store" && stat -c '%n %y %z' ./*)
    for verb in ADD CHECK DEL GC STATUS; do
      id=blue try host-local $verb "$(config)"
      rejected "directory $store"
      claim_contains "the error names the owner: $what" "(user " "$out"
    done
    claim_equal "no file was changed: $what" "$files_before" "$(cd "$store" && stat -c '%n %y %z' ./*)"
    chown 0:0 "$place"
    chmod 755 "$place"
  done
done
what="DEL of a bridge whose store is rejected"
chmod 777 "$store"
try bridge DEL "$(config)"
rejected "is writable by others"
claim_not "DEL deletes the link" ip -n red link show eth0
claim "but not the address" test -e "$store/10.1.0.2"
chmod 755 "$store"
try bridge DEL "$(config)"
accepted
claim_not "the next DEL deletes the address" test -e "$store/10.1.0.2"

# ---- a disk that cannot be read ----

what="a file that cannot be read"
rm -rf "$store" # the next address is 10.1.0.2
try host-local ADD "$(config)"
tracer=(strace -qq -o /dev/null -P "$store/10.1.0.2" -e inject=read:error=EIO)
try host-local DEL "$(config)"
rejected "address store $store: read 10.1.0.2, which may belong to red/eth0: Input/output error"
claim "the address stays" test -e "$store/10.1.0.2"
rm -rf "$index"
try host-local DEL "$(config)"
accepted # the owner is unknown now, and a bad disk must not keep containers from being deleted
claim "and still stays" test -e "$store/10.1.0.2"
id=blue try host-local ADD "$(config)"
rm -rf "$index"
id=blue try host-local DEL "$(config)"
accepted
tracer=()
claim_not "DEL of another attachment works" test -e "$store/10.1.0.3"
try host-local DEL "$(config)"
accepted
claim_not "when the disk can be read again, DEL releases the address" test -e "$store/10.1.0.2"

# ---- paths from the configuration and the environment ----

for kind in $kinds; do
  what="$kind for resolvConf"
  put "$kind" "$files/special"
  [ "$kind" != link ] || ln -sfn /dev/zero "$files/special"
  for verb in ADD STATUS; do
    try host-local $verb "$(config ',"resolvConf":"/run/test/special"')"
    rejected "$files/special: it is not a regular file"
  done
  what="$kind for CNI_NETNS"
  for plugin in bridge loopback; do
    netns=$files/special try $plugin ADD "$(config)"
    rejected "special"
    netns=$files/special try $plugin DEL "$(config)"
    accepted
  done
  what="$kind for the IPAM plugin"
  mkdir -p "$files/path"
  put "$kind" "$files/path/host-local"
  [ "$kind" != link ] || ln -sfn /dev/zero "$files/path/host-local"
  path=$files/path try bridge ADD "$(config)"
  rejected 'failed to find plugin "host-local" in path ['"$files/path]"
  what="$kind for the log"
  put "$kind" "$files/log"
  FOOTBRIDGE_LOG=info:$files/log try host-local ADD "$(config)"
  accepted
  FOOTBRIDGE_LOG=info:$files/log try host-local DEL "$(config)"
  accepted
  rm -rf "$files/special" "$files/log"
  claim "no link was followed: $what" untouched
done
for netns in "$precious" /dev/null /proc/self/exe /proc/self/ns/mnt /proc/version; do
  what="$netns for CNI_NETNS"
  netns=$netns try bridge ADD "$(config)"
  rejected ""
done
for name in .. . a/b /etc '' 'a\u0000b' -n; do
  what="a network named \"$name\""
  try host-local ADD '{"cniVersion":"1.1.0","name":"'"$name"'","ipam":{"type":"host-local","subnet":"10.1.0.0/24"}}'
  rejected ""
done
claim_equal "no directory with such a name was created" "n" "$(ls -A "$networks")"

printf 'inputs: hostile files: %s calls, 0 violations\n' "$tried"
finish
