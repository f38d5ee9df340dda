// SPDX-License-Identifier: Apache-2.0
// The operator's command line.
#pragma once

#include <span>

#include "lib/cni/serve.h"

namespace cli {

// Parses and runs; the exit code: 0, 1 after an error (told in one line on stderr), 2 when the command line is wrong, and
// that of the command for `exec`. plugins: those that this executable is.
int run(std::span<char*> arguments, std::span<const cni::Plugin* const> plugins);

}  // namespace cli
