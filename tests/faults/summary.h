// SPDX-License-Identifier: Apache-2.0
// What came of all points: counted by scene, verb and kind, as lines for people and as JSON for the report.
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
  long violations = 0;  // injections that were judged wrong, however many things were
  long unreached = 0;   // the call did not come: some depend on the clock
  long of_start = 0;    // before main(), where a process may end without a word
  long refused = 0;     // killed when ADD was done: its repetition is a second ADD
  std::set<std::string> places{};
};

class Summary {
 public:
  void add(const Tried& tried);
  [[nodiscard]] bool has_points() const { return !counts_.empty(); }
  [[nodiscard]] bool has_violations() const;

  // "faults: 812 injections at 640 places ...", "kills: ..."; nothing of a kind that was not tried.
  [[nodiscard]] std::string lines() const;

  // The calls that took longest, a second and more: "slow: 2.4 s POINT".
  [[nodiscard]] std::string slowest() const;

  // {"rows": [{"scene", "verb", "kind", "injections", "places", "violations", ...}], "violations": [{"point", "what", "answer"}]}
  [[nodiscard]] Json json() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // scene, verb, faults or kills
  std::map<Key, Count> counts_;
  std::vector<Tried> wrong_;
  std::vector<Tried> slow_;
};

// One line for a point that was judged wrong.
std::string violation_line(const Tried& tried);

}  // namespace faults
