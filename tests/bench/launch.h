// SPDX-License-Identifier: Apache-2.0
// The driver's end of bench_launcher: starts one, asks it to run programs.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/os/fd.h"

namespace bench {

// What one program did and cost.
struct Launched {
  int exit_code = 0;  // 128 + signal number when a signal ended it
  std::string out;
  std::string err;
  double ms = 0;       // from its start until it has ended and nobody holds its stdout or stderr, as a runtime waits
  double cpu_ms = 0;   // of it and the children that it waited for
  double left_ms = 0;  // CPU of processes that earlier programs left behind, ended since the last answer
  long peak_rss = 0;   // KiB resident, the largest of those processes
};

class Launcher {
 public:
  // Runs in the namespaces that the caller is in. Throws std::system_error.
  Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;
  Launcher(Launcher&&) = delete;
  Launcher& operator=(Launcher&&) = delete;
  ~Launcher();

  // environment: "NAME=value", whole.
  Launched run(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
               const std::string& input);

  // Waits for the processes that programs have left behind; their CPU in milliseconds.
  double drain();

 private:
  Launched ask(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
               const std::string& input);

  os::Fd socket_;
  pid_t pid_ = -1;
};

// The folder of our own executable, where bench_launcher and bench_floor are.
std::string own_folder();

}  // namespace bench
