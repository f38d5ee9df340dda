#include "lib/plan/masquerade.h"

#include <algorithm>
#include <array>

#include "lib/plan/elements.h"
#include "lib/plan/exclusion.h"

namespace plan {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

// Of an element that holds an address: in its key, or as an owner's in its data.
net::Family family_of(const nft::Element& element) {
  const nft::Value& value = element.data.empty() ? element.key.at(0) : element.data.at(0);
  return std::get<net::Prefix>(value).family();
}

nft::Element pair_of(const net::Prefix& subnet, const std::string& network) {
  constexpr std::size_t kLongest = 127;  // bytes of a comment that nft(8) reads back, as in net::Owner::comment()
  const net::Prefix prefix = subnet.network();
  return {nft::local_set(prefix.family()).name, {prefix, prefix}, {}, network.substr(0, kLongest)};
}

// Is that true of the source and of the destination of a pair of local4/6?
template <class Claim>
bool both_parts(const nft::Element& pair, const Claim& claim) {
  return std::all_of(pair.key.begin(), pair.key.end(),
                     [&](const nft::Value& part) { return claim(std::get<net::Prefix>(part)); });
}

nft::Element owned(const net::Address& address, std::uint32_t ordinal, const net::Owner& owner) {
  return {nft::owner_map(address.family()).name,
          {owner.host_end().text(), nft::Mark{ordinal}},
          {nft::value(address)},
          owner.comment()};
}

// How an address leaves: the elements under its key.
void add_ways_out(const net::Address& address, const Masquerading& wanted, const std::string& comment,
                  std::vector<nft::Element>& to) {
  const net::Family family = address.family();
  to.push_back({nft::masquerade_set(family).name, {nft::value(address)}, {}, comment});
  if (wanted.is_random) to.push_back({nft::random_set(family).name, {nft::value(address)}, {}, comment});
  for (const net::Address& source : wanted.sources) {
    if (source.family() != family) continue;
    to.push_back({nft::source_map(family).name, {nft::value(address)}, {nft::value(source)}, comment});
  }
}

std::vector<nft::Element> wanted_elements(const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                                          const Masquerading& wanted) {
  std::vector<nft::Element> result;
  for (const net::Family family : kFamilies) {
    std::uint32_t ordinal = 0;
    for (const net::Prefix& address : addresses) {
      if (address.family() != family || !wanted.covers(family)) continue;
      add_ways_out(address.address, wanted, owner.comment(), result);
      result.push_back(owned(address.address, ordinal++, owner));
    }
  }
  return result;
}

bool is_owners(const nft::Element& element) {
  return element.set == nft::owner_map(net::Family::v4).name || element.set == nft::owner_map(net::Family::v6).name;
}

nft::Element owner_key(const net::Owner& owner, net::Family family, std::uint32_t ordinal) {
  return {nft::owner_map(family).name, {owner.host_end().text(), nft::Mark{ordinal}}};
}

// Where something may be under an address.
void add_address_keys(const net::Prefix& address, std::vector<nft::Element>& to) {
  const net::Family family = address.family();
  for (const nft::Set* set : {&nft::masquerade_set(family), &nft::source_map(family), &nft::random_set(family)}) {
    to.push_back({set->name, {nft::value(address.address)}});
  }
}

// Looks up what is wanted, and what the owner's elements found by that lead to: the next ordinal, and what is under their
// addresses. One exchange with the kernel for what has no owner yet, two for an owner of one address a family.
void follow(const nft::Table& table, const net::Owner& owner, std::vector<nft::Element> wanted, MasqueradeSeen& seen) {
  for (bool is_first = true; !wanted.empty(); is_first = false) {
    nft::Table::Found found = table.find(wanted);
    if (is_first) seen.generation = found.generation;
    wanted.clear();
    for (nft::Element& element : found.elements) {
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

bool has_family(const std::vector<net::Prefix>& addresses, const std::vector<nft::Element>& owned, net::Family family) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const auto& one) { return one.family() == family; }) ||
         std::any_of(owned.begin(), owned.end(), [&](const auto& one) { return family_of(one) == family; });
}

// The pair that plan_local() would add for a subnet; a subnet of one address has none.
std::vector<nft::Element> inside_pairs(const std::vector<net::Prefix>& subnets) {
  std::vector<nft::Element> pairs;
  for (const net::Prefix& subnet : subnets) {
    const net::Prefix prefix = subnet.network();
    if (prefix != net::Prefix::host(prefix.address)) pairs.push_back(pair_of(prefix, {}));
  }
  return pairs;
}

}  // namespace

std::vector<nft::Element> observe_local(const nft::Table& table, const std::vector<net::Prefix>& subnets) {
  const std::vector<nft::Element> wanted = inside_pairs(subnets);
  if (wanted.empty()) return {};
  std::vector<nft::Element> pairs = table.find(wanted).elements;
  if (pairs.size() == wanted.size()) return pairs;  // nothing is to be added: the others do not matter
  pairs.clear();
  for (const net::Family family : kFamilies) {
    if (!has_family(subnets, {}, family)) continue;
    for (nft::Element& pair : table.list(nft::local_set(family).name)) pairs.push_back(std::move(pair));
  }
  return pairs;
}

MasqueradeSeen observe_masquerade(const nft::Table& table, const net::Owner& owner,
                                  const std::vector<net::Prefix>& addresses) {
  MasqueradeSeen seen;
  std::vector<nft::Element> wanted{owner_key(owner, net::Family::v4, 0), owner_key(owner, net::Family::v6, 0)};
  for (const net::Prefix& address : addresses) add_address_keys(address, wanted);
  follow(table, owner, std::move(wanted), seen);
  seen.local = observe_local(table, addresses);
  for (const net::Family family : kFamilies) {
    if (!has_family(addresses, seen.owned, family)) continue;
    for (nft::Element& pair : table.list(nft::exclude_set(family).name)) seen.exclude.push_back(std::move(pair));
  }
  return seen;
}

void plan_local(Plan& plan, const std::string& network, const std::vector<net::Prefix>& subnets,
                const std::vector<nft::Element>& local) {
  std::vector<nft::Element> pairs = local;
  for (const net::Prefix& subnet : subnets) {
    const net::Prefix prefix = subnet.network();
    if (prefix == net::Prefix::host(prefix.address))
      continue;  // nobody else is in it: a pair for each would stay for ever
    const bool is_covered = std::any_of(pairs.begin(), pairs.end(), [&](const nft::Element& pair) {
      return both_parts(pair,
                        [&](const net::Prefix& part) { return part.overlaps(prefix) && part.length <= prefix.length; });
    });
    if (is_covered) continue;
    // What is inside the new pair is said by it, and the set refuses overlaps. Pairs of other shapes are an operator's.
    std::erase_if(pairs, [&](const nft::Element& pair) {
      const bool is_inside = both_parts(
          pair, [&](const net::Prefix& part) { return part.overlaps(prefix) && part.length >= prefix.length; });
      if (is_inside) plan.remove(pair);
      return is_inside;
    });
    plan.add(pair_of(subnet, network));
    pairs.push_back(pair_of(subnet, network));
  }
}

Plan plan_masquerade(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const Masquerading& wanted,
                     const MasqueradeSeen& seen) {
  Plan plan;
  const std::vector<nft::Element> elements = wanted_elements(owner, addresses, wanted);
  const Index index(elements);
  for (const nft::Element& element : seen.owned) {
    if (index.find(element) == nullptr) plan.remove(element);
  }
  for (const nft::Element& element : seen.addresses) {
    // What another owner left under an address of ours would change how we leave.
    const bool is_under_ours = index.find({nft::masquerade_set(family_of(element)).name, element.key}) != nullptr;
    const bool is_stale = element.comment == owner.comment() || is_under_ours;
    if (is_stale && index.find(element) == nullptr) plan.remove(element);
  }
  const Index seen_addresses(seen.addresses);
  const Index seen_owned(seen.owned);
  for (const nft::Element& element : elements) {
    const bool is_owned = element.set == nft::owner_map(family_of(element)).name;
    replace(plan, element, is_owned ? seen_owned : seen_addresses);
  }
  std::vector<net::Prefix> covered = addresses;
  std::erase_if(covered, [&](const net::Prefix& address) { return !wanted.covers(address.family()); });
  plan_local(plan, owner.network, covered, seen.local);
  plan_exclude(plan, owner, {covered, wanted.exclude}, seen.exclude);
  guard(plan, seen.generation);
  return plan;
}

Plan plan_no_masquerade(const net::Owner& owner, const MasqueradeSeen& seen) {
  Plan plan;
  for (const auto* elements : {&seen.owned, &seen.addresses, &seen.exclude}) {
    for (const nft::Element& element : *elements) {
      if (element.comment == owner.comment()) plan.remove(element);
    }
  }
  guard(plan, seen.generation);
  return plan;
}

}  // namespace plan
