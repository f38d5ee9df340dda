// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/moved/moved.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/ready.h"
#include "lib/log/log.h"
#include "lib/netlink/address.h"
#include "lib/netlink/route.h"

namespace attachment {
namespace {

using netlink::Link;
using plan::Where;

constexpr std::uint32_t kLoopback = 1;  // its index in every namespace (LOOPBACK_IFINDEX in linux/loopback.h)

// What the host uses the device for; "" if nothing.
std::string use_of(const Link& device, netlink::Socket& host) {
  for (const Link& link : netlink::observe_links(host)) {
    if (device.master != 0 && device.master == link.index) return "it is a port of " + link.name;
    const bool is_above = link.peer == device.index && !link.peer_netns && link.kind != "veth";
    if (is_above) return link.name + " is on top of it";
  }
  for (const netlink::Route& route : netlink::observe_routes(host, {device.index, RT_TABLE_MAIN})) {
    if (route.dst.is_any()) return "it has the default route";
  }
  return "";
}

bool is_taken(const std::string& name, const std::vector<Link>& links, std::uint32_t own) {
  return std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return link.index != own && (link.name == name || has_alt_name(link, name));
  });
}

// The first of wanted, dev0, dev1 ... that no link but `own` has. 0: all count.
std::string free_name(const std::string& wanted, const std::vector<Link>& links, std::uint32_t own) {
  std::string name = wanted;
  for (unsigned number = 0; is_taken(name, links, own); ++number) name = "dev" + std::to_string(number);
  return name;
}

// The device's alternative names that `is_obsolete`.
void plan_delete_alt_names(plan::Plan& plan, Where where, const Link& device,
                           const std::function<bool(const std::string&)>& is_obsolete) {
  for (const std::string& name : device.alt_names) {
    if (is_obsolete(name)) plan.steps.push_back({where, netlink::DeleteAltName{net::IfName(device.name), name}});
  }
}

// The device that the owner has in the container. The reference's device has an alias only, as other links may have:
// it must have CNI_IFNAME too, and the MAC address of prevResult if there is one.
std::optional<Link> find_inside(const std::vector<Link>& links, const net::Owner& owner, const Known& known) {
  for (const Link& link : links) {
    if (has_alt_name(link, owner_mark(owner))) return link;
    const bool is_of_reference = link.name == owner.ifname && is_reference_alias(link.alias) && !find_owner(link);
    if (is_of_reference && (!known.mac || known.mac == link.mac)) return link;
  }
  return std::nullopt;
}

// The device that the kernel has returned to the host. An alias of the host's links is free text: the reference's
// device must have the MAC address of prevResult too.
std::optional<Link> find_outside(netlink::Socket& host, const net::Owner& owner, const Known& known) {
  if (auto own = netlink::observe_link_by_alt_name(host, owner_mark(owner))) return own;
  const bool is_name = net::IfName::flaw(known.device).empty();
  if (!known.mac || !is_name || netlink::observe_link(host, net::IfName(known.device))) return std::nullopt;
  for (Link& link : netlink::observe_links(host)) {
    if (link.alias == known.device && link.mac == known.mac && !find_owner(link)) return std::move(link);
  }
  return std::nullopt;
}

// Renames the device inside, so that it has its own name when it appears on the host, then moves it there. Both are in
// one send. The kernel rejects a move if the host has one of the device's alternative names.
Link return_from_container(plan::Kernel& kernel, const Link& inside, const std::string& wanted) {
  const std::vector<Link> hosts = netlink::observe_links(kernel.host());
  const netns::Netns host = netns::Netns::current();
  const net::IfName current(inside.name);
  const net::IfName name(free_name(wanted, hosts, 0));
  plan::Plan plan;
  plan_delete_alt_names(plan, Where::container, inside, [&](const std::string& alt_name) {
    return alt_name == name.text() || is_taken(alt_name, hosts, 0);
  });
  netlink::SetLink change{.name = current, .up = false, .index = inside.index};
  plan.container(change);
  change.up.reset();
  change.new_name = name;
  if (!is_taken(name.text(), netlink::observe_links(kernel.container()), inside.index)) plan.container(change);
  change.netns = {host.fd(), host.path()};
  plan.container(change);
  kernel.apply(plan);
  return present(netlink::observe_link(kernel.host(), name), name);
}

// The last step of restore(): if an earlier one fails, the next DEL or GC has the state.
void unmark(plan::Kernel& kernel, const Link& device, bool is_named) {
  plan::Plan plan;
  plan_delete_alt_names(plan, Where::host, device, [&](const std::string& alt_name) {
    return is_mark(alt_name) && (is_named || !alt_name.starts_with("was:"));
  });
  plan.host(netlink::SetLink{.name = net::IfName(device.name), .alias = "", .index = device.index});
  kernel.apply(plan);
}

}  // namespace

os::NameLock lock_moves() { return {"footbridge/host-device", std::chrono::minutes(1)}; }

void check_unused(const Link& device, netlink::Socket& host, bool is_forced, cni::Code code) {
  if (device.index == kLoopback) {
    throw cni::Error(code, "failed to move link: " + device.name + " is the loopback device", "choose another device");
  }
  const std::string use = is_forced ? "" : use_of(device, host);
  if (use.empty()) return;
  throw cni::Error(code, "failed to move link: the host uses " + device.name + ": " + use,
                   "choose another device, or set \"force\": true");
}

void check_container(const std::vector<Link>& links, const net::Owner& owner, const std::string& netns) {
  for (const Link& link : links) {
    const bool is_own = has_alt_name(link, owner_mark(owner));
    const bool is_finished = is_own && !link.alias.empty();
    if (!is_finished && (is_own || link.name != owner.ifname)) continue;
    throw cni::Error(cni::kInternal,
                     "failed to move link: " + netns + " already has an interface \"" + link.name + "\"",
                     is_own ? "it attaches the container to network " + owner.network + "; call DEL before the next ADD"
                            : "network " + owner.network + " did not move it; choose another interface name");
  }
}

Link only_hardware(std::vector<Link> links) {
  std::string names;
  for (const Link& link : links) names += (names.empty() ? "" : ", ") + link.name;
  std::erase_if(links, [](const Link& link) { return !link.kind.empty(); });
  if (links.size() == 1) return links.front();
  throw cni::Error(cni::kInternal, "failed to find host device: several links have that MAC address: " + names,
                   "select it with \"device\", \"kernelpath\" or \"pciBusID\"");
}

Moving::Moving(plan::Kernel& kernel, const net::Owner& owner, Link device)
    : kernel_(kernel),
      owner_(owner),
      device_(std::move(device)),
      addresses_(netlink::observe_addresses(kernel.host(), device_.index, {}, netlink::Scopes::wider_than_link)) {}

Link Moving::run() {
  const logging::Stage stage("links");
  const net::IfName name(device_.name);
  const net::IfName ifname(owner_.ifname);
  const netns::Netns& netns = kernel_.container_netns();
  plan::Plan mark;
  plan_delete_alt_names(mark, Where::host, device_, is_mark);
  mark.host(netlink::NewAltName{name, state_mark(owner_, device_)});
  kernel_.apply(mark);
  plan::Plan claim;  // only a device whose state is known has an owner
  claim.host(netlink::NewAltName{name, owner_mark(owner_)});
  kernel_.apply(claim);
  plan::Plan move;
  move.host(netlink::SetLink{
      .name = name, .alias = "", .index = device_.index, .new_name = ifname, .netns = {netns.fd(), netns.path()}});
  kernel_.apply(move);
  return present(netlink::observe_link(kernel_.container(), ifname), ifname);
}

void Moving::finish() {
  plan::Plan plan;
  plan.container(netlink::SetLink{.name = net::IfName(owner_.ifname), .alias = device_.name});
  kernel_.apply(plan);
}

void Moving::revert() {
  const auto returned = move_out(kernel_, owner_, {});
  const net::IfName name(device_.name);
  plan::Plan plan;
  if (!returned) {  // its owner's mark failed
    const auto unmoved = netlink::observe_link(kernel_.host(), device_.index);
    const auto is_own = [&](const std::string& alt_name) { return alt_name == state_mark(owner_, device_); };
    if (unmoved) plan_delete_alt_names(plan, Where::host, *unmoved, is_own);
    return kernel_.apply(plan);
  }
  plan.host(netlink::SetLink{.name = name, .alias = device_.alias, .index = returned->index});
  for (const net::Prefix& address : addresses_) {
    plan.host(netlink::NewAddress{name, returned->index, address, false, true});
  }
  kernel_.apply(plan);
}

void restore(plan::Kernel& kernel, const Link& stranded, const std::string& device) {
  const Former former = former_of(stranded, device);
  const std::string name = free_name(former.name, netlink::observe_links(kernel.host()), stranded.index);
  const bool is_named = name == former.name;
  if (!is_named) {
    logging::warn("device \"" + former.name + "\" comes back to the host as \"" + name +
                  "\": another link has its name; rename that link, then this one with: ip link set dev " + name +
                  " name " + former.name);
  }
  plan::Plan plan;
  const net::IfName current(stranded.name);
  // While the device has its former name as an alternative one, the kernel does not rename it.
  plan_delete_alt_names(plan, Where::host, stranded, [&](const std::string& alt_name) { return alt_name == name; });
  if (stranded.name != name) {
    plan.host(netlink::SetLink{.name = current, .up = false, .index = stranded.index});
    plan.host(netlink::SetLink{.name = current, .index = stranded.index, .new_name = net::IfName(name)});
  }
  netlink::SetLink change{.name = net::IfName(name), .index = stranded.index};
  if (former.mtu != 0 && former.mtu != stranded.mtu) change.mtu = former.mtu;
  if (former.mac && former.mac != stranded.mac) change.mac = former.mac;
  if (former.is_up) change.up = true;
  if (change.mtu || change.mac || change.up) plan.host(change);
  kernel.apply(plan);
  unmark(kernel, present(netlink::observe_link(kernel.host(), net::IfName(name)), net::IfName(name)), is_named);
}

Known known_of(const cni::Request& request) {
  const cni::Json* device = cni::find(request.config, "device");
  const auto previous = previous_if_readable(request);
  const cni::Interface* interface = previous ? find_interface(*previous, request.ifname, true) : nullptr;
  return {device != nullptr && device->is_string() ? device->get<std::string>() : "",
          interface != nullptr ? net::Mac::parse(interface->mac) : std::nullopt};
}

std::optional<Link> move_out(plan::Kernel& kernel, const net::Owner& owner, const Known& known) {
  const logging::Stage stage("links");
  const os::NameLock lock = lock_moves();
  std::optional<Link> outside;
  const auto inside =
      kernel.has_container() ? find_inside(netlink::observe_links(kernel.container()), owner, known) : std::nullopt;
  if (inside) outside = return_from_container(kernel, *inside, former_of(*inside, known.device).name);
  if (!inside) outside = find_outside(kernel.host(), owner, known);
  if (outside) restore(kernel, *outside, known.device);
  return outside;
}

void collect_moved(plan::Kernel& kernel, const cni::Request& request) {
  const net::Attachments alive = request.alive().value();
  const os::NameLock lock = lock_moves();
  for (const Link& link : netlink::observe_links(kernel.host())) {
    const auto owner = find_owner(link);
    if (!owner || !alive.is_abandoned(*owner)) continue;
    restore(kernel, link, known_of(request).device);
    logging::record_action("collect " + *owner + ": device " + link.name);
  }
}

}  // namespace attachment
