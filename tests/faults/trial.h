// SPDX-License-Identifier: Apache-2.0
// Injects one point and judges the outcome.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/point.h"
#include "tests/faults/stage.h"

namespace faults {

struct Verdict {
  std::vector<std::string> violations;  // sentences
  bool is_reached = false;              // the system call was made: some depend on timing
  bool is_before_main = false;          // it was made before main()
  bool was_rejected = false;            // killed after ADD was complete: the repeated ADD was rejected
  bool has_failed = false;              // the plugin call failed
  double ms = 0;                        // duration of the plugin call
  std::string output;                   // exit code and error of the plugin call
  Facts before;                         // the state before the plugin call, and after it
  Facts after;
};

// Leaves the stage unchanged, unless there is a violation.
Verdict try_point(Stage& stage, const Point& point);

// To call after the last point of a section: one ADD and DEL without an injection. Returns the defects, or "".
std::string end_section(Stage& stage);

// The system calls of one plugin call. `is_alone`: while no process of an earlier call runs.
std::vector<TracedCall> record_calls(Stage& stage, const std::string& verb, std::size_t plugin, bool is_alone);

}  // namespace faults
