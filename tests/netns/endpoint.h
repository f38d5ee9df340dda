// SPDX-License-Identifier: Apache-2.0
// Sockets in the namespaces of a test, by address and port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "lib/os/fd.h"

namespace test {

enum class Transport : std::uint8_t { tcp, udp, sctp };

// An address and port as a sockaddr. An IPv4 address has family AF_INET: it is never IPv4-mapped, so hosts without IPv6
// work.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_INET;

  Endpoint(const std::string& address, std::uint16_t port);
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// The address that accept(2), recvfrom(2) and getsockname(2) fill in.
struct Peer {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] std::string address() const;  // an IPv4-mapped address as IPv4
  [[nodiscard]] std::uint16_t port() const;
};

// Does this kernel have sockets of that kind?
bool is_supported(Transport transport);

// A non-blocking socket in the namespace ("": this host's). `family`: AF_INET or AF_INET6.
os::Fd make_socket(const std::string& netns, Transport transport, int family);

// A socket that listens on the port on all addresses of the namespace, IPv4 and IPv6.
os::Fd listen_on(const std::string& netns, Transport transport, std::uint16_t port);

// Does one of the events (poll(2)) occur within `timeout` milliseconds?
bool is_ready(const os::Fd& fd, int timeout, short events);

}  // namespace test
