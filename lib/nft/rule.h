// SPDX-License-Identifier: Apache-2.0
// A chain and a rule of our tables, as they are sent to the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/nft/expression.h"
#include "lib/nft/home.h"

namespace nft {

struct Chain {
  const char* name;
  const char* type;       // "nat", "filter"; nullptr for a chain that is jumped to
  std::uint32_t hook;     // NF_INET_*, NF_BR_*
  std::int32_t priority;  // lower comes earlier
  std::uint32_t uses;     // as the kernel counts them: its rules, and the jumps to it; of an open one, at the least
  std::string_view comment;
  Home home = Home::inet;
  bool is_open = false;  // its rules come and go with networks: how many it has is not said here
};

struct Rule {
  std::string chain;
  std::string text;  // as `nft list` prints it: the expressions below are its translation, and a test compares them
  Expressions expressions;
};

}  // namespace nft
