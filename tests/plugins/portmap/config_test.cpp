// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/config.h"

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"
#include "tests/lib/cni/call.h"

namespace {

cni::Request request_with(const std::string& keys) {
  return request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap")" + (keys.empty() ? "" : ", " + keys) +
                    "}");
}

std::string mappings(const std::string& list) { return R"("runtimeConfig": {"portMappings": [)" + list + "]}"; }

// "[hostIP ]hostPort/protocol to containerPort" of each mapping, joined with ", ".
std::string text(const std::vector<portmap::Mapping>& all) {
  std::string result;
  for (const portmap::Mapping& one : all) {
    result += (result.empty() ? "" : ", ") + (one.host_ip ? one.host_ip->text() + " " : "") +
              std::to_string(one.host_port) + "/" + nft::text(one.protocol) + " to " +
              std::to_string(one.container_port);
  }
  return result;
}

std::string parsed(const std::string& list) {
  return text(portmap::parse_config(request_with(mappings(list))).mappings);
}

std::string rejection(const std::string& keys) {
  return error_of([&] { portmap::parse_config(request_with(keys)); });
}

std::string mapping_rejection(const std::string& list) { return rejection(mappings(list)); }

std::string leniently(const std::string& keys) { return text(portmap::parse_leniently(request_with(keys)).mappings); }

std::string addresses(const std::string& json) {
  const auto result = cni::parse_result(cni::Json::parse(json), cni::Version::v1_0_0, "prevResult");
  std::string all;
  for (const net::Prefix& one : portmap::container_addresses(result, "eth0")) all += one.text() + " ";
  return all;
}

}  // namespace

TEST_CASE("without mappings nothing is published") {
  CHECK(portmap::parse_config(request_with("")).mappings.empty());
  CHECK(portmap::parse_config(request_with(R"("runtimeConfig": {})")).mappings.empty());
  CHECK(portmap::parse_config(request_with(R"("runtimeConfig": null)")).mappings.empty());
  CHECK(portmap::parse_config(request_with(R"("runtimeConfig": {"portMappings": null})")).mappings.empty());
  CHECK(parsed("") == "");
}

TEST_CASE("mappings of Podman and containerd are read") {
  CHECK(parsed(R"({"hostPort": 8080, "containerPort": 80, "protocol": "tcp"})") == "8080/tcp to 80");
  CHECK(parsed(R"({"HostPort": 8080, "ContainerPort": 80, "Protocol": "udp", "HostIP": ""})") == "8080/udp to 80");
  CHECK(parsed(R"({"hostPort": 1, "containerPort": 65535}, {"hostPort": 65535, "containerPort": 1})") ==
        "1/tcp to 65535, 65535/tcp to 1");
}

TEST_CASE("protocols are matched in any case, and the default is tcp") {
  const auto protocol = [](const std::string& value) {
    return parsed(R"({"hostPort": 1, "containerPort": 2, "protocol": )" + value + "}");
  };
  CHECK(protocol("\"TCP\"") == "1/tcp to 2");
  CHECK(protocol("\"Udp\"") == "1/udp to 2");
  CHECK(protocol("\"SCTP\"") == "1/sctp to 2");
  CHECK(protocol("\"\"") == "1/tcp to 2");
  CHECK(protocol("null") == "1/tcp to 2");
  CHECK(
      mapping_rejection(R"({"hostPort": 1, "containerPort": 2, "protocol": "icmp"})") ==
      "7: failed to load netconf: runtimeConfig.portMappings[0].protocol: bad value \"icmp\"; allowed: tcp, udp, sctp");
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 2, "protocol": 6})") ==
        "7: failed to load netconf: runtimeConfig.portMappings[0].protocol: 6 is a number; allowed: a string");
}

TEST_CASE("hostIP may be an address of either family") {
  const auto host_ip = [](const std::string& value) {
    return parsed(R"({"hostPort": 1, "containerPort": 2, "hostIP": )" + value + "}");
  };
  CHECK(host_ip("\"192.168.1.2\"") == "192.168.1.2 1/tcp to 2");
  CHECK(host_ip("\"FD00::2\"") == "fd00::2 1/tcp to 2");
  CHECK(host_ip("\"\"") == "1/tcp to 2");
  CHECK(host_ip("null") == "1/tcp to 2");
  CHECK(host_ip("\"0.0.0.0\"") == "0.0.0.0 1/tcp to 2");
  CHECK(host_ip("\"::\"") == ":: 1/tcp to 2");
  for (const char* bad : {"\"192.168.1\"", "\"localhost\"", "\"10.0.0.1/24\""}) {
    CHECK(mapping_rejection(std::string(R"({"hostPort": 1, "containerPort": 2, "hostIP": )") + bad + "}") ==
          "7: failed to load netconf: runtimeConfig.portMappings[0].hostIP: bad value " + std::string(bad) +
              "; allowed: an IPv4 or IPv6 address, or \"\" for all addresses of the host");
  }
}

TEST_CASE("an unspecified hostIP means all addresses of its family") {
  const auto config = portmap::parse_config(request_with(mappings(
      R"({"hostPort": 1, "containerPort": 2, "hostIP": "0.0.0.0"}, {"hostPort": 1, "containerPort": 2, "hostIP": "::"},
         {"hostPort": 1, "containerPort": 2}, {"hostPort": 1, "containerPort": 2, "hostIP": "10.0.0.1"})")));
  CHECK(config.mappings[0].serves(net::Family::v4));
  CHECK(!config.mappings[0].serves(net::Family::v6));
  CHECK(!config.mappings[0].is_on_one_address());
  CHECK(!config.mappings[1].serves(net::Family::v4));
  CHECK(config.mappings[1].serves(net::Family::v6));
  CHECK((config.mappings[2].serves(net::Family::v4) && config.mappings[2].serves(net::Family::v6)));
  CHECK(config.mappings[3].is_on_one_address());
}

TEST_CASE("both ports are required, from 1 to 65535") {
  const std::string begin = "7: failed to load netconf: runtimeConfig.portMappings[";
  const std::string allowed = "; allowed: an integer from 1 to 65535";
  CHECK(mapping_rejection(R"({"hostPort": 70000, "containerPort": 2})") ==
        begin + "0].hostPort: bad value 70000" + allowed);
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 0})") ==
        begin + "0].containerPort: bad value 0" + allowed);
  CHECK(mapping_rejection(R"({"hostPort": -1, "containerPort": 2})") == begin + "0].hostPort: bad value -1" + allowed);
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 2}, {"containerPort": 2})") ==
        begin + "1].hostPort: it is missing" + allowed);
  CHECK(mapping_rejection(R"({"hostPort": 1})") == begin + "0].containerPort: it is missing" + allowed);
  CHECK(mapping_rejection(R"({"hostPort": "80", "containerPort": 2})").starts_with(begin + "0].hostPort: \"80\""));
  CHECK(mapping_rejection(R"({"hostPort": 80.5, "containerPort": 2})").starts_with(begin + "0].hostPort: 80.5"));
  CHECK(mapping_rejection("7").starts_with(begin + "0]: 7 is a number"));
  CHECK(rejection(R"("runtimeConfig": {"portMappings": {}})").starts_with("7: failed to load netconf: runtimeConfig."));
}

TEST_CASE("local clients are served unless snat is false") {
  CHECK(portmap::parse_config(request_with("")).snat);
  CHECK(portmap::parse_config(request_with(R"("snat": null)")).snat);
  CHECK(!portmap::parse_config(request_with(R"("snat": false)")).snat);
  CHECK(rejection(R"("snat": "no")").starts_with("7: failed to load netconf: snat: "));
}

TEST_CASE("the reference's backends are accepted, others are rejected") {
  for (const char* good : {"\"\"", "null", "\"nftables\"", "\"iptables\""}) {
    CHECK(rejection(std::string("\"backend\": ") + good) == "");
  }
  CHECK(rejection(R"("backend": "ipfw")") == "7: unrecognized backend \"ipfw\" [backend: allowed: iptables, nftables]");
}

TEST_CASE("the keys of marks are accepted without effect, but not together") {
  CHECK(rejection(R"("markMasqBit": 13)") == "");
  CHECK(rejection(R"("externalSetMarkChain": "KUBE-MARK-MASQ")") == "");
  CHECK(rejection(R"("markMasqBit": 13, "externalSetMarkChain": "X")")
            .starts_with("7: Cannot specify externalSetMarkChain and markMasqBit"));
  CHECK(rejection(R"("markMasqBit": 32)").starts_with("7: failed to load netconf: markMasqBit: bad value 32"));
}

TEST_CASE("a range is a number of consecutive ports on both sides") {
  CHECK(parsed(R"({"hostPort": 8000, "containerPort": 80, "range": 3, "protocol": "udp"})") ==
        "8000/udp to 80, 8001/udp to 81, 8002/udp to 82");
  CHECK(parsed(R"({"hostPort": 8000, "containerPort": 80, "range": 1})") == "8000/tcp to 80");
  CHECK(parsed(R"({"hostPort": 8000, "containerPort": 80, "range": 0})") == "8000/tcp to 80");
  CHECK(parsed(R"({"hostPort": 65534, "containerPort": 1, "range": 2})") == "65534/tcp to 1, 65535/tcp to 2");
}

TEST_CASE("a range must not exceed the last port, and a container has at most 65535 ports") {
  const std::string begin = "7: failed to load netconf: runtimeConfig.portMappings[";
  CHECK(mapping_rejection(R"({"hostPort": 65534, "containerPort": 1, "range": 3})").starts_with(begin + "0].range: "));
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 65534, "range": 3})").starts_with(begin + "0].range: "));
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 1, "range": -1})").starts_with(begin + "0].range: "));
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 1, "range": "2"})").starts_with(begin + "0].range: "));
  CHECK(mapping_rejection(R"({"hostPort": 1, "containerPort": 1, "range": 65535},
                           {"hostPort": 1, "containerPort": 1, "protocol": "udp"})")
            .starts_with(begin + "1].hostPort: "));
}

TEST_CASE("masqAll and the conditions of each family are read") {
  CHECK(portmap::parse_config(request_with(R"("masqAll": true)")).masq_all);
  CHECK(!portmap::parse_config(request_with("")).masq_all);
  const auto config = portmap::parse_config(
      request_with(R"("conditionsV4": ["!", "-s", "10.0.0.0/8"], "conditionsV6": ["ip6", "saddr", "fd00::/8"])"));
  CHECK(ruleset::Conditions{net::Family::v4, config.conditions4.packet.at(0)}.text() == "ip saddr != 10.0.0.0/8");
  CHECK(ruleset::Conditions{net::Family::v6, config.conditions6.packet.at(0)}.text() == "ip6 saddr fd00::/8");
  CHECK(rejection(R"("conditionsV4": [], "conditionsV6": null)") == "");
}

TEST_CASE("hostIP counts towards the length of the conditions' comment") {
  const std::string conditions = R"("conditionsV6": ["-s", "fd00:1111:2222:3333:4444:5555:6666:7777", "-i", "eth0",)"
                                 R"("-d", "fd00:1111:2222:3333:4444:5555:6666:8888"], )";
  const std::string open = R"({"hostPort": 8080, "containerPort": 80})";
  const std::string on_one =
      R"({"hostPort": 8080, "containerPort": 80, "hostIP": "fd00:1234:5678:9abc:def0:1234:5678:9abc"})";
  CHECK_NOTHROW(portmap::parse_config(request_with(conditions + mappings(open))));
  const std::string text = rejection(conditions + mappings(on_one));
  CHECK(text.starts_with("7: failed to load netconf: conditionsV6: bad value \"ip6 saddr fd00:1111:"));
  CHECK(text.ends_with("allowed: at most 127 bytes in this form, including hostIP"));
}

TEST_CASE("DEL ignores invalid conditions") {
  CHECK(leniently(R"("conditionsV4": ["-j", "ACCEPT"], )" + mappings(R"({"hostPort": 1, "containerPort": 2})")) ==
        "1/tcp to 2");
}

TEST_CASE("DEL uses the mappings that are valid") {
  CHECK(leniently(mappings(R"({"hostPort": 1, "containerPort": 2}, {"hostPort": 70000, "containerPort": 2}, 7,
                              {"hostPort": 3, "containerPort": 4, "protocol": "udp"})")) == "1/tcp to 2, 3/udp to 4");
  CHECK(leniently("") == "");
  CHECK(leniently(R"("runtimeConfig": 7)") == "");
  CHECK(leniently(R"("runtimeConfig": {"portMappings": "x"})") == "");
  CHECK(leniently(R"("RuntimeConfig": {"PortMappings": [{"HostPort": 1, "ContainerPort": 2}]})") == "1/tcp to 2");
}

TEST_CASE("ports lead to the first address of each family on the container's interface") {
  const std::string interfaces = R"({"cniVersion": "1.0.0", "interfaces": [{"name": "cni0"},
      {"name": "eth0", "sandbox": "/run/netns/x"}, {"name": "eth1", "sandbox": "/run/netns/x"}, {"name": "eth0"}],
      "ips": )";
  CHECK(
      addresses(interfaces + R"([{"address": "10.9.0.2/24", "interface": 2}, {"address": "fd00::2/64", "interface": 1},
      {"address": "10.1.0.2/24", "interface": 1}, {"address": "10.1.0.3/24", "interface": 1}]})") ==
      "10.1.0.2/24 fd00::2/64 ");
  CHECK(addresses(interfaces + R"([{"address": "10.1.0.1/24", "interface": 0}]})") == "");
  CHECK(addresses(interfaces + R"([{"address": "10.1.0.1/24", "interface": 3}]})") ==
        "");  // on a host interface with that name
  CHECK(addresses(interfaces + "[]}") == "");
}

TEST_CASE("an address without an interface counts as the container's") {
  CHECK(addresses(R"({"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24"}]})") == "10.1.0.2/24 ");
  CHECK(addresses(R"({"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24", "interface": 9}]})") == "10.1.0.2/24 ");
  CHECK(addresses(R"({"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24", "interface": -1}]})") ==
        "10.1.0.2/24 ");
}
