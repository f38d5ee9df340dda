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
#include "plugins/host-device/config.h"

namespace host_device {
namespace {

// The device's name on the host; also from a configuration that ADD would reject.
std::string device_of(const cni::Request& request) {
  const cni::Json* device = cni::find(request.config, "device");
  const std::string name = device != nullptr && device->is_string() ? device->get<std::string>() : "";
  return net::IfName::flaw(name).empty() ? name : "";
}

netlink::Link find_device(plan::Kernel& kernel, const Config& config) {
  netlink::Link device = select(config, netlink::observe_links(kernel.host()), cni::kInternal);
  if (attachment::find_owner(device)) {  // of a namespace that was deleted before DEL
    attachment::restore(kernel, device);
    device = select(config, netlink::observe_links(kernel.host()), cni::kInternal);
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
  if (attachment::move_out(kernel, owner, "")) attachment::release_leftover(request);

  std::optional<attachment::Moving> moving;
  cni::Rollback rollback;
  std::optional<cni::Lease> lease;
  const auto ipam = request.ipam_type();
  const bool is_builtin = ipam && cni::find_by_type(request.builtins, *ipam, request.path) != nullptr;
  if (is_builtin) lease.emplace(request, rollback);  // if it fails, the device has not been touched
  netlink::Link inside;
  inside.name = owner.ifname;
  if (!uses_dpdk(config, cni::kInternal)) {
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
    attachment::move_out(kernel ? *kernel : host, request.owner(), device_of(request));
  };
  attachment::remove(request, {{"return the device", step, false, true}});
}

void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Result previous = attachment::require_previous(request);
  cni::delegate_ipam(request, cni::Verb::check);
  if (uses_dpdk(config, cni::kInternal)) return;
  plan::Kernel kernel(request.netns);
  const auto link = netlink::observe_link(kernel.container(), net::IfName(request.ifname));
  plan::Differences differences;
  const std::string kind = link && !link->kind.empty() ? link->kind : "device";
  attachment::compare_interface(differences, {request.ifname, kind}, link, previous);
  if (link) {
    const std::string expected = config.device ? config.device->text() : link->alias;
    differences.expect("host device of interface " + request.ifname, expected, link->alias);
    attachment::compare_layer3(differences, kernel, *link, previous);
  }
  attachment::reject_differences(differences, "network " + request.network + " differs from what ADD configured");
}

void status(const cni::Request& request) {
  const Config config = parse_config(request);
  if (config.is_selective() && !uses_dpdk(config, cni::kNotAvailable)) {
    plan::Kernel kernel;
    attachment::check_unused(select(config, netlink::observe_links(kernel.host()), cni::kNotAvailable), kernel.host(),
                             config.is_forced, cni::kNotAvailable);
  }
  cni::delegate_ipam(request, cni::Verb::status);
}

void gc(const cni::Request& request) {
  plan::Kernel kernel;
  cni::Steps steps;
  steps.run("return abandoned devices", [&] { attachment::collect_moved(kernel, request.alive().value()); });
  steps.run("release abandoned addresses", [&] { cni::delegate_ipam(request, cni::Verb::gc); });
  steps.finish();
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"host-device", cni::kAllVersions, add, del, check, status, gc, {}, parse_config};
  return instance;
}

}  // namespace host_device
