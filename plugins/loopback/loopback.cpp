// SPDX-License-Identifier: Apache-2.0
// The loopback plugin: brings up `lo` in the container. It has no keys of its own.

#include "lib/cni/delegate.h"
#include "lib/cni/serve.h"
#include "lib/plan/kernel.h"

namespace loopback {
namespace {

net::IfName name() { return net::IfName("lo"); }

netlink::Link observe_lo(plan::Kernel& kernel) {
  const auto link = netlink::observe_link(kernel.container(), name());
  if (!link) throw cni::Error(cni::kInternal, "no loopback interface \"lo\" in " + kernel.container_netns().path());
  return *link;
}

std::vector<net::Prefix> observe_loopback_addresses(plan::Kernel& kernel) {
  std::vector<net::Prefix> addresses = netlink::observe_addresses(kernel.container(), observe_lo(kernel).index);
  for (const net::Prefix& address : addresses) {
    if (address.address.is_loopback()) continue;
    throw cni::Error(cni::kInternal,
                     "loopback interface found with non-loopback address \"" + address.address.text() + "\"");
  }
  return addresses;
}

// The first address of each family, IPv4 first.
cni::Result describe(const cni::Request& request, const std::vector<net::Prefix>& addresses) {
  cni::Result result;
  result.interfaces.push_back({name().text(), "00:00:00:00:00:00", request.netns, 0, {}, {}});
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    for (const net::Prefix& address : addresses) {
      if (address.family() != family) continue;
      result.ips.push_back({address, std::nullopt, 0});
      break;
    }
  }
  return result;
}

cni::Result add(const cni::Request& request) {
  const auto previous = request.previous_result();
  plan::Kernel kernel(request.netns);
  observe_loopback_addresses(kernel);  // rejects an unusual lo before bringing it up
  plan::Plan plan;
  plan.container(netlink::SetLink{name(), true});
  kernel.apply(plan);
  const cni::Result result = describe(request, observe_loopback_addresses(kernel));
  return previous.value_or(result);
}

// If the namespace is gone, DEL succeeds. Runtimes call DEL of loopback first and stop at the first error.
void del(const cni::Request& request) {
  plan::Kernel kernel = plan::Kernel::with_netns_if_present(request.netns);
  if (!kernel.has_container()) return;
  plan::Plan plan;
  plan.container(netlink::SetLink{name(), false});
  kernel.apply(plan);
}

void check(const cni::Request& request) {
  plan::Kernel kernel(request.netns);
  if (!observe_lo(kernel).is_up) throw cni::Error(cni::kDiffers, "loopback interface is down");
}

// Nothing to collect: each namespace has its own lo. GC is passed to the IPAM plugin, if one is configured; ADD and
// STATUS call none.
void gc(const cni::Request& request) { cni::delegate_ipam(request, cni::Verb::gc); }

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"loopback", cni::kAllVersions, add, del, check, nullptr, gc};
  return instance;
}

}  // namespace loopback
