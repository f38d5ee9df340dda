#include "lib/os/memory_reserve.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace os {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler of operator new is given nothing
void* reserve = nullptr;

void give_free() {
  std::free(std::exchange(reserve, nullptr));
  std::set_new_handler(nullptr);
  throw std::bad_alloc();
}

}  // namespace

MemoryReserve::MemoryReserve(std::size_t bytes) {
  reserve = std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc): operator new would call its handler
  if (reserve != nullptr) std::set_new_handler(give_free);
}

bool MemoryReserve::is_there() { return reserve != nullptr; }

MemoryReserve::~MemoryReserve() {
  std::set_new_handler(nullptr);
  std::free(std::exchange(reserve, nullptr));
}

}  // namespace os
