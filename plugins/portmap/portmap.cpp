// SPDX-License-Identifier: Apache-2.0
// The portmap plugin: ports of the host that lead to the container. Chained after the plugin that gave it its addresses.
// Keys: config.h.

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

constexpr std::chrono::seconds kPatience{2};  // with a port of another container

// The link by which the host reaches the container's address of that family, which packets of localhost must be let out by.
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

// Removes what is the owner's, and returns which ports that were.
std::vector<ruleset::Element> withdraw(plan::Kernel& kernel, const Config& config) {
  Seen seen;
  kernel.apply_with_retry([&] {
    seen = observe_owned(kernel.table(), kernel.host(), config);
    return plan_withdraw(config.owner, seen);
  });
  std::erase_if(seen.ports,
                [&](const ruleset::Element& port) { return !is_port(port) || port.comment != config.owner.comment(); });
  return seen.ports;
}

// The answers to ::1 come in by the container's link, and the kernel takes only those whose destination is routed there.
// What a container sends to ::1 of its own accord it drops all the same. Stays as long as the link, as route_localnet does.
void serve_localhost6(plan::Kernel& kernel, const netlink::Link& link) {
  plan::Plan plan;
  plan.host(netlink::NewLocalRoute{net::IfName(link.name), link.index, net::Address::parse("::1").value()});
  try {
    kernel.apply(plan);
  } catch (const std::exception& error) {
    logging::warn(std::string("the host's ::1 does not reach published ports: ") + error.what());
  }
}

// The UDP ports among the mappings, of one family.
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

// A UDP flow that connection tracking knows goes on as it began, past what has changed. That it lives on for its timeout
// is no reason to fail. `addresses`: the container's; only flows of their families are deleted, of both if there are none. A
// child process would be too late: after ADD a client's packets would still go elsewhere, after DEL to the next container.
void forget_flows(plan::Kernel& kernel, const std::vector<Mapping>& mappings, const std::vector<net::Prefix>& addresses,
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

// Why ADD publishes nothing for a mapping; "" if it does.
std::string why_unpublished(const Config& config, const Mapping& mapping, const std::vector<net::Prefix>& addresses,
                            const std::string& ifname) {
  const auto is_any = [&](const auto& holds) { return std::any_of(addresses.begin(), addresses.end(), holds); };
  if (addresses.empty()) return "prevResult has no IP address of " + ifname + " that it could lead to";
  if (is_any([&](const net::Prefix& address) { return config.publishes(mapping, address.family()); })) return {};
  const bool has_family = is_any([&](const net::Prefix& address) { return mapping.serves(address.family()); });
  if (has_family) return "the conditions exclude this port";
  return std::string("the container has no ") + (mapping.host_ip->is_v4() ? "IPv4" : "IPv6") + " address, as hostIP is";
}

// One warning for each reason: a range may have thousands of ports.
void warn_of_unpublished(const Config& config, const std::vector<net::Prefix>& addresses, const std::string& ifname) {
  std::map<std::string, std::vector<const Mapping*>> by_reason;
  for (const Mapping& mapping : config.mappings) {
    by_reason[why_unpublished(config, mapping, addresses, ifname)].push_back(&mapping);
  }
  for (const auto& [reason, mappings] : by_reason) {
    if (reason.empty()) continue;
    const std::string more = mappings.size() > 1 ? " and " + std::to_string(mappings.size() - 1) + " more" : "";
    logging::warn("host " + text(*mappings.front()) + more + " not published: " + reason);
  }
}

// The reference's rules come before ours: all traffic would go on to the other container. A rule counts also if that container is
// gone, since it takes the traffic all the same.
void refuse_ports_of_reference(plan::Kernel& kernel, const Config& config, const std::vector<net::Prefix>& addresses) {
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
  throw cni::Error(cni::kPortTaken,
                   "host " + text(port) + " is already published by the reference plugin for container " + taken->owner,
                   "choose another hostPort, or delete that container first; if it no longer exists: nft " +
                       foreign::text(foreign::RemoveRule{taken->rule}));
}

// Hands ports of attachments that are gone to those that stand by, and forgets the flows to the former.
void inherit(plan::Kernel& kernel, const std::function<Seen()>& observe) {
  std::vector<Mapping> mappings;
  kernel.apply_with_retry([&] {
    const Seen seen = observe();
    mappings.clear();
    for (const ruleset::Element& port : select_inherited(seen)) mappings.push_back(mapping_of(port));
    return plan_inherit(seen);
  });
  forget_flows(kernel, mappings, {});
}

// Publishes all ports, and localhost's way to them. The link's setting comes once the guard of that link stands: without it,
// route_localnet lets containers reach the host's own localhost. is_begun: from now on something may be there. Returns whether
// there were owners that are gone, whose flows may go on.
bool publish(plan::Kernel& kernel, const Config& config, const Container& container, bool& is_begun) {
  const Wanted wanted = wanted_elements(config, container);
  const bool has_localhost6 = config.snat && config.publishes(net::Family::v6);
  const auto link6 = has_localhost6 ? link_towards(kernel, container.addresses, net::Family::v6) : std::nullopt;
  const auto look = [&] { return observe(kernel.table(), kernel.host(), wanted); };
  bool has_gone = false;
  kernel.apply_with_retry([&] {
    Seen seen = look();
    if (!select_inherited(seen).empty()) {
      inherit(kernel, look);
      seen = look();
    }
    plan::Plan plan = plan_publish(wanted, seen);
    has_gone = !seen.gone_owners.empty();
    is_begun = true;
    return plan;
  });
  if (!container.localnet_link.empty()) sysctl::apply(sysctl::route_localnet(net::IfName(container.localnet_link)));
  if (link6) serve_localhost6(kernel, *link6);
  return has_gone;
}

// A port that another container has is waited for: it is often deleted already, and its DEL on the way. No lock is held.
void publish_in_time(plan::Kernel& kernel, const Config& config, const Container& container, bool& is_begun) {
  std::optional<cni::Error> refusal;
  const auto try_to_publish = [&] {
    try {
      publish(kernel, config, container, is_begun);
      return true;
    } catch (const cni::Error& error) {
      if (error.code() != cni::kPortTaken) throw;
      refusal = error;
      return false;
    }
  };
  if (try_to_publish()) return;
  netlink::LinkWatch links;  // a container can go without DEL
  netlink::Socket elements(NETLINK_NETFILTER, 1U << (NFNLGRP_NFTABLES - 1U));
  const bool is_published = links.wait(try_to_publish, kPatience, &elements);
  netlink::close_deferred(std::move(elements), true);
  if (is_published) return;
  throw cni::Error(cni::kPortTaken, refusal->msg(), "waited 2 s for its release; " + refusal->details());
}

// ADD: one transaction that publishes all ports or none, and answers with the result it was given.
cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  cni::Result previous = attachment::require_previous(request, "must be called as chained plugin");
  if (config.mappings.empty()) return previous;
  plan::Kernel kernel;
  const Container container = observe_container(kernel, config, container_addresses(previous, request.ifname));
  refuse_ports_of_reference(kernel, config, container.addresses);
  bool is_begun = false;  // an ADD that is refused, as for a port of somebody else, leaves the owner what it had
  cni::Rollback rollback;
  rollback.add("withdraw the ports", [&] {
    if (is_begun) withdraw(kernel, config);
  });
  publish_in_time(kernel, config, container, is_begun);
  if (!container.addresses.empty()) forget_flows(kernel, config.mappings, container.addresses);
  warn_of_unpublished(config, container.addresses, request.ifname);
  warn_of_listeners(config, container.addresses);
  rollback.dismiss();
  return previous;
}

// What is known of the attachment, by which rules of the reference's are told apart.
reference::KnownPorts known_of(const cni::Request& request, const std::vector<Mapping>& mappings) {
  reference::KnownPorts known;
  const auto previous = attachment::previous_if_readable(request);
  if (previous) known.addresses = container_addresses(*previous, request.ifname);
  for (const Mapping& mapping : mappings) known.host_ports.push_back(mapping.host_port);
  return known;
}

// DEL: all that is the owner's, whether the runtime still knows the ports or not; and the flows of the ports that it names,
// also where the table was flushed meanwhile. An attachment of ours has nothing of the reference's.
void del(const cni::Request& request) {
  plan::Kernel kernel;
  if (!kernel.has_nf_tables()) return;
  const Config config = parse_leniently(request);
  const net::Owner owner = request.owner();
  std::vector<Mapping> mappings = config.mappings;
  std::vector<net::Prefix> addresses = known_of(request, {}).addresses;
  const bool is_ours = kernel.table().find("publishers", {owner.host_end().text()}).has_value();
  cni::Steps steps;
  steps.run("withdraw the ports", [&] {
    for (const ruleset::Element& element : withdraw(kernel, config)) {
      mappings.push_back(mapping_of(element));
      addresses.push_back(target_of(element));
    }
  });
  steps.run("remove the reference's ports", [&] {
    if (is_ours) return;
    attachment::remove_reference(
        kernel, [&] { return reference::observe_ports(kernel.netfilter(), owner, known_of(request, mappings)); });
  });
  steps.run("forget the ports' flows", [&] { forget_flows(kernel, mappings, addresses); });
  steps.finish();
}

// Did the reference's ADD publish the ports? Then nothing is in our table, and what it made is not ours to judge.
bool is_of_reference(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses) {
  if (addresses.empty()) return false;
  const bool is_ours = kernel.table().find("publishers", {owner.host_end().text()}).has_value();
  return attachment::is_of_reference(is_ours, [&] {
    return reference::observe_ports(kernel.netfilter(), owner, {addresses, {}});
  });
}

// What ADD published, once more. Flows that came while the ports were not there have no translation, and are forgotten; the
// others go on.
void restore(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  if (config.mappings.empty()) return;
  plan::Kernel kernel;
  const Container container = observe_container(kernel, config, container_addresses(previous, request.ifname));
  if (!container.has_host_end && is_of_reference(kernel, config.owner, container.addresses)) return;
  bool is_begun = false;  // what there was of a living container stays, whatever fails
  const bool has_gone = publish(kernel, config, container, is_begun);
  forget_flows(kernel, config.mappings, container.addresses,
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
  if (!wanted.ports.empty()) attachment::compare_table(differences, kernel);  // nothing published: no table is needed
  differences.expect_nothing_to_do(plan_publish(wanted, observe(kernel.table(), kernel.host(), wanted)));
  if (!container.localnet_link.empty()) {
    const sysctl::Setting setting = sysctl::route_localnet(net::IfName(container.localnet_link));
    differences.expect("sysctl " + setting.key, setting.value, sysctl::read(setting.key).value_or("nothing"));
  }
  attachment::reject_differences(differences, "published ports are not as ADD left them");
}

// STATUS: the next ADD could write into the table.
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

// GC: the ports of attachments that are not alive, and their UDP flows; maps of conditions that nobody is in any more.
void collect(const cni::Request& request) {
  const net::Attachments alive = request.alive().value();
  plan::Kernel kernel;
  attachment::AbandonedElements abandoned;
  cni::Steps steps;
  steps.run("hand ports to the attachments that stand by", [&] {
    if (!kernel.has_nf_tables()) return;
    inherit(kernel, [&] { return observe_abandoned(kernel.table(), kernel.host(), alive); });
  });
  constexpr std::array kParts{ruleset::Part::port, ruleset::Part::condition};
  attachment::collect_elements(steps, kernel, alive, kParts, abandoned);
  steps.run("remove the maps of conditions that hold no port", [&] {
    if (kernel.has_nf_tables()) remove_empty_conditions(kernel);
  });
  std::vector<Mapping> mappings;
  std::vector<net::Prefix> addresses;
  for (const ruleset::Element& element : abandoned.elements) {
    if (!is_port(element)) continue;
    mappings.push_back(mapping_of(element));
    addresses.push_back(target_of(element));
  }
  forget_flows(kernel, mappings, addresses);
  steps.finish();
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"portmap", cni::kAllVersions, add,     del,         check,
                                    status,    collect,           restore, parse_config};
  return instance;
}

}  // namespace portmap
