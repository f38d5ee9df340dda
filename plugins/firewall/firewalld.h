// SPDX-License-Identifier: Apache-2.0
// firewalld, which drops what comes from no zone that it knows: it is told of the container's addresses over D-Bus
// (firewalld.dbus(5)). What it is told is gone when it is reloaded.
#pragma once

#include <optional>
#include <string>

#include "lib/dbus/connection.h"
#include "lib/net/address.h"
#include "plugins/firewall/config.h"

namespace firewall {

class Firewalld {
 public:
  // The one that runs; nullopt when none does, when there is no bus, and for the backend iptables, which takes no look. A
  // bus that does not answer is a warning, and for the backend firewalld an error (std::system_error).
  static std::optional<Firewalld> find(Backend backend);

  // Binds the address to the zone; success when it is already. Throws cni::Error with firewalld's words.
  void add_source(const std::string& zone, const net::Address& address);

  // Is it bound to that zone?
  bool has_source(const std::string& zone, const net::Address& address);

  // Success when it is not there, or the zone is gone.
  void remove_source(const std::string& zone, const net::Address& address);

 private:
  explicit Firewalld(dbus::Connection connection) : connection_(std::move(connection)) {}
  dbus::Reply call(const std::string& method, const std::string& zone, const net::Address& address);
  dbus::Connection connection_;
};

}  // namespace firewall
