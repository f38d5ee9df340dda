// SPDX-License-Identifier: Apache-2.0
#include "lib/masquerade/keys.h"

#include <algorithm>
#include <array>

namespace masquerade {
namespace {

constexpr std::size_t kMostExcluded = 256;

void reject_unknown(const cni::Fields& fields) {
  constexpr std::array<std::string_view, 5> kKnown{"exclude", "ipv4", "ipv6", "source", "randomFully"};
  for (const auto& [key, value] : fields.json().items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end()) continue;
    throw cni::Error(cni::kBadConfiguration, "failed to load netconf: " + fields.path_of(key) +
                                                 ": unknown key; allowed: exclude, ipv4, ipv6, source, randomFully "
                                                 "(case-sensitive)");
  }
}

net::Prefix parse_destination(const cni::Fields& fields, const std::string& text) {
  const auto prefix = net::Prefix::parse(text);
  if (prefix) return prefix->network();
  if (const auto address = net::Address::parse(text)) return net::Prefix::host(*address);
  throw fields.error("exclude", "networks like 10.0.0.0/8 or fd00::/8, or single addresses (not \"" + text + "\")");
}

// A single text, or a list.
std::vector<std::string> source_texts(const cni::Fields& fields) {
  const cni::Json* value = cni::find(fields.json(), "source");
  if (value != nullptr && value->is_string()) return {value->get<std::string>()};
  return fields.texts("source");
}

bool may_be_source(const net::Address& address) {
  const std::uint8_t first = address.bytes()[0];
  const bool is_group = address.is_v4() ? first >= 224 : first == 0xff;
  return !address.is_unspecified() && !address.is_loopback() && !is_group;
}

void parse_sources(const cni::Fields& fields, Options& to) {
  for (const std::string& text : source_texts(fields)) {
    const auto address = net::Address::parse(text);
    if (!address || !may_be_source(*address)) {
      throw fields.error("source", "a unicast address, or a list of one IPv4 and one IPv6 address");
    }
    const auto is_same_family = [&](const net::Address& other) { return other.family() == address->family(); };
    if (std::any_of(to.sources.begin(), to.sources.end(), is_same_family)) {
      throw fields.error("source", "at most one address per family");
    }
    if (!to.covers(address->family())) {
      throw fields.error("source", "only addresses of masqueraded families (see ipv4, ipv6)");
    }
    to.sources.push_back(*address);
  }
}

}  // namespace

Options parse_options(const cni::Fields& fields) {
  Options wanted;
  const auto object = fields.object("masquerade");
  if (!object) return wanted;
  reject_unknown(*object);
  if (!fields.flag("ipMasq")) {
    throw fields.error("masquerade", "only with \"ipMasq\": true");
  }
  const std::vector<std::string> excluded = object->texts("exclude");
  if (excluded.size() > kMostExcluded) throw object->error("exclude", "at most 256 networks");
  for (const std::string& text : excluded) wanted.exclude.push_back(parse_destination(*object, text));
  wanted.has_ipv4 = object->flag("ipv4", true);
  wanted.has_ipv6 = object->flag("ipv6", true);
  if (!wanted.has_ipv4 && !wanted.has_ipv6) {
    throw object->error("ipv6", "true if ipv4 is false; set \"ipMasq\": false to disable masquerading");
  }
  parse_sources(*object, wanted);
  wanted.is_random = object->flag("randomFully");
  return wanted;
}

}  // namespace masquerade
