// The part of the table that does not depend on any container: its chains and rules.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/nft/expression.h"

namespace nft {

inline constexpr const char* kTable = "footbridge";  // of family inet

// The table's comment. It ends in the version of the skeleton: a table with another one is replaced.
inline constexpr std::string_view kTableComment = "NAT for containers, made by Footbridge; layout 1";

struct Chain {
  const char* name;
  const char* type;       // "nat", "filter"; nullptr for a chain that is jumped to
  std::uint32_t hook;     // NF_INET_*
  std::int32_t priority;  // lower comes earlier
  std::string_view comment;
};

struct Rule {
  const char* chain;
  std::string_view
      text;  // as `nft list` prints it: the expressions below are its translation, and a test compares them
  Expressions expressions;
};

const std::vector<Chain>& chains();
std::vector<Rule> rules();

}  // namespace nft
