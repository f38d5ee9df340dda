// SPDX-License-Identifier: Apache-2.0
// The operator's command line.
#pragma once

#include <span>

#include "lib/cni/serve.h"

namespace cli {

// Parses and runs it. Returns the exit code: 0, 1 after an error (one line on stderr), 2 after a wrong command line,
// and for `exec` that of the command. plugins: those of this executable.
int run(std::span<char*> arguments, std::span<const cni::Plugin* const> plugins);

}  // namespace cli
