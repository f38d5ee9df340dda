// SPDX-License-Identifier: Apache-2.0
// The firewall plugin: accepts a container's traffic in the host's firewalls, and isolates networks from each other. It
// is chained after the plugin that allocates the addresses. Keys: config.h.

#include <array>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/gc.h"
#include "lib/attachment/removal.h"
#include "lib/attachment/status.h"
#include "lib/cni/rollback.h"
#include "lib/cni/serve.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/plan/check.h"
#include "plugins/firewall/firewalld.h"
#include "plugins/firewall/idle.h"
#include "plugins/firewall/reference_forward.h"
#include "plugins/firewall/seen.h"

namespace firewall {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};
constexpr std::array kParts{ruleset::Part::forward};
constexpr std::array<cni::Version, 3> kVersions{cni::Version::v0_4_0, cni::Version::v1_0_0, cni::Version::v1_1_0};

cni::Result previous_of(const cni::Request& request) {
  return attachment::require_previous(request, "missing prevResult from earlier plugin");
}

void add_sources(Firewalld& firewalld, const Wanted& wanted) {
  for (const net::Prefix& address : wanted.addresses) firewalld.add_source(wanted.config.zone, address.address);
}

void remove_sources(Firewalld& firewalld, const std::string& zone, const std::vector<net::Address>& addresses) {
  for (const net::Address& address : addresses) firewalld.remove_source(zone, address);
}

// Deletes the rules in iptables' chains and the addresses in our table. firewalld comes first, because it needs the
// addresses from the table. If it does not respond, they stay in the table for the next DEL.
void remove_addresses(plan::Kernel& kernel, const net::Owner& owner, const std::string& zone) {
  cni::Steps steps;
  steps.run("delete the rules in iptables' chains", [&] {
    kernel.apply_with_retry([&] { return plan_no_forward(observe_forward_rules(kernel.netfilter(), owner)); });
  });
  steps.run("delete the addresses", [&] {
    const auto seen = observe_owned_addresses(kernel.table(), owner, {});
    const std::vector<net::Address> addresses = owned_addresses(owner, seen);
    auto firewalld = addresses.empty() ? std::nullopt : Firewalld::find(Backend::automatic);
    if (firewalld) remove_sources(*firewalld, zone, addresses);
    kernel.apply_with_retry(
        [&] { return plan_no_owned_addresses(owner, observe_owned_addresses(kernel.table(), owner, {})); });
  });
  steps.finish();
}

// Deletes the port's isolation, and its bridge's policy with the last container. An unknown bridge, "", means all
// bridges.
void remove_policy(plan::Kernel& kernel, const net::Owner& owner, const Port& port) {
  cni::Steps steps;
  steps.run("delete the port's isolation", [&] {
    kernel.apply_with_retry([&] { return plan_no_isolation(owner, observe_policy(kernel.table(), port)); });
  });
  steps.run("delete the policy of a bridge without containers",
            [&] { remove_idle_policies(kernel, port.bridge, port.name); });
  steps.finish();
}

void warn_of_drops(const std::vector<ForwardDrop>& drops, const std::vector<net::Prefix>& subnets) {
  for (const ForwardDrop& drop : drops) logging::warn(advice(drop, subnets));
}

void add_rules(plan::Kernel& kernel, const Wanted& wanted, bool has_firewalld) {
  const logging::Stage stage("firewall");
  Seen seen;
  kernel.apply_with_retry([&] {
    seen = observe(kernel, wanted, has_firewalld);
    return plan_rules(wanted, seen);
  });
  warn_of_drops(seen.forward.others, wanted.addresses);
}

cni::Result add(const cni::Request& request) {
  Config config = parse_config(request);
  cni::Result previous = previous_of(request);
  const Wanted wanted = wanted_of(std::move(config), previous);
  plan::Kernel kernel;
  auto firewalld = Firewalld::find(wanted.config.backend);
  cni::Rollback rollback;
  rollback.add("delete the port's policy", [&] { remove_policy(kernel, wanted.config.owner, wanted.port); });
  rollback.add("delete the container's addresses",
               [&] { remove_addresses(kernel, wanted.config.owner, wanted.config.zone); });
  add_rules(kernel, wanted, firewalld.has_value());
  if (firewalld) add_sources(*firewalld, wanted);
  rollback.dismiss();
  return previous;
}

// The container's bridge; "" if it is unknown.
std::string find_bridge(plan::Kernel& kernel, const std::optional<cni::Result>& previous, const Port& port) {
  std::string name = previous ? host_link_of(*previous) : "";
  if (!name.empty()) return name;
  const auto link = netlink::observe_link(kernel.host(), net::IfName(port.name));
  if (!link || link->master == 0) return link ? link->name : "";
  const auto bridge = netlink::observe_link(kernel.host(), link->master);
  return bridge ? bridge->name : "";
}

void del(const cni::Request& request) {
  plan::Kernel kernel;
  if (!kernel.has_nf_tables()) return;
  const net::Owner owner = request.owner();
  const auto previous = attachment::previous_if_readable(request);
  cni::Steps steps;
  steps.run("delete the reference's rules", [&] {
    if (!previous || has_owned_addresses(kernel.table(), owner)) return;
    const auto addresses = attachment::addresses_of(*previous);
    attachment::remove_reference(kernel, [&] { return observe_reference_forward(kernel.netfilter(), addresses); });
  });
  steps.run("delete the container's addresses",
            [&] { remove_addresses(kernel, owner, parse_zone_leniently(request)); });
  const Port port{{}, previous ? port_of(owner, *previous) : owner.host_end().text()};
  steps.run("delete the port's policy", [&] {
    remove_policy(kernel, owner, {find_bridge(kernel, previous, port), port.name});
  });
  steps.finish();
}

void compare_firewalld(plan::Differences& differences, Firewalld& firewalld, const Wanted& wanted) {
  const std::string& zone = wanted.config.zone;
  for (const net::Prefix& address : wanted.addresses) {
    if (firewalld.has_source(zone, address.address)) continue;
    differences.add("missing: firewall-cmd --zone=" + zone +
                    " --add-source=" + net::Prefix::host(address.address).text());
  }
}

// If the reference attached the container, our table contains nothing, and its rules are not checked.
bool is_of_reference(plan::Kernel& kernel, const Wanted& wanted) {
  return attachment::is_of_reference(has_owned_addresses(kernel.table(), wanted.config.owner),
                                     [&] { return observe_reference_forward(kernel.netfilter(), wanted.addresses); });
}

void check(const cni::Request& request) {
  Config config = parse_config(request);
  const cni::Result previous = previous_of(request);
  const Wanted wanted = wanted_of(std::move(config), previous);
  plan::Kernel kernel;
  if (is_of_reference(kernel, wanted)) return;
  auto firewalld = Firewalld::find(wanted.config.backend);
  const Seen seen = observe(kernel, wanted, firewalld.has_value());
  plan::Differences differences;
  attachment::compare_table(differences, kernel);
  if (wanted.config.policy == IngressPolicy::isolated)
    attachment::compare_table(differences, kernel, nft::TableFamily::bridge);
  differences.expect_nothing_to_do(plan_rules(wanted, seen));
  if (firewalld) compare_firewalld(differences, *firewalld, wanted);
  for (const ForwardDrop& drop : seen.forward.others) {
    if (drop.is_certain) differences.add(advice(drop, wanted.addresses));
  }
  attachment::reject_differences(differences, "the firewall differs from what ADD configured");
}

// STATUS: the tables can be changed, and no chain that we cannot change drops everything. A chain that accepts
// something might accept containers.
void status(const cni::Request& request) {
  const Config config = parse_config(request);
  plan::Kernel kernel;
  attachment::check_table(kernel);
  if (config.policy == IngressPolicy::isolated) attachment::check_table(kernel, nft::TableFamily::bridge);
  const bool has_firewalld = Firewalld::find(config.backend).has_value();
  const auto drops = observe_forward_drops(kernel.netfilter(), foreign::list_forward_chains(kernel.netfilter()),
                                           kFamilies, has_firewalld);
  for (const ForwardDrop& drop : drops) {
    const bool concerns_v4 = drop.family.value_or(net::Family::v4) == net::Family::v4;
    if (!drop.is_certain || !concerns_v4) {
      logging::info(advice(drop, {}));
      continue;
    }
    throw cni::Error(cni::kLimitedConnectivity, "the host's firewall drops every new connection of containers",
                     advice(drop, {}));
  }
}

// Deletes firewalld's sources of attachments that are not alive. Only our table knows them, so this precedes the
// deletion of its elements.
void collect_sources(plan::Kernel& kernel, const net::Attachments& alive, const std::string& zone) {
  std::vector<net::Address> sources;
  for (const ruleset::Element& element :
       attachment::observe_abandoned_elements(kernel.table(), alive, kParts).elements) {
    const auto* address = std::get_if<net::Prefix>(&element.key.at(0));  // forward4 and forward6
    if (address != nullptr) sources.push_back(address->address);
  }
  if (sources.empty()) return;
  auto firewalld = Firewalld::find(Backend::automatic);
  if (!firewalld) return;
  for (const net::Address& source : sources) firewalld->remove_source(zone, source);
}

void collect_forward_rules(plan::Kernel& kernel, const net::Attachments& alive) {
  ForwardRules abandoned;
  kernel.apply_with_retry([&] {
    abandoned = observe_abandoned_forward_rules(kernel.netfilter(), alive);
    return plan_no_forward(abandoned);
  });
  for (const std::string& line : foreign::lines(abandoned.rules)) logging::record_action("collect " + line);
}

void collect(const cni::Request& request) {
  const net::Attachments alive = request.alive().value();
  plan::Kernel kernel;
  if (!kernel.has_nf_tables()) return;
  attachment::AbandonedElements abandoned;
  cni::Steps steps;
  steps.run("collect the rules in iptables' chains", [&] { collect_forward_rules(kernel, alive); });
  steps.run("collect firewalld's sources", [&] { collect_sources(kernel, alive, parse_zone_leniently(request)); });
  attachment::collect_elements(steps, kernel, alive, kParts, abandoned);
  steps.run("collect the policies of bridges without containers", [&] { remove_idle_policies(kernel, {}, {}); });
  steps.finish();
}

// Restores what ADD added to nf_tables and firewalld, after a flush of the ruleset or a reload of firewalld.
void restore(const cni::Request& request) {
  const Wanted wanted = wanted_of(parse_config(request), previous_of(request));
  plan::Kernel kernel;
  if (is_of_reference(kernel, wanted)) return;
  auto firewalld = Firewalld::find(wanted.config.backend);
  add_rules(kernel, wanted, firewalld.has_value());
  if (firewalld) add_sources(*firewalld, wanted);
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"firewall", kVersions, add, del, check, status, collect, restore, parse_config};
  return instance;
}

}  // namespace firewall
