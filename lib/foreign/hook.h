// SPDX-License-Identifier: Apache-2.0
// The chains of other tables that forwarded packets pass. A packet that one of them drops is gone, whatever others say of it.
#pragma once

#include <vector>

#include "lib/foreign/rule.h"
#include "lib/netlink/socket.h"

namespace foreign {

struct ForwardChain {
  Chain chain;
  bool drops_the_rest = false;  // the policy: what no rule decides is dropped
  friend bool operator==(const ForwardChain&, const ForwardChain&) = default;
};

// The base chains at the forward hook in tables of the families ip, ip6 and inet; ours are not among them.
std::vector<ForwardChain> list_forward_chains(netlink::Socket& socket);

}  // namespace foreign
