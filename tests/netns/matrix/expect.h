// SPDX-License-Identifier: Apache-2.0
// Runs topics and reports their defects as doctest failures.
#pragma once

#include "tests/netns/matrix/scene.h"

namespace test {

// Runs the topics one after the other on one host. Each cell that differs from its row is a failed check with the
// cell's name. At least `at_least` cells must have run.
void expect(const std::vector<Topic>& topics, std::size_t at_least);

}  // namespace test
