#include "plugins/portmap/config.h"

#include <netinet/in.h>

#include <algorithm>

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
  if (!address) throw fields.error("hostIP", "an IPv4 or IPv6 address, or nothing for every address of the host");
  if (!address->is_v4() && address->is_loopback()) {
    logging::warn("hostIP ::1: the kernel lets no packet of ::1 leave lo, so nobody will reach this port");
  }
  return address;
}

Mapping parse_mapping(const cni::Fields& fields) {
  return {parse_port(fields, "hostPort"), parse_port(fields, "containerPort"), parse_protocol(fields),
          parse_host_ip(fields)};
}

std::vector<cni::Fields> mapping_fields(const cni::Fields& fields) {
  const auto runtime = fields.object("runtimeConfig");
  return runtime ? runtime->objects("portMappings") : std::vector<cni::Fields>{};
}

void parse_backend(const cni::Fields& fields) {
  const std::string backend = fields.text_or("backend", "");
  if (backend.empty() || backend == "nftables") return;
  if (backend == "iptables") return logging::info("backend iptables: nftables is used, with the same effect");
  throw cni::Error(cni::kBadConfiguration, "unrecognized backend \"" + backend + "\"",
                   "backend: allowed: iptables, nftables");
}

void parse_marks(const cni::Fields& fields) {
  constexpr std::int64_t kLargestBit = 31;
  const bool has_chain = !fields.text_or("externalSetMarkChain", "").empty();
  const bool has_bit = fields.number("markMasqBit", 0, kLargestBit).has_value();
  if (has_chain && has_bit) {
    throw cni::Error(cni::kBadConfiguration, "Cannot specify externalSetMarkChain and markMasqBit",
                     "allowed: one of them, or none: Footbridge needs no mark");
  }
  if (has_chain || has_bit) {
    logging::warn("markMasqBit and externalSetMarkChain have no effect: connections are masqueraded without a mark");
  }
}

// A key that would be ignored is worse than one that is refused: a port would be open to more than was meant.
void refuse_what_is_missing(const cni::Fields& fields) {
  std::string key;
  if (fields.flag("masqAll")) key = "masqAll";
  if (!fields.texts("conditionsV4").empty()) key = "conditionsV4";
  if (!fields.texts("conditionsV6").empty()) key = "conditionsV6";
  if (key.empty()) return;
  throw cni::Error(cni::kUnsupportedField, "unsupported key " + key + " in the configuration of plugin portmap",
                   "this version of Footbridge publishes ports without conditions only; remove " + key);
}

}  // namespace

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  Config config;
  config.snat = fields.flag("snat", true);
  for (const cni::Fields& mapping : mapping_fields(fields)) config.mappings.push_back(parse_mapping(mapping));
  config.owner = request.owner();
  parse_backend(fields);
  parse_marks(fields);
  refuse_what_is_missing(fields);
  return config;
}

std::vector<Mapping> parse_mappings_leniently(const cni::Request& request) {
  std::vector<Mapping> mappings;
  const cni::Json* runtime = cni::find(request.config, "runtimeConfig");
  const cni::Json* list = runtime == nullptr ? nullptr : cni::find(*runtime, "portMappings");
  if (list == nullptr || !list->is_array()) return mappings;
  for (const cni::Json& one : *list) {
    try {
      mappings.push_back(parse_mapping(cni::Fields(one, "runtimeConfig.portMappings")));
    } catch (const cni::Error& error) {
      logging::warn(error.msg());  // ADD refused it, so nothing was made for it
    }
  }
  return mappings;
}

std::vector<net::Prefix> container_addresses(const cni::Result& previous, const std::string& ifname) {
  const auto is_own = [&](const cni::Ip& ip) {
    if (!ip.interface || *ip.interface < 0) return true;
    const auto index = static_cast<std::size_t>(*ip.interface);
    if (index >= previous.interfaces.size()) return true;
    return previous.interfaces[index].name == ifname && !previous.interfaces[index].sandbox.empty();
  };
  std::vector<net::Prefix> addresses;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const auto found = std::find_if(previous.ips.begin(), previous.ips.end(),
                                    [&](const cni::Ip& ip) { return ip.address.family() == family && is_own(ip); });
    if (found != previous.ips.end()) addresses.push_back(found->address);
  }
  return addresses;
}

}  // namespace portmap
