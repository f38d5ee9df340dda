// SPDX-License-Identifier: Apache-2.0
// Accept rules in the host's own filters, which iptables(8), ip6tables(8), iptables-legacy(8) and nft(8) create.
#include "plugins/firewall/forward.h"

#include <sstream>

#include <doctest/doctest.h>

#include "lib/plan/kernel.h"
#include "tests/netns/lib/ruleset.h"

using firewall::ForwardSeen;
using net::Family;
using test::TablePlace;

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};
const std::vector<Family> kBoth{Family::v4, Family::v6};
const std::vector<net::Prefix> kAddresses{test::prefix("10.1.0.2/24"), test::prefix("fd00::2/64")};

const char* const kFrom = "-A FORWARD -s 10.1.0.2/32 -m comment --comment \"n/c1/eth0\" -j ACCEPT\n";
const char* const kTo =
    "-A FORWARD -d 10.1.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment \"n/c1/eth0\" -j "
    "ACCEPT\n";

struct Filtered : TablePlace {
  plan::Kernel kernel;

  void sh(const std::string& commands) const {
    std::istringstream lines(commands);
    for (std::string line; std::getline(lines, line, ';');) host.run({"sh", "-c", line});
  }
  void nft(const std::string& ruleset) const {
    const auto made = host.try_run({}, {"nft", "-f", "-"}, ruleset + "\n");
    REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  }
  [[nodiscard]] std::string printed(const std::string& command = "iptables") const {
    return host.run({command, "-S", "FORWARD"});
  }
  ForwardSeen observe() { return firewall::observe_forward(kernel.netfilter(), kOwner, kBoth, false); }
  std::string planned() { return text(plan_forward(kOwner, kAddresses, observe())); }
  void add_rules() {
    kernel.apply_with_retry([&] { return plan_forward(kOwner, kAddresses, observe()); });
  }
  void delete_rules() {
    kernel.apply_with_retry(
        [&] { return plan_no_forward(firewall::observe_forward_rules(kernel.netfilter(), kOwner)); });
  }
};

}  // namespace

TEST_CASE("a host that drops nothing gets no rules") {
  Filtered place;
  CHECK(place.planned().empty());
  place.sh("iptables -A FORWARD -s 10.9.0.0/16 -j DROP; ip6tables -P FORWARD ACCEPT");
  CHECK(place.planned().empty());
  CHECK(place.observe().others.empty());
}

TEST_CASE("with policy drop, rules are appended, iptables -S prints them, and they are deleted again") {
  Filtered place;
  place.sh(
      "iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; ip6tables -P FORWARD "
      "DROP");
  const std::string before = place.printed();
  place.add_rules();
  CHECK(place.printed() == before + kFrom + kTo);
  CHECK(place.printed("ip6tables").find("-A FORWARD -s fd00::2/128 -m comment") != std::string::npos);
  CHECK(place.planned().empty());  // a second time
  place.delete_rules();
  CHECK(place.printed() == before);
  CHECK(place.printed("ip6tables") == "-P FORWARD DROP\n");
  place.delete_rules();
}

TEST_CASE("the rules equal those that iptables writes, and iptables can delete them") {
  Filtered place;
  place.sh("iptables -P FORWARD DROP");
  place.sh("iptables -A FORWARD -s 10.1.0.2 -m comment --comment n/c1/eth0 -j ACCEPT");
  place.sh(
      "iptables -A FORWARD -d 10.1.0.2 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment n/c1/eth0 "
      "-j ACCEPT");
  CHECK(place.planned().empty());
  place.delete_rules();
  place.add_rules();
  place.sh("iptables -D FORWARD -s 10.1.0.2 -m comment --comment n/c1/eth0 -j ACCEPT");
  CHECK(place.printed() == "-P FORWARD DROP\n" + std::string(kTo));
  CHECK(place.planned() == "nft add rule ip filter FORWARD ip saddr 10.1.0.2 counter accept comment \"n/c1/eth0\"\n");
}

TEST_CASE("rules are inserted before a drop, even if that is inside another chain") {
  Filtered place;
  place.sh(
      "iptables -N theirs; iptables -A theirs -j REJECT; iptables -A FORWARD -s 10.9.0.0/16 -j DROP; iptables -A "
      "FORWARD -j theirs; iptables -A FORWARD -d 10.8.0.0/16 -j ACCEPT");
  place.add_rules();
  CHECK(place.printed() == "-P FORWARD ACCEPT\n-A FORWARD -s 10.9.0.0/16 -j DROP\n" + std::string(kFrom) + kTo +
                               "-A FORWARD -j theirs\n-A FORWARD -d 10.8.0.0/16 -j ACCEPT\n");
}

TEST_CASE("rules move to before a drop that was inserted before them") {
  Filtered place;
  place.sh("iptables -P FORWARD DROP");
  place.add_rules();
  place.sh("iptables -I FORWARD -j DROP");
  CHECK(!place.planned().empty());
  place.add_rules();
  CHECK(place.printed() == "-P FORWARD DROP\n" + std::string(kFrom) + kTo + "-A FORWARD -j DROP\n");
}

TEST_CASE("rules for an owner's old address are deleted; other owners' rules stay") {
  Filtered place;
  place.sh(
      "iptables -P FORWARD DROP; iptables -A FORWARD -s 10.1.0.9 -m comment --comment n/c1/eth0 -j ACCEPT; iptables -A "
      "FORWARD -s 10.1.0.8 -m comment --comment n/c2/eth0 -j ACCEPT");
  place.add_rules();
  CHECK(place.printed() == "-P FORWARD DROP\n-A FORWARD -s 10.1.0.8/32 -m comment --comment \"n/c2/eth0\" -j ACCEPT\n" +
                               std::string(kFrom) + kTo);
  const net::Attachments alive("n", {kOwner});
  place.kernel.apply_with_retry([&] {
    const auto abandoned = firewall::observe_abandoned_forward_rules(place.kernel.netfilter(), alive);
    CHECK(foreign::lines(abandoned.rules).size() == 1);
    return plan_no_forward(abandoned);
  });
  CHECK(place.printed() == "-P FORWARD DROP\n" + std::string(kFrom) + kTo);
}

TEST_CASE("a drop in another table is reported with advice; it is certain if the table accepts nothing new") {
  Filtered place;
  place.nft(R"(
    table inet strict { chain forward {
      type filter hook forward priority 0; policy drop; ct state established accept; }; }
    table ip6 mild { chain f6 { type filter hook forward priority 0; ip6 saddr fd00::/64 accept; counter reject; }; }
    table inet mail { chain forward { type filter hook forward priority 0; tcp dport 25 drop; }; }
    table inet near { chain input { type filter hook input priority 0; policy drop; }; })");
  const ForwardSeen seen = place.observe();
  CHECK(text(plan_forward(kOwner, kAddresses, seen)).empty());
  REQUIRE(seen.others.size() == 2);
  CHECK(seen.others[0] == firewall::ForwardDrop{Family::v6, {10, "mild", "f6"}, false});
  CHECK(seen.others[1] == firewall::ForwardDrop{std::nullopt, {1, "strict", "forward"}, true});
  CHECK(advice(seen.others[1], std::vector{test::prefix("10.1.0.2/24")})
            .find("nft insert rule inet strict forward ip saddr 10.1.0.0/24 accept") != std::string::npos);
  CHECK(advice(seen.others[0], {}).find("ip6 mild f6 drops what none of its rules accepts") != std::string::npos);
  const std::vector<Family> v4{Family::v4};
  CHECK(firewall::observe_forward(place.kernel.netfilter(), kOwner, v4, false).others.size() == 1);
}

TEST_CASE("the command in the advice adds accept rules") {
  Filtered place;
  place.nft("table inet t { chain f { type filter hook forward priority 0; policy drop; }; }");
  const std::string text = advice(place.observe().others.at(0), kAddresses);
  place.sh(text.substr(text.find(": ") + 2));
  CHECK(place.host.run({"nft", "list", "chain", "inet", "t", "f"}).find("ip6 saddr fd00::/64 accept") !=
        std::string::npos);
}

TEST_CASE("firewalld's table is ignored while firewalld runs") {
  Filtered place;
  place.nft("table inet firewalld { chain filter_FORWARD { type filter hook forward priority 10; reject; }; }");
  CHECK(place.observe().others.size() == 1);
  CHECK(firewall::observe_forward(place.kernel.netfilter(), kOwner, kBoth, true).others.empty());
}

TEST_CASE("rules of iptables-legacy are read; its tables are never created") {
  Filtered place;
  CHECK(place.observe().others.empty());
  // The file does not exist before the module is loaded.
  CHECK(place.host.try_run({}, {"cat", "/proc/thread-self/net/ip_tables_names"}).out.empty());
  if (place.host.try_run({}, {"iptables-legacy", "-P", "FORWARD", "ACCEPT"}).exit_code != 0) {
    MESSAGE("SKIP: this kernel has no iptables-legacy");
    return;
  }
  place.sh(
      "iptables-legacy -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT; iptables-legacy -A FORWARD -i lo -j "
      "DROP");
  CHECK(place.observe().others.empty());
  place.sh("iptables-legacy -P FORWARD DROP");
  REQUIRE(place.observe().others.size() == 1);
  CHECK(place.observe().others[0] == firewall::ForwardDrop{Family::v4, {2, "", "FORWARD"}, true});
  place.sh("iptables-legacy -A FORWARD -s 10.7.0.0/16 -j ACCEPT");
  CHECK(!place.observe().others.at(0).is_certain);
  CHECK(advice(place.observe().others[0], kAddresses).find("iptables-legacy -I FORWARD -s 10.1.0.0/24 -j ACCEPT") !=
        std::string::npos);
}

TEST_CASE("a catch-all of iptables-legacy is found inside a chain and behind a goto") {
  Filtered place;
  if (place.host.try_run({}, {"ip6tables-legacy", "-N", "theirs"}).exit_code != 0) {
    MESSAGE("SKIP: this kernel has no ip6tables-legacy");
    return;
  }
  place.sh("ip6tables-legacy -N other; ip6tables-legacy -A other -p tcp -j DROP; ip6tables-legacy -A theirs -j REJECT");
  place.sh("ip6tables-legacy -A FORWARD -j other");
  CHECK(place.observe().others.empty());
  place.sh("ip6tables-legacy -A FORWARD -g theirs");
  REQUIRE(place.observe().others.size() == 1);
  CHECK(place.observe().others[0].family == Family::v6);
  place.sh("ip6tables-legacy -I theirs -j RETURN");
  CHECK(place.observe().others.empty());
}
