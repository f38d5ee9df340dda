// SPDX-License-Identifier: Apache-2.0
// What is tried: every system call of every plugin call, and of these a sample.
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

// The calls that it makes while there are remains of other calls, and those that only come when there are none (a process of
// its own then closes its socket: lib/netlink/closing.h).
struct Recording {
  std::vector<Made> usual;
  std::vector<Made> alone;
};

Recording record_section(Stage& stage, const Section& section);

// Every call with every error that it may plausibly fail with, or as the last call of its process; in the calls' order.
std::vector<Point> fault_points(const Stage& stage, const Section& section, const Recording& recording);
std::vector<Point> kill_points(const Stage& stage, const Section& section, const Recording& recording);

// Those of system calls of these names; all when no name is given.
std::vector<Point> of_calls(std::vector<Point> points, const std::vector<std::string>& names);

// At most `count` of them, evenly over the whole; another seed takes their neighbours.
std::vector<Point> sample(const std::vector<Point>& points, std::size_t count, unsigned seed);

}  // namespace faults
