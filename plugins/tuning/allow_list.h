// Which sysctls may be set at all: the administrator's list, a regular expression on each line (pattern.h).
//
// Where the file is, each key as it is written must have a line that matches it; white space around a line is not part of it,
// blank lines are none, and there are no comments. A file without lines allows nothing.
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
  // The reference's file, /etc/cni/tuning/allowlist.conf; nullopt when there is none: then all are allowed. Throws
  // std::system_error when it cannot be read, and as parse().
  static std::optional<AllowList> read();

  // `place`: the file's name for the error of a line that is no expression, cni::Error code 7.
  static AllowList parse(std::string_view text, const std::string& place);

  // Throws cni::Error code 7 that names the key and the lines.
  void require(const std::vector<Sysctl>& sysctls) const;

 private:
  [[nodiscard]] bool allows(const std::string& key) const;
  std::vector<Pattern> patterns_;
  std::string lines_;  // for the error
};

}  // namespace tuning
