// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/check.h"

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/layer3.h"
#include "lib/cni/error.h"
#include "lib/masquerade/plan.h"

namespace attachment {

void compare_mac(plan::Differences& differences, const std::string& what, const cni::Interface* listed,
                 const netlink::Link& found) {
  if (listed == nullptr || listed->mac.empty() || (found.mac && net::Mac::parse(listed->mac) == found.mac)) return;
  differences.expect(what + " MAC", listed->mac, found.mac ? found.mac->text() : "none");
}

void compare_interface(plan::Differences& differences, const ExpectedInterface& expected,
                       const std::optional<netlink::Link>& found, const cni::Result& previous) {
  const std::string what = "container interface " + expected.ifname;
  if (!found) return differences.add(what + ": not found");
  differences.expect(what, expected.kind, found->kind.empty() ? "device" : found->kind);
  compare_mac(differences, what, find_interface(previous, expected.ifname, true), *found);
  differences.expect(what, expected.is_up ? "up" : "down", found->is_up ? "up" : "down");
}

void compare_forwarding(plan::Differences& differences, const cni::Result& own) {
  for (const auto& [family, setting] :
       {std::pair{net::Family::v4, sysctl::ip_forward()}, std::pair{net::Family::v6, sysctl::ipv6_forwarding()}}) {
    if (!has_family(own, family)) continue;
    differences.expect("sysctl " + sysctl::name_of(setting.key), setting.value,
                       sysctl::read(setting.key).value_or("nothing"));
  }
}

void compare_layer3(plan::Differences& differences, plan::Kernel& kernel, const netlink::Link& link,
                    const cni::Result& previous) {
  differences.expect_addresses(link.name, addresses_of(own_part(previous, link.name)),
                               netlink::observe_addresses(kernel.container(), link.index));
  std::vector<plan::Differences::ExpectedRoute> routes;
  for (const cni::Route& route : previous.routes) routes.push_back({route.dst, route.gw});
  differences.expect_routes("the container", routes, netlink::observe_routes(kernel.container()));
}

void compare_table(plan::Differences& differences, plan::Kernel& kernel, nft::TableFamily family) {
  differences.expect("table " + nft::text(family), "intact",
                     kernel.table().is_intact(family) ? "intact" : "chains or rules missing");
}

void compare_masquerade(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                        const std::vector<net::Prefix>& addresses, const masquerade::Options& wanted) {
  compare_table(differences, kernel);
  differences.expect_nothing_to_do(
      masquerade::plan_masquerade(owner, addresses, wanted, masquerade::observe(kernel.table(), owner, addresses)));
}

void reject_differences(const plan::Differences& differences, const std::string& what) {
  if (differences.empty()) return;
  throw cni::Error(cni::kDiffers, what + ": " + differences.text());
}

}  // namespace attachment
