// SPDX-License-Identifier: Apache-2.0
// One point is tried, and what came of it is judged.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/point.h"
#include "tests/faults/stage.h"

namespace faults {

struct Verdict {
  std::vector<std::string> violations;  // sentences
  bool is_reached = false;              // the call was made at all: what hangs on the clock is not the same each time
  bool is_of_start = false;             // it was the C library's
  bool was_refused = false;  // killed at its very end, an ADD's repetition is refused: the container is connected
  bool has_failed = false;   // the plugin said so
  double ms = 0;             // of the call that was struck
  std::string answer;        // of the call that was struck
  Facts before;              // what was there before it, and after it
  Facts after;
};

// Leaves the stage as it was, unless a violation says otherwise.
Verdict try_point(Stage& stage, const Point& point);

// After the last point of some: a life that nothing disturbs. "" or what is wrong with it.
std::string end_section(Stage& stage);

// The system calls of a call of that plugin, with others' remains beside it or alone.
std::vector<Made> record_calls(Stage& stage, const std::string& verb, std::size_t plugin, bool is_alone);

}  // namespace faults
