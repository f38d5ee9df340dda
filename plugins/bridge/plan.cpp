// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/plan.h"

#include <algorithm>

#include "lib/attachment/layer3.h"

namespace bridge {
namespace {

bool contains(const std::vector<net::Prefix>& prefixes, const net::Prefix& wanted) {
  return std::find(prefixes.begin(), prefixes.end(), wanted) != prefixes.end();
}

bool has_global_address(const std::vector<net::Prefix>& addresses) {
  return !std::all_of(addresses.begin(), addresses.end(), is_link_local);
}

// Two IPv4 addresses of different networks on one bridge conflict: the container would send to one gateway and get
// replies from the other. IPv6 networks may coexist, and so may addresses of the same network.
bool conflicts(const net::Prefix& present, const net::Prefix& wanted, const std::vector<net::Prefix>& all_wanted) {
  if (present.family() != wanted.family() || contains(all_wanted, present)) return false;
  return present.address.is_v4() || present.overlaps(wanted);
}

cni::Error has_another_address(const Links& links, const net::Prefix& present, const net::Prefix& wanted) {
  const std::string name = links.vlan_gateway ? links.vlan_gateway->name : links.bridge.name;
  return {
      cni::kInternal,
      (links.vlan_gateway ? "failed to set vlan interface for bridge with addr: \"" : "failed to set bridge addr: \"") +
          name + "\" already has an IP address different from " + wanted.text(),
      "it has " + present.text() + "; if no other network uses the bridge, delete it with: ip address delete " +
          present.text() + " dev " + name + ", or set \"forceAddress\": true"};
}

// The network's second address. In a network of two addresses (RFC 3021, RFC 6164), the one that is not the
// container's.
net::Address default_gateway(const net::Prefix& address) {
  const net::Address second = address.first().next();
  const bool has_two = address.length + 1U == net::bits(address.family());
  return has_two && address.address == second ? address.first() : second;
}

// may_exist: two first ADDs may create it at the same time.
netlink::NewLink new_bridge(const Config& config, const net::Mac& mac) {
  netlink::NewLink bridge{config.bridge, netlink::Bridge{config.vlans.are_configured}};
  // A port without carrier takes the bridge's carrier. Without a fixed MAC address, the bridge gets its link-local
  // address only after that.
  if (!config.leave_interface_down) bridge.mac = mac;
  bridge.mtu = config.mtu.bytes;
  bridge.may_exist = true;
  return bridge;
}

}  // namespace

bool is_link_local(const net::Prefix& address) {
  return !address.address.is_v4() && address.address.bytes()[0] == 0xfe && (address.address.bytes()[1] & 0xc0U) == 0x80;
}

cni::Error not_a_bridge(cni::Code code, const netlink::Link& link) {
  return {code, "\"" + link.name + "\" already exists but is not a bridge",
          "it is a " + (link.kind.empty() ? "device" : link.kind) + "; set \"bridge\" to another name"};
}

plan::Plan plan_bridge(const Config& config, const Seen& seen, const net::Mac& mac) {
  plan::Plan plan;
  if (seen.bridge && seen.bridge->kind != "bridge") throw not_a_bridge(cni::kBadConfiguration, *seen.bridge);
  if (!seen.bridge) plan.host(new_bridge(config, mac));
  // A bridge that is down and has no addresses is new, or a leftover of a killed ADD.
  if (!seen.bridge || (!seen.bridge->is_up && !has_global_address(seen.bridge_addresses))) {
    // The host sends neighbour solicitations for containers from the bridge's link-local address. It is unique, because
    // the MAC address was generated for this bridge. Duplicate detection would delay IPv6 of the first container by a
    // second.
    plan.host(sysctl::duplicate_detection(config.bridge, false));
  }
  // CVE-2020-10749, also for an administrator's bridge. An exception is a bridge that gives the host its default route.
  if (!seen.takes_advertisements) plan.host(sysctl::refuse_router_advertisements(config.bridge));
  netlink::SetLink change{config.bridge};
  // Probably another program's bridge: fix its MAC address before a port with a lower one joins.
  if (seen.bridge && !has_global_address(seen.bridge_addresses)) change.mac = seen.bridge->mac;
  if (!seen.bridge || !seen.bridge->is_up) change.up = true;
  if (config.promiscuous && !(seen.bridge && seen.bridge->is_promiscuous)) change.promiscuous = true;
  if (change.up || change.promiscuous || change.mac) plan.host(change);
  return plan;
}

plan::Plan plan_port(const Config& config, const Seen& seen, const Port& port) {
  attachment::check_names(config.owner, seen);
  plan::Plan plan;
  const net::IfName host_end = config.owner.host_end();
  if (seen.host_end) plan.host(netlink::DeleteLink{host_end});
  netlink::NewLink pair{host_end, netlink::Veth{config.ifname, port.netns, port.netns_path, config.mac}};
  pair.master = {port.bridge_index, config.bridge.text()};
  pair.mtu = config.mtu.bytes;
  pair.tx_queues = std::max(config.queues, 1U);
  pair.rx_queues = config.queues;
  pair.is_up = true;
  plan.host(pair);
  plan.host(netlink::SetPort{host_end, config.owner.unfinished_alias(), config.hairpin, config.port_isolation,
                             config.checks_macs});
  plan.host(sysctl::refuse_router_advertisements(host_end));
  return plan;
}

plan::Plan plan_layer2(const Config& config) {
  plan::Plan plan;
  if (!config.leave_interface_down) plan.container(netlink::SetLink{config.ifname, true});
  return plan;
}

std::string claim_of(const Config& config, const net::Address& address) {
  const std::string vlan = config.vlans.own ? std::to_string(config.vlans.own->value()) + "@" : "";
  return address.text() + "@" + vlan + config.bridge.text();
}

plan::Plan plan_claim(const Config& config, const net::Address& address) {
  plan::Plan plan;
  plan.host(netlink::NewAltName{config.owner.host_end(), claim_of(config, address)});
  return plan;
}

plan::Plan plan_container(const Config& config, const Links& links, const cni::Result& lease,
                          const std::vector<netlink::Route>& rivals) {
  plan::Plan plan;
  if (config.checks_addresses) plan.container(sysctl::link_local_from_mac(config.ifname));
  const attachment::Inside inside{config.ifname, links.container_end.index, config.detect_duplicates};
  attachment::plan_addresses(plan, inside, lease);
  attachment::plan_routes(plan, inside, lease, rivals);
  return plan;
}

plan::Plan plan_gateway(const Config& config, const Links& links, const std::vector<net::Prefix>& present,
                        const cni::Result& lease) {
  plan::Plan plan;
  if (!config.is_gateway) return plan;
  const netlink::Link& gateway_link = links.vlan_gateway ? *links.vlan_gateway : links.bridge;
  const net::IfName name(gateway_link.name);
  const std::vector<net::Prefix> wanted = gateway_addresses(lease);
  std::vector<net::Prefix> replaced;
  for (const net::Prefix& address : wanted) {
    if (contains(present, address)) continue;
    for (const net::Prefix& other : present) {
      if (!conflicts(other, address, wanted) || contains(replaced, other)) continue;
      if (!config.force_address) throw has_another_address(links, other, address);
      plan.host(netlink::DeleteAddress{name, gateway_link.index, other});
      replaced.push_back(other);
    }
    plan.host(netlink::NewAddress{name, gateway_link.index, address, false, true});
    // A bridge with an address has a fixed MAC address.
    if (!links.vlan_gateway) plan.host(netlink::SetLink{config.bridge, {}, {}, links.bridge.mac});
  }
  attachment::plan_forwarding(plan, lease);
  return plan;
}

cni::Result complete(const Config& config, cni::Result lease) {
  constexpr std::int64_t kContainerEnd = 2;  // index in the result: bridge, host end, container end
  for (cni::Ip& ip : lease.ips) {
    ip.interface = kContainerEnd;
    if (!ip.gateway && config.is_gateway) ip.gateway = default_gateway(ip.address);
  }
  lease = attachment::without_unusable_routes(std::move(lease));
  if (!config.is_default_gateway) return lease;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    // IPAM's default route without a gateway uses this gateway too. The kernel would reject a second default route.
    const bool has_default = std::any_of(lease.routes.begin(), lease.routes.end(), [family](const cni::Route& route) {
      return route.dst.is_any() && route.dst.family() == family;
    });
    const auto gateway = attachment::gateway_of(lease, family);
    if (!has_default && gateway) {
      cni::Route route;
      route.dst = net::Prefix::any(family);
      route.gw = gateway;
      lease.routes.push_back(route);
    }
  }
  return lease;
}

std::vector<net::Prefix> gateway_addresses(const cni::Result& lease) {
  std::vector<net::Prefix> result;
  for (const cni::Ip& ip : lease.ips) {
    if (!ip.gateway) continue;
    const net::Prefix address{*ip.gateway, ip.address.length};
    if (!contains(result, address)) result.push_back(address);
  }
  return result;
}

}  // namespace bridge
