// SPDX-License-Identifier: Apache-2.0
// Many requests at the same time. Each client sends its own number; the server that receives the number records the
// client's address and replies. The numbers tie each packet to its request, so one timeout serves all of them.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/netns/endpoint.h"

namespace test {

// A request to send.
struct Probe {
  std::string from;  // a namespace; "": the host's
  std::string to;    // an address
  std::uint16_t port = 0;
  Transport transport = Transport::tcp;
  std::string server_netns;   // the namespace of the intended server
  std::uint16_t server_port;  // and its port
  bool is_expected = true;    // should a reply come? If so, it may take the full timeout
  bool is_to_many = false;    // multicast or broadcast: it only has to arrive
};

// The outcome of a request.
struct Reply {
  std::string seen;             // the client's address as the intended server saw it; "": nothing arrived
  std::uint16_t seen_port = 0;  // and its port
  std::uint16_t client_port = 0;
  bool is_answered = false;         // the client received the reply
  std::vector<std::string> strays;  // "NAMESPACE:PORT" of other servers that received it
  [[nodiscard]] bool is_through(bool is_to_many) const { return !seen.empty() && (is_answered || is_to_many); }
};

class Exchange {
 public:
  // Starts a server on all addresses of the namespace.
  void listen(const std::string& netns, Transport transport, std::uint16_t port);
  // Makes the namespace's UDP servers join a multicast group on the interface.
  void join(const std::string& netns, const std::string& interface, const std::string& group);

  // Sends all requests at once. Waits up to ten seconds for the expected replies, then 300 ms more if some requests
  // should get none.
  std::vector<Reply> run(const std::vector<Probe>& probes);

 private:
  struct Listener {
    std::string netns;
    std::uint16_t port;
    Transport transport;
    os::Fd fd;
  };
  struct Connection {
    const Listener* listener;
    Peer peer;
    os::Fd fd;
  };
  struct Client {
    os::Fd fd;
    bool is_sent = false;
    bool is_over = false;
  };
  void begin(const Probe& probe, std::size_t number);
  void step(int timeout);
  void receive(const Listener& listener);
  void read(Connection& connection);
  void record(const Listener& listener, const Peer& peer, const std::string& number);
  void continue_client(std::size_t number, short events);
  [[nodiscard]] bool is_complete() const;

  std::list<Listener> listeners_;
  std::list<Connection> connections_;
  const std::vector<Probe>* probes_ = nullptr;
  std::vector<Client> clients_;
  std::vector<Reply> replies_;
};

}  // namespace test
