// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/plan.h"

#include <doctest/doctest.h>

#include "lib/ruleset/sets.h"
#include "tests/plugins/portmap/wanted.h"

using portmap::Seen;
using portmap::Wanted;

namespace {

// The plan as commands, without "nft add element inet footbridge " and with the host end's name replaced by HOSTEND: "+
// masq4 { 10.1.0.2 }", "- masq4 { 10.1.0.2 }".
std::string shown(const plan::Plan& plan) {
  std::string text = plan::text(plan);
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from))
      text.replace(at, from.size(), to);
  };
  replace("nft add element inet footbridge ", "+ ");
  replace("nft delete element inet footbridge ", "- ");
  replace(kOwner.host_end().text(), "HOSTEND");
  return text;
}

// The table's elements of a published attachment.
Seen published(const Wanted& of) {
  Seen seen;
  seen.generation = 7;
  seen.ports = of.ports;
  seen.others = of.others;
  for (const net::Prefix& address : of.subnets) {
    seen.local.push_back({ruleset::local_set(address.family()).name, {address.network(), address.network()}, {}, "n"});
  }
  return seen;
}

std::string first(const Wanted& what) { return shown(plan_publish(what, {})); }

}  // namespace

TEST_CASE("a port of an IPv4 container is published on all addresses, and for local clients") {
  CHECK(first(wanted(kWeb)) ==
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }\n"
        "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 1 }\n"
        "+ snat4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "+ localnet { \"cni0\" }\n"
        "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n");
}

TEST_CASE("a port of a dual-stack container is published in both families") {
  CHECK(first(wanted(kWeb, kDual)) ==
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }\n"
        "+ hostport6 { tcp . 8080 comment \"n/c1/eth0\" : fd00::2 . 80 }\n"
        "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 2 }\n"
        "+ snat4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "+ snat6 { fd00::2 comment \"n/c1/eth0\" }\n"
        "+ localnet { \"cni0\" }\n"
        "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n"
        "+ local6 { fd00::/64 . fd00::/64 comment \"n\" }\n");
}

TEST_CASE("an IPv6 container needs no localnet element") {
  CHECK(first(wanted(kWeb, prefixes({"fd00::2/64"}))).find("localnet") == std::string::npos);
}

TEST_CASE("hostIP restricts a port to that address and its family") {
  const std::string text =
      first(wanted(R"({"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "192.168.1.2"},
                                           {"hostPort": 54, "containerPort": 54, "hostIP": "fd99::2"},
                                           {"hostPort": 55, "containerPort": 55, "hostIP": "::"},
                                           {"hostPort": 56, "containerPort": 56, "hostIP": "0.0.0.0"})",
                   kDual));
  CHECK(
      text.starts_with("+ hostip4 { 192.168.1.2 . udp . 53 comment \"n/c1/eth0\" : 10.1.0.2 . 5353 }\n"
                       "+ hostport4 { tcp . 56 comment \"n/c1/eth0\" : 10.1.0.2 . 56 }\n"
                       "+ hostip6 { fd99::2 . tcp . 54 comment \"n/c1/eth0\" : fd00::2 . 54 }\n"
                       "+ hostport6 { tcp . 55 comment \"n/c1/eth0\" : fd00::2 . 55 }\n"
                       "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 4 }\n"));
}

TEST_CASE("nothing is done if no mapping is for the container's families") {
  CHECK(first(wanted(R"({"hostPort": 54, "containerPort": 54, "hostIP": "fd99::2"})")) == "");
  CHECK(first(wanted(kWeb, {})) == "");
  CHECK(first(wanted("")) == "");
}

TEST_CASE("without snat only the port is published") {
  CHECK(first(wanted(kWeb, kV4, R"("snat": false)")) ==
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }\n"
        "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 1 }\n");
}

TEST_CASE("a port of another attachment is an error that names it, and nothing is changed") {
  const Seen seen = published(wanted(kWeb, prefixes({"10.1.0.3/24"}), R"("snat": true)", kOther));
  CHECK(error_of([&] { plan_publish(wanted(kWeb), seen); }) ==
        "101: host port 8080/tcp is already published by n/c2/eth0 [it leads to 10.1.0.3 port 80; choose another "
        "hostPort, "
        "or delete that attachment and try again]");
  const char* const on_one = R"({"hostPort": 53, "containerPort": 53, "protocol": "udp", "hostIP": "192.168.1.2"})";
  const Seen on_address = published(wanted(on_one, prefixes({"10.1.0.3/24"}), R"("snat": true)", kOther));
  CHECK(error_of([&] {
          plan_publish(wanted(on_one), on_address);
        }).starts_with("101: host 192.168.1.2 port 53/udp is already published by n/c2/eth0"));
}

TEST_CASE("a repeated ADD plans nothing") {
  for (const Wanted& what : {wanted(kWeb), wanted(kWeb, kDual), wanted(kWeb, kV4, R"("snat": false)")}) {
    const plan::Plan plan = plan_publish(what, published(what));
    CHECK(shown(plan) == "");
    CHECK(!plan.generation);
  }
}

TEST_CASE("an ADD with other ports replaces those of the first ADD") {
  const plan::Plan plan =
      plan_publish(wanted(R"({"hostPort": 8080, "containerPort": 81}, {"hostPort": 9090, "containerPort": 90})"),
                   published(wanted(std::string(kWeb) + R"(, {"hostPort": 7070, "containerPort": 70},
                                                             {"hostPort": 6060, "containerPort": 60})")));
  CHECK(shown(plan) ==
        "- hostport4 { tcp . 7070 }\n"
        "- hostport4 { tcp . 6060 }\n"
        "- hostport4 { tcp . 8080 }\n"
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 81 }\n"
        "+ hostport4 { tcp . 9090 comment \"n/c1/eth0\" : 10.1.0.2 . 90 }\n"
        "- publishers { \"HOSTEND\" }\n"
        "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 2 }\n");
  CHECK(plan.generation == 7);
}

TEST_CASE("an ADD with another address deletes all elements of the first ADD") {
  CHECK(shown(plan_publish(wanted(kWeb, prefixes({"10.1.0.9/24"})), published(wanted(kWeb)))) ==
        "- snat4 { 10.1.0.2 }\n"
        "- hostport4 { tcp . 8080 }\n"
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.9 . 80 }\n"
        "+ snat4 { 10.1.0.9 comment \"n/c1/eth0\" }\n");
}

TEST_CASE("an ADD without snat stops serving local clients") {
  CHECK(shown(plan_publish(wanted(kWeb, kV4, R"("snat": false)"), published(wanted(kWeb)))) ==
        "- snat4 { 10.1.0.2 }\n");
}

TEST_CASE("an ADD without usable mappings unpublishes those of the first ADD") {
  CHECK(shown(plan_publish(wanted(R"({"hostPort": 54, "containerPort": 54, "hostIP": "fd99::2"})"),
                           published(wanted(kWeb)))) ==
        "- hostport4 { tcp . 8080 }\n"
        "- publishers { \"HOSTEND\" }\n"
        "- snat4 { 10.1.0.2 }\n");
}

TEST_CASE("an address of a gone owner is taken over") {
  Seen seen;
  seen.generation = 9;
  seen.others = {{"snat4", {nft::value(kV4[0].address)}, {}, kOther.comment()}};
  const plan::Plan plan = plan_publish(wanted(kWeb), seen);
  CHECK(shown(plan).find("- snat4 { 10.1.0.2 }\n+ snat4 { 10.1.0.2 comment \"n/c1/eth0\" }\n") != std::string::npos);
  CHECK(plan.generation == 9);
}

TEST_CASE("only a plan that deletes elements requires an unchanged generation") {
  CHECK(!plan_publish(wanted(kWeb), {}).generation);
}

TEST_CASE("DEL deletes only the owner's elements") {
  Seen seen = published(wanted(kWeb));
  const Seen others =
      published(wanted(R"({"hostPort": 1, "containerPort": 1})", prefixes({"10.1.0.3/24"}), R"("snat": true)", kOther));
  seen.ports.insert(seen.ports.end(), others.ports.begin(), others.ports.end());
  seen.others.insert(seen.others.end(), others.others.begin(), others.others.end());
  const plan::Plan plan = plan_unpublish(kOwner, seen);
  CHECK(shown(plan) ==
        "- hostport4 { tcp . 8080 }\n"
        "- publishers { \"HOSTEND\" }\n"
        "- snat4 { 10.1.0.2 }\n");
  CHECK(plan.generation == 7);
}

TEST_CASE("DEL of an attachment without ports does nothing") {
  CHECK(portmap::plan_unpublish(kOwner, {}).empty());
  CHECK(!portmap::plan_unpublish(kOwner, {}).generation);
}

TEST_CASE("a port is taken over if its owner is gone or if it leads to our own address") {
  Seen seen;
  seen.ports = {{"hostport4",
                 {nft::Protocol{6}, nft::Port{8080}},
                 {net::Prefix::parse("10.1.0.9/32").value(), nft::Port{80}},
                 kOther.comment()}};
  const Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80})");
  CHECK_THROWS_AS(plan_publish(publish, seen), cni::Error);
  seen.gone_owners = {kOther.comment()};
  const std::string text = plan::text(plan_publish(publish, seen));
  CHECK(text.find("nft delete element inet footbridge hostport4 { tcp . 8080 }") != std::string::npos);
  CHECK(text.find("hostport4 { tcp . 8080 comment \"" + kOwner.comment() + "\" : 10.1.0.2 . 80 }") !=
        std::string::npos);
  seen.gone_owners.clear();
  seen.ports[0].data = {net::Prefix::parse("10.1.0.2/32").value(), nft::Port{81}};
  CHECK_NOTHROW(plan_publish(publish, seen));
}

TEST_CASE("a map of conditions is created once, and a lost rule is restored") {
  const Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80},
                                   {"hostPort": 81, "containerPort": 80, "hostIP": "192.168.1.2"})",
                                kV4, R"("conditionsV4": ["!", "-s", "10.9.0.0/16"])");
  const auto& needed = publish.conditions;
  const std::string text = plan::text(plan_publish(publish, {}));
  CHECK(text.find("nft add map inet footbridge " + needed.at(0).map_name()) == 0);
  CHECK(text.find("nft add map inet footbridge " + needed.at(1).map_name()) != std::string::npos);
  Seen seen;
  seen.conditions = {{needed[0], 7}, {needed[1], 8}};
  CHECK(plan::text(plan_publish(publish, seen)).find("add map") == std::string::npos);
  seen.conditions = {{needed[0], 7}, {needed[1], std::nullopt}};
  const std::string repaired = plan::text(plan_publish(publish, seen));
  CHECK(repaired.find("add map") == std::string::npos);
  CHECK(repaired.find(
            "nft add rule inet footbridge conditions ip saddr != 10.9.0.0/16 ip daddr 192.168.1.2 dnat ip to meta "
            "l4proto . th dport map @" +
            needed[1].map_name()) == 0);
}

TEST_CASE("masqAll adds the container's address to masqall, but not without snat") {
  CHECK(first(wanted(kWeb, kV4, R"("masqAll": true)")).find("masqall4 { 10.1.0.2 ") != std::string::npos);
  CHECK(first(wanted(kWeb, kV4, R"("masqAll": true, "snat": false)")).find("masqall4") == std::string::npos);
}

namespace {

const net::Owner kSibling{"m", "c1", "eth1"};  // the same container on another network

std::string standby(const net::Owner& owner, const std::string& address) {
  return "standby4 { 0.0.0.0 . tcp . 8080 . 0 . \"" + owner.host_end().text() + "\"" +
         (address.empty() ? " }" : " comment \"" + owner.text() + "\" : " + address + " . 80 . 0 }");
}

ruleset::Element port(const net::Owner& owner, const std::string& address) {
  return {"hostport4",
          {nft::Protocol{6}, nft::Port{8080}},
          {net::Prefix::parse(address + "/32").value(), nft::Port{80}},
          owner.comment()};
}

}  // namespace

TEST_CASE("an ADD stands by for a port of another attachment of the container") {
  Seen seen;
  seen.generation = 7;
  seen.ports = {port(kSibling, "10.2.0.2")};
  seen.siblings = {kSibling.comment()};
  const plan::Plan first = plan_publish(wanted(kWeb), seen);
  CHECK(plan::text(first).starts_with("nft add element inet footbridge " + standby(kOwner, "10.1.0.2") + "\n"));
  CHECK(shown(first).find("+ snat4 { 10.1.0.2 comment \"n/c1/eth0\" }\n") != std::string::npos);
  CHECK(first.generation == 7);  // the sibling's port must still exist
  seen.ports.push_back(portmap::standby_of(port(kOwner, "10.1.0.2")));
  seen.others = wanted(kWeb).others;
  seen.local = published(wanted(kWeb)).local;
  CHECK(shown(plan_publish(wanted(kWeb), seen)) == "");  // a repeated ADD
  SUBCASE("and takes it over if the other attachment is gone") {
    seen.gone_owners.swap(seen.siblings);
    CHECK(plan::text(plan_publish(wanted(kWeb), seen)) ==
          "nft delete element inet footbridge " + standby(kOwner, "") +
              "\nnft delete element inet footbridge hostport4 { tcp . 8080 }\n"
              "nft add element inet footbridge hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }\n");
  }
}

TEST_CASE("a port that its owner no longer publishes passes to the attachment that stands by, in the same plan") {
  Seen seen = published(wanted(kWeb));
  seen.successors = {port(kSibling, "10.2.0.2"), port({"o", "c1", "eth2"}, "10.3.0.2")};
  const std::string handed =
      "nft delete element inet footbridge hostport4 { tcp . 8080 }\n"
      "nft delete element inet footbridge " +
      standby(kSibling, "") +
      "\n"
      "nft add element inet footbridge hostport4 { tcp . 8080 comment \"m/c1/eth1\" : 10.2.0.2 . 80 }\n";
  CHECK(plan::text(plan_unpublish(kOwner, seen)).starts_with(handed));
  CHECK(plan::text(plan_publish(wanted(R"({"hostPort": 81, "containerPort": 80})"), seen)).starts_with(handed));
  CHECK(portmap::plan_take_over(seen).empty());
  seen.gone_owners = {kOwner.comment()};
  CHECK(plan::text(portmap::plan_take_over(seen)) == handed);
}
