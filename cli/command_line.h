// The operator's command line.
#pragma once

#include <span>
#include <string_view>

namespace cli {

// Parses and runs; the exit code: 0, 1 after an error (told in one line on stderr), 2 when the command line is wrong, and
// that of the command for `exec`. plugins: what `version` tells.
int run(std::span<char*> arguments, std::span<const std::string_view> plugins);

}  // namespace cli
