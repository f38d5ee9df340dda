// SPDX-License-Identifier: Apache-2.0
// Plans of the firewall plugin for various states of the tables.
#include "plugins/firewall/plan.h"

#include <linux/netfilter.h>

#include <doctest/doctest.h>

using firewall::IngressPolicy;
using firewall::PolicySeen;
using firewall::Port;

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};
const Port kPort{"cni0", "veth1"};

const ruleset::Element kPoliced{"policed", {std::string("cni0")}, {}, "n"};
const ruleset::Element kWithin{"within", {std::string("cni0"), std::string("cni0")}, {}, "n"};
const ruleset::Element kIsolated{"isolated", {std::string("veth1")}, {}, "n/c1/eth0"};

ruleset::Element of(ruleset::Element element, const std::string& comment) {
  element.comment = comment;
  return element;
}

std::string planned(IngressPolicy policy, const PolicySeen& seen) {
  return text(firewall::plan_policy(kOwner, kPort, policy, seen));
}

firewall::Wanted wanted(const std::vector<const char*>& addresses) {
  firewall::Wanted wanted;
  wanted.config.owner = kOwner;
  wanted.config.admin_chain = "CNI-ADMIN";
  for (const char* address : addresses) wanted.addresses.push_back(net::Prefix::parse(address).value());
  wanted.port = kPort;
  return wanted;
}

}  // namespace

TEST_CASE("a policy is added, kept, changed and deleted") {
  CHECK(planned(IngressPolicy::open, {}).empty());
  CHECK(planned(IngressPolicy::same_bridge, {}) ==
        "nft add element inet footbridge policed { \"cni0\" comment \"n\" }\n"
        "nft add element inet footbridge within { \"cni0\" . \"cni0\" comment \"n\" }\n");
  CHECK(planned(IngressPolicy::isolated, {}) ==
        "nft add element inet footbridge policed { \"cni0\" comment \"n\" }\n"
        "nft add element bridge footbridge isolated { \"veth1\" comment \"n/c1/eth0\" }\n");
  const PolicySeen same{7, {kPoliced, kWithin}, {}};
  const PolicySeen isolated{7, {kPoliced}, kIsolated};
  CHECK(planned(IngressPolicy::same_bridge, same).empty());
  CHECK(planned(IngressPolicy::isolated, isolated).empty());
  CHECK(planned(IngressPolicy::isolated, same) ==
        "nft delete element inet footbridge within { \"cni0\" . \"cni0\" }\n"
        "nft add element bridge footbridge isolated { \"veth1\" comment \"n/c1/eth0\" }\n");
  CHECK(planned(IngressPolicy::open, isolated) ==
        "nft delete element inet footbridge policed { \"cni0\" }\n"
        "nft delete element bridge footbridge isolated { \"veth1\" }\n");
}

TEST_CASE("another network's policy is kept if it is as strict, and replaced by a stricter one") {
  const PolicySeen isolated{7, {of(kPoliced, "other")}, {}};
  CHECK(planned(IngressPolicy::open, isolated) ==
        "nft add element bridge footbridge isolated { \"veth1\" comment \"n/c1/eth0\" }\n");
  CHECK(planned(IngressPolicy::isolated, isolated) == planned(IngressPolicy::open, isolated));
  const PolicySeen same{7, {of(kPoliced, "other"), of(kWithin, "other")}, {}};
  CHECK(planned(IngressPolicy::open, same).empty());
  CHECK(planned(IngressPolicy::same_bridge, same).empty());
  CHECK(planned(IngressPolicy::isolated, same).find("delete element inet footbridge within") != std::string::npos);
}

TEST_CASE("a port's isolation is deleted with its owner, and kept for another owner") {
  CHECK(text(firewall::plan_no_isolation(kOwner, {7, {}, kIsolated})) ==
        "nft delete element bridge footbridge isolated { \"veth1\" }\n");
  CHECK(firewall::plan_no_isolation(kOwner, {7, {}, of(kIsolated, "n/c2/eth0")}).empty());
  CHECK(firewall::plan_no_isolation(kOwner, {}).empty());
}

TEST_CASE("the first ADD creates the administrator's chain and adds the addresses") {
  const std::string first = text(plan_rules(wanted({"10.1.0.2/24", "fd00::2/64"}), {}));
  CHECK(first.find("nft add chain inet footbridge CNI-ADMIN") == 0);
  CHECK(first.find("nft add element inet footbridge forward4 { 10.1.0.2 comment \"n/c1/eth0\" }") != std::string::npos);
  CHECK(first.find("nft add element inet footbridge forwarded6 { \"" + kOwner.host_end().text()) != std::string::npos);
  firewall::Seen seen;
  seen.has_admin_chain = seen.has_admin_jump = true;
  CHECK(plan_rules(wanted({}), seen).empty());
}

TEST_CASE("rules are added to an iptables chain that drops, for the address's family, before the drop") {
  firewall::Seen seen;
  seen.has_admin_chain = seen.has_admin_jump = true;
  seen.forward.iptables = {{{NFPROTO_IPV4, "filter", "FORWARD"}, true, 7, {}, {}},
                           {{NFPROTO_IPV6, "filter", "FORWARD"}, false, 0, {}, {}}};
  const std::string plan = text(plan_rules(wanted({"10.1.0.2/24", "fd00::2/64"}), seen));
  CHECK(plan.find("nft insert rule ip filter FORWARD handle 7 ip saddr 10.1.0.2 counter accept") != std::string::npos);
  CHECK(plan.find("ip daddr 10.1.0.2 xt match conntrack") != std::string::npos);
  CHECK(plan.find("ip6 filter") == std::string::npos);
}

TEST_CASE("a plan that relies on an existing policy requires an unchanged generation") {
  firewall::Seen seen;
  seen.has_admin_chain = seen.has_admin_jump = true;
  seen.addresses.generation = 9;
  seen.policy = {9, {kPoliced, kWithin}, {}};
  firewall::Wanted open = wanted({"10.1.0.2/24"});
  firewall::Wanted same = open;
  same.config.policy = IngressPolicy::same_bridge;
  CHECK(plan_rules(same, seen).generation == 9);
  seen.policy = {};
  CHECK(!plan_rules(open, seen).generation);
}
