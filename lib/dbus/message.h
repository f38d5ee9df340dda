// SPDX-License-Identifier: Apache-2.0
// Messages of D-Bus, as few kinds as a caller of methods needs (D-Bus specification, "Message Protocol"): calls with texts as
// arguments, and replies whose first value is a text or a boolean. What comes from the bus is not trusted.
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
  std::string destination;  // the name on the bus, as the next without a NUL
  std::string path;
  std::string interface;
  std::string member;
  std::vector<std::string> arguments = {};
};

struct Reply {
  std::uint32_t serial = 0;  // of the call that it answers
  std::string error = {};    // the error's name; "" for success
  std::string text = {};     // the first value when it is a text: of an error its message
  bool flag = false;         // the first value when it is a boolean
  friend bool operator==(const Reply&, const Reply&) = default;
};

// The bytes of a call in this machine's order. serial: any number but 0.
std::string encode(const Call& call, std::uint32_t serial);

// What comes first of every message; then its whole size is known.
inline constexpr std::size_t kHeadSize = 16;
inline constexpr std::size_t kLargestMessage = 65536;

// The size of the message that begins so. Throws std::invalid_argument for what is no message in this machine's order,
// or a larger one than kLargestMessage.
std::size_t size_of(std::string_view head);

// nullopt for a message that is no reply: a signal, a call. Throws std::invalid_argument for a malformed one.
std::optional<Reply> parse_reply(std::string_view message);

}  // namespace dbus
