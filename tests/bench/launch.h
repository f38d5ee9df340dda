// SPDX-License-Identifier: Apache-2.0
// The driver's side of bench_launcher: starts one and requests it to run programs.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/os/fd.h"

namespace bench {

// The output and cost of one program.
struct Launched {
  int exit_code = 0;  // 128 + signal number if a signal ended it
  std::string out;
  std::string err;
  double ms = 0;       // from its start until it ended and its stdout and stderr are closed, as a runtime waits
  double cpu_ms = 0;   // of the program and the children that it waited for
  double left_ms = 0;  // CPU of processes that earlier programs left behind and that ended since the last reply
  long peak_rss = 0;   // KiB resident, the largest of those processes
};

class Launcher {
 public:
  // Runs in the caller's namespaces. Throws std::system_error.
  Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;
  Launcher(Launcher&&) = delete;
  Launcher& operator=(Launcher&&) = delete;
  ~Launcher();

  // environment: the complete environment, as "NAME=value".
  Launched run(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
               const std::string& input);

  // Waits for the processes that programs left behind; returns their CPU time in milliseconds.
  double drain();

 private:
  Launched request(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                   const std::string& input);

  os::Fd socket_;
  pid_t pid_ = -1;
};

// The folder of this executable, which contains bench_launcher and bench_floor.
std::string own_folder();

}  // namespace bench
