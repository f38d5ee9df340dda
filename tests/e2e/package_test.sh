#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The packages are reproducible and complete. On a bare Debian 12, the Debian package is installed over the reference's
# files, replaced by another version during 200 attachments and during a DEL, removed with a container running, and
# installed again.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need cpack dpkg-deb strace busybox setpriv
config=${FOOTBRIDGE_BUILD:?the build folder}/CPackConfig.cmake
debian=$source_dir/build/debian12
[ -e "$config" ] || skip "needs packages: go-md2man was missing when the build was configured"
private_host "$@"

plugins=$("$bin/footbridge" version | sed -n 's/^plugins: //p')
[ -n "$plugins" ] || fail "footbridge version lists no plugin"

# ---- reproducible ----
pack() { cpack --config "$config" -B "$1"; }
claim "build packages" pack "$files/one"
# With another user's settings, some seconds later.
claim "build them again" env TZ=Asia/Tokyo LC_ALL=C LANG=de_DE.UTF-8 TAR_OPTIONS=--numeric-owner \
  bash -c 'umask 077 && cpack --config "$1" -B "$2"' - "$config" "$files/two"
deb=$(echo "$files"/one/footbridge_*.deb) tarball=$(echo "$files"/one/footbridge-linux-*.tgz)
claim "there is one package of each kind" test -f "$deb" -a -f "$tarball"
for file in "$deb" "$tarball" "$deb.sha256" "$tarball.sha256"; do
  claim "$(basename "$file") has the same bytes" cmp "$file" "$files/two/$(basename "$file")"
done
claim "the checksums are right" sh -c 'cd "$1" && sha256sum --quiet --check ./*.sha256' - "$files/one"
claim_not "the executable contains no path of this build" grep -qaF "$source_dir" "$bin/footbridge"

# ---- the release tarball: all files at the top ----
names=$(tar -tzf "$tarball")
claim_equal "the executable comes before the links to it" ./footbridge "$(head -n 1 <<<"$names")"
claim_equal "it contains the plugins and the documents" \
  "$(printf './%s\n' footbridge COPYRIGHT LICENSE README.md $plugins | sort)" "$(sort <<<"$names")"
claim_equal "all files belong to root" "root/root" "$(tar -tvzf "$tarball" | awk '{ print $2 }' | sort -u)"
for unpack in "tar" "busybox tar"; do
  folder=$files/unpacked-by-${unpack%% *}
  mkdir "$folder"
  echo "the reference's" >"$folder/bridge"
  claim "$unpack unpacks it over other plugins" $unpack -xzf "$tarball" -C "$folder"
  claim_contains "bridge is ours afterwards" "CNI bridge plugin" \
    "$(env -u CNI_COMMAND "$folder/bridge" 2>&1 >/dev/null </dev/null)"
done

# ---- the Debian package's content ----
if command -v lintian >/dev/null; then
  claim "lintian finds no error" env TMPDIR="$files" lintian --fail-on error "$deb" # lintian leaves a file in TMPDIR
else
  echo "SKIP: checking the package with lintian needs lintian"
fi
content=$(dpkg-deb --contents "$deb" | awk '{ print $6 }')
for name in $plugins; do
  claim_contains "$name has a man page" "./usr/share/man/man8/footbridge-$name.8.gz" "$content"
done
claim_contains "the command has a man page" ./usr/share/man/man1/footbridge.1.gz "$content"
claim_contains "it contains the bash completion" ./usr/share/bash-completion/completions/footbridge "$content"
for example in "$source_dir"/conf-examples/*; do
  claim_contains "it contains the examples" "./usr/share/doc/footbridge/examples/$(basename "$example")" "$content"
done

claim_contains "links of the pages lead to them" ./usr/share/doc/footbridge/conf-examples "$content"

# ---- a bare Debian 12, on this private host ----
[ -d "$debian" ] || skip "needs build/debian12, which ./run test fetches from Debian"
new_netns red w1 w2 w3 w4
root=/mnt
mount -t tmpfs tmpfs "$root"
cp -a "$debian/." "$root"
for folder in proc sys dev run; do
  mkdir -p "$root/$folder"
  mount --rbind "/$folder" "$root/$folder"
done
mkdir -p "$root"/var/lib/dpkg/{info,updates} "$root/packages" "$root/etc/cni/net.d" "$root/opt/cni/bin"
touch "$root"/var/lib/dpkg/{status,available}
# inside COMMAND...: runs it in that Debian; it ends with the shell that waits for it.
inside() { setpriv --pdeathsig KILL env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LC_ALL=C chroot "$root" "$@"; }
install() { inside dpkg --install "/packages/$1.deb"; }
owner_of() { inside dpkg -S "/opt/cni/bin/$1" 2>&1 | cut -d: -f1; }

# package NAME VERSION FILE...: builds a package with scripts as plugins.
package() {
  local tree=$files/tree-$1-$2 name
  mkdir -p "$tree/DEBIAN" "$tree/opt/cni/bin"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: test <n@localhost>\nDescription: x\n' "$1" "$2" \
    >"$tree/DEBIAN/control"
  for name in "${@:3}"; do
    printf '#!/bin/sh\necho %s %s\n' "$1" "$2" >"$tree/opt/cni/bin/$name"
    chmod 755 "$tree/opt/cni/bin/$name"
  done
  dpkg-deb -Znone --root-owner-group --build "$tree" "$root/packages/$1-$2.deb" >/dev/null
}
package kubernetes-cni 1 bridge dhcp host-local
package kubernetes-cni 2 bridge dhcp host-local
echo "unpacked by hand" >"$root/opt/cni/bin/portmap"

# The next version: one byte longer, to distinguish it from this one.
cp "$deb" "$root/packages/this.deb"
dpkg-deb --raw-extract "$deb" "$files/next"
sed -i 's/^Version: .*/&+next/' "$files/next/DEBIAN/control"
printf x >>"$files/next/opt/cni/bin/footbridge"
dpkg-deb -Znone --root-owner-group --build "$files/next" "$root/packages/next.deb" >/dev/null

# ---- the first installation, over the reference's plugins ----
claim "install another package with the same plugin names" install kubernetes-cni-1
claim "install our package over it" strace -f -qq -o "$files/trace" \
  -e trace=?rename,?renameat,renameat2,?unlink,unlinkat \
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" dpkg --install /packages/this.deb
changes=$(grep -oE '(rename|unlink)[a-z0-9]*\(.*"/opt/cni/bin/[^"]*"(, [0-9A-Z|]+)?\) += 0' "$files/trace" |
  grep -v 'dpkg-tmp"')
claim_equal "no file is deleted before its replacement exists" "" "$(grep unlink <<<"$changes" || true)"
claim_contains "the executable is the first file" '"/opt/cni/bin/footbridge"' "$(head -n 1 <<<"$changes")"
claim_equal "each name appears with one rename" "$(wc -w <<<"footbridge $plugins")" "$(grep -c rename <<<"$changes")"
for name in $plugins; do
  claim_equal "$name is a link to it" footbridge "$(readlink "$root/opt/cni/bin/$name")"
done
claim_equal "the other package's plugins stay" "kubernetes-cni 1" "$(inside /opt/cni/bin/dhcp)"
claim "upgrade the other package" install kubernetes-cni-2
claim_equal "its other plugins are new" "kubernetes-cni 2" "$(inside /opt/cni/bin/dhcp)"
claim_equal "our plugins are still ours" "footbridge footbridge" \
  "$(owner_of host-local) $(readlink "$root/opt/cni/bin/host-local")"

# ---- it works ----
examples=/usr/share/doc/footbridge/examples
claim_contains "footbridge exec attaches a namespace" 10.23.1.2 \
  "$(inside footbridge exec --conf "$examples" bridge-example -- cat /proc/net/fib_trie)"
holds_nothing_of bridge-example/ || fail "exec left objects"

# ---- another version, during attachments ----
worker() {
  inside bash -c '
    for ((done = 0; done < 50 || $(test -e /run/test/enough; echo $?); done++)); do
      [ "$done" -ne 50 ] || touch "/run/test/fifty-$1"
      for step in "add --quiet --port 808$1:80" del; do
        footbridge $step --conf "$2" port-mapping-example "w$1" || { echo "FAILED: $step, after $done"; exit 1; }
      done
    done
    echo "$done"' - "$1" "$examples" >"$files/worker-$1" 2>&1
}
have_fifty() { [ "$(find "$files" -name 'fifty-*' | wc -l)" -eq 4 ]; }
workers=()
for number in 1 2 3 4; do
  worker "$number" &
  workers+=($!)
  processes+=($!)
done
versions=0
until [ "$versions" -ge 6 ] && have_fifty; do
  for version in next this; do
    claim "$version is installed" install "$version"
    versions=$((versions + 1))
  done
  for number in 1 2 3 4; do
    [ ! -s "$files/worker-$number" ] || fail "a call failed while versions changed: $(cat "$files/worker-$number")"
  done
done
touch "$files/enough"
for number in 1 2 3 4; do
  wait "${workers[number - 1]}" || fail "a call failed while versions changed: $(cat "$files/worker-$number")"
done
total=$(cat "$files"/worker-* | awk '{ total += $1 } END { print total }')
claim "200 or more attachments were added and deleted" test "$total" -ge 200
echo "packages: $total attachments added and deleted while $versions versions were installed; no call failed"
holds_nothing_of port-mapping-example/ || fail "the attachments left objects"
claim_equal "no address is allocated" "" \
  "$(find "$root/var/lib/cni/networks/port-mapping-example" -type f ! -name lock ! -name 'last_reserved_ip.*')"

# ---- a DEL whose executable is replaced while it runs ----
echo $$ >"$files/tester"
cat >"$root/opt/cni/bin/slow" <<'SH'
#!/bin/sh
if [ "$CNI_COMMAND" = DEL ]; then
  touch /run/test/waiting
  while [ ! -e /run/test/go-on ] && kill -0 "$(cat /run/test/tester)"; do sleep 0.02; done
fi
exec /opt/cni/bin/host-local
SH
chmod 755 "$root/opt/cni/bin/slow"
cat >"$root/etc/cni/net.d/slow.conflist" <<'JSON'
{ "cniVersion": "1.0.0", "name": "slow", "plugins": [ { "type": "bridge", "bridge": "slow0", "isGateway": true,
  "ipam": { "type": "slow", "ranges": [[{ "subnet": "10.23.99.0/24" }]] } } ] }
JSON
claim "attach a container" inside footbridge add slow red
inside footbridge del slow red >"$files/del" 2>&1 &
deleting=$!
processes+=("$deleting")
wait_for "DEL to call its IPAM plugin" test -e "$files/waiting"
claim "install the next version meanwhile" install next
touch "$files/go-on"
wait "$deleting" || fail "the running DEL failed: $(cat "$files/del")"
claim_equal "it prints nothing" "" "$(cat "$files/del")"
holds_nothing_of slow/ || fail "that DEL left objects"

# ---- removal with a container running ----
claim "attach a container" inside footbridge add --quiet --port 8080:80 --conf "$examples" port-mapping-example red
running=$(host_state)
claim "remove the package" inside dpkg --remove footbridge
claim_equal "the container's network does not change" "$running" "$(host_state)"
claim_equal "its addresses stay allocated" 2 \
  "$(grep -rl footbridge-red "$root/var/lib/cni/networks/port-mapping-example" | wc -l)"
claim_equal "other plugins stay" "dhcp slow" "$(ls -x "$root/opt/cni/bin" | tr -s ' \n' ' ' | sed 's/ $//')"
claim "install the package again" install this
claim "detach the container" inside footbridge del --conf "$examples" port-mapping-example red
holds_nothing_of port-mapping-example/ || fail "that DEL left objects"
finish
