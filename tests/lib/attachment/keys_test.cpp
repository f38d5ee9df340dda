// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/keys.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

std::string subnets(const std::string& keys) {
  std::string text;
  for (const attachment::AddressRange& range : attachment::find_ranges(request_of(R"({"name": "n")" + keys + "}"))) {
    text += (text.empty() ? "" : " ") + range.subnet.text();
    if (range.first != range.subnet.first() || range.last != range.subnet.last()) {
      text += "(" + range.first.text() + "-" + range.last.text() + ")";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("subnets of host-local and static are found at every key") {
  CHECK(subnets(R"(, "ipam": {"subnet": "10.1.0.0/24"})") == "10.1.0.0/24");
  CHECK(subnets(
            R"(, "ipam": {"ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "10.2.0.0/24"}], [{"subnet": "fd00::/64"}]
            ]})") == "10.1.0.0/24 10.2.0.0/24 fd00::/64");
  CHECK(subnets(R"(, "runtimeConfig": {"ipRanges": [[{"subnet": "10.3.0.0/24"}]]}, "ipam": {})") == "10.3.0.0/24");
  CHECK(subnets(R"(, "ipam": {"addresses": [{"address": "10.4.0.7/24"}]})") == "10.4.0.0/24(10.4.0.7-10.4.0.7)");
  CHECK(subnets(R"(, "capabilities": {"ips": true}, "ipam": {"addresses": [{"address": "10.4.0.7/24"}]})").empty());
  CHECK(subnets(R"(, "ipam": {"subnet": "10.1.0.0/16", "rangeStart": "10.1.7.1", "rangeEnd": "10.1.7.9"})") ==
        "10.1.0.0/16(10.1.7.1-10.1.7.9)");
}

TEST_CASE("an unreadable subnet is left to the IPAM plugin to report") {
  CHECK(subnets("").empty());
  CHECK(subnets(R"(, "ipam": 5)").empty());
  CHECK(subnets(R"(, "ipam": {"subnet": 5, "ranges": [5, [6, {}]], "addresses": [7, {"address": "x"}]})").empty());
}

TEST_CASE("a negative MTU or 0 means the kernel's default") {
  const auto mtu = [](const std::string& value) {
    const cni::Json json = cni::Json::parse(R"({"mtu": )" + value + "}");
    return attachment::parse_mtu(cni::Fields(json));
  };
  CHECK(mtu("1400").bytes == 1400);
  CHECK(mtu("0").bytes == 0);
  CHECK(mtu("-5").bytes == 0);
  CHECK(mtu("null").bytes == 0);
  CHECK(!mtu("1400").is_auto);
  CHECK(error_of([&] { mtu("65536"); }).starts_with("7: failed to load netconf: mtu: bad value 65536"));
}

TEST_CASE("the MTU \"auto\" has no number yet, and no other text is accepted") {
  const auto mtu = [](const std::string& value) {
    const cni::Json json = cni::Json::parse(R"({"mtu": )" + value + "}");
    return attachment::parse_mtu(cni::Fields(json), 0);
  };
  CHECK(mtu(R"("auto")").is_auto);
  CHECK(mtu(R"("auto")").bytes == 0);
  CHECK(error_of([&] { mtu(R"("AUTO")"); }).starts_with("7: failed to load netconf: mtu: \"AUTO\" is a string"));
  CHECK(error_of([&] { mtu("-1"); }).starts_with("7: failed to load netconf: mtu: bad value -1"));
}

TEST_CASE("the parent link is named or the uplink, on the host or in the container") {
  const auto parent = [](const std::string& keys) {
    const cni::Json json = cni::Json::parse("{" + keys + "}");
    const attachment::Parent parent = attachment::parse_parent(cni::Fields(json));
    return (parent.name ? parent.name->text() : "uplink") + (parent.is_in_container ? " in the container" : "");
  };
  CHECK(parent("") == "uplink");
  CHECK(parent(R"("master": "")") == "uplink");
  CHECK(parent(R"("master": "ens3.7")") == "ens3.7");
  CHECK(parent(R"("master": "ens3", "linkInContainer": true)") == "ens3 in the container");
  CHECK(parent(R"("linkInContainer": true)") == "uplink in the container");
  CHECK(error_of([&] { parent(R"("master": "a/b")"); }).starts_with("7: failed to load netconf: master: bad value"));
}
