// SPDX-License-Identifier: Apache-2.0
// Messages of D-Bus, byte by byte, and what a hostile bus could send.
#include "lib/dbus/message.h"

#include <cstring>
#include <stdexcept>

#include <doctest/doctest.h>

using dbus::Reply;

namespace {

std::string word(std::uint32_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 7) / 8 * 8);
  return bytes;
}

std::string text(const std::string& value) { return word(static_cast<std::uint32_t>(value.size())) + value + '\0'; }

// REPLY_SERIAL 7, and more fields.
std::string message(char type, const std::string& more_fields, const std::string& body) {
  const std::string fields = std::string("\5\1u\0", 4) + word(7) + more_fields;
  return padded(std::string{'l', type, 1, 1} + word(static_cast<std::uint32_t>(body.size())) + word(1) +
                word(static_cast<std::uint32_t>(fields.size())) + fields) +
         body;
}

std::string signature(char type) { return {8, 1, 'g', 0, 1, type, 0, 0}; }
std::string error_name(const std::string& name) { return padded(std::string("\4\1s\0", 4) + text(name)); }

}  // namespace

TEST_CASE("a call has its fields at multiples of eight bytes, and its arguments behind them") {
  const std::string bytes = dbus::encode({"org.x", "/org/x", "org.x.zone", "addSource", {"trusted", "10.1.0.2/32"}}, 3);
  CHECK(dbus::size_of(bytes) == bytes.size());
  CHECK(bytes.substr(0, 4) == std::string("l\1\0\1", 4));
  CHECK(bytes.substr(8, 4) == word(3));
  CHECK(bytes.ends_with(text("trusted") + text("10.1.0.2/32")));
  CHECK(bytes.find(std::string("\10\1g\0\2ss\0", 8)) != std::string::npos);
}

TEST_CASE("a reply with a text, with a boolean, with nothing") {
  CHECK(dbus::parse_reply(message(2, signature('s'), text("trusted"))) == Reply{7, "", "trusted", false});
  CHECK(dbus::parse_reply(message(2, signature('b'), word(1))) == Reply{7, "", "", true});
  CHECK(dbus::parse_reply(message(2, "", "")) == Reply{7, "", "", false});
}

TEST_CASE("an error has a name and says why") {
  const std::string bytes = message(3, error_name("org.x.Exception") + signature('s'), text("ZONE_ALREADY_SET: x"));
  CHECK(dbus::parse_reply(bytes) == Reply{7, "org.x.Exception", "ZONE_ALREADY_SET: x", false});
  CHECK(dbus::parse_reply(message(3, "", ""))->error == "unnamed error");
}

TEST_CASE("signals and calls are no replies") {
  CHECK(!dbus::parse_reply(message(4, "", "")));
  CHECK(!dbus::parse_reply(message(1, "", "")));
}

TEST_CASE("what is malformed is refused, wherever it is cut off or changed") {
  const std::string whole = message(3, error_name("org.x.Exception") + signature('s'), text("no"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_THROWS_AS(dbus::parse_reply(whole.substr(0, size)), std::invalid_argument);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\1', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[at] = byte;
      try {
        dbus::parse_reply(changed);
      } catch (const std::invalid_argument&) {
        continue;  // anything else, and reading beyond the end, would be a defect
      }
    }
  }
}

TEST_CASE("a text that is longer than its message is refused") {
  CHECK_THROWS_AS(dbus::parse_reply(message(2, signature('s'), word(0xffffffffU) + "x")), std::invalid_argument);
  CHECK_THROWS_AS(dbus::parse_reply(message(2, signature('s'), word(3) + "abcd")), std::invalid_argument);
}

TEST_CASE("a larger message than any that is awaited is refused by its head") {
  std::string head = message(2, "", "").substr(0, dbus::kHeadSize);
  CHECK(dbus::size_of(head) == 24);
  head.replace(4, 4, word(1U << 20U));
  CHECK_THROWS_AS(dbus::size_of(head), std::invalid_argument);
  head.replace(4, 4, word(0xfffffff8U));
  CHECK_THROWS_AS(dbus::size_of(head), std::invalid_argument);
}
