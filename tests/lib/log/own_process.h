// SPDX-License-Identifier: Apache-2.0
// The log is set up once per process, so each test of it runs in its own process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <string>

#include <doctest/doctest.h>

// The stdout and stderr of `function`, in a process with that FOOTBRIDGE_LOG (nullptr: not set).
inline std::string output_of(const char* setting, const std::function<void()>& function) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
    ::unsetenv("FOOTBRIDGE_LOG");
    ::unsetenv("TRACEPARENT");
    if (setting != nullptr) ::setenv("FOOTBRIDGE_LOG", setting, 1);
    try {
      function();
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(pipe[1]);
  std::string output;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(pipe[0], buffer.data(), buffer.size())) > 0;) {
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(pipe[0]);
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return output;
}
