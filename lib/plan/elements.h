// SPDX-License-Identifier: Apache-2.0
// Comparing wanted elements with present ones.
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

  // The element with the set and key of `wanted`; nullptr if there is none.
  [[nodiscard]] const ruleset::Element* find(const ruleset::Element& wanted) const;

 private:
  std::unordered_map<std::string, const ruleset::Element*> by_key_;
};

// Plans to replace the present element with the key of `wanted`; plans nothing if they are equal.
void replace(Plan& plan, const ruleset::Element& wanted, const Index& seen);

}  // namespace plan
