// SPDX-License-Identifier: Apache-2.0
// The level and the destination of the log: FOOTBRIDGE_LOG=level[:file], then the keys logLevel and logFile of the
// configuration. Other programs have keys with these names. Therefore an unknown level or a relative path is ignored
// with a warning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logging {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };
std::string_view text(Level level);

struct Setting {
  std::optional<Level> level;
  std::string file;                   // an absolute path; "" is stderr
  std::vector<std::string> warnings;  // for stderr

  // Sets a value that is not set yet, if the text is not "". source: the variable or the key, for a warning.
  void add_level(std::string_view source, std::string_view word);
  void add_file(std::string_view source, std::string_view path);

  // Is a line per call requested? Its default level is info in a file, and warn on stderr.
  [[nodiscard]] bool is_wanted() const { return level || !file.empty(); }
  [[nodiscard]] Level threshold() const { return level.value_or(file.empty() ? Level::warn : Level::info); }
};

Setting parse_setting(std::string_view footbridge_log);

// Writes the line and a line break with one write(2) of any size, so that O_APPEND keeps the lines of several
// processes apart. Returns 0, or the errno if the line is missing or incomplete.
int write_line(int fd, std::string line);

// Appends the line to a file, which is created with mode 0600; "" is not written. The file must be a regular file, not
// a symbolic link: a pipe may block, a link may lead anywhere. Throws std::system_error: "PATH: why".
void append_line(const std::string& path, const std::string& line);

}  // namespace logging
