// SPDX-License-Identifier: Apache-2.0
// Many conversations at the same time. Each client sends its own number to an address; whoever hears it notes whom it saw
// and answers. So a conversation that must not come about is told from its neighbours, and all of them are waited for once.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/netns/endpoint.h"

namespace test {

struct Question {
  std::string from;  // a namespace; "": the host's
  std::string to;    // an address
  std::uint16_t port = 0;
  Transport transport = Transport::tcp;
  std::string at;           // the namespace that is meant
  std::uint16_t heard_on;   // and its port
  bool is_expected = true;  // is it waited for with patience?
  bool is_to_many = false;  // multicast, broadcast: it is enough that it is heard
};

// What became of a question.
struct Reply {
  std::string seen;             // the client's address as the one that is meant saw it; "": it heard nothing
  std::uint16_t seen_port = 0;  // and its port
  std::uint16_t client_port = 0;
  bool came_back = false;           // the client has the answer
  std::vector<std::string> strays;  // "NAMESPACE:PORT" of others that heard it
  [[nodiscard]] bool is_through(bool is_to_many) const { return !seen.empty() && (came_back || is_to_many); }
};

class Exchange {
 public:
  // Those who hear: on every address of the namespace.
  void listen(const std::string& netns, Transport transport, std::uint16_t port);
  // Those of the namespace who hear UDP hear a multicast group too, on the interface.
  void join(const std::string& netns, const std::string& interface, const std::string& group);

  // Asks all questions at once. Waits up to ten seconds for those that are expected; what is not expected has as long as
  // these, and a moment more.
  std::vector<Reply> ask(const std::vector<Question>& questions);

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
  void begin(const Question& question, std::size_t number);
  void step(int patience);
  void hear(const Listener& listener);
  void read(Connection& connection);
  void note(const Listener& listener, const Peer& peer, const std::string& number);
  void go_on(std::size_t number, short events);
  [[nodiscard]] bool is_complete() const;

  std::list<Listener> listeners_;
  std::list<Connection> connections_;
  const std::vector<Question>* questions_ = nullptr;
  std::vector<Client> clients_;
  std::vector<Reply> replies_;
};

}  // namespace test
