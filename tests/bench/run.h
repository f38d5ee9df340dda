// SPDX-License-Identifier: Apache-2.0
// A scene with all its sides, from prepared hosts to the numbers.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/scene.h"
#include "tests/netns/host.h"

namespace bench {

struct SceneResult {
  test::Json json;                   // the scene as it is in the file
  std::vector<std::string> defects;  // of ours and of the floor: failed calls, duplicates, what was left
};

// store: a folder in which each side gets its own.
SceneResult run_scene(const Scene& scene, const std::vector<Side>& sides, const std::string& store);

}  // namespace bench
