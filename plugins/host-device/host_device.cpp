// SPDX-License-Identifier: Apache-2.0
// The host-device plugin: moves a device of the host into the container. Keys: docs/plugins/host-device.md.

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/layer3.h"
#include "lib/attachment/lock.h"
#include "lib/attachment/moved/moved.h"
#include "lib/attachment/removal.h"
#include "lib/attachment/single/single.h"
#include "lib/cni/delegate.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "plugins/host-device/config.h"

namespace host_device {
namespace {

netlink::Link find_device(plan::Kernel& kernel, const Config& config) {
  netlink::Link device = select(config, netlink::observe_links(kernel.host()));
  if (attachment::find_owner(device)) {  // of a namespace that was deleted before DEL
    attachment::restore(kernel, device, config.device);
    device = select(config, netlink::observe_links(kernel.host()));
  }
  attachment::check_unused(device, kernel.host(), config.is_forced, cni::kInternal);
  return device;
}

cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  const net::Owner owner = request.owner();
  plan::Kernel kernel(request.netns);
  const attachment::Lock lock(owner);
  attachment::check_container(netlink::observe_links(kernel.container()), owner, request.netns);
  if (attachment::move_out(kernel, owner, {})) attachment::release_leftover(request);

  std::optional<attachment::Moving> moving;
  cni::Rollback rollback;
  std::optional<cni::Lease> lease;
  const auto ipam = request.ipam_type();
  const bool is_builtin = ipam && cni::find_by_type(request.builtins, *ipam, request.path) != nullptr;
  if (is_builtin) lease.emplace(request, rollback);  // if it fails, the device has not been touched
  netlink::Link inside;
  inside.name = owner.ifname;
  if (!uses_dpdk(config)) {
    const os::NameLock moves = attachment::lock_moves();
    moving.emplace(kernel, owner, find_device(kernel, config));
    rollback.add("return the device", [&] { moving->revert(); });
    inside = moving->run();
  }
  if (ipam && !is_builtin) lease.emplace(request, rollback);  // dhcp needs the interface
  cni::Result result = attachment::without_unusable_routes(lease ? lease->wait() : cni::Result());
  result.interfaces = {attachment::interface_of(inside, request.netns)};
  for (cni::Ip& ip : result.ips) ip.interface = 0;
  if (config.dns) result.dns = *config.dns;
  if (moving) {
    attachment::configure(kernel, owner, inside, result, true);
    moving->finish();
  }
  rollback.dismiss();
  return result;
}

// Needs neither prevResult nor a readable configuration. The kernel returns a deleted namespace's device to the host.
void del(const cni::Request& request) {
  const auto step = [&](plan::Kernel& host) {
    auto kernel = plan::Kernel::unless_gone(request.netns);
    attachment::move_out(kernel ? *kernel : host, request.owner(), attachment::known_of(request));
  };
  attachment::remove(request, {{"return the device", step, false, true}});
}

void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  cni::delegate_ipam(request, cni::Verb::check);
  if (uses_dpdk(config)) return;
  plan::Kernel kernel(request.netns);
  const auto link = netlink::observe_link(kernel.container(), net::IfName(request.ifname));
  plan::Differences differences;
  const std::string kind = link && !link->kind.empty() ? link->kind : "device";
  attachment::compare_interface(differences, {request.ifname, kind}, link, previous);
  if (link) {
    const bool is_named = !config.device.empty() && !attachment::has_alt_name(*link, config.device);
    if (is_named) differences.expect("host device of interface " + request.ifname, config.device, link->alias);
    attachment::compare_layer3(differences, kernel, *link, previous);
  }
  attachment::reject_differences(differences, "network " + request.network + " differs from what ADD configured");
}

// Only a warning without a device: a container may have it, and a failure of STATUS would evict that one too.
void check_device(const Config& config) {
  plan::Kernel kernel;
  std::optional<netlink::Link> device;
  try {
    if (!uses_dpdk(config)) device = select(config, netlink::observe_links(kernel.host()));
  } catch (const cni::Error& error) {
    logging::warn(error.msg() + ": ADD will fail");
  }
  if (device) attachment::check_unused(*device, kernel.host(), config.is_forced, cni::kNotAvailable);
}

void status(const cni::Request& request) {
  const Config config = parse_config(request);
  if (config.is_selective()) check_device(config);
  cni::delegate_ipam(request, cni::Verb::status);
}

void gc(const cni::Request& request) {
  plan::Kernel kernel;
  cni::Steps steps;
  steps.run("return abandoned devices", [&] { attachment::collect_moved(kernel, request); });
  steps.run("release abandoned addresses", [&] { cni::delegate_ipam(request, cni::Verb::gc); });
  steps.finish();
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"host-device", cni::kAllVersions, add, del, check, status, gc, {}, parse_config};
  return instance;
}

}  // namespace host_device
