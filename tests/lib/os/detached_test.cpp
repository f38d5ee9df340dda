// SPDX-License-Identifier: Apache-2.0
#include "lib/os/detached.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/os/error.h"
#include "lib/os/file.h"

using os::Detached;

namespace {

struct Pipe {
  os::Fd read;
  os::Fd write;
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    read = os::Fd(ends[0]);
    write = os::Fd(ends[1]);
  }
};

// What comes until nobody holds the other end any more, waiting for at most ten seconds.
std::string all_of(const os::Fd& fd) {
  std::string text;
  std::array<char, 64> bytes{};
  for (;;) {
    pollfd waiting{fd.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 10000) != 1) return text + " (and it is still held)";
    const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
    if (count <= 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

bool is_ready(int fd, int milliseconds) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 1;
}

}  // namespace

TEST_CASE("detached work is done by another process, which stands in / and leads a session of its own") {
  Pipe pipe;
  Detached child(std::array{pipe.write.get()}, [&] {
    const bool is_leader = ::getsid(0) == ::getpid();
    os::write_all(pipe.write.get(), std::to_string(::getpid()) + (is_leader ? " leads in " : " follows in "), "tell");
    std::array<char, 100> directory{};
    os::write_all(pipe.write.get(), ::getcwd(directory.data(), directory.size()), "tell");
  });
  pipe.write.reset();
  child.wait();
  std::optional<Detached> gone(std::move(child));
  gone.reset();
  const std::string told = all_of(pipe.read);
  CHECK(told.ends_with(" leads in /"));
  CHECK(std::stoi(told) != ::getpid());
}

TEST_CASE("detached work keeps the descriptors that it was told to keep, and no other") {
  Pipe kept;
  Pipe other;
  Pipe release;
  const Detached child(std::array{kept.write.get(), release.read.get()}, [&] {
    char byte = 0;
    static_cast<void>(::read(release.read.get(), &byte, 1) < 0);  // it is still alive when the test looks
  });
  kept.write.reset();
  other.write.reset();
  CHECK(all_of(other.read).empty());
  CHECK(!is_ready(kept.read.get(), 0));
}

TEST_CASE("a child keeps its descriptors until the one who made it has let go of his") {
  Pipe pipe;
  std::optional<Detached> child;
  child.emplace(std::array{pipe.write.get()}, [] {});
  pipe.write.reset();
  child->wait();
  CHECK(!is_ready(pipe.read.get(), 50));
  child.reset();
  CHECK(all_of(pipe.read).empty());
}

TEST_CASE("the failure of detached work is told with its sentence and its error") {
  Detached child({}, [] { throw os::error(EBUSY, "delete link d0"); });
  try {
    child.wait();
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EBUSY);
    CHECK(std::string(error.what()) == "delete link d0: Device or resource busy");
  }
}

TEST_CASE("a sentence that is longer than a report is cut, and still told") {
  Detached child({}, [] { throw std::runtime_error(std::string(5000, 'x')); });
  try {
    child.wait();
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()).starts_with("xxxx"));
    CHECK(error.code().value() == EIO);
  }
}

TEST_CASE("a child that is killed at its work is told from one that did it") {
  Detached child({}, [] { ::raise(SIGKILL); });
  CHECK(is_ready(child.fd(), 10000));
  CHECK_THROWS_WITH_AS(child.wait(), "a child process ended before its work did: Broken pipe", std::system_error);
}

TEST_CASE("the end of the work can be waited for beside other things") {
  Pipe pipe;
  const Detached child(std::array{pipe.read.get()}, [&] {
    char byte = 0;
    static_cast<void>(::read(pipe.read.get(), &byte, 1) < 0);
  });
  CHECK(!is_ready(child.fd(), 0));
  pipe.write.reset();
  CHECK(is_ready(child.fd(), 10000));
}
