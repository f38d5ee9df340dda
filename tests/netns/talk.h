// SPDX-License-Identifier: Apache-2.0
// Real traffic between the namespaces of a test: one request and one answer, and what the server saw of the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/os/fd.h"
#include "tests/netns/endpoint.h"

namespace test {

// A socket that serves on a port of every address of a namespace ("": this host's), IPv4 and IPv6.
class Server {
 public:
  Server(const std::string& netns, Transport transport, std::uint16_t port);

 private:
  friend std::optional<std::string> talk(const std::string&, const std::string&, std::uint16_t, const Server&, int);
  Transport transport_;
  os::Fd fd_;
};

// Sends from the namespace to the address and port, and has `server` answer. The client's address as the server saw it;
// nullopt when nothing came through within `patience` milliseconds, or when no answer came back.
std::optional<std::string> talk(const std::string& from, const std::string& address, std::uint16_t port,
                                const Server& server, int patience = 10000);

// Does nothing come through? Less patient: what is dropped is waited for in vain.
bool cannot_talk(const std::string& from, const std::string& address, std::uint16_t port, const Server& server);

// A UDP socket that goes on sending from one port, as a client does that does not know of containers.
class UdpClient {
 public:
  UdpClient(const std::string& netns, const std::string& address, std::uint16_t port);
  void send() const;

 private:
  os::Fd fd_;
};

// Does the client's next datagram come to that port of the namespace within `patience` milliseconds?
bool hears(const std::string& netns, std::uint16_t port, const UdpClient& client, int patience = 10000);

}  // namespace test
