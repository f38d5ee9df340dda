// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/config.h"

#include <algorithm>

#include "lib/log/log.h"
#include "lib/ruleset/admin.h"

namespace firewall {
namespace {

constexpr const char* kAdminChain = "CNI-ADMIN";
constexpr const char* kZone = "trusted";

std::string text_or(const cni::Fields& fields, std::string_view key, const char* fallback) {
  std::string text = fields.text_or(key, fallback);
  return text.empty() ? fallback : text;
}

Backend parse_backend(const cni::Fields& fields) {
  const std::string name = fields.text_or("backend", "");
  if (name == "iptables") return Backend::iptables;
  if (name == "firewalld") return Backend::firewalld;
  if (!name.empty()) {
    logging::warn("backend: unknown value \"" + name + "\" is ignored; allowed: iptables, firewalld");
  }
  return Backend::automatic;
}

IngressPolicy parse_policy(const cni::Fields& fields) {
  const std::string name = text_or(fields, "ingressPolicy", "open");
  for (const IngressPolicy policy : {IngressPolicy::open, IngressPolicy::same_bridge, IngressPolicy::isolated}) {
    if (name == text(policy)) return policy;
  }
  throw cni::Error(cni::kBadConfiguration, "unknown ingress policy: \"" + name + "\"",
                   "ingressPolicy: allowed: open, same-bridge, isolated");
}

std::string parse_admin_chain(const cni::Fields& fields) {
  std::string name = text_or(fields, "iptablesAdminChainName", kAdminChain);
  const std::string flaw = ruleset::admin_chain_flaw(name);
  if (flaw.empty()) return name;
  throw fields.error("iptablesAdminChainName", flaw);
}

}  // namespace

std::string_view text(IngressPolicy policy) {
  if (policy == IngressPolicy::open) return "open";
  return policy == IngressPolicy::isolated ? "isolated" : "same-bridge";
}

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  Config config;
  config.backend = parse_backend(fields);
  config.admin_chain = parse_admin_chain(fields);
  config.zone = text_or(fields, "firewalldZone", kZone);
  config.policy = parse_policy(fields);
  config.owner = request.owner();
  return config;
}

std::string parse_zone_leniently(const cni::Request& request) {
  const cni::Json* zone = cni::find(request.config, "firewalldZone");
  const bool is_there = zone != nullptr && zone->is_string() && !zone->get_ref<const std::string&>().empty();
  return is_there ? zone->get<std::string>() : kZone;
}

std::string host_link_of(const cni::Result& previous) {
  const bool is_there = !previous.interfaces.empty() && previous.interfaces.front().sandbox.empty();
  return is_there ? previous.interfaces.front().name : "";
}

std::string bridge_of(const Config& config, const cni::Result& previous) {
  std::string link = host_link_of(previous);
  if (!link.empty()) return link;
  if (config.policy == IngressPolicy::open) return {};
  throw cni::Error(cni::kBadConfiguration, "interface needs to be set for ingress policy \"" +
                                               std::string(text(config.policy)) +
                                               "\", make sure to chain \"firewall\" plugin with \"bridge\"");
}

std::string port_of(const net::Owner& owner, const cni::Result& previous) {
  const bool is_known = previous.interfaces.size() > 1 && previous.interfaces[1].sandbox.empty() &&
                        net::IfName::flaw(previous.interfaces[1].name).empty();
  return is_known ? previous.interfaces[1].name : owner.host_end().text();
}

std::vector<net::Family> families_of(const std::vector<net::Prefix>& addresses) {
  std::vector<net::Family> families;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const bool is_there = std::any_of(addresses.begin(), addresses.end(),
                                      [&](const net::Prefix& address) { return address.family() == family; });
    if (is_there) families.push_back(family);
  }
  return families;
}

}  // namespace firewall
