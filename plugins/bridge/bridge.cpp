// SPDX-License-Identifier: Apache-2.0
// The bridge plugin: a veth pair between the container and a Linux bridge on the host, addresses from IPAM, a gateway and
// masquerading when asked for. Keys: config.h.

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

// The bridge is there and up, whoever made it: several first ADDs at once each find it or make it.
void ensure_bridge(plan::Kernel& kernel, const Config& config, Seen& seen) {
  const plan::Plan plan = plan_bridge(config, seen, netlink::random_mac());
  kernel.apply(plan);
  if (!plan.changes_links()) return;
  seen.bridge = netlink::observe_bridge(kernel.host(), config.bridge);
  if (!seen.bridge)
    throw cni::Error(cni::kTryAgain, "bridge " + config.bridge.text() + " vanished while it was set up");
  if (seen.bridge->kind != "bridge") plan_bridge(config, seen, {});  // throws: another kind of link was quicker
}

// A port that is checked is held to a MAC address before it is there: what nobody asks for is drawn here, not by the kernel.
Config parse_with_mac(const cni::Request& request) {
  Config config = parse_config(request);
  if (config.checks_macs && !config.mac) config.mac = netlink::random_mac();
  return config;
}

// Makes the port. The bridge may go meanwhile: the failed first ADD of another container takes back what it made.
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

// The pair, and its port in its VLANs before the container's end is up: no frame goes astray.
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

// ADD ends when the bridge forwards what the port sends.
void wait_for_port(plan::Kernel& kernel, const Config& config, const Links& links) {
  const net::IfName host_end = config.owner.host_end();
  const auto is_port = [&](const netlink::Link& link) { return link.master == links.bridge.index; };
  if (attachment::wait_for_link(kernel, host_end, is_port)) return;
  throw cni::Error(cni::kTryAgain,
                   "bridge port in error state: " + host_end.text() + " is no running port of " + config.bridge.text());
}

cni::Result describe(const Config& config, const Links& links, cni::Result lease, const std::string& netns) {
  cni::Result result = std::move(lease);
  result.interfaces = {attachment::interface_of(links.bridge, {}), attachment::interface_of(links.host_end, {}),
                       attachment::interface_of(links.container_end, netns)};
  if (links.vlan_gateway) result.interfaces.push_back(attachment::interface_of(*links.vlan_gateway, {}));
  if (config.dns) result.dns = *config.dns;
  return result;
}

// The addresses of the link that has the gateways'. What ADD saw at its beginning is enough where none is to be added.
std::vector<net::Prefix> observe_holder(plan::Kernel& kernel, const Links& links, const Seen& seen,
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

// ADD ends when neighbours are answered, on both sides. Who wants duplicates to be looked for has his container wait itself.
void wait_for_addresses(plan::Kernel& kernel, const Config& config, const cni::Result& given) {
  std::vector<net::Address> gateways;
  for (const net::Prefix& gateway : gateway_addresses(given)) gateways.push_back(gateway.address);
  if (config.is_gateway) attachment::wait_until_in_use(kernel, plan::Where::host, gateways);
  if (config.detect_duplicates) return;
  std::vector<net::Address> own;
  for (const cni::Ip& ip : given.ips) own.push_back(ip.address.address);
  attachment::wait_until_in_use(kernel, plan::Where::container, own);
}

// Throws cni::Error code 11 if a port of another network has one of the addresses on the bridge. If it is one of the same
// network, the IPAM plugin has allocated the address again: the other container is about to go.
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
    logging::warn("address " + address.text() + " is that of " + owner +
                  " too, whose interface still exists; if that container is to stay, delete one of both: the network's "
                  "address store was removed");
  }
}

// Addresses and routes for the container, the gateway's addresses for the bridge, or for the gateway of its VLAN.
cni::Result configure(plan::Kernel& kernel, const Config& config, const Seen& seen, Links& links,
                      const cni::Result& lease) {
  const logging::Stage stage("layer3");
  cni::Result given = complete(config, lease);
  claim_addresses(kernel, config, given);
  hold_port(kernel, config, attachment::addresses_of(given));
  kernel.apply(plan_container(config, links, given, attachment::observe_rivals(kernel, given)));
  if (config.vlan_gateway) links.vlan_gateway = ensure_vlan_gateway(kernel, config, links);
  const plan::Plan gateway = plan_gateway(config, links, observe_holder(kernel, links, seen, given), given);
  if (gateway.changes_links()) {  // the network's first container
    attachment::warn_of_clashes(kernel, attachment::addresses_of(given),
                                links.vlan_gateway ? links.vlan_gateway->index : links.bridge.index);
  }
  kernel.apply(gateway);
  return given;
}

// ADD: connect the container to the bridge. Everything that changes the kernel is undone, in reverse, when a later step
// fails; masquerading comes last, so that a failure before leaves it untouched.
cni::Result add(const cni::Request& request) {
  const Config config = parse_with_mac(request);
  plan::Kernel kernel(request.netns);
  const attachment::Lock lock(config.owner);
  Seen seen = observe(kernel, config);
  const Seen before = seen;
  plan_bridge(config, seen, {});  // a taken name is told before anything is started
  plan_port(config, seen, {});
  if (seen.host_end) attachment::release_leftover(request);

  cni::Rollback rollback;
  std::optional<cni::Lease> lease;
  if (config.has_ipam) lease.emplace(request, rollback);  // a process runs beside the work on the links
  if (lease && !seen.bridge)
    lease->wait();  // a bridge that others may come to use is only made once there is an address

  rollback.add("undo the changes to the bridge", [&] { revert_bridge(kernel, config, before); });
  if (config.checks_macs) rollback.add("end the source checks", [&] { release_port(kernel, config.owner); });
  hold_port(kernel, config, {});
  rollback.add("remove the port", [&] { attachment::remove_pair(kernel, config.owner); });
  rollback.add("undo the changes to the VLAN's gateway", [&] { revert_gateway(kernel, config, before); });
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
    rollback.add("remove the masquerading", [&] { attachment::remove_masquerade(kernel, config.owner); });
    attachment::masquerade(kernel, config.owner, attachment::addresses_of(given), config.masquerading);
  }
  kernel.apply(attachment::plan_finish(config.owner));
  cni::Result result = describe(config, links, given, request.netns);
  rollback.dismiss();
  return result;
}

// DEL: whatever the configuration says by now; its bridge only tells which pair of the reference's was this network's.
void del(const cni::Request& request) {
  std::vector<attachment::DelStep> steps = attachment::masquerade_steps(request.owner());
  steps.push_back(attachment::pair_step(request, parse_name_leniently(request)));
  const auto end_checks = [&](plan::Kernel& kernel) {
    release_port(kernel, request.owner());
    release_reference(kernel, request.owner());
  };
  steps.push_back({"end the source checks", end_checks, true});
  attachment::remove(request, steps);
}

// CHECK: what ADD made is still there. Interfaces are found in prevResult by name, as the specification has it.
void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  cni::delegate_ipam(request, cni::Verb::check);
  plan::Kernel kernel(request.netns);
  attachment::reject_differences(compare(kernel, config, previous),
                                 "network " + request.network + " differs from what ADD configured");
}

// STATUS: would the gateways find their place on the bridge, or on the link of the VLAN, if it is there?
void check_gateways(plan::Kernel& kernel, const Config& config, const netlink::BridgeLink& bridge,
                    const std::optional<netlink::Link>& holder, const std::vector<attachment::AddressRange>& ranges) {
  if (!holder) return;
  Links links{bridge, {}, {}};
  if (config.vlan_gateway) links.vlan_gateway = holder;
  try {
    plan_gateway(config, links, netlink::observe_addresses(kernel.host(), holder->index),
                 complete(config, attachment::expected_lease(ranges)));
  } catch (const cni::Error& error) {
    throw cni::Error(cni::kNotAvailable, error.msg(), error.details());
  }
}

// STATUS: the next ADD would find its bridge's name free or a bridge, its table usable, its subnets its own.
void status(const cni::Request& request) {
  const Config config = parse_config(request);
  plan::Kernel kernel;
  const auto bridge = netlink::observe_bridge(kernel.host(), config.bridge);
  if (bridge && bridge->kind != "bridge") throw not_a_bridge(cni::kNotAvailable, *bridge);
  check_vlans(kernel, config, bridge.has_value());
  if (config.has_ipam && config.ip_masq) attachment::check_table(kernel);
  if (config.checks_macs) attachment::check_table(kernel, nft::TableFamily::bridge);
  if (config.has_ipam && config.is_gateway) {
    std::optional<netlink::Link> holder = bridge;
    if (config.vlan_gateway) holder = netlink::observe_link(kernel.host(), *config.vlan_gateway);
    const std::vector<attachment::AddressRange> ranges = attachment::find_ranges(request);
    attachment::check_ipv6(ranges, holder);
    if (bridge) check_gateways(kernel, config, *bridge, holder, ranges);
    attachment::check_ranges(kernel, ranges, holder ? holder->index : 0);
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
