// SPDX-License-Identifier: Apache-2.0
#include "lib/os/memory_reserve.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace os {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler of operator new is given nothing
void* reserve = nullptr;

void give_back() { std::free(std::exchange(reserve, nullptr)); }  // NOLINT(cppcoreguidelines-no-malloc)

void give_free() {
  give_back();
  std::set_new_handler(nullptr);
  throw std::bad_alloc();
}

}  // namespace

MemoryReserve::MemoryReserve(std::size_t bytes) {
  reserve = std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc): given back by the handler of operator new
  if (reserve != nullptr) std::set_new_handler(give_free);
}

bool MemoryReserve::is_there() { return reserve != nullptr; }

MemoryReserve::~MemoryReserve() {
  std::set_new_handler(nullptr);
  give_back();
}

}  // namespace os
