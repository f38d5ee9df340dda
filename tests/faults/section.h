// One verb of one plugin in one scene: all its points.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/point.h"
#include "tests/faults/stage.h"

namespace faults {

enum class Mode { faults, kills };

struct Section {
  std::string scene;
  std::string verb;
  std::size_t plugin = 0;
  Mode mode = Mode::faults;
};

// Every place and what can happen there, in the order of the calls. Records twice: with the remains of other calls, and alone.
std::vector<Point> find_points(Stage& stage, const Section& section);

}  // namespace faults
