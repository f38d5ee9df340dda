// SPDX-License-Identifier: Apache-2.0
// The portmap plugin: publishes ports of the container on the host. It is chained after the plugin that allocates the
// addresses. Keys: config.h.

#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/gc.h"
#include "lib/attachment/removal.h"
#include "lib/attachment/status.h"
#include "lib/cni/rollback.h"
#include "lib/cni/serve.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/netlink/closing.h"
#include "lib/netlink/conntrack.h"
#include "lib/netlink/link.h"
#include "lib/netlink/link_watch.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "lib/reference/leftovers.h"
#include "lib/reference/published.h"
#include "plugins/portmap/config.h"
#include "plugins/portmap/listeners.h"
#include "plugins/portmap/plan.h"
#include "plugins/portmap/seen.h"

namespace portmap {
namespace {

constexpr std::chrono::seconds kTimeout{2};  // for a port of another container

// The host's link towards the container's address of that family. Packets from localhost leave through it.
std::optional<netlink::Link> link_towards(plan::Kernel& kernel, const std::vector<net::Prefix>& addresses,
                                          net::Family family) {
  for (const net::Prefix& address : addresses) {
    if (address.family() != family) continue;
    const auto index = netlink::observe_link_to(kernel.host(), address.address);
    auto link = index ? netlink::observe_link(kernel.host(), *index) : std::nullopt;
    if (link && link->name != "lo") return link;
  }
  return std::nullopt;
}

Container observe_container(plan::Kernel& kernel, const Config& config, std::vector<net::Prefix> addresses) {
  const bool has_host_end = netlink::observe_link(kernel.host(), config.owner.host_end()).has_value();
  const bool has_localhost = config.snat && config.publishes(net::Family::v4);
  const auto link = has_localhost ? link_towards(kernel, addresses, net::Family::v4) : std::nullopt;
  return {std::move(addresses), link ? link->name : "", has_host_end};
}

// Deletes the owner's elements and returns its ports.
std::vector<ruleset::Element> unpublish(plan::Kernel& kernel, const Config& config) {
  Seen seen;
  kernel.apply_with_retry([&] {
    seen = observe_owned(kernel.table(), kernel.host(), config);
    return plan_unpublish(config.owner, seen);
  });
  std::erase_if(seen.ports,
                [&](const ruleset::Element& port) { return !is_port(port) || port.comment != config.owner.comment(); });
  return seen.ports;
}

// Replies to ::1 arrive on the container's link, and the kernel accepts them only if ::1 is routed there. It still
// drops packets to ::1 that the container sends itself. The route exists as long as the link, like route_localnet.
void route_localhost6(plan::Kernel& kernel, const netlink::Link& link) {
  plan::Plan plan;
  plan.host(netlink::NewLocalRoute{net::IfName(link.name), link.index, net::Address::parse("::1").value()});
  try {
    kernel.apply(plan);
  } catch (const std::exception& error) {
    logging::warn(std::string("published ports are unreachable from ::1: ") + error.what());
  }
}

// The UDP ports of the mappings in one family.
netlink::PortsOfAddresses udp_ports(const std::vector<Mapping>& mappings, net::Family family) {
  netlink::PortsOfAddresses ports;
  std::set<std::uint16_t> everywhere;
  for (const Mapping& mapping : mappings) {
    if (mapping.protocol.number != IPPROTO_UDP || !mapping.serves(family)) continue;
    std::set<net::Address>& addresses = ports[mapping.host_port];
    if (mapping.is_on_one_address())
      addresses.insert(*mapping.host_ip);
    else
      everywhere.insert(mapping.host_port);
  }
  for (const std::uint16_t port : everywhere) ports[port].clear();
  return ports;
}

// Deletes UDP flows that connection tracking would keep forwarding to the old target. A failure is only a warning,
// because flows time out. `addresses`: the container's; only flows of their families are deleted, of both families if
// empty. A child process would be too late: after ADD, packets would still go elsewhere; after DEL, to the next
// container.
void flush_flows(plan::Kernel& kernel, const std::vector<Mapping>& mappings, const std::vector<net::Prefix>& addresses,
                 netlink::Flows which = netlink::Flows::all) {
  netlink::PortsOfFamilies ports;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const bool has_family = std::any_of(addresses.begin(), addresses.end(),
                                        [&](const net::Prefix& address) { return address.family() == family; });
    netlink::PortsOfAddresses of_family = udp_ports(mappings, family);
    if ((has_family || addresses.empty()) && !of_family.empty()) ports.emplace(family, std::move(of_family));
  }
  try {
    netlink::flush_udp(kernel.netfilter(), ports, which);
  } catch (const std::exception& error) {
    logging::warn(error.what());
  }
}

// The reason why ADD does not publish a mapping; "" if it does.
std::string why_unpublished(const Config& config, const Mapping& mapping, const std::vector<net::Prefix>& addresses,
                            const std::string& ifname) {
  const auto is_any = [&](const auto& holds) { return std::any_of(addresses.begin(), addresses.end(), holds); };
  if (addresses.empty()) return "prevResult has no IP address of " + ifname;
  if (is_any([&](const net::Prefix& address) { return config.publishes(mapping, address.family()); })) return {};
  const bool has_family = is_any([&](const net::Prefix& address) { return mapping.serves(address.family()); });
  if (has_family) return "the conditions exclude this port";
  const std::string family = mapping.host_ip->is_v4() ? "IPv4" : "IPv6";
  return "hostIP is an " + family + " address, but the container has no " + family + " address";
}

// One warning per reason: a range may have thousands of ports.
void warn_of_unpublished(const Config& config, const std::vector<net::Prefix>& addresses, const std::string& ifname) {
  std::map<std::string, std::vector<const Mapping*>> by_reason;
  for (const Mapping& mapping : config.mappings) {
    by_reason[why_unpublished(config, mapping, addresses, ifname)].push_back(&mapping);
  }
  for (const auto& [reason, mappings] : by_reason) {
    if (reason.empty()) continue;
    const std::string rest = mappings.size() > 1 ? " and " + std::to_string(mappings.size() - 1) + " more are" : " is";
    logging::warn("host " + text(*mappings.front()) + rest + " not published: " + reason);
  }
}

// The reference's rules precede ours, so all traffic would go to the other container. A rule also counts if that
// container is gone, because it still matches.
void reject_ports_of_reference(plan::Kernel& kernel, const Config& config, const std::vector<net::Prefix>& addresses) {
  std::vector<reference::HostPort> ports;
  for (const net::Prefix& address : addresses) {
    for (const Mapping& mapping : config.mappings) {
      if (!config.publishes(mapping, address.family())) continue;
      const auto one = mapping.is_on_one_address() ? mapping.host_ip : std::nullopt;
      ports.push_back({address.family(), mapping.protocol.number, mapping.host_port, one});
    }
  }
  if (ports.empty()) return;
  const auto taken = reference::find_taken(kernel.netfilter(), ports, config.owner.container_id);
  if (!taken) return;
  const Mapping port{taken->port.number, 0, {taken->port.protocol}, taken->port.address};
  throw cni::Error(
      cni::kPortTaken,
      "host " + text(port) + " is already published by the reference plugin for container " + taken->owner,
      "choose another hostPort, or delete that container first; if it no longer exists, delete the rule with: nft " +
          foreign::text(foreign::RemoveRule{taken->rule}));
}

// Transfers ports of gone attachments to those that stand by, and flushes the flows to the old targets.
void take_over(plan::Kernel& kernel, const std::function<Seen()>& observe) {
  std::vector<Mapping> mappings;
  kernel.apply_with_retry([&] {
    const Seen seen = observe();
    mappings.clear();
    for (const ruleset::Element& port : select_taken_over(seen)) mappings.push_back(mapping_of(port));
    return plan_take_over(seen);
  });
  flush_flows(kernel, mappings, {});
}

// Publishes all ports, and makes them reachable from localhost. route_localnet is set only after the link's guard
// exists: without the guard, containers could reach the host's localhost. is_changed: set when the table may have been
// changed. Returns whether some owners were gone; their flows may still exist.
bool publish(plan::Kernel& kernel, const Config& config, const Container& container, bool& is_changed) {
  const Wanted wanted = wanted_elements(config, container);
  const bool has_localhost6 = config.snat && config.publishes(net::Family::v6);
  const auto link6 = has_localhost6 ? link_towards(kernel, container.addresses, net::Family::v6) : std::nullopt;
  const auto look = [&] { return observe(kernel.table(), kernel.host(), wanted); };
  bool has_gone = false;
  kernel.apply_with_retry([&] {
    Seen seen = look();
    if (!select_taken_over(seen).empty()) {
      take_over(kernel, look);
      seen = look();
    }
    plan::Plan plan = plan_publish(wanted, seen);
    has_gone = !seen.gone_owners.empty();
    is_changed = true;
    return plan;
  });
  if (!container.localnet_link.empty()) sysctl::apply(sysctl::route_localnet(net::IfName(container.localnet_link)));
  if (link6) route_localhost6(kernel, *link6);
  return has_gone;
}

// Waits for a port of another container: often its DEL is already running. No lock is held.
void publish_with_timeout(plan::Kernel& kernel, const Config& config, const Container& container, bool& is_changed) {
  std::optional<cni::Error> rejection;
  const auto try_to_publish = [&] {
    try {
      publish(kernel, config, container, is_changed);
      return true;
    } catch (const cni::Error& error) {
      if (error.code() != cni::kPortTaken) throw;
      rejection = error;
      return false;
    }
  };
  if (try_to_publish()) return;
  netlink::LinkWatch links;  // a container can go without DEL
  netlink::Socket elements(NETLINK_NETFILTER, 1U << (NFNLGRP_NFTABLES - 1U));
  const bool is_published = links.wait(try_to_publish, kTimeout, &elements);
  netlink::close_deferred(std::move(elements), true);
  if (is_published) return;
  throw cni::Error(cni::kPortTaken, rejection->msg(), "waited 2 s for its release; " + rejection->details());
}

// ADD: publishes all ports or none in one transaction, and returns prevResult.
cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  cni::Result previous = attachment::require_previous(request, "must be called as chained plugin");
  if (config.mappings.empty()) return previous;
  plan::Kernel kernel;
  const Container container = observe_container(kernel, config, container_addresses(previous, request.ifname));
  reject_ports_of_reference(kernel, config, container.addresses);
  bool is_changed = false;  // a rejected ADD, for example for a port in use, keeps the owner's earlier ports
  cni::Rollback rollback;
  rollback.add("unpublish the ports", [&] {
    if (is_changed) unpublish(kernel, config);
  });
  publish_with_timeout(kernel, config, container, is_changed);
  if (!container.addresses.empty()) flush_flows(kernel, config.mappings, container.addresses);
  warn_of_unpublished(config, container.addresses, request.ifname);
  warn_of_listeners(config, container.addresses);
  rollback.dismiss();
  return previous;
}

// What is known of the attachment, to identify the reference's rules.
reference::KnownPorts known_of(const cni::Request& request, const std::vector<Mapping>& mappings) {
  reference::KnownPorts known;
  const auto previous = attachment::previous_if_readable(request);
  if (previous) known.addresses = container_addresses(*previous, request.ifname);
  for (const Mapping& mapping : mappings) known.host_ports.push_back(mapping.host_port);
  return known;
}

// DEL: deletes everything of the owner, even if the runtime names no ports, and flushes the flows of the named ports,
// even after a flush of the table. If the attachment is ours, there are no rules of the reference.
void del(const cni::Request& request) {
  plan::Kernel kernel;
  if (!kernel.has_nf_tables()) return;
  const Config config = parse_leniently(request);
  const net::Owner owner = request.owner();
  std::vector<Mapping> mappings = config.mappings;
  std::vector<net::Prefix> addresses = known_of(request, {}).addresses;
  const bool is_ours = kernel.table().find("publishers", {owner.host_end().text()}).has_value();
  cni::Steps steps;
  steps.run("unpublish the ports", [&] {
    for (const ruleset::Element& element : unpublish(kernel, config)) {
      mappings.push_back(mapping_of(element));
      addresses.push_back(target_of(element));
    }
  });
  steps.run("delete the reference's rules", [&] {
    if (is_ours) return;
    attachment::remove_reference(
        kernel, [&] { return reference::observe_ports(kernel.netfilter(), owner, known_of(request, mappings)); });
  });
  steps.run("flush the UDP flows", [&] { flush_flows(kernel, mappings, addresses); });
  steps.finish();
}

// If the reference published the ports, our table contains nothing, and its rules are not checked.
bool is_of_reference(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses) {
  if (addresses.empty()) return false;
  const bool is_ours = kernel.table().find("publishers", {owner.host_end().text()}).has_value();
  return attachment::is_of_reference(is_ours, [&] {
    return reference::observe_ports(kernel.netfilter(), owner, {addresses, {}});
  });
}

// Restores what ADD published. Flows that began while the ports were missing have no translation, and are flushed;
// others are kept.
void restore(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  if (config.mappings.empty()) return;
  plan::Kernel kernel;
  const Container container = observe_container(kernel, config, container_addresses(previous, request.ifname));
  if (!container.has_host_end && is_of_reference(kernel, config.owner, container.addresses)) return;
  bool is_changed = false;  // a failure keeps the existing elements of a living container
  const bool has_gone = publish(kernel, config, container, is_changed);
  flush_flows(kernel, config.mappings, container.addresses,
              has_gone ? netlink::Flows::all : netlink::Flows::untranslated);
}

void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  if (config.mappings.empty()) return;
  plan::Kernel kernel;
  const Container container = observe_container(kernel, config, container_addresses(previous, request.ifname));
  if (is_of_reference(kernel, config.owner, container.addresses)) return;
  const Wanted wanted = wanted_elements(config, container);
  plan::Differences differences;
  if (!wanted.ports.empty()) attachment::compare_table(differences, kernel);  // without ports no table is needed
  differences.expect_nothing_to_do(plan_publish(wanted, observe(kernel.table(), kernel.host(), wanted)));
  if (!container.localnet_link.empty()) {
    const sysctl::Setting setting = sysctl::route_localnet(net::IfName(container.localnet_link));
    differences.expect("sysctl " + sysctl::name_of(setting.key), setting.value,
                       sysctl::read(setting.key).value_or("nothing"));
  }
  attachment::reject_differences(differences, "published ports differ from what ADD configured");
}

// STATUS: the next ADD can change the table.
void status(const cni::Request& request) {
  parse_config(request);
  plan::Kernel kernel;
  attachment::check_table(kernel);
}

void remove_empty_conditions(plan::Kernel& kernel) {
  kernel.apply_with_retry([&] {
    const std::uint32_t generation = kernel.table().generation();
    return plan_remove_conditions(observe_empty_conditions(kernel.table()), generation);
  });
}

// GC: deletes ports of attachments that are not alive, their UDP flows, and empty maps of conditions.
void collect(const cni::Request& request) {
  const net::Attachments alive = request.alive().value();
  plan::Kernel kernel;
  attachment::AbandonedElements abandoned;
  cni::Steps steps;
  steps.run("transfer ports to the attachments that stand by", [&] {
    if (!kernel.has_nf_tables()) return;
    take_over(kernel, [&] { return observe_abandoned(kernel.table(), kernel.host(), alive); });
  });
  constexpr std::array kParts{ruleset::Part::port, ruleset::Part::condition};
  attachment::collect_elements(steps, kernel, alive, kParts, abandoned);
  steps.run("delete empty maps of conditions", [&] {
    if (kernel.has_nf_tables()) remove_empty_conditions(kernel);
  });
  std::vector<Mapping> mappings;
  std::vector<net::Prefix> addresses;
  for (const ruleset::Element& element : abandoned.elements) {
    if (!is_port(element)) continue;
    mappings.push_back(mapping_of(element));
    addresses.push_back(target_of(element));
  }
  flush_flows(kernel, mappings, addresses);
  steps.finish();
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"portmap", cni::kAllVersions, add,     del,         check,
                                    status,    collect,           restore, parse_config};
  return instance;
}

}  // namespace portmap
