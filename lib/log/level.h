// How much is told: what is below the log's level is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace logging {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

// The names above, and "warning" for warn. nullopt for every other word: what it meant is not for us to guess.
std::optional<Level> parse_level(std::string_view word);

std::string_view text(Level level);

}  // namespace logging
