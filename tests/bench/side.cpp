// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/side.h"

#include <stdexcept>

namespace bench {

Side parse_side(const std::string& argument, const std::string& ours) {
  if (argument == "floor") return {argument, ours, "", Side::Kind::floor};
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos) throw std::invalid_argument(argument + ": expected NAME=FOLDER[,BACKEND] or floor");
  const std::size_t comma = argument.find(',', equals);
  Side side{argument.substr(0, equals), argument.substr(equals + 1, comma - equals - 1), "", Side::Kind::ours};
  if (comma == std::string::npos) return side;
  side.backend = argument.substr(comma + 1);
  side.kind = Side::Kind::reference;
  return side;
}

}  // namespace bench
