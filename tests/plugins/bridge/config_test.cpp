// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/config.h"

#include <vector>

#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using test::config_with;

namespace {

std::string rejection(const std::string& keys, const std::string& cni_args = {}) {
  return error_of([&] { config_with(keys, cni_args); });
}

std::string mac_with(const std::string& keys, const std::string& cni_args) {
  const auto mac = config_with(keys, cni_args).mac;
  return mac ? mac->text() : "none";
}

struct Flag {
  const char* key;
  bool bridge::Config::*member;
};

const std::vector<Flag> kFlags{
    {"isGateway", &bridge::Config::is_gateway},
    {"isDefaultGateway", &bridge::Config::is_default_gateway},
    {"forceAddress", &bridge::Config::force_address},
    {"ipMasq", &bridge::Config::ip_masq},
    {"hairpinMode", &bridge::Config::hairpin},
    {"promiscMode", &bridge::Config::promiscuous},
    {"portIsolation", &bridge::Config::port_isolation},
    {"macspoofchk", &bridge::Config::checks_macs},
    {"enabledad", &bridge::Config::detect_duplicates},
    {"disableContainerInterface", &bridge::Config::leave_interface_down},
};

}  // namespace

TEST_CASE("without keys the configuration has the reference's defaults") {
  const bridge::Config config = config_with("");
  CHECK(config.bridge.text() == "cni0");
  CHECK(config.mtu.bytes == 0);
  CHECK(!config.mac);
  CHECK(!config.dns);
  CHECK(!config.has_ipam);
  for (const Flag& flag : kFlags) CHECK_MESSAGE(!(config.*flag.member), flag.key);
}

TEST_CASE("the owner is network, container and interface") {
  const bridge::Config config = config_with("");
  CHECK(config.owner.text() == "n/c1/eth0");
  CHECK(config.ifname.text() == "eth0");
}

TEST_CASE("each switch has its own key and is true, false or null") {
  for (const Flag& flag : kFlags) {
    const std::string key = std::string("\"") + flag.key + "\": ";
    for (const Flag& other : kFlags) {
      const bool implied = other.key == std::string("isGateway") && flag.key == std::string("isDefaultGateway");
      CHECK_MESSAGE(config_with(key + "true").*other.member == (other.key == flag.key || implied), flag.key);
    }
    CHECK_MESSAGE(!(config_with(key + "false").*flag.member), flag.key);
    CHECK_MESSAGE(!(config_with(key + "null").*flag.member), flag.key);
    CHECK(rejection(key + "\"true\"") ==
          "7: failed to load netconf: " + std::string(flag.key) + ": \"true\" is a string; allowed: true or false");
    CHECK_MESSAGE(!rejection(key + "1").empty(), flag.key);
  }
}

TEST_CASE("isDefaultGateway implies isGateway") {
  CHECK(config_with(R"("isDefaultGateway": true, "isGateway": false)").is_gateway);
}

TEST_CASE("keys are matched without regard to case") {
  CHECK(config_with(R"("BRIDGE": "br1")").bridge.text() == "br1");
  CHECK(config_with(R"("isgateway": true)").is_gateway);
  CHECK(config_with(R"("IpMasq": true)").ip_masq);
  CHECK(config_with(R"("MTU": 1400)").mtu.bytes == 1400);
  CHECK(config_with(R"("mtu": 1400, "MTU": 1300)").mtu.bytes == 1400);
}

TEST_CASE("unknown keys are ignored") {
  CHECK(config_with(R"("capabilities": {"mac": true}, "colour": 7)").bridge.text() == "cni0");
}

TEST_CASE("the bridge's name must be a valid interface name") {
  CHECK(config_with(R"("bridge": "br-0123456789ab")").bridge.text() == "br-0123456789ab");
  CHECK(config_with(R"("bridge": null)").bridge.text() == "cni0");
  const std::string begin = "7: failed to load netconf: bridge: bad value ";
  for (const char* bad : {"\"br-0123456789abc\"", "\"\"", "\"a/b\"", "\"a b\"", "\"a:b\"", "\".\"", "\"..\""}) {
    const std::string text = rejection(std::string("\"bridge\": ") + bad);
    CHECK_MESSAGE(text.starts_with(begin + bad), text);
    CHECK_MESSAGE(text.find("1 to 15 bytes") != std::string::npos, text);
  }
  CHECK(rejection(R"("bridge": 7)") == "7: failed to load netconf: bridge: 7 is a number; allowed: a string");
}

TEST_CASE("queues are at least one, and at most what the kernel accepts") {
  CHECK(config_with("").queues == 0);
  CHECK(config_with(R"("queues": 4096)").queues == 4096);
  const std::string allowed = "; allowed: an integer from 1 to 4096";
  CHECK(rejection(R"("queues": 0)") == "7: failed to load netconf: queues: bad value 0" + allowed);
  CHECK(rejection(R"("queues": 4097)") == "7: failed to load netconf: queues: bad value 4097" + allowed);
}

TEST_CASE("the MTU is a number of bytes that a link accepts") {
  CHECK(config_with(R"("mtu": "auto")").mtu.is_auto);
  CHECK(!config_with(R"("mtu": 1400)").mtu.is_auto);
  CHECK(config_with(R"("mtu": 0)").mtu.bytes == 0);
  CHECK(config_with(R"("mtu": -1)").mtu.bytes == 0);  // as in the reference, which ignores negative values
  CHECK(config_with(R"("mtu": 65535)").mtu.bytes == 65535);
  const std::string allowed = "; allowed: \"auto\", or an integer: 0 (default), or 68 to 65535";
  CHECK(rejection(R"("mtu": 65536)") == "7: failed to load netconf: mtu: bad value 65536" + allowed);
  CHECK(rejection(R"("mtu": -65536)") == "7: failed to load netconf: mtu: bad value -65536" + allowed);
  for (const char* bad : {"\"1500\"", "1500.5", "true", "[]", "18446744073709551615", "1e300"}) {
    CHECK_MESSAGE(rejection(std::string("\"mtu\": ") + bad).starts_with("7: failed to load netconf: mtu: "), bad);
  }
}

TEST_CASE("runtimeConfig's MAC address precedes that of args.cni, which precedes that of CNI_ARGS") {
  const std::string runtime = R"("runtimeConfig": {"mac": "0a:58:00:00:00:01"})";
  const std::string convention = R"("args": {"cni": {"mac": "0a:58:00:00:00:02"}})";
  const std::string args = "IgnoreUnknown=1;K8S_POD_NAME=p;MAC=0a:58:00:00:00:03";
  CHECK(mac_with(runtime + ", " + convention, args) == "0a:58:00:00:00:01");
  CHECK(mac_with(convention, args) == "0a:58:00:00:00:02");
  CHECK(mac_with("", args) == "0a:58:00:00:00:03");
  CHECK(mac_with("", "") == "none");
  CHECK(mac_with(R"("runtimeConfig": {"mac": ""}, )" + convention, args) == "0a:58:00:00:00:02");
  CHECK(mac_with(R"("runtimeConfig": null, "args": {"cni": null})", args) == "0a:58:00:00:00:03");
  CHECK(mac_with(R"("runtimeConfig": {"Mac": "0A-58-00-00-00-0F"})", "") == "0a:58:00:00:00:0f");
}

TEST_CASE("an invalid MAC address is rejected, and the error names its key") {
  const std::string allowed = "; allowed: a unicast MAC address like 0a:58:0a:01:00:02";
  for (const char* bad : {"01:00:5e:00:00:01", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "0a:58:0a:01:00", "x"}) {
    const std::string value = std::string("bad value \"") + bad + "\"" + allowed;
    CHECK(rejection(R"("runtimeConfig": {"mac": ")" + std::string(bad) + "\"}") ==
          "7: failed to load netconf: runtimeConfig.mac: " + value);
    CHECK(rejection(R"("args": {"cni": {"mac": ")" + std::string(bad) + "\"}}") ==
          "7: failed to load netconf: args.cni.mac: " + value);
    CHECK(rejection("", std::string("MAC=") + bad) == "7: failed to load netconf: MAC in CNI_ARGS: " + value);
  }
  CHECK(rejection(R"("runtimeConfig": {"mac": 7})") ==
        "7: failed to load netconf: runtimeConfig.mac: 7 is a number; allowed: a string");
}

TEST_CASE("unknown CNI_ARGS are rejected, as in the reference") {
  CHECK(rejection("", "COLOUR=red").starts_with("4: ARGS: unknown args"));
}

TEST_CASE("an empty dns key counts as absent") {
  CHECK(!config_with(R"("dns": {})").dns);
  CHECK(!config_with(R"("dns": null)").dns);
  const auto dns = config_with(R"("dns": {"nameservers": ["10.1.0.1"], "search": ["a.example", "b.example"]})").dns;
  REQUIRE(dns);
  CHECK(dns->nameservers == std::vector<std::string>{"10.1.0.1"});
  CHECK(dns->search.size() == 2);
}

TEST_CASE("IPAM is configured if ipam.type is set") {
  CHECK(config_with(R"("ipam": {"type": "host-local"})").has_ipam);
  CHECK(!config_with(R"("ipam": {})").has_ipam);
  CHECK(!config_with(R"("ipam": {"type": ""})").has_ipam);
  CHECK(!config_with(R"("ipam": null)").has_ipam);
}

TEST_CASE("the reference's masquerading backends are accepted, others are rejected") {
  for (const char* good : {"\"\"", "null", "\"nftables\"", "\"iptables\""}) {
    CHECK(rejection(std::string("\"ipMasqBackend\": ") + good) == "");
  }
  CHECK(rejection(R"("ipMasqBackend": "ipfw")") ==
        "7: unknown ipmasq backend \"ipfw\" [ipMasqBackend: allowed: iptables, nftables]");
}

TEST_CASE("conflicting modes are rejected") {
  CHECK(rejection(R"("hairpinMode": true, "promiscMode": true)")
            .starts_with("7: cannot set hairpin mode and promiscuous mode at the same time"));
  CHECK(rejection(R"("disableContainerInterface": true, "ipam": {"type": "host-local"})")
            .starts_with("7: cannot use IPAM when DisableContainerInterface flag is set"));
  CHECK(rejection(R"("disableContainerInterface": true, "ipam": {})") == "");
}

TEST_CASE("ipspoofchk implies macspoofchk") {
  const std::string ipam = R"(, "ipam": {"type": "host-local"})";
  const auto checks = [](const std::string& keys) {
    const bridge::Config config = config_with(keys);
    return std::string(config.checks_macs ? "MAC" : "") + (config.checks_addresses ? " IP" : "");
  };
  CHECK(checks(R"("macspoofchk": true)") == "MAC");
  CHECK(checks(R"("ipspoofchk": true)" + ipam) == "MAC IP");
  CHECK(checks(R"("ipspoofchk": true, "macspoofchk": false)" + ipam) == "MAC IP");
  CHECK(checks(R"("ipspoofchk": false, "macspoofchk": true)" + ipam) == "MAC");
  CHECK(checks(R"("ipspoofchk": false)") == "");
}

TEST_CASE("ipspoofchk is rejected without IPAM and with a VLAN trunk") {
  CHECK(rejection(R"("ipspoofchk": true)").starts_with("7: cannot check IP addresses without IPAM"));
  CHECK(rejection(R"("ipspoofchk": true, "ipam": {})").starts_with("7: cannot check IP addresses without IPAM"));
  CHECK(rejection(R"("ipspoofchk": true, "ipam": {"type": "host-local"}, "vlanTrunk": [{"id": 7}])")
            .starts_with("7: cannot check IP addresses in a VLAN trunk"));
  CHECK(rejection(R"("ipspoofchk": true, "ipam": {"type": "host-local"}, "vlanTrunk": [])") == "");
}
