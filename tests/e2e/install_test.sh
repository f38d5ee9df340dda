#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `footbridge install` while a runtime calls plugins: each plugin is present and complete at any moment, an installer
# may be killed at any point, two may run at once, and an error lists the replaced and the other files.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv strace cmp python3
reference=${FOOTBRIDGE_SOURCE:-$source_dir}/build/reference/usr/lib/cni
private_host "$@"
names=$("$bin/footbridge" version | sed -n 's/^plugins: //p')
[ -n "$names" ] || fail "footbridge version lists no plugin"
dest=$files/bin

# Three versions: the same program with different bytes at its end.
for version in 1 2 3; do
  mkdir "$files/v$version"
  cp "$bin/footbridge" "$files/v$version/"
  printf '%s' "$version" >>"$files/v$version/footbridge"
done
v1=$files/v1/footbridge v2=$files/v2/footbridge v3=$files/v3/footbridge

# fresh_dest [reference]: a plugin folder with one file that is not ours, and with the reference's files.
fresh_dest() {
  rm -rf "$dest"
  mkdir "$dest"
  [ "${1:-}" != reference ] || cp "$reference"/* "$dest"
  echo "not ours" >"$dest/calico"
}

# is_complete VERSION: the executable, a link for each plugin and the file that is not ours; no leftovers.
is_complete() {
  local name
  cmp -s "$dest/footbridge" "$1" && [ "$(stat -c %a "$dest/footbridge")" = 755 ] || return 1
  for name in $names; do
    [ "$(readlink "$dest/$name")" = footbridge ] || return 1
  done
  [ "$(cat "$dest/calico")" = "not ours" ] && [ -z "$(find "$dest" -name '.*')" ]
}

# is_consistent: each plugin is our link or the reference's file; the executable is one of our versions.
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

# content FOLDER: the files and their content, to be compared.
content() {
  { find "$1" -printf '%P %y %m %l\n' && find "$1" -type f -exec sha256sum {} +; } | sort
}

# error_of COMMAND...: the error of a failing command, one line.
error_of() {
  local code=0
  "$@" >"$files/out" 2>"$files/err" || code=$?
  [ "$code" -eq "${expected_code:-1}" ] || fail "exit code $code: $* $(cat "$files/err")"
  [ "$(wc -l <"$files/err")" -eq 1 ] && [ ! -s "$files/out" ] || fail "not one line on stderr: $*"
  cat "$files/err"
}

# ---- the first installation, a second one, another version ----
fresh_dest
report=$(umask 077 && "$v1" install --dest "$dest")
claim_contains "install prints the folder" "$dest: footbridge " "$report"
claim_contains "and the plugins" ": installed footbridge $names" "$report"
claim "the installation is complete; the umask does not change the modes" is_complete "$v1"
before=$(stat -c '%n %i %Y %Z' "$dest" "$dest"/*)
claim_contains "a second install reports that all is installed" "is already installed" "$("$v1" install --dest "$dest")"
claim_equal "and writes nothing" "$before" "$(stat -c '%n %i %Y %Z' "$dest" "$dest"/*)"
claim_equal "the build's folder looks like an installation" "footbridge" "$(readlink "$bin/ptp")"
chmod 700 "$dest/footbridge"
claim "a wrong mode is corrected" "$v1" install --dest "$dest"
rm "$dest/static"
claim "the folder is synchronised to the disk" strace -qqq -y -o "$files/calls" -e trace=/^rename,fsync "$v1" install \
  --dest "$dest"
claim_contains "after the last file" "<$dest>)" "$(tail -n 1 "$files/calls" | grep ^fsync)"
claim_contains "a failed synchronisation is an error" \
  "write $dest to the disk: Input/output error; replaced: footbridge; not replaced: nothing" \
  "$(error_of strace -qqq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO:when=2 "$v2" install --dest "$dest")"
claim "the next install repeats it" strace -qqq -y -o "$files/calls" -e trace=fsync "$v2" install --dest "$dest"
claim_contains "although all files are in place" "<$dest>)" "$(cat "$files/calls")"
claim "install the first version again" "$v1" install --dest "$dest"
claim "the installation is complete" is_complete "$v1"
rm "$dest/ptp"
ln -s /nowhere "$dest/portmap.new" && mv "$dest/portmap.new" "$dest/portmap"
claim_contains "missing and wrong links are replaced" ": installed portmap ptp" "$("$v1" install --dest "$dest")"
claim "the installation is complete" is_complete "$v1"
background "$dest/footbridge" pause
running=$!
claim "another version replaces one that runs" "$v2" install --dest "$dest"
claim "the installation is complete" is_complete "$v2"
claim "the old process still runs" kill -0 "$running"
claim "the executable's own folder can be the destination" "$dest/footbridge" install --dest "$dest"
mkdir "$files/some"
"$v1" install --dest "$files/some" --only ptp --only host-local >/dev/null
claim_equal "--only: only these links" "footbridge host-local ptp" "$(cd "$files/some" && echo *)"
mkdir "$files/linked"
claim_contains "--link: a further link, which the report lists" ": installed footbridge ptp cnv-bridge my-host-local" \
  "$("$v1" install --dest "$files/linked" --only ptp --link cnv-bridge=bridge --link my-host-local=host-local)"
claim_equal "the link leads to the executable" "footbridge footbridge" \
  "$(cd "$files/linked" && echo "$(readlink cnv-bridge) $(readlink my-host-local)")"
claim_contains "and runs the plugin" "CNI bridge plugin" \
  "$(env -u CNI_COMMAND "$files/linked/cnv-bridge" 2>&1 </dev/null)"
claim_equal "no other file is installed" "cnv-bridge footbridge my-host-local ptp" "$(cd "$files/linked" && echo *)"

# ---- in an image that contains only the executable, as the first process ----
mkdir -p "$files/image/proc" "$files/image/host"
cp "$v3" "$files/image/footbridge"
mount -t proc proc "$files/image/proc"
mount --bind "$dest" "$files/image/host"
claim "install without a shell and libraries" chroot "$files/image" /footbridge install --dest /host
claim "the installation is complete" is_complete "$v3"
unshare --pid --fork --kill-child chroot "$files/image" /footbridge pause &
namespace=$!
processes+=("$namespace")
# The first process of a namespace ignores the signal until it waits for it.
ends_by_term() { kill -TERM "$(pgrep -P "$namespace")" || true; ! kill -0 "$namespace"; }
wait_for "pause to end" ends_by_term
claim "install as root without capabilities" setpriv --bounding-set=-all --inh-caps=-all "$v1" install --dest "$dest"
claim "the installation is complete" is_complete "$v1"
claim_equal "SIGTERM ends pause as the first process, with exit code 0" 0 "$(wait "$namespace" && echo 0)"
umount "$files/image/host" "$files/image/proc"

# ---- under load: no file is missing at any moment ----
echo '{"cniVersion": "1.0.0", "name": "load", "ipam": {"type": "host-local", "subnet": "10.61.0.0/24"}}' \
  >"$files/load.json"

# call VERB PLUGIN CONTAINER: calls a plugin in the destination.
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=eth0 CNI_PATH=$dest "$dest/$2" \
    < <(jq -c --arg type "$2" '. + {type: $type}' "$files/load.json")
}

# loop CONTAINER: runs ADD and DEL until the file "stop" exists; writes failures to a file.
loop() {
  local done=0
  while [ ! -e "$files/stop" ]; do
    { call ADD ptp "$1" | grep -q '"address": *"10\.61\.' && call DEL ptp "$1"; } >>"$files/wrong.$1" 2>&1 ||
      echo "a call for $1 failed" >>"$files/wrong.$1"
    done=$((done + 1))
    echo "$done" >"$files/done.$1.new"
    mv "$files/done.$1.new" "$files/done.$1"
  done
}

# have_done NUMBER: each loop has run that often.
have_done() { [ "$(cat "$files/done.red")" -ge "$1" ] && [ "$(cat "$files/done.blue")" -ge "$1" ]; }

# Checks the files all the time, much more often than the plugins are called.
cat >"$files/watch.py" <<'PY'
import os, sys
stop, folder, sizes = sys.argv[1], sys.argv[2], {int(size) for size in sys.argv[3:]}
checks = 0
while not os.path.exists(stop):
    for _ in range(200):
        for name in ("footbridge", "ptp", "host-local"):
            checks += 1
            try:
                if os.stat(f"{folder}/{name}").st_size not in sizes:
                    print(f"{name} is incomplete")
            except FileNotFoundError:
                print(f"{name} is missing")
print(f"{checks} checks", file=sys.stderr)
PY

fresh_dest
"$v1" install --dest "$dest" >/dev/null
new_netns red blue
first=${#processes[@]}
# shellcheck disable=SC2046  # a word for each size
python3 "$files/watch.py" "$files/stop" "$dest" \
  $(stat -c %s "$v1" "$reference/ptp" "$reference/host-local" 2>/dev/null) \
  >"$files/seen" 2>"$files/checks" &
processes+=($!)
loop red &
processes+=($!)
loop blue &
processes+=($!)
wait_for "ADD and DEL" have_done 3
for ((turn = 0; turn < 40; turn++)); do
  "$v2" install --dest "$dest" >/dev/null || fail "installation $turn"
  "$v1" install --dest "$dest" >/dev/null || fail "installation $turn"
  if [ $((turn % 4)) -eq 0 ] && [ -x "$reference/ptp" ]; then # another installer writes real files
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
  wait "$pid" || fail "a loop exited with $?"
done
claim "install after these calls" "$v1" install --dest "$dest"
claim "the installation is complete" is_complete "$v1"
claim_equal "none of $(cat "$files"/done.* | paste -sd +) ADDs and DELs failed" "" "$(cat "$files"/wrong.*)"
claim_equal "in $(cat "$files/checks") no file was missing or incomplete" "" "$(sort "$files/seen" | uniq -c)"
claim "the calls left nothing" holds_nothing_of load/red load/blue 10.61.0.

# ---- killed at each point ----
if [ -x "$reference/ptp" ]; then
  points=0
  fresh_dest reference
  content "$dest" >"$files/theirs"
  # killed_at SYSTEM-CALL NUMBER: false if install makes fewer such calls.
  killed_at() {
    local code=0
    { # bash reports killed children on its stderr
      strace -qqq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$v1" install \
        --dest "$dest" >/dev/null || code=$?
    } 2>/dev/null
    [ "$code" -ne 0 ]
  }
  for call in openat write fchmod fsync symlinkat /^renameat unlinkat; do
    number=$([ "$call" = openat ] && echo 2 || echo 1)
    while fresh_dest reference && killed_at "$call" "$number"; do
      is_consistent || fail "killed after $call $number: $(ls -lA "$dest")"
      "$v2" install --dest "$dest" >/dev/null || fail "the next install after $call $number"
      is_complete "$v2" || fail "the next install after $call $number: $(ls -lA "$dest")"
      points=$((points + 1)) number=$((number + 1))
    done
  done
  claim_equal "the reference's other plugins stay" "$(cd "$reference" && sha256sum bandwidth sbr vrf dhcp)" \
    "$(cd "$dest" && sha256sum bandwidth sbr vrf dhcp)"
  claim "install was killed at 20 or more points ($points)" test "$points" -ge 20
else
  echo "SKIP: installing over the reference plugins needs build/reference, which ./run test fetches"
fi
fresh_dest
echo theirs >"$dest/.footbridge-install-notes"
echo half >"$dest/.footbridge-install"
claim "a leftover file is deleted" "$v1" install --dest "$dest"
claim "a file with a similar name stays" cmp "$dest/.footbridge-install-notes" <(echo theirs)
rm "$dest/.footbridge-install-notes"
claim "the installation is complete" is_complete "$v1"

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
wait_for "the lock on the folder" grep -q "FLOCK .* $holder " /proc/locks
"$v2" install --dest "$dest" >/dev/null &
wait_for "an installer to wait for the lock" grep -qE -e "-> FLOCK .* $! " /proc/locks
end_process "$holder"
wait "$!" || fail "the waiting installer failed"
claim "it continues when the folder is unlocked" is_complete "$v2"

# ---- errors ----
fresh_dest
content "$dest" >"$files/before"
claim_contains "a missing destination" "footbridge: install: open $files/none: No such file or directory" \
  "$(error_of "$v1" install --dest "$files/none")"
claim_contains "a destination that is a file" "open $dest/calico: Not a directory" \
  "$(error_of "$v1" install --dest "$dest/calico")"
chmod 777 "$dest"
claim_contains "a world-writable folder" "is writable by others" "$(error_of "$v1" install --dest "$dest")"
chmod 755 "$dest"
claim_contains "a folder without write permission" \
  "write $dest/footbridge: Permission denied; replaced: nothing; not replaced: footbridge $names" \
  "$(error_of setpriv --reuid 65534 --regid 65534 --clear-groups "$v1" install --dest "$dest")"
claim_equal "none of these changed a file" "$(cat "$files/before")" "$(content "$dest")"
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
    "install: $dest/ptp is a $kind; only files and symbolic links are replaced" \
    "$(error_of "$v1" install --dest "$dest")"
  claim_equal "no file is replaced" "$(cat "$files/with")" "$(content "$dest")"
  rm -r "$dest/ptp"
done
claim "install without it" "$v1" install --dest "$dest"
claim "the installation is complete" is_complete "$v1"
rm "$dest/static"
echo old >"$dest/static"
mount --bind "$dest/static" "$dest/static"
claim_contains "a file that cannot be replaced" \
  "replace $dest/static: Device or resource busy; replaced: nothing; not replaced: static" \
  "$(error_of "$v1" install --dest "$dest")"
claim_contains "another version replaces the other files" "; replaced: footbridge; not replaced: static" \
  "$(error_of "$v2" install --dest "$dest")"
umount "$dest/static"
claim "install when the file can be replaced" "$v2" install --dest "$dest"
claim "the installation is complete" is_complete "$v2"

mount -t tmpfs -o size=1m,mode=755 tmpfs "$dest"
echo "not ours" >"$dest/calico"
content "$dest" >"$files/before"
claim_contains "a full disk" "write $dest/footbridge: No space left on device" \
  "$(error_of "$v1" install --dest "$dest")"
claim_equal "no file is left on it" "$(cat "$files/before")" "$(content "$dest")"
mount -o remount,size=32m,nr_inodes=6 "$dest"
failure=$(error_of "$v1" install --dest "$dest")
claim_contains "a disk without space for the links" "No space left on device; replaced: footbridge bridge" "$failure"
claim_equal "exactly the files in the error are on it" \
  "$(sed 's/.*; replaced: /calico /; s/;.*//' <<<"$failure" | xargs -n 1 | sort)" \
  "$(find "$dest" -mindepth 1 -printf '%f\n' | sort)"
mount -o remount,size=32m,nr_inodes=100,ro "$dest"
missing=$(sed 's/.*; not replaced: //; s/ .*//' <<<"$failure")
claim_contains "a read-only disk" \
  "write $dest/$missing: Read-only file system; replaced: nothing; not replaced: $missing" \
  "$(error_of "$v1" install --dest "$dest")"
mount -o remount,rw "$dest"
"$v1" install --dest "$dest" >/dev/null
mount -o remount,ro "$dest"
claim_contains "a read-only disk with a complete installation" "is already installed" "$("$v1" install --dest "$dest")"
umount "$dest"
expected_code=2
claim_contains "no --dest and --config is a usage error" "--dest or --config is missing" "$(error_of "$v1" install)"
claim_contains "so is an unknown plugin" "--only nothing: no such plugin; allowed: ${names// /, }" \
  "$(error_of "$v1" install --dest "$dest" --only nothing)"
allowed="allowed: PREFIX-PLUGIN=PLUGIN, such as cnv-bridge=bridge, with a PREFIX that does not begin with footbridge"
for link in cnv-bridge cnv-bridge=ptp bridge=bridge -bridge=bridge cnvbridge=bridge ../cnv-bridge=bridge \
  a/b-bridge=bridge \
  cnv-nothing=nothing cnv-= footbridge-bridge=bridge; do
  claim_contains "so is a link $link" \
    "--link $link is not allowed; $allowed, and as PLUGIN one of ${names// /, }" \
    "$(error_of "$v1" install --dest "$dest" --link "$link")"
done
claim_contains "and a link without --dest" "--only and --link need --dest" \
  "$(error_of "$v1" install --config "$files/load.json" --link cnv-bridge=bridge)"
claim "none of these changed the installation" is_complete "$v2"

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
claim_contains "install executable and configuration" "$conf/10-pods.conflist: network pods" \
  "$("${configure[@]}" --dest "$files/conf-bin" --set podCIDR4=10.62.3.0/24 --set-file podCIDR6="$files/six" 2>&1)"
claim_equal "the configuration contains the node's values" "10.62.3.0/24 fd00:62:0:3::/64" \
  "$(jq -r '[.plugins[0].ipam.ranges[][].subnet] | join(" ")' "$conf/10-pods.conflist")"
claim_equal "the rest of it is the template" \
  "$(sed 's/\${podCIDR4}/10.62.3.0\/24/; s/\${podCIDR6}/fd00:62:0:3::\/64/' "$template")" \
  "$(cat "$conf/10-pods.conflist")"
claim_equal "ADD with it" "10.62.3.2/24 fd00:62:0:3::2/64" \
  "$("$files/conf-bin/footbridge" add --conf "$conf" pods red | jq -r '[.ips[].address] | join(" ")')"
claim "DEL with it" "$files/conf-bin/footbridge" del --conf "$conf" pods red
written=$(stat -c '%i %Y %Z' "$conf/10-pods.conflist" "$conf")
claim_contains "the same configuration is not written again" "network pods is already installed" \
  "$("${configure[@]}" --set podCIDR4=10.62.3.0/24 --set-file podCIDR6="$files/six")"
claim_equal "so no runtime is notified" "$written" "$(stat -c '%i %Y %Z' "$conf/10-pods.conflist" "$conf")"
echo '{}' >"$conf/05-other.conflist"
claim_contains "install warns of a configuration that comes before it" \
  "warning: $conf/05-other.conflist comes before 10-pods.conflist" \
  "$("${configure[@]}" --set podCIDR4=10.62.4.0/24 --set-file podCIDR6="$files/six" 2>&1)"
claim "and keeps it" rm "$conf/05-other.conflist"
sed 's/"cniVersion": "1.0.0"/"cniVersion": "1.1.0"/' "$template" >"$files/templates/20-newest.conflist"
claim "install a template of version 1.1.0" "$v1" install --config "$files/templates/20-newest.conflist" \
  --config-dest "$conf" \
  --set podCIDR4=10.62.3.0/24 --set podCIDR6=fd00:62:0:3::/64
claim_equal "the configuration offers 1.0.0 to older runtimes" '["1.0.0",["1.0.0","1.1.0"],"pods"]' \
  "$(jq -c '[.cniVersion, .cniVersions, .name]' "$conf/20-newest.conflist")"
rm "$conf/20-newest.conflist"

content "$conf" >"$files/before"
good=(--set podCIDR4=10.62.4.0/24 --set podCIDR6=fd00:62:0:4::/64)
expected_code=1
claim_contains "a missing value" '10-pods.conflist: no value for ${podCIDR4}, ${podCIDR6}' \
  "$(error_of "${configure[@]}")"
claim_contains "an unused value" 'no placeholder ${nodes}; placeholders: ${podCIDR4}, ${podCIDR6}' \
  "$(error_of "${configure[@]}" "${good[@]}" --set nodes=3)"
claim_contains "a value that is not a subnet" \
  'host-local: failed to load netconf: ipam.ranges[0][0].subnet: bad value "three"' \
  "$(error_of "${configure[@]}" --set podCIDR4=three --set podCIDR6=fd00:62:0:4::/64)"
claim_contains "a value that contains JSON" 'subnet: bad value "10.62.4.0/24\"}]], \"x\": \"' \
  "$(error_of "${configure[@]}" --set 'podCIDR4=10.62.4.0/24"}]], "x": "' --set podCIDR6=fd00:62:0:4::/64)"
claim_contains "a missing file of a value" "read the value of podCIDR6, $files/none: No such file or directory" \
  "$(error_of "${configure[@]}" --set podCIDR4=10.62.4.0/24 --set-file podCIDR6="$files/none")"
claim_contains "a missing template" "read $files/none.conflist: No such file or directory" \
  "$(error_of "$v1" install --config "$files/none.conflist" --config-dest "$conf")"
claim_contains "a missing folder of configurations" "open $files/none: No such file or directory" \
  "$(error_of "$v1" install --config "$template" --config-dest "$files/none" "${good[@]}")"
mkdir "$files/others" "$files/conf-bin2"
echo '{"cniVersion": "1.0.0", "name": "others", "plugins": [{"type": "ovs-bridge", "mtu": "large"}]}' \
  >"$files/others.conflist"
others=("$v1" install --config "$files/others.conflist" --config-dest "$files/others")
claim "the configuration of another program's ovs-bridge is not checked" "${others[@]}" --dest "$files/conf-bin"
claim_contains "the configuration of our ovs-bridge is checked" "others.conflist: ovs-bridge: " \
  "$(error_of "${others[@]}" --dest "$files/conf-bin2" --link ovs-bridge=bridge)"
ln -s "$v1" "${v1%/*}/ovs-bridge"
claim_contains "also if the link is beside the running executable" "others.conflist: ovs-bridge: " \
  "$(error_of "${others[@]}")"
everything=("$v1" install --config "$template" "${good[@]}" --dest "$files/conf-bin2" --config-dest)
claim_contains "a missing folder of configurations, with plugins" "open $files/none: No such file or directory" \
  "$(error_of "${everything[@]}" "$files/none")"
mkdir -m 777 "$files/open"
claim_contains "a world-writable folder of configurations" "$files/open (user 0, group 0, mode 0777) is writable by" \
  "$(error_of "${everything[@]}" "$files/open")"
for kind in directory fifo device socket; do
  mkdir "$files/net-$kind"
  make_kind "$kind" "$files/net-$kind/10-pods.conflist"
  claim_contains "a $kind in the configuration's place" "$files/net-$kind/10-pods.conflist is a $kind; only files" \
    "$(error_of "${everything[@]}" "$files/net-$kind")"
done
claim_equal "none of these installed a plugin" "" "$(ls -A "$files/conf-bin2")"
mount --bind "$conf/10-pods.conflist" "$conf/10-pods.conflist"
claim_contains "a configuration that cannot be replaced" \
  "replace $conf/10-pods.conflist: Device or resource busy; replaced: nothing; not replaced: 10-pods.conflist" \
  "$("${configure[@]}" "${good[@]}" --dest "$files/conf-bin2" 2>&1 >"$files/out" || echo "exit code $?")"
umount "$conf/10-pods.conflist"
claim_contains "it reports the installed plugins" "$files/conf-bin2: footbridge " "$(cat "$files/out")"
claim_equal "they are installed" footbridge "$(readlink "$files/conf-bin2/ptp")"
expected_code=2
claim_contains "an empty value, as for a node without a pod CIDR" "--set podCIDR4=: the value is empty" \
  "$(error_of "${configure[@]}" --set podCIDR4= --set podCIDR6=fd00:62:0:4::/64)"
claim_contains "a value without KEY=" "--set podCIDR4: allowed: KEY=VALUE" \
  "$(error_of "${configure[@]}" --set podCIDR4)"
claim_contains "a file name that no runtime reads" "no runtime reads a file of that name" \
  "$(error_of "$v1" install --config "$files/six" --config-dest "$conf")"
claim_equal "none of these changed the configuration" "$(cat "$files/before")" "$(content "$conf")"
finish
