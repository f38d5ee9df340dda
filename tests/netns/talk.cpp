// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/talk.h"

#include <poll.h>

#include <array>
#include <cerrno>

#include "lib/os/error.h"

namespace test {
namespace {

constexpr int kShort = 1000;  // milliseconds; for packets that should be dropped

// Reads one request and replies. Returns the client's address.
std::optional<std::string> answer_one(const os::Fd& server, Transport transport, int timeout) {
  Peer peer;
  std::array<char, 16> buffer{};
  if (!is_ready(server, timeout, POLLIN)) return std::nullopt;
  if (transport == Transport::udp) {
    if (::recvfrom(server.get(), buffer.data(), buffer.size(), 0, peer.get(), &peer.size) < 0) return std::nullopt;
    ::sendto(server.get(), "pong", 4, 0, peer.get(), peer.size);
    return peer.address();
  }
  const os::Fd connection(::accept4(server.get(), peer.get(), &peer.size, SOCK_CLOEXEC));
  if (!connection || !is_ready(connection, timeout, POLLIN)) return std::nullopt;
  if (::recv(connection.get(), buffer.data(), buffer.size(), 0) <= 0) return std::nullopt;
  ::send(connection.get(), "pong", 4, MSG_NOSIGNAL);
  return peer.address();
}

}  // namespace

Server::Server(const std::string& netns, Transport transport, std::uint16_t port)
    : transport_(transport), fd_(listen_on(netns, transport, port)) {}

std::optional<std::string> talk(const std::string& from, const std::string& address, std::uint16_t port,
                                const Server& server, int timeout) {
  const Endpoint target(address, port);
  const os::Fd client = make_socket(from, server.transport_, target.family);
  const int connected = ::connect(client.get(), target.get(), target.size);
  if (connected != 0 && errno != EINPROGRESS) return std::nullopt;
  if (!is_ready(client, timeout, POLLOUT) || ::send(client.get(), "ping", 4, MSG_NOSIGNAL) != 4) return std::nullopt;
  auto seen = answer_one(server.fd_, server.transport_, timeout);
  std::array<char, 16> buffer{};
  if (!seen || !is_ready(client, timeout, POLLIN) || ::recv(client.get(), buffer.data(), buffer.size(), 0) != 4)
    return std::nullopt;
  return seen;
}

bool cannot_talk(const std::string& from, const std::string& address, std::uint16_t port, const Server& server) {
  return !talk(from, address, port, server, kShort);
}

UdpClient::UdpClient(const std::string& netns, const std::string& address, std::uint16_t port)
    : fd_(make_socket(netns, Transport::udp, Endpoint(address, port).family)) {
  const Endpoint target(address, port);
  if (::connect(fd_.get(), target.get(), target.size) != 0) throw os::last_error("connect");
}

void UdpClient::send() const {
  // The first send after an ICMP error sends nothing; it only returns that error.
  while (::send(fd_.get(), "ping", 4, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED) {
  }
}

bool receives(const std::string& netns, std::uint16_t port, const UdpClient& client, int timeout) {
  const os::Fd socket = listen_on(netns, Transport::udp, port);
  client.send();
  return is_ready(socket, timeout, POLLIN);
}

}  // namespace test
