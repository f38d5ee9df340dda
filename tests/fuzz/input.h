// SPDX-License-Identifier: Apache-2.0
// The bytes that libFuzzer makes, taken from the front; and what must be true of whatever is made of them.
//
// A fuzz target is LLVMFuzzerTestOneInput() in a file of its own (https://llvm.org/docs/LibFuzzer.html). It fails by a
// sanitizer's report, by an exception that it does not expect, by require(), by 512 MB of memory or by 10 seconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

  [[nodiscard]] bool empty() const { return left_.empty(); }

  // One of 0 ... count - 1.
  std::size_t choice(std::size_t count) { return byte() % count; }

  // 0 at the end.
  std::uint8_t byte() {
    const auto one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }

  std::uint16_t u16() {
    const unsigned low = byte();
    return static_cast<std::uint16_t>(low | static_cast<unsigned>(byte()) << 8U);
  }

  // As many of them as there are.
  std::span<const std::uint8_t> take(std::size_t count) {
    const auto taken = left_.first(count < left_.size() ? count : left_.size());
    left_ = left_.subspan(taken.size());
    return taken;
  }

  // Up to the next line feed, which is not part of it.
  std::string line() {
    const std::string_view text = view();
    const std::size_t end = text.find('\n');
    std::string result(text.substr(0, end));
    take(end == std::string_view::npos ? text.size() : end + 1);
    return result;
  }

  std::span<const std::uint8_t> rest() { return take(left_.size()); }
  std::string rest_as_text() {
    std::string result(view());
    rest();
    return result;
  }

 private:
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(left_.data()), left_.size()}; }

  std::span<const std::uint8_t> left_;
};

// What must hold, as a sentence.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace fuzz
