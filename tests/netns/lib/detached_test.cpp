// SPDX-License-Identifier: Apache-2.0
// Links are deleted by a child process, and by the call itself if the child cannot. Each test runs in its own process,
// with blocked system calls.
#include "lib/os/detached.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include <doctest/doctest.h>

#include "lib/os/error.h"
#include "lib/os/fd.h"
#include "lib/plan/kernel.h"
#include "tests/netns/lib/forbidden.h"
#include "tests/netns/lib/network.h"

using test::forbid;
using test::Host;

namespace {

plan::Plan deletion_of_d0() {
  plan::Plan plan;
  plan.host(netlink::DeleteLink{net::IfName("d0")});
  return plan;
}

// Is the pipe's write end closed in all processes? The child, which must not have it, still runs.
bool is_closed(const os::Fd& read_end) {
  pollfd waiting{read_end.get(), 0, 0};
  return ::poll(&waiting, 1, 5000) == 1;
}

std::array<os::Fd, 2> make_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {os::Fd(ends[0]), os::Fd(ends[1])};
}

}  // namespace

TEST_CASE("the call itself deletes a link if it cannot fork") {
  const Host host;
  test::add_link(host, "d0");
  os::Detached call({}, [] {
    for (const int number : {SYS_clone, SYS_clone3, SYS_fork, SYS_vfork}) forbid(number, SECCOMP_RET_ERRNO | EAGAIN);
    plan::Kernel().apply(deletion_of_d0());
  });
  CHECK_NOTHROW(call.wait());
  CHECK(host.run({"ip", "-o", "link"}).find("d0") == std::string::npos);
}

TEST_CASE("the call itself deletes a link if it has no descriptor left") {
  const Host host;
  test::add_link(host, "d0");
  os::Detached call({}, [] {
    plan::Kernel kernel;
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_NOFILE, &none) != 0) throw os::last_error("setrlimit");
    kernel.apply(deletion_of_d0());
  });
  CHECK_NOTHROW(call.wait());
  CHECK(host.run({"ip", "-o", "link"}).find("d0") == std::string::npos);
}

TEST_CASE("the call itself deletes a link if its child is killed first") {
  const Host host;
  test::add_link(host, "d0");
  os::Detached call({}, [] {
    forbid(SYS_setsid, SECCOMP_RET_KILL_PROCESS);  // only the child calls it
    plan::Kernel().apply(deletion_of_d0());
  });
  CHECK_NOTHROW(call.wait());
  CHECK(host.run({"ip", "-o", "link"}).find("d0") == std::string::npos);
}

TEST_CASE("a child closes its caller's descriptors even if close_range(2) is missing or blocked") {
  for (const int error : {ENOSYS, EPERM}) {
    std::array<os::Fd, 2> release = make_pipe();
    std::array<os::Fd, 2> watched = make_pipe();
    os::Detached call(std::array{release[0].get(), watched[0].get(), watched[1].get()}, [&] {
      forbid(SYS_close_range, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
      const os::Detached child(std::array{release[0].get()}, [&] {
        char byte = 0;
        static_cast<void>(::read(release[0].get(), &byte, 1) < 0);
      });
      watched[1].reset();
      if (!is_closed(watched[0])) throw std::runtime_error("the child has the write end open");
    });
    watched[1].reset();
    CHECK_NOTHROW(call.wait());
    release[1].reset();
  }
}
