// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fstream>

#include "lib/os/error.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace faults {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSystemCallStop = SIGTRAP | 0x80;
constexpr int kEventShift = 16;
constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                          PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

struct Pipe {
  os::Fd read;
  os::Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw os::last_error("pipe");
  return {os::Fd(ends[0]), os::Fd(ends[1])};
}

os::Fd memory_file(const std::string& content) {
  os::Fd file(::memfd_create("stdin", MFD_CLOEXEC));
  if (!file) throw os::last_error("memfd_create");
  os::write_all(file.get(), content, "write to memory file");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

bool is_thread_of_another(pid_t task) {
  std::ifstream status("/proc/" + std::to_string(task) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Tgid:")) return std::stoi(line.substr(5)) != task;
  }
  return false;
}

std::vector<pid_t> children() {
  std::ifstream file("/proc/self/task/" + std::to_string(::gettid()) + "/children");
  std::vector<pid_t> result;
  for (pid_t child = 0; file >> child;) result.push_back(child);
  return result;
}

// Does the plugin's own code begin here? Ours begins with ignoring SIGPIPE (lib/cni/serve.cpp), others at the latest
// with reading stdin.
bool is_own_beginning(pid_t pid, const SystemCall& call) {
  if (call.number == SYS_read) return call.arguments[0] == STDIN_FILENO;
  if (call.number != SYS_rt_sigaction || call.arguments[0] != SIGPIPE || call.arguments[1] == 0) return false;
  return ::ptrace(PTRACE_PEEKDATA, pid, call.arguments[1], nullptr) == 1;  // SIG_IGN
}

// The path argument of openat(2), from the memory of the process.
std::string path_of(pid_t pid, const SystemCall& call) {
  if (call.number != SYS_openat) return {};
  std::array<char, 256> text{};
  iovec own{text.data(), text.size() - 1};
  iovec there{reinterpret_cast<void*>(call.arguments[1]), text.size() - 1};
  ::process_vm_readv(pid, &own, 1, &there, 1, 0);
  return text.data();
}

void on_alarm(int /*signal*/) {}

// Sends SIGALRM every 50 ms, so that waitpid(2) returns.
class Ticking {
 public:
  Ticking() {
    constexpr int kEvery = 50000;  // µs
    struct sigaction action {};
    action.sa_handler = on_alarm;  // without SA_RESTART
    ::sigaction(SIGALRM, &action, nullptr);
    const itimerval timer{{0, kEvery}, {0, kEvery}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  ~Ticking() {
    const itimerval none{};
    ::setitimer(ITIMER_REAL, &none, nullptr);
  }
  Ticking(const Ticking&) = delete;
  Ticking& operator=(const Ticking&) = delete;
  Ticking(Ticking&&) = delete;
  Ticking& operator=(Ticking&&) = delete;
};

}  // namespace

struct Runner::Process {
  std::string name;
  std::map<long, int> made;
  int children = 0;
  bool is_starting = false;  // from execve(2) to the plugin's own code
};

struct Runner::Task {
  std::shared_ptr<Process> process;
  int round = 0;  // number of the call to which it belongs
  bool is_inside = false;
  std::optional<TracedCall> entered;
  bool is_target = false;  // the current system call is the point
};

struct Runner::Current {
  pid_t main = -1;
  bool has_begun = false;
  bool is_recording = false;
  const Fault* fault = nullptr;
  std::optional<int> status;
  RunResult ran;
};

Runner::Runner() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

Runner::~Runner() { end_all(); }

pid_t Runner::start(const Program& program, int out, int err) {
  const os::Fd input = memory_file(program.input);
  Pipe gate = make_pipe();
  const std::vector<std::string> words{program.path};
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(program.environment);
  const bool is_traced = current_->is_recording || current_->fault != nullptr;
  const pid_t child = ::fork();
  if (child < 0) throw os::last_error("fork");
  if (child == 0) {
    const itimerval none{};
    ::setitimer(ITIMER_REAL, &none, nullptr);
    ::signal(SIGALRM, SIG_DFL);
    char byte = 0;
    gate.write.reset();
    if (::read(gate.read.get(), &byte, 1) < 0) ::_exit(126);
    ::dup2(input.get(), 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    ::execve(program.path.c_str(), arguments.data(), environment.data());
    ::_exit(127);
  }
  if (is_traced && ::ptrace(PTRACE_SEIZE, child, nullptr, kOptions) != 0) throw os::last_error("ptrace");
  return child;
}

RunResult Runner::run(const Program& program) { return execute(program, false, nullptr); }
RunResult Runner::record(const Program& program) { return execute(program, true, nullptr); }
RunResult Runner::inject(const Program& program, const Fault& fault) { return execute(program, false, &fault); }

// Waits until the main process has ended. A recording, and a fault in a child, wait up to kChildTimeout longer.
RunResult Runner::execute(const Program& program, bool is_recording, const Fault* fault) {
  constexpr std::chrono::seconds kChildTimeout{2};
  ++round_;
  current_ = std::make_unique<Current>();
  current_->is_recording = is_recording;
  current_->fault = fault;
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  current_->main = start(program, out.write.get(), err.write.get());
  if (is_recording || fault != nullptr) {
    Task task;
    task.process = std::make_shared<Process>();
    task.round = round_;
    tasks_[current_->main] = task;
  }
  out.write.reset();
  err.write.reset();
  const Clock::time_point begin = Clock::now();
  Clock::time_point main_end{};
  const Ticking ticking;
  const auto is_due = [&] {
    if (!current_->status) return false;
    const bool waits = is_recording || (fault != nullptr && !current_->ran.injected && !fault->place.process.empty());
    return !waits || !is_watching() || Clock::now() > main_end + kChildTimeout;
  };
  while (!is_due()) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, __WALL);
    if (pid > 0) dispatch(pid, status);
    if (current_->status && main_end == Clock::time_point{}) main_end = Clock::now();
    if (!current_->status && Clock::now() > begin + kTimeout && !current_->ran.has_hung) {
      current_->ran.has_hung = true;
      ::kill(current_->main, SIGKILL);
    }
  }
  RunResult ran = std::move(current_->ran);
  ran.ms = std::chrono::duration<double, std::milli>(main_end - begin).count();
  ran.exit_code = exit_code_of(*current_->status);
  current_.reset();
  for (const pid_t pid : early_) ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  early_.clear();
  record_left();
  const bool is_out_closed = read_to_end(out.read, ran.out);
  ran.keeps_stdout = !read_to_end(err.read, ran.err) || !is_out_closed;
  return ran;
}

bool Runner::is_watching() const {
  for (const auto& [pid, task] : tasks_) {
    if (task.round == round_) return true;
  }
  return false;
}

// Returns true if a process has ended.
bool Runner::dispatch(pid_t pid, int status) {
  if (WIFEXITED(status) || WIFSIGNALED(status)) {
    tasks_.erase(pid);
    early_.erase(pid);
    left_.erase(pid);
    reported_.erase(pid);
    if (current_ && pid == current_->main) current_->status = status;
    return true;
  }
  if (!WIFSTOPPED(status)) return false;
  const auto found = tasks_.find(pid);
  if (found == tasks_.end()) {
    if (current_) {
      early_.insert(pid);
    } else {
      ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
    }
    return false;
  }
  on_stop(pid, found->second, status);
  return false;
}

void Runner::on_stop(pid_t pid, Task& task, int status) {
  const int signal = WSTOPSIG(status);
  const int event = status >> kEventShift;
  if (signal == kSystemCallStop) {
    on_system_call(pid, task);
  } else if (event != 0) {
    on_event(pid, task, event);
    resume(pid, task, 0);
  } else {
    resume(pid, task, signal);
  }
}

void Runner::on_event(pid_t pid, Task& task, int event) {
  if (event == PTRACE_EVENT_EXEC) {
    if (current_ && pid == current_->main && !current_->has_begun) {
      current_->has_begun = true;
      *task.process = Process{};
    }
    task.process->is_starting = true;
    task.is_inside = true;  // the exit from execve(2) comes next
    return;
  }
  if (event != PTRACE_EVENT_FORK && event != PTRACE_EVENT_VFORK && event != PTRACE_EVENT_CLONE) return;
  unsigned long message = 0;
  ::ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &message);
  const auto child = static_cast<pid_t>(message);
  adopt(child, task, event == PTRACE_EVENT_CLONE && is_thread_of_another(child));
}

void Runner::adopt(pid_t pid, const Task& parent, bool is_thread) {
  Task task;
  task.round = parent.round;
  task.process = parent.process;
  if (!is_thread) {
    task.process = std::make_shared<Process>();
    const std::string number = std::to_string(++parent.process->children);
    task.process->name = parent.process->name.empty() ? number : parent.process->name + "." + number;
  }
  tasks_[pid] = task;
  if (early_.erase(pid) > 0) resume(pid, task, 0);
}

// Resumes a stopped process. Detaches from processes of earlier calls.
void Runner::resume(pid_t pid, const Task& task, int signal) {
  const auto data = reinterpret_cast<void*>(static_cast<std::intptr_t>(signal));
  if (!current_ || task.round != round_) {
    ::ptrace(PTRACE_DETACH, pid, nullptr, data);
    tasks_.erase(pid);
    return;
  }
  const bool waits_for_calls = current_->has_begun && (current_->is_recording || !current_->ran.injected);
  ::ptrace(waits_for_calls ? PTRACE_SYSCALL : PTRACE_CONT, pid, nullptr, data);
}

void Runner::on_system_call(pid_t pid, Task& task) {
  if (current_ && task.round == round_) {
    if (task.is_inside) {
      on_exit(pid, task);
    } else {
      on_entry(pid, task);
    }
    task.is_inside = !task.is_inside;
  }
  resume(pid, task, 0);
}

void Runner::on_entry(pid_t pid, Task& task) {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, pid, nullptr, &registers) != 0) return;  // killed meanwhile
  TracedCall made;
  made.call.number = static_cast<long>(registers.orig_rax);
  made.call.arguments = {registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9};
  Process& process = *task.process;
  if (process.is_starting && is_own_beginning(pid, made.call)) process.is_starting = false;
  made.place = {process.name, name_of(made.call.number), ++process.made[made.call.number]};
  made.is_before_main = process.is_starting && process.name.empty();
  made.is_result_write = process.name.empty() && made.call.number == SYS_write && registers.rdi == 1;
  if (current_->is_recording) current_->ran.calls.push_back(made);
  const Fault* fault = current_->fault;
  task.is_target = fault != nullptr && !current_->ran.injected && fault->place == made.place;
  task.entered = made;
  if (!task.is_target || fault->error == 0 || is_done_despite_error(made.call.number)) return;
  if (made.call.number == SYS_brk) {  // brk(2) reports a failure by returning the old break
    registers.rdi = 0;
  } else {
    registers.orig_rax = static_cast<unsigned long long>(-1);
  }
  ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
}

void Runner::on_exit(pid_t pid, Task& task) {
  if (!task.is_target) return;
  task.is_target = false;
  current_->ran.injected = task.entered;
  current_->ran.injected->path = path_of(pid, task.entered->call);
  const int error = current_->fault->error;
  if (error == 0) {
    ::kill(pid, SIGKILL);
  } else if (task.entered->call.number == SYS_brk) {
    ::ptrace(PTRACE_POKEUSER, pid, offsetof(user_regs_struct, rdi), task.entered->call.arguments[0]);
  } else {
    ::ptrace(PTRACE_POKEUSER, pid, offsetof(user_regs_struct, rax), static_cast<long>(-error));
  }
}

void Runner::dispatch_pending() {
  for (int status = 0;;) {
    const pid_t pid = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (pid <= 0) return;
    dispatch(pid, status);
  }
}

// Reads the pipe to its end, and resumes stopped processes meanwhile. Returns false if a process keeps the other end
// open.
bool Runner::read_to_end(const os::Fd& pipe, std::string& to) {
  constexpr std::chrono::seconds kReadTimeout{5};  // a process that has exited may still be closing its descriptors
  constexpr int kMoment = 5;                       // ms
  std::array<char, 65536> buffer{};
  for (const Clock::time_point end = Clock::now() + kReadTimeout; Clock::now() < end;) {
    dispatch_pending();
    pollfd waiting{pipe.get(), POLLIN, 0};
    if (::poll(&waiting, 1, kMoment) <= 0) continue;
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count == 0) return true;
    if (count > 0) to.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return false;
}

void Runner::record_left() {
  for (const pid_t child : children()) left_.try_emplace(child, Clock::now());
}

bool Runner::wait_until_alone() {
  const Clock::time_point end = Clock::now() + kLeftTimeout;
  const Ticking ticking;
  while (Clock::now() < end) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == ECHILD) return true;
    if (pid > 0) dispatch(pid, status);
  }
  return false;
}

void Runner::wait_for_programs() {
  const Clock::time_point end = Clock::now() + kLeftTimeout;
  const auto is_there = [] {
    for (const pid_t child : children()) {
      if (::getsid(child) != child) return true;
    }
    return false;
  };
  const Ticking ticking;
  while (is_there() && Clock::now() < end) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, __WALL);
    if (pid > 0) dispatch(pid, status);
  }
}

std::vector<pid_t> Runner::left() const {
  std::vector<pid_t> result;
  for (const auto& [pid, since] : left_) result.push_back(pid);
  return result;
}

std::vector<pid_t> Runner::overdue() {
  std::vector<pid_t> result;
  dispatch_pending();
  for (const auto& [pid, since] : left_) {
    if (Clock::now() > since + kLeftTimeout && reported_.insert(pid).second) result.push_back(pid);
  }
  return result;
}

void Runner::end_all() {
  current_.reset();
  for (const pid_t child : children()) ::kill(child, SIGKILL);
  wait_until_alone();
}

}  // namespace faults
