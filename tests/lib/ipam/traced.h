// SPDX-License-Identifier: Apache-2.0
// Runs a function in a child process, records its system calls, and can kill it between two of them (ptrace(2)).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

struct Traced {
  bool is_possible = true;  // false: ptrace is not allowed
  bool has_ended = false;   // normally, without an exception
  std::vector<long> calls;  // the numbers of its system calls in order, except memory allocation
  static constexpr std::size_t kAll = ~std::size_t{0};
};

// limit: the number of the call before which it is killed, counted from 0.
Traced trace(const std::function<void()>& work, std::size_t limit = Traced::kAll);
