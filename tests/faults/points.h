// SPDX-License-Identifier: Apache-2.0
// The injection points: all system calls of all plugin calls, or a sample.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/point.h"
#include "tests/faults/stage.h"
#include "tests/faults/trial.h"

namespace faults {

// One verb of one plugin in one scene.
struct Section {
  std::size_t scene = 0;
  std::string verb;
  std::size_t plugin = 0;
};

std::vector<Section> sections(const std::vector<Scene>& scenes);

// The system calls of a section: while processes of earlier calls run, and while none runs. In the second case the
// plugin starts its own closer process (lib/netlink/closing.h).
struct Recording {
  std::vector<TracedCall> usual;
  std::vector<TracedCall> alone;
};

Recording record_section(Stage& stage, const Section& section);

// Each system call with each plausible error, or as the last call of its process; in the order of the calls.
std::vector<Point> fault_points(const Stage& stage, const Section& section, const Recording& recording);
std::vector<Point> kill_points(const Stage& stage, const Section& section, const Recording& recording);

// The points of system calls with these names; all points if no name is given.
std::vector<Point> of_calls(std::vector<Point> points, const std::vector<std::string>& names);

// At most `count` points, evenly spread. Another seed selects other points.
std::vector<Point> sample(const std::vector<Point>& points, std::size_t count, unsigned seed);

}  // namespace faults
