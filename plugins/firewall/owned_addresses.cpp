// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/owned_addresses.h"

#include <algorithm>
#include <array>

#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace firewall {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

net::Prefix address_of(const nft::Values& values) { return std::get<net::Prefix>(values.at(0)); }

std::vector<ruleset::Element> wanted_elements(const net::Owner& owner, const std::vector<net::Prefix>& addresses) {
  std::vector<ruleset::Element> wanted;
  for (const net::Family family : kFamilies) {
    std::uint32_t ordinal = 0;
    for (const net::Prefix& address : addresses) {
      if (address.family() != family) continue;
      const nft::Value value = nft::value(address.address);
      wanted.push_back({ruleset::forward_set(family).name, {value}, {}, owner.comment()});
      wanted.push_back({ruleset::forwarded_map(family).name,
                        {owner.host_end().text(), nft::Mark{ordinal++}},
                        {value},
                        owner.comment()});
    }
  }
  return wanted;
}

void add_unique(std::optional<ruleset::Element> element, std::vector<ruleset::Element>& in) {
  if (element && std::find(in.begin(), in.end(), *element) == in.end()) in.push_back(std::move(*element));
}

}  // namespace

bool has_owned_addresses(const ruleset::Table& table, const net::Owner& owner) {
  return std::any_of(kFamilies.begin(), kFamilies.end(), [&](net::Family family) {
    return table.find(ruleset::forwarded_map(family).name, {owner.host_end().text(), nft::Mark{0}}).has_value();
  });
}

OwnedAddressesSeen observe_owned_addresses(const ruleset::Table& table, const net::Owner& owner,
                                           const std::vector<net::Prefix>& addresses) {
  OwnedAddressesSeen seen;
  seen.generation = table.generation();
  const auto look_up = [&](const net::Address& address) {
    add_unique(table.find(ruleset::forward_set(address.family()).name, {nft::value(address)}), seen.addresses);
  };
  for (const net::Family family : kFamilies) {
    for (std::uint32_t ordinal = 0;; ++ordinal) {
      auto element = table.find(ruleset::forwarded_map(family).name, {owner.host_end().text(), nft::Mark{ordinal}});
      if (!element) break;
      look_up(address_of(element->data).address);
      seen.owned.push_back(std::move(*element));
    }
  }
  for (const net::Prefix& address : addresses) look_up(address.address);
  return seen;
}

plan::Plan plan_owned_addresses(const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                                const OwnedAddressesSeen& seen) {
  plan::Plan plan;
  const std::vector<ruleset::Element> wanted = wanted_elements(owner, addresses);
  const plan::Index wanted_index(wanted);
  std::vector<ruleset::Element> present = seen.owned;
  present.insert(present.end(), seen.addresses.begin(), seen.addresses.end());
  for (const ruleset::Element& element : present) {
    if (element.comment == owner.comment() && wanted_index.find(element) == nullptr) plan.remove(element);
  }
  const plan::Index present_index(present);
  for (const ruleset::Element& element : wanted) plan::replace(plan, element, present_index);
  plan::guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_no_owned_addresses(const net::Owner& owner, const OwnedAddressesSeen& seen) {
  plan::Plan plan;
  for (const auto* elements : {&seen.owned, &seen.addresses}) {
    for (const ruleset::Element& element : *elements) {
      if (element.comment == owner.comment()) plan.remove(element);
    }
  }
  plan::guard(plan, seen.generation);
  return plan;
}

std::vector<net::Address> owned_addresses(const net::Owner& owner, const OwnedAddressesSeen& seen) {
  std::vector<net::Address> result;
  for (const ruleset::Element& element : seen.addresses) {
    if (element.comment == owner.comment()) result.push_back(address_of(element.key).address);
  }
  return result;
}

}  // namespace firewall
