// SPDX-License-Identifier: Apache-2.0
// Plans applied to the kernel.
#include "lib/masquerade/plan.h"

#include <fstream>

#include <doctest/doctest.h>

#include "lib/plan/kernel.h"
#include "tests/netns/lib/ruleset.h"

using plan::Kernel;
using plan::Plan;
using test::failure_of;
using test::Host;
using test::kMac;
using test::masqueraded;

namespace {

const net::IfName kBridge("cni0");
const net::IfName kHostEnd("vethx");
const net::IfName kPeer("eth0");
const net::Owner kOwner{"n", "c1", "eth0"};

std::vector<net::Prefix> prefixes(const std::vector<std::string>& texts) {
  std::vector<net::Prefix> result;
  for (const std::string& text : texts) result.push_back(test::prefix(text));
  return result;
}

// Applies the plan of an ADD with these addresses. Returns the text of a second ADD's plan.
std::string add_masquerade(Kernel& kernel, const net::Owner& owner, const std::vector<std::string>& addresses) {
  const auto make_plan = [&] {
    return masquerade::plan_masquerade(owner, prefixes(addresses), {},
                                       masquerade::observe(kernel.table(), owner, prefixes(addresses)));
  };
  kernel.apply_with_retry(make_plan);
  return plan::text(make_plan());
}

void remove_masquerade(Kernel& kernel, const net::Owner& owner) {
  kernel.apply_with_retry(
      [&] { return masquerade::plan_no_masquerade(owner, masquerade::observe(kernel.table(), owner, {})); });
}

std::string listed(Kernel& kernel, std::string_view set) {
  std::string all;
  for (const ruleset::Element& element : kernel.table().list(set))
    all += nft::text(element.key) + " of " + element.comment + "; ";
  return all;
}

}  // namespace

TEST_CASE("ADD and DEL work after an operator flushed masq4") {
  const Host host;
  Kernel kernel;
  const std::vector<net::Prefix> addresses = prefixes({"10.1.0.2/24"});
  masquerade::Options wanted;
  wanted.sources = {test::address("192.0.2.7")};
  wanted.is_random = true;
  const auto make_plan = [&] {
    return masquerade::plan_masquerade(kOwner, addresses, wanted,
                                       masquerade::observe(kernel.table(), kOwner, addresses));
  };
  kernel.apply_with_retry(make_plan);
  host.run({"nft", "flush", "set", "inet", "footbridge", "masq4"});
  kernel.apply_with_retry(make_plan);
  CHECK(listed(kernel, "masq4") == "10.1.0.2 of n/c1/eth0; ");
  host.run({"nft", "flush", "set", "inet", "footbridge", "masq4"});
  remove_masquerade(kernel, kOwner);
  CHECK(listed(kernel, "source4").empty());
  CHECK(listed(kernel, "random4").empty());
}

TEST_CASE("a Kernel without a container can only change the host") {
  const Host host;
  Kernel kernel;
  CHECK(!kernel.has_container());
  CHECK_THROWS_AS(static_cast<void>(kernel.container()), std::logic_error);
  CHECK_THROWS_AS(static_cast<void>(kernel.container_netns()), std::logic_error);
  Plan plan;
  plan.container(netlink::SetLink{kPeer, true});
  CHECK_THROWS_AS(kernel.apply(plan), std::logic_error);
}

TEST_CASE("sysctls of the container are read in its namespace, and returned in the order of the keys") {
  Host host;
  const std::string netns = host.add_netns("x");
  host.run({"sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"}, "x");
  const Kernel kernel(netns);
  const std::vector<std::string> keys{"net/ipv4/ip_forward", "net/ipv4/no_such_key", "net/ipv4/route/flush"};
  const auto seen = kernel.container_sysctls(keys);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].value == "1");
  CHECK(!seen[1].value);
  CHECK(seen[2].is_write_only);
  CHECK(sysctl::read("net/ipv4/ip_forward") == "0");
}

TEST_CASE("a missing namespace is an error") {
  Host host;
  CHECK(failure_of([] { Kernel kernel("/run/netns/gone"); }) ==
        "failed to open netns \"/run/netns/gone\": failed to Statfs \"/run/netns/gone\": No such file or directory; "
        "create it with \"ip netns add gone\", or give /proc/PID/ns/net");
  std::ofstream("/run/netns/stale") << "";
  CHECK(failure_of([] {
          Kernel kernel("/run/netns/stale");
        }).starts_with("failed to open netns \"/run/netns/stale\": unknown FS magic on \"/run/netns/stale\""));
  Kernel kernel(host.add_netns("x"));
  CHECK(kernel.has_container());
}

TEST_CASE("with_netns_if_present ignores a missing namespace") {
  Host host;
  CHECK(!Kernel::with_netns_if_present("").has_container());
  CHECK(!Kernel::with_netns_if_present("/run/netns/gone").has_container());
  std::ofstream("/run/netns/stale") << "";
  CHECK(!Kernel::with_netns_if_present("/run/netns/stale").has_container());
  CHECK(!Kernel::with_netns_if_present("/proc/self/ns/uts").has_container());
  CHECK(!Kernel::with_netns_if_present("/proc/self/status").has_container());
  const netns::Netns home = netns::Netns::current();
  CHECK(Kernel::with_netns_if_present(host.add_netns("x")).has_container());
  CHECK(netns::Netns::current().is_same(home));
}

TEST_CASE("unless_gone returns nothing for a missing namespace, and throws if it cannot open the path") {
  Host host;
  host.run({"sh", "-c", "mkdir -p /run/netns && touch /run/netns/stale && ln -s loop /run/netns/loop"});
  for (const char* gone : {"", "/run/netns/gone", "/run/netns/stale", "/run/netns/stale/x", "/proc/self/ns/uts"}) {
    CHECK_MESSAGE(!Kernel::unless_gone(gone), gone);
  }
  CHECK(Kernel::unless_gone(host.add_netns("x"))->has_container());
  CHECK(failure_of([] { Kernel::unless_gone("/run/netns/loop"); }).find("symbolic links") != std::string::npos);
}

TEST_CASE("the steps of a plan run in order, each in its namespace") {
  Host host;
  Kernel kernel(host.add_netns("x"));
  Plan first;
  first.host(test::new_bridge(kBridge, kMac));
  first.host(sysctl::refuse_router_advertisements(kBridge));
  first.host(netlink::SetLink{kBridge, true});
  kernel.apply(first);
  Plan second;
  netlink::NewLink pair{kHostEnd, netlink::Veth{kPeer, kernel.container_netns().fd(), "x"}};
  pair.master = {test::index_of(kernel.host(), "cni0"), "cni0"};
  pair.is_up = true;
  second.host(pair);
  second.container(sysctl::announce_by_arp(kPeer));
  second.container(netlink::SetLink{kPeer, true});
  second.add(masqueraded("10.1.0.2"));
  second.host(sysctl::ip_forward());
  kernel.apply(second);
  CHECK(test::has_flag(shown_link(host, "cni0"), "UP"));
  CHECK(test::has_flag(shown_link(host, "eth0", "x"), "UP"));
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/cni0/accept_ra"}) == "0\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv4/conf/eth0/arp_notify"}, "x") == "1\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv4/ip_forward"}) == "1\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv4/ip_forward"}, "x") == "0\n");
  CHECK(host.elements("masq4").size() == 1);
}

TEST_CASE("an empty plan does nothing") {
  const Host host;
  Kernel kernel;
  const std::string before = host.snapshot();
  kernel.apply({});
  CHECK(host.snapshot() == before);
}

TEST_CASE("a plan stops at the first failure: earlier steps stay, the table is not changed") {
  Host host;
  Kernel kernel(host.add_netns("x"));
  Plan plan;
  plan.host(test::new_bridge(kBridge, kMac));
  plan.add(masqueraded("10.1.0.2"));
  plan.container(netlink::SetLink{net::IfName("missing"), true});
  plan.host(test::new_bridge(net::IfName("cni1"), kMac));
  CHECK(failure_of([&] { kernel.apply(plan); }) == "change link missing (ip link set dev missing up): No such device");
  CHECK(!shown_link(host, "cni0").is_null());
  CHECK(shown_link(host, "cni1").is_null());
  CHECK(host.elements("masq4").empty());
  Plan setting;
  setting.host(sysctl::route_localnet(net::IfName("missing")));
  setting.host(test::new_bridge(net::IfName("cni1"), kMac));
  CHECK(failure_of([&] {
          kernel.apply(setting);
        }).starts_with("sysctl net.ipv4.conf.missing.route_localnet does not exist: cannot write \"1\""));
  CHECK(shown_link(host, "cni1").is_null());
}

TEST_CASE("after a failed sysctl in the container the thread is in its old namespace") {
  Host host;
  const netns::Netns home = netns::Netns::current();
  Kernel kernel(host.add_netns("x"));
  Plan plan;
  plan.container(sysctl::route_localnet(net::IfName("missing")));
  CHECK(!failure_of([&] { kernel.apply(plan); }).empty());
  CHECK(netns::Netns::current().is_same(home));
}

TEST_CASE("a plan that lost a race is made again from the new state") {
  const Host host;
  Kernel kernel;
  int planned = 0;
  kernel.apply_with_retry([&] {
    Plan plan;
    const std::uint32_t generation = kernel.table().generation();
    if (++planned == 1) host.run({"nft", "add table inet other"});  // another writer
    const auto present = kernel.table().find("masq4", masqueraded("10.1.0.2").key);
    if (!present) plan.add(masqueraded("10.1.0.2"));
    plan.generation = generation;
    return plan;
  });
  CHECK(planned == 2);
  CHECK(host.elements("masq4").size() == 1);
}

TEST_CASE("apply_with_retry fails after a hundred lost races") {
  const Host host;
  Kernel kernel;
  Plan plan;
  plan.add(masqueraded("10.1.0.2"));
  kernel.apply(plan);
  int planned = 0;
  try {
    kernel.apply_with_retry([&] {
      ++planned;
      return plan;  // always the same
    });
    FAIL("the same element was added twice");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EAGAIN);
    CHECK(std::string(error.what()).starts_with("table inet footbridge kept changing: add element inet "));
  }
  CHECK(planned == 100);
}

TEST_CASE("apply_with_retry does not retry after other failures") {
  const Host host;
  Kernel kernel;
  int planned = 0;
  CHECK(!failure_of([&] {
           kernel.apply_with_retry([&] {
             ++planned;
             Plan plan;
             plan.host(netlink::SetLink{net::IfName("missing"), true});
             return plan;
           });
         }).empty());
  CHECK(planned == 1);
}

TEST_CASE("ADD adds masquerading, a second ADD changes nothing, and DEL leaves only the local pair") {
  const Host host;
  Kernel kernel;
  CHECK(add_masquerade(kernel, kOwner, {"10.1.0.2/24", "10.2.0.2/24", "fd00::2/64"}) == "");
  CHECK(host.elements("masq4").size() == 2);
  CHECK(host.elements("owners4").size() == 2);
  CHECK(host.elements("owners6").size() == 1);
  const std::uint32_t generation = kernel.table().generation();
  CHECK(add_masquerade(kernel, kOwner, {"10.1.0.2/24", "10.2.0.2/24", "fd00::2/64"}) == "");
  CHECK(kernel.table().generation() == generation);
  for (int i = 0; i < 2; ++i) {
    remove_masquerade(kernel, kOwner);
    for (const char* set : {"masq4", "owners4", "masq6", "owners6"}) CHECK_MESSAGE(host.elements(set).empty(), set);
    CHECK(listed(kernel, "local6") == "fd00::/64 . fd00::/64 of n; ");
  }
}

TEST_CASE("DEL without a table does nothing and creates none") {
  const Host host;
  Kernel kernel;
  remove_masquerade(kernel, kOwner);
  CHECK(!kernel.table().exists());
}

TEST_CASE("DEL keeps the elements of an address that the next container has") {
  const Host host;
  Kernel kernel;
  const net::Owner next{"n", "c2", "eth0"};
  add_masquerade(kernel, kOwner, {"10.1.0.2/24"});
  CHECK(add_masquerade(kernel, next, {"10.1.0.2/24"}) == "");
  CHECK(listed(kernel, "masq4") == "10.1.0.2 of n/c2/eth0; ");
  remove_masquerade(kernel, kOwner);
  CHECK(listed(kernel, "masq4") == "10.1.0.2 of n/c2/eth0; ");
  CHECK(host.elements("owners4").size() == 1);
  remove_masquerade(kernel, next);
  CHECK(host.elements("masq4").empty());
}

TEST_CASE("an ADD with fewer addresses or a larger subnet replaces the old elements") {
  const Host host;
  Kernel kernel;
  add_masquerade(kernel, kOwner, {"10.1.0.2/24", "10.1.0.3/24", "10.2.0.2/24"});
  CHECK(add_masquerade(kernel, kOwner, {"10.1.0.3/16"}) == "");
  CHECK(listed(kernel, "masq4") == "10.1.0.3 of n/c1/eth0; ");
  CHECK(host.elements("owners4").size() == 1);
  CHECK(host.elements("local4").size() == 2);  // 10.2.0.0/24 is the network's, not the attachment's
  remove_masquerade(kernel, kOwner);
  CHECK(host.elements("masq4").empty());
}

TEST_CASE("an operator's pairs in our sets do not prevent a network's own pair") {
  const Host host;
  Kernel kernel;
  add_masquerade(kernel, kOwner, {"10.7.0.2/24"});
  host.run({"nft", "add element inet footbridge local4 { 10.1.0.0/24 . 192.168.0.0/16 comment \"to the office\" }"});
  host.run({"nft", "add element inet footbridge local4 { 10.0.0.5-10.0.0.9 . 192.168.0.0/16 }"});
  CHECK(add_masquerade(kernel, kOwner, {"10.1.0.2/24"}) == "");
  CHECK(kernel.table().find("local4", test::local_pair("10.1.0.0/24").key));
  CHECK(host.elements("local4").size() == 4);
}

TEST_CASE("a dual-stack network has a pair for each family, unless another pair covers it") {
  const Host host;
  Kernel kernel;
  add_masquerade(kernel, kOwner, {"10.1.0.2/24"});
  host.run({"nft", "add element inet footbridge local6 { fd00::/16 . fd00::/16 comment \"all of ours\" }"});
  CHECK(add_masquerade(kernel, {"n", "c2", "eth0"}, {"10.1.0.3/24", "fd00:1::3/64"}) == "");
  CHECK(listed(kernel, "local6") == "fd00::/16 . fd00::/16 of all of ours; ");  // it covers the subnet
  CHECK(listed(kernel, "local4") == "10.1.0.0/24 . 10.1.0.0/24 of n; ");
}

TEST_CASE("DEL deletes exclusions for the owner's single addresses, in both families") {
  const Host host;
  Kernel kernel;
  const std::vector<net::Prefix> addresses = prefixes({"10.1.0.2/32", "fd00::2/128"});
  masquerade::Options wanted;
  wanted.exclude = prefixes({"192.168.0.0/16", "fd99::/16"});
  kernel.apply_with_retry([&] {
    return masquerade::plan_masquerade(kOwner, addresses, wanted,
                                       masquerade::observe(kernel.table(), kOwner, addresses));
  });
  CHECK(host.elements("exclude4").size() == 1);
  CHECK(host.elements("exclude6").size() == 1);
  remove_masquerade(kernel, kOwner);
  CHECK(host.elements("exclude4").empty());
  CHECK(host.elements("exclude6").empty());
}
