// SPDX-License-Identifier: Apache-2.0
// The worker processes, which test points in parallel, each on its own host.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/faults/points.h"

namespace faults {

// The points to test.
struct WorkPlan {
  Side side;
  std::vector<Scene> scenes;
  std::vector<Section> sections;
  bool has_faults = true;
  bool has_kills = true;
  std::vector<std::string> calls;  // only system calls with these names; empty: all
  std::size_t per_section = 0;     // number of points of each kind; 0: all
  unsigned seed = 0;
  int jobs = 1;
};

// The result of one point.
struct Tried {
  Point point;
  std::vector<std::string> violations;
  std::string output;
  double ms = 0;  // duration of the plugin call
  bool is_reached = true;
  bool is_before_main = false;
  bool was_rejected = false;
};

// Calls `report` for each result, in no particular order. Throws std::runtime_error if a worker failed.
void run_workers(const WorkPlan& plan, const std::function<void(const Tried&)>& report);

}  // namespace faults
