// SPDX-License-Identifier: Apache-2.0
// A client of firewalld, which drops packets from sources in no zone. It is given the containers' addresses over D-Bus
// (firewalld.dbus(5)). A reload of firewalld deletes them.
#pragma once

#include <optional>
#include <string>

#include "lib/dbus/connection.h"
#include "lib/net/address.h"
#include "plugins/firewall/config.h"

namespace firewall {

class Firewalld {
 public:
  // The running firewalld. nullopt if it does not run, if there is no bus, or for the backend iptables, which does not
  // query it. A bus that does not respond is a warning, and for the backend firewalld an error (std::system_error).
  static std::optional<Firewalld> find(Backend backend);

  // Adds the address to the zone. Succeeds if the zone already has it. Throws cni::Error with firewalld's message.
  void add_source(const std::string& zone, const net::Address& address);

  // Does the zone have the address?
  bool has_source(const std::string& zone, const net::Address& address);

  // Removes the address from the zone. Succeeds if the zone or the address does not exist.
  void remove_source(const std::string& zone, const net::Address& address);

 private:
  explicit Firewalld(dbus::Connection connection) : connection_(std::move(connection)) {}
  dbus::Reply call(const std::string& method, const std::string& zone, const net::Address& address);
  dbus::Connection connection_;
};

}  // namespace firewall
