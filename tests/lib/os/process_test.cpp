// SPDX-License-Identifier: Apache-2.0
#include "lib/os/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/os/file.h"
#include "tests/lib/os/temporary_directory.h"

using namespace std::chrono_literals;
using os::Process;
using os::ProcessOutput;

namespace {

constexpr std::size_t kMuch = 64U << 20U;

ProcessOutput shell(const std::string& script, const std::string& input = "",
                    const std::vector<std::string>& environment = {"PATH=/usr/bin:/bin"}) {
  return Process("/bin/sh", {"sh", "-c", script}, environment, input).wait(kMuch);
}

int errno_of(const std::string& path) {
  try {
    Process(path, {path}, {}, "").wait(kMuch);
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()).starts_with("start " + path + ": "));
    return error.code().value();
  }
  return 0;
}

// The number that a script writes to a file; waits for it.
pid_t pid_in(const TemporaryDirectory& temporary, const std::string& file) {
  for (int tries = 0; tries < 2000; ++tries) {
    if (temporary.has(file) && temporary.read(file).ends_with('\n')) return std::stoi(temporary.read(file));
    ::usleep(5000);
  }
  return -1;
}

bool is_there(pid_t pid) { return ::kill(pid, 0) == 0; }

// An orphan is reaped by its new parent, which takes a moment.
bool is_gone_soon(pid_t pid) {
  for (int tries = 0; tries < 2000 && is_there(pid); ++tries) ::usleep(5000);
  return !is_there(pid);
}

Process::Time in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

TEST_CASE("a program gets arguments, environment and stdin, and its stdout and stderr are read") {
  const ProcessOutput output =
      shell("cat; echo \"$A\"; echo to stderr >&2; exit 3", "to stdin;", {"PATH=/usr/bin:/bin", "A=b c"});
  CHECK(output.out == "to stdin;b c\n");
  CHECK(output.err == "to stderr\n");
  CHECK(output.exit_code == 3);
}

TEST_CASE("the program gets only the given environment") {
  REQUIRE(::setenv("FOOTBRIDGE_TEST", "ours", 1) == 0);
  CHECK(shell("echo \"<$FOOTBRIDGE_TEST>\"").out == "<>\n");
  ::unsetenv("FOOTBRIDGE_TEST");
}

TEST_CASE("the error for a program that cannot be started contains the reason of execve") {
  const TemporaryDirectory temporary;
  temporary.write("plain", "#!/bin/sh\n");
  CHECK(errno_of(temporary.path("absent")) == ENOENT);
  CHECK(errno_of(temporary.path("plain")) == EACCES);
  CHECK(errno_of(temporary.path()) == EACCES);
  temporary.write("busy", "#!/bin/sh\n");
  REQUIRE(::chmod(temporary.path("busy").c_str(), 0755) == 0);
  const os::Fd writer = os::open_file(temporary.path("busy"), O_WRONLY);
  CHECK(errno_of(temporary.path("busy")) == ETXTBSY);
}

TEST_CASE("megabytes of input and output at once do not block") {
  const std::string much(5000000, 'x');
  const ProcessOutput output = shell("tee /dev/stderr", much);
  CHECK(output.out == much);
  CHECK(output.err == much);
}

TEST_CASE("a program may ignore its input") { CHECK(shell("echo done", std::string(5000000, 'x')).out == "done\n"); }

TEST_CASE("a program that was ended by a signal has exit code 128 + the signal number") {
  CHECK(shell("kill -TERM $$").exit_code == 128 + SIGTERM);
  CHECK(shell("kill -KILL $$").exit_code == 128 + SIGKILL);
}

TEST_CASE("more output than allowed is an error, and the program is killed") {
  Process process("/bin/sh", {"sh", "-c", "yes"}, {"PATH=/usr/bin:/bin"}, "");
  const pid_t pid = process.pid();
  {
    Process dying(std::move(process));
    CHECK_THROWS_AS(dying.wait(100000), std::system_error);
  }
  CHECK(::kill(pid, 0) == -1);
  CHECK(errno == ESRCH);
}

TEST_CASE("a program that was not waited for is killed and reaped") {
  pid_t pid = -1;
  {
    const Process process("/bin/sh", {"sh", "-c", "exec sleep 100"}, {"PATH=/usr/bin:/bin"}, "");
    pid = process.pid();
    CHECK(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
  CHECK(errno == ESRCH);
}

TEST_CASE("a program inherits only the standard descriptors") {
  const TemporaryDirectory temporary;
  const os::Fd ours = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  const std::string ours_now = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(ours.get()));
  REQUIRE(ours_now == temporary.path());
  const std::string open = shell("for fd in /proc/$$/fd/*; do readlink $fd; done").out;
  CHECK(open.find(temporary.path()) == std::string::npos);
  CHECK(open.find("memfd:stdin") != std::string::npos);
  CHECK(open.find("memfd:stdin") == open.rfind("memfd:stdin"));
}

TEST_CASE("SIGPIPE ends the program even if we ignore it") {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  CHECK(shell("kill -PIPE $$; echo still here").exit_code == 128 + SIGPIPE);
  ::signal(SIGPIPE, before);
}

TEST_CASE("a program that runs at the deadline is killed with its descendants, and reaped") {
  const TemporaryDirectory temporary;
  const std::string script = "sh -c 'sleep 1000; true' & echo $! > " + temporary.path("inner") + "; echo said; wait";
  Process process("/bin/sh", {"sh", "-c", script}, {"PATH=/usr/bin:/bin"}, "");
  const pid_t pid = process.pid();
  const pid_t inner = pid_in(temporary, "inner");
  REQUIRE(inner > 0);
  CHECK_THROWS_WITH_AS(process.wait(kMuch, in(100ms)),
                       ("wait for process " + std::to_string(pid) + ": Connection timed out").c_str(),
                       std::system_error);
  CHECK_FALSE(is_there(pid));
  CHECK(is_gone_soon(inner));
}

TEST_CASE("a program that closes its output and continues gets no more time") {
  Process process("/bin/sh", {"sh", "-c", "exec >&- 2>&-; exec sleep 1000"}, {"PATH=/usr/bin:/bin"}, "");
  const pid_t pid = process.pid();
  CHECK_THROWS_AS(process.wait(kMuch, in(100ms)), std::system_error);
  CHECK_FALSE(is_there(pid));
}

TEST_CASE("the output of a program that has ended is returned even if its child keeps the pipe open") {
  const TemporaryDirectory temporary;
  const std::string script = "sleep 1000 & echo $! > " + temporary.path("left") + "; echo said; exit 3";
  Process process("/bin/sh", {"sh", "-c", script}, {"PATH=/usr/bin:/bin"}, "");
  const pid_t left = pid_in(temporary, "left");
  const ProcessOutput output = process.wait(kMuch, in(1s));
  CHECK(output.out == "said\n");
  CHECK(output.exit_code == 3);
  ::kill(left, SIGKILL);
}

TEST_CASE("a program that ends in time is not affected by its deadline") {
  Process process("/bin/sh", {"sh", "-c", "echo said; exec >&- 2>&-; sleep 0.1; exit 4"}, {"PATH=/usr/bin:/bin"}, "");
  const ProcessOutput output = process.wait(kMuch, in(1h));
  CHECK(output.out == "said\n");
  CHECK(output.exit_code == 4);
}
