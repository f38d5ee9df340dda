#include "tests/netns/talk.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

#include "lib/net/address.h"
#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace test {
namespace {

constexpr int kShort = 1000;  // milliseconds: for what is to be dropped

std::unique_ptr<netns::Entered> enter(const std::string& netns) {
  if (netns.empty()) return nullptr;
  return std::make_unique<netns::Entered>(netns::Netns::open("/run/netns/" + netns).value());
}

os::Fd make_socket(const std::string& netns, Transport transport, int family) {
  const auto entered = enter(netns);
  os::Fd fd(
      ::socket(family, (transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw os::last_error("socket");
  return fd;
}

// IPv4 addresses as themselves: a socket of their family is refused nothing that IPv6 would.
struct Target {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_INET;
};

Target target_of(const std::string& text, std::uint16_t port) {
  const net::Address address = net::Address::parse(text).value();
  Target target;
  if (address.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&target.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::copy(address.bytes().begin(), address.bytes().end(), reinterpret_cast<std::uint8_t*>(&v4->sin_addr));
    target.size = sizeof *v4;
    return target;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&target.storage);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  std::copy(address.bytes().begin(), address.bytes().end(), v6->sin6_addr.s6_addr);
  target.size = sizeof *v6;
  target.family = AF_INET6;
  return target;
}

bool is_ready(const os::Fd& fd, int patience, short events = POLLIN) {
  pollfd waiting{fd.get(), events, 0};
  return ::poll(&waiting, 1, patience) == 1;
}

std::string text_of(const sockaddr_in6& peer) {
  return net::Address::parse([&] {
           std::array<char, INET6_ADDRSTRLEN> buffer{};
           ::inet_ntop(AF_INET6, &peer.sin6_addr, buffer.data(), buffer.size());
           return std::string(buffer.data());
         }())
      .value()
      .text();
}

// Reads the request from the peer and answers it; the peer's address.
std::optional<std::string> answer_one(const os::Fd& server, Transport transport, int patience) {
  sockaddr_in6 peer{};
  socklen_t size = sizeof peer;
  std::array<char, 16> buffer{};
  if (!is_ready(server, patience)) return std::nullopt;
  if (transport == Transport::udp) {
    if (::recvfrom(server.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size) < 0) {
      return std::nullopt;
    }
    ::sendto(server.get(), "pong", 4, 0, reinterpret_cast<sockaddr*>(&peer), size);
    return text_of(peer);
  }
  const os::Fd connection(::accept4(server.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
  if (!connection || !is_ready(connection, patience)) return std::nullopt;
  if (::recv(connection.get(), buffer.data(), buffer.size(), 0) <= 0) return std::nullopt;
  ::send(connection.get(), "pong", 4, MSG_NOSIGNAL);
  return text_of(peer);
}

}  // namespace

Server::Server(const std::string& netns, Transport transport, std::uint16_t port)
    : transport_(transport), fd_(make_socket(netns, transport, AF_INET6)) {
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const Target target = target_of("::", port);
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&target.storage), target.size) != 0) {
    throw os::last_error("bind");
  }
  if (transport == Transport::tcp && ::listen(fd_.get(), 16) != 0) throw os::last_error("listen");
}

std::optional<std::string> talk(const std::string& from, const std::string& address, std::uint16_t port,
                                const Server& server, int patience) {
  const Target target = target_of(address, port);
  const os::Fd client = make_socket(from, server.transport_, target.family);
  const int connected = ::connect(client.get(), reinterpret_cast<const sockaddr*>(&target.storage), target.size);
  if (connected != 0 && errno != EINPROGRESS) return std::nullopt;
  if (!is_ready(client, patience, POLLOUT) || ::send(client.get(), "ping", 4, MSG_NOSIGNAL) != 4) return std::nullopt;
  auto seen = answer_one(server.fd_, server.transport_, patience);
  std::array<char, 16> buffer{};
  if (!seen || !is_ready(client, patience) || ::recv(client.get(), buffer.data(), buffer.size(), 0) != 4)
    return std::nullopt;
  return seen;
}

bool cannot_talk(const std::string& from, const std::string& address, std::uint16_t port, const Server& server) {
  return !talk(from, address, port, server, kShort);
}

UdpClient::UdpClient(const std::string& netns, const std::string& address, std::uint16_t port)
    : fd_(make_socket(netns, Transport::udp, target_of(address, port).family)) {
  const Target target = target_of(address, port);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&target.storage), target.size) != 0) {
    throw os::last_error("connect");
  }
}

void UdpClient::send() const {
  // The first send after a refusal only tells of it.
  while (::send(fd_.get(), "ping", 4, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED) {
  }
}

bool hears(const std::string& netns, std::uint16_t port, const UdpClient& client, int patience) {
  const os::Fd socket = make_socket(netns, Transport::udp, AF_INET);
  const Target target = target_of("0.0.0.0", port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&target.storage), target.size) != 0) {
    throw os::last_error("bind");
  }
  client.send();
  return is_ready(socket, patience);
}

}  // namespace test
