// SPDX-License-Identifier: Apache-2.0
// Invalid input: the error names key and value, and nothing is created.
#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::kBridge;

namespace {

struct Bad {
  const char* name;
  std::string plugin;
  std::string config;
  int code;
  std::vector<std::string> parts;  // of msg or details
};

std::string changed(const char* pointer, const Json& value, const std::string& config = kBridge) {
  Json json = Json::parse(config);
  json[Json::json_pointer(pointer)] = value;
  return json.dump();
}

std::string portmap(const Json& mapping) {
  Json json = Json::parse(test::kPortmap);
  json["prevResult"] = {{"cniVersion", "1.0.0"}, {"ips", {{{"address", "10.1.0.2/24"}}}}};
  json["runtimeConfig"]["portMappings"] = Json::array({mapping});
  return json.dump();
}

std::vector<Bad> bad_calls() {
  return {
      {"a string for a number",
       "bridge",
       changed("/mtu", "1500"),
       7,
       {"mtu", "\"1500\"", "0 (default), or 68 to 65535"}},
      {"a number for a boolean", "bridge", changed("/isGateway", 1), 7, {"isGateway", "1", "true or false"}},
      {"a subnet with host bits", "bridge", changed("/ipam/subnet", "10.1.0.7/24"), 7, {"10.1.0.7/24", "10.1.0.0"}},
      {"an invalid subnet", "bridge", changed("/ipam/subnet", "10.1.0.0"), 7, {"subnet", "10.1.0.0"}},
      {"a bridge name of 16 characters",
       "bridge",
       changed("/bridge", "abcdefghijklmnop"),
       7,
       {"bridge", "abcdefghijklmnop"}},
      {"an invalid MAC address",
       "bridge",
       changed("/runtimeConfig/mac", "nonsense"),
       7,
       {"runtimeConfig.mac", "nonsense"}},
      {"an invalid VLAN ID", "bridge", changed("/vlan", 4095), 7, {"invalid VLAN ID 4095", "0 (no VLAN) to 4094"}},
  };
}

std::vector<Bad> bad_mappings() {
  return {
      {"a host port of 70000",
       "portmap",
       portmap({{"hostPort", 70000}, {"containerPort", 80}}),
       7,
       {"runtimeConfig.portMappings[0].hostPort", "70000", "1 to 65535"}},
      {"a host port of 0", "portmap", portmap({{"hostPort", 0}, {"containerPort", 80}}), 7, {"hostPort", "0"}},
      {"an unknown protocol",
       "portmap",
       portmap({{"hostPort", 1}, {"containerPort", 1}, {"protocol", "icmp"}}),
       7,
       {"protocol", "icmp", "tcp, udp, sctp"}},
      {"an invalid hostIP",
       "portmap",
       portmap({{"hostPort", 1}, {"containerPort", 1}, {"hostIP", "x"}}),
       7,
       {"hostIP", "\"x\""}},
  };
}

}  // namespace

TEST_CASE("the error for invalid input names key and value, and nothing is created") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string before = host.snapshot({"x"});
  std::vector<Bad> all = bad_calls();
  for (Bad& bad : bad_mappings()) all.push_back(std::move(bad));
  for (const Bad& bad : all) {
    CAPTURE(bad.name);
    const auto failed = call({bad.plugin, "ADD", "c1", netns, bad.config});
    CHECK(failed.exit_code == 1);
    REQUIRE_MESSAGE(Json::accept(failed.out), failed.out);
    const Json error = failed.json();
    CHECK_MESSAGE(error["code"] == bad.code, failed.out);
    const std::string text = error["msg"].get<std::string>() + " " + error.value("details", "");
    for (const std::string& part : bad.parts)
      CHECK_MESSAGE(text.find(part) != std::string::npos, part << " in " << text);
    CHECK(test::difference(before, host.snapshot({"x"})) == "");
  }
}
