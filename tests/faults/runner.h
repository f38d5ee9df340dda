// SPDX-License-Identifier: Apache-2.0
// Runs plugin calls one after the other as a runtime does, and watches the whole tree of processes of one where it must: to list
// its system calls, to have one fail, or to kill the process that made it (ptrace(2)).
//
// A runtime goes on when the process that it started has ended; what that one has left behind lives on beside the calls that
// follow. So it does here: the runner adopts it (PR_SET_CHILD_SUBREAPER) and knows how long it has lived.
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
  std::vector<std::string> environment;  // "NAME=value", whole
  std::string input;
};

// A system call that was made.
struct Made {
  Place place;
  SystemCall call;
  bool is_of_start =
      false;  // of the plugin's process: before its own beginning, by the C library or the language's runtime
  bool is_of_answer = false;  // writes to stdout
  std::string path{};         // of the call that was struck, if it opens a file
};

struct Fault {
  Place place;
  int error = 0;  // 0: kill the process after the call
};

struct Ran {
  int exit_code = 0;  // 128 + signal number when a signal ended it
  std::string out;
  std::string err;
  std::vector<Made> calls;     // when they were asked for
  std::optional<Made> struck;  // the call that the fault hit
  double ms = 0;               // until it had ended
  bool has_hung = false;       // it took longer than kLongest, and was killed
  bool keeps_stdout = false;   // a process that it left behind has its stdout open
  [[nodiscard]] bool was_killed() const { return struck && struck->place.process.empty() && exit_code == 128 + 9; }
};

class Runner {
 public:
  static constexpr std::chrono::seconds kLongest{20};      // for a call
  static constexpr std::chrono::seconds kLongestLeft{10};  // for what a call leaves behind

  Runner();
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  Runner(Runner&&) = delete;
  Runner& operator=(Runner&&) = delete;

  Ran run(const Program& program);
  // All system calls of it and of what it leaves behind.
  Ran record(const Program& program);
  Ran strike(const Program& program, const Fault& fault);

  // Until what earlier calls left has ended; false after kLongestLeft.
  bool wait_until_alone();

  // Until the programs that calls have started have ended; not what is in a session of its own (lib/os/detached.h), which is
  // meant to outlive its call.
  void wait_for_programs();

  // What calls have left behind and has not ended.
  [[nodiscard]] std::vector<pid_t> left() const;

  // What has lived for longer than kLongestLeft; each is told once.
  std::vector<pid_t> overdue();

 private:
  struct Process;
  struct Task;
  struct Current;

  Ran go(const Program& program, bool is_recording, const Fault* fault);
  pid_t start(const Program& program, int out, int err);
  void look_after_left();
  void dispatch_what_is_there();
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
  std::set<pid_t> early_;  // stopped before whoever made them was heard of
  std::unique_ptr<Current> current_;
  int round_ = 0;
  std::map<pid_t, std::chrono::steady_clock::time_point> left_;  // since when
  std::set<pid_t> told_;
};

}  // namespace faults
