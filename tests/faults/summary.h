// SPDX-License-Identifier: Apache-2.0
// The results of all points, counted by scene, verb and kind: as text, and as JSON for report.py.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/faults/worker.h"

namespace faults {

struct Count {
  long injections = 0;
  long violations = 0;   // injections with at least one violation
  long unreached = 0;    // the system call was not made: some depend on timing
  long before_main = 0;  // before main(), where a process may exit without an error message
  long rejected = 0;     // killed after ADD was complete: the repeated ADD is rejected
  std::set<std::string> places{};
};

class Summary {
 public:
  void add(const Tried& tried);
  [[nodiscard]] bool has_points() const { return !counts_.empty(); }
  [[nodiscard]] bool has_violations() const;

  // "faults: 812 injections at 640 points ...", "kills: ..."; no line for a kind without injections.
  [[nodiscard]] std::string lines() const;

  // The ten slowest calls that took a second or more: "slow: 2400 ms POINT".
  [[nodiscard]] std::string slowest() const;

  // {"rows": [{"scene", "verb", "kind", "injections", "places", "violations", ...}],
  //  "violations": [{"point", "what", "output"}]}
  [[nodiscard]] Json json() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // scene, verb, faults or kills
  std::map<Key, Count> counts_;
  std::vector<Tried> wrong_;
  std::vector<Tried> slow_;
};

// One line for a point with violations.
std::string violation_line(const Tried& tried);

}  // namespace faults
