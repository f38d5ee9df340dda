// SPDX-License-Identifier: Apache-2.0
// Traffic between the namespaces of a test: one request, one reply, and the client's address as the server sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/os/fd.h"
#include "tests/netns/endpoint.h"

namespace test {

// A socket that listens on a port on all addresses of a namespace ("": this host's), IPv4 and IPv6.
class Server {
 public:
  Server(const std::string& netns, Transport transport, std::uint16_t port);

 private:
  friend std::optional<std::string> talk(const std::string&, const std::string&, std::uint16_t, const Server&, int);
  Transport transport_;
  os::Fd fd_;
};

// Sends a request from the namespace to the address and port; `server` replies. Returns the client's address as the
// server saw it; nullopt if the request or the reply does not arrive within `timeout` milliseconds.
std::optional<std::string> talk(const std::string& from, const std::string& address, std::uint16_t port,
                                const Server& server, int timeout = 10000);

// Does the request fail? The timeout is short, because dropped packets always use all of it.
bool cannot_talk(const std::string& from, const std::string& address, std::uint16_t port, const Server& server);

// A UDP client that keeps sending from one source port, even after the container behind the address was replaced.
class UdpClient {
 public:
  UdpClient(const std::string& netns, const std::string& address, std::uint16_t port);
  void send() const;

 private:
  os::Fd fd_;
};

// Does the client's next datagram arrive at that port of the namespace within `timeout` milliseconds?
bool receives(const std::string& netns, std::uint16_t port, const UdpClient& client, int timeout = 10000);

}  // namespace test
