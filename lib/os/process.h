// SPDX-License-Identifier: Apache-2.0
// A child process that is given its whole stdin at once and read through stdout and stderr.
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

// A program started at construction; nothing of ours but stdin, stdout and stderr reaches it (all else is O_CLOEXEC).
// Destroying a child that was not waited for kills it with all that it has started (process_tree.h), and reaps it.
class Process {
 public:
  using Time = std::chrono::steady_clock::time_point;

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

  // Collects what it prints until it ends, and reaps it. Output over `limit` bytes a stream throws EFBIG. One that has not ended
  // by the deadline is killed with all that it has started: ETIMEDOUT. Where it has ended and only something that it left
  // behind still keeps its stdout or stderr open, what came until the deadline is its output.
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
