// SPDX-License-Identifier: Apache-2.0
// Foreign chains that forwarded packets pass. If one of them drops a packet, no other chain can accept it.
#pragma once

#include <vector>

#include "lib/foreign/rule.h"
#include "lib/netlink/socket.h"

namespace foreign {

struct ForwardChain {
  Chain chain;
  bool drops_the_rest = false;  // policy drop: drops packets that no rule decides
  friend bool operator==(const ForwardChain&, const ForwardChain&) = default;
};

// The base chains at the forward hook in tables of the families ip, ip6 and inet, without ours.
std::vector<ForwardChain> list_forward_chains(netlink::Socket& socket);

}  // namespace foreign
