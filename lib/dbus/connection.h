// SPDX-License-Identifier: Apache-2.0
// A connection to the system's message bus, for a few consecutive calls (D-Bus specification, "Authentication
// Protocol" and "Message Bus"). Debian's static libdbus needs a static libsystemd, which does not exist.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/dbus/message.h"
#include "lib/os/fd.h"

namespace dbus {

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  // The bus of DBUS_SYSTEM_BUS_ADDRESS, or /run/dbus/system_bus_socket. nullopt if nothing listens there. Throws
  // std::system_error if the bus rejects us or does not respond within two seconds (ETIMEDOUT).
  static std::optional<Connection> open();

  // Sends a call and waits at most 25 seconds for its reply, as other clients do; then throws std::system_error
  // (ETIMEDOUT).
  Reply call(const Call& call);

  // Does the name have an owner on the bus? No service is started.
  bool has_owner(const std::string& name);

 private:
  explicit Connection(os::Fd socket) : socket_(std::move(socket)) {}
  void authenticate(Clock::time_point deadline);
  Reply exchange(const Call& call, Clock::time_point deadline);
  void send(std::string_view bytes, Clock::time_point deadline);
  std::string receive(std::size_t size, Clock::time_point deadline);
  std::string receive_line(Clock::time_point deadline);
  void wait(short events, Clock::time_point deadline) const;

  os::Fd socket_;
  std::uint32_t serial_ = 0;
};

}  // namespace dbus
