// SPDX-License-Identifier: Apache-2.0
// D-Bus messages, as far as method calls need them (D-Bus specification, "Message Protocol"): calls with string
// arguments, and replies whose first value is a string or a boolean. Data from the bus is untrusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dbus {

struct Call {
  std::string destination;  // a bus name; none of these contains a NUL
  std::string path;
  std::string interface;
  std::string member;
  std::vector<std::string> arguments = {};
};

struct Reply {
  std::uint32_t serial = 0;  // of the call
  std::string error = {};    // the error's name; "" for success
  std::string text = {};     // the first value if it is a string; the message of an error
  bool flag = false;         // the first value if it is a boolean
  friend bool operator==(const Reply&, const Reply&) = default;
};

// The bytes of a call in native byte order. serial: not 0.
std::string encode(const Call& call, std::uint32_t serial);

// The size of the fixed beginning of a message, which contains the size of the rest.
inline constexpr std::size_t kHeadSize = 16;
inline constexpr std::size_t kLargestMessage = 65536;

// The size of the message with this beginning. Throws std::invalid_argument if it is not a message in native byte
// order or is larger than kLargestMessage.
std::size_t size_of(std::string_view head);

// nullopt for other messages (signals, calls). Throws std::invalid_argument for a malformed message.
std::optional<Reply> parse_reply(std::string_view message);

}  // namespace dbus
