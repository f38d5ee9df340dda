// SPDX-License-Identifier: Apache-2.0
// Deferred closing of netfilter sockets. /proc/net shows which sockets are open.
#include "lib/netlink/closing.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <doctest/doctest.h>

#include "lib/netns/netns.h"
#include "lib/os/detached.h"
#include "lib/os/file.h"
#include "tests/netns/host.h"

using namespace std::chrono_literals;
using test::Host;

namespace {

constexpr const char* kName = "footbridge/closing";

// Reads the file directly; a child process would take too much of the 100 ms.
std::string listing(const std::string& name) {
  constexpr std::size_t kMost = 1U << 20U;
  return os::read_file("/proc/thread-self/net/" + name, kMost).value();
}

bool has_closer() { return listing("unix").find(kName) != std::string::npos; }

// Does any process have a netfilter socket with that port open?
bool is_open(std::uint32_t port) {
  std::istringstream lines(listing("netlink"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string address;
    unsigned protocol = 0;
    std::uint32_t open = 0;
    if (words >> address >> protocol >> open && protocol == NETLINK_NETFILTER && open == port) return true;
  }
  return false;
}

// Does the scenario succeed at least once? On a busy machine a closer may exit before the test sees it.
bool succeeds_once(const std::function<bool()>& scenario) {
  for (int i = 0; i < 20; ++i) {
    if (scenario()) return true;
  }
  return false;
}

bool becomes_true(const std::function<bool()>& claim) {
  for (int i = 0; i < 400; ++i) {
    if (claim()) return true;
    std::this_thread::sleep_for(25ms);
  }
  return false;
}

std::uint32_t close_one(bool has_removed) {
  netlink::Socket socket(NETLINK_NETFILTER);
  const std::uint32_t port = socket.port();
  netlink::close_deferred(std::move(socket), has_removed);
  return port;
}

struct Address {
  sockaddr_un address{};
  socklen_t size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + std::string(kName).size());
  Address() {
    address.sun_family = AF_UNIX;
    std::string(kName).copy(address.sun_path + 1, sizeof address.sun_path - 1);
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

os::Fd bind_closer_name() {
  os::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const Address address;
  REQUIRE(::bind(socket.get(), address.get(), address.size) == 0);
  return socket;
}

os::Fd connect_to_closer() {
  os::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const Address address;
  if (::connect(socket.get(), address.get(), address.size) != 0)
    throw std::runtime_error("cannot connect to the closer");
  return socket;
}

void send_descriptor(const os::Fd& connection, int fd) {
  char byte = 0;
  iovec content{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  *CMSG_FIRSTHDR(&message) = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
  std::memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof fd);
  if (::sendmsg(connection.get(), &message, MSG_NOSIGNAL) != 1) throw std::runtime_error("nothing was sent");
}

}  // namespace

TEST_CASE("a socket that deleted nothing is closed at once, without a closer process") {
  const Host host;
  const std::uint32_t port = close_one(false);
  CHECK(!is_open(port));
  CHECK(!has_closer());
}

TEST_CASE("a closer keeps sockets open after one of them deleted something, and closes them after a while") {
  const Host host;
  std::array<std::uint32_t, 3> ports{};
  const auto are_kept = [&] {
    ports = {close_one(true), close_one(false), close_one(true)};
    return std::all_of(ports.begin(), ports.end(), is_open) && has_closer();
  };
  CHECK(succeeds_once(are_kept));
  CHECK(becomes_true([] { return !has_closer(); }));
  CHECK(becomes_true([&] { return std::none_of(ports.begin(), ports.end(), is_open); }));
}

TEST_CASE("each network namespace has its own closer") {
  Host host;
  host.add_netns("other");
  const netns::Netns other = netns::Netns::open("/run/netns/other").value();
  CHECK(succeeds_once([&] {
    close_one(true);
    bool is_elsewhere = true;
    {
      const netns::Entered inside(other);
      is_elsewhere = has_closer();
    }
    return has_closer() && !is_elsewhere;
  }));
}

TEST_CASE("no socket is passed to another user's process that has bound the closer's name") {
  const Host host;
  const os::Fd listening = bind_closer_name();
  os::Detached stranger(std::array{listening.get()}, [&] {
    if (::setuid(65534) != 0 || ::listen(listening.get(), 8) != 0) throw std::runtime_error("cannot change the user");
    for (int i = 0; i < 2; ++i) {
      pollfd waiting{listening.get(), POLLIN, 0};
      ::poll(&waiting, 1, 10000);
      const os::Fd connection(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
      char byte = 0;
      if (::recv(connection.get(), &byte, 1, 0) > 0) throw std::runtime_error("received a message");
    }
  });
  CHECK(becomes_true([&] {
    return host.run({"cat", "/proc/net/unix"}).find("00010000 0005 01") != std::string::npos;
  }));
  const std::uint32_t port = close_one(true);
  CHECK(!is_open(port));
  CHECK_NOTHROW(stranger.wait());
}

TEST_CASE("a call does not wait for a process that has bound the closer's name and accepts no connection") {
  const Host host;
  const os::Fd listening = bind_closer_name();
  REQUIRE(::listen(listening.get(), 0) == 0);
  const os::Fd first = connect_to_closer();  // fills the backlog: the next connect(2) blocks
  os::Detached call(std::array{-1}, [] { close_one(true); });
  pollfd waiting{call.fd(), POLLIN, 0};
  CHECK(::poll(&waiting, 1, 5000) == 1);
}

TEST_CASE("a closer takes no descriptor from another user's process") {
  const Host host;
  // The write end is closed in all processes while the closer still runs.
  CHECK(succeeds_once([] {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const os::Fd read_end(ends[0]);
    os::Fd write_end(ends[1]);
    close_one(true);
    {
      os::Detached stranger(std::array{write_end.get()}, [&] {
        if (::setuid(65534) != 0) throw std::runtime_error("cannot change the user");
        send_descriptor(connect_to_closer(), write_end.get());
      });
      pollfd sent{stranger.fd(), POLLIN, 0};
      while (::poll(&sent, 1, 20) == 0) close_one(true);  // the closer lives until the process has started
      try {
        stranger.wait();
      } catch (const std::system_error& error) {
        // The closer was gone, or it closed the connection before anything was sent.
        return std::string(error.what()).find("nothing was sent") != std::string::npos && has_closer();
      }
      write_end.reset();
    }
    pollfd waiting{read_end.get(), 0, 0};
    for (int tries = 0; tries < 50 && ::poll(&waiting, 1, 20) == 0; ++tries) close_one(true);  // it lives on
    return ::poll(&waiting, 1, 0) == 1 && has_closer();
  }));
}
