#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The story that Footbridge is for, told with real commands and their real output: two containers, a bridge, the outside.
#
#   FOOTBRIDGE_BIN=<folder of the executables> tests/demo/demo.sh
#
# It happens in a network and a mount namespace of its own (tests/e2e/lib.sh, private_host): this machine's interfaces,
# rules and files are not touched, nothing is downloaded, and everything is gone when the story ends, however it ends.
# A step whose output is not what it must be ends the demo with an error.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

need busybox ping nc ss setpriv
private_host "$@"
PATH=$bin:$PATH

# ---- telling ----

chapter() {
  printf '\n== %s\n' "$*"
}

# tell WORDS COMMAND...: says what is shown ("" goes on with the one before), shows the command as one would type it and its output; what it printed is in
# $told. A command that fails ends the demo.
tell() {
  local what=$1
  shift
  [ -z "$what" ] || printf '\n%s\n' "$what"
  printf '  # %s\n' "$*"
  told=$("$@" 2>&1) || {
    printf '%s\n' "$told" | sed 's/^/  /'
    fail "this command failed: $*"
  }
  [ -z "$told" ] || printf '%s\n' "$told" | sed 's/^/  /'
}

# shows WORDS PATTERN: what was told has a line that matches the extended regular expression.
shows() {
  grep -Eq -e "$2" <<<"$told" || fail "$1: there should be a line like: $2"
  printf '  -> %s\n' "$1"
}

# shows_not WORDS PATTERN
shows_not() {
  if grep -E -e "$2" <<<"$told"; then
    fail "$1: there should be no line like: $2"
  fi
  printf '  -> %s\n' "$1"
}

in_red=(ip netns exec red)
in_blue=(ip netns exec blue)

# A web server in a namespace that says where it is: web NETNS ADDRESS:PORT WORDS
web() {
  local pages=$files/$1-${2##*:}
  mkdir "$pages"
  printf '%s\n' "$3" >"$pages/index.html"
  background ip netns exec "$1" busybox httpd -f -p "$2" -h "$pages"
  wait_for "a web server in $1 at $2" is_listening "$1" "${2##*:}"
}

# ---- the stage ----

printf 'Footbridge: two containers, one bridge, and the outside world.\n'
printf 'Everything below happens in network namespaces of its own; this machine is not touched.\n'

chapter "The stage: a host on a LAN, and another machine on it"
ip link delete lan0
ip netns delete outside
ip netns add lan
ip link add eth0 type veth peer name eth0 netns lan
ip address add 192.168.1.2/24 dev eth0
ip link set eth0 up
ip -n lan address add 192.168.1.3/24 dev eth0
ip -n lan link set eth0 up
ip -n lan link set lo up
tell "The host's LAN address:" ip -brief -4 address show eth0
shows "the host is 192.168.1.2" '192\.168\.1\.2/24'
tell "The other machine. It knows its LAN and nothing else:" ip -n lan route
shows "the other machine is 192.168.1.3" 'src 192\.168\.1\.3'
shows_not "it has no route to any container" 'default|192\.168\.15\.'

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
tell "A bridge v-net-0 with 192.168.15.0/24, masqueraded, with published ports:" cat "$NETCONFPATH/10-v-net.conflist"
tell "and the loopback interface of a container, as a network of its own:" cat "$NETCONFPATH/20-lo.conf"

# ---- attach ----

chapter "Two containers are attached"
new_netns red blue
tell "Two namespaces stand for them, and get their loopback interfaces:" footbridge add --quiet --ifname lo lo red
tell "" footbridge add --quiet --ifname lo lo blue
tell "red:" footbridge add v-net red
shows "red is 192.168.15.2" '"address": "192\.168\.15\.2/24"'
tell "blue, with port 80 of 192.168.1.2 published:" footbridge add --port 192.168.1.2:80:80/tcp v-net blue
shows "blue is 192.168.15.3" '"address": "192\.168\.15\.3/24"'
tell "Their interfaces on the host are ports of the bridge and say whose they are:" ip -d link show master v-net-0
shows "red's host end" 'alias v-net/footbridge-red/eth0'
shows "blue's host end" 'alias v-net/footbridge-blue/eth0'
claim "footbridge check agrees with red" footbridge check v-net red
claim "footbridge check agrees with blue" footbridge check v-net blue

chapter "red and blue"
tell "red's routes:" "${in_red[@]}" ip route
shows "by default through the bridge" '^default via 192\.168\.15\.1 dev eth0'
shows "its own network directly" '^192\.168\.15\.0/24 dev eth0'
tell "blue's routes:" "${in_blue[@]}" ip route
shows "likewise" '^default via 192\.168\.15\.1 dev eth0'
tell "red pings blue:" "${in_red[@]}" ping -c 1 -W 3 192.168.15.3
shows "blue answers" '1 received'
tell "red's ARP table:" "${in_red[@]}" ip neighbour
blue_mac=$(ip -n blue -j link show dev eth0 | jq -r '.[0].address')
shows "it knows blue's MAC address, and it is the one that blue has" "192\\.168\\.15\\.3 dev eth0 lladdr $blue_mac"
tell "blue's ARP table:" "${in_blue[@]}" ip neighbour
red_mac=$(ip -n red -j link show dev eth0 | jq -r '.[0].address')
shows "it knows red's" "192\\.168\\.15\\.2 dev eth0 lladdr $red_mac"
tell "blue pings its gateway, the bridge:" "${in_blue[@]}" ping -c 1 -W 3 192.168.15.1
shows "the gateway answers" '1 received'

# ---- outside ----

chapter "blue and the outside world"
background ip netns exec lan nc -l -v -n -p 9000 >"$files/heard" 2>&1
listener=$!
wait_for "a listener on 192.168.1.3:9000" is_listening lan 9000
tell "blue talks to 192.168.1.3:9000:" "${in_blue[@]}" sh -c "echo 'hello from blue' | timeout 5 nc -N 192.168.1.3 9000"
wait "$listener" || fail "the listener on 192.168.1.3 ended with an error: $(cat "$files/heard")"
tell "What 192.168.1.3 saw, from its own side:" cat "$files/heard"
shows "the words arrived" 'hello from blue'
shows "it saw 192.168.1.2, the host: the address was masqueraded" 'received on 192\.168\.1\.2 '

web blue 80 "a page from blue"
tell "192.168.1.3 opens 192.168.1.2:80, which is published for blue:" \
  ip netns exec lan timeout 5 busybox wget -qO- http://192.168.1.2:80/
shows "blue answers" '^a page from blue$'
tell "red opens it too, through the host's address and back into its own network:" \
  "${in_red[@]}" timeout 5 busybox wget -qO- http://192.168.1.2:80/
shows "blue answers" '^a page from blue$'

# ---- inside ----

chapter "Two processes in one container talk over localhost"
web red 127.0.0.1:8080 "a page from red"
web blue 127.0.0.1:8080 "another page from blue"
tell "In red one process serves port 8080 of localhost, and another one asks it:" \
  "${in_red[@]}" timeout 5 busybox wget -qO- http://127.0.0.1:8080/
shows "red's own server answers" '^a page from red$'
tell "In blue another server has the same port number, and the two do not meet:" \
  "${in_blue[@]}" timeout 5 busybox wget -qO- http://127.0.0.1:8080/
shows "blue's own server answers" '^another page from blue$'

# ---- show ----

chapter "What is on this host now"
tell "Read from the kernel, there is no other record:" footbridge show
shows "the network and its bridge" 'v-net.*v-net-0 192\.168\.15\.1/24'
shows "red, its host interface and its address" 'footbridge-red +eth0 +veth[0-9a-f]{11} +veth +192\.168\.15\.2/24 +-$'
shows "blue, and the port that leads to it" 'footbridge-blue +eth0 +veth[0-9a-f]{11} +veth +192\.168\.15\.3/24 +192\.168\.1\.2:80 -> 80/tcp$'

# ---- gone ----

chapter "Both are taken down"
tell "red:" footbridge del v-net red
tell "blue. Nobody has to say again which port was published:" footbridge del v-net blue
tell "and their loopback interfaces:" footbridge del --ifname lo lo red
tell "" footbridge del --ifname lo lo blue
theirs='footbridge-(red|blue)|veth[0-9a-f]{11}|192\.168\.15\.[23]([^0-9]|$)'
tell "The links of the host:" ip -d link
shows "the bridge stays for the next container" 'v-net-0: '
shows_not "no link of red or blue" "$theirs"
tell "The rules:" nft list ruleset
shows "the table stays for the next container" 'table inet footbridge'
shows_not "no address, port or owner of theirs" "$theirs|192\\.168\\.1\\.2"
tell "The folder of addresses:" find /var/lib/cni -type f
shows_not "no address is taken, no result is kept" '/(192\.168\.15\.[0-9]+|v-net-.*|lo-.*)$'
tell "And the summary:" footbridge show
shows "the network is empty" 'nothing attached'

printf '\nThe demo is over: every step did what it must.\n'
