// SPDX-License-Identifier: Apache-2.0
#include "lib/masquerade/exclusion.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "lib/os/error.h"
#include "lib/ruleset/sets.h"

namespace masquerade {
namespace {

const net::Prefix& part(const ruleset::Element& pair, std::size_t index) {
  return std::get<net::Prefix>(pair.key.at(index));
}

bool contains(const net::Prefix& outer, const net::Prefix& inner) {
  return outer.overlaps(inner) && outer.length <= inner.length;
}

bool covers(const ruleset::Element& outer, const ruleset::Element& inner) {
  return contains(part(outer, 0), part(inner, 0)) && contains(part(outer, 1), part(inner, 1));
}

bool overlaps(const ruleset::Element& one, const ruleset::Element& other) {
  return part(one, 0).overlaps(part(other, 0)) && part(one, 1).overlaps(part(other, 1));
}

// The owner of a subnet's pairs.
std::string comment_of(const net::Owner& owner, const net::Prefix& subnet) {
  constexpr std::size_t kLongest = 127;  // bytes of a comment that nft(8) can read, as in net::Owner::comment()
  return subnet.length == net::bits(subnet.family()) ? owner.comment() : owner.network.substr(0, kLongest);
}

std::vector<ruleset::Element> wanted_pairs(const net::Owner& owner, const Exclusion& wanted) {
  std::vector<ruleset::Element> pairs;
  for (const net::Prefix& subnet : wanted.subnets) {
    for (const net::Prefix& destination : wanted.destinations) {
      if (destination.family() != subnet.family()) continue;
      ruleset::Element pair{ruleset::exclude_set(subnet.family()).name,
                            {subnet.network(), destination.network()},
                            {},
                            comment_of(owner, subnet)};
      const auto is_inside = [&](const ruleset::Element& other) { return covers(other, pair); };
      if (std::any_of(pairs.begin(), pairs.end(), is_inside)) continue;
      std::erase_if(pairs, [&](const ruleset::Element& other) { return covers(pair, other); });
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

// True if the pair belongs to one of the attachment's subnets. Its owner does not matter: a network with another name
// may have had the subnet before, and if IPAM allocated the address to us, its former container is gone.
bool is_of_subnet(const ruleset::Element& pair, const Exclusion& wanted) {
  return std::any_of(wanted.subnets.begin(), wanted.subnets.end(),
                     [&](const net::Prefix& subnet) { return part(pair, 0) == subnet.network(); });
}

// The comment matters only if the pair is deleted with its owner.
bool is_same(const ruleset::Element& pair, const ruleset::Element& other) {
  const net::Prefix& subnet = part(pair, 0);
  const bool goes_with_owner = subnet.length == net::bits(subnet.family());
  return pair.set == other.set && pair.key == other.key && (!goes_with_owner || pair.comment == other.comment);
}

[[noreturn]] void reject(const ruleset::Element& pair, const ruleset::Element& other) {
  throw os::error(EEXIST, "masquerade.exclude: " + nft::text(pair.key) + " overlaps " + nft::text(other.key) +
                              ", excluded by network " + other.comment + "; nf_tables rejects overlapping pairs");
}

}  // namespace

void plan_exclude(plan::Plan& plan, const net::Owner& owner, const Exclusion& wanted,
                  const std::vector<ruleset::Element>& seen) {
  const std::vector<ruleset::Element> pairs = wanted_pairs(owner, wanted);
  std::vector<ruleset::Element> present = seen;
  std::erase_if(present, [&](const ruleset::Element& pair) {
    const bool is_stale = is_of_subnet(pair, wanted) &&
                          std::none_of(pairs.begin(), pairs.end(),
                                       [&](const ruleset::Element& wanted_pair) { return is_same(pair, wanted_pair); });
    if (is_stale) plan.remove(pair);
    return is_stale;
  });
  for (const ruleset::Element& pair : pairs) {
    if (std::any_of(present.begin(), present.end(),
                    [&](const ruleset::Element& other) { return covers(other, pair); })) {
      continue;
    }
    std::erase_if(present, [&](const ruleset::Element& other) {
      if (!overlaps(other, pair)) return false;
      if (!covers(pair, other)) reject(pair, other);
      plan.remove(other);
      return true;
    });
    plan.add(pair);
    present.push_back(pair);
  }
}

}  // namespace masquerade
