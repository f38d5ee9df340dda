// SPDX-License-Identifier: Apache-2.0
// The keys vlan, vlanTrunk and preserveDefaultVlan.
#include "plugins/bridge/vlan_config.h"

#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using test::config_with;

namespace {

std::string rejection(const std::string& keys) {
  return error_of([&] { config_with(keys); });
}

std::string trunk_with(const std::string& items) {
  std::string text;
  for (const net::VlanRange& range : config_with(R"("vlanTrunk": [)" + items + "]").vlans.trunk) {
    text += (text.empty() ? "" : " ") + range.text();
  }
  return text;
}

std::string trunk_rejection(const std::string& items) { return rejection(R"("vlanTrunk": [)" + items + "]"); }

std::string gateway_with(const std::string& keys) {
  const auto gateway = config_with(keys).vlan_gateway;
  return gateway ? gateway->text() : "none";
}

const std::string kIpam = R"(, "ipam": {"type": "host-local"})";

}  // namespace

TEST_CASE("a VLAN is a number, and 0 means none") {
  CHECK(config_with(R"("vlan": 1)").vlans.own->value() == 1);
  CHECK(config_with(R"("vlan": 4094)").vlans.own->value() == 4094);
  CHECK(!config_with(R"("vlan": 0)").vlans.own);
  CHECK(!config_with(R"("vlan": null)").vlans.own);
  CHECK(rejection(R"("vlan": 4095)") ==
        "7: invalid VLAN ID 4095 (must be between 0 and 4094): vlan: bad value 4095; allowed: an integer from 0 (no "
        "VLAN) "
        "to 4094");
  CHECK(
      rejection(R"("vlan": -1)").starts_with("7: invalid VLAN ID -1 (must be between 0 and 4094): vlan: bad value -1"));
  CHECK(rejection(R"("vlan": "100")") ==
        "7: failed to load netconf: vlan: \"100\" is a string; allowed: an integer from 0 (no VLAN) to 4094");
  CHECK(
      rejection(R"("vlan": 18446744073709551615)") ==
      "7: failed to load netconf: vlan: bad value 18446744073709551615; allowed: an integer from 0 (no VLAN) to 4094");
  CHECK(rejection(R"("vlan": 1e300)").starts_with("7: failed to load netconf: vlan: "));
}

TEST_CASE("the bridge filters VLANs if vlan is not 0 or vlanTrunk is set") {
  CHECK(!config_with("").vlans.are_configured);
  CHECK(!config_with(R"("vlan": 0, "vlanTrunk": null, "preserveDefaultVlan": true)").vlans.are_configured);
  CHECK(config_with(R"("vlan": 7)").vlans.are_configured);
  CHECK(config_with(R"("vlanTrunk": [])").vlans.are_configured);
}

TEST_CASE("the default VLAN is deleted unless preserveDefaultVlan is set") {
  CHECK(!config_with(R"("vlan": 7)").vlans.preserves_default);
  CHECK(config_with(R"("vlan": 7, "preserveDefaultVlan": true)").vlans.preserves_default);
}

TEST_CASE("a trunk is the sorted union of its items") {
  CHECK(trunk_with("") == "");
  CHECK(trunk_with("{}") == "");
  CHECK(trunk_with(R"({"id": 7})") == "7");
  CHECK(trunk_with(R"({"minID": 1, "maxID": 4094})") == "1-4094");
  CHECK(trunk_with(R"({"minID": 5, "maxID": 5})") == "5");
  CHECK(trunk_with(R"({"id": 300}, {"minID": 10, "maxID": 20, "id": 15}, {"minID": 18, "maxID": 30}, {"id": 31})") ==
        "10-31 300");
  CHECK(trunk_with(R"({"minID": 10, "maxID": 30}, {"minID": 12, "maxID": 14}, {"id": 32})") == "10-30 32");
}

TEST_CASE("a bad trunk item is an error that names its place") {
  CHECK(trunk_rejection(R"({"id": 7}, {"id": 0})") ==
        "7: incorrect trunk id parameter: vlanTrunk[1].id: bad value 0; allowed: an integer from 1 to 4094");
  CHECK(trunk_rejection(R"({"minID": 0, "maxID": 7})") ==
        "7: incorrect trunk minID parameter: vlanTrunk[0].minID: bad value 0; allowed: an integer from 1 to 4094");
  CHECK(trunk_rejection(R"({"minID": 7, "maxID": 4095})") ==
        "7: incorrect trunk maxID parameter: vlanTrunk[0].maxID: bad value 4095; allowed: an integer from 1 to 4094");
  CHECK(
      trunk_rejection(R"({"minID": 7, "maxID": 6})") ==
      "7: minID is greater than maxID in trunk parameter: vlanTrunk[0].maxID: bad value 6; allowed: an integer from 7 "
      "(minID) to 4094");
  CHECK(
      trunk_rejection(R"({"minID": 7})") ==
      "7: minID and maxID should be configured simultaneously, maxID is missing: vlanTrunk[0].maxID: missing; allowed: "
      "minID and maxID together, or id alone");
  CHECK(
      trunk_rejection(R"({"maxID": 7, "id": 3})")
          .starts_with("7: minID and maxID should be configured simultaneously, minID is missing: vlanTrunk[0].minID"));
  CHECK(trunk_rejection("7").starts_with("7: failed to load netconf: vlanTrunk"));
  CHECK(trunk_rejection(R"({"id": "7"})") ==
        "7: failed to load netconf: vlanTrunk[0].id: \"7\" is a string; allowed: an integer from 1 to 4094");
}

TEST_CASE("the VLAN gateway is a separate link, with isGateway, vlan and IPAM only") {
  CHECK(gateway_with(R"("vlan": 100, "isGateway": true)" + kIpam) == "cni0.100");
  CHECK(gateway_with(R"("vlan": 100, "isDefaultGateway": true, "bridge": "br-x")" + kIpam) == "br-x.100");
  CHECK(gateway_with(R"("vlan": 100)" + kIpam) == "none");
  CHECK(gateway_with(R"("vlan": 100, "isGateway": true)") == "none");
  CHECK(gateway_with(R"("vlan": 0, "isGateway": true)" + kIpam) == "none");
  CHECK(gateway_with(R"("vlanTrunk": [{"id": 100}], "isGateway": true)" + kIpam) == "none");
}

TEST_CASE("a bridge's name too long for the VLAN gateway's name is rejected, with a VLAN gateway only") {
  const std::string keys = R"("bridge": "br-012345678", "vlan": 100)";
  CHECK(
      rejection(keys + R"(, "isGateway": true)" + kIpam) ==
      "7: failed to load netconf: bridge: bad value \"br-012345678\"; allowed: a name of at most 11 bytes, because the "
      "VLAN gateway is named br-012345678.100");
  CHECK(rejection(keys + kIpam) == "");
  CHECK(rejection(R"("bridge": "br-012345678", "vlan": 10, "isGateway": true)" + kIpam) == "");
}
