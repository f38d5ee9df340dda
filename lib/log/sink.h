// Where lines go. A line is handed to the kernel in one write(2), whatever its size: on a descriptor with O_APPEND that is
// what keeps the lines of several processes apart (write(2), open(2)). stdio would cut a long one at its buffer's end.
#pragma once

#include <string>
#include <string_view>

namespace logging {

// A file that lines are appended to: made with mode 0600 when it is absent, but not its folder. Only a regular file, and
// no symbolic link, will do: a pipe or a terminal could make us wait, and a link could lead anywhere.
class LogFile {
 public:
  // Throws std::system_error: "/var/log/x.log: Permission denied".
  explicit LogFile(const std::string& path);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  LogFile(LogFile&&) = delete;
  LogFile& operator=(LogFile&&) = delete;
  ~LogFile();

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

// Writes the line and its end. 0, or the errno of a line that is not there, or not all of it. Throws nothing.
int write_line(int fd, std::string_view line);

}  // namespace logging
