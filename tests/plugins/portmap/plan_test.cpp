#include "plugins/portmap/plan.h"

#include <doctest/doctest.h>

#include "lib/ruleset/sets.h"
#include "tests/lib/cni/call.h"

using portmap::Seen;
using portmap::Wanted;

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};
const net::Owner kOther{"n", "c2", "eth0"};
const char* const kWeb = R"({"hostPort": 8080, "containerPort": 80})";

std::vector<net::Prefix> prefixes(const std::vector<std::string>& texts) {
  std::vector<net::Prefix> result;
  for (const std::string& text : texts) result.push_back(net::Prefix::parse(text).value());
  return result;
}

const std::vector<net::Prefix> kV4 = prefixes({"10.1.0.2/24"});
const std::vector<net::Prefix> kDual = prefixes({"10.1.0.2/24", "fd00::2/64"});

// A container of that owner, reached by cni0, with these mappings as a runtime writes them.
Wanted wanted(const std::string& mappings, const std::vector<net::Prefix>& addresses = kV4,
              const std::string& keys = R"("snat": true)", const net::Owner& owner = kOwner) {
  const std::string config = R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap", )" + keys +
                             R"(, "runtimeConfig": {"portMappings": [)" + mappings + "]}}";
  cni::Environment environment = environment_of("ADD");
  environment["CNI_CONTAINERID"] = owner.container_id;
  Wanted result{portmap::parse_config(request_of(config, environment)), addresses, {}};
  if (result.config.snat && !addresses.empty() && addresses.front().address.is_v4()) result.localnet_link = "cni0";
  return result;
}

// The plan as an operator would type it, without "nft add element inet footbridge " and with the host end's name as
// HOSTEND: "+ masq4 { 10.1.0.2 }", "- masq4 { 10.1.0.2 }".
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

// What the table holds for an attachment once it is published.
Seen published(const Wanted& of) {
  Seen seen;
  seen.generation = 7;
  seen.published = portmap::published_elements(of);
  seen.others = portmap::other_elements(of, seen.published);
  for (const net::Prefix& address : of.addresses) {
    seen.local.push_back({ruleset::local_set(address.family()).name, {address.network(), address.network()}, {}, "n"});
  }
  return seen;
}

std::string first(const Wanted& what) { return shown(plan_publish(what, {})); }

}  // namespace

TEST_CASE("a port of an IPv4 container is published everywhere, for local clients too") {
  CHECK(first(wanted(kWeb)) ==
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }\n"
        "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 1 }\n"
        "+ snat4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "+ localnet { \"cni0\" }\n"
        "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n");
}

TEST_CASE("a port of a container with both families is published in both") {
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

TEST_CASE("an IPv6 container has no localhost to serve") {
  CHECK(first(wanted(kWeb, prefixes({"fd00::2/64"}))).find("localnet") == std::string::npos);
}

TEST_CASE("a host address restricts a port to it and to its family") {
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

TEST_CASE("nothing is done where no mapping serves the container's family") {
  CHECK(first(wanted(R"({"hostPort": 54, "containerPort": 54, "hostIP": "fd99::2"})")) == "");
  CHECK(first(wanted(kWeb, {})) == "");
  CHECK(first(wanted("")) == "");
}

TEST_CASE("without snat only the port is published") {
  CHECK(first(wanted(kWeb, kV4, R"("snat": false)")) ==
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }\n"
        "+ publishers { \"HOSTEND\" comment \"n/c1/eth0\" : 1 }\n");
}

TEST_CASE("the same mapping twice is one, and two that contradict each other are an error") {
  CHECK(portmap::published_elements(wanted(std::string(kWeb) + "," + kWeb)).size() == 1);
  CHECK(portmap::published_elements(
            wanted(std::string(kWeb) + R"(, {"hostPort": 8080, "containerPort": 80, "hostIP": "0.0.0.0"})"))
            .size() == 1);
  CHECK(error_of([] { first(wanted(std::string(kWeb) + R"(, {"hostPort": 8080, "containerPort": 81})")); }) ==
        "7: runtimeConfig.portMappings: host port 8080/tcp is mapped to two ports of the container: 10.1.0.2 . 80 and "
        "10.1.0.2 . 81");
  CHECK(error_of([] {
          first(wanted(R"({"hostPort": 1, "containerPort": 1, "hostIP": "10.0.0.1"},
                          {"hostPort": 1, "containerPort": 2, "hostIP": "10.0.0.1"})"));
        }).starts_with("7: runtimeConfig.portMappings: host 10.0.0.1 port 1/tcp is mapped to two ports"));
}

TEST_CASE("a port of another protocol or on another address is another port") {
  CHECK(portmap::published_elements(wanted(std::string(kWeb) +
                                           R"(, {"hostPort": 8080, "containerPort": 81, "protocol": "udp"},
                                               {"hostPort": 8080, "containerPort": 82, "hostIP": "10.0.0.1"},
                                               {"hostPort": 8080, "containerPort": 83, "hostIP": "10.0.0.2"})"))
            .size() == 4);
}

TEST_CASE("a port that somebody else publishes is told with its owner, and nothing is changed") {
  const Seen seen = published(wanted(kWeb, prefixes({"10.1.0.3/24"}), R"("snat": true)", kOther));
  CHECK(error_of([&] { plan_publish(wanted(kWeb), seen); }) ==
        "101: host port 8080/tcp is already published by n/c2/eth0 [it goes to 10.1.0.3 . 80; choose another hostPort, "
        "or delete that container first]");
  const char* const on_one = R"({"hostPort": 53, "containerPort": 53, "protocol": "udp", "hostIP": "192.168.1.2"})";
  const Seen on_address = published(wanted(on_one, prefixes({"10.1.0.3/24"}), R"("snat": true)", kOther));
  CHECK(error_of([&] {
          plan_publish(wanted(on_one), on_address);
        }).starts_with("101: host 192.168.1.2 port 53/udp is already published by n/c2/eth0"));
}

TEST_CASE("the same ADD again plans nothing") {
  for (const Wanted& what : {wanted(kWeb), wanted(kWeb, kDual), wanted(kWeb, kV4, R"("snat": false)")}) {
    const plan::Plan plan = plan_publish(what, published(what));
    CHECK(shown(plan) == "");
    CHECK(!plan.generation);
  }
}

TEST_CASE("an ADD with other ports replaces those of the first") {
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

TEST_CASE("an ADD with another address leaves nothing of the first") {
  CHECK(shown(plan_publish(wanted(kWeb, prefixes({"10.1.0.9/24"})), published(wanted(kWeb)))) ==
        "- snat4 { 10.1.0.2 }\n"
        "- hostport4 { tcp . 8080 }\n"
        "+ hostport4 { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.9 . 80 }\n"
        "+ snat4 { 10.1.0.9 comment \"n/c1/eth0\" }\n");
}

TEST_CASE("an ADD without snat no longer serves local clients") {
  CHECK(shown(plan_publish(wanted(kWeb, kV4, R"("snat": false)"), published(wanted(kWeb)))) ==
        "- snat4 { 10.1.0.2 }\n");
}

TEST_CASE("an ADD whose mappings serve nobody withdraws those of the first") {
  CHECK(shown(plan_publish(wanted(R"({"hostPort": 54, "containerPort": 54, "hostIP": "fd99::2"})"),
                           published(wanted(kWeb)))) ==
        "- hostport4 { tcp . 8080 }\n"
        "- publishers { \"HOSTEND\" }\n"
        "- snat4 { 10.1.0.2 }\n");
}

TEST_CASE("an address whose former owner is gone is taken over") {
  Seen seen;
  seen.generation = 9;
  seen.others = {{"snat4", {nft::value(kV4[0].address)}, {}, kOther.comment()}};
  const plan::Plan plan = plan_publish(wanted(kWeb), seen);
  CHECK(shown(plan).find("- snat4 { 10.1.0.2 }\n+ snat4 { 10.1.0.2 comment \"n/c1/eth0\" }\n") != std::string::npos);
  CHECK(plan.generation == 9);
}

TEST_CASE("only a plan that removes something depends on what was seen") {
  CHECK(!plan_publish(wanted(kWeb), {}).generation);
}

TEST_CASE("DEL withdraws what is the owner's and nothing else") {
  Seen seen = published(wanted(kWeb));
  const Seen others =
      published(wanted(R"({"hostPort": 1, "containerPort": 1})", prefixes({"10.1.0.3/24"}), R"("snat": true)", kOther));
  seen.published.insert(seen.published.end(), others.published.begin(), others.published.end());
  seen.others.insert(seen.others.end(), others.others.begin(), others.others.end());
  const plan::Plan plan = plan_withdraw(kOwner, seen);
  CHECK(shown(plan) ==
        "- hostport4 { tcp . 8080 }\n"
        "- publishers { \"HOSTEND\" }\n"
        "- snat4 { 10.1.0.2 }\n");
  CHECK(plan.generation == 7);
}

TEST_CASE("DEL of an attachment that published nothing does nothing") {
  CHECK(portmap::plan_withdraw(kOwner, {}).empty());
  CHECK(!portmap::plan_withdraw(kOwner, {}).generation);
}

TEST_CASE("an element says what it publishes and to where") {
  const auto elements = portmap::published_elements(
      wanted(R"({"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "192.168.1.2"},
                {"hostPort": 80, "containerPort": 8080})"));
  const portmap::Mapping on_one = portmap::mapping_of(elements.at(0));
  CHECK(on_one.host_ip->text() == "192.168.1.2");
  CHECK(on_one.host_port == 53);
  CHECK(on_one.container_port == 5353);
  CHECK(nft::text(on_one.protocol) == "udp");
  const portmap::Mapping everywhere = portmap::mapping_of(elements.at(1));
  CHECK(!everywhere.host_ip);
  CHECK(everywhere.host_port == 80);
  CHECK(everywhere.container_port == 8080);
  CHECK(portmap::target_of(elements.at(1)).address.text() == "10.1.0.2");
}

TEST_CASE("a mapping has a key in the maps of the families that it serves") {
  const auto keys = [](const std::string& mapping) {
    std::string text;
    for (const ruleset::Element& key :
         portmap::keys_of(wanted(mapping).config, wanted(mapping).config.mappings.at(0))) {
      text += std::string(key.set) + " " + nft::text(key.key) + "; ";
    }
    return text;
  };
  CHECK(keys(kWeb) == "hostport4 tcp . 8080; hostport6 tcp . 8080; ");
  CHECK(keys(R"({"hostPort": 1, "containerPort": 1, "hostIP": "0.0.0.0"})") == "hostport4 tcp . 1; ");
  CHECK(keys(R"({"hostPort": 1, "containerPort": 1, "hostIP": "::"})") == "hostport6 tcp . 1; ");
  CHECK(keys(R"({"hostPort": 1, "containerPort": 1, "hostIP": "fd99::2"})") == "hostip6 fd99::2 . tcp . 1; ");
}

TEST_CASE("a port of an owner that is gone is taken over, and so is one that leads to our own address") {
  Seen seen;
  seen.published = {{"hostport4",
                     {nft::Protocol{6}, nft::Port{8080}},
                     {net::Prefix::parse("10.1.0.9/32").value(), nft::Port{80}},
                     kOther.comment()}};
  const Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80})");
  CHECK_THROWS_AS(plan_publish(publish, seen), cni::Error);
  seen.gone = {kOther.comment()};
  const std::string text = plan::text(plan_publish(publish, seen));
  CHECK(text.find("nft delete element inet footbridge hostport4 { tcp . 8080 }") != std::string::npos);
  CHECK(text.find("hostport4 { tcp . 8080 comment \"" + kOwner.comment() + "\" : 10.1.0.2 . 80 }") !=
        std::string::npos);
  seen.gone.clear();
  seen.published[0].data = {net::Prefix::parse("10.1.0.2/32").value(), nft::Port{81}};
  CHECK_NOTHROW(plan_publish(publish, seen));
}

TEST_CASE("a publisher says how many elements it has, and whether its host end is of ours") {
  Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80, "range": 3})");
  publish.has_host_end = true;
  const auto published = published_elements(publish);
  const auto others = other_elements(publish, published);
  CHECK(published.size() == 3);
  CHECK(portmap::published_count(others.at(0)) == 3);
  CHECK(portmap::has_host_end(others.at(0)));
  publish.has_host_end = false;
  CHECK(!portmap::has_host_end(other_elements(publish, published).at(0)));
}

TEST_CASE("ports under conditions are in the map of these conditions, which is made once") {
  Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80},
                             {"hostPort": 81, "containerPort": 80, "hostIP": "192.168.1.2"})");
  publish.config.conditions4 = portmap::parse_conditions("conditionsV4", net::Family::v4, {"!", "-s", "10.9.0.0/16"});
  const auto published = published_elements(publish);
  const auto needed = conditions_of(publish);
  REQUIRE(needed.size() == 2);
  CHECK(needed[0].text() == "ip saddr != 10.9.0.0/16");
  CHECK(needed[1].text() == "ip saddr != 10.9.0.0/16 ip daddr 192.168.1.2");
  CHECK(published.at(0).set == needed[0].map_name());
  CHECK(published.at(1).set == needed[1].map_name());
  const std::string text = plan::text(plan_publish(publish, {}));
  CHECK(text.find("nft add map inet footbridge " + needed[0].map_name()) == 0);
  Seen seen;
  seen.conditions = {{needed[0], 7}, {needed[1], 8}};
  CHECK(plan::text(plan_publish(publish, seen)).find("add map") == std::string::npos);
  seen.conditions = {{needed[0], 7}, {needed[1], std::nullopt}};
  const std::string mended = plan::text(plan_publish(publish, seen));
  CHECK(mended.find("add map") == std::string::npos);
  CHECK(mended.find(
            "nft add rule inet footbridge conditions ip saddr != 10.9.0.0/16 ip daddr 192.168.1.2 dnat ip to meta "
            "l4proto . th dport map @" +
            needed[1].map_name()) == 0);
}

TEST_CASE("a port that its conditions exclude is not published") {
  Wanted publish =
      wanted(R"({"hostPort": 8080, "containerPort": 80}, {"hostPort": 53, "containerPort": 53, "protocol": "udp"})");
  publish.config.conditions4 = portmap::parse_conditions("conditionsV4", net::Family::v4, {"-p", "udp"});
  const auto published = published_elements(publish);
  REQUIRE(published.size() == 1);
  CHECK(published[0].set == "hostport4");
  CHECK(portmap::mapping_of(published[0]).host_port == 53);
}

TEST_CASE("with masqAll the container's address is in masqall too, but not without snat") {
  Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80})");
  publish.config.masq_all = true;
  CHECK(plan::text(plan_publish(publish, {})).find("masqall4 { 10.1.0.2 ") != std::string::npos);
  publish.config.snat = false;
  CHECK(plan::text(plan_publish(publish, {})).find("masqall4") == std::string::npos);
}
