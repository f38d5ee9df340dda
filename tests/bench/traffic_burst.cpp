// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/traffic_burst.h"

#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>

#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace traffic {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPart = 1024;     // connections; a quarter of a server's backlog (SOMAXCONN)
constexpr int kTimeout = 5000;  // milliseconds
constexpr int kTimeoutForLast = 100;
constexpr std::size_t kFirstSourcePort = 20000;
constexpr std::size_t kSourcePorts = 40000;

void reset_at_close(int fd) {
  const linger reset{1, 0};
  if (::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0) throw os::last_error("SO_LINGER");
}

// The kernel's search for a source port costs more the more destinations there are; it would look like a cost of the
// rules.
void bind_to(int fd, test::Endpoint source, std::uint16_t port) {
  reinterpret_cast<sockaddr_in*>(&source.storage)->sin_port = htons(port);
  if (::bind(fd, source.get(), source.size) != 0) throw os::last_error("bind");
}

void wait_for_connection(int fd) {
  pollfd waiting{fd, POLLOUT, 0};
  const int ready = ::poll(&waiting, 1, kTimeout);
  if (ready == 1 && (waiting.revents & (POLLERR | POLLHUP)) == 0) return;
  int error = ETIMEDOUT;
  socklen_t size = sizeof error;
  if (ready == 1) ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  throw os::error(error, "connect");
}

void connect_once(const Traffic& traffic, std::size_t number) {
  const test::Endpoint& destination = traffic.destinations[number % traffic.destinations.size()];
  const os::Fd client(::socket(destination.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!client) throw os::last_error("socket");
  reset_at_close(client.get());
  const auto port = static_cast<std::uint16_t>(kFirstSourcePort + number % kSourcePorts);
  bind_to(client.get(), traffic.sources[number % traffic.sources.size()], port);
  if (::connect(client.get(), destination.get(), destination.size) != 0 && errno != EINPROGRESS) {
    throw os::last_error("connect");
  }
  wait_for_connection(client.get());
}

// Pins the calling thread to its processor. If it moved to another one, later packets could overtake earlier ones, and
// a reset before the end of the handshake would lose a connection.
class Pinned {
 public:
  Pinned() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &here);
    if (::sched_getaffinity(0, sizeof before_, &before_) != 0 || ::sched_setaffinity(0, sizeof here, &here) != 0) {
      throw os::last_error("sched_setaffinity");
    }
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { ::sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_{};
};

// Accepts the arrived connections; returns their number.
int accept_arrived(const Traffic& traffic) {
  int count = 0;
  for (const os::Fd* server : traffic.servers) {
    for (;; ++count) {
      test::Peer peer;
      const os::Fd accepted(::accept4(server->get(), peer.get(), &peer.size, SOCK_CLOEXEC));
      if (!accepted && errno == EAGAIN) break;
      if (!accepted) throw os::last_error("accept");
      if (!traffic.seen_as.empty() && peer.address() != traffic.seen_as) {
        throw std::runtime_error("a client is seen as " + peer.address() + ", expected " + traffic.seen_as);
      }
    }
  }
  return count;
}

// Accepts that many connections; a busy kernel may deliver the last ones late. It may also drop a packet: if the end of
// the handshake is lost, the reset after it leaves no connection. So one in a hundred may be missing. Throws if more
// are missing.
void accept_all(const Traffic& traffic, int connections) {
  const int enough = connections - connections / 100;
  std::vector<pollfd> waiting;
  for (const os::Fd* server : traffic.servers) waiting.push_back({server->get(), POLLIN, 0});
  int arrived = accept_arrived(traffic);
  for (; arrived != connections; arrived += accept_arrived(traffic)) {
    const int timeout = arrived < enough ? kTimeout : kTimeoutForLast;
    if (::poll(waiting.data(), waiting.size(), timeout) == 0) break;
  }
  if (arrived >= enough) return;
  throw std::runtime_error(std::to_string(arrived) + " of " + std::to_string(connections) + " connections arrived");
}

}  // namespace

double connections_per_second(const Traffic& traffic, int connections) {
  const auto home = std::make_unique<netns::Entered>(netns::Netns::open("/run/netns/" + traffic.netns).value());
  const Pinned pinned;
  Clock::duration spent{};
  std::size_t number = 0;
  for (int left = connections; left > 0; left -= kPart) {
    const auto begin = Clock::now();
    const int part = std::min(left, kPart);
    for (int i = 0; i < part; ++i) connect_once(traffic, number++);
    spent += Clock::now() - begin;
    accept_all(traffic, part);
  }
  return connections / std::chrono::duration<double>(spent).count();
}

}  // namespace traffic
