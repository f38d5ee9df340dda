#include "lib/attachment/status.h"

#include <linux/rtnetlink.h>

#include <system_error>

#include "lib/cni/error.h"

namespace attachment {
namespace {

std::string link_name(plan::Kernel& kernel, std::uint32_t index) {
  const auto link = netlink::observe_link(kernel.host(), index);
  return link ? link->name : "link " + std::to_string(index);
}

}  // namespace

void check_table(plan::Kernel& kernel) {
  try {
    kernel.table().rehearse();
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable, "table inet footbridge cannot be used", error.what());
  }
}

void check_subnets(plan::Kernel& kernel, const std::vector<net::Prefix>& subnets, std::uint32_t own) {
  if (subnets.empty()) return;
  for (const netlink::Route& route : netlink::observe_routes(kernel.host())) {
    if (route.table != RT_TABLE_MAIN || route.index == own || route.dst.is_any()) continue;
    for (const net::Prefix& subnet : subnets) {
      if (!route.dst.overlaps(subnet) || route.dst.length < subnet.length) continue;
      throw cni::Error(
          cni::kNotAvailable, "subnet " + subnet.text() + " overlaps the host's route to " + route.dst.text(),
          "that goes by " + link_name(kernel, route.index) + (route.gateway ? " via " + route.gateway->text() : "") +
              "; give the network another subnet, or remove the route");
    }
  }
}

}  // namespace attachment
