// SPDX-License-Identifier: Apache-2.0
#include "cli/show/observation.h"

#include <system_error>

#include "lib/netlink/address.h"
#include "lib/netlink/route.h"
#include "lib/ruleset/sets.h"
#include "lib/ruleset/table.h"

namespace cli {
namespace {

// The host's link of "hostAccess" has a route to each of the container's addresses.
std::vector<net::Prefix> routed_addresses(netlink::Socket& socket, const netlink::Link& link) {
  std::vector<net::Prefix> addresses;
  for (const netlink::Route& route : netlink::observe_routes(socket, {link.index})) {
    if (route.dst == net::Prefix::host(route.dst.address)) addresses.push_back(route.dst);
  }
  return addresses;
}

std::vector<net::Prefix> inner_addresses(netlink::Socket& socket, const netlink::Link& link) {
  if (link.kind != "veth") return routed_addresses(socket, link);
  if (!link.peer_netns) return {};
  try {
    return netlink::observe_addresses(socket, link.peer, link.peer_netns, netlink::Scopes::wider_than_link);
  } catch (const std::system_error&) {
    return {};  // the namespace is gone or not readable; the elements contain the addresses
  }
}

void append(std::vector<ruleset::Element>& to, const ruleset::Table& table, const nft::Set& set) {
  for (ruleset::Element& element : table.list(set.name)) to.push_back(std::move(element));
}

}  // namespace

Observation observe() {
  Observation seen;
  netlink::Socket route(NETLINK_ROUTE);
  seen.links = netlink::observe_links(route);
  for (const netlink::Link& link : seen.links) {
    if (link.kind == "bridge") seen.bridge_addresses[link.index] = netlink::observe_addresses(route, link.index);
    if (owner_of(link)) seen.inner_addresses[link.index] = inner_addresses(route, link);
  }
  netlink::Socket netfilter(NETLINK_NETFILTER);
  const ruleset::Table table(netfilter);
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    append(seen.owners, table, ruleset::owner_map(family));
    append(seen.published, table, ruleset::host_port_map(family));
    append(seen.published, table, ruleset::host_ip_map(family));
    append(seen.published, table, ruleset::standby_map(family));
    append(seen.local, table, ruleset::local_set(family));
  }
  return seen;
}

}  // namespace cli
