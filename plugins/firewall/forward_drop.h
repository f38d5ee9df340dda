// SPDX-License-Identifier: Apache-2.0
// Chains of other tables that drop packets of containers. A packet must pass every chain of the forward hook, so an
// accept rule elsewhere does not help. Footbridge can only report these chains.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/foreign/hook.h"
#include "lib/net/prefix.h"
#include "lib/netlink/socket.h"
#include "plugins/firewall/passage.h"

namespace firewall {

struct ForwardDrop {
  std::optional<net::Family> family;  // family of the packets; nullopt: both
  foreign::Chain chain;               // with table "" for the FORWARD chain of iptables-legacy
  bool is_certain = false;            // no rule of the chain accepts any new connection
  friend bool operator==(const ForwardDrop&, const ForwardDrop&) = default;
};

// FORWARD of `ip filter` or `ip6 filter`, which iptables-nft uses. We can add rules to it (forward.h).
bool is_of_iptables(const foreign::Chain& chain);

Passage observe_passage(netlink::Socket& netfilter, const foreign::ForwardChain& chain);

// The dropping chains among `chains`, without those of iptables-nft, plus those of iptables-legacy. has_firewalld:
// firewalld runs and knows the containers, so its own table accepts them.
std::vector<ForwardDrop> observe_forward_drops(netlink::Socket& netfilter,
                                               std::span<const foreign::ForwardChain> chains,
                                               std::span<const net::Family> families, bool has_firewalld);

// "chain inet filter forward drops ...", with the commands that accept these subnets; without subnets, for SUBNET.
std::string advice(const ForwardDrop& drop, std::span<const net::Prefix> subnets);

}  // namespace firewall
