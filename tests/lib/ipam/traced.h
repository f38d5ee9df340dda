// SPDX-License-Identifier: Apache-2.0
// Running something in a child process whose system calls are watched, and that can be killed between two of them (ptrace(2)).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

struct Traced {
  bool is_possible = true;  // false: this machine lets nobody trace
  bool has_ended = false;   // by itself, without an exception
  std::vector<long> calls;  // the numbers of its system calls in order, but for those that get it memory
  static constexpr std::size_t kAll = ~std::size_t{0};
};

// `limit`: it is killed instead of making this call, counted from 0.
Traced trace(const std::function<void()>& work, std::size_t limit = Traced::kAll);
