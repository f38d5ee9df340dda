#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The plugin dummy under a kernel that has dummy links: its conformance cases, and an ADD that was killed.
# shellcheck source=tests/uml/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

under_uml "$@"
export GODEBUG=cpu.all=off  # for the reference's Go programs: boot.py says why

conformance() {
  local reference=$source_dir/build/reference/usr/lib/cni
  if [ ! -x "$reference/dummy" ]; then
    echo "SKIP: what the reference's dummy made: ./run test fetches it into build/reference"
    reference=
  fi
  python3 -B "$source_dir/tests/conformance/run.py" "$bin" --only "dummy: " --conditional \
    ${reference:+--reference "$reference"} || fail "conformance cases under this kernel"
}

network='{"cniVersion": "1.1.0", "name": "n", "type": "dummy", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}'
killer=$files/killer

# An IPAM plugin that kills the ADD that started it, after the address is allocated and the link has its name.
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

# killed_add CONTAINER: in a new namespace.
killed_add() {
  ip netns add "$1"
  claim_equal "ADD is killed" 137 "$(CNI_COMMAND=ADD CNI_CONTAINERID=$1 CNI_NETNS=/run/netns/$1 CNI_IFNAME=eth0 \
    CNI_PATH=$killer exit_code "$bin/dummy" <<<"$network")"
}

# links CONTAINER: a line with name and alias for each link but lo.
links() {
  ip -n "$1" -j link | jq -r '.[] | select(.ifname != "lo") | "\(.ifname) \(.ifalias // "-")"'
}

# addresses CONTAINER: how many the store holds for it.
addresses() {
  grep -als "^$1" /var/lib/cni/networks/n/10.* | wc -l
}

# before_rename CONTAINER: ADD, and afterwards the link as ADD creates it, with the name from the log and without an alias.
before_rename() {
  local created
  created=$(FOOTBRIDGE_LOG=info plugin ADD "$1" "$network" 2>&1 >/dev/null | grep -o 'ip link add veth[0-9a-f]* type dummy' | cut -d' ' -f4)
  ip -n "$1" link set eth0 down
  ip -n "$1" link set eth0 name "$created" alias ""
  claim_equal "the link has the name and the alias of one just created" "$created -" "$(links "$1")"
}

add_recovers() {
  plugin ADD "$1" "$network" >"$files/$1" || fail "ADD after $2: $(cat "$files/$1")"
  claim_equal "ADD after $2 leaves one link, the attachment's" "eth0 n/$1/eth0" "$(links "$1")"
  claim_equal "and one address" 1 "$(addresses "$1")"
  claim "CHECK agrees" after_add CHECK "$1" "$network"
}

del_recovers() {
  claim "DEL after $2" plugin DEL "$1" "$network"
  claim_equal "leaves no link" "" "$(links "$1")"
  claim_equal "and no address" 0 "$(addresses "$1")"
}

example() {
  ip netns add example
  claim "the example attaches" "$bin/footbridge" add --conf "$source_dir/conf-examples" dummy-example example
  claim_equal "with an address of each family" "10.23.9.2 fd00:23:9::2" "$(inner_address example eth0 4) $(inner_address example eth0 6)"
  claim "footbridge checks it" "$bin/footbridge" check --conf "$source_dir/conf-examples" dummy-example example
  claim "footbridge deletes it" "$bin/footbridge" del --conf "$source_dir/conf-examples" dummy-example example
  claim_equal "and its link" "" "$(links example)"
}

make_killer
killed_add one
claim_equal "a killed ADD leaves an unfinished link" "eth0 n/one/eth0 (unfinished)" "$(links one)"
claim_equal "and an address" 1 "$(addresses one)"
add_recovers one "an ADD that was killed"
del_recovers one "an ADD that succeeded"
killed_add two
del_recovers two "an ADD that was killed"
ip netns add three
before_rename three
add_recovers three "an ADD that was killed before it renamed the link"
ip netns add four
before_rename four
del_recovers four "an ADD that was killed before it renamed the link"
example
conformance
well_done
