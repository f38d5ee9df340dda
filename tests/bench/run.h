// SPDX-License-Identifier: Apache-2.0
// Runs a scene with all its sides: prepares the hosts, measures, returns the numbers.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/scene.h"
#include "tests/netns/host.h"

namespace bench {

struct SceneResult {
  test::Json json;                   // the scene in the results file
  std::vector<std::string> defects;  // of ours and of the floor: failed calls, duplicates, leftovers
};

// store: a folder; each side gets a folder in it.
SceneResult run_scene(const Scene& scene, const std::vector<Side>& sides, const std::string& store);

}  // namespace bench
