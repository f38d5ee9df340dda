// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/elements.h"

namespace plan {
namespace {

std::string key_of(const ruleset::Element& element) {
  return std::string(element.set) + " " + nft::text(std::span<const nft::Value>(element.key));
}

}  // namespace

Index::Index(const std::vector<ruleset::Element>& elements) {
  for (const ruleset::Element& element : elements) by_key_.emplace(key_of(element), &element);
}

const ruleset::Element* Index::find(const ruleset::Element& wanted) const {
  const auto found = by_key_.find(key_of(wanted));
  return found == by_key_.end() ? nullptr : found->second;
}

void replace(Plan& plan, const ruleset::Element& wanted, const Index& seen) {
  const ruleset::Element* present = seen.find(wanted);
  if (present != nullptr && *present == wanted) return;
  if (present != nullptr) plan.remove(*present);
  plan.add(wanted);
}

}  // namespace plan
