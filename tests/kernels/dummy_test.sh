#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The plugin dummy with a kernel that has dummy links: killed ADDs, and the example.
# shellcheck source=tests/kernels/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_kernel "$@"

network='{"cniVersion": "1.1.0", "name": "n", "type": "dummy", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}'
killer=$files/killer

# Creates an IPAM plugin that kills its ADD after the address is allocated and the link has its name.
make_killer() {
  mkdir "$killer"
  cat >"$killer/host-local" <<SH
#!/bin/bash
"$bin/host-local" >/dev/null
until ip -n "\$CNI_CONTAINERID" link show eth0 >/dev/null 2>&1; do sleep 0.02; done
kill -KILL "\$PPID"
SH
  chmod +x "$killer/host-local"
}

# killed_add CONTAINER: an ADD that is killed, in a new namespace.
killed_add() {
  ip netns add "$1"
  claim_equal "ADD is killed" 137 "$(CNI_COMMAND=ADD CNI_CONTAINERID=$1 CNI_NETNS=/run/netns/$1 CNI_IFNAME=eth0 \
    CNI_PATH=$killer exit_code "$bin/dummy" <<<"$network")"
}

# links CONTAINER: a line with name and alias for each link except lo.
links() {
  ip -n "$1" -j link | jq -r '.[] | select(.ifname != "lo") | "\(.ifname) \(.ifalias // "-")"'
}

# addresses CONTAINER: the number of its leases.
addresses() {
  grep -als "^$1" /var/lib/cni/networks/n/10.* | wc -l
}

# before_rename CONTAINER: the state of an ADD that was killed before it renamed the link: the name is from the log, the
# alias is empty.
before_rename() {
  local created
  created=$(FOOTBRIDGE_LOG=info plugin ADD "$1" "$network" 2>&1 >/dev/null |
    grep -o 'ip link add veth[0-9a-f]* type dummy' | cut -d' ' -f4)
  ip -n "$1" link set eth0 down
  ip -n "$1" link set eth0 name "$created" alias ""
  claim_equal "the link has its first name and no alias" "$created -" "$(links "$1")"
}

add_recovers() {
  plugin ADD "$1" "$network" >"$files/$1" || fail "ADD after $2: $(cat "$files/$1")"
  claim_equal "ADD after $2 leaves one link" "eth0 n/$1/eth0" "$(links "$1")"
  claim_equal "ADD after $2 leaves one address" 1 "$(addresses "$1")"
  claim "CHECK succeeds after $2" after_add CHECK "$1" "$network"
}

del_recovers() {
  claim "DEL after $2" plugin DEL "$1" "$network"
  claim_equal "DEL after $2 leaves no link" "" "$(links "$1")"
  claim_equal "DEL after $2 leaves no address" 0 "$(addresses "$1")"
}

example() {
  ip netns add example
  claim "the example attaches" "$bin/footbridge" add --conf "$source_dir/conf-examples" dummy-example example
  claim_equal "the example has an address of each family" "10.23.9.2 fd00:23:9::2" \
    "$(inner_address example eth0 4) $(inner_address example eth0 6)"
  claim "footbridge check succeeds" "$bin/footbridge" check --conf "$source_dir/conf-examples" dummy-example example
  claim "footbridge del succeeds" "$bin/footbridge" del --conf "$source_dir/conf-examples" dummy-example example
  claim_equal "footbridge del deletes the link" "" "$(links example)"
}

make_killer
killed_add one
claim_equal "a killed ADD leaves an unfinished link" "eth0 n/one/eth0 (unfinished)" "$(links one)"
claim_equal "a killed ADD leaves an address" 1 "$(addresses one)"
add_recovers one "a killed ADD"
del_recovers one "a successful ADD"
killed_add two
del_recovers two "a killed ADD"
ip netns add three
before_rename three
add_recovers three "an ADD killed before it renamed the link"
ip netns add four
before_rename four
del_recovers four "an ADD killed before it renamed the link"
example
finish
