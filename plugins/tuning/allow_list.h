// SPDX-License-Identifier: Apache-2.0
// The administrator's list of sysctls that configurations may set: a regular expression per line (pattern.h).
//
// If the file exists, each key must match a line, as the key is written in the configuration. White space around a line and
// blank lines are ignored. The file has no comments. A file without lines allows nothing.
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
  // Reads the reference's file, /etc/cni/tuning/allowlist.conf; nullopt if it does not exist: all sysctls are allowed. Throws
  // std::system_error if it cannot be read, and the errors of parse().
  static std::optional<AllowList> read();

  // Throws cni::Error code 7 for a line that is not supported: `place`, the file's name, line number, line and token.
  static AllowList parse(std::string_view text, const std::string& place);

  // Throws cni::Error code 7 with the key and the lines if a key matches no line.
  void require(const std::vector<Sysctl>& sysctls) const;

 private:
  [[nodiscard]] bool allows(const std::string& key) const;
  std::vector<Pattern> patterns_;
  std::string lines_;  // for the error
};

}  // namespace tuning
