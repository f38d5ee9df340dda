// SPDX-License-Identifier: Apache-2.0
// A chain and a rule of our tables, as sent to the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/nft/expression.h"
#include "lib/nft/table_family.h"

namespace nft {

struct Chain {
  const char* name;
  const char* type;       // "nat", "filter"; nullptr for a regular chain, which others jump to
  std::uint32_t hook;     // NF_INET_*, NF_BR_*
  std::int32_t priority;  // lower runs earlier
  std::uint32_t uses;     // the kernel's count: its rules and the jumps to it; the minimum for an open chain
  std::string_view comment;
  TableFamily family = TableFamily::inet;
  bool is_open = false;  // its number of rules changes with networks
};

struct Rule {
  std::string chain;
  std::string text;  // as printed by `nft list`; a test compares it with the expressions
  Expressions expressions;
};

}  // namespace nft
