// SPDX-License-Identifier: Apache-2.0
// Memory for undoing a failed call. If memory is limited (RLIMIT_AS, no overcommit), undoing needs memory as well.
// Some is reserved at the start. The first failed allocation frees it and still fails (std::bad_alloc), so undoing and
// reporting can allocate.
//
// Works for operator new only. It does not help with a control group's limit: there the kernel kills the process.
#pragma once

#include <cstddef>

namespace os {

// One per process, while this object lives.
class MemoryReserve {
 public:
  // The bytes are never written, so they use no physical memory. Throws std::bad_alloc if they cannot be allocated:
  // then start nothing that may have to be undone.
  explicit MemoryReserve(std::size_t bytes);

  MemoryReserve(const MemoryReserve&) = delete;
  MemoryReserve& operator=(const MemoryReserve&) = delete;
  MemoryReserve(MemoryReserve&&) = delete;
  MemoryReserve& operator=(MemoryReserve&&) = delete;
  ~MemoryReserve();
};

}  // namespace os
