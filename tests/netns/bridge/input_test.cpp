// Bad input: an error that names the key and the value, and nothing is made.
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
  std::vector<std::string> says;  // in msg or details
  std::string id = "c1";
  std::string ifname = "eth0";
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
  Json nameless = Json::parse(kBridge);
  nameless.erase("name");
  return {
      {"not JSON", "bridge", "{\"name\": ", 6, {"error unmarshall network config"}},
      {"nothing", "bridge", "", 6, {"unexpected end of JSON input"}},
      {"no name", "bridge", nameless.dump(), 7, {"missing network name"}},
      {"a name with a slash",
       "bridge",
       changed("/name", "a/b"),
       7,
       {"invalid characters found in network name", "a/b"}},
      {"an unknown version", "bridge", changed("/cniVersion", "0.5.0"), 1, {"incompatible CNI versions", "\"0.5.0\""}},
      {"a string for a number",
       "bridge",
       changed("/mtu", "1500"),
       7,
       {"mtu", "\"1500\"", "integer from -65535 to 65535"}},
      {"a number for a boolean", "bridge", changed("/isGateway", 1), 7, {"isGateway", "1", "true or false"}},
      {"a subnet with host bits", "bridge", changed("/ipam/subnet", "10.1.0.7/24"), 7, {"10.1.0.7/24", "10.1.0.0"}},
      {"a subnet that is none", "bridge", changed("/ipam/subnet", "10.1.0.0"), 7, {"subnet", "10.1.0.0"}},
      {"a bridge name of 16 characters",
       "bridge",
       changed("/bridge", "abcdefghijklmnop"),
       7,
       {"bridge", "abcdefghijklmnop"}},
      {"a MAC that is none", "bridge", changed("/runtimeConfig/mac", "nonsense"), 7, {"runtimeConfig.mac", "nonsense"}},
      {"hairpin and promiscuous", "bridge", changed("/promiscMode", true), 7, {"hairpin mode and promiscuous mode"}},
      {"a VLAN that there is not", "bridge", changed("/vlan", 4095), 7, {"invalid VLAN ID 4095", "0 to 4094"}},
      {"an unknown backend", "bridge", changed("/ipMasqBackend", "pf"), 7, {"unknown ipmasq backend \"pf\""}},
      {"an interface name of 16 characters",
       "bridge",
       kBridge,
       4,
       {"interface name is too long", "abcdefghijklmnop"},
       "c1",
       "abcdefghijklmnop"},
      {"a container id with a slash", "bridge", kBridge, 4, {"invalid characters in containerID", "a/b"}, "a/b"},
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
      {"a host address that is none",
       "portmap",
       portmap({{"hostPort", 1}, {"containerPort", 1}, {"hostIP", "x"}}),
       7,
       {"hostIP", "\"x\""}},
      {"no chain before it",
       "portmap",
       R"({"cniVersion":"1.0.0","name":"n","type":"portmap"})",
       7,
       {"must be called as chained plugin"}},
  };
}

}  // namespace

TEST_CASE("bad input is named, and nothing is made") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string before = host.snapshot({"x"});
  std::vector<Bad> all = bad_calls();
  for (Bad& bad : bad_mappings()) all.push_back(std::move(bad));
  for (const Bad& bad : all) {
    CAPTURE(bad.name);
    const auto failed = call({bad.plugin, "ADD", bad.id, netns, bad.config, bad.ifname});
    CHECK(failed.exit_code == 1);
    REQUIRE_MESSAGE(Json::accept(failed.out), failed.out);
    const Json error = failed.json();
    CHECK_MESSAGE(error["code"] == bad.code, failed.out);
    const std::string text = error["msg"].get<std::string>() + " " + error.value("details", "");
    for (const std::string& part : bad.says)
      CHECK_MESSAGE(text.find(part) != std::string::npos, part << " in " << text);
    CHECK(test::difference(before, host.snapshot({"x"})) == "");
  }
}

TEST_CASE("all missing variables are told together") {
  const auto failed = call({"bridge", "ADD", "", "", kBridge, ""});
  CHECK(failed.json()["code"] == 4);
  CHECK(failed.json()["msg"] == "required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing");
}

TEST_CASE("keys are matched without regard to case, null is absent, unknown keys do no harm") {
  Host host;
  const auto added = call({"bridge", "ADD", "c1", host.add_netns("x"),
                           R"({"CNIVersion":"1.0.0","Name":"n","type":"bridge","BRIDGE":"br-case","isgateway":true,
                               "mtu":null,"dns":null,"vlanTrunk":null,"isGatway":1,
                               "IPAM":{"Type":"host-local","SUBNET":"10.1.0.0/24","routes":null,"ranges":null}})"});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(added.json()["interfaces"][0]["name"] == "br-case");
  CHECK(host.run({"ip", "-4", "-br", "address", "show", "dev", "br-case"}).find("10.1.0.1/24") != std::string::npos);
}
