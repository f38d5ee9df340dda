// SPDX-License-Identifier: Apache-2.0
// From measured calls to the numbers of a result.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/worker.h"

namespace bench {

// The turns of one verb of one side, in their order.
struct Measured {
  std::vector<Operation> operations;
  double wall_ms = 0;
  double left_ms = 0;
  void add(Turn turn);
  [[nodiscard]] int failures() const;
};

// {"verb": ..., "calls": ..., "failures": ..., "p50_ms": ..., ...}. Times are those of all calls: one that
// fails has done some of the work (of ours none may). per_s is by the wall clock where calls were made at once, else by the
// calls' own times.
Json describe(const std::string& verb, const Measured& measured, bool is_at_once);

}  // namespace bench
