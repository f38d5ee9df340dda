// SPDX-License-Identifier: Apache-2.0
// vlan, vlanTrunk, preserveDefaultVlan.
#include "plugins/bridge/vlan_config.h"

#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using test::config_with;

namespace {

std::string refusal(const std::string& keys) {
  return error_of([&] { config_with(keys); });
}

std::string trunk_with(const std::string& items) {
  std::string text;
  for (const net::VlanRange& range : config_with(R"("vlanTrunk": [)" + items + "]").vlans.trunk) {
    text += (text.empty() ? "" : " ") + range.text();
  }
  return text;
}

std::string trunk_refusal(const std::string& items) { return refusal(R"("vlanTrunk": [)" + items + "]"); }

std::string gateway_with(const std::string& keys) {
  const auto gateway = config_with(keys).vlan_gateway;
  return gateway ? gateway->text() : "none";
}

const std::string kIpam = R"(, "ipam": {"type": "host-local"})";

}  // namespace

TEST_CASE("a VLAN is a number, and 0 is none") {
  CHECK(config_with(R"("vlan": 1)").vlans.own->value() == 1);
  CHECK(config_with(R"("vlan": 4094)").vlans.own->value() == 4094);
  CHECK(!config_with(R"("vlan": 0)").vlans.own);
  CHECK(!config_with(R"("vlan": null)").vlans.own);
  CHECK(
      refusal(R"("vlan": 4095)") ==
      "7: invalid VLAN ID 4095 (must be between 0 and 4094): vlan: bad value 4095; allowed: an integer from 0 to 4094; "
      "0: none");
  CHECK(refusal(R"("vlan": -1)").starts_with("7: invalid VLAN ID -1 (must be between 0 and 4094): vlan: bad value -1"));
  CHECK(refusal(R"("vlan": "100")") ==
        "7: failed to load netconf: vlan: \"100\" is a string; allowed: an integer from 0 to 4094; 0: none");
  CHECK(refusal(R"("vlan": 18446744073709551615)").ends_with("; allowed: an integer from 0 to 4094; 0: none"));
  CHECK(trunk_refusal(R"({"id": "100"})") ==
        "7: failed to load netconf: vlanTrunk[0].id: \"100\" is a string; allowed: an integer from 1 to 4094");
  CHECK(refusal(R"("vlan": 1e300)").starts_with("7: failed to load netconf: vlan: "));
}

TEST_CASE("the bridge filters when vlan is not 0 or vlanTrunk is there") {
  CHECK(!config_with("").vlans.are_asked_for);
  CHECK(!config_with(R"("vlan": 0, "vlanTrunk": null, "preserveDefaultVlan": true)").vlans.are_asked_for);
  CHECK(config_with(R"("vlan": 7)").vlans.are_asked_for);
  CHECK(config_with(R"("vlanTrunk": [])").vlans.are_asked_for);
}

TEST_CASE("the default VLAN is not kept unless that is asked for") {
  CHECK(!config_with(R"("vlan": 7)").vlans.keeps_default);
  CHECK(config_with(R"("vlan": 7, "preserveDefaultVlan": true)").vlans.keeps_default);
}

TEST_CASE("a trunk is the union of its items, in order") {
  CHECK(trunk_with("") == "");
  CHECK(trunk_with("{}") == "");
  CHECK(trunk_with(R"({"id": 7})") == "7");
  CHECK(trunk_with(R"({"minID": 1, "maxID": 4094})") == "1-4094");
  CHECK(trunk_with(R"({"minID": 5, "maxID": 5})") == "5");
  CHECK(trunk_with(R"({"id": 300}, {"minID": 10, "maxID": 20, "id": 15}, {"minID": 18, "maxID": 30}, {"id": 31})") ==
        "10-31 300");
  CHECK(trunk_with(R"({"minID": 10, "maxID": 30}, {"minID": 12, "maxID": 14}, {"id": 32})") == "10-30 32");
}

TEST_CASE("a wrong item of a trunk is told with its place") {
  CHECK(trunk_refusal(R"({"id": 7}, {"id": 0})") ==
        "7: incorrect trunk id parameter: vlanTrunk[1].id: bad value 0; allowed: an integer from 1 to 4094");
  CHECK(trunk_refusal(R"({"minID": 0, "maxID": 7})") ==
        "7: incorrect trunk minID parameter: vlanTrunk[0].minID: bad value 0; allowed: an integer from 1 to 4094");
  CHECK(trunk_refusal(R"({"minID": 7, "maxID": 4095})") ==
        "7: incorrect trunk maxID parameter: vlanTrunk[0].maxID: bad value 4095; allowed: an integer from 1 to 4094");
  CHECK(trunk_refusal(R"({"minID": 7, "maxID": 6})") ==
        "7: minID is greater than maxID in trunk parameter: vlanTrunk[0].maxID: bad value 6; allowed: an integer from "
        "minID, 7, to 4094");
  CHECK(
      trunk_refusal(R"({"minID": 7})") ==
      "7: minID and maxID should be configured simultaneously, maxID is missing: vlanTrunk[0].maxID: missing; allowed: "
      "minID and maxID together, or id alone");
  CHECK(
      trunk_refusal(R"({"maxID": 7, "id": 3})")
          .starts_with("7: minID and maxID should be configured simultaneously, minID is missing: vlanTrunk[0].minID"));
  CHECK(trunk_refusal("7").starts_with("7: failed to load netconf: vlanTrunk"));
  CHECK(trunk_refusal(R"({"id": "7"})").starts_with("7: failed to load netconf: vlanTrunk[0].id: \"7\" is a string"));
}

TEST_CASE("a VLAN's gateway is a link of its own, where there is to be one at all") {
  CHECK(gateway_with(R"("vlan": 100, "isGateway": true)" + kIpam) == "cni0.100");
  CHECK(gateway_with(R"("vlan": 100, "isDefaultGateway": true, "bridge": "br-x")" + kIpam) == "br-x.100");
  CHECK(gateway_with(R"("vlan": 100)" + kIpam) == "none");
  CHECK(gateway_with(R"("vlan": 100, "isGateway": true)") == "none");
  CHECK(gateway_with(R"("vlan": 0, "isGateway": true)" + kIpam) == "none");
  CHECK(gateway_with(R"("vlanTrunk": [{"id": 100}], "isGateway": true)" + kIpam) == "none");
}

TEST_CASE("a bridge's name that leaves no room for the VLAN is refused where it would be needed") {
  const std::string keys = R"("bridge": "br-012345678", "vlan": 100)";
  CHECK(
      refusal(keys + R"(, "isGateway": true)" + kIpam) ==
      "7: failed to load netconf: bridge: bad value \"br-012345678\"; allowed: a name with room for the VLAN's gateway "
      "beside it, which is the link br-012345678.100: at most 11 bytes");
  CHECK(refusal(keys + kIpam) == "");
  CHECK(refusal(R"("bridge": "br-012345678", "vlan": 10, "isGateway": true)" + kIpam) == "");
}
