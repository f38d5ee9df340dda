// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/portmap/wanted.h"

#include <doctest/doctest.h>

TEST_CASE("duplicate mappings count once, and contradictory mappings are rejected") {
  const std::string web(kWeb);
  CHECK(wanted(web + "," + web).ports.size() == 1);
  CHECK(wanted(web + R"(, {"hostPort": 8080, "containerPort": 80, "hostIP": "0.0.0.0"})").ports.size() == 1);
  CHECK(
      error_of([&] { wanted(web + R"(, {"hostPort": 8080, "containerPort": 81})"); }) ==
      "7: runtimeConfig.portMappings: host port 8080/tcp is mapped to two ports of the container: 10.1.0.2 port 80 and "
      "10.1.0.2 port 81 [allowed: one container port for each host port]");
  CHECK(error_of([] {
          wanted(R"({"hostPort": 1, "containerPort": 1, "hostIP": "10.0.0.1"},
                    {"hostPort": 1, "containerPort": 2, "hostIP": "10.0.0.1"})");
        }).starts_with("7: runtimeConfig.portMappings: host 10.0.0.1 port 1/tcp is mapped to two ports"));
}

TEST_CASE("mappings with another protocol or hostIP are separate ports") {
  CHECK(wanted(std::string(kWeb) + R"(, {"hostPort": 8080, "containerPort": 81, "protocol": "udp"},
                                        {"hostPort": 8080, "containerPort": 82, "hostIP": "10.0.0.1"},
                                        {"hostPort": 8080, "containerPort": 83, "hostIP": "10.0.0.2"})")
            .ports.size() == 4);
}

TEST_CASE("an element contains host port and target") {
  const auto ports = wanted(R"({"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "192.168.1.2"},
                               {"hostPort": 80, "containerPort": 8080})")
                         .ports;
  const portmap::Mapping on_one = portmap::mapping_of(ports.at(0));
  CHECK(on_one.host_ip->text() == "192.168.1.2");
  CHECK(on_one.host_port == 53);
  CHECK(on_one.container_port == 5353);
  CHECK(nft::text(on_one.protocol) == "udp");
  const portmap::Mapping everywhere = portmap::mapping_of(ports.at(1));
  CHECK(!everywhere.host_ip);
  CHECK(everywhere.host_port == 80);
  CHECK(everywhere.container_port == 8080);
  CHECK(portmap::target_of(ports.at(1)).address.text() == "10.1.0.2");
}

TEST_CASE("a mapping has a key in the maps of its families") {
  const auto keys = [](const std::string& mapping) {
    std::string text;
    for (const ruleset::Element& key : portmap::keys_of(config(mapping))) {
      text += std::string(key.set) + " " + nft::text(key.key) + "; ";
    }
    return text;
  };
  CHECK(keys(kWeb) == "hostport4 tcp . 8080; hostport6 tcp . 8080; ");
  CHECK(keys(R"({"hostPort": 1, "containerPort": 1, "hostIP": "0.0.0.0"})") == "hostport4 tcp . 1; ");
  CHECK(keys(R"({"hostPort": 1, "containerPort": 1, "hostIP": "::"})") == "hostport6 tcp . 1; ");
  CHECK(keys(R"({"hostPort": 1, "containerPort": 1, "hostIP": "fd99::2"})") == "hostip6 fd99::2 . tcp . 1; ");
}

TEST_CASE("an element of publishers contains the number of ports, and whether the host end is ours") {
  const portmap::Config range = config(R"({"hostPort": 8080, "containerPort": 80, "range": 3})");
  const auto publisher = wanted_elements(range, {kV4, "cni0", true}).others.at(0);
  CHECK(portmap::port_count(publisher) == 3);
  CHECK(portmap::has_host_end(publisher));
  const auto without_link = wanted_elements(range, {kV4, "cni0", false}).others.at(0);
  CHECK(portmap::port_count(without_link) == 3);
  CHECK(!portmap::has_host_end(without_link));
}

TEST_CASE("an element is a port only if it is in a map of ports") {
  const portmap::Wanted both = wanted(std::string(kWeb) + R"(, {"hostPort": 81, "containerPort": 80, "hostIP": "::1"})",
                                      kDual, R"("masqAll": true, "conditionsV4": ["-i", "eth0"])");
  for (const ruleset::Element& port : both.ports) CHECK(portmap::is_port(port));
  CHECK(both.ports.size() == 3);
  for (const ruleset::Element& other : both.others) CHECK(!portmap::is_port(other));
  CHECK(both.others.size() == 6);
}

TEST_CASE("each list of conditions appears once, and its ports are in its map") {
  const portmap::Wanted publish = wanted(R"({"hostPort": 8080, "containerPort": 80},
                                            {"hostPort": 8081, "containerPort": 81},
                                            {"hostPort": 81, "containerPort": 80, "hostIP": "192.168.1.2"})",
                                         kV4, R"("conditionsV4": ["!", "-s", "10.9.0.0/16"])");
  REQUIRE(publish.conditions.size() == 2);
  CHECK(publish.conditions[0].text() == "ip saddr != 10.9.0.0/16");
  CHECK(publish.conditions[1].text() == "ip saddr != 10.9.0.0/16 ip daddr 192.168.1.2");
  CHECK(publish.ports.at(0).set == publish.conditions[0].map_name());
  CHECK(publish.ports.at(1).set == publish.conditions[0].map_name());
  CHECK(publish.ports.at(2).set == publish.conditions[1].map_name());
}

TEST_CASE("a port that the conditions exclude is not published") {
  const auto ports = wanted(std::string(kWeb) + R"(, {"hostPort": 53, "containerPort": 53, "protocol": "udp"})", kV4,
                            R"("conditionsV4": ["-p", "udp"])")
                         .ports;
  REQUIRE(ports.size() == 1);
  CHECK(ports[0].set == "hostport4");
  CHECK(portmap::mapping_of(ports[0]).host_port == 53);
}

TEST_CASE("pairs of subnets need snat and a published port") {
  CHECK(wanted(kWeb, kDual).subnets == kDual);
  CHECK(wanted(kWeb, kDual, R"("snat": false)").subnets.empty());
  CHECK(wanted(R"({"hostPort": 54, "containerPort": 54, "hostIP": "fd99::2"})").subnets.empty());
}

TEST_CASE("an element that stands by has a unique key for each map, and can be converted back to the port") {
  const std::string mappings = R"({"hostPort": 80, "containerPort": 8080},
                                  {"hostPort": 81, "containerPort": 8081, "protocol": "udp", "hostIP": "192.168.1.2"},
                                  {"hostPort": 82, "containerPort": 8082, "protocol": "sctp", "hostIP": "fd99::2"})";
  for (const char* keys : {R"("snat": true)", R"("conditionsV4": ["!", "-s", "10.9.0.0/16"],
                                                 "conditionsV6": ["!", "-s", "fd09::/16"])"}) {
    const auto ports = wanted(mappings, kDual, keys).ports;
    CHECK(ports.size() == 4);
    for (const ruleset::Element& port : ports) CHECK(portmap::port_of(portmap::standby_of(port)) == port);
  }
  CHECK(text(ruleset::AddElement{portmap::standby_of(wanted(kWeb, kDual).ports.at(1))}) ==
        "add element inet footbridge standby6 { :: . tcp . 8080 . 0 . \"" + kOwner.host_end().text() +
            "\" comment \"n/c1/eth0\" : fd00::2 . 80 . 0 }");
}

TEST_CASE("ports that stand by under two lists of conditions are separate elements") {
  const auto ports = wanted(R"({"hostPort": 80, "containerPort": 8080, "hostIP": "192.168.1.2"},
                               {"hostPort": 80, "containerPort": 8080, "hostIP": "192.168.1.3"})",
                            kV4, R"("conditionsV4": ["!", "-s", "10.9.0.0/16"])")
                         .ports;
  CHECK(portmap::standby_of(ports.at(0)).key != portmap::standby_of(ports.at(1)).key);
}
