#include "plugins/portmap/portmap.h"

#include <netinet/in.h>

#include "lib/log/log.h"
#include "lib/netlink/conntrack.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "plugins/portmap/config.h"
#include "plugins/portmap/plan.h"
#include "plugins/portmap/seen.h"

namespace portmap {
namespace {

cni::Result previous_of(const cni::Request& request, const std::string& otherwise) {
  auto previous = request.previous_result();
  if (!previous) throw cni::Error(cni::kBadConfiguration, otherwise);
  return std::move(*previous);
}

// The link by which the host reaches the container, which packets of localhost must be let out by.
std::string link_towards(plan::Kernel& kernel, const std::vector<net::Prefix>& addresses) {
  for (const net::Prefix& address : addresses) {
    if (!address.address.is_v4()) continue;  // IPv6 has no way to let ::1 out of lo
    const auto index = netlink::observe_way_to(kernel.host(), address.address);
    const auto link = index ? netlink::observe_link(kernel.host(), *index) : std::nullopt;
    if (link && link->name != "lo") return link->name;
  }
  return {};
}

Wanted wanted_of(plan::Kernel& kernel, Config config, const cni::Result& previous, const std::string& ifname) {
  Wanted wanted{std::move(config), container_addresses(previous, ifname), {}};
  if (wanted.config.snat) wanted.localnet_link = link_towards(kernel, wanted.addresses);
  return wanted;
}

// A UDP flow that connection tracking knows goes on as it began, past what has changed. That it lives on for its timeout
// is no reason to fail.
void forget_flows(plan::Kernel& kernel, const std::vector<nft::Element>& published) {
  for (const nft::Element& element : published) {
    const Mapping mapping = mapping_of(element);
    if (mapping.protocol.number != IPPROTO_UDP) continue;
    try {
      netlink::flush_udp(kernel.netfilter(), target_of(element).family(), mapping.host_port, mapping.host_ip);
    } catch (const std::exception& error) {
      logging::warn(error.what());
    }
  }
}

// ADD: one transaction that publishes all ports or none, and answers with the result it was given.
cni::Result add(const cni::Request& request) {
  Config config = parse_config(request);
  cni::Result previous = previous_of(request, "must be called as chained plugin");
  if (config.mappings.empty()) return previous;
  plan::Kernel kernel;
  const Wanted wanted = wanted_of(kernel, std::move(config), previous, request.ifname);
  if (!wanted.localnet_link.empty()) sysctl::apply(sysctl::route_localnet(net::IfName(wanted.localnet_link)));
  kernel.settle([&] { return plan_publish(wanted, observe(kernel.table(), wanted)); });
  forget_flows(kernel, published_elements(wanted));
  return previous;
}

// DEL: all that is the owner's, whether the runtime still knows the ports or not.
void del(const cni::Request& request) {
  const net::Owner owner = request.owner();
  const std::vector<Mapping> mappings = parse_mappings_leniently(request);
  plan::Kernel kernel;
  Seen seen;
  kernel.settle([&] {
    seen = observe_owned(kernel.table(), owner, mappings);
    return plan_withdraw(owner, seen);
  });
  std::erase_if(seen.published, [&](const nft::Element& element) { return element.comment != owner.comment(); });
  forget_flows(kernel, seen.published);
}

void check(const cni::Request& request) {
  Config config = parse_config(request);
  const cni::Result previous = previous_of(request, "Required prevResult missing");
  if (config.mappings.empty()) return;
  plan::Kernel kernel;
  const Wanted wanted = wanted_of(kernel, std::move(config), previous, request.ifname);
  plan::Differences differences;
  differences.expect_nothing_to_do(plan_publish(wanted, observe(kernel.table(), wanted)));
  if (differences.empty()) return;
  throw cni::Error(cni::kDiffers, "published ports are not as ADD left them: " + differences.text());
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"portmap", cni::kAllVersions, add, del, check, {}, {}};
  return instance;
}

}  // namespace portmap
