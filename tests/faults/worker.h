// SPDX-License-Identifier: Apache-2.0
// The processes that try the points beside each other, each with a host of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/faults/points.h"

namespace faults {

// What is to be tried.
struct Work {
  Side side;
  std::vector<Scene> scenes;
  std::vector<Section> sections;
  bool has_faults = true;
  bool has_kills = true;
  std::vector<std::string> calls;  // only system calls of these names; none: of all
  std::size_t per_section = 0;     // of either kind; 0: all
  unsigned seed = 0;
  int jobs = 1;
};

// One point that was tried.
struct Tried {
  Point point;
  std::vector<std::string> violations;
  std::string answer;
  double ms = 0;  // of the call that was struck
  bool is_reached = true;
  bool is_of_start = false;
  bool was_refused = false;
};

// Tells of each as it comes, in no order. Throws std::runtime_error when a worker came to no good end.
void work(const Work& work, const std::function<void(const Tried&)>& tell);

}  // namespace faults
