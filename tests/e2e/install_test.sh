#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `footbridge install` under a runtime that never rests: what is called at any moment is there and whole, an installer may be killed
# at any point, two may run at once, and an error says which files were replaced and which were not.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv strace cmp python3
reference=${FOOTBRIDGE_SOURCE:-$source_dir}/build/reference/usr/lib/cni
private_host "$@"
names=$("$bin/footbridge" version | sed -n 's/^plugins: //p')
[ -n "$names" ] || fail "footbridge version names no plugin"
dest=$files/bin

# Three versions: the same program with other bytes behind it.
for version in 1 2 3; do
  mkdir "$files/v$version"
  cp "$bin/footbridge" "$files/v$version/"
  printf '%s' "$version" >>"$files/v$version/footbridge"
done
v1=$files/v1/footbridge v2=$files/v2/footbridge v3=$files/v3/footbridge

# fresh_dest [reference]: a plugin folder with one file of somebody else's, or with the reference's files.
fresh_dest() {
  rm -rf "$dest"
  mkdir "$dest"
  [ "${1:-}" != reference ] || cp "$reference"/* "$dest"
  echo "not ours" >"$dest/calico"
}

# is_complete VERSION: the executable and a link for each plugin, and beside them what was there, and nothing else.
is_complete() {
  local name
  cmp -s "$dest/footbridge" "$1" && [ "$(stat -c %a "$dest/footbridge")" = 755 ] || return 1
  for name in $names; do
    [ "$(readlink "$dest/$name")" = footbridge ] || return 1
  done
  [ "$(cat "$dest/calico")" = "not ours" ] && no_leftovers
}

no_leftovers() {
  [ -z "$(find "$dest" -name '.*')" ]
}

# is_consistent: each plugin is there as ours of one version or as the reference's; the executable is one of ours.
is_consistent() {
  local name
  for name in $names; do
    if [ -L "$dest/$name" ]; then
      [ "$(readlink "$dest/$name")" = footbridge ] || return 1
    else
      cmp -s "$dest/$name" "$reference/$name" || return 1
    fi
  done
  [ ! -e "$dest/footbridge" ] || cmp -s "$dest/footbridge" "$v1" || cmp -s "$dest/footbridge" "$v2"
}

# The files and their content, in a form that can be compared.
content() {
  find "$1" -printf '%P %y %m %l\n' | sort
  find "$1" -type f -exec sha256sum {} + | sort
}

# complaint COMMAND...: what a failing command says; one line.
complaint() {
  local code=0
  "$@" >"$files/out" 2>"$files/err" || code=$?
  [ "$code" -eq "${expected_code:-1}" ] || fail "exit code $code: $* $(cat "$files/err")"
  [ "$(wc -l <"$files/err")" -eq 1 ] && [ ! -s "$files/out" ] || fail "not one line on stderr: $*"
  cat "$files/err"
}

# ---- first, again, by another version ----
fresh_dest
report=$(umask 077 && "$v1" install --dest "$dest")
claim_contains "install names the folder" "$dest: installed of footbridge " "$report"
claim_contains "and the plugins" ": footbridge $names" "$report"
claim "all is there, with modes that the umask has no part in" is_complete "$v1"
before=$(stat -c '%n %i %Y %Z' "$dest" "$dest"/*)
claim_contains "again: it says that nothing is to be done" "is there already, nothing was written" "$("$v1" install --dest "$dest")"
claim_equal "and does nothing" "$before" "$(stat -c '%n %i %Y %Z' "$dest" "$dest"/*)"
claim_equal "an installation made by the build is one of these" "footbridge" "$(readlink "$bin/ptp")"
chmod 700 "$dest/footbridge"
claim "a wrong mode is put right" "$v1" install --dest "$dest"
rm "$dest/static"
claim "the folder is written to the disk" strace -qqq -y -o "$files/calls" -e trace=/^rename,fsync "$v1" install --dest "$dest"
claim_contains "after the last file" "<$dest>)" "$(tail -n 1 "$files/calls" | grep ^fsync)"
claim_contains "which is an error when it fails" \
  "write $dest to the disk: Input/output error; replaced: footbridge; not replaced: nothing" \
  "$(complaint strace -qqq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO:when=2 "$v2" install --dest "$dest")"
claim "the next one does it" strace -qqq -y -o "$files/calls" -e trace=fsync "$v2" install --dest "$dest"
claim_contains "where all is in place" "<$dest>)" "$(cat "$files/calls")"
claim "back to the first version" "$v1" install --dest "$dest"
claim "all is as it should be" is_complete "$v1"
rm "$dest/ptp"
ln -s /nowhere "$dest/portmap.new" && mv "$dest/portmap.new" "$dest/portmap"
claim_contains "links that are missing or lead elsewhere are made" ": portmap ptp" "$("$v1" install --dest "$dest")"
claim "all is as it should be" is_complete "$v1"
background "$dest/footbridge" pause
running=$!
claim "another version takes the place of one that runs" "$v2" install --dest "$dest"
claim "all is the other's" is_complete "$v2"
claim "the old one runs on" kill -0 "$running"
claim "its own folder can be the destination" "$dest/footbridge" install --dest "$dest"
mkdir "$files/some"
"$v1" install --dest "$files/some" --only ptp --only host-local >/dev/null
claim_equal "--only: these links, and no others" "footbridge host-local ptp" "$(cd "$files/some" && echo *)"
mkdir "$files/linked"
claim_contains "--link: a further link, which it names" ": footbridge ptp cnv-bridge my-host-local" \
  "$("$v1" install --dest "$files/linked" --only ptp --link cnv-bridge=bridge --link my-host-local=host-local)"
claim_equal "it leads to the executable" "footbridge footbridge" \
  "$(cd "$files/linked" && echo "$(readlink cnv-bridge) $(readlink my-host-local)")"
claim_contains "and is the plugin" "CNI bridge plugin" "$(env -u CNI_COMMAND "$files/linked/cnv-bridge" 2>&1 </dev/null)"
claim_equal "and nothing else is there" "cnv-bridge footbridge my-host-local ptp" "$(cd "$files/linked" && echo *)"

# ---- in an image that holds nothing else, as the first process ----
mkdir -p "$files/image/proc" "$files/image/host"
cp "$v3" "$files/image/footbridge"
mount -t proc proc "$files/image/proc"
mount --bind "$dest" "$files/image/host"
claim "without a shell and without libraries" chroot "$files/image" /footbridge install --dest /host
claim "all is there" is_complete "$v3"
unshare --pid --fork --kill-child chroot "$files/image" /footbridge pause &
namespace=$!
processes+=("$namespace")
# Until it waits for it, the first process of a namespace does not see the signal.
ends_by_term() {
  kill -TERM "$(pgrep -P "$namespace")" || true
  ! kill -0 "$namespace"
}
wait_for "pause to end" ends_by_term
claim "as root without any capability" setpriv --bounding-set=-all --inh-caps=-all "$v1" install --dest "$dest"
claim "all is there" is_complete "$v1"
claim_equal "pause, as the first process, ends by SIGTERM, and well" 0 "$(wait "$namespace" && echo 0)"
umount "$files/image/host" "$files/image/proc"

# ---- under load: nothing is missing at any moment ----
jq -n '{cniVersion: "1.0.0", name: "load", ipam: {type: "host-local", ranges: [[{subnet: "10.61.0.0/24"}]]}}' >"$files/load.json"

# call VERB PLUGIN WHO, of what is in the destination
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=eth0 CNI_PATH=$dest "$dest/$2" \
    < <(jq -c --arg type "$2" '. + {type: $type}' "$files/load.json")
}

# loop WHO: ADD and DEL until it is told to stop; what goes wrong is in a file.
loop() {
  local done=0
  while [ ! -e "$files/stop" ]; do
    { call ADD ptp "$1" | grep -q '"address": *"10\.61\.' && call DEL ptp "$1"; } >>"$files/wrong.$1" 2>&1 ||
      echo "one of $1 was lost" >>"$files/wrong.$1"
    done=$((done + 1))
    echo "$done" >"$files/done.$1.new"
    mv "$files/done.$1.new" "$files/done.$1"
  done
}

# have_done NUMBER: each loop.
have_done() {
  [ "$(cat "$files/done.red")" -ge "$1" ] && [ "$(cat "$files/done.blue")" -ge "$1" ]
}

# Looks all the time, which no plugin is called often enough for.
cat >"$files/watch.py" <<'PY'
import os, sys
stop, folder, sizes = sys.argv[1], sys.argv[2], {int(size) for size in sys.argv[3:]}
looks = 0
while not os.path.exists(stop):
    for _ in range(200):
        for name in ("footbridge", "ptp", "host-local"):
            looks += 1
            try:
                if os.stat(f"{folder}/{name}").st_size not in sizes:
                    print(f"{name} is not whole")
            except FileNotFoundError:
                print(f"{name} is not there")
print(f"{looks} looks", file=sys.stderr)
PY

fresh_dest
"$v1" install --dest "$dest" >/dev/null
new_netns red blue
first=${#processes[@]}
# shellcheck disable=SC2046  # a word for each size
python3 "$files/watch.py" "$files/stop" "$dest" $(stat -c %s "$v1" "$reference/ptp" "$reference/host-local" 2>/dev/null) \
  >"$files/seen" 2>"$files/looks" &
processes+=($!)
loop red &
processes+=($!)
loop blue &
processes+=($!)
wait_for "ADD and DEL" have_done 3
for ((turn = 0; turn < 40; turn++)); do
  "$v2" install --dest "$dest" >/dev/null || fail "installation $turn"
  "$v1" install --dest "$dest" >/dev/null || fail "installation $turn"
  if [ $((turn % 4)) -eq 0 ] && [ -x "$reference/ptp" ]; then # as another installer would, back to real files
    for name in ptp host-local; do
      cp "$reference/$name" "$dest/../$name.new" && mv "$dest/../$name.new" "$dest/$name"
    done
  fi
  "$v1" install --dest "$dest" >/dev/null &
  killed=$!
  sleep "0.00$((RANDOM % 10))"
  kill -KILL "$killed" 2>/dev/null || true
  wait "$killed" 2>/dev/null || true
done
last=$(cat "$files/done.red")
wait_for "further ADD and DEL" have_done $((last + 2))
touch "$files/stop"
for pid in "${processes[@]:first}"; do
  wait "$pid" || fail "a loop ended with $?"
done
claim "an installation after all of it" "$v1" install --dest "$dest"
claim "all is there" is_complete "$v1"
claim_equal "of $(cat "$files"/done.* | paste -sd +) ADDs and DELs none was lost" "" "$(cat "$files"/wrong.*)"
claim_equal "in $(cat "$files/looks") nothing was missing or not whole" "" "$(sort "$files/seen" | uniq -c)"
claim "nothing of them is left" holds_nothing_of load/red load/blue 10.61.0.

# ---- killed at every point ----
if [ -x "$reference/ptp" ]; then
  points=0
  fresh_dest reference
  content "$dest" >"$files/theirs"
  # killed_at SYSTEM-CALL NUMBER: false when there are fewer of these calls.
  killed_at() {
    local code=0
    { # bash tells of its killed children on its own stderr
      strace -qqq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$v1" install --dest "$dest" >/dev/null || code=$?
    } 2>/dev/null
    [ "$code" -ne 0 ]
  }
  for call in openat write fchmod fsync symlinkat /^renameat unlinkat; do
    number=$([ "$call" = openat ] && echo 2 || echo 1)
    while fresh_dest reference && killed_at "$call" "$number"; do
      is_consistent || fail "killed after $call $number: $(ls -lA "$dest")"
      "$v2" install --dest "$dest" >/dev/null || fail "the next one after $call $number"
      is_complete "$v2" || fail "the next one after $call $number: $(ls -lA "$dest")"
      points=$((points + 1)) number=$((number + 1))
    done
  done
  # The reference's other plugins stay.
  claim_equal "the reference's other plugins stay" "$(cd "$reference" && sha256sum bandwidth vlan macvlan dhcp)" \
    "$(cd "$dest" && sha256sum bandwidth vlan macvlan dhcp)"
  claim "it was killed at many points ($points)" test "$points" -ge 20
else
  echo "SKIP: the reference plugins are not here: nothing is installed over them"
fi
fresh_dest
echo theirs >"$dest/.footbridge-install-notes"
echo half >"$dest/.footbridge-install"
claim "a leftover is removed" "$v1" install --dest "$dest"
claim "and nothing that only looks like them" cmp "$dest/.footbridge-install-notes" <(echo theirs)
rm "$dest/.footbridge-install-notes"
claim "all is there" is_complete "$v1"

# ---- two at once ----
for ((turn = 0; turn < 15; turn++)); do
  fresh_dest
  "$v1" install --dest "$dest" >/dev/null &
  one=$!
  "$v2" install --dest "$dest" >/dev/null &
  wait "$one" && wait "$!" || fail "one of two installers failed"
  is_complete "$v1" || is_complete "$v2" || fail "two installers: $(ls -lA "$dest")"
done
claims=$((claims + 1))
background python3 -c 'import fcntl, os, sys, time
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
time.sleep(600)' "$dest"
holder=$!
wait_for "somebody to have the folder" grep -q "FLOCK .* $holder " /proc/locks
"$v2" install --dest "$dest" >/dev/null &
wait_for "an installer to wait for it" grep -qE -e "-> FLOCK .* $! " /proc/locks
end_process "$holder"
wait "$!" || fail "an installer that had waited failed"
claim "it goes on when the folder is free" is_complete "$v2"

# ---- what cannot be done ----
fresh_dest
content "$dest" >"$files/before"
claim_contains "a destination that is not there" "footbridge: install: open $files/none: No such file or directory" \
  "$(complaint "$v1" install --dest "$files/none")"
claim_contains "one that is a file" "open $dest/calico: Not a directory" "$(complaint "$v1" install --dest "$dest/calico")"
chmod 777 "$dest"
claim_contains "a folder that everybody can write to" "is writable by others" "$(complaint "$v1" install --dest "$dest")"
chmod 755 "$dest"
claim_contains "a folder that we cannot write to" \
  "write $dest/footbridge: Permission denied; replaced: nothing; not replaced: footbridge $names" \
  "$(complaint setpriv --reuid 65534 --regid 65534 --clear-groups "$v1" install --dest "$dest")"
claim_equal "after all these nothing is changed" "$(cat "$files/before")" "$(content "$dest")"
# make_kind KIND PATH
make_kind() {
  case $1 in
    directory) mkdir "$2" ;;
    fifo) mkfifo "$2" ;;
    device) mknod "$2" c 1 3 ;;
    socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$2" ;;
  esac
}
for kind in directory fifo device socket; do
  make_kind "$kind" "$dest/ptp"
  content "$dest" >"$files/with"
  claim_contains "a $kind in a plugin's place" \
    "install: $dest/ptp is a $kind; only files and symbolic links are replaced" "$(complaint "$v1" install --dest "$dest")"
  claim_equal "and nothing is replaced" "$(cat "$files/with")" "$(content "$dest")"
  rm -r "$dest/ptp"
done
claim "without it, it is installed" "$v1" install --dest "$dest"
claim "all is there" is_complete "$v1"
rm "$dest/static"
echo old >"$dest/static"
mount --bind "$dest/static" "$dest/static"
claim_contains "a file that cannot be replaced" \
  "replace $dest/static: Device or resource busy; replaced: nothing; not replaced: static" \
  "$(complaint "$v1" install --dest "$dest")"
claim_contains "nor by another version, of which the others are there" "; replaced: footbridge; not replaced: static" \
  "$(complaint "$v2" install --dest "$dest")"
umount "$dest/static"
claim "again, when it can" "$v2" install --dest "$dest"
claim "all is there" is_complete "$v2"

mount -t tmpfs -o size=1m,mode=755 tmpfs "$dest"
echo "not ours" >"$dest/calico"
content "$dest" >"$files/before"
claim_contains "a full disk" "write $dest/footbridge: No space left on device" "$(complaint "$v1" install --dest "$dest")"
claim_equal "and nothing of it is there" "$(cat "$files/before")" "$(content "$dest")"
mount -o remount,size=32m,nr_inodes=6 "$dest"
failure=$(complaint "$v1" install --dest "$dest")
claim_contains "a disk without room for the links" "No space left on device; replaced: footbridge bridge" "$failure"
claim_equal "those that it says are there, and nothing else" \
  "$(sed 's/.*; replaced: /calico /; s/;.*//' <<<"$failure" | xargs -n 1 | sort)" \
  "$(find "$dest" -mindepth 1 -printf '%f\n' | sort)"
mount -o remount,size=32m,nr_inodes=100,ro "$dest"
missing=$(sed 's/.*; not replaced: //; s/ .*//' <<<"$failure")
claim_contains "a read-only disk" "write $dest/$missing: Read-only file system; replaced: nothing; not replaced: $missing" \
  "$(complaint "$v1" install --dest "$dest")"
mount -o remount,rw "$dest"
"$v1" install --dest "$dest" >/dev/null
mount -o remount,ro "$dest"
claim_contains "on which all is there already" "nothing was written" "$("$v1" install --dest "$dest")"
umount "$dest"
expected_code=2
claim_contains "nothing to do is wrong usage" "--dest or --config is needed" "$(complaint "$v1" install)"
claim_contains "so is a plugin that there is not" "--only nothing: there is no such plugin" \
  "$(complaint "$v1" install --dest "$dest" --only nothing)"
for link in cnv-bridge cnv-bridge=ptp bridge=bridge -bridge=bridge cnvbridge=bridge ../cnv-bridge=bridge a/b-bridge=bridge \
  cnv-nothing=nothing cnv-= footbridge-bridge=bridge; do
  claim_contains "so is a link $link" \
    "--link $link is not allowed; allowed: PREFIX-PLUGIN=PLUGIN, such as cnv-bridge=bridge, with a PREFIX that does not begin with footbridge and PLUGIN one of ${names// /, }" \
    "$(complaint "$v1" install --dest "$dest" --link "$link")"
done
claim_contains "and a link without --dest" "--only and --link are for --dest" \
  "$(complaint "$v1" install --config "$files/load.json" --link cnv-bridge=bridge)"
claim "after all these all is there" is_complete "$v2"

# ---- a configuration for each node ----
conf=$files/net.d
mkdir "$conf" "$files/templates"
template=$files/templates/10-pods.conflist
cat >"$template" <<'JSON'
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isDefaultGateway": true, "mtu": 1400,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "${podCIDR4}"}], [{"subnet": "${podCIDR6}"}]]}}]}
JSON
configure=("$v1" install --config "$template" --config-dest "$conf")
printf 'fd00:62:0:3::/64\n' >"$files/six"
mkdir "$files/conf-bin"
claim_contains "executable and configuration" "$conf/10-pods.conflist: network pods" \
  "$("${configure[@]}" --dest "$files/conf-bin" --set podCIDR4=10.62.3.0/24 --set-file podCIDR6="$files/six" 2>&1)"
claim_equal "it has the node's values" "10.62.3.0/24 fd00:62:0:3::/64" \
  "$(jq -r '[.plugins[0].ipam.ranges[][].subnet] | join(" ")' "$conf/10-pods.conflist")"
claim_equal "and is the template otherwise" "$(sed 's/\${podCIDR4}/10.62.3.0\/24/; s/\${podCIDR6}/fd00:62:0:3::\/64/' "$template")" \
  "$(cat "$conf/10-pods.conflist")"
claim_equal "an ADD by it" "10.62.3.2/24 fd00:62:0:3::2/64" \
  "$("$files/conf-bin/footbridge" add --conf "$conf" pods red | jq -r '[.ips[].address] | join(" ")')"
claim "and its DEL" "$files/conf-bin/footbridge" del --conf "$conf" pods red
written=$(stat -c '%i %Y %Z' "$conf/10-pods.conflist" "$conf")
claim_contains "the same once more is not written" "network pods is there already, nothing was written" \
  "$("${configure[@]}" --set podCIDR4=10.62.3.0/24 --set-file podCIDR6="$files/six")"
claim_equal "no runtime is woken" "$written" "$(stat -c '%i %Y %Z' "$conf/10-pods.conflist" "$conf")"
echo '{}' >"$conf/05-other.conflist"
claim_contains "a configuration that comes before is told" "warning: $conf/05-other.conflist comes before 10-pods.conflist" \
  "$("${configure[@]}" --set podCIDR4=10.62.4.0/24 --set-file podCIDR6="$files/six" 2>&1)"
claim "and left" rm "$conf/05-other.conflist"

content "$conf" >"$files/before"
good=(--set podCIDR4=10.62.4.0/24 --set podCIDR6=fd00:62:0:4::/64)
expected_code=1
claim_contains "a value that is missing" '10-pods.conflist: nothing is set for ${podCIDR4}, ${podCIDR6}' "$(complaint "${configure[@]}")"
claim_contains "a value that nothing asks for" 'nothing asks for ${nodes}; it has ${podCIDR4}, ${podCIDR6}' \
  "$(complaint "${configure[@]}" "${good[@]}" --set nodes=3)"
claim_contains "a value that is no network" 'host-local: failed to load netconf: ipam.ranges[0][0].subnet: bad value "three"' \
  "$(complaint "${configure[@]}" --set podCIDR4=three --set podCIDR6=fd00:62:0:4::/64)"
claim_contains "a value that would be more than a value" 'subnet: bad value "10.62.4.0/24\"}]], \"x\": \"' \
  "$(complaint "${configure[@]}" --set 'podCIDR4=10.62.4.0/24"}]], "x": "' --set podCIDR6=fd00:62:0:4::/64)"
claim_contains "a file of a value that is not there" "read the value of podCIDR6, $files/none: No such file or directory" \
  "$(complaint "${configure[@]}" --set podCIDR4=10.62.4.0/24 --set-file podCIDR6="$files/none")"
claim_contains "a template that is not there" "read $files/none.conflist: No such file or directory" \
  "$(complaint "$v1" install --config "$files/none.conflist" --config-dest "$conf")"
claim_contains "a folder of configurations that is not there" "open $files/none: No such file or directory" \
  "$(complaint "$v1" install --config "$template" --config-dest "$files/none" "${good[@]}")"
mkdir "$files/others"
echo '{"cniVersion": "1.0.0", "name": "others", "plugins": [{"type": "ovs-bridge", "mtu": "large"}]}' >"$files/others.conflist"
others=("$v1" install --config "$files/others.conflist" --config-dest "$files/others")
mkdir "$files/conf-bin2"
claim "the configuration of another program's ovs-bridge is not ours to judge" "${others[@]}" --dest "$files/conf-bin"
claim_contains "that of our own is" "others.conflist: ovs-bridge: " \
  "$(complaint "${others[@]}" --dest "$files/conf-bin2" --link ovs-bridge=bridge)"
ln -s "$v1" "${v1%/*}/ovs-bridge"
claim_contains "also where it is beside the running executable" "others.conflist: ovs-bridge: " "$(complaint "${others[@]}")"
everything=("$v1" install --config "$template" "${good[@]}" --dest "$files/conf-bin2" --config-dest)
claim_contains "the same with plugins" "open $files/none: No such file or directory" "$(complaint "${everything[@]}" "$files/none")"
mkdir -m 777 "$files/open"
claim_contains "a folder of configurations that everybody can write to" "$files/open (user 0, group 0, mode 0777) can be written" \
  "$(complaint "${everything[@]}" "$files/open")"
for kind in directory fifo device socket; do
  mkdir "$files/net-$kind"
  make_kind "$kind" "$files/net-$kind/10-pods.conflist"
  claim_contains "a $kind in the configuration's place" "$files/net-$kind/10-pods.conflist is a $kind; only files" \
    "$(complaint "${everything[@]}" "$files/net-$kind")"
done
claim_equal "after all these no plugin is there" "" "$(ls -A "$files/conf-bin2")"
mount --bind "$conf/10-pods.conflist" "$conf/10-pods.conflist"
claim_contains "a configuration that cannot be replaced" \
  "replace $conf/10-pods.conflist: Device or resource busy; replaced: nothing; not replaced: 10-pods.conflist" \
  "$("${configure[@]}" "${good[@]}" --dest "$files/conf-bin2" 2>&1 >"$files/out" || echo "exit code $?")"
umount "$conf/10-pods.conflist"
claim_contains "it says that the plugins are there" "$files/conf-bin2: installed of footbridge " "$(cat "$files/out")"
claim_equal "and they are" footbridge "$(readlink "$files/conf-bin2/ptp")"
expected_code=2
claim_contains "an empty value, as of a node without a pod CIDR" "--set podCIDR4=: the value is empty" \
  "$(complaint "${configure[@]}" --set podCIDR4= --set podCIDR6=fd00:62:0:4::/64)"
claim_contains "no KEY=VALUE" "--set podCIDR4: wanted: KEY=VALUE" "$(complaint "${configure[@]}" --set podCIDR4)"
claim_contains "a name that no runtime reads" "no runtime reads a file of that name" \
  "$(complaint "$v1" install --config "$files/six" --config-dest "$conf")"
claim_equal "after all these the configuration is the one before" "$(cat "$files/before")" "$(content "$conf")"
well_done
