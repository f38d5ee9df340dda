// SPDX-License-Identifier: Apache-2.0
// Computes a result's numbers from measured calls.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/worker.h"

namespace bench {

// All turns of one verb on one side, in order.
struct Measured {
  std::vector<Operation> operations;
  double wall_ms = 0;
  double left_ms = 0;
  void add(Turn turn);
  [[nodiscard]] int failures() const;
};

// {"verb": ..., "calls": ..., "failures": ..., "p50_ms": ..., ...}. Times include failed calls, which did a part of the
// work (none of ours may fail). per_s uses the wall clock for concurrent calls, otherwise the sum of the calls' times.
Json describe(const std::string& verb, const Measured& measured, bool is_at_once);

}  // namespace bench
