#include "lib/plan/elements.h"

namespace plan {
namespace {

std::string key_of(const nft::Element& element) {
  return std::string(element.set) + " " + nft::text(std::span<const nft::Value>(element.key));
}

}  // namespace

Index::Index(const std::vector<nft::Element>& elements) {
  for (const nft::Element& element : elements) by_key_.emplace(key_of(element), &element);
}

const nft::Element* Index::find(const nft::Element& wanted) const {
  const auto found = by_key_.find(key_of(wanted));
  return found == by_key_.end() ? nullptr : found->second;
}

void replace(Plan& plan, const nft::Element& wanted, const Index& seen) {
  const nft::Element* present = seen.find(wanted);
  if (present != nullptr && *present == wanted) return;
  if (present != nullptr) plan.remove(*present);
  plan.add(wanted);
}

}  // namespace plan
