#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A demonstration with commands and their output: two containers, one bridge, and a machine outside.
#
#   FOOTBRIDGE_BIN=<folder of the executables> tests/demo/demo.sh
#
# The demo has its own network and mount namespace (tests/e2e/lib.sh, private_host). It does not change this machine's
# interfaces, rules or files, downloads nothing, and leaves nothing behind. It stops with an error if the output of a
# step is not as expected.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

need busybox ping nc ss setpriv
private_host "$@"
PATH=$bin:$PATH

# ---- steps ----

chapter() {
  printf '\n== %s\n' "$*"
}

# step TITLE COMMAND...: prints the title ("": the step belongs to the one before), the command and its output, and
# leaves the output in $output. If the command fails, the demo ends.
step() {
  local what=$1
  shift
  [ -z "$what" ] || printf '\n%s\n' "$what"
  printf '  # %s\n' "$*"
  output=$("$@" 2>&1) || {
    printf '%s\n' "$output" | sed 's/^/  /'
    fail "this command failed: $*"
  }
  [ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/  /'
}

# expect MESSAGE PATTERN: a line of $output matches the extended regular expression.
expect() {
  grep -Eq -e "$2" <<<"$output" || fail "$1: no line of the output matches: $2"
  printf '  -> %s\n' "$1"
}

# expect_not MESSAGE PATTERN
expect_not() {
  if grep -E -e "$2" <<<"$output"; then
    fail "$1: this line of the output matches: $2"
  fi
  printf '  -> %s\n' "$1"
}

in_red=(ip netns exec red)
in_blue=(ip netns exec blue)

# web NETNS ADDRESS:PORT TEXT: starts a web server in the namespace, with the text as its page.
web() {
  local pages=$files/$1-${2##*:}
  mkdir "$pages"
  printf '%s\n' "$3" >"$pages/index.html"
  background ip netns exec "$1" busybox httpd -f -p "$2" -h "$pages"
  wait_for "a web server in $1 at $2" is_listening "$1" "${2##*:}"
}

# ---- the host ----

printf 'Footbridge: two containers, one bridge, and a machine outside.\n'
printf 'The demo runs in its own network namespaces and does not change this machine.\n'

chapter "A host on a LAN, and another machine"
ip link delete lan0
ip netns delete outside
ip netns add lan
ip link add eth0 type veth peer name eth0 netns lan
ip address add 192.168.1.2/24 dev eth0
ip link set eth0 up
ip -n lan address add 192.168.1.3/24 dev eth0
ip -n lan link set eth0 up
ip -n lan link set lo up
step "The host's LAN address:" ip -brief -4 address show eth0
expect "the host is 192.168.1.2" '192\.168\.1\.2/24'
step "The other machine's routes:" ip -n lan route
expect "the other machine is 192.168.1.3" 'src 192\.168\.1\.3'
expect_not "it has no route to any container" 'default|192\.168\.15\.'

mkdir "$files/net.d"
export NETCONFPATH=$files/net.d
cat >"$NETCONFPATH/10-v-net.conflist" <<'JSON'
{
  "cniVersion": "1.0.0",
  "name": "v-net",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "v-net-0",
      "isDefaultGateway": true,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": { "type": "host-local", "ranges": [[{ "subnet": "192.168.15.0/24" }]] }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
JSON
cat >"$NETCONFPATH/20-lo.conf" <<'JSON'
{ "cniVersion": "1.0.0", "name": "lo", "type": "loopback" }
JSON
chapter "The network"
step "Network v-net: bridge v-net-0, subnet 192.168.15.0/24, masquerading, published ports:" \
  cat "$NETCONFPATH/10-v-net.conflist"
step "Network lo: the loopback interface:" cat "$NETCONFPATH/20-lo.conf"

# ---- attach ----

chapter "Attach two containers"
new_netns red blue
step "The containers are network namespaces, red and blue. First, their loopback interfaces:" \
  footbridge add --quiet --ifname lo lo red
step "" footbridge add --quiet --ifname lo lo blue
step "Attach red:" footbridge add v-net red
expect "red has 192.168.15.2" '"address": "192\.168\.15\.2/24"'
step "Attach blue, and publish its port 80 on 192.168.1.2:" footbridge add --port 192.168.1.2:80:80/tcp v-net blue
expect "blue has 192.168.15.3" '"address": "192\.168\.15\.3/24"'
step "The host ends are ports of the bridge. Each alias is the owner:" ip -d link show master v-net-0
expect "red's host end" 'alias v-net/footbridge-red/eth0'
expect "blue's host end" 'alias v-net/footbridge-blue/eth0'
claim "footbridge check succeeds for red" footbridge check v-net red
claim "footbridge check succeeds for blue" footbridge check v-net blue

chapter "Traffic between red and blue"
step "red's routes:" "${in_red[@]}" ip route
expect "the default route goes via the bridge" '^default via 192\.168\.15\.1 dev eth0'
expect "its own subnet is reached directly" '^192\.168\.15\.0/24 dev eth0'
step "blue's routes:" "${in_blue[@]}" ip route
expect "the same default route" '^default via 192\.168\.15\.1 dev eth0'
step "red pings blue:" "${in_red[@]}" ping -c 1 -W 3 192.168.15.3
expect "blue replies" '1 received'
step "red's ARP table:" "${in_red[@]}" ip neighbour
blue_mac=$(ip -n blue -j link show dev eth0 | jq -r '.[0].address')
expect "it has blue's MAC address" "192\\.168\\.15\\.3 dev eth0 lladdr $blue_mac"
step "blue's ARP table:" "${in_blue[@]}" ip neighbour
red_mac=$(ip -n red -j link show dev eth0 | jq -r '.[0].address')
expect "it has red's MAC address" "192\\.168\\.15\\.2 dev eth0 lladdr $red_mac"
step "blue pings the bridge, its gateway:" "${in_blue[@]}" ping -c 1 -W 3 192.168.15.1
expect "the gateway replies" '1 received'

# ---- outside ----

chapter "Traffic between blue and the outside"
background ip netns exec lan nc -l -v -n -p 9000 >"$files/heard" 2>&1
listener=$!
wait_for "a listener on 192.168.1.3:9000" is_listening lan 9000
step "blue connects to 192.168.1.3:9000:" \
  "${in_blue[@]}" sh -c "echo 'hello from blue' | timeout 5 nc -N 192.168.1.3 9000"
wait "$listener" || fail "the listener on 192.168.1.3 ended with an error: $(cat "$files/heard")"
step "The connection as 192.168.1.3 saw it:" cat "$files/heard"
expect "the text arrived" 'hello from blue'
expect "the source address was the host's, 192.168.1.2: masquerading" 'received on 192\.168\.1\.2 '

web blue 80 "a page from blue"
step "192.168.1.3 opens 192.168.1.2:80, blue's published port:" \
  ip netns exec lan timeout 5 busybox wget -qO- http://192.168.1.2:80/
expect "blue replies" '^a page from blue$'
step "red opens the same port, via the host's address and back into its own network:" \
  "${in_red[@]}" timeout 5 busybox wget -qO- http://192.168.1.2:80/
expect "blue replies" '^a page from blue$'

# ---- inside ----

chapter "Traffic over localhost in a container"
web red 127.0.0.1:8080 "a page from red"
web blue 127.0.0.1:8080 "another page from blue"
step "In red, a process opens port 8080 of localhost, where another process listens:" \
  "${in_red[@]}" timeout 5 busybox wget -qO- http://127.0.0.1:8080/
expect "red's server replies" '^a page from red$'
step "In blue, another server listens on the same port:" \
  "${in_blue[@]}" timeout 5 busybox wget -qO- http://127.0.0.1:8080/
expect "blue's server replies" '^another page from blue$'

# ---- show ----

chapter "Show the attachments"
step "footbridge show reads them from the kernel:" footbridge show
expect "the network and its bridge" 'v-net.*v-net-0 192\.168\.15\.1/24'
expect "red with its host end and address" 'footbridge-red +eth0 +veth[0-9a-f]{11} +veth +192\.168\.15\.2/24 +-$'
expect "blue with its published port" \
  'footbridge-blue +eth0 +veth[0-9a-f]{11} +veth +192\.168\.15\.3/24 +192\.168\.1\.2:80 -> 80/tcp$'

# ---- detach ----

chapter "Detach both containers"
step "Detach red:" footbridge del v-net red
step "Detach blue. The published port need not be given again:" footbridge del v-net blue
step "Detach their loopback interfaces:" footbridge del --ifname lo lo red
step "" footbridge del --ifname lo lo blue
theirs='footbridge-(red|blue)|veth[0-9a-f]{11}|192\.168\.15\.[23]([^0-9]|$)'
step "The links of the host:" ip -d link
expect "the bridge stays for the next container" 'v-net-0: '
expect_not "no link of red or blue" "$theirs"
step "The rules:" nft list ruleset
expect "the table stays for the next container" 'table inet footbridge'
expect_not "no address, port or owner of red or blue" "$theirs|192\\.168\\.1\\.2"
step "The store and libcni's results:" find /var/lib/cni -type f
expect_not "no address is allocated, no result is left" '/(192\.168\.15\.[0-9]+|v-net-.*|lo-.*)$'
step "The attachments:" footbridge show
expect "the network is empty" 'nothing attached'

printf '\nEnd of the demo. All steps had the expected output.\n'
