// SPDX-License-Identifier: Apache-2.0
// Does a chain at the forward hook let forwarded packets pass? Rules are judged by their verdicts, without evaluating
// conditions: a chain that drops every packet is found; rules that drop only some packets are the administrator's
// intent.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "lib/foreign/effect.h"

namespace firewall {

struct Passage {
  bool drops = false;             // every packet that no earlier rule accepts
  std::optional<std::size_t> at;  // index of the base chain rule that drops or jumps to the drop; none: the policy
  bool may_admit = false;         // an earlier rule accepts some new connections, or might
  friend bool operator==(const Passage&, const Passage&) = default;
};

// chain: returns the rules of a chain by its name. base: the base chain.
Passage passage_of(const std::function<foreign::Effects(const std::string& name)>& chain, const std::string& base,
                   bool policy_drops);

}  // namespace firewall
