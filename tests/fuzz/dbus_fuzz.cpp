// SPDX-License-Identifier: Apache-2.0
// Messages of the system bus: first a head, then the message of the size in the head.
#include <stdexcept>

#include "lib/dbus/message.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string message = input.rest_as_text();
  try {
    const std::size_t size_in_head = dbus::size_of(message.substr(0, dbus::kHeadSize));
    fuzz::require(size_in_head >= dbus::kHeadSize && size_in_head <= dbus::kLargestMessage,
                  "the size of a message is within its limits");
    dbus::parse_reply(message.substr(0, size_in_head));
  } catch (const std::invalid_argument&) {  // a malformed message
  }
  return 0;
}
