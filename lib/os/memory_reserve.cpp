// SPDX-License-Identifier: Apache-2.0
#include "lib/os/memory_reserve.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace os {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler of operator new has no parameters
void* reserve = nullptr;

void release() { std::free(std::exchange(reserve, nullptr)); }  // NOLINT(cppcoreguidelines-no-malloc)

void release_and_fail() {
  release();
  std::set_new_handler(nullptr);
  throw std::bad_alloc();
}

}  // namespace

MemoryReserve::MemoryReserve(std::size_t bytes) {
  reserve = std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc): freed by the handler of operator new
  if (reserve == nullptr) throw std::bad_alloc();
  std::set_new_handler(release_and_fail);
}

MemoryReserve::~MemoryReserve() {
  std::set_new_handler(nullptr);
  release();
}

}  // namespace os
