// SPDX-License-Identifier: Apache-2.0
// Does a chain at the forward hook let forwarded packets pass? Judged by what its rules do, and without following conditions:
// what is dropped for every packet is found, what is dropped for some packets alone is somebody's will.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "lib/foreign/effect.h"

namespace firewall {

struct Passage {
  bool drops = false;  // every packet that no rule before has decided on
  std::optional<std::size_t>
      at;                  // the place in the base chain of the rule that does, or that leads to it; none: the policy
  bool may_admit = false;  // some rule before lets some new connections through, or might
  friend bool operator==(const Passage&, const Passage&) = default;
};

// chain: the rules of the chain of that name. base: where packets enter.
Passage passage_of(const std::function<foreign::Effects(const std::string& name)>& chain, const std::string& base,
                   bool policy_drops);

}  // namespace firewall
