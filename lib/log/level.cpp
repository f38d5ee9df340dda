#include "lib/log/level.h"

#include <algorithm>
#include <array>

namespace logging {
namespace {

constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info", "warn", "error", "off"};

}  // namespace

std::optional<Level> parse_level(std::string_view word) {
  if (word == "warning") return Level::warn;
  const auto* const found = std::find(kLevels.begin(), kLevels.end(), word);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<Level>(found - kLevels.begin());
}

std::string_view text(Level level) { return kLevels.at(static_cast<std::size_t>(level)); }

}  // namespace logging
