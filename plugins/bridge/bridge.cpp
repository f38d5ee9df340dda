#include "plugins/bridge/bridge.h"

#include <chrono>

#include "lib/cni/delegate.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/netlink/link_watch.h"
#include "lib/plan/attachment_lock.h"
#include "lib/plan/kernel.h"
#include "lib/plan/masquerade.h"
#include "plugins/bridge/check.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/plan.h"
#include "plugins/bridge/seen.h"

namespace bridge {
namespace {

std::vector<net::Prefix> addresses_of(const cni::Result& result) {
  std::vector<net::Prefix> addresses;
  for (const cni::Ip& ip : result.ips) addresses.push_back(ip.address);
  return addresses;
}

// The bridge is there and up, whoever made it: several first ADDs at once each find it or make it.
void ensure_bridge(plan::Kernel& kernel, const Config& config, Seen& seen) {
  kernel.apply(plan_bridge(config, seen, netlink::random_mac()));
  seen.bridge = netlink::observe_link(kernel.host(), config.bridge);
  if (!seen.bridge)
    throw cni::Error(cni::kTryAgain, "bridge " + config.bridge.text() + " vanished while it was set up");
  if (seen.bridge->kind != "bridge") plan_bridge(config, seen, {});  // throws: another kind of link was quicker
}

// Makes the port. The bridge may go meanwhile: the failed first ADD of another container takes back what it made.
void connect(plan::Kernel& kernel, const Config& config, Seen& seen) {
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

void forget_bridge(plan::Kernel& kernel, const Config& config, const Seen& before) {
  kernel.apply(plan_forget_bridge(config, before, observe_all(kernel, config)));
}

void remove_port(plan::Kernel& kernel, const net::Owner& owner, bool reference_pair) {
  kernel.apply(plan_remove_port(owner, observe_pair(kernel, owner), reference_pair));
}

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner) {
  kernel.settle([&] { return plan_no_masquerade(owner, plan::observe_masquerade(kernel.table(), owner, {})); });
}

// A frame that the container sends before the bridge forwards from its port is lost, and its neighbour would only be
// asked again a second later: so ADD ends when the port is ready.
void wait_for_port(plan::Kernel& kernel, const Config& config, const Links& links) {
  constexpr std::chrono::milliseconds kDeadline{2500};
  const net::IfName host_end = config.owner.host_end();
  const auto is_ready = [&] {
    const auto link = netlink::observe_link(kernel.host(), host_end);
    return link && link->is_running && link->master == links.bridge.index;
  };
  if (is_ready()) return;
  netlink::LinkWatch watch;
  if (watch.wait(is_ready, kDeadline)) return;
  throw cni::Error(cni::kTryAgain, "bridge port in error state: " + host_end.text() + " is no running port of " +
                                       config.bridge.text() + " after " + std::to_string(kDeadline.count()) + " ms");
}

cni::Interface interface(const netlink::Link& link, const std::string& sandbox) {
  return {link.name, link.mac ? link.mac->text() : std::string(), sandbox, 0, {}, {}};
}

cni::Result describe(const Config& config, const Links& links, cni::Result lease, const std::string& netns) {
  cni::Result result = std::move(lease);
  result.interfaces = {interface(links.bridge, {}), interface(links.host_end, {}),
                       interface(links.container_end, netns)};
  if (config.dns) result.dns = *config.dns;
  return result;
}

// An ADD of this attachment was killed, and nobody sent the DEL that would have told its IPAM plugin.
void release_what_was_left(const cni::Request& request) {
  try {
    cni::delegate_ipam(request, cni::Verb::del);
  } catch (const std::exception& error) {
    logging::warn(std::string("release the address of an ADD that did not come to its end: ") + error.what());
  }
}

void masquerade(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses) {
  kernel.settle([&] {
    return plan::plan_masquerade(owner, addresses, plan::observe_masquerade(kernel.table(), owner, addresses));
  });
}

// Addresses and routes for the container, the gateway's addresses for the bridge.
cni::Result configure(plan::Kernel& kernel, const Config& config, const Links& links, const cni::Result& lease) {
  cni::Result given = complete(config, lease);
  kernel.apply(plan_container(config, links, given));
  kernel.apply(plan_gateway(config, links, netlink::observe_addresses(kernel.host(), links.bridge.index), given));
  return given;
}

// ADD: connect the container to the bridge. Everything that changes the kernel is undone, in reverse, when a later step
// fails; nftables come last, so that a failure before leaves the ruleset untouched.
cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  plan::Kernel kernel(request.netns);
  const plan::AttachmentLock lock(config.owner);
  Seen seen = observe(kernel, config);
  const Seen before = seen;
  plan_bridge(config, seen, {});  // a taken name is told before anything is started
  plan_port(config, seen, {});
  if (seen.host_end) release_what_was_left(request);

  cni::Rollback rollback;
  std::optional<cni::Lease> lease;
  if (config.has_ipam) lease.emplace(request, rollback);  // runs beside the work on the links
  if (lease && !seen.bridge)
    lease->wait();  // a bridge that others may come to use is only made once there is an address

  rollback.add("undo the changes to the bridge", [&] { forget_bridge(kernel, config, before); });
  rollback.add("remove the port", [&] { remove_port(kernel, config.owner, false); });
  connect(kernel, config, seen);
  const Links links = observe_links(kernel, config);

  cni::Result given;
  if (lease) given = configure(kernel, config, links, lease->wait());
  if (!lease) kernel.apply(plan_layer2(config));
  if (!config.leave_interface_down) wait_for_port(kernel, config, links);
  if (lease && config.ip_masq) {
    rollback.add("remove the masquerading", [&] { remove_masquerade(kernel, config.owner); });
    masquerade(kernel, config.owner, addresses_of(given));
  }
  kernel.apply(plan_finish(config));
  cni::Result result = describe(config, links, given, request.netns);
  rollback.dismiss();
  return result;
}

// DEL: by the owner's name alone. Needs no namespace, no prevResult, no valid configuration; tries every step and tells
// all failures at the end. The address goes back last, so that it is not given away while it is still in use.
void del(const cni::Request& request) {
  const net::Owner owner = request.owner();
  plan::Kernel kernel = plan::Kernel::with_netns_if_present(request.netns);
  const plan::AttachmentLock lock(owner);
  cni::Steps steps;
  steps.run("remove the masquerading", [&] { remove_masquerade(kernel, owner); });
  steps.run("remove the port", [&] { remove_port(kernel, owner, true); });
  steps.run("give the address back", [&] { cni::delegate_ipam(request, cni::Verb::del); });
  steps.finish();
}

// CHECK: what ADD made is still there. Interfaces are found in prevResult by name, as the specification has it.
void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const auto previous = request.previous_result();
  if (!previous) throw cni::Error(cni::kBadConfiguration, "Required prevResult missing");
  cni::delegate_ipam(request, cni::Verb::check);
  plan::Kernel kernel(request.netns);
  const plan::Differences differences = compare(kernel, config, *previous);
  if (!differences.empty()) {
    throw cni::Error(cni::kDiffers, "network " + request.network + " is not as ADD left it: " + differences.text());
  }
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"bridge", cni::kAllVersions, add, del, check, {}, {}};
  return instance;
}

}  // namespace bridge
