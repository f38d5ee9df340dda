// SPDX-License-Identifier: Apache-2.0
// The name of a network interface, checked once and carried as a type.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace net {

class IfName {
 public:
  // Why `text` cannot be an interface's name, in the words the CNI specification's users know; empty when it can.
  // 1 to 15 bytes, not "." or "..", no "/", ":" or white space (dev_valid_name() in net/core/dev.c).
  static std::string_view flaw(std::string_view text);

  // Why a new link cannot get that name, if links could have it: the kernel replaces "%d" by a number (dev_alloc_name()), and
  // takes "all" and "default" for its sysctls (devinet_sysctl_register()).
  static std::string_view flaw_of_new(std::string_view text);

  // Throws std::invalid_argument with the flaw.
  explicit IfName(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const char* c_str() const { return text_.c_str(); }

  friend auto operator<=>(const IfName&, const IfName&) = default;

 private:
  std::string text_;
};

}  // namespace net
