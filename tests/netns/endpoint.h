// SPDX-License-Identifier: Apache-2.0
// Sockets in the namespaces of a test, by address and port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "lib/os/fd.h"

namespace test {

enum class Transport : std::uint8_t { tcp, udp };

// An address and port as the kernel takes them. IPv4 addresses are of their own family: a socket of that family is refused
// nothing that IPv6 would.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_INET;

  Endpoint(const std::string& address, std::uint16_t port);
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// What accept(2), recvfrom(2) and getsockname(2) fill in.
struct Peer {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] std::string address() const;  // an IPv4-mapped one as IPv4
  [[nodiscard]] std::uint16_t port() const;
};

// A socket of the namespace ("": this host's) that never blocks. AF_INET or AF_INET6.
os::Fd make_socket(const std::string& netns, Transport transport, int family);

// One that serves on the port of every address of the namespace, IPv4 and IPv6.
os::Fd listen_on(const std::string& netns, Transport transport, std::uint16_t port);

// Is there one of the events (poll(2)) within `patience` milliseconds?
bool is_ready(const os::Fd& fd, int patience, short events);

}  // namespace test
