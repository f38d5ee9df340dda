// SPDX-License-Identifier: Apache-2.0
#include "lib/masquerade/plan.h"

#include <algorithm>
#include <array>

#include "lib/masquerade/exclusion.h"
#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace masquerade {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

// The family of an element with an address, either in its key or (owners4/6) in its data.
net::Family family_of(const ruleset::Element& element) {
  const nft::Value& value = element.data.empty() ? element.key.at(0) : element.data.at(0);
  return std::get<net::Prefix>(value).family();
}

ruleset::Element pair_of(const net::Prefix& subnet, const std::string& network) {
  constexpr std::size_t kLongest = 127;  // bytes of a comment that nft(8) can read, as in net::Owner::comment()
  const net::Prefix prefix = subnet.network();
  return {ruleset::local_set(prefix.family()).name, {prefix, prefix}, {}, network.substr(0, kLongest)};
}

// True if the claim holds for source and destination of a pair in local4/6.
template <class Claim>
bool both_parts(const ruleset::Element& pair, const Claim& claim) {
  return std::all_of(pair.key.begin(), pair.key.end(),
                     [&](const nft::Value& part) { return claim(std::get<net::Prefix>(part)); });
}

ruleset::Element owned(const net::Address& address, std::uint32_t ordinal, const net::Owner& owner) {
  return {ruleset::owner_map(address.family()).name,
          {owner.host_end().text(), nft::Mark{ordinal}},
          {nft::value(address)},
          owner.comment()};
}

// The elements that describe how an address is masqueraded.
void add_translation(const net::Address& address, const Options& wanted, const std::string& comment,
                     std::vector<ruleset::Element>& to) {
  const net::Family family = address.family();
  to.push_back({ruleset::masquerade_set(family).name, {nft::value(address)}, {}, comment});
  if (wanted.is_random) to.push_back({ruleset::random_set(family).name, {nft::value(address)}, {}, comment});
  for (const net::Address& source : wanted.sources) {
    if (source.family() != family) continue;
    to.push_back({ruleset::source_map(family).name, {nft::value(address)}, {nft::value(source)}, comment});
  }
}

std::vector<ruleset::Element> wanted_elements(const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                                              const Options& wanted) {
  std::vector<ruleset::Element> result;
  for (const net::Family family : kFamilies) {
    std::uint32_t ordinal = 0;
    for (const net::Prefix& address : addresses) {
      if (address.family() != family || !wanted.covers(family)) continue;
      add_translation(address.address, wanted, owner.comment(), result);
      result.push_back(owned(address.address, ordinal++, owner));
    }
  }
  return result;
}

bool is_owners(const ruleset::Element& element) {
  return element.set == ruleset::owner_map(net::Family::v4).name ||
         element.set == ruleset::owner_map(net::Family::v6).name;
}

ruleset::Element owner_key(const net::Owner& owner, net::Family family, std::uint32_t ordinal) {
  return {ruleset::owner_map(family).name, {owner.host_end().text(), nft::Mark{ordinal}}};
}

// The keys under which elements of an address may exist.
void add_address_keys(const net::Prefix& address, std::vector<ruleset::Element>& to) {
  const net::Family family = address.family();
  for (const nft::Set* set :
       {&ruleset::masquerade_set(family), &ruleset::source_map(family), &ruleset::random_set(family)}) {
    to.push_back({set->name, {nft::value(address.address)}});
  }
}

// Looks up the wanted keys, then whatever the owner's elements lead to: the next ordinal and the elements of their
// addresses. One exchange with the kernel for a new owner, two for an owner with one address per family.
void follow(const ruleset::Table& table, const net::Owner& owner, std::vector<ruleset::Element> wanted, Seen& seen) {
  for (bool is_first = true; !wanted.empty(); is_first = false) {
    ruleset::Table::Found found = table.find(wanted);
    if (is_first) seen.generation = found.generation;
    wanted.clear();
    for (ruleset::Element& element : found.elements) {
      if (!is_owners(element)) {
        const auto& known = seen.addresses;
        if (std::find(known.begin(), known.end(), element) == known.end()) seen.addresses.push_back(std::move(element));
        continue;
      }
      const auto ordinal = std::get<nft::Mark>(element.key[1]).number;
      wanted.push_back(owner_key(owner, family_of(element), ordinal + 1));
      add_address_keys(std::get<net::Prefix>(element.data[0]), wanted);
      seen.owned.push_back(std::move(element));
    }
  }
}

bool has_family(const std::vector<net::Prefix>& addresses, const std::vector<ruleset::Element>& owned,
                net::Family family) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const auto& one) { return one.family() == family; }) ||
         std::any_of(owned.begin(), owned.end(), [&](const auto& one) { return family_of(one) == family; });
}

// The pairs that plan_local() would add for these subnets; a subnet of one address has none.
std::vector<ruleset::Element> inside_pairs(const std::vector<net::Prefix>& subnets) {
  std::vector<ruleset::Element> pairs;
  for (const net::Prefix& subnet : subnets) {
    const net::Prefix prefix = subnet.network();
    if (prefix != net::Prefix::host(prefix.address)) pairs.push_back(pair_of(prefix, {}));
  }
  return pairs;
}

}  // namespace

std::vector<ruleset::Element> observe_local(const ruleset::Table& table, const std::vector<net::Prefix>& subnets) {
  const std::vector<ruleset::Element> wanted = inside_pairs(subnets);
  if (wanted.empty()) return {};
  std::vector<ruleset::Element> pairs = table.find(wanted).elements;
  if (pairs.size() == wanted.size()) return pairs;  // nothing to add, so other pairs do not matter
  pairs.clear();
  for (const net::Family family : kFamilies) {
    if (!has_family(subnets, {}, family)) continue;
    for (ruleset::Element& pair : table.list(ruleset::local_set(family).name)) pairs.push_back(std::move(pair));
  }
  return pairs;
}

Seen observe(const ruleset::Table& table, const net::Owner& owner, const std::vector<net::Prefix>& addresses) {
  Seen seen;
  std::vector<ruleset::Element> wanted{owner_key(owner, net::Family::v4, 0), owner_key(owner, net::Family::v6, 0)};
  for (const net::Prefix& address : addresses) add_address_keys(address, wanted);
  follow(table, owner, std::move(wanted), seen);
  seen.local = observe_local(table, addresses);
  for (const net::Family family : kFamilies) {
    if (!has_family(addresses, seen.owned, family)) continue;
    for (ruleset::Element& pair : table.list(ruleset::exclude_set(family).name))
      seen.exclude.push_back(std::move(pair));
  }
  return seen;
}

void plan_local(plan::Plan& plan, const std::string& network, const std::vector<net::Prefix>& subnets,
                const std::vector<ruleset::Element>& local) {
  std::vector<ruleset::Element> pairs = local;
  for (const net::Prefix& subnet : subnets) {
    const net::Prefix prefix = subnet.network();
    if (prefix == net::Prefix::host(prefix.address))
      continue;  // the subnet has no other address, and a pair for each container would stay forever
    const bool is_covered = std::any_of(pairs.begin(), pairs.end(), [&](const ruleset::Element& pair) {
      return both_parts(pair,
                        [&](const net::Prefix& part) { return part.overlaps(prefix) && part.length <= prefix.length; });
    });
    if (is_covered) continue;
    // The new pair covers those inside it, and the set rejects overlaps. Asymmetric pairs belong to the operator.
    std::erase_if(pairs, [&](const ruleset::Element& pair) {
      const bool is_inside = both_parts(
          pair, [&](const net::Prefix& part) { return part.overlaps(prefix) && part.length >= prefix.length; });
      if (is_inside) plan.remove(pair);
      return is_inside;
    });
    plan.add(pair_of(subnet, network));
    pairs.push_back(pair_of(subnet, network));
  }
}

plan::Plan plan_masquerade(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const Options& wanted,
                           const Seen& seen) {
  plan::Plan plan;
  const std::vector<ruleset::Element> elements = wanted_elements(owner, addresses, wanted);
  const plan::Index index(elements);
  for (const ruleset::Element& element : seen.owned) {
    if (index.find(element) == nullptr) plan.remove(element);
  }
  for (const ruleset::Element& element : seen.addresses) {
    // Another owner's leftover under our address would change our masquerading.
    const bool is_under_ours = index.find({ruleset::masquerade_set(family_of(element)).name, element.key}) != nullptr;
    const bool is_stale = element.comment == owner.comment() || is_under_ours;
    if (is_stale && index.find(element) == nullptr) plan.remove(element);
  }
  const plan::Index seen_addresses(seen.addresses);
  const plan::Index seen_owned(seen.owned);
  for (const ruleset::Element& element : elements) {
    const bool is_owned = element.set == ruleset::owner_map(family_of(element)).name;
    plan::replace(plan, element, is_owned ? seen_owned : seen_addresses);
  }
  std::vector<net::Prefix> covered = addresses;
  std::erase_if(covered, [&](const net::Prefix& address) { return !wanted.covers(address.family()); });
  plan_local(plan, owner.network, covered, seen.local);
  plan_exclude(plan, owner, {covered, wanted.exclude}, seen.exclude);
  plan::guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_no_masquerade(const net::Owner& owner, const Seen& seen) {
  plan::Plan plan;
  for (const auto* elements : {&seen.owned, &seen.addresses, &seen.exclude}) {
    for (const ruleset::Element& element : *elements) {
      if (element.comment == owner.comment()) plan.remove(element);
    }
  }
  plan::guard(plan, seen.generation);
  return plan;
}

}  // namespace masquerade
