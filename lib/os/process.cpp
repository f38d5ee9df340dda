// SPDX-License-Identifier: Apache-2.0
#include "lib/os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/process_tree.h"

namespace os {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

// The exit code of a child that was reaped elsewhere (SIGCHLD ignored). Not a success, because its real code is
// unknown.
constexpr int kUnknownEnd = 255;

// For poll(2): at most some weeks, which is long enough; 0 after the deadline.
int milliseconds_until(Process::Time deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, INT_MAX));
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw last_error("pipe");
  return {Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));  // execve(2) takes char*
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void fail(int report) {
  const int failed = errno;
  static_cast<void>(::write(report, &failed, sizeof failed) < 0);
  ::_exit(127);
}

// In the child, between fork and execve: only async-signal-safe calls. `standard` are all above 2.
[[noreturn]] void become(const char* path, char* const* arguments, char* const* environment,
                         const std::array<Fd, 3>& standard, int report) {
  for (int fd = 0; fd < 3; ++fd) {
    const int from = standard.at(static_cast<std::size_t>(fd)).get();
    while (::dup2(from, fd) < 0) {
      if (errno != EINTR && errno != EBUSY) fail(report);  // its output must not reach our caller
    }
  }
  // The child must not inherit signals that our caller ignores or blocks.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGCHLD, SIG_DFL);
  ::execve(path, arguments, environment);
  fail(report);
}

void add_what_came(Fd& from, std::string& to, std::size_t limit) {
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read(2) fills it
  const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0) throw last_error("read from child");
  if (count == 0) return from.reset();
  if (to.size() + static_cast<std::size_t>(count) > limit) throw error(EFBIG, "read from child");
  to.append(buffer.data(), static_cast<std::size_t>(count));
}

Fd memory_file(std::string_view content) {
  Fd file(::memfd_create("stdin", MFD_CLOEXEC));
  if (!file) throw last_error("memfd_create");
  write_all(file.get(), content, "write to memory file");
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw last_error("rewind memory file");
  return file;
}

// A duplicate above 2, which dup2 onto 0, 1 and 2 cannot overwrite (a caller may have closed those).
Fd above_standard(const Fd& fd) {
  Fd again(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!again) throw last_error("duplicate descriptor");
  return again;
}

}  // namespace

Process::Process(const std::string& path, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment, std::string_view input) {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  Pipe report = make_pipe();
  Fd report_end = above_standard(report.write);
  const std::array<Fd, 3> standard{above_standard(memory_file(input)), above_standard(out.write),
                                   above_standard(err.write)};
  report.write.reset();
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);
  pid_ = ::fork();  // NOLINT(cppcoreguidelines-prefer-member-initializer): only after all preparation
  if (pid_ < 0) throw last_error("fork");
  if (pid_ == 0)
    become(path.c_str(), argument_pointers.data(), environment_pointers.data(), standard, report_end.get());
  report_end.reset();
  int failed = 0;
  ssize_t count = 0;
  do {
    count = ::read(report.read.get(), &failed, sizeof failed);
  } while (count < 0 && errno == EINTR);
  if (count == sizeof failed) {
    reap_by(Time::max());
    throw error(failed, "start " + path);
  }
  out_ = std::move(out.read);
  err_ = std::move(err.read);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      exit_code_(other.exit_code_),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

Process::~Process() {
  if (pid_ >= 0) end();
}

// A child that hangs in the kernel, for example on a file server that does not respond, may not die at once. Init
// reaps it then.
void Process::end() {
  constexpr std::chrono::seconds kLongest{2};
  kill_tree(pid_);
  reap_by(std::chrono::steady_clock::now() + kLongest);
  pid_ = -1;
}

bool Process::reap_if_ended() {
  int status = 0;
  const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
  if (reaped == 0 || (reaped < 0 && errno == EINTR)) return false;
  pid_ = -1;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (reaped < 0) exit_code_ = kUnknownEnd;
  return true;
}

// Waits with pidfd_open(2); polls before Linux 5.3.
bool Process::reap_by(Time deadline) {
  constexpr int kPollInterval = 20;  // milliseconds
  if (reap_if_ended()) return true;
  const Fd ended(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  while (!reap_if_ended()) {
    const int left = milliseconds_until(deadline);
    if (left == 0) return false;
    pollfd waiting{ended.get(), POLLIN, 0};
    ::poll(&waiting, 1, ended ? left : std::min(left, kPollInterval));
  }
  return true;
}

// False if the deadline came before the ends of both streams.
bool Process::collect(ProcessOutput& output, std::size_t limit, Time deadline) {
  while (out_ || err_) {
    std::array<pollfd, 2> waiting{{{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
    if (ready == 0) return false;
    if (ready < 0 && errno != EINTR) throw last_error("poll");
    if (ready < 0) continue;
    if (waiting[0].revents != 0) add_what_came(out_, output.out, limit);
    if (waiting[1].revents != 0) add_what_came(err_, output.err, limit);
  }
  return true;
}

ProcessOutput Process::wait(std::size_t limit, Time deadline) {
  ProcessOutput result;
  const bool is_intact = collect(result, limit, deadline);
  if (is_intact ? !reap_by(deadline) : !reap_if_ended()) {
    const std::string what = "wait for process " + std::to_string(pid_);
    end();
    throw error(ETIMEDOUT, what);
  }
  result.exit_code = exit_code_;
  return result;
}

}  // namespace os
