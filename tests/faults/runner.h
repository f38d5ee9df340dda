// SPDX-License-Identifier: Apache-2.0
// Runs plugin calls one after the other, as a runtime does. With ptrace(2) it traces all processes of a call: to list
// their system calls, to make one of them fail, or to kill the process after one of them.
//
// As with a runtime, a call ends with the process that was started. Its child processes may outlive it, beside later
// calls. The runner is their subreaper (PR_SET_CHILD_SUBREAPER) and measures how long they live.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "tests/faults/point.h"
#include "tests/faults/system_call.h"

namespace faults {

struct Program {
  std::string path;
  std::vector<std::string> environment;  // "NAME=value", complete
  std::string input;
};

// A system call of a traced process.
struct TracedCall {
  Place place;
  SystemCall call;
  bool is_before_main = false;   // before main(): the C library's or the language runtime's
  bool is_result_write = false;  // a write to stdout
  std::string path{};            // the file that the injected call opens
};

struct Fault {
  Place place;
  int error = 0;  // 0: kill the process after the call
};

struct RunResult {
  int exit_code = 0;  // 128 + signal number if a signal ended it
  std::string out;
  std::string err;
  std::vector<TracedCall> calls;       // of `record`
  std::optional<TracedCall> injected;  // the call with the injected fault
  double ms = 0;                       // duration
  bool has_hung = false;               // it ran longer than kTimeout, and was killed
  bool keeps_stdout = false;           // a process that outlives it has its stdout or stderr open
  [[nodiscard]] bool was_killed() const { return injected && injected->place.process.empty() && exit_code == 128 + 9; }
};

class Runner {
 public:
  static constexpr std::chrono::seconds kTimeout{20};      // of a call
  static constexpr std::chrono::seconds kLeftTimeout{10};  // of processes that outlive a call

  Runner();
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  Runner(Runner&&) = delete;
  Runner& operator=(Runner&&) = delete;

  RunResult run(const Program& program);
  // Lists all system calls of the call, and of processes that outlive it.
  RunResult record(const Program& program);
  RunResult inject(const Program& program, const Fault& fault);

  // Waits until no process of an earlier call runs; false after kLeftTimeout.
  bool wait_until_alone();

  // Waits until programs that calls started have ended. Ignores processes with their own session (lib/os/detached.h),
  // which may outlive a call.
  void wait_for_programs();

  // The running processes of earlier calls.
  [[nodiscard]] std::vector<pid_t> left() const;

  // The processes that have outlived their call by kLeftTimeout; each is returned once.
  std::vector<pid_t> overdue();

 private:
  struct Process;
  struct Task;
  struct Current;

  RunResult execute(const Program& program, bool is_recording, const Fault* fault);
  pid_t start(const Program& program, int out, int err);
  void record_left();
  void dispatch_pending();
  bool read_to_end(const os::Fd& pipe, std::string& to);
  bool dispatch(pid_t pid, int status);
  void on_stop(pid_t pid, Task& task, int status);
  void on_event(pid_t pid, Task& task, int event);
  void on_system_call(pid_t pid, Task& task);
  void on_entry(pid_t pid, Task& task);
  void on_exit(pid_t pid, Task& task);
  void adopt(pid_t pid, const Task& parent, bool is_thread);
  void resume(pid_t pid, const Task& task, int signal);
  bool is_watching() const;
  void end_all();

  std::map<pid_t, Task> tasks_;
  std::set<pid_t> early_;  // stopped before their parent's fork event arrived
  std::unique_ptr<Current> current_;
  int round_ = 0;
  std::map<pid_t, std::chrono::steady_clock::time_point> left_;  // since when
  std::set<pid_t> reported_;
};

}  // namespace faults
