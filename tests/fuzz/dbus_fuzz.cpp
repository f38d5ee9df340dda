// SPDX-License-Identifier: Apache-2.0
// What comes over the system's message bus: first a head, then the message whose size it tells.
#include <stdexcept>

#include "lib/dbus/message.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string message = input.rest_as_text();
  try {
    const std::size_t told = dbus::size_of(message.substr(0, dbus::kHeadSize));
    fuzz::require(told >= dbus::kHeadSize && told <= dbus::kLargestMessage, "a message has a size that can be read");
    dbus::parse_reply(message.substr(0, told));
  } catch (const std::invalid_argument&) {  // a malformed one
  }
  return 0;
}
