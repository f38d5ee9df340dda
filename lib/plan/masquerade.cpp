#include "lib/plan/masquerade.h"

#include <algorithm>
#include <array>

namespace plan {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

nft::Element pair_of(const net::Prefix& subnet, const std::string& network) {
  const net::Prefix prefix = subnet.network();
  return {nft::local_set(prefix.family()).name, {prefix, prefix}, {}, network};
}

nft::Element masqueraded(const net::Address& address, const net::Owner& owner) {
  return {nft::masquerade_set(address.family()).name, {nft::value(address)}, {}, owner.comment()};
}

nft::Element owned(const net::Address& address, std::uint32_t ordinal, const net::Owner& owner) {
  return {nft::owner_map(address.family()).name,
          {owner.host_end().text(), nft::Mark{ordinal}},
          {nft::value(address)},
          owner.comment()};
}

bool has_same_key(const nft::Element& left, const nft::Element& right) {
  return left.set == right.set && left.key == right.key;
}

const nft::Element* find_key(const std::vector<nft::Element>& elements, const nft::Element& wanted) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const nft::Element& element) { return has_same_key(element, wanted); });
  return found == elements.end() ? nullptr : &*found;
}

// Puts `wanted` in place of what was seen under its key.
void replace(Plan& plan, const nft::Element& wanted, const std::vector<nft::Element>& seen) {
  const nft::Element* present = find_key(seen, wanted);
  if (present != nullptr && *present == wanted) return;
  if (present != nullptr) plan.remove(*present);
  plan.add(wanted);
}

std::vector<nft::Element> wanted_elements(const net::Owner& owner, const std::vector<net::Prefix>& addresses) {
  std::vector<nft::Element> result;
  for (const net::Family family : kFamilies) {
    std::uint32_t ordinal = 0;
    for (const net::Prefix& address : addresses) {
      if (address.family() != family) continue;
      result.push_back(masqueraded(address.address, owner));
      result.push_back(owned(address.address, ordinal++, owner));
    }
  }
  return result;
}

void observe_owned(const nft::Table& table, const net::Owner& owner, net::Family family, MasqueradeSeen& seen) {
  for (std::uint32_t ordinal = 0;; ++ordinal) {
    auto element = table.find(nft::owner_map(family).name, {owner.host_end().text(), nft::Mark{ordinal}});
    if (!element) return;
    seen.owned.push_back(std::move(*element));
  }
}

// The element of masq4/6 with the key that an owners4/6 element has as its data.
void observe_address(const nft::Table& table, const net::Prefix& address, MasqueradeSeen& seen) {
  auto element = table.find(nft::masquerade_set(address.family()).name, {nft::value(address.address)});
  if (element && find_key(seen.addresses, *element) == nullptr) seen.addresses.push_back(std::move(*element));
}

}  // namespace

std::vector<nft::Element> observe_local(const nft::Table& table) {
  std::vector<nft::Element> result;
  for (const net::Family family : kFamilies) {
    for (nft::Element& element : table.list(nft::local_set(family).name)) result.push_back(std::move(element));
  }
  return result;
}

MasqueradeSeen observe_masquerade(const nft::Table& table, const net::Owner& owner,
                                  const std::vector<net::Prefix>& addresses) {
  MasqueradeSeen seen;
  seen.generation = table.generation();
  for (const net::Family family : kFamilies) observe_owned(table, owner, family, seen);
  for (const nft::Element& element : seen.owned) observe_address(table, std::get<net::Prefix>(element.data[0]), seen);
  for (const net::Prefix& address : addresses) observe_address(table, address, seen);
  if (!addresses.empty()) seen.local = observe_local(table);
  return seen;
}

void plan_local(Plan& plan, const std::string& network, const std::vector<net::Prefix>& subnets,
                const std::vector<nft::Element>& local) {
  std::vector<nft::Element> pairs = local;
  for (const net::Prefix& subnet : subnets) {
    const net::Prefix prefix = subnet.network();
    const auto subnet_of = [](const nft::Element& pair) { return std::get<net::Prefix>(pair.key[0]); };
    const bool is_covered = std::any_of(pairs.begin(), pairs.end(), [&](const nft::Element& pair) {
      return subnet_of(pair).overlaps(prefix) && subnet_of(pair).length <= prefix.length;
    });
    if (is_covered) continue;
    // Two prefixes that overlap are nested: what is inside the new one is said by it, and the set refuses overlaps.
    std::erase_if(pairs, [&](const nft::Element& pair) {
      if (!subnet_of(pair).overlaps(prefix)) return false;
      plan.remove(pair);
      return true;
    });
    plan.add(pair_of(subnet, network));
    pairs.push_back(pair_of(subnet, network));
  }
}

Plan plan_masquerade(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const MasqueradeSeen& seen) {
  Plan plan;
  const std::vector<nft::Element> wanted = wanted_elements(owner, addresses);
  for (const nft::Element& element : seen.owned) {
    if (find_key(wanted, element) == nullptr) plan.remove(element);
  }
  for (const nft::Element& element : seen.addresses) {
    if (element.comment == owner.comment() && find_key(wanted, element) == nullptr) plan.remove(element);
  }
  for (const nft::Element& element : wanted) {
    const bool is_address = element.data.empty();
    replace(plan, element, is_address ? seen.addresses : seen.owned);
  }
  plan_local(plan, owner.network, addresses, seen.local);
  guard(plan, seen.generation);
  return plan;
}

Plan plan_no_masquerade(const net::Owner& owner, const MasqueradeSeen& seen) {
  Plan plan;
  for (const auto* elements : {&seen.owned, &seen.addresses}) {
    for (const nft::Element& element : *elements) {
      if (element.comment == owner.comment()) plan.remove(element);
    }
  }
  guard(plan, seen.generation);
  return plan;
}

}  // namespace plan
