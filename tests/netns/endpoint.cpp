// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <memory>

#include "lib/net/address.h"
#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace test {

Endpoint::Endpoint(const std::string& address, std::uint16_t port) {
  const net::Address parsed = net::Address::parse(address).value();
  const auto bytes = parsed.bytes();
  if (parsed.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(&v4->sin_addr));
    size = sizeof *v4;
    return;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  std::copy(bytes.begin(), bytes.end(), v6->sin6_addr.s6_addr);
  size = sizeof *v6;
  family = AF_INET6;
}

std::string Peer::address() const {
  std::string text(INET6_ADDRSTRLEN, '\0');
  const void* bytes = storage.ss_family == AF_INET
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr)
                          : &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  ::inet_ntop(storage.ss_family, bytes, text.data(), static_cast<socklen_t>(text.size()));
  return net::Address::parse(text.c_str()).value().text();
}

std::uint16_t Peer::port() const {
  // The port has the same offset in sockaddr_in and sockaddr_in6.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

namespace {

os::Fd open_socket(Transport transport, int family) {
  const int type = transport == Transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  return os::Fd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, transport == Transport::sctp ? IPPROTO_SCTP : 0));
}

}  // namespace

bool is_supported(Transport transport) { return static_cast<bool>(open_socket(transport, AF_INET)); }

os::Fd make_socket(const std::string& netns, Transport transport, int family) {
  std::unique_ptr<netns::Entered> entered;
  if (!netns.empty()) entered = std::make_unique<netns::Entered>(netns::Netns::open("/run/netns/" + netns).value());
  os::Fd fd = open_socket(transport, family);
  if (!fd) throw os::last_error("socket");
  return fd;
}

os::Fd listen_on(const std::string& netns, Transport transport, std::uint16_t port) {
  os::Fd fd = make_socket(netns, transport, AF_INET6);
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const Endpoint everywhere("::", port);
  if (::bind(fd.get(), everywhere.get(), everywhere.size) != 0) throw os::last_error("bind");
  if (transport != Transport::udp && ::listen(fd.get(), SOMAXCONN) != 0) throw os::last_error("listen");
  return fd;
}

bool is_ready(const os::Fd& fd, int timeout, short events) {
  pollfd waiting{fd.get(), events, 0};
  return ::poll(&waiting, 1, timeout) == 1;
}

}  // namespace test
