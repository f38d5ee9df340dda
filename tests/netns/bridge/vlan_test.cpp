// SPDX-License-Identifier: Apache-2.0
// VLANs with a kernel without VLAN filtering. tests/kernels has a kernel with it.
#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "lib/netlink/bridge_vlan.h"
#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;

namespace {

std::string with_vlan(const std::string& bridge) {
  Json config = Json::parse(test::kBridge);
  config["cniVersion"] = "1.1.0";
  config["vlan"] = 100;
  config["bridge"] = bridge;
  return config.dump();
}

}  // namespace

TEST_CASE("a kernel without VLAN filtering is an error, and nothing is left") {
  Host host;
  const std::string netns = host.add_netns("x");
  host.run({"ip", "link", "add", "br-old", "up", "type", "bridge"});  // loads the module
  host.run({"sysctl", "-q", "net.ipv6.conf.br-old.accept_ra=0"});
  netlink::Socket socket(NETLINK_ROUTE);
  if (netlink::can_filter_vlans(socket)) {
    MESSAGE("SKIP: this kernel can filter VLANs");
    return;
  }
  const std::string before = host.snapshot({"x"});
  for (const std::string bridge : {"br-new", "br-old"}) {
    CAPTURE(bridge);
    const auto failed = call({"bridge", "ADD", "c1", netns, with_vlan(bridge)});
    REQUIRE(!failed.ok());
    CHECK(failed.json()["code"] == 999);
    CHECK_MESSAGE(failed.json()["msg"].get<std::string>().ends_with(": this kernel cannot filter VLANs"), failed.out);
    CHECK(failed.json()["details"] == "vlan and vlanTrunk need a kernel with CONFIG_BRIDGE_VLAN_FILTERING");
    CHECK(test::difference(before, host.snapshot({"x"})) == "");
    const auto status = call({"bridge", "STATUS", {}, {}, with_vlan(bridge), {}});
    REQUIRE(!status.ok());
    CHECK(status.json()["code"] == 50);
    CHECK(status.json()["msg"] == "this kernel cannot filter VLANs");
  }
}
