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

bool overlaps(const netlink::Route& route, const HandedOut& range) {
  const net::Prefix& dst = route.dst;
  const bool is_of_address = route.protocol == RTPROT_KERNEL;  // a network that the host is itself in
  if (dst.family() != range.subnet.family() || dst.is_any()) return false;
  if (dst.length < range.subnet.length && !is_of_address) return false;
  if (dst == net::Prefix::host(dst.address)) return false;
  return dst.first() <= range.last && range.first <= dst.last();
}

}  // namespace

void check_table(plan::Kernel& kernel, nft::Home home) {
  try {
    kernel.table().rehearse(home);
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable, "table " + nft::text(home) + " cannot be used", error.what());
  }
}

void check_ranges(plan::Kernel& kernel, const std::vector<HandedOut>& ranges, std::uint32_t own) {
  if (ranges.empty()) return;
  for (const netlink::Route& route : netlink::observe_routes(kernel.host(), {0, RT_TABLE_MAIN})) {
    if (route.index == own) continue;
    for (const HandedOut& range : ranges) {
      if (!overlaps(route, range)) continue;
      throw cni::Error(
          cni::kNotAvailable, "subnet " + range.subnet.text() + " overlaps the host's route to " + route.dst.text(),
          "that goes by " + link_name(kernel, route.index) + (route.gateway ? " via " + route.gateway->text() : "") +
              "; give the network another subnet or range, or remove the route");
    }
  }
}

}  // namespace attachment
