// SPDX-License-Identifier: Apache-2.0
// Describes the machine of a measurement.
#pragma once

#include <string>

#include "tests/netns/host.h"

namespace bench {

// {"cpus": 2, "model": ..., "memory_gib": 23, "kernel": ..., "system": ..., "store": the file system of that folder}
test::Json describe_machine(const std::string& store);

}  // namespace bench
