// SPDX-License-Identifier: Apache-2.0
// The verdicts on topics as a test's.
#pragma once

#include "tests/netns/matrix/scene.h"

namespace test {

// Tries the topics one after the other on one host; every cell that is not as its row says fails the test by its name.
void expect(const std::vector<Topic>& topics, std::size_t at_least);

}  // namespace test
