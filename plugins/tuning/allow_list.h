// SPDX-License-Identifier: Apache-2.0
// The administrator's list of sysctls that configurations may set: one regular expression per line (pattern.h).
//
// If the file exists, each key must match a line. The key is compared as written in the configuration. Blank lines and
// white space around a line are ignored. Comments are not supported. An empty file allows nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/tuning/pattern.h"
#include "plugins/tuning/sysctls.h"

namespace tuning {

class AllowList {
 public:
  // Reads the reference's file, /etc/cni/tuning/allowlist.conf. Returns nullopt if the file does not exist; then all
  // sysctls are allowed. Throws std::system_error if the file cannot be read, and the errors of parse().
  static std::optional<AllowList> read();

  // Throws cni::Error code 7 if a line is not supported. The message names `place` (the file), line number, line and
  // token.
  static AllowList parse(std::string_view text, const std::string& place);

  // Throws cni::Error code 7 with the key and all lines if a key matches no line.
  void require(const std::vector<Sysctl>& sysctls) const;

 private:
  [[nodiscard]] bool allows(const std::string& key) const;
  std::vector<Pattern> patterns_;
  std::string lines_;  // for the error
};

}  // namespace tuning
