// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/vlan_config.h"

#include <limits>

namespace bridge {
namespace {

constexpr std::string_view kOwn = "an integer from 0 (no VLAN) to 4094";
constexpr std::string_view kTrunk = "an integer from 1 to 4094";

// Any integer: the caller rejects those out of range with the reference's words.
std::optional<std::int64_t> parse_number(const cni::Fields& fields, std::string_view key, std::string_view allowed) {
  return fields.number(key, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                       allowed);
}

// The reference's words, followed by key, value and allowed values.
cni::Error wrong(const cni::Fields& fields, std::string_view key, const std::string& words, std::string_view allowed) {
  const cni::Json* value = cni::find(fields.json(), key);
  return {cni::kBadConfiguration, words + ": " + fields.path_of(key) + ": " +
                                      (value == nullptr ? "missing" : "bad value " + cni::excerpt(*value)) +
                                      "; allowed: " + std::string(allowed)};
}

std::optional<net::VlanId> parse_id(const cni::Fields& item, const std::string& key) {
  const auto number = parse_number(item, key, kTrunk);
  if (!number) return std::nullopt;
  const auto id = net::VlanId::from(*number);
  if (!id) throw wrong(item, key, "incorrect trunk " + key + " parameter", kTrunk);
  return id;
}

std::optional<net::VlanRange> parse_range(const cni::Fields& item) {
  constexpr std::string_view kBoth = "minID and maxID together, or id alone";
  const std::string missing = "minID and maxID should be configured simultaneously, ";
  if (item.has("maxID") && !item.has("minID")) throw wrong(item, "minID", missing + "minID is missing", kBoth);
  if (item.has("minID") && !item.has("maxID")) throw wrong(item, "maxID", missing + "maxID is missing", kBoth);
  const auto first = parse_id(item, "minID");
  const auto last = parse_id(item, "maxID");
  if (!first || !last) return std::nullopt;
  if (*last < *first) {
    throw wrong(item, "maxID", "minID is greater than maxID in trunk parameter",
                "an integer from " + std::to_string(first->value()) + " (minID) to 4094");
  }
  return net::VlanRange{*first, *last};
}

}  // namespace

std::string Vlans::gateway_name(const net::IfName& bridge) const {
  if (!own) throw std::logic_error("vlan is not set");
  return bridge.text() + "." + std::to_string(own->value());
}

Vlans parse_vlans(const cni::Fields& fields) {
  Vlans vlans;
  const std::int64_t own = parse_number(fields, "vlan", kOwn).value_or(0);
  vlans.own = net::VlanId::from(own);
  if (own != 0 && !vlans.own) {
    throw wrong(fields, "vlan", "invalid VLAN ID " + std::to_string(own) + " (must be between 0 and 4094)", kOwn);
  }
  for (const cni::Fields& item : fields.objects("vlanTrunk")) {
    if (const auto range = parse_range(item)) vlans.trunk.push_back(*range);
    if (const auto id = parse_id(item, "id")) vlans.trunk.push_back({*id, *id});
  }
  vlans.trunk = net::joined(std::move(vlans.trunk));
  vlans.are_configured = vlans.own || fields.has("vlanTrunk");
  vlans.preserves_default = fields.flag("preserveDefaultVlan");
  return vlans;
}

net::IfName parse_vlan_gateway(const cni::Fields& fields, const net::IfName& bridge, const Vlans& vlans) {
  const std::string name = vlans.gateway_name(bridge);
  if (net::IfName::flaw(name).empty()) return net::IfName(name);
  throw fields.error("bridge", "a name of at most " + std::to_string(bridge.text().size() + 15 - name.size()) +
                                   " bytes, because the VLAN gateway is named " + name);
}

}  // namespace bridge
