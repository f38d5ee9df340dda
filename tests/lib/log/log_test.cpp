// The log is set up once a process, so every case is a process of its own.
#include "lib/log/log.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

namespace {

std::string drain(int fd) {
  std::string all;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return all;
}

// What the function writes to stdout and stderr, in a process with that FOOTBRIDGE_LOG (nullptr: without).
std::string output_of(const char* setting, const std::function<void()>& function) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
    ::unsetenv("FOOTBRIDGE_LOG");
    if (setting != nullptr) ::setenv("FOOTBRIDGE_LOG", setting, 1);
    function();
    ::_exit(0);
  }
  ::close(pipe[1]);
  std::string output = drain(pipe[0]);
  ::close(pipe[0]);
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return output;
}

void say_everything() {
  logging::start("bridge");
  logging::debug("three links");
  logging::info("nftables is used");
  logging::warn("cannot {undo}");
}

// A folder of the test's own that goes with it.
class Folder {
 public:
  Folder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~Folder() {
    ::unlink(file().c_str());
    ::rmdir(path_.c_str());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path_ + "/log"; }
  [[nodiscard]] std::string content() const {
    std::ostringstream text;
    text << std::ifstream(file()).rdbuf();
    return text.str();
  }

 private:
  std::string path_ = "/tmp/footbridge-log-XXXXXX";
};

}  // namespace

TEST_CASE("without FOOTBRIDGE_LOG warnings go to stderr, under the program's name") {
  CHECK(output_of(nullptr, say_everything) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of("", say_everything) == "bridge: warning: cannot {undo}\n");
}

TEST_CASE("a library that speaks before anybody started the log has a name too") {
  CHECK(output_of(nullptr, [] { logging::warn("early"); }) == "footbridge: warning: early\n");
}

TEST_CASE("the level says how much is told") {
  CHECK(output_of("debug", say_everything) ==
        "bridge: debug: three links\nbridge: info: nftables is used\nbridge: warning: cannot {undo}\n");
  CHECK(output_of("info", say_everything) == "bridge: info: nftables is used\nbridge: warning: cannot {undo}\n");
  CHECK(output_of("warn", say_everything) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of("error", say_everything) == "");
  CHECK(output_of("off", say_everything) == "");
}

TEST_CASE("a file takes the log, a whole line at a time with time, level and process, and is appended to") {
  const Folder folder;
  const std::string setting = "info:" + folder.file();
  CHECK(output_of(setting.c_str(), say_everything) == "");
  CHECK(output_of(setting.c_str(), say_everything) == "");
  const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d )";
  const std::string once =
      time + R"(info bridge\[\d+\]: nftables is used\n)" + time + R"(warning bridge\[\d+\]: cannot \{undo\}\n)";
  CHECK_MESSAGE(std::regex_match(folder.content(), std::regex(once + once)), folder.content());
}

TEST_CASE("a file that cannot be opened is no reason to be silent or to fail") {
  CHECK(output_of("warn:/proc/no/such/file", say_everything) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of("warn:/", say_everything) == "bridge: warning: cannot {undo}\n");
}

TEST_CASE("a level that nobody knows does not silence warnings") {
  CHECK(output_of("warnings", say_everything) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of(":/proc/no/such/file", say_everything) == "bridge: warning: cannot {undo}\n");
}
