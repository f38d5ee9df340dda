// SPDX-License-Identifier: Apache-2.0
// Writing lines to a descriptor and to a file.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "lib/log/setting.h"
#include "tests/lib/log/own_process.h"
#include "tests/lib/os/temporary_directory.h"

using logging::append_line;
using logging::write_line;

namespace {

std::string refusal(const std::string& path, const std::string& line = "line") {
  try {
    append_line(path, line);
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a log file is created for its owner only, and appended to") {
  const TemporaryDirectory temporary;
  const Umask none(0);
  const std::string path = temporary.path("log");
  append_line(path, "one");
  CHECK(temporary.mode("log") == "0600");
  append_line(path, "");
  append_line(path, "two");
  CHECK(temporary.read("log") == "one\ntwo\n");
}

TEST_CASE("only a regular file is accepted, and nothing blocks") {
  const TemporaryDirectory temporary;
  const std::string fifo = temporary.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(refusal(fifo) == fifo + ": No such device or address");
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  CHECK(refusal(fifo) == fifo + " is not a regular file: Invalid argument");
  ::close(reader);
  CHECK(refusal("/dev/null") == "/dev/null is not a regular file: Invalid argument");
  CHECK(refusal(temporary.path()) == temporary.path() + ": Is a directory");
  std::filesystem::create_symlink("/etc/hostname", temporary.path("link"));
  CHECK(refusal(temporary.path("link")) == temporary.path("link") + ": Too many levels of symbolic links");
  CHECK(refusal(temporary.path("no/log")) == temporary.path("no/log") + ": No such file or directory");
  CHECK_FALSE(temporary.has("no"));
}

TEST_CASE("a failed write is reported by its errno") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  CHECK(write_line(full, "lost") == ENOSPC);
  ::close(full);
  CHECK(write_line(-1, "lost") == EBADF);
}

TEST_CASE("at the file size limit the process survives, and an incomplete line is ended") {
  const TemporaryDirectory temporary;
  const std::string path = temporary.path("log");
  CHECK(output_of(nullptr, [&] {
          const rlimit small{100, 100};
          ::setrlimit(RLIMIT_FSIZE, &small);
          append_line(path, std::string(59, 'a'));
          if (refusal(path, std::string(59, 'b')) != path + ": No space left on device") ::_exit(1);
          if (refusal(path, std::string(59, 'c')) != path + ": File too large") ::_exit(2);
        }) == "");
  CHECK(temporary.read("log") == std::string(59, 'a') + "\n" + std::string(40, 'b'));
}

TEST_CASE("long lines of many processes stay intact") {
  const TemporaryDirectory temporary;
  constexpr int kProcesses = 20;
  constexpr int kLines = 20;
  constexpr std::size_t kLength = 50000;
  for (int process = 0; process < kProcesses; ++process) {
    if (::fork() != 0) continue;
    const std::string line(kLength, static_cast<char>('a' + process));
    for (int i = 0; i < kLines; ++i) append_line(temporary.path("log"), line);
    ::_exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) ::wait(nullptr);
  std::istringstream lines(temporary.read("log"));
  int intact = 0;
  for (std::string line; std::getline(lines, line);) intact += line == std::string(kLength, line.front()) ? 1 : 0;
  CHECK(intact == kProcesses * kLines);
}
