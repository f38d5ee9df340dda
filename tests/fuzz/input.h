// SPDX-License-Identifier: Apache-2.0
// Reads libFuzzer's input from the front, and checks conditions.
//
// A fuzz target is a file with LLVMFuzzerTestOneInput() (https://llvm.org/docs/LibFuzzer.html). It fails on a
// sanitizer's report, an unexpected exception, require(), more than 512 MB of memory or more than 10 seconds.
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

  // A number from 0 to count - 1.
  std::size_t choice(std::size_t count) { return byte() % count; }

  // The next byte; 0 at the end of the input.
  std::uint8_t byte() {
    const auto one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }

  std::uint16_t u16() {
    const unsigned low = byte();
    return static_cast<std::uint16_t>(low | static_cast<unsigned>(byte()) << 8U);
  }

  // At most that many bytes, fewer at the end of the input.
  std::span<const std::uint8_t> take(std::size_t count) {
    const auto taken = left_.first(count < left_.size() ? count : left_.size());
    left_ = left_.subspan(taken.size());
    return taken;
  }

  // The text up to the next line feed, without it.
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

// Aborts unless the condition holds. what: the condition, as a sentence.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "condition violated: %s\n", what);
  std::abort();
}

}  // namespace fuzz
