// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/dummy.h"

#include "lib/netlink/kind/new_link.h"

namespace netlink {

void put_data(Message& /*message*/, const Dummy& /*dummy*/, const NewLink& /*link*/) {}

std::string text(const Dummy& /*dummy*/, const NewLink& /*link*/) { return {}; }

std::string failure(const Dummy& /*dummy*/, const NewLink& /*link*/) { return "failed to create dummy"; }

}  // namespace netlink
