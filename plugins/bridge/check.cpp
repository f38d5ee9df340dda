#include "plugins/bridge/check.h"

#include <algorithm>

#include "lib/plan/masquerade.h"
#include "plugins/bridge/plan.h"
#include "plugins/bridge/seen.h"

namespace bridge {
namespace {

std::string mac_text(const netlink::Link& link) { return link.mac ? link.mac->text() : "none"; }

const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container) {
  const auto found =
      std::find_if(previous.interfaces.begin(), previous.interfaces.end(), [&](const cni::Interface& interface) {
        return interface.name == name && interface.sandbox.empty() != in_container;
      });
  return found == previous.interfaces.end() ? nullptr : &*found;
}

void compare_bridge(plan::Differences& differences, const Config& config, const Seen& seen,
                    const cni::Result& previous) {
  const std::string what = "bridge " + config.bridge.text();
  if (!seen.bridge) return differences.add(what + ": not found");
  differences.expect(what, "a bridge", seen.bridge->kind == "bridge" ? "a bridge" : "a " + seen.bridge->kind);
  const cni::Interface* told = find_interface(previous, config.bridge.text(), false);
  if (told != nullptr && !told->mac.empty()) differences.expect(what + " MAC", told->mac, mac_text(*seen.bridge));
  if (config.promiscuous && !seen.bridge->is_promiscuous) differences.expect(what, "promiscuous mode", "none");
  if (!seen.bridge->is_up) differences.expect(what, "up", "down");
}

void compare_container_end(plan::Differences& differences, const Config& config, const Seen& seen,
                           const cni::Result& previous) {
  const std::string what = "container interface " + config.ifname.text();
  if (!seen.container_end) return differences.add(what + ": not found");
  differences.expect(what, "veth", seen.container_end->kind.empty() ? "device" : seen.container_end->kind);
  const cni::Interface* told = find_interface(previous, config.ifname.text(), true);
  if (told != nullptr && !told->mac.empty())
    differences.expect(what + " MAC", told->mac, mac_text(*seen.container_end));
  differences.expect(what, config.leave_interface_down ? "down" : "up", seen.container_end->is_up ? "up" : "down");
}

void compare_host_end(plan::Differences& differences, const Config& config, const Seen& seen) {
  // Of our ADD the host end has the owner's name; of the reference's, any name, and is the container end's peer.
  const auto& host_end = seen.host_end ? seen.host_end : seen.container_peer;
  if (!host_end) return differences.add("CNI veth created for bridge " + config.bridge.text() + " was not found");
  const std::string what = "host interface " + host_end->name;
  const bool is_port = seen.bridge && host_end->master == seen.bridge->index;
  differences.expect(
      what, "port of " + config.bridge.text(),
      is_port ? "port of " + config.bridge.text() : (host_end->master == 0 ? "no bridge" : "another bridge"));
  if (host_end->is_hairpin != config.hairpin) {
    differences.expect(what + " hairpin", config.hairpin ? "on" : "off", host_end->is_hairpin ? "on" : "off");
  }
  if (host_end->is_isolated != config.port_isolation) {
    differences.expect(what + " isolated", config.port_isolation ? "on" : "off", host_end->is_isolated ? "on" : "off");
  }
  if (!host_end->is_up) differences.expect(what, "up", "down");
}

// Is that address of prevResult this interface's? One that names no interface, or none that is there, may be.
bool is_own(const Config& config, const cni::Result& previous, const cni::Ip& ip) {
  const auto index = static_cast<std::size_t>(ip.interface.value_or(-1));
  return index >= previous.interfaces.size() || previous.interfaces[index].name == config.ifname.text();
}

std::vector<net::Prefix> own_addresses(const Config& config, const cni::Result& previous) {
  std::vector<net::Prefix> addresses;
  for (const cni::Ip& ip : previous.ips) {
    if (is_own(config, previous, ip)) addresses.push_back(ip.address);
  }
  return addresses;
}

void compare_layer3(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen,
                    const cni::Result& previous) {
  const std::uint32_t index = seen.container_end->index;
  differences.expect_addresses(config.ifname.text(), own_addresses(config, previous),
                               netlink::observe_addresses(kernel.container(), index));
  std::vector<plan::Differences::ExpectedRoute> routes;
  for (const cni::Route& route : previous.routes) routes.push_back({route.dst, route.gw});
  // By whatever link: prevResult's routes are those of all its interfaces, and later plugins move some.
  differences.expect_routes("any link", routes, netlink::observe_routes(kernel.container()));
  if (config.is_gateway) {
    cni::Result own = previous;
    std::erase_if(own.ips, [&](const cni::Ip& ip) { return !is_own(config, previous, ip); });
    differences.expect_addresses(config.bridge.text(), gateway_addresses(own), seen.bridge_addresses);
  }
}

}  // namespace

plan::Differences compare(plan::Kernel& kernel, const Config& config, const cni::Result& previous) {
  const Seen seen = observe(kernel, config);
  plan::Differences differences;
  compare_bridge(differences, config, seen, previous);
  compare_container_end(differences, config, seen, previous);
  compare_host_end(differences, config, seen);
  if (config.has_ipam && seen.container_end) compare_layer3(differences, kernel, config, seen, previous);
  // Of the reference's ADD nothing is in our table, and its masquerading is not ours to judge.
  if (config.has_ipam && config.ip_masq && seen.host_end) {
    const auto addresses = own_addresses(config, previous);
    differences.expect("table inet footbridge", "whole",
                       kernel.table().is_whole() ? "whole" : "chains or rules missing");
    differences.expect_nothing_to_do(plan::plan_masquerade(
        config.owner, addresses, plan::observe_masquerade(kernel.table(), config.owner, addresses)));
  }
  return differences;
}

}  // namespace bridge
