// SPDX-License-Identifier: Apache-2.0
// The name of a network interface. Valid by construction.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace net {

class IfName {
 public:
  // Why `text` cannot be an interface name, in the reference's words; "" if it can. Allowed: 1 to 15 bytes, not "." or
  // "..", no "/", ":" or white space (dev_valid_name() in net/core/dev.c).
  static std::string_view flaw(std::string_view text);

  // Why a new link cannot have that valid name; "" if it can. The kernel replaces "%d" by a number (dev_alloc_name())
  // and reserves "all" and "default" for its sysctls (devinet_sysctl_register()).
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
