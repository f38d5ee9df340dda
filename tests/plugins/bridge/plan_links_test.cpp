// SPDX-License-Identifier: Apache-2.0
// The links of an attachment: creating, reusing and reverting bridge and pair.
#include <algorithm>

#include <doctest/doctest.h>

#include "plugins/bridge/revert.h"
#include "tests/plugins/bridge/planned.h"

using bridge::Seen;
using test::config_with;
using test::kMac;
using test::kOwner;
using test::link;
using test::shown;

namespace {

const std::string kIgnoreAdvertisements = "sysctl -w net/ipv6/conf/cni0/accept_ra=0\n";

netlink::BridgeLink bridge_link(bool is_up) {
  netlink::BridgeLink result = test::bridge_link(7, "cni0");
  result.mac = kMac;
  result.is_up = is_up;
  return result;
}

// A bridge that a network already uses.
Seen used_bridge(bool is_up) {
  Seen seen;
  seen.bridge = bridge_link(is_up);
  seen.bridge_addresses = test::prefixes({"10.1.0.1/24", "fe80::1/64"});
  return seen;
}

// The leftover of a killed ADD of the same attachment.
Seen leftover() {
  Seen seen;
  seen.host_end = link(9, kOwner.host_end().text(), "veth");
  seen.host_end->alias = kOwner.unfinished_alias();
  seen.host_end->peer = 3;
  seen.container_end = link(3, "eth0", "veth");
  seen.container_end->peer = 9;
  return seen;
}

std::string port_text(const std::string& keys, const Seen& seen = {}) {
  return shown(plan_port(config_with(keys), seen, {7, 5, "/run/netns/x"}));
}

std::string port_rejection(const Seen& seen) {
  return error_of([&] { plan_port(config_with(""), seen, {7, 5, "/run/netns/x"}); });
}

}  // namespace

TEST_CASE("a missing bridge is created with its MAC address, without router advertisements, and brought up") {
  CHECK(shown(plan_bridge(config_with(""), {}, kMac)) ==
        "ip link add cni0 address 0a:58:0a:01:00:01 type bridge\n"
        "sysctl -w net/ipv6/conf/cni0/accept_dad=0\n"
        "sysctl -w net/ipv6/conf/cni0/accept_ra=0\n"
        "ip link set dev cni0 up\n");
  CHECK(shown(plan_bridge(config_with(R"("bridge": "br.1", "mtu": 1400, "promiscMode": true)"), {}, kMac)) ==
        "ip link add br.1 address 0a:58:0a:01:00:01 mtu 1400 type bridge\n"
        "sysctl -w net/ipv6/conf/br.1/accept_dad=0\n"
        "sysctl -w net/ipv6/conf/br.1/accept_ra=0\n"
        "ip link set dev br.1 promisc on up\n");
}

TEST_CASE("a bridge in use keeps its state, but ignores router advertisements") {
  CHECK(shown(plan_bridge(config_with(R"("mtu": 1400)"), used_bridge(true), kMac)) == kIgnoreAdvertisements);
  CHECK(shown(plan_bridge(config_with(""), used_bridge(false), kMac)) ==
        kIgnoreAdvertisements + "ip link set dev cni0 up\n");
}

TEST_CASE("a bridge with the host's own default route keeps accepting router advertisements") {
  Seen seen = used_bridge(true);
  seen.takes_advertisements = true;
  CHECK(plan_bridge(config_with(""), seen, kMac).empty());
}

TEST_CASE("an existing bridge without addresses keeps its MAC address when ports join") {
  Seen seen = used_bridge(true);
  seen.bridge->mac->bytes[5] = 0x99;
  seen.bridge_addresses = test::prefixes({"fe80::1/64"});
  const std::string pinned = kIgnoreAdvertisements + "ip link set dev cni0 address 0a:58:0a:01:00:99";
  CHECK(shown(plan_bridge(config_with(""), seen, kMac)) == pinned + "\n");
  seen.bridge->is_up = false;
  CHECK(shown(plan_bridge(config_with(""), seen, kMac)) ==
        "sysctl -w net/ipv6/conf/cni0/accept_dad=0\n" + pinned + " up\n");
}

TEST_CASE("a bridge becomes promiscuous if configured") {
  Seen seen = used_bridge(true);
  const bridge::Config config = config_with(R"("promiscMode": true)");
  CHECK(shown(plan_bridge(config, seen, kMac)) == kIgnoreAdvertisements + "ip link set dev cni0 promisc on\n");
  seen.bridge->is_promiscuous = true;
  CHECK(shown(plan_bridge(config, seen, kMac)) == kIgnoreAdvertisements);
  CHECK(shown(plan_bridge(config_with(""), seen, kMac)) ==
        kIgnoreAdvertisements);  // another network may have configured it
}

TEST_CASE("another link with the bridge's name is an error that names its kind") {
  Seen seen;
  const auto rejection = [&] { return error_of([&] { plan_bridge(config_with(""), seen, kMac); }); };
  seen.bridge = {link(7, "cni0", "dummy"), {}};
  CHECK(rejection() ==
        "7: \"cni0\" already exists but is not a bridge [it is a dummy; set \"bridge\" to another name]");
  seen.bridge = {link(7, "cni0", ""), {}};
  CHECK(rejection().find("it is a device") != std::string::npos);
}

TEST_CASE("the pair is created: its host end is named by the owner and is a port of the bridge") {
  CHECK(port_text("") ==
        "ip link add HOSTEND up numtxqueues 1 txqueuelen 0 master cni0 type veth peer name eth0 numtxqueues 1 "
        "txqueuelen 0 netns /run/netns/x\n"
        "ip link set dev HOSTEND alias n/c1/eth0 (unfinished) type bridge_slave hairpin off isolated off\n"
        "sysctl -w net/ipv6/conf/HOSTEND/accept_ra=0\n");
}

TEST_CASE("both ends of the pair get the configured number of queues, transmit and receive") {
  CHECK(port_text(R"("queues": 4)")
            .starts_with("ip link add HOSTEND up numtxqueues 4 numrxqueues 4 txqueuelen 0 master cni0 type veth peer "
                         "name eth0 numtxqueues 4 numrxqueues 4 txqueuelen 0 netns "));
}

TEST_CASE("the pair is created with MTU, MAC address, hairpin mode and isolation") {
  CHECK(port_text(R"("mtu": 1400, "hairpinMode": true, "portIsolation": true,
                     "runtimeConfig": {"mac": "0a:58:00:00:00:05"})") ==
        "ip link add HOSTEND up mtu 1400 numtxqueues 1 txqueuelen 0 master cni0 type veth peer name eth0 mtu "
        "1400 numtxqueues 1 txqueuelen 0 address 0a:58:00:00:00:05 netns /run/netns/x\n"
        "ip link set dev HOSTEND alias n/c1/eth0 (unfinished) type bridge_slave hairpin on isolated on\n"
        "sysctl -w net/ipv6/conf/HOSTEND/accept_ra=0\n");
}

TEST_CASE("the leftover of a killed ADD of the same attachment is replaced") {
  const std::string again = "ip link delete dev HOSTEND\n" + port_text("");
  CHECK(port_text("", leftover()) == again);
  Seen without_alias = leftover();  // ADD was killed before it set the alias
  without_alias.host_end->alias.clear();
  CHECK(port_text("", without_alias) == again);
  Seen half = leftover();  // its namespace is gone
  half.container_end.reset();
  CHECK(port_text("", half) == again);
  half.host_end->alias = kOwner.alias();
  CHECK(port_text("", half) == again);
}

TEST_CASE("a second ADD of a finished attachment is rejected") {
  Seen seen = leftover();
  seen.host_end->alias = kOwner.alias();
  CHECK(port_rejection(seen) ==
        "999: container veth name (\"eth0\") peer provided (\"" + kOwner.host_end().text() +
            "\") already exists [the container is already attached to this network; call DEL before "
            "the next ADD]");
}

TEST_CASE("an owner too long for an alias still identifies its link") {
  bridge::Config config = config_with("");
  config.owner.network = std::string(300, 'n');
  for (const plan::Plan& plan : {plan_port(config, {}, {7, 5, "/x"}), attachment::plan_finish(config.owner)}) {
    const std::string text = plan::text(plan);
    const std::size_t begin = text.find(" alias ") + 7;
    netlink::Link host_end = link(9, config.owner.host_end().text(), "veth");
    host_end.alias = text.substr(begin, std::min(text.find(" type bridge_slave"), text.rfind('\n')) - begin);
    CHECK(host_end.alias.size() <= 254);  // the kernel's limit, see tests/netns/lib
    CHECK(attachment::is_ours(host_end, config.owner));
    net::Owner other = config.owner;
    other.network.back() = 'm';
    CHECK(!attachment::is_ours(host_end, other));
  }
}

TEST_CASE("without IPAM the container's end comes up, unless it must stay down") {
  CHECK(shown(plan_layer2(config_with(""))) == "container: ip link set dev eth0 up\n");
  CHECK(plan_layer2(config_with(R"("disableContainerInterface": true)")).empty());
}

TEST_CASE("a failed ADD deletes the bridge that it created, unless it has other ports") {
  Seen now = used_bridge(true);
  CHECK(shown(plan_revert_bridge(config_with(""), {}, now)) == "ip link delete dev cni0\n");
  CHECK(plan_revert_bridge(config_with(""), {}, {}).empty());
  now.ports = {link(9, kOwner.host_end().text(), "veth")};  // its own, deleted with the pair
  CHECK(shown(plan_revert_bridge(config_with(""), {}, now)) == "ip link delete dev cni0\n");
  now.ports.push_back(link(11, "eth1", ""));
  CHECK(plan_revert_bridge(config_with(""), {}, now).empty());
}

TEST_CASE("a failed ADD restores the addresses of an existing bridge") {
  const Seen before = used_bridge(true);
  Seen now = before;
  CHECK(plan_revert_bridge(config_with(""), before, now).empty());
  now.bridge_addresses = test::prefixes({"10.1.0.1/24", "10.2.0.1/24", "fe80::2/64", "fd00::1/64"});
  CHECK(shown(plan_revert_bridge(config_with(""), before, now)) ==
        "ip address delete 10.2.0.1/24 dev cni0\n"
        "ip address delete fd00::1/64 dev cni0\n");
  now.bridge_addresses = test::prefixes({"10.2.0.1/24"});  // forceAddress
  CHECK(shown(plan_revert_bridge(config_with(""), before, now)) ==
        "ip address delete 10.2.0.1/24 dev cni0\n"
        "ip address add 10.1.0.1/24 dev cni0\n");
}

TEST_CASE("a failed ADD restores MAC address and state of an existing bridge") {
  Seen before = used_bridge(false);
  Seen now = used_bridge(true);
  now.bridge->is_promiscuous = true;
  before.bridge->mac->bytes[5] = 0x99;
  CHECK(shown(plan_revert_bridge(config_with(""), before, now)) ==
        "ip link set dev cni0 address 0a:58:0a:01:00:99 promisc off down\n");
}

TEST_CASE("a failed ADD leaves the bridge alone if another container of its network uses it") {
  const Seen before = used_bridge(false);
  Seen now = used_bridge(true);
  now.bridge_addresses = test::prefixes({"10.1.0.1/24", "10.2.0.1/24"});
  now.ports = {link(11, "vethy", "veth")};
  now.ports[0].alias = "n/c2/eth0 (unfinished)";
  CHECK(plan_revert_bridge(config_with(""), before, now).empty());
  now.ports[0].alias = "other/c2/eth0";
  CHECK(!plan_revert_bridge(config_with(""), before, now).empty());
}
