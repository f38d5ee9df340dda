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

// Reads until the other end is closed, for at most ten seconds.
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

TEST_CASE("detached work runs in another process, in / and with its own session") {
  Pipe pipe;
  Detached child(std::array{pipe.write.get()}, [&] {
    const bool is_leader = ::getsid(0) == ::getpid();
    os::write_all(pipe.write.get(), std::to_string(::getpid()) + (is_leader ? " leads in " : " follows in "), "write");
    std::array<char, 100> directory{};
    os::write_all(pipe.write.get(), ::getcwd(directory.data(), directory.size()), "write");
  });
  pipe.write.reset();
  child.wait();
  std::optional<Detached> gone(std::move(child));
  gone.reset();
  const std::string text = all_of(pipe.read);
  CHECK(text.ends_with(" leads in /"));
  CHECK(std::stoi(text) != ::getpid());
}

TEST_CASE("detached work keeps the given descriptors and no other") {
  Pipe kept;
  Pipe other;
  Pipe release;
  const Detached child(std::array{kept.write.get(), release.read.get()}, [&] {
    char byte = 0;
    static_cast<void>(::read(release.read.get(), &byte, 1) < 0);  // it lives until the test has checked
  });
  kept.write.reset();
  other.write.reset();
  CHECK(all_of(other.read).empty());
  CHECK(!is_ready(kept.read.get(), 0));
}

TEST_CASE("a child keeps its descriptors until its parent has closed its own") {
  Pipe pipe;
  std::optional<Detached> child;
  child.emplace(std::array{pipe.write.get()}, [] {});
  pipe.write.reset();
  child->wait();
  CHECK(!is_ready(pipe.read.get(), 50));
  child.reset();
  CHECK(all_of(pipe.read).empty());
}

TEST_CASE("an error of detached work is reported with its text and its errno") {
  Detached child({}, [] { throw os::error(EBUSY, "delete link d0"); });
  try {
    child.wait();
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EBUSY);
    CHECK(std::string(error.what()) == "delete link d0: Device or resource busy");
  }
}

TEST_CASE("an error text that is too long is cut and reported") {
  Detached child({}, [] { throw std::runtime_error(std::string(5000, 'x')); });
  try {
    child.wait();
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()).starts_with("xxxx"));
    CHECK(error.code().value() == EIO);
  }
}

TEST_CASE("a child that is killed during its work is an error") {
  Detached child({}, [] { ::raise(SIGKILL); });
  CHECK(is_ready(child.fd(), 10000));
  CHECK_THROWS_WITH_AS(child.wait(), "a child process ended before its work did: Broken pipe", std::system_error);
}

TEST_CASE("poll(2) can wait for the end of the work") {
  Pipe pipe;
  const Detached child(std::array{pipe.read.get()}, [&] {
    char byte = 0;
    static_cast<void>(::read(pipe.read.get(), &byte, 1) < 0);
  });
  CHECK(!is_ready(child.fd(), 0));
  pipe.write.reset();
  CHECK(is_ready(child.fd(), 10000));
}
