// SPDX-License-Identifier: Apache-2.0
// Elements that are wanted against elements that were seen.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lib/plan/plan.h"
#include "lib/ruleset/element.h"

namespace plan {

// Elements by set and key: a container may publish a thousand ports. Refers to the list, which must outlive it.
class Index {
 public:
  explicit Index(const std::vector<ruleset::Element>& elements);

  // The element with the set and key of `wanted`; nullptr when there is none.
  [[nodiscard]] const ruleset::Element* find(const ruleset::Element& wanted) const;

 private:
  std::unordered_map<std::string, const ruleset::Element*> by_key_;
};

// Puts `wanted` in place of what was seen under its key; nothing when that is the same already.
void replace(Plan& plan, const ruleset::Element& wanted, const Index& seen);

}  // namespace plan
