// SPDX-License-Identifier: Apache-2.0
// The bridge plugin: connects a container to a Linux bridge by a veth pair, with addresses from IPAM, and optionally a
// gateway and masquerading. Keys: config.h.

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/gc.h"
#include "lib/attachment/keys.h"
#include "lib/attachment/layer3.h"
#include "lib/attachment/lock.h"
#include "lib/attachment/masquerade.h"
#include "lib/attachment/ready.h"
#include "lib/attachment/removal.h"
#include "lib/attachment/status.h"
#include "lib/attachment/uplink.h"
#include "lib/attachment/veth/pair.h"
#include "lib/cni/delegate.h"
#include "lib/cni/serve.h"
#include "lib/log/log.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/check.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/plan.h"
#include "plugins/bridge/revert.h"
#include "plugins/bridge/seen.h"
#include "plugins/bridge/spoof.h"
#include "plugins/bridge/vlan_links.h"

namespace bridge {
namespace {

// Creates the bridge if it does not exist, and brings it up. Concurrent first ADDs are safe.
void ensure_bridge(plan::Kernel& kernel, const Config& config, Seen& seen) {
  const plan::Plan plan = plan_bridge(config, seen, netlink::random_mac());
  kernel.apply(plan);
  if (!plan.changes_links()) return;
  seen.bridge = netlink::observe_bridge(kernel.host(), config.bridge);
  if (!seen.bridge)
    throw cni::Error(cni::kTryAgain, "bridge " + config.bridge.text() + " vanished while it was being set up",
                     "another program deletes links on this host; try again");
  if (seen.bridge->kind != "bridge")
    plan_bridge(config, seen, {});  // throws if a link of another kind was created meanwhile
}

// Source checks are added before the port exists, so the MAC address must be known: generates one if none is
// configured.
Config parse_with_mac(const cni::Request& request) {
  Config config = parse_config(request);
  if (config.checks_macs && !config.mac) config.mac = netlink::random_mac();
  return config;
}

// Creates the port. The bridge may be deleted meanwhile, when another container's failed first ADD reverts it.
void connect(plan::Kernel& kernel, const Config& config, Seen& seen) {
  const logging::Stage stage("links");
  for (int left = 3;; --left) {
    ensure_bridge(kernel, config, seen);
    try {
      const netns::Netns& netns = kernel.container_netns();
      return kernel.apply(plan_port(config, seen, {seen.bridge->index, netns.fd(), netns.path()}));
    } catch (const std::system_error&) {
      if (left == 0 || netlink::observe_link(kernel.host(), seen.bridge->index)) throw;
    }
    seen.bridge.reset();
  }
}

void revert_bridge(plan::Kernel& kernel, const Config& config, const Seen& before) {
  kernel.apply(plan_revert_bridge(config, before, observe_all(kernel, config)));
}

void revert_gateway(plan::Kernel& kernel, const Config& config, const Seen& before) {
  if (!config.vlan_gateway) return;
  kernel.apply(plan_revert_gateway(config, before, observe_all(kernel, config)));
}

// The pair. Its port joins its VLANs before the container's end is up, so no frame enters another VLAN.
Links make_links(plan::Kernel& kernel, const Config& config, Seen& seen) {
  try {
    connect(kernel, config, seen);
    Links links = observe_links(kernel, config);
    join_vlans(kernel, config, links);
    return links;
  } catch (const std::system_error& error) {
    explain_missing_vlans(kernel, config, error);
    throw;
  }
}

// ADD returns when the bridge forwards the port's frames.
void wait_for_port(plan::Kernel& kernel, const Config& config, const Links& links) {
  const net::IfName host_end = config.owner.host_end();
  const auto is_port = [&](const netlink::Link& link) { return link.master == links.bridge.index; };
  if (attachment::wait_for_link(kernel, host_end, is_port)) return;
  throw cni::Error(cni::kTryAgain,
                   "bridge port in error state: " + host_end.text() + " did not become a running port of " +
                       config.bridge.text() + " within 2.5 s",
                   "show its state with: bridge -d link show dev " + host_end.text());
}

cni::Result describe(const Config& config, const Links& links, cni::Result lease, const std::string& netns) {
  cni::Result result = std::move(lease);
  result.interfaces = {attachment::interface_of(links.bridge, {}), attachment::interface_of(links.host_end, {}),
                       attachment::interface_of(links.container_end, netns)};
  if (links.vlan_gateway) result.interfaces.push_back(attachment::interface_of(*links.vlan_gateway, {}));
  if (config.dns) result.dns = *config.dns;
  return result;
}

// The current addresses of the link with the gateway addresses. If none is to be added, those seen at the beginning of
// ADD suffice.
std::vector<net::Prefix> observe_gateway_addresses(plan::Kernel& kernel, const Links& links, const Seen& seen,
                                                   const cni::Result& given) {
  if (links.vlan_gateway) return netlink::observe_addresses(kernel.host(), links.vlan_gateway->index);
  const std::vector<net::Prefix> wanted = gateway_addresses(given);
  const auto is_there = [&](const net::Prefix& address) {
    const auto& present = seen.bridge_addresses;
    return std::find(present.begin(), present.end(), address) != present.end();
  };
  const bool is_same_bridge = seen.bridge && seen.bridge->index == links.bridge.index;
  if (is_same_bridge && std::all_of(wanted.begin(), wanted.end(), is_there)) return seen.bridge_addresses;
  return netlink::observe_addresses(kernel.host(), links.bridge.index);
}

// ADD returns when both sides answer neighbour requests. With duplicate detection, the container has to wait itself.
void wait_for_addresses(plan::Kernel& kernel, const Config& config, const cni::Result& given) {
  std::vector<net::Address> gateways;
  for (const net::Prefix& gateway : gateway_addresses(given)) gateways.push_back(gateway.address);
  if (config.is_gateway) attachment::wait_until_in_use(kernel, plan::Where::host, gateways);
  if (config.detect_duplicates) return;
  std::vector<net::Address> own;
  for (const cni::Ip& ip : given.ips) own.push_back(ip.address.address);
  attachment::wait_until_in_use(kernel, plan::Where::container, own);
}

// Throws cni::Error code 11 if a port of another network has one of the addresses on the bridge. A port of the same
// network causes a warning: IPAM has allocated the address again, so the other container is usually being deleted.
void claim_addresses(plan::Kernel& kernel, const Config& config, const cni::Result& given) {
  for (const cni::Ip& ip : given.ips) {
    const net::Address& address = ip.address.address;
    try {
      kernel.apply(plan_claim(config, address));
      continue;
    } catch (const std::system_error& error) {
      if (error.code().value() != EEXIST) throw;
    }
    const auto port = netlink::observe_link_by_alt_name(kernel.host(), claim_of(config, address));
    if (!port || port->name == config.owner.host_end().text()) continue;
    const std::string owner(net::Owner::without_state(port->alias));
    if (!net::Owner::is_of_network(owner, config.owner.network)) {
      throw cni::Error(cni::kTryAgain,
                       "address " + address.text() + " is in use on bridge " + config.bridge.text() + " by " + owner,
                       "give each network on the bridge a range of its own");
    }
    logging::warn("address " + address.text() + " is also used by " + owner +
                  ", whose interface still exists; if that container is not being deleted, the network's address store "
                  "was lost: delete one of the two containers");
  }
}

// The container's addresses and routes, and the gateway addresses on the bridge or VLAN gateway.
cni::Result configure(plan::Kernel& kernel, const Config& config, const Seen& seen, Links& links,
                      const cni::Result& lease) {
  const logging::Stage stage("layer3");
  cni::Result given = complete(config, lease);
  claim_addresses(kernel, config, given);
  apply_checks(kernel, config, attachment::addresses_of(given));
  kernel.apply(plan_container(config, links, given, attachment::observe_rivals(kernel, given)));
  if (config.vlan_gateway) links.vlan_gateway = ensure_vlan_gateway(kernel, config, links);
  const plan::Plan gateway = plan_gateway(config, links, observe_gateway_addresses(kernel, links, seen, given), given);
  if (gateway.changes_links()) {  // the network's first container
    attachment::warn_of_clashes(kernel, attachment::addresses_of(given),
                                links.vlan_gateway ? links.vlan_gateway->index : links.bridge.index);
  }
  kernel.apply(gateway);
  return given;
}

// ADD: connects the container to the bridge. If a step fails, all earlier changes are reverted in reverse order.
// Masquerading comes last, so an earlier failure leaves it untouched.
cni::Result add(const cni::Request& request) {
  Config config = parse_with_mac(request);
  plan::Kernel kernel(request.netns);
  config.mtu = attachment::resolved(config.mtu, kernel.host());
  const attachment::Lock lock(config.owner);
  Seen seen = observe(kernel, config);
  const Seen before = seen;
  plan_bridge(config, seen, {});  // rejects a name that is in use before anything is started
  plan_port(config, seen, {});
  if (seen.host_end) attachment::release_leftover(request);

  cni::Rollback rollback;
  std::optional<cni::Lease> lease;
  if (config.has_ipam) lease.emplace(request, rollback);  // the IPAM plugin runs while the links are created
  if (lease && !seen.bridge)
    lease->wait();  // other ADDs may use a new bridge at once, so create it only after an address is allocated

  rollback.add("revert the bridge", [&] { revert_bridge(kernel, config, before); });
  if (config.checks_macs) rollback.add("delete the source checks", [&] { remove_checks(kernel, config.owner); });
  apply_checks(kernel, config, {});
  rollback.add("delete the port", [&] { attachment::remove_pair(kernel, config.owner); });
  rollback.add("revert the VLAN gateway", [&] { revert_gateway(kernel, config, before); });
  Links links = make_links(kernel, config, seen);

  cni::Result given;
  if (lease) given = configure(kernel, config, seen, links, lease->wait());
  if (!lease) kernel.apply(plan_layer2(config));
  if (!config.leave_interface_down) wait_for_port(kernel, config, links);
  if (lease && !config.leave_interface_down) {
    wait_for_addresses(kernel, config, given);
    kernel.apply(attachment::plan_announce(config.ifname, links.container_end));
  }
  if (lease && config.ip_masq) {
    rollback.add("delete the masquerading", [&] { attachment::remove_masquerade(kernel, config.owner); });
    attachment::masquerade(kernel, config.owner, attachment::addresses_of(given), config.masquerading);
  }
  kernel.apply(attachment::plan_finish(config.owner));
  cni::Result result = describe(config, links, given, request.netns);
  rollback.dismiss();
  return result;
}

// DEL ignores the configuration, except for the bridge's name: it identifies the pair that the reference created.
void del(const cni::Request& request) {
  std::vector<attachment::DelStep> steps = attachment::masquerade_steps(request.owner());
  steps.push_back(attachment::pair_step(request, parse_name_leniently(request)));
  const auto end_checks = [&](plan::Kernel& kernel) {
    remove_checks(kernel, request.owner());
    remove_reference_checks(kernel, request.owner());
  };
  steps.push_back({"delete the source checks", end_checks, true});
  attachment::remove(request, steps);
}

// CHECK: compares with what ADD created. Interfaces are found in prevResult by name, as the specification requires.
void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  cni::delegate_ipam(request, cni::Verb::check);
  plan::Kernel kernel(request.netns);
  attachment::reject_differences(compare(kernel, config, previous),
                                 "network " + request.network + " differs from what ADD configured");
}

// STATUS: can the gateway addresses be added to the bridge or the VLAN gateway, if that exists?
void check_gateways(plan::Kernel& kernel, const Config& config, const netlink::BridgeLink& bridge,
                    const std::optional<netlink::Link>& gateway_link,
                    const std::vector<attachment::AddressRange>& ranges) {
  if (!gateway_link) return;
  Links links{bridge, {}, {}};
  if (config.vlan_gateway) links.vlan_gateway = gateway_link;
  try {
    plan_gateway(config, links, netlink::observe_addresses(kernel.host(), gateway_link->index),
                 complete(config, attachment::expected_lease(ranges)));
  } catch (const cni::Error& error) {
    throw cni::Error(cni::kNotAvailable, error.msg(), error.details());
  }
}

// STATUS: the bridge's name is free or a bridge, the tables are usable, and the subnets do not clash.
void status(const cni::Request& request) {
  const Config config = parse_config(request);
  plan::Kernel kernel;
  const auto bridge = netlink::observe_bridge(kernel.host(), config.bridge);
  if (bridge && bridge->kind != "bridge") throw not_a_bridge(cni::kNotAvailable, *bridge);
  check_vlans(kernel, config, bridge.has_value());
  if (config.has_ipam && config.ip_masq) attachment::check_table(kernel);
  if (config.checks_macs) attachment::check_table(kernel, nft::TableFamily::bridge);
  if (config.has_ipam && config.is_gateway) {
    std::optional<netlink::Link> gateway_link = bridge;
    if (config.vlan_gateway) gateway_link = netlink::observe_link(kernel.host(), *config.vlan_gateway);
    const std::vector<attachment::AddressRange> ranges = attachment::find_ranges(request);
    attachment::check_ipv6(ranges, gateway_link);
    if (bridge) check_gateways(kernel, config, *bridge, gateway_link, ranges);
    attachment::check_ranges(kernel, ranges, gateway_link ? gateway_link->index : 0);
  }
  cni::delegate_ipam(request, cni::Verb::status);
}

void restore(const cni::Request& request) {
  const Config config = parse_config(request);
  if (config.has_ipam && config.is_gateway) attachment::restore_forwarding(request);
  if (config.has_ipam && config.ip_masq) attachment::restore_masquerade(request, config.masquerading);
  plan::Kernel kernel;
  if (const auto previous = request.previous_result()) restore_checks(kernel, config, *previous);
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"bridge", cni::kAllVersions,   add,     del,         check,
                                    status,   attachment::collect, restore, parse_config};
  return instance;
}

}  // namespace bridge
