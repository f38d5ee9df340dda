// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/single/single.h"

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/gc.h"
#include "lib/attachment/layer3.h"
#include "lib/attachment/lock.h"
#include "lib/attachment/ready.h"
#include "lib/attachment/removal.h"
#include "lib/attachment/single/host_access.h"
#include "lib/attachment/single/plan.h"
#include "lib/attachment/uplink.h"
#include "lib/cni/delegate.h"
#include "lib/log/log.h"
#include "lib/plan/kernel.h"

namespace attachment {
namespace {

Wanted parse(const Single& single, const cni::Request& request) {
  if (!single.needs_ipam.empty() && !request.ipam_type()) {
    throw cni::Error(cni::kBadConfiguration, single.needs_ipam,
                     "set ipam.type to the plugin that allocates the addresses, such as \"host-local\"");
  }
  Wanted wanted = single.parse(request);
  reject_small_mtu(wanted.mtu.bytes, request);
  if (wanted.has_host_access && !single.adopts_previous && !request.ipam_type()) {
    throw request.fields().error("hostAccess", "false without ipam: the host needs the container's addresses");
  }
  return wanted;
}

// An interface cannot have a larger MTU than the link that it is on.
void check_mtu(std::uint32_t mtu, const netlink::Link& parent) {
  if (mtu <= parent.mtu) return;
  throw cni::Error(
      cni::kBadConfiguration,
      "invalid MTU " + std::to_string(mtu) + ", must be [0, master MTU(" + std::to_string(parent.mtu) + ")]",
      "choose a smaller \"mtu\", or raise the MTU of " + parent.name + " with: ip link set " + parent.name + " mtu " +
          std::to_string(mtu));
}

// code: of the error if there is no such link.
netlink::LinkRef observe_parent(netlink::Socket& socket, const Wanted& wanted, cni::Code code) {
  const Parent& parent = *wanted.parent;
  const auto link = parent.name ? netlink::observe_link(socket, *parent.name) : observe_uplink(socket);
  if (link) check_mtu(wanted.mtu.bytes, *link);
  if (link && !link->is_up) logging::warn("master " + link->name + " is down: its containers reach nothing");
  if (link) return {link->index, link->name};
  const std::string where = parent.is_in_container ? "the container" : "the host";
  if (!parent.name) {
    throw cni::Error(code, "no default route interface found", "set \"master\" to a link of " + where);
  }
  throw cni::Error(code, "failed to lookup master \"" + parent.name->text() + "\": Link not found",
                   where + " has no such link; set \"master\" to one that exists");
}

// The parent, and the addresses by which its containers reach the host.
struct Base {
  netlink::LinkRef parent = {};
  std::vector<net::Prefix> host_addresses = {};  // for hostAccess
};
Base observe_base(plan::Kernel& kernel, const Wanted& wanted, cni::Code code) {
  if (!wanted.parent) return {};
  netlink::Socket& socket = wanted.parent->is_in_container ? kernel.container() : kernel.host();
  Base base{observe_parent(socket, wanted, code)};
  if (wanted.has_host_access) base.host_addresses = observe_host_addresses(kernel, wanted, base.parent, code);
  return base;
}

void remove_leftovers(plan::Kernel& kernel, const cni::Request& request, const std::vector<netlink::Link>& links) {
  const plan::Plan leftover = plan_remove_leftover(links, request.owner());
  kernel.apply(leftover);
  const bool had_host_end = remove_host_end(kernel, request.owner());
  if (had_host_end || !leftover.empty()) release_leftover(request);
}

// Creates the interface, down, with the attachment's name.
netlink::Link create(plan::Kernel& kernel, const Single& single, const Wanted& wanted, const net::Owner& owner,
                     const netlink::LinkRef& parent) {
  const logging::Stage stage("links");
  const bool has_host_parent = wanted.parent && !wanted.parent->is_in_container;
  const netns::Netns& netns = kernel.container_netns();
  const net::IfName created = owner.host_end();
  if (single.create) {
    single.create(kernel, wanted, created);
  } else {
    kernel.apply(plan_create(wanted, owner, parent,
                             has_host_parent ? netlink::NetnsRef{netns.fd(), netns.path()} : netlink::NetnsRef{}));
  }
  kernel.apply(plan_rename(present(netlink::observe_link(kernel.container(), created), created), owner));
  const net::IfName ifname(owner.ifname);
  return present(netlink::observe_link(kernel.container(), ifname), ifname);
}

bool has_own_mac(const netlink::Kind& kind) {
  return std::visit([](const auto& one) { return one.kHasOwnMac; }, kind);
}

cni::Result describe(const Wanted& wanted, const netlink::Link& link, cni::Result lease, const std::string& netns) {
  cni::Result result = std::move(lease);
  result.interfaces = {interface_of(link, netns)};
  for (cni::Ip& ip : result.ips) ip.interface = 0;
  if (wanted.dns) result.dns = *wanted.dns;
  return result;
}

void remove_interface(plan::Kernel& kernel, const net::Owner& owner, std::string_view kind,
                      const std::optional<cni::Result>& previous) {
  const logging::Stage stage("links");
  kernel.apply(plan_remove(netlink::observe_links(kernel.container()), owner, kind, previous));
}

// ADD: the link is created while the IPAM plugin runs. Each step's rollback is registered before the step.
cni::Result add(const Single& single, const cni::Request& request) {
  Wanted wanted = parse(single, request);
  const net::Owner owner = request.owner();
  plan::Kernel kernel(request.netns);
  if (!wanted.parent) wanted.mtu = resolved(wanted.mtu, kernel.host());
  const Lock lock(owner);
  const std::vector<netlink::Link> links = netlink::observe_links(kernel.container());
  check_names(links, owner, single.name, request.netns);
  const Base base = observe_base(kernel, wanted, cni::kInternal);
  remove_leftovers(kernel, request, links);

  cni::Rollback rollback;
  std::optional<cni::Lease> lease;
  if (request.ipam_type()) lease.emplace(request, rollback);
  rollback.add("delete the interface", [&] { remove_interface(kernel, owner, {}, {}); });
  const netlink::Link link = create(kernel, single, wanted, owner, base.parent);
  const auto previous = single.adopts_previous && !lease ? request.previous_result() : std::nullopt;
  cni::Result given = without_unusable_routes(lease ? lease->wait() : previous.value_or(cni::Result()));
  if (single.complete) single.complete(given, request, kernel, base.parent);
  configure(kernel, owner, link, given, has_own_mac(wanted.kind));
  cni::Result result = describe(wanted, link, given, request.netns);
  if (wanted.has_host_access) {
    rollback.add("delete the host's link", [&] { remove_host_end(kernel, owner); });
    kernel.apply(plan_host_end(wanted, owner, base.parent));
    result.interfaces.push_back(connect_to_host(kernel, {owner, link, base.host_addresses}, given));
  }
  kernel.apply(plan_mark(link, owner));
  rollback.dismiss();
  return result;
}

// DEL: needs neither prevResult nor a readable configuration. If the namespace is gone, so is the interface. If it
// cannot be entered, the interface may still have its address, which stays allocated.
void del(const Single& single, const cni::Request& request) {
  const auto remove_from_container = [&](plan::Kernel& /*host*/) {
    auto kernel = plan::Kernel::unless_gone(request.netns);
    const std::string_view kind = single.kind.empty() ? single.name : single.kind;
    if (kernel) remove_interface(*kernel, request.owner(), kind, previous_if_readable(request));
  };
  const auto remove_from_host = [&](plan::Kernel& kernel) { remove_host_end(kernel, request.owner()); };
  remove(request,
         {{"delete the host's link", remove_from_host}, {"delete the interface", remove_from_container, false, true}});
}

// CHECK: everything that ADD created still exists.
void check(const Single& single, const cni::Request& request) {
  const Wanted wanted = parse(single, request);
  const cni::Result previous = require_previous(request);
  cni::delegate_ipam(request, cni::Verb::check);
  plan::Kernel kernel(request.netns);
  const auto link = netlink::observe_link(kernel.container(), net::IfName(request.ifname));
  plan::Differences differences;
  compare_interface(differences, {request.ifname, kind_name(wanted.kind)}, link, previous);
  if (link && single.compare) single.compare(differences, kernel, wanted, *link);
  if (link) compare_layer3(differences, kernel, *link, previous);
  if (link && link->mac && wanted.has_host_access) {
    compare_host_access(differences, kernel, request.owner(), *link, own_part(previous, request.ifname));
  }
  reject_differences(differences, "network " + request.network + " differs from what ADD configured");
}

// Only a warning without addresses for hostAccess: the host may get new ones soon, and running containers are well.
void check_parent(plan::Kernel& kernel, const Wanted& wanted) {
  const netlink::LinkRef parent = observe_parent(kernel.host(), wanted, cni::kNotAvailable);
  if (!wanted.has_host_access) return;
  try {
    observe_host_addresses(kernel, wanted, parent, cni::kNotAvailable);
  } catch (const cni::Error& error) {
    logging::warn(error.msg() + ": ADD will fail");
  }
}

// STATUS: the kernel supports the kind, the parent exists, IPAM is ready.
void status(const Single& single, const cni::Request& request) {
  const Wanted wanted = parse(single, request);
  plan::Kernel kernel;
  if (single.check_host) {
    single.check_host(wanted);
  } else if (!netlink::is_supported(kernel.host(), wanted.kind)) {
    throw cni::Error(cni::kNotAvailable, "this kernel does not support links of type " + kind_name(wanted.kind),
                     "load its module, or use a kernel that has it");
  }
  if (wanted.parent && !wanted.parent->is_in_container) check_parent(kernel, wanted);
  cni::delegate_ipam(request, cni::Verb::status);
}

}  // namespace

void configure(plan::Kernel& kernel, const net::Owner& owner, const netlink::Link& link, const cni::Result& lease,
               bool announces) {
  const logging::Stage stage("layer3");
  const Inside inside{net::IfName(owner.ifname), link.index};
  plan::Plan plan;
  plan_addresses(plan, inside, lease);
  plan_routes(plan, inside, lease, observe_rivals(kernel, lease));
  kernel.apply(plan);
  std::vector<net::Address> addresses;
  for (const cni::Ip& ip : lease.ips) addresses.push_back(ip.address.address);
  wait_until_in_use(kernel, plan::Where::container, addresses);
  if (announces) kernel.apply(plan_announce(inside.ifname, link));
}

cni::Plugin plugin_of(const Single& single) {
  return {single.name,
          cni::kAllVersions,
          [&single](const cni::Request& request) { return add(single, request); },
          [&single](const cni::Request& request) { del(single, request); },
          [&single](const cni::Request& request) { check(single, request); },
          [&single](const cni::Request& request) { status(single, request); },
          collect,
          {},
          [&single](const cni::Request& request) { parse(single, request); }};
}

}  // namespace attachment
