// SPDX-License-Identifier: Apache-2.0
// Memory for the way back. Where a process may have no more (RLIMIT_AS, an overcommit that is refused), the undoing of what
// was begun needs memory as well: some is put by at the beginning. The first allocation that fails gives it free, and fails
// all the same (std::bad_alloc), so that it is there for what has to be undone and told.
//
// Of operator new alone. Not for a control group's limit: there the kernel kills, and gives nobody a way back.
#pragma once

#include <cstddef>

namespace os {

// Once in a process, for as long as this lives.
class MemoryReserve {
 public:
  // Nothing is written to the bytes, so they cost no memory as such.
  explicit MemoryReserve(std::size_t bytes);

  // False where even these bytes could not be had: nothing should be begun then that may have to be undone.
  [[nodiscard]] static bool is_there();

  MemoryReserve(const MemoryReserve&) = delete;
  MemoryReserve& operator=(const MemoryReserve&) = delete;
  MemoryReserve(MemoryReserve&&) = delete;
  MemoryReserve& operator=(MemoryReserve&&) = delete;
  ~MemoryReserve();
};

}  // namespace os
