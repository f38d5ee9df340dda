// SPDX-License-Identifier: Apache-2.0
// The ptp plugin: connects a container to the host by a routed veth pair, without a bridge. Keys: config.h.

#include <linux/rtnetlink.h>

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/gc.h"
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
#include "plugins/ptp/config.h"
#include "plugins/ptp/plan.h"

namespace ptp {
namespace {

Links observe_links(plan::Kernel& kernel, const Config& config) {
  return {attachment::present(netlink::observe_link(kernel.host(), config.owner.host_end()), config.owner.host_end()),
          attachment::present(netlink::observe_link(kernel.container(), config.ifname), config.ifname)};
}

Links connect(plan::Kernel& kernel, const Config& config, const attachment::Pair& seen) {
  const logging::Stage stage("links");
  const netns::Netns& netns = kernel.container_netns();
  kernel.apply(plan_pair(config, seen, netns.fd(), netns.path()));
  return observe_links(kernel, config);
}

// The network's first container adds the gateways to the host. A gateway inside the host's LAN hides a machine there.
void warn_of_gateways(plan::Kernel& kernel, const std::vector<netlink::Route>& present, const cni::Result& lease) {
  const bool is_in_lan = std::any_of(present.begin(), present.end(),
                                     [](const netlink::Route& route) { return route.protocol == RTPROT_KERNEL; });
  if (!is_in_lan) return;
  std::vector<net::Prefix> hidden;
  for (const net::Address& gateway : gateways(lease)) {
    if (!netlink::is_local(kernel.host(), gateway)) hidden.push_back(net::Prefix::host(gateway));
  }
  attachment::warn_of_clashes(kernel, hidden, 0);
}

void configure(plan::Kernel& kernel, const Config& config, const Links& links, const cni::Result& lease) {
  const logging::Stage stage("layer3");
  const std::vector<netlink::Route> present = attachment::observe_routes_to(kernel, lease);
  warn_of_gateways(kernel, present, lease);
  kernel.apply(plan_host(config, links, lease, present));
  kernel.apply(plan_container(config, links, lease, attachment::observe_rivals(kernel, lease)));
  attachment::wait_until_running(kernel, config.owner.host_end());
  attachment::wait_until_in_use(kernel, plan::Where::host, gateways(lease));
  std::vector<net::Address> own;
  for (const cni::Ip& ip : lease.ips) own.push_back(ip.address.address);
  attachment::wait_until_in_use(kernel, plan::Where::container, own);
}

cni::Result describe(const Config& config, const Links& links, cni::Result lease, const std::string& netns) {
  cni::Result result = std::move(lease);
  result.interfaces = {attachment::interface_of(links.host_end, {}),
                       attachment::interface_of(links.container_end, netns)};
  if (config.dns) result.dns = *config.dns;
  return result;
}

// ADD: creates the pair while the IPAM plugin runs. Each step is reverted if a later one fails; nftables come last.
cni::Result add(const cni::Request& request) {
  Config config = parse_config(request);
  plan::Kernel kernel(request.netns);
  config.mtu = attachment::resolved(config.mtu, kernel.host());
  const attachment::Lock lock(config.owner);
  const attachment::Pair seen = attachment::observe_pair(kernel, config.owner);
  attachment::check_names(config.owner, seen);  // rejects a name that is in use before anything is started
  if (seen.host_end) attachment::release_leftover(request);

  cni::Rollback rollback;
  cni::Lease lease(request, rollback);
  rollback.add("delete the veth pair", [&] { attachment::remove_pair(kernel, config.owner); });
  const Links links = connect(kernel, config, seen);
  const cni::Result given = complete(lease.wait());
  configure(kernel, config, links, given);
  if (config.ip_masq) {
    rollback.add("delete the masquerading", [&] { attachment::remove_masquerade(kernel, config.owner); });
    attachment::masquerade(kernel, config.owner, attachment::addresses_of(given), config.masquerading);
  }
  kernel.apply(attachment::plan_finish(config.owner));
  cni::Result result = describe(config, links, given, request.netns);
  rollback.dismiss();
  return result;
}

void compare_host_end(plan::Differences& differences, plan::Kernel& kernel, const attachment::Pair& seen,
                      const cni::Result& own) {
  const auto host_end = attachment::compare_host_end(differences, seen, "the host end of the veth pair was not found");
  if (!host_end) return;
  std::vector<net::Prefix> addresses;
  for (const net::Address& gateway : gateways(own)) addresses.push_back(net::Prefix::host(gateway));
  differences.expect_addresses(host_end->name, addresses, netlink::observe_addresses(kernel.host(), host_end->index));
  std::vector<plan::Differences::ExpectedRoute> routes;
  for (const cni::Ip& ip : own.ips) routes.push_back({net::Prefix::host(ip.address.address), std::nullopt});
  differences.expect_routes(host_end->name, routes, netlink::observe_routes(kernel.host(), {host_end->index}));
  attachment::compare_forwarding(differences, own);
}

void compare_base_routes(plan::Differences& differences, plan::Kernel& kernel, const cni::Result& own) {
  std::vector<plan::Differences::ExpectedRoute> routes;
  for (const Route& route : base_routes(own)) routes.push_back({route.dst, route.gateway});
  differences.expect_routes("any link", routes, netlink::observe_routes(kernel.container()));
}

// CHECK: compares container and host with what ADD created.
void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request, "ptp: Required prevResult missing");
  cni::delegate_ipam(request, cni::Verb::check);
  plan::Kernel kernel(request.netns);
  const std::string ifname = config.ifname.text();
  const attachment::Pair seen = attachment::observe_pair(kernel, config.owner);
  const cni::Result own = attachment::own_part(previous, ifname);

  plan::Differences differences;
  attachment::compare_interface(differences, {ifname, "veth"}, seen.container_end, previous);
  if (seen.container_end) attachment::compare_layer3(differences, kernel, *seen.container_end, previous);
  if (seen.container_end) compare_base_routes(differences, kernel, own);
  compare_host_end(differences, kernel, seen, own);
  // If the reference created the attachment, our table contains nothing, and its masquerading is not checked.
  if (config.ip_masq && seen.host_end) {
    attachment::compare_masquerade(differences, kernel, config.owner, attachment::addresses_of(own),
                                   config.masquerading);
  }
  attachment::reject_differences(differences, "network " + request.network + " differs from what ADD configured");
}

void status(const cni::Request& request) {
  const Config config = parse_config(request);
  plan::Kernel kernel;
  const std::vector<attachment::AddressRange> ranges = attachment::find_ranges(request);
  complete(attachment::expected_lease(ranges));
  attachment::check_ipv6(ranges, std::nullopt);
  std::vector<attachment::AddressRange> own;  // addresses that the host gets: the gateways
  for (const auto& range : ranges) {
    if (range.gateway) own.push_back({net::Prefix::host(*range.gateway), *range.gateway, *range.gateway});
  }
  attachment::check_ranges(kernel, own, 0);
  if (config.ip_masq) attachment::check_table(kernel);
  cni::delegate_ipam(request, cni::Verb::status);
}

void del(const cni::Request& request) {
  std::vector<attachment::DelStep> steps = attachment::masquerade_steps(request.owner());
  steps.push_back(attachment::pair_step(request, std::nullopt));
  attachment::remove(request, steps);
}

void restore(const cni::Request& request) {
  const Config config = parse_config(request);
  attachment::restore_forwarding(request);
  if (config.ip_masq) attachment::restore_masquerade(request, config.masquerading);
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"ptp",  cni::kAllVersions,   add,     del,         check,
                                    status, attachment::collect, restore, parse_config};
  return instance;
}

}  // namespace ptp
