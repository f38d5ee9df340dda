#include "lib/attachment/check.h"

#include <algorithm>

#include "lib/cni/error.h"
#include "lib/plan/masquerade.h"

namespace attachment {

const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container) {
  const auto found =
      std::find_if(previous.interfaces.begin(), previous.interfaces.end(), [&](const cni::Interface& interface) {
        return interface.name == name && interface.sandbox.empty() != in_container;
      });
  return found == previous.interfaces.end() ? nullptr : &*found;
}

std::string mac_text(const netlink::Link& link) { return link.mac ? link.mac->text() : "none"; }

void compare_container_end(plan::Differences& differences, const std::string& ifname,
                           const std::optional<netlink::Link>& found, const cni::Result& previous, bool is_up) {
  const std::string what = "container interface " + ifname;
  if (!found) return differences.add(what + ": not found");
  differences.expect(what, "veth", found->kind.empty() ? "device" : found->kind);
  const cni::Interface* told = find_interface(previous, ifname, true);
  if (told != nullptr && !told->mac.empty()) differences.expect(what + " MAC", told->mac, mac_text(*found));
  differences.expect(what, is_up ? "up" : "down", found->is_up ? "up" : "down");
}

bool is_own(const std::string& ifname, const cni::Result& previous, const cni::Ip& ip) {
  const auto index = static_cast<std::size_t>(ip.interface.value_or(-1));
  return index >= previous.interfaces.size() || previous.interfaces[index].name == ifname;
}

std::vector<net::Prefix> own_addresses(const std::string& ifname, const cni::Result& previous) {
  std::vector<net::Prefix> addresses;
  for (const cni::Ip& ip : previous.ips) {
    if (is_own(ifname, previous, ip)) addresses.push_back(ip.address);
  }
  return addresses;
}

void compare_layer3(plan::Differences& differences, plan::Kernel& kernel, const netlink::Link& link,
                    const cni::Result& previous) {
  differences.expect_addresses(link.name, own_addresses(link.name, previous),
                               netlink::observe_addresses(kernel.container(), link.index));
  std::vector<plan::Differences::ExpectedRoute> routes;
  for (const cni::Route& route : previous.routes) routes.push_back({route.dst, route.gw});
  differences.expect_routes("any link", routes, netlink::observe_routes(kernel.container()));
}

void compare_masquerade(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                        const std::vector<net::Prefix>& addresses) {
  differences.expect("table inet footbridge", "whole", kernel.table().is_whole() ? "whole" : "chains or rules missing");
  differences.expect_nothing_to_do(
      plan::plan_masquerade(owner, addresses, plan::observe_masquerade(kernel.table(), owner, addresses)));
}

void refuse_differences(const plan::Differences& differences, const std::string& what) {
  if (differences.empty()) return;
  throw cni::Error(cni::kDiffers, what + ": " + differences.text());
}

}  // namespace attachment
