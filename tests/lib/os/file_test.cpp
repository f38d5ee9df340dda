// SPDX-License-Identifier: Apache-2.0
#include "lib/os/file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/os/error.h"
#include "tests/lib/os/temporary_directory.h"

namespace {

using Files = std::map<std::string, std::string>;

os::Fd open_directory(const TemporaryDirectory& temporary) {
  return os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
}

// The error of a system call: text and errno.
template <typename Function>
std::pair<std::string, int> failure(const Function& function) {
  try {
    function();
  } catch (const std::system_error& error) {
    return {error.what(), error.code().value()};
  }
  return {"", 0};
}

// Limits the size of files while this lives, like a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    signal_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int) = nullptr;
};

}  // namespace

TEST_CASE("the error of a system call contains the call, its object and the kernel's reason") {
  const TemporaryDirectory temporary;
  const auto [text, error] = failure([&] { os::open_file(temporary.path("absent"), O_RDONLY); });
  CHECK(text == "open " + temporary.path("absent") + ": No such file or directory");
  CHECK(error == ENOENT);
  CHECK(os::error_text(EEXIST) == "File exists");
}

TEST_CASE("a created file has all of its content, and its mode") {
  const TemporaryDirectory temporary;
  const Umask umask(022);
  const os::Fd directory = open_directory(temporary);
  CHECK(os::create_file_at(directory.get(), "a", "one\ntwo", 0666));
  CHECK(temporary.files() == Files{{"a", "one\ntwo"}});
  CHECK(temporary.mode("a") == "0644");
}

TEST_CASE("an existing file is not created again and keeps its content") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  temporary.write("a", "first");
  CHECK_FALSE(os::create_file_at(directory.get(), "a", "second", 0600));
  std::filesystem::create_symlink("nowhere", temporary.path("link"));
  CHECK_FALSE(os::create_file_at(directory.get(), "link", "second", 0600));
  CHECK(temporary.read("a") == "first");
  CHECK_FALSE(temporary.has("nowhere"));
}

TEST_CASE("a file that cannot be written completely is not created") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  {
    const FileSizeLimit limit(10);
    const auto [text, error] = failure([&] { os::create_file_at(directory.get(), "a", std::string(100, 'x'), 0600); });
    CHECK(text == "write a: File too large");
    CHECK(error == EFBIG);
  }
  CHECK(temporary.files().empty());
}

TEST_CASE("a replacement that cannot be written leaves the old file and no other") {
  const TemporaryDirectory temporary;
  temporary.write("a", "old");
  {
    const FileSizeLimit limit(10);
    CHECK(failure([&] { os::replace_file(temporary.path("a"), std::string(100, 'x'), 0600); }).second == EFBIG);
  }
  CHECK(temporary.files() == Files{{"a", "old"}});
  os::replace_file(temporary.path("a"), "new", 0600);
  os::replace_file(temporary.path("b"), "other", 0600);
  CHECK(temporary.files() == Files{{"a", "new"}, {"b", "other"}});
}

TEST_CASE("a file in a directory is created and replaced without leftovers") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  for (const char* content : {"first", "the second is longer", ""}) {
    os::replace_file_at(directory.get(), "a", content, 0600);
    CHECK(temporary.files() == Files{{"a", content}});
  }
}

TEST_CASE("a file that cannot be replaced keeps its content, without leftovers") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  temporary.write("a", "old");
  {
    const FileSizeLimit limit(10);
    CHECK(failure([&] { os::replace_file_at(directory.get(), "a", std::string(100, 'x'), 0600); }).second == EFBIG);
  }
  CHECK(temporary.files() == Files{{"a", "old"}});
}

TEST_CASE("a leftover of a killed process with our pid does not prevent a new file") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  temporary.write("a", "old");
  temporary.write(".a." + std::to_string(::getpid()), "half");
  os::replace_file_at(directory.get(), "a", "new", 0600);
  CHECK(temporary.files() == Files{{"a", "new"}});
}

TEST_CASE("a symbolic link is replaced, and its target is unchanged") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  temporary.write("elsewhere", "precious");
  REQUIRE(::symlinkat("elsewhere", directory.get(), "a") == 0);
  os::replace_file_at(directory.get(), "a", "new", 0600);
  CHECK(temporary.files() == Files{{"a", "new"}, {"elsewhere", "precious"}});
}

TEST_CASE("files in a directory are never opened through a symbolic link") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  temporary.write("target", "secret");
  std::filesystem::create_symlink("target", temporary.path("link"));
  CHECK(failure([&] { os::open_file_at(directory.get(), "link", O_RDONLY); }).second == ELOOP);
  CHECK(failure([&] { os::read_file_at(directory.get(), "link", 100); }).second == ELOOP);
  CHECK(failure([&] { os::open_regular_at(directory.get(), "link", O_RDONLY); }).second == ELOOP);
  CHECK(temporary.read("target") == "secret");
}

TEST_CASE("a file that is not regular is not opened, and nothing blocks") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  REQUIRE(::mkfifo(temporary.path("fifo").c_str(), 0600) == 0);
  std::filesystem::create_directory(temporary.path("directory"));
  const auto refusal = [&](const std::string& name, int flags) {
    return failure([&] { os::open_regular_at(directory.get(), name, flags, 0600); }).first;
  };
  CHECK(refusal("fifo", O_RDONLY) == "open fifo, a fifo: Invalid argument");
  CHECK(refusal("fifo", O_WRONLY | O_CREAT) == "open fifo, a fifo: Invalid argument");
  CHECK(refusal("directory", O_RDONLY) == "open directory, a directory: Invalid argument");
  CHECK(refusal("absent", O_RDONLY) == "open absent: No such file or directory");
  CHECK(refusal("absent", O_RDONLY | O_CREAT).empty());
  CHECK(refusal("absent", O_RDONLY).empty());
}

TEST_CASE("reading a fifo in the place of a file does not block") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  REQUIRE(::mkfifo(temporary.path("fifo").c_str(), 0600) == 0);
  CHECK(os::read_file(temporary.path("fifo"), 100) == "");
  CHECK(os::read_file_at(directory.get(), "fifo", 100) == "");
  const os::Fd writer = os::open_file(temporary.path("fifo"), O_RDWR);
  CHECK(failure([&] { os::read_file(temporary.path("fifo"), 100); }).second == EAGAIN);
}

TEST_CASE("replacing a file does not write through a link beside it") {
  const TemporaryDirectory temporary;
  temporary.write("target", "secret");
  const std::string beside = temporary.path("a") + "." + std::to_string(::getpid());
  std::filesystem::create_symlink("target", beside);
  os::replace_file(temporary.path("a"), "new", 0600);
  REQUIRE(::mkfifo(beside.c_str(), 0600) == 0);
  os::replace_file(temporary.path("a"), "newer", 0600);
  CHECK(temporary.files() == Files{{"a", "newer"}, {"target", "secret"}});
}

TEST_CASE("reading or deleting an absent file is no error") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  temporary.write("a", "content");
  CHECK(os::read_file(temporary.path("a"), 7) == "content");
  CHECK(os::read_file_at(directory.get(), "a", 7) == "content");
  CHECK(os::read_file(temporary.path("b"), 7) == std::nullopt);
  CHECK(os::read_file(temporary.path("a/b"), 7) == std::nullopt);
  CHECK(os::read_file_at(directory.get(), "b", 7) == std::nullopt);
  CHECK(os::remove_file(temporary.path("a")));
  CHECK_FALSE(os::remove_file(temporary.path("a")));
  CHECK_FALSE(os::remove_file_at(directory.get(), "a"));
}

TEST_CASE("a file over the limit is an error") {
  const TemporaryDirectory temporary;
  temporary.write("a", "content");
  CHECK(failure([&] { os::read_file(temporary.path("a"), 6); }).second == EFBIG);
}

TEST_CASE("reading a pipe without a writer does not block") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  REQUIRE(::mkfifo(temporary.path("pipe").c_str(), 0600) == 0);
  CHECK(os::read_file_at(directory.get(), "pipe", 100) == "");
}

TEST_CASE("directories are created with their parents; existing ones are no error") {
  const TemporaryDirectory temporary;
  const Umask umask(022);
  os::make_directories(temporary.path("a/b//c/"), 0777);
  os::make_directories(temporary.path("a/b/c"), 0777);
  CHECK(temporary.mode("a") == "0755");
  CHECK(temporary.mode("a/b/c") == "0755");
  temporary.write("file", "");
  const auto [text, error] = failure([&] { os::make_directories(temporary.path("file/x/y"), 0755); });
  CHECK(text == "make directory " + temporary.path("file/x") + ": Not a directory");
}

TEST_CASE("each directory entry is visited once, and the directory can be read again") {
  const TemporaryDirectory temporary;
  const os::Fd directory = open_directory(temporary);
  for (const char* name : {"a", ".b", "c d"}) temporary.write(name, "");
  for (int time = 0; time < 2; ++time) {
    std::multiset<std::string> names;
    os::for_each_entry(directory.get(), [&](const std::string& name) { names.insert(name); });
    CHECK(names == std::multiset<std::string>{"a", ".b", "c d"});
  }
}

TEST_CASE("descriptors are closed on exec and at the end of their scope") {
  const TemporaryDirectory temporary;
  int number = -1;
  {
    const os::Fd directory = open_directory(temporary);
    number = directory.get();
    CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(::fcntl(number, F_GETFD) == -1);
}

TEST_CASE("a moved descriptor has one owner") {
  const TemporaryDirectory temporary;
  os::Fd first = open_directory(temporary);
  const int number = first.get();
  os::Fd second(std::move(first));
  CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): this is the test
  CHECK(second.get() == number);
  os::Fd third = open_directory(temporary);
  const int closed = third.get();
  third = std::move(second);
  CHECK(third.get() == number);
  CHECK(::fcntl(closed, F_GETFD) == -1);
  const int released = third.release();
  CHECK_FALSE(third);
  CHECK(::close(released) == 0);
}
