// SPDX-License-Identifier: Apache-2.0
// Dummy links, which drop packets sent through them (ip-link(8)). They have no attributes of their own.
#pragma once

#include <string>

#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

struct Dummy {
  static constexpr const char* kName = "dummy";
  static constexpr bool kHasOwnMac = true;
};

void put_data(Message& message, const Dummy& dummy, const NewLink& link);
std::string text(const Dummy& dummy, const NewLink& link);
std::string failure(const Dummy& dummy, const NewLink& link);

}  // namespace netlink
