// A child process that is given its whole stdin at once and read through stdout and stderr.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/os/fd.h"

namespace os {

struct ProcessOutput {
  int exit_code = 0;  // 0..255, or 128 + signal number when a signal ended it
  std::string out;    // all of stdout
  std::string err;    // all of stderr
};

// A program started at construction; nothing of ours but stdin, stdout and stderr reaches it (all else is O_CLOEXEC).
// Destroying a child that was not waited for kills and reaps it.
class Process {
 public:
  // path: the file to execute, no search. environment: "NAME=value" entries, whole. input: all of its stdin, handed over
  // in a memory file (memfd_create(2)): the child starts to work at once, and neither side can block the other.
  // Throws std::system_error when it cannot be started, with execve(2)'s own errno ("start <path>: ...").
  Process(const std::string& path, const std::vector<std::string>& arguments,
          const std::vector<std::string>& environment, std::string_view input);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // Collects what it prints until it ends, and reaps it. Output over `limit` bytes a stream throws EFBIG.
  ProcessOutput wait(std::size_t limit);

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  int reap();

  pid_t pid_ = -1;
  Fd out_;
  Fd err_;
};

}  // namespace os
