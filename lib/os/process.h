// SPDX-License-Identifier: Apache-2.0
// A child process: gets all of its stdin at once; its stdout and stderr are read.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
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

// A program that the constructor starts. It inherits only stdin, stdout and stderr (all else is O_CLOEXEC). The
// destructor of a child that was not waited for kills it with all its descendants (process_tree.h) and reaps it.
class Process {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // path: the file to execute; PATH is not searched. environment: all "NAME=value" entries. input: all of its stdin,
  // in a memory file (memfd_create(2)), so neither side can block the other. Throws std::system_error with execve(2)'s
  // errno ("start <path>: ...") if it cannot be started.
  Process(const std::string& path, const std::vector<std::string>& arguments,
          const std::vector<std::string>& environment, std::string_view input);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // Reads its output until it ends, and reaps it. More than `limit` bytes on a stream throw EFBIG. If it runs at the
  // deadline, it is killed with all its descendants: ETIMEDOUT. If it has ended but a process that it left behind
  // keeps stdout or stderr open, the output until the deadline counts.
  ProcessOutput wait(std::size_t limit, Time deadline = Time::max());

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  bool collect(ProcessOutput& output, std::size_t limit, Time deadline);
  bool reap_if_ended();
  bool reap_by(Time deadline);
  void end();

  pid_t pid_ = -1;  // -1: reaped
  int exit_code_ = 0;
  Fd out_;
  Fd err_;
};

}  // namespace os
