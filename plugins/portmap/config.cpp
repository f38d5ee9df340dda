// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/config.h"

#include <netinet/in.h>

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/log/log.h"

namespace portmap {
namespace {

constexpr std::int64_t kLargestPort = 65535;

nft::Protocol parse_protocol(const cni::Fields& fields) {
  std::string name = fields.text_or("protocol", "");
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char byte) { return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte); });
  if (name.empty() || name == "tcp") return {IPPROTO_TCP};
  if (name == "udp") return {IPPROTO_UDP};
  if (name == "sctp") return {IPPROTO_SCTP};
  throw fields.error("protocol", "tcp, udp, sctp");
}

std::uint16_t parse_port(const cni::Fields& fields, std::string_view key) {
  const auto port = fields.number(key, 1, kLargestPort);
  if (!port) throw fields.error(key, "an integer from 1 to 65535");
  return static_cast<std::uint16_t>(*port);
}

std::optional<net::Address> parse_host_ip(const cni::Fields& fields) {
  const std::string text = fields.text_or("hostIP", "");
  if (text.empty()) return std::nullopt;
  const auto address = net::Address::parse(text);
  if (!address) throw fields.error("hostIP", "an IPv4 or IPv6 address, or \"\" for all addresses of the host");
  return address;
}

// range: the number of consecutive ports on both sides. 0, 1 and absent mean one port, as in Podman's mappings.
void parse_mapping(const cni::Fields& fields, std::vector<Mapping>& into) {
  const Mapping first{parse_port(fields, "hostPort"), parse_port(fields, "containerPort"), parse_protocol(fields),
                      parse_host_ip(fields)};
  const std::int64_t room = kLargestPort - std::max(first.host_port, first.container_port) + 1;
  const auto range = fields.number("range", 0, room);
  const auto count = static_cast<std::uint16_t>(std::max<std::int64_t>(range.value_or(1), 1) - 1);
  for (std::uint32_t i = 0; i <= count; ++i) {
    if (into.size() == kMostMappings) throw fields.error("hostPort", "at most 65535 published ports per container");
    Mapping mapping = first;
    mapping.host_port = static_cast<std::uint16_t>(first.host_port + i);
    mapping.container_port = static_cast<std::uint16_t>(first.container_port + i);
    into.push_back(mapping);
  }
}

std::vector<cni::Fields> mapping_fields(const cni::Fields& fields) {
  const auto runtime = fields.object("runtimeConfig");
  return runtime ? runtime->objects("portMappings") : std::vector<cni::Fields>{};
}

void parse_backend(const cni::Fields& fields) {
  const std::string backend = fields.text_or("backend", "");
  if (backend.empty() || backend == "nftables") return;
  if (backend == "iptables")
    return logging::info("backend: \"iptables\" is ignored; nftables is used, with the same effect");
  throw cni::Error(cni::kBadConfiguration, "unrecognized backend \"" + backend + "\"",
                   "backend: allowed: iptables, nftables");
}

// Checks the conditions with hostIP; parse_conditions() has checked them without it.
void reject_long_conditions(const Config& config) {
  for (const Mapping& mapping : config.mappings) {
    if (!mapping.is_on_one_address()) continue;
    const net::Family family = mapping.host_ip->family();
    for (const ruleset::Conditions& conditions : conditions_for(config, mapping, family)) {
      if (conditions.text().size() <= ruleset::Conditions::kLongestText) continue;
      throw cni::Error(cni::kBadConfiguration, std::string("failed to load netconf: ") +
                                                   (family == net::Family::v4 ? "conditionsV4" : "conditionsV6") +
                                                   ": bad value \"" + conditions.text() +
                                                   "\"; allowed: at most 127 bytes in this form, including hostIP");
    }
  }
}

void parse_marks(const cni::Fields& fields) {
  constexpr std::int64_t kLargestBit = 31;
  const bool has_chain = !fields.text_or("externalSetMarkChain", "").empty();
  const bool has_bit = fields.number("markMasqBit", 0, kLargestBit).has_value();
  if (has_chain && has_bit) {
    throw cni::Error(cni::kBadConfiguration, "Cannot specify externalSetMarkChain and markMasqBit",
                     "allowed: one of the two, or none; Footbridge needs no mark");
  }
  if (has_chain || has_bit) {
    logging::warn("markMasqBit and externalSetMarkChain have no effect: connections are masqueraded without a mark");
  }
}

}  // namespace

std::string text(const Mapping& mapping) {
  return (mapping.host_ip ? mapping.host_ip->text() + " " : "") + "port " + std::to_string(mapping.host_port) + "/" +
         nft::text(mapping.protocol);
}

std::vector<ruleset::Conditions> conditions_for(const Config& config, const Mapping& mapping, net::Family family) {
  std::vector<ruleset::Conditions> one_of;
  for (const ParsedConditions::List& list : config.conditions(family).packet) {
    one_of.push_back({family, list});
    if (list.empty() || !mapping.is_on_one_address()) continue;
    one_of.back().all.push_back({ruleset::Subject::destination, false, net::Prefix::host(*mapping.host_ip)});
  }
  return one_of;
}

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  Config config;
  config.snat = fields.flag("snat", true);
  config.masq_all = fields.flag("masqAll");
  if (config.masq_all && !config.snat) logging::warn("masqAll: true has no effect with snat: false");
  for (const cni::Fields& mapping : mapping_fields(fields)) parse_mapping(mapping, config.mappings);
  config.owner = request.owner();
  parse_backend(fields);
  parse_marks(fields);
  config.conditions4 = parse_conditions("conditionsV4", net::Family::v4, fields.texts("conditionsV4"));
  config.conditions6 = parse_conditions("conditionsV6", net::Family::v6, fields.texts("conditionsV6"));
  reject_long_conditions(config);
  return config;
}

// ADD rejected invalid values and published nothing for them.
Config parse_leniently(const cni::Request& request) {
  Config config;
  config.owner = request.owner();
  const auto attempt = [](const auto& parse) {
    try {
      parse();
    } catch (const cni::Error& error) {
      logging::warn(error.msg());
    }
  };
  const cni::Json* runtime = cni::find(request.config, "runtimeConfig");
  const cni::Json* list = runtime == nullptr ? nullptr : cni::find(*runtime, "portMappings");
  if (list != nullptr && list->is_array()) {
    for (const cni::Json& one : *list) {
      attempt([&] { parse_mapping(cni::Fields(one, "runtimeConfig.portMappings"), config.mappings); });
    }
  }
  attempt([&] {
    const cni::Fields fields = request.fields();
    config.conditions4 = parse_conditions("conditionsV4", net::Family::v4, fields.texts("conditionsV4"));
    config.conditions6 = parse_conditions("conditionsV6", net::Family::v6, fields.texts("conditionsV6"));
  });
  return config;
}

std::vector<net::Prefix> container_addresses(const cni::Result& previous, const std::string& ifname) {
  const cni::Result own = attachment::own_part(previous, ifname);
  std::vector<net::Prefix> addresses;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const auto found = std::find_if(own.ips.begin(), own.ips.end(),
                                    [family](const cni::Ip& ip) { return ip.address.family() == family; });
    if (found != own.ips.end()) addresses.push_back(found->address);
  }
  return addresses;
}

}  // namespace portmap
