// SPDX-License-Identifier: Apache-2.0
// VLANs of ports: their text, their canonical form, and the one message that holds them all.
#include "lib/netlink/bridge_vlan.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include <doctest/doctest.h>

#include "lib/netlink/attributes.h"

using netlink::PortVlan;
using netlink::text;

namespace {

const net::IfName kPort("vethx");

net::VlanId id(std::int64_t value) { return net::VlanId::from(value).value(); }
PortVlan tagged(std::int64_t first, std::int64_t last) { return {{id(first), id(last)}}; }
PortVlan untagged(std::int64_t value) { return {{id(value), id(value)}, true, true}; }

// The entries of the message as "flags:vid", with the names of linux/if_bridge.h without their common prefix.
std::string entries_of(const netlink::Request& request) {
  const nlmsghdr* message = request.message.message();
  const auto spec = netlink::Attributes(message, sizeof(ifinfomsg)).bytes(IFLA_AF_SPEC);
  std::string result;
  for (std::size_t at = 0; at + 8 <= spec.size(); at += 8) {
    nlattr header{};
    bridge_vlan_info info{};
    std::memcpy(&header, &spec[at], sizeof header);
    std::memcpy(&info, &spec[at + sizeof header], sizeof info);
    CHECK(header.nla_type == IFLA_BRIDGE_VLAN_INFO);
    result += result.empty() ? "" : " ";
    if ((info.flags & BRIDGE_VLAN_INFO_PVID) != 0) result += "PVID,";
    if ((info.flags & BRIDGE_VLAN_INFO_UNTAGGED) != 0) result += "UNTAGGED,";
    if ((info.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) != 0) result += "BEGIN,";
    if ((info.flags & BRIDGE_VLAN_INFO_RANGE_END) != 0) result += "END,";
    result += std::to_string(info.vid);
  }
  return result;
}

}  // namespace

TEST_CASE("a port's VLANs read like arguments of bridge(8)") {
  CHECK(text(untagged(100)) == "100 pvid untagged");
  CHECK(text(tagged(200, 299)) == "200-299");
  CHECK(text(std::vector{untagged(100), tagged(200, 299)}) == "100 pvid untagged, 200-299");
  CHECK(text(std::vector<PortVlan>()) == "none");
}

TEST_CASE("equivalent lists are equal in canonical form") {
  CHECK(text(netlink::normalized({tagged(7, 7), tagged(5, 6), tagged(1, 2)})) == "1-2, 5-7");
  CHECK(text(netlink::normalized({tagged(5, 9), tagged(6, 7)})) == "5-9");
  CHECK(text(netlink::normalized({untagged(6), tagged(5, 7)})) == "5, 6 pvid untagged, 7");
  const PortVlan egress_untagged{{id(8), id(8)}, false, true};
  CHECK(text(netlink::normalized({tagged(5, 7), egress_untagged})) == "5-7, 8 untagged");
  CHECK(text(netlink::normalized({tagged(1, 4094)})) == "1-4094");
  CHECK(netlink::normalized({}).empty());
}

TEST_CASE("all VLANs of a port are in one message, ranges as their two ends") {
  const netlink::Request request =
      netlink::request(netlink::AddVlans{kPort, 9, {untagged(100), tagged(200, 299), tagged(400, 400)}});
  const auto* const header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(request.message.message()));
  CHECK(request.message.message()->nlmsg_type == RTM_SETLINK);
  CHECK(header->ifi_family == AF_BRIDGE);
  CHECK(header->ifi_index == 9);
  CHECK(entries_of(request) == "PVID,UNTAGGED,100 BEGIN,200 END,299 400");
  CHECK(request.what == "failed to setup vlan tag on interface \"vethx\" (100 pvid untagged, 200-299, 400)");
}

TEST_CASE("VLANs are deleted in one message too") {
  const netlink::Request request = netlink::request(netlink::DeleteVlans{kPort, 9, {tagged(1, 1), tagged(5, 9)}});
  CHECK(request.message.message()->nlmsg_type == RTM_DELLINK);
  CHECK(entries_of(request) == "1 BEGIN,5 END,9");
  CHECK(text(netlink::DeleteVlans{kPort, 9, {untagged(1), tagged(5, 9)}}) ==
        "bridge vlan del dev vethx vid 1; bridge vlan del dev vethx vid 5-9");
}

TEST_CASE("the longest possible list fits in one message") {
  std::vector<PortVlan> every;
  for (std::int64_t one = 1; one <= 4094; ++one) every.push_back({{id(one), id(one)}, false, one % 2 == 0});
  const netlink::Request request = netlink::request(netlink::AddVlans{kPort, 9, netlink::normalized(every)});
  CHECK(request.message.bytes().size() > 4094 * 8);
}
