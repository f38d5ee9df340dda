// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/status.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "lib/cni/error.h"
#include "lib/log/log.h"

namespace attachment {
namespace {

std::string link_name(plan::Kernel& kernel, std::uint32_t index) {
  if (index == 0) return "several links";
  const auto link = netlink::observe_link(kernel.host(), index);
  return link ? link->name : "link " + std::to_string(index);
}

struct Clash {
  netlink::Route route;                     // of the host
  net::Prefix subnet;                       // of the network
  bool is_lost = false;                     // packets to containers take that route
  std::optional<net::Address> router = {};  // a router of the host that would be hidden by the subnet
  [[nodiscard]] bool is_harmful() const { return is_lost || router; }
};

bool wins(const netlink::Route& route, const AddressRange& range) {
  const std::uint32_t own_metric = range.subnet.address.is_v4() ? 0 : 256;  // the kernel's, for an address of a link
  const bool is_better = route.dst.length > range.subnet.length ||
                         (route.dst.length == range.subnet.length && route.priority <= own_metric);
  return is_better && route.dst.first() <= range.last && range.first <= route.dst.last();
}

// True if the host has an address in the network of that route, which contains the subnet.
bool is_hidden(const netlink::Route& route, const net::Prefix& subnet) {
  return route.protocol == RTPROT_KERNEL && route.dst.length <= subnet.length && route.dst.overlaps(subnet);
}

std::optional<net::Address> find_router(const std::vector<netlink::Route>& routes, const net::Prefix& subnet) {
  for (const netlink::Route& route : routes) {
    if (route.gateway && subnet.contains(*route.gateway)) return route.gateway;
  }
  return std::nullopt;
}

std::optional<Clash> clash_of(const netlink::Route& route, const AddressRange& range,
                              const std::vector<netlink::Route>& routes) {
  if (route.dst.family() != range.subnet.family()) return std::nullopt;
  if (wins(route, range)) return Clash{route, range.subnet, true};
  if (!is_hidden(route, range.subnet)) return std::nullopt;
  return Clash{route, range.subnet, false, find_router(routes, range.subnet)};
}

// A harmful clash if there is one, else any.
std::optional<Clash> find_clash(plan::Kernel& kernel, const std::vector<AddressRange>& ranges, std::uint32_t own) {
  if (ranges.empty()) return std::nullopt;
  std::vector<netlink::Route> routes = netlink::observe_routes(kernel.host(), {0, RT_TABLE_MAIN});
  std::erase_if(routes, [own](const netlink::Route& route) { return own != 0 && route.index == own; });
  std::optional<Clash> found;
  for (const netlink::Route& route : routes) {
    if (route.dst.is_any() || route.dst == net::Prefix::host(route.dst.address)) continue;
    for (const AddressRange& range : ranges) {
      auto clash = clash_of(route, range, routes);
      if (clash && (!found || clash->is_harmful())) found = std::move(clash);
      if (found && found->is_harmful()) return found;
    }
  }
  return found;
}

cni::Error error_of(plan::Kernel& kernel, const Clash& clash) {
  std::string why = "that route uses " + link_name(kernel, clash.route.index);
  if (clash.route.gateway) why += " via " + clash.route.gateway->text();
  why += clash.is_lost ? " and gets the packets to containers" : "; the host cannot reach other machines in the subnet";
  if (clash.router) why += ", including its router " + clash.router->text();
  return {cni::kNotAvailable,
          "subnet " + clash.subnet.text() + " overlaps the host's route to " + clash.route.dst.text(),
          why + "; give the network another subnet or range, or delete the route"};
}

std::string line(const cni::Error& error) { return error.msg() + ": " + error.details(); }

}  // namespace

void check_table(plan::Kernel& kernel, nft::TableFamily family) {
  try {
    kernel.table().dry_run(family);
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable, "table " + nft::text(family) + " cannot be used", error.what());
  }
}

void check_ipv6(const std::vector<AddressRange>& ranges, const std::optional<netlink::Link>& link) {
  const auto is_v6 = [](const AddressRange& range) { return range.subnet.family() == net::Family::v6; };
  const auto range = std::find_if(ranges.begin(), ranges.end(), is_v6);
  if (range == ranges.end()) return;
  const sysctl::Setting wanted = sysctl::enable_ipv6(net::IfName(link ? link->name : "default"));
  const auto found = sysctl::read(wanted.key);
  if (found == wanted.value) return;
  throw cni::Error(cni::kNotAvailable,
                   "subnet " + range->subnet.text() + " needs IPv6, but IPv6 is disabled on this host",
                   "sysctl " + sysctl::name_of(wanted.key) + " must be " + wanted.value + ", found " +
                       found.value_or("no such sysctl"));
}

cni::Result expected_lease(const std::vector<AddressRange>& ranges) {
  cni::Result lease;
  for (const AddressRange& range : ranges) {
    lease.ips.push_back({{range.first, range.subnet.length}, range.gateway, std::nullopt});
  }
  return lease;
}

void check_ranges(plan::Kernel& kernel, const std::vector<AddressRange>& ranges, std::uint32_t own) {
  const auto clash = find_clash(kernel, ranges, own);
  if (!clash) return;
  if (clash->is_harmful()) throw error_of(kernel, *clash);
  logging::info(line(error_of(kernel, *clash)));
}

void warn_of_clashes(plan::Kernel& kernel, const std::vector<net::Prefix>& addresses, std::uint32_t own) {
  std::vector<AddressRange> ranges;
  ranges.reserve(addresses.size());
  for (const net::Prefix& address : addresses) ranges.push_back({address.network(), address.address, address.address});
  if (const auto clash = find_clash(kernel, ranges, own)) logging::warn(line(error_of(kernel, *clash)));
}

}  // namespace attachment
